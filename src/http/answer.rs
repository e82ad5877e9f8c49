//! Answers of the GraphQL endpoint.

use async_graphql::{Response, ServerError, Value};
use axum::body::Body;
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderValue, IF_NONE_MATCH, RETRY_AFTER, VARY, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use serde_json::json;

use super::negotiate::Media;
use super::pieces::Pieces;
use super::refused::Refused;
use super::told::{self, Charge};
use crate::graphql::error::Code;

/// Most errors in one answer; the rest are left out.
const MOST_ERRORS: usize = 100;
/// What stands before the data of an answer.
const BEFORE_DATA: &[u8] = b"{\"data\":";

/// A body with its status.
#[derive(Debug)]
pub struct Answer {
    status: StatusCode,
    body: Pieces,
    extra: HeaderMap,
}

impl Answer {
    /// Of an operation that ran.
    pub(super) fn of(response: &Response, charge: Charge) -> Self {
        let mut errors: Vec<&ServerError> = response.errors.iter().collect();
        // Fields fail in the order in which the database gets to them; clients are told in that of the document.
        errors.sort_by_key(|error| error.locations.first().map(|place| (place.line, place.column)));
        let errors: Vec<serde_json::Value> = errors.into_iter().take(MOST_ERRORS).map(error).collect();
        if errors.is_empty() {
            return Self::of_data(data_of(response), charge);
        }
        let errors = format!(",\"errors\":{}", serde_json::Value::from(errors));
        Self::ran(data_of(response), [errors.as_bytes(), &charge.ending()].concat().into(), charge)
    }

    /// Of an operation that ran for everyone, by its data.
    pub(super) fn of_data(data: Bytes, charge: Charge) -> Self {
        Self::ran(data, charge.ending(), charge)
    }

    /// With what stands behind the data.
    fn ran(data: Bytes, ending: Bytes, charge: Charge) -> Self {
        Self { status: StatusCode::OK, body: Pieces::new([Bytes::from_static(BEFORE_DATA), data, ending]), extra: charge.headers() }
    }

    /// Of an operation that ran for everyone, to whoever may keep it: who asked for it, and what stands between. Nothing in it is the caller's own but the headers of the
    /// budget. Without a body when the caller has it already.
    pub(super) fn of_public(data: Bytes, etag: &str, asked: &HeaderMap, media: Media, charge: Charge) -> Self {
        let form = if media == Media::Json { "j" } else { "g" };
        let etag = format!("\"{etag}-{form}\"");
        let is_there = asked.get_all(IF_NONE_MATCH).iter().any(|header| names(header, &etag));
        let mut extra = charge.headers();
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
            answer.extra = told::headers(exhausted.standing.remaining, exhausted.standing);
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
