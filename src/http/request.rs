//! The parameters of a GraphQL request, from a body or an address.

use async_graphql::Variables;
use serde::Deserialize;
use serde_json::Value;
use serde_json::error::Category;
use serde_json::value::RawValue;

/// What is asked.
#[derive(Debug, Clone)]
pub struct Parameters {
    /// The document.
    pub query: String,
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
    let [query, operation_name, variables, extensions] =
        [body.query, body.operation_name, body.variables, body.extensions].map(|value| value.map(RawValue::get));
    Parameters::read(query, operation_name, variables, extensions)
}

/// The parameters of a body, as they stand there. One given twice is refused: what stands before this server may have read the other.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
struct Body<'a> {
    #[serde(borrow)]
    query: Option<&'a RawValue>,
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
    Parameters::read(
        quoted(find("query")?).as_deref(),
        operation_name.as_deref(),
        find("variables")?.filter(is_given).as_deref(),
        find("extensions")?.filter(is_given).as_deref(),
    )
}

impl Parameters {
    fn read(query: Option<&str>, operation_name: Option<&str>, variables: Option<&str>, extensions: Option<&str>) -> Result<Self, String> {
        let query = match query.map(serde_json::from_str::<String>) {
            Some(Ok(query)) if !query.trim().is_empty() => query,
            Some(Ok(_)) => return Err("`query` is empty".to_owned()),
            Some(Err(_)) => return Err("`query` must be a string".to_owned()),
            None => return Err("`query` is missing".to_owned()),
        };
        let operation_name = operation_name
            .map_or(Ok(None), serde_json::from_str::<Option<String>>)
            .map_err(|_| "`operationName` must be a string or null".to_owned())?;
        // Nothing is read of the extensions, but they must have their form.
        object("extensions", extensions)?;
        Ok(Self { query, operation_name, variables: object("variables", variables)? })
    }
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

/// The variables as values.
///
/// # Errors
/// A sentence for the client.
pub fn variables(text: Option<&str>) -> Result<Variables, String> {
    let Some(text) = text else { return Ok(Variables::default()) };
    let value: Value = serde_json::from_str(text).map_err(|error| unreadable("`variables`", &error))?;
    Ok(Variables::from_json(value))
}
