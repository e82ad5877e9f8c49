//! How a mapping makes one field of a row.

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::cell;
use super::layout::Cells;
use super::template::Template;
use super::value::{Raw, Refusal};
use super::wording;
use crate::domain::text;

/// Where the text of a field comes from.
#[derive(Debug)]
pub(super) enum Origin {
    /// A column of the source.
    Column(String),
    /// The first of several columns that is not empty.
    First(Vec<String>),
    /// Several columns in one text.
    Template(Template),
    /// The same text in each row.
    Const(String),
    /// A list, item by item.
    Each(Vec<Transform>),
}

/// Codes of the source and what they are called here; codes are kept in lower case.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) entries: BTreeMap<String, String>,
}

/// How one field is made. The steps are taken in the order of these fields, for each item where there is a list.
#[derive(Debug)]
pub(super) struct Transform {
    pub(super) origin: Origin,
    pub(super) split: Vec<String>,
    pub(super) empty: Vec<String>,
    pub(super) replace: Vec<(String, String)>,
    pub(super) title_case: bool,
    pub(super) keep: Vec<String>,
    pub(super) table: Option<Arc<Table>>,
    pub(super) otherwise: Option<String>,
    pub(super) date_format: Option<String>,
    pub(super) first_sentence: bool,
    pub(super) zero_pad: usize,
    /// Most characters of the slug that is made of the text.
    pub(super) slug: Option<usize>,
    pub(super) max_chars: Option<usize>,
    pub(super) prefix: Option<Template>,
    pub(super) suffix: Option<Template>,
    pub(super) default: Option<Template>,
}

impl Transform {
    /// The columns of the source that the field needs.
    pub(super) fn columns(&self) -> Vec<&str> {
        let mut columns: Vec<&str> = match &self.origin {
            Origin::Column(name) => vec![name],
            Origin::First(names) => names.iter().map(String::as_str).collect(),
            Origin::Template(template) => template.columns().collect(),
            Origin::Const(_) => Vec::new(),
            Origin::Each(items) => items.iter().flat_map(Self::columns).collect(),
        };
        let others = [&self.prefix, &self.suffix, &self.default];
        columns.extend(others.into_iter().flatten().flat_map(Template::columns));
        columns
    }

    /// The field for a reader who looks into the source: the columns that it is made of, then its own name.
    pub(super) fn label(&self, field: &str) -> String {
        let mut columns = self.columns();
        columns.sort_unstable();
        columns.dedup();
        if columns.is_empty() || columns == [field] { field.to_owned() } else { format!("{} -> {field}", columns.join(" + ")) }
    }

