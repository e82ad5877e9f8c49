//! Media types of GraphQL over HTTP.

use axum::http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// `application/graphql-response+json`: the status tells of failures.
    GraphqlResponse,
    /// `application/json`: the status of a well-formed request is 200.
    Json,
}

impl Media {
    /// As it stands in `Content-Type`.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }
}

/// The form that the client likes best; `None` when it takes neither.
#[must_use]
pub fn accepted(headers: &HeaderMap) -> Option<Media> {
    let mut values = headers.get_all(ACCEPT).iter().peekable();
    if values.peek().is_none() {
        return Some(Media::Json);
    }
    let ranges: Vec<(String, f32)> =
        values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).filter_map(range).collect();
    let quality = |names: &[&str]| {
        // The most exact range decides (RFC 9110, 12.5.1).
        names.iter().find_map(|name| ranges.iter().find(|(range, _)| range == name)).map(|(_, quality)| *quality)
    };
    let graphql = quality(&["application/graphql-response+json"]).unwrap_or_default();
    let json = quality(&["application/json", "application/*", "*/*"]).unwrap_or_default();
    // Wildcards mean the older form, as clients that send them expect.
    match (graphql > 0.0, json > 0.0) {
        (true, _) if graphql >= json => Some(Media::GraphqlResponse),
        (_, true) => Some(Media::Json),
        _ => None,
    }
}

/// A media range and its quality.
fn range(text: &str) -> Option<(String, f32)> {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next()?.to_ascii_lowercase();
    let mut quality = 1.0;
    for parameter in parts {
        let (key, value) = parameter.split_once('=')?;
        if key.trim().eq_ignore_ascii_case("q") {
            quality = value.trim().parse().ok()?;
        }
        // Answers are UTF-8 only.
        if key.trim().eq_ignore_ascii_case("charset") && !value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8") {
            return None;
        }
    }
    (!name.is_empty()).then_some((name, quality))
}

/// Whether the body is JSON in UTF-8.
#[must_use]
pub fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()) else { return false };
    // As nearly everyone writes it.
    if value == "application/json" {
        return true;
    }
    let mut parts = value.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("application/json"));
    let is_utf8 = |parameter: &str| match parameter.split_once('=') {
        Some((key, value)) => !key.trim().eq_ignore_ascii_case("charset") || value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8"),
        None => parameter.is_empty(),
    };
    is_json && parts.all(is_utf8)
}

/// Whether the body is compressed or the like: anything but `identity` is named.
#[must_use]
pub fn is_encoded(headers: &HeaderMap) -> bool {
    let is_plain = |coding: &str| coding.is_empty() || coding.eq_ignore_ascii_case("identity");
    let is_identity = |value: &HeaderValue| value.to_str().is_ok_and(|value| value.split(',').map(str::trim).all(is_plain));
    !headers.get_all(CONTENT_ENCODING).iter().all(is_identity)
}
