//! From the text of a cell to a typed value, or the reason why there is none.

use std::borrow::Cow;
use std::cmp::Ordering;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Utc};

use super::cell;
use super::format::{Column, Shape};
use super::item::{self, AlignmentField, ChoiceField, ComponentField};
use super::url;
use crate::domain::money::Cents;
use crate::domain::naics;

/// A value of a record.
#[derive(Debug, Clone, PartialEq)]
pub enum Field {
    /// Text, keys and codes.
    Text(String),
    /// Whole numbers.
    Integer(i64),
    /// Amounts of money.
    Cents(i64),
    /// Numbers with a decimal point.
    Decimal(f64),
    /// True or false.
    Boolean(bool),
    /// Calendar days.
    Date(NaiveDate),
    /// Moments in time.
    Instant(DateTime<Utc>),
    /// Keys, languages or NAICS codes.
    List(Vec<String>),
    /// Entries of frameworks.
    Alignments(Vec<AlignmentField>),
    /// Courses of a program.
    Components(Vec<ComponentField>),
    /// What fulfills a requirement.
    Choices(Vec<ChoiceField>),
}

impl Field {
    /// The order of two values of one sort; `None` for values that have no order.
    pub(super) fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Date(left), Self::Date(right)) => Some(left.cmp(right)),
            (Self::Instant(left), Self::Instant(right)) => Some(left.cmp(right)),
            (Self::Integer(left), Self::Integer(right)) => Some(left.cmp(right)),
            (Self::Decimal(left), Self::Decimal(right)) => left.partial_cmp(right),
            _ => None,
        }
    }
}

/// What a source says for one column: a cell, or a list that a mapping already took apart.
#[derive(Debug)]
pub(super) enum Raw<'a> {
    One(Cow<'a, str>),
    Many(Vec<String>),
}

/// Why a value is not taken. What varies from row to row stands in parentheses at the end, so that equal reasons can be counted.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) reason: String,
    pub(super) value: String,
}

impl Refusal {
    /// A refusal of this text.
    pub(super) fn new(reason: impl Into<String>, value: &str) -> Self {
        Self { reason: reason.into(), value: value.to_owned() }
    }
}

/// The value of a column; `None` when nothing is said and the column has no default.
pub(super) fn parse(column: &Column, raw: Raw<'_>) -> Result<Option<Field>, Refusal> {
    match (column.shape, raw) {
        (Shape::List(of), raw) => {
            let items = match raw {
                Raw::One(text) if text.is_empty() => item::split(column.default.unwrap_or_default()),
                Raw::One(text) => item::split(&text),
                Raw::Many(items) if items.is_empty() => item::split(column.default.unwrap_or_default()),
                Raw::Many(items) => items,
            };
            if items.is_empty() { Ok(None) } else { item::parse(of, column.max, &items).map(Some) }
        }
        (_, Raw::Many(items)) => Err(Refusal::new("a list where one value belongs", &items.join(";"))),
        (_, Raw::One(text)) => match (text.is_empty(), column.default) {
            (true, None) => Ok(None),
            (true, Some(default)) => one(column, default).map(Some),
            (false, _) => one(column, &text).map(Some),
        },
    }
}

/// The value of one filled cell.
fn one(column: &Column, text: &str) -> Result<Field, Refusal> {
    if let Some(letter) = cell::control_character(text) {
        return Err(Refusal::new(format!("a control character (U+{:04X})", u32::from(letter)), text));
    }
    let text = if column.shape == Shape::Markdown { cell::many_lines(text) } else { cell::one_line(text) };
    let refuse = |reason: &str| Err(Refusal::new(reason, &text));
    let check = |found: Option<Field>, reason: &str| found.map_or_else(|| refuse(reason), Ok);
    let field = match column.shape {
        Shape::Key | Shape::Text | Shape::Markdown => Field::Text(text.clone()),
        Shape::Code(codes) => check(code(&text, codes), &format!("not one of {}", codes.join(", ")))?,
        Shape::Slug => check(slug(&text), "not lower-case letters, digits and single hyphens")?,
        Shape::RegionCode => check(region(&text), "not a region code of letters, digits, dots, hyphens and underscores")?,
        Shape::Naics => check(naics_code(&text).map(Field::Text), "not a NAICS code of two to six digits or a range of sectors")?,
        Shape::Date => check(date(&text).map(Field::Date), "not a day of the form YYYY-MM-DD from 1900 to 2199")?,
        Shape::Instant => check(instant(&text).map(Field::Instant), "not an instant of the form 2027-01-11T09:00:00Z")?,
        Shape::Money { max } => match money(&text) {
            None => return refuse("not an amount of dollars"),
            Some(cents) if !(0..=max).contains(&cents) => return refuse(&format!("not between 0 and {}", Cents(max))),
            Some(cents) => Field::Cents(cents),
        },
        Shape::Integer { min, max } => match text.parse() {
            Err(_) => return refuse("not a whole number"),
            Ok(number) if !(min..=max).contains(&number) => return refuse(&format!("not between {min} and {max}")),
            Ok(number) => Field::Integer(number),
        },
        Shape::Decimal { min, max } => match decimal(&text) {
            None => return refuse("not a number"),
            Some(number) if !(min..=max).contains(&number) => return refuse(&format!("not between {min} and {max}")),
            Some(number) => Field::Decimal(number),
        },
        Shape::Boolean => check(boolean(&text).map(Field::Boolean), "neither true nor false")?,
        Shape::Url => check(url::absolute(&text).map(Field::Text), "not a web address")?,
        Shape::Email => check(is_email(&text).then(|| Field::Text(text.clone())), "not an e-mail address")?,
        Shape::State => check(state(&text), "not the two letters of a state")?,
        Shape::PostalCode => check(is_postal_code(&text).then(|| Field::Text(text.clone())), "not a ZIP or ZIP+4 code")?,
        Shape::List(_) => return refuse("a list where one value belongs"),
    };
    let is_measured =
        matches!(column.shape, Shape::Key | Shape::Text | Shape::Markdown | Shape::Slug | Shape::RegionCode | Shape::Url | Shape::Email);
    match &field {
        Field::Text(text) if is_measured && text.chars().count() > column.max => refuse(&format!("longer than {} characters", column.max)),
        _ => Ok(field),
    }
}

