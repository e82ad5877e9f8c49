//! The items of list columns.

use super::cell;
use super::format::Item;
use super::url;
use super::value::{Field, Refusal, naics_code};

/// Most characters of a key, code or name inside a list.
const LENGTH: usize = 200;

/// The frameworks that an alignment may name.
const FRAMEWORKS: [&str; 7] = ["ONET", "CASE", "CTDL", "ESCO", "NACE", "CIP", "SOC"];

/// An entry of a framework outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlignmentField {
    /// Which framework, in capitals.
    pub framework: String,
    /// The entry's code there.
    pub code: String,
    /// The entry's name there.
    pub name: Option<String>,
    /// The entry's address.
    pub url: Option<String>,
}

/// A course of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComponentField {
    /// Key of the course.
    pub course: String,
    /// Place in the order; its position in the list when nothing else is said.
    pub sequence: i64,
    /// Whether the program asks for it.
    pub is_required: bool,
}

/// What sort of thing fulfills a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A course.
    Course,
    /// A program.
    Program,
    /// Another credential.
    Credential,
}

/// One thing that fulfills a requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChoiceField {
    /// What sort of thing it is.
    pub subject: Subject,
    /// Its key.
    pub key: String,
}

/// The items of a cell; empty ones are passed over.
pub(super) fn split(text: &str) -> Vec<String> {
    text.split(';').map(cell::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

/// The list that these texts stand for. The same item twice counts once.
pub(super) fn parse(of: Item, max: usize, items: &[String]) -> Result<Field, Refusal> {
    if let Some((item, letter)) = items.iter().find_map(|item| cell::control_character(item).map(|letter| (item, letter))) {
        return Err(Refusal::new(format!("a control character (U+{:04X})", u32::from(letter)), item));
    }
    match of {
        Item::Key => collect(max, items, |_, item| short(item)).map(Field::List),
        Item::Language => collect(max, items, |_, item| language(item)).map(Field::List),
        Item::Naics => collect(max, items, |_, item| {
            naics_code(item).ok_or_else(|| Refusal::new("not a NAICS code of two to six digits or a range of sectors", item))
        })
        .map(Field::List),
        Item::Alignment => collect(max, items, |_, item| alignment(item)).map(Field::Alignments),
        Item::Component => collect(max, items, component).map(Field::Components),
        Item::Choice => collect(max, items, |_, item| choice(item)).map(Field::Choices),
    }
}

/// Reads each item, drops repeats and refuses more items than allowed.
fn collect<T: PartialEq>(max: usize, items: &[String], read: impl Fn(usize, &str) -> Result<T, Refusal>) -> Result<Vec<T>, Refusal> {
    // The count is checked before the search for repeats, which is quadratic.
    if items.len() > max {
        return Err(Refusal::new(format!("more than {max} items"), &items.join(";")));
    }
    let mut found = Vec::with_capacity(items.len());
    for (position, text) in items.iter().enumerate() {
        let item = read(position, cell::trim(text))?;
        if !found.contains(&item) {
            found.push(item);
        }
    }
    Ok(found)
}

/// A key, code or name of bounded length.
fn short(text: &str) -> Result<String, Refusal> {
    if text.chars().count() > LENGTH {
        return Err(Refusal::new(format!("an item longer than {LENGTH} characters"), text));
    }
    Ok(cell::one_line(text))
}

/// A language tag: a language of two or three letters and subtags of at most eight letters and digits.
fn language(text: &str) -> Result<String, Refusal> {
    let mut parts = text.split('-');
    let is_language = |part: &str| (2..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_subtag = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_tag = parts.next().is_some_and(is_language) && parts.all(is_subtag) && text.len() <= 35;
    if is_tag { Ok(text.to_owned()) } else { Err(Refusal::new("not a language tag such as en or es-MX", text)) }
}

fn alignment(text: &str) -> Result<AlignmentField, Refusal> {
    let mut parts = text.splitn(4, '|').map(cell::trim);
    let name = parts.next().unwrap_or_default();
    let framework = FRAMEWORKS.iter().find(|framework| framework.eq_ignore_ascii_case(name));
    let Some(framework) = framework else {
        return Err(Refusal::new(format!("an alignment that does not begin with one of {}", FRAMEWORKS.join(", ")), text));
    };
    let Some(code) = parts.next().filter(|code| !code.is_empty()) else {
        return Err(Refusal::new("an alignment without a code, as in ONET|15-1252.00", text));
    };
    let name = parts.next().filter(|name| !name.is_empty()).map(short).transpose()?;
    let address = parts.next().filter(|address| !address.is_empty());
    let url = address.map(|address| url::absolute(address).ok_or_else(|| Refusal::new("an alignment without a proper web address", text)));
    Ok(AlignmentField { framework: (*framework).to_owned(), code: short(code)?, name, url: url.transpose()? })
}

fn component(position: usize, text: &str) -> Result<ComponentField, Refusal> {
    let mut parts = text.split('|').map(cell::trim);
    let course = short(parts.next().unwrap_or_default())?;
    let sequence = match parts.next() {
        None | Some("") => i64::try_from(position + 1).ok(),
        Some(number) => number.parse().ok().filter(|number| (0..=1_000).contains(number)),
    };
    let is_required = match parts.next() {
        None | Some("") => Some(true),
        Some(word) if word.eq_ignore_ascii_case("required") => Some(true),
        Some(word) if word.eq_ignore_ascii_case("optional") => Some(false),
        Some(_) => None,
    };
    match (course.is_empty(), sequence, is_required, parts.next()) {
        (false, Some(sequence), Some(is_required), None) => Ok(ComponentField { course, sequence, is_required }),
        _ => Err(Refusal::new("not a component such as key, key|1 or key|1|optional", text)),
    }
}

fn choice(text: &str) -> Result<ChoiceField, Refusal> {
    let (word, key) = text.split_once('|').unwrap_or((text, ""));
    let subject = match cell::trim(word).to_ascii_lowercase().as_str() {
        "course" => Some(Subject::Course),
        "program" => Some(Subject::Program),
        "credential" => Some(Subject::Credential),
        _ => None,
    };
    let key = cell::trim(key);
    match subject {
        Some(subject) if !key.is_empty() => Ok(ChoiceField { subject, key: short(key)? }),
        _ => Err(Refusal::new("not an option such as course|key, program|key or credential|key", text)),
    }
}
