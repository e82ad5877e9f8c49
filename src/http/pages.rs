//! The page at `/` and its assets, all inside of the program.

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use crate::domain::hex::hex;

/// The page loads nothing from elsewhere and runs no script but its own.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const INDEX: &str = include_str!("pages/index.html");

/// Files under `/assets/`: name, media type, bytes.
const ASSETS: [(&str, &str, &[u8]); 5] = [
    ("graphiql.js", "text/javascript; charset=utf-8", include_bytes!("pages/assets/graphiql.js")),
    ("graphiql.css", "text/css; charset=utf-8", include_bytes!("pages/assets/graphiql.css")),
    ("concord.js", "text/javascript; charset=utf-8", include_bytes!("pages/assets/concord.js")),
    ("concord.css", "text/css; charset=utf-8", include_bytes!("pages/assets/concord.css")),
    ("icon.svg", "image/svg+xml", include_bytes!("pages/assets/icon.svg")),
];

/// The page.
pub async fn index(headers: HeaderMap) -> Response {
    let mut response = file(&headers, "text/html; charset=utf-8", INDEX.as_bytes());
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

/// One of its files.
pub async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    match ASSETS.iter().find(|(known, ..)| *known == name) {
        Some((_, media, bytes)) => file(&headers, media, bytes),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A file that browsers keep and ask after.
pub fn file(headers: &HeaderMap, media: &'static str, bytes: &'static [u8]) -> Response {
    let digest = hex(&Sha256::digest(bytes)[..12]);
    let tag = format!("\"{digest}\"");
    let is_known = is_known(headers, &tag);
    let head = [
        (CONTENT_TYPE, HeaderValue::from_static(media)),
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (ETAG, HeaderValue::from_str(&tag).unwrap_or(HeaderValue::from_static("\"\""))),
    ];
    if is_known { (StatusCode::NOT_MODIFIED, head).into_response() } else { (head, bytes).into_response() }
}

/// Whether the client says that it has the file of this tag, or any (RFC 9110, 13.1.2): tags are compared without their weakness.
pub(super) fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let values = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim).any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}
