//! Scalars of the schema.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{Datelike, NaiveDate, SecondsFormat, Utc};

use crate::domain::money::Cents;

fn text(value: &Value) -> Option<&str> {
    if let Value::String(text) = value { Some(text) } else { None }
}

fn refuse<T: ScalarType + async_graphql::InputType>(value: &Value, form: &str) -> InputValueResult<T> {
    let shown: String = value.to_string().chars().take(60).collect();
    Err(InputValueError::custom(format!("{shown} is not {form}")))
}

/// Four digits, two, and two, with hyphens between them.
fn is_plain_date(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(place, byte)| if matches!(place, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() })
        && !text.starts_with("0000")
}

/// A calendar date without a time zone, written YYYY-MM-DD.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date(pub NaiveDate);

/// A calendar date without a time zone, written YYYY-MM-DD.
#[Scalar(name = "Date", specified_by_url = "https://scalars.graphql.org/andimarek/local-date.html")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        // The parser would also take `2026-1-5` and years with signs, which the two databases order differently.
        let date = text(&value).filter(|text| is_plain_date(text)).and_then(|text| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok());
        date.map_or_else(|| refuse(&value, "a date written YYYY-MM-DD"), |date| Ok(Self(date)))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// An instant in time with an offset, written as an RFC 3339 timestamp. The server always answers in UTC. Years 1 to 9999; no leap seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateTime(pub chrono::DateTime<Utc>);

/// An instant in time with an offset, written as an RFC 3339 timestamp. The server always answers in UTC. Years 1 to 9999; no leap seconds.
#[Scalar(name = "DateTime", specified_by_url = "https://scalars.graphql.org/andimarek/date-time.html")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let instant = text(&value).and_then(|text| chrono::DateTime::parse_from_rfc3339(text).ok());
        // An offset may lead out of the years of four digits, beyond which the two databases order differently; a leap second would lead on, into the next minute.
        let is_kept = |instant: &chrono::DateTime<_>| {
            (1..=9999).contains(&instant.to_utc().year()) && instant.timestamp_subsec_nanos() < 1_000_000_000
        };
        let instant = instant.filter(is_kept);
        instant.map_or_else(|| refuse(&value, "an RFC 3339 timestamp with an offset"), |instant| Ok(Self(instant.to_utc())))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

/// An amount of US dollars, written as a decimal string with two digits after the point, for example "249.00". A string, because Int cents overflow at 21.4 million dollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money(pub Cents);

impl Money {
    /// From whole cents.
    #[must_use]
    pub const fn from_cents(cents: i64) -> Self {
        Self(Cents(cents))
    }
}

/// An amount of US dollars, written as a decimal string with two digits after the point, for example "249.00". A string, because Int cents overflow at 21.4 million dollars.
#[Scalar(name = "Money", specified_by_url = "https://www.rfc-editor.org/rfc/rfc8259#section-6")]
impl ScalarType for Money {
    fn parse(value: Value) -> InputValueResult<Self> {
        let cents = text(&value).and_then(Cents::parse);
        cents.map_or_else(|| refuse(&value, "an amount of dollars as a decimal string such as \"249.00\""), |cents| Ok(Self(cents)))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// An absolute https URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url(pub String);

impl From<&str> for Url {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// An absolute https URL.
#[Scalar(name = "URL", specified_by_url = "https://url.spec.whatwg.org/")]
impl ScalarType for Url {
    fn parse(value: Value) -> InputValueResult<Self> {
        match text(&value) {
            Some(text) if text.starts_with("https://") && text.len() > "https://".len() => Ok(Self(text.to_owned())),
            _ => refuse(&value, "an absolute https URL"),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// A UUID in its hyphenated form; capitals are taken, and answers are in small letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Uuid(pub uuid::Uuid);

/// A UUID in its hyphenated form; capitals are taken, and answers are in small letters.
#[Scalar(name = "UUID", specified_by_url = "https://www.rfc-editor.org/rfc/rfc9562")]
impl ScalarType for Uuid {
    fn parse(value: Value) -> InputValueResult<Self> {
        match text(&value).and_then(|text| Some((text, uuid::Uuid::try_parse(text).ok()?))) {
            // Some tools write capitals; it is the same one.
            Some((text, uuid)) if uuid.to_string().eq_ignore_ascii_case(text) => Ok(Self(uuid)),
            _ => refuse(&value, "a UUID in its hyphenated form"),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}
