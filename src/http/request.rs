//! The parameters of a GraphQL request, from a body or an address.

use async_graphql::Variables;
use serde::Deserialize;
use serde_json::Value;
use serde_json::error::Category;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::cache::Hash;
use crate::domain::hex::unhex;
use crate::domain::json::{Strict, is_doubled};

/// How a request gives its document.
#[derive(Debug, Clone)]
pub enum Source {
    /// By its text.
    Text(String),
    /// By the SHA-256 of a text that is known here.
    Hash(Hash),
    /// By both, which fit: from now on its hash may stand for it.
    Both(String, Hash),
}

impl Source {
    /// SHA-256 of the document's text.
    #[must_use]
    pub fn hash(&self) -> Hash {
        match self {
            Self::Text(text) => sha256(text),
            Self::Hash(hash) | Self::Both(_, hash) => *hash,
        }
    }
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct Parameters {
    /// The document.
    pub document: Source,
    /// Which of its operations to run.
    pub operation_name: Option<String>,
    /// Text of the variables' JSON object, as it was sent.
    pub variables: Option<String>,
}

/// Reads a JSON body.
///
/// # Errors
/// A sentence for the client.
pub fn from_body(body: &[u8]) -> Result<Parameters, String> {
    let text = std::str::from_utf8(body).map_err(|_| "the body is not UTF-8".to_owned())?;
    if text.trim().is_empty() {
        return Err("the body is empty; send a JSON object with `query`".to_owned());
    }
    if text.trim_start().starts_with('[') {
        return Err("batches are not supported; send one operation a request".to_owned());
    }
    let body: Body<'_> = serde_json::from_str(text).map_err(|error| unreadable("the body", &error))?;
    let [query, document_id, operation_name, variables, extensions] =
        [body.query, body.document_id, body.operation_name, body.variables, body.extensions].map(|value| value.map(RawValue::get));
    Ok(Parameters {
        document: source(query, document_id, object("extensions", extensions)?.as_deref())?,
        operation_name: name(operation_name)?,
        variables: object("variables", variables)?,
    })
}

/// The parameters of a body, as they stand there. One given twice is refused: what stands before this server may have read the other.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
struct Body<'a> {
    #[serde(borrow)]
    query: Option<&'a RawValue>,
    #[serde(borrow)]
    document_id: Option<&'a RawValue>,
    #[serde(borrow)]
    operation_name: Option<&'a RawValue>,
    #[serde(borrow)]
    variables: Option<&'a RawValue>,
    #[serde(borrow)]
    extensions: Option<&'a RawValue>,
}

/// Reads the query of an address.
///
/// # Errors
/// A sentence for the client.
pub fn from_address(query: &str) -> Result<Parameters, String> {
    let find = |name: &str| {
        let mut values = form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        let first = values.next();
        if values.next().is_some() { Err(format!("`{name}` is given twice")) } else { Ok(first) }
    };
    // Names and documents are bare texts in an address; the rest is JSON.
    let quoted = |text: Option<String>| text.map(|text| Value::String(text).to_string());
    let is_given = |text: &String| !text.is_empty();
    let operation_name = quoted(find("operationName")?.filter(is_given));
    let extensions = object("extensions", find("extensions")?.filter(is_given).as_deref())?;
    Ok(Parameters {
        document: source(quoted(find("query")?).as_deref(), quoted(find("documentId")?).as_deref(), extensions.as_deref())?,
        operation_name: name(operation_name.as_deref())?,
        variables: object("variables", find("variables")?.filter(is_given).as_deref())?,
    })
}

