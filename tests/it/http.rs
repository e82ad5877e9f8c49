//! GraphQL over HTTP: what the endpoint takes, what it refuses, and what its answers look like.

mod fault;
mod media;
mod request;
mod variable;

use serde_json::{Value, json};

use crate::support::Answer;

/// Headers of an answer that clients read; the others are the transport's own.
const HEADERS: [&str; 5] = ["content-type", "allow", "cache-control", "www-authenticate", "x-request-id"];

/// An answer as a client sees it: status, headers, body.
pub(crate) fn seen(answer: &Answer) -> Value {
    let headers: serde_json::Map<String, Value> =
        HEADERS.iter().filter_map(|name| Some(((*name).to_owned(), answer.headers.get(*name)?.to_str().expect("text").into()))).collect();
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_else(|_| answer.text().into());
    json!({ "status": answer.status.as_u16(), "headers": headers, "body": body })
}

/// An answer in a line: status and code, or the kind of the viewer where it was answered.
pub(crate) fn line(answer: &Answer) -> String {
    let kind = answer.json().pointer("/data/viewer/kind").and_then(Value::as_str).unwrap_or_default().to_owned();
    format!("{} {}{kind}", answer.status.as_u16(), answer.code())
}

/// Text as it stands in an address.
pub(crate) fn encoded(text: &str) -> String {
    text.bytes().map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