/// The code that a text names, whatever its case and whether it has blanks, hyphens or underscores.
fn code(text: &str, codes: &[&str]) -> Option<Field> {
    let wanted = text.replace([' ', '-'], "_");
    codes.iter().find(|code| code.eq_ignore_ascii_case(&wanted)).map(|code| Field::Text((*code).to_owned()))
}

fn slug(text: &str) -> Option<Field> {
    let is_part = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    text.split('-').all(is_part).then(|| Field::Text(text.to_owned()))
}

fn region(text: &str) -> Option<Field> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
    text.chars().all(is_part).then(|| Field::Text(text.to_owned()))
}

/// The code as the taxonomy prints it: sectors that span several numbers are known by their range alone.
pub(super) fn naics_code(text: &str) -> Option<String> {
    let is_number = |part: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    if let Some((low, high)) = text.split_once('-') {
        let is_range = is_number(low, 2..=2) && is_number(high, 2..=2) && naics::sector_of_member(low) == Some(text);
        return is_range.then(|| text.to_owned());
    }
    is_number(text, 2..=6).then(|| naics::sector_of_member(text).unwrap_or(text).to_owned())
}

/// A day in four, two and two digits. Years far from our own are slips of the keyboard.
pub(super) fn date(text: &str) -> Option<NaiveDate> {
    let is_long = text.len() == 10;
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|day| is_long && (1900..2200).contains(&day.year()))
}

/// The forms of an instant without an offset, which is then UTC.
const INSTANTS: [&str; 6] =
    ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%d %I:%M:%S %p", "%Y-%m-%d %I:%M %p"];

/// An instant as RFC 3339 has it, or without seconds or offset, or on the twelve-hour clock; cut to microseconds, which is what both databases keep.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    let with_offset = || DateTime::parse_from_rfc3339(text).ok().map(|instant| instant.with_timezone(&Utc));
    let without = || INSTANTS.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok()).map(|instant| instant.and_utc());
    let instant = with_offset().or_else(without).filter(|instant| (1900..2200).contains(&instant.year()))?;
    DateTime::from_timestamp_micros(instant.timestamp_micros())
}

/// Cents of an amount with or without a dollar sign and thousands commas.
fn money(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('$').map_or(text, str::trim_start);
    let whole = digits.split('.').next().unwrap_or_default();
    if !digits.contains(',') {
        return Cents::parse(digits).map(|cents| cents.0);
    }
    // A comma that does not part thousands may be a decimal comma, and guessing would be wrong by a hundredfold.
    let mut groups = whole.split(',');
    let is_first = groups.next().is_some_and(|group| (1..=3).contains(&group.len()));
    let is_grouped = is_first && groups.all(|group| group.len() == 3) && digits.matches(',').count() == whole.matches(',').count();
    if is_grouped { Cents::parse(&digits.replace(',', "")).map(|cents| cents.0) } else { None }
}

/// A plain number: no exponent, no infinity.
fn decimal(text: &str) -> Option<f64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && digits.len() <= 20;
    if is_plain { text.parse().ok() } else { None }
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "y" | "1" => Some(true),
        "false" | "no" | "n" | "0" => Some(false),
        _ => None,
    }
}

fn is_email(text: &str) -> bool {
    let Some((person, host)) = text.rsplit_once('@') else { return false };
    let is_part = |part: &str| {
        !part.is_empty() && !part.contains(|letter: char| letter.is_whitespace() || matches!(letter, '@' | '<' | '>' | ',' | ';'))
    };
    is_part(person) && is_part(host) && host.contains('.') && host.split('.').all(|label| !label.is_empty())
}

fn state(text: &str) -> Option<Field> {
    let is_state = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_state.then(|| Field::Text(text.to_ascii_uppercase()))
}

fn is_postal_code(text: &str) -> bool {
    let is_number = |part: &str, length: usize| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once('-') {
        Some((zip, plus)) => is_number(zip, 5) && is_number(plus, 4),
        None => is_number(text, 5),
    }
}
