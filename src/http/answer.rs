//! Answers of the GraphQL endpoint.

use async_graphql::{Response, ServerError, Value};
use axum::body::Body;
use axum::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, IF_NONE_MATCH, RETRY_AFTER, VARY, WWW_AUTHENTICATE,
};
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use serde::Serialize;
use serde_json::json;

use super::negotiate::Media;
use super::pieces::Pieces;
use super::refused::Refused;
use crate::graphql::error::Code;
use crate::graphql::rate_limit::RateLimit;

/// Most errors in one answer; the rest are left out.
const MOST_ERRORS: usize = 100;
/// Headers of an answer, with those that are added on the way out.
const MOST_HEADERS: usize = 12;
/// What stands before the data of an answer.
const BEFORE_DATA: &[u8] = b"{\"data\":";

/// A body with its status.
#[derive(Debug)]
pub struct Answer {
    status: StatusCode,
    body: Pieces,
    extra: HeaderMap,
}

/// Points of an operation beside the bucket that they were taken out of.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Cost {
    capacity: i32,
    limit: i32,
    refill_per_second: i32,
    remaining: i32,
    requested: u64,
}

impl Cost {
    /// Of an operation, and the bucket as it stood before.
    pub(super) const fn new(requested: u64, standing: RateLimit) -> Self {
        let RateLimit { capacity, remaining, refill_per_second, max_per_operation } = standing;
        Self { capacity, limit: max_per_operation, refill_per_second, remaining, requested }
    }
}

/// What is said of an answer beside its data.
#[derive(Serialize)]
struct Beside {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<serde_json::Value>,
    extensions: Extensions,
}

#[derive(Serialize)]
struct Extensions {
    cost: Cost,
}

/// Points that are left behind an operation.
fn left(cost: u64, standing: RateLimit) -> i32 {
    standing.remaining.saturating_sub(i32::try_from(cost.max(1)).unwrap_or(i32::MAX)).max(0)
}