    /// The value for a row.
    pub(super) fn value<'a>(&self, cells: Cells<'a>) -> Result<Raw<'a>, Refusal> {
        let text = match &self.origin {
            Origin::Each(items) => return Self::list(items, cells).map(Raw::Many),
            Origin::Column(name) => cells.get(name),
            Origin::First(names) => names.iter().map(|name| cells.get(name)).find(|text| !text.is_empty()).unwrap_or_default(),
            Origin::Template(template) => Cow::Owned(template.fill(cells)),
            Origin::Const(text) => Cow::Owned(text.clone()),
        };
        if self.split.is_empty() {
            return Ok(Raw::One(Cow::Owned(self.apply(&text, cells)?)));
        }
        let mut items = vec![text.into_owned()];
        for separator in &self.split {
            items = items.iter().flat_map(|item| item.split(separator.as_str())).map(|item| cell::trim(item).to_owned()).collect();
        }
        items.retain(|item| !item.is_empty());
        if items.is_empty() {
            // So that a default can stand for the whole list.
            items.push(String::new());
        }
        let items = items.iter().map(|item| self.apply(item, cells)).collect::<Result<Vec<_>, _>>()?;
        Ok(Raw::Many(items.into_iter().filter(|item| !item.is_empty()).collect()))
    }

    /// The items of a list whose parts are described one by one.
    fn list(parts: &[Self], cells: Cells<'_>) -> Result<Vec<String>, Refusal> {
        let mut items = Vec::with_capacity(parts.len());
        for part in parts {
            match part.value(cells)? {
                Raw::One(text) if text.is_empty() => {}
                Raw::One(text) => items.push(text.into_owned()),
                Raw::Many(several) => items.extend(several),
            }
        }
        Ok(items)
    }

    /// The text after all steps.
    fn apply(&self, text: &str, cells: Cells<'_>) -> Result<String, Refusal> {
        let is_nothing = text.is_empty() || self.empty.iter().any(|nothing| nothing.eq_ignore_ascii_case(text));
        let made = if is_nothing { String::new() } else { self.change(text, cells)? };
        match &self.default {
            Some(default) if made.is_empty() => Ok(default.fill(cells)),
            _ => Ok(made),
        }
    }

    /// A text that is not empty, changed step by step.
    fn change(&self, text: &str, cells: Cells<'_>) -> Result<String, Refusal> {
        let replaced = self.replace.iter().fold(Cow::Borrowed(text), |text, (from, to)| Cow::Owned(text.replace(from, to)));
        let mut made = cell::trim(&replaced).to_owned();
        if self.title_case {
            made = wording::title_case(&made, &self.keep);
        }
        if let Some(table) = &self.table {
            made = match (table.entries.get(&made.to_lowercase()), &self.otherwise) {
                (Some(meaning), _) => meaning.clone(),
                (None, Some(otherwise)) => otherwise.clone(),
                (None, None) => return Err(Refusal::new(format!("not in the code table `{}`", table.name), &made)),
            };
        }
        if let Some(form) = &self.date_format {
            made = iso(&made, form).ok_or_else(|| Refusal::new(format!("not of the form `{form}`"), &made))?;
        }
        if self.first_sentence {
            let line = cell::one_line(&made);
            wording::first_sentence(&line).clone_into(&mut made);
        }
        if self.zero_pad > 0 && made.bytes().all(|byte| byte.is_ascii_digit()) {
            made = format!("{made:0>width$}", width = self.zero_pad);
        }
        if made.is_empty() {
            return Ok(made);
        }
        let fill = |template: &Option<Template>| template.as_ref().map(|template| template.fill(cells)).unwrap_or_default();
        let (mut prefix, mut suffix) = (fill(&self.prefix), fill(&self.suffix));
        if let Some(length) = self.slug {
            // What is added counts, or the part that makes the slug unlike others would be the one that is cut off.
            (prefix, suffix) = (text::slug(&prefix, length), text::slug(&suffix, length));
            let room = length.saturating_sub(prefix.len() + suffix.len() + 2);
            let parts = [prefix, text::slug(&made, room), suffix];
            return Ok(parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-"));
        }
        if let Some(length) = self.max_chars {
            made = wording::shorten(&made, length.saturating_sub(prefix.chars().count() + suffix.chars().count()));
        }
        Ok(format!("{prefix}{made}{suffix}"))
    }
}

/// A day or moment as the documented format has it, read by a form of the source. Without an offset a moment is UTC.
fn iso(text: &str, form: &str) -> Option<String> {
    let with_offset = || DateTime::parse_from_str(text, form).ok().map(|instant| instant.to_rfc3339());
    let moment = || NaiveDateTime::parse_from_str(text, form).ok().map(|moment| moment.and_utc().to_rfc3339());
    let day = || NaiveDate::parse_from_str(text, form).ok().map(|day| day.format("%Y-%m-%d").to_string());
    with_offset().or_else(moment).or_else(day)
}

/// Which rows of a file a mapping wants.
#[derive(Debug)]
pub(super) struct Condition {
    pub(super) column: String,
    pub(super) test: Test,
    /// Whether the test must fail instead.
    pub(super) not: bool,
}

/// What a condition asks of a cell.
#[derive(Debug)]
pub(super) enum Test {
    Is(Vec<String>),
    StartsWith(String),
    Empty(bool),
}

impl Condition {
    /// Whether the row is wanted.
    pub(super) fn holds(&self, cells: Cells<'_>) -> bool {
        let text = cells.get(&self.column);
        let holds = match &self.test {
            Test::Is(values) => values.iter().any(|value| *value == text),
            Test::StartsWith(head) => text.starts_with(head.as_str()),
            Test::Empty(wanted) => text.is_empty() == *wanted,
        };
        holds != self.not
    }
}