/// The document, by the text in `query`, by a hash, or by both. A hash stands in `extensions.persistedQuery`, as clients with automatic persisted queries send it, or in
/// `documentId`, as the appendix of GraphQL over HTTP has it.
fn source(query: Option<&str>, document_id: Option<&str>, extensions: Option<&str>) -> Result<Source, String> {
    let text = match query.map(serde_json::from_str::<String>) {
        Some(Ok(text)) if !text.trim().is_empty() => Some(text),
        Some(Ok(_)) => return Err("`query` is empty".to_owned()),
        Some(Err(_)) => return Err("`query` must be a string".to_owned()),
        None => None,
    };
    let named = match document_id.map(serde_json::from_str::<String>) {
        None => None,
        Some(Ok(id)) => {
            let hash = id.strip_prefix("sha256:").and_then(read_hash);
            Some(hash.ok_or("`documentId` must be sha256: and 64 hexadecimal digits, the SHA-256 of the document's text")?)
        }
        Some(Err(_)) => return Err("`documentId` must be a string".to_owned()),
    };
    let persisted = extensions.map(persisted).transpose()?.flatten();
    if named.is_some() && persisted.is_some() && named != persisted {
        return Err("`documentId` and `extensions.persistedQuery` name different documents".to_owned());
    }
    match (text, named.or(persisted)) {
        (Some(text), None) => Ok(Source::Text(text)),
        (None, Some(hash)) => Ok(Source::Hash(hash)),
        (Some(text), Some(hash)) if hash == sha256(&text) => Ok(Source::Both(text, hash)),
        (Some(_), Some(_)) => Err("provided sha does not match query: the hash must be the SHA-256 of the text in `query`".to_owned()),
        (None, None) => Err("`query` is missing".to_owned()),
    }
}

/// The hash in `extensions.persistedQuery`; nothing else is read of the extensions.
fn persisted(extensions: &str) -> Result<Option<Hash>, String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Extensions {
        persisted_query: Option<Persisted>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Persisted {
        version: Value,
        sha256_hash: Value,
    }
    let wrong = || {
        "`extensions.persistedQuery` must be an object with version 1 and sha256Hash, the SHA-256 of the document's text in 64 hexadecimal digits".to_owned()
    };
    let read: Extensions = serde_json::from_str(extensions).map_err(|error| match error.classify() {
        Category::Data => wrong(),
        _ => unreadable("`extensions`", &error),
    })?;
    let Some(Persisted { version, sha256_hash }) = read.persisted_query else { return Ok(None) };
    let hash = sha256_hash.as_str().and_then(read_hash).filter(|_| version == 1);
    hash.map(Some).ok_or_else(wrong)
}

/// SHA-256 of a document's text.
#[must_use]
pub fn sha256(text: &str) -> Hash {
    Sha256::digest(text.as_bytes()).into()
}

/// A hash in hexadecimal digits of either case.
fn read_hash(text: &str) -> Option<Hash> {
    unhex(text)?.try_into().ok()
}

/// The name of the operation to run.
fn name(text: Option<&str>) -> Result<Option<String>, String> {
    text.map_or(Ok(None), serde_json::from_str::<Option<String>>).map_err(|_| "`operationName` must be a string or null".to_owned())
}

/// The text of a JSON object; `None` when it is absent or null.
fn object(name: &str, text: Option<&str>) -> Result<Option<String>, String> {
    match text.map(str::trim) {
        None | Some("null") => Ok(None),
        Some(text) if text.starts_with('{') => Ok(Some(text.to_owned())),
        Some(_) => Err(format!("`{name}` must be an object or null")),
    }
}

/// What to say of JSON that cannot be read; the reader's own words are about its types.
fn unreadable(what: &str, error: &serde_json::Error) -> String {
    let wrong = match error.classify() {
        Category::Eof => "ends before its JSON does",
        Category::Data => "is not a JSON object that holds each parameter once",
        Category::Syntax | Category::Io => "is not JSON",
    };
    format!("{what} {wrong} (line {}, column {})", error.line(), error.column())
}

/// The variables as values. A name given twice in one object is refused, as among the parameters: what stands before this server may have read the other.
///
/// # Errors
/// A sentence for the client.
pub fn variables(text: Option<&str>) -> Result<Variables, String> {
    let Some(text) = text else { return Ok(Variables::default()) };
    let Strict(value) = serde_json::from_str(text).map_err(|error| {
        if is_doubled(&error) {
            format!("a name in `variables` is given twice (line {}, column {})", error.line(), error.column())
        } else {
            unreadable("`variables`", &error)
        }
    })?;
    Ok(Variables::from_json(value))
}