/// The bucket as the draft of the IETF on rate limit headers writes it: points that are left, and seconds until it is full; how many it holds, and in what time.
fn budget_headers(remaining: i32, standing: RateLimit) -> HeaderMap {
    let refill = standing.refill_per_second.max(1).unsigned_abs();
    let seconds = |points: i32| points.max(0).unsigned_abs().div_ceil(refill);
    let now = format!("\"cost\";r={remaining};t={}", seconds(standing.capacity.saturating_sub(remaining)));
    let policy = format!("\"cost\";q={};w={}", standing.capacity, seconds(standing.capacity));
    // With room for those that come later.
    let mut headers = HeaderMap::with_capacity(MOST_HEADERS);
    for (name, value) in [("ratelimit", now), ("ratelimit-policy", policy)] {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    headers
}

impl Answer {
    /// Of an operation that ran.
    #[must_use]
    pub fn of(response: &Response, cost: u64, standing: RateLimit) -> Self {
        let mut errors: Vec<&ServerError> = response.errors.iter().collect();
        // Fields fail in the order in which the database gets to them; clients are told in that of the document.
        errors.sort_by_key(|error| error.locations.first().map(|place| (place.line, place.column)));
        let errors = errors.into_iter().take(MOST_ERRORS).map(error).collect();
        Self::ran(data_of(response), errors, cost, standing)
    }

    /// Of an operation that ran for everyone, by its data.
    #[must_use]
    pub fn of_data(data: Bytes, cost: u64, standing: RateLimit) -> Self {
        Self::ran(data, Vec::new(), cost, standing)
    }

    fn ran(data: Bytes, errors: Vec<serde_json::Value>, cost: u64, standing: RateLimit) -> Self {
        let beside = Beside { errors, extensions: Extensions { cost: Cost::new(cost, standing) } };
        let mut rest = serde_json::to_vec(&beside).unwrap_or_else(|_| br#"{"extensions":{}}"#.to_vec());
        // They are one object.
        rest[0] = b',';
        Self {
            status: StatusCode::OK,
            body: Pieces::new([Bytes::from_static(BEFORE_DATA), data, rest.into()]),
            extra: budget_headers(left(cost, standing), standing),
        }
    }

    /// Of an operation that ran for everyone, to whoever may keep it: who asked for it, and what stands between. Nothing in it is the caller's own but the headers of the
    /// budget. Without a body when the caller has it already.
    #[must_use]
    pub fn of_public(data: Bytes, etag: &str, asked: &HeaderMap, media: Media, cost: u64, standing: RateLimit) -> Self {
        let form = if media == Media::Json { "j" } else { "g" };
        let etag = format!("\"{etag}-{form}\"");
        let is_there = asked.get_all(IF_NONE_MATCH).iter().any(|header| names(header, &etag));
        let mut extra = budget_headers(left(cost, standing), standing);
        extra.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=0, must-revalidate"));
        // Two callers are told apart by their tokens, two forms by what is accepted.
        extra.insert(VARY, HeaderValue::from_static("accept, authorization"));
        if let Ok(etag) = HeaderValue::from_str(&etag) {
            extra.insert(ETAG, etag);
        }
        if is_there {
            return Self { status: StatusCode::NOT_MODIFIED, body: Pieces::none(), extra };
        }
        Self { status: StatusCode::OK, body: Pieces::new([Bytes::from_static(BEFORE_DATA), data, Bytes::from_static(b"}")]), extra }
    }

    /// Of a document that failed validation; `None` when the operation ran.
    #[must_use]
    pub fn of_invalid(response: &Response, media: Media) -> Option<Self> {
        if response.data != Value::Null || response.errors.is_empty() {
            return None;
        }
        let errors = response.errors.iter().take(MOST_ERRORS);
        let errors = errors.map(|error| Refused::at(Code::ValidationFailed, error.message.clone(), &error.locations).error());
        // Several rules may find the same fault at the same place.
        let mut told: Vec<serde_json::Value> = Vec::new();
        for error in errors {
            if !told.contains(&error) {
                told.push(error);
            }
        }
        let errors = told;
        Some(Self::failed(media, document_status(media), &errors))
    }

    /// Of a request that was refused before anything ran.
    #[must_use]
    pub fn of_refused(refused: &Refused, media: Media) -> Self {
        let status = refused.status().unwrap_or_else(|| document_status(media));
        let mut answer = Self::failed(media, status, &[refused.error()]);
        if let Some(exhausted) = refused.exhausted() {
            answer.extra = budget_headers(exhausted.standing.remaining, exhausted.standing);
            answer.extra.insert(RETRY_AFTER, HeaderValue::from(exhausted.retry_after));
            return answer;
        }
        let (name, value) = match status {
            StatusCode::METHOD_NOT_ALLOWED if refused.is_mutation() => (ALLOW, "POST"),
            StatusCode::METHOD_NOT_ALLOWED => (ALLOW, "GET, POST"),
            // RFC 6750, 3: what was wrong with the token, and that it is tokens that are taken here.
            StatusCode::UNAUTHORIZED => (WWW_AUTHENTICATE, "Bearer error=\"invalid_token\""),
            _ => return answer,
        };
        answer.extra.insert(name, HeaderValue::from_static(value));
        answer
    }

    fn failed(_: Media, status: StatusCode, errors: &[serde_json::Value]) -> Self {
        Self { status, body: Bytes::from(json!({ "errors": errors }).to_string()).into(), extra: HeaderMap::new() }
    }

    /// The status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// As an HTTP response.
    #[must_use]
    pub fn into_response(self, media: Media) -> axum::response::Response {
        let mut response = axum::response::Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        *headers = self.extra;
        if self.status != StatusCode::NOT_MODIFIED {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(media.content_type()));
        }
        headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-store"));
        response
    }
}

/// Whether a header names what would be sent, or anything (RFC 9110, 13.1.2): the comparison is the weak one.
fn names(header: &HeaderValue, etag: &str) -> bool {
    let Ok(text) = header.to_str() else { return false };
    text.split(',').map(str::trim).any(|named| named == "*" || named.strip_prefix("W/").unwrap_or(named) == etag)
}

/// The data of a response as it stands: its order is that of the document, and a JSON map would sort it.
#[must_use]
pub fn data_of(response: &Response) -> Bytes {
    serde_json::to_vec(&response.data).unwrap_or_else(|_| b"null".to_vec()).into()
}

/// Status of a document that cannot run: under `application/json` a well-formed request is 200.
const fn document_status(media: Media) -> StatusCode {
    match media {
        Media::GraphqlResponse => StatusCode::BAD_REQUEST,
        Media::Json => StatusCode::OK,
    }
}

/// An error of a field. One without a code is a fault of ours: it is logged, and its text stays here.
fn error(error: &ServerError) -> serde_json::Value {
    let mut value = serde_json::to_value(error).unwrap_or_default();
    let is_coded = value.pointer("/extensions/code").is_some();
    if !is_coded {
        tracing::error!(path = ?error.path, error = %error.message, "a field failed");
        value["message"] = "The server failed; it has been noted. Try again later.".into();
        value["extensions"] = json!({ "code": Code::Internal.name() });
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An operator sets buckets as large as can be told: the headers tell them.
    #[test]
    fn tells_the_largest_buckets() {
        let standing = RateLimit { capacity: i32::MAX, remaining: 0, refill_per_second: i32::MAX, max_per_operation: 1_000 };
        let headers = budget_headers(0, standing);
        assert_eq!(headers["ratelimit"], "\"cost\";r=0;t=1");
        assert_eq!(headers["ratelimit-policy"], "\"cost\";q=2147483647;w=1");
    }
}
