//! One row with typed fields.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt::Write as _;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use super::cell;
use super::format::{Column, Kind, Shape};
pub use super::item::{AlignmentField, ChoiceField, ComponentField, Subject};
use super::report::{Problem, Severity};
use super::value::{self, Field, Raw, Refusal};

/// A row that can be written: each required column is filled, each value has its type, defaults stand where the source is silent.
#[derive(Debug, Clone)]
pub struct Record {
    /// What the row is.
    pub kind: Kind,
    /// The file it stands in.
    pub file: Arc<str>,
    /// The line it begins in.
    pub line: u64,
    /// What was dropped from the row without keeping it out.
    pub warnings: Vec<Problem>,
    /// Values in the order of the kind's columns.
    fields: Vec<Option<Field>>,
}

impl Record {
    /// A record of pairs of column and cell, read by the same rules as a file. The label and number say in problems where the pairs come from.
    pub fn from_pairs(kind: Kind, label: &str, line: u64, pairs: &[(&str, String)]) -> Result<Self, Vec<Problem>> {
        let file: Arc<str> = label.into();
        let unknown = |(name, _): &&(&str, String)| kind.column(name).is_none();
        let problem = |(name, value): &(&str, String)| {
            Problem::rejected(&file, line, Some((*name).to_owned()), format!("no such column of {}", kind.file_name()), Some(value))
        };
        let problems: Vec<_> = pairs.iter().filter(unknown).map(problem).collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        let cell = |_, column: &Column| {
            let text = pairs.iter().find(|(name, _)| *name == column.name).map_or("", |(_, value)| value);
            Ok(Raw::One(Cow::Borrowed(cell::trim(text))))
        };
        Self::build(kind, &file, line, cell, |_, column| column.name.to_owned())
    }

    /// A record of what `cell` says for each column; `label` names the column as the source knows it.
    pub(super) fn build<'a>(
        kind: Kind,
        file: &Arc<str>,
        line: u64,
        cell: impl Fn(usize, &'static Column) -> Result<Raw<'a>, Refusal>,
        label: impl Fn(usize, &'static Column) -> String,
    ) -> Result<Self, Vec<Problem>> {
        let mut record =
            Self { kind, file: Arc::clone(file), line, warnings: Vec::new(), fields: Vec::with_capacity(kind.columns().len()) };
        let mut problems = Vec::new();
        for (index, column) in kind.columns().iter().enumerate() {
            let field = cell(index, column).and_then(|raw| value::parse(column, raw));
            let missing = column.required && matches!(field, Ok(None));
            if missing {
                problems.push(Problem::rejected(file, line, Some(label(index, column)), "empty, but required", None));
            }
            record.fields.push(match field {
                Ok(field) => field,
                // A bad address of a page is no reason to leave a whole college out.
                Err(refusal) if column.shape == Shape::Url && !column.required => {
                    let mut warning = Problem::rejected(file, line, Some(label(index, column)), refusal.reason, Some(&refusal.value));
                    warning.severity = Severity::Warning;
                    record.warnings.push(warning);
                    None
                }
                Err(refusal) => {
                    problems.push(Problem::rejected(file, line, Some(label(index, column)), refusal.reason, Some(&refusal.value)));
                    None
                }
            });
        }
        // Rules that join two columns would only repeat what is already said of one of them.
        if problems.is_empty() {
            problems.extend(record.joint_problems());
        }
        if problems.is_empty() { Ok(record) } else { Err(problems) }
    }

    /// What is wrong with columns taken together.
    fn joint_problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut refuse =
            |column: &str, reason: String| problems.push(Problem::rejected(&self.file, self.line, Some(column.to_owned()), reason, None));
        if let Some((one, other)) = self.kind.choice() {
            match (self.field(one), self.field(other)) {
                (None, None) => refuse(one, format!("neither {one} nor {other} is given")),
                (Some(_), Some(_)) => refuse(other, format!("both {one} and {other} are given")),
                _ => {}
            }
        }
        for (low, high) in self.kind.ordered() {
            if let (Some(first), Some(second)) = (self.field(low), self.field(high))
                && first.order(second) == Some(Ordering::Greater)
            {
                refuse(high, format!("less than {low}"));
            }
        }
        problems
    }

    /// The value of a column.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        let index = self.kind.columns().iter().position(|column| column.name == name);
        debug_assert!(index.is_some(), "{} has no column {name}", self.kind.file_name());
        self.fields.get(index?)?.as_ref()
    }

    /// The identifier of the row.
    #[must_use]
    pub fn key(&self) -> &str {
        self.text(self.kind.key_column()).unwrap_or_default()
    }

    /// Text, a key or a code.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        if let Some(Field::Text(text)) = self.field(name) { Some(text) } else { None }
    }

    /// A whole number.
    #[must_use]
    pub fn int(&self, name: &str) -> Option<i64> {
        if let Some(Field::Integer(number)) = self.field(name) { Some(*number) } else { None }
    }

    /// An amount of money in cents.
    #[must_use]
    pub fn cents(&self, name: &str) -> Option<i64> {
        if let Some(Field::Cents(cents)) = self.field(name) { Some(*cents) } else { None }
    }

    /// A number with a decimal point.
    #[must_use]
    pub fn decimal(&self, name: &str) -> Option<f64> {
        if let Some(Field::Decimal(number)) = self.field(name) { Some(*number) } else { None }
    }

    /// True or false.
    #[must_use]
    pub fn boolean(&self, name: &str) -> Option<bool> {
        if let Some(Field::Boolean(value)) = self.field(name) { Some(*value) } else { None }
    }

    /// A calendar day.
    #[must_use]
    pub fn date(&self, name: &str) -> Option<NaiveDate> {
        if let Some(Field::Date(day)) = self.field(name) { Some(*day) } else { None }
    }

    /// A moment in time.
    #[must_use]
    pub fn instant(&self, name: &str) -> Option<DateTime<Utc>> {
        if let Some(Field::Instant(instant)) = self.field(name) { Some(*instant) } else { None }
    }

    /// Keys, languages or NAICS codes.
    #[must_use]
    pub fn list(&self, name: &str) -> &[String] {
        if let Some(Field::List(items)) = self.field(name) { items } else { &[] }
    }

    /// Entries of frameworks.
    #[must_use]
    pub fn alignments(&self, name: &str) -> &[AlignmentField] {
        if let Some(Field::Alignments(items)) = self.field(name) { items } else { &[] }
    }

    /// Courses of a program.
    #[must_use]
    pub fn components(&self, name: &str) -> &[ComponentField] {
        if let Some(Field::Components(items)) = self.field(name) { items } else { &[] }
    }

    /// What fulfills a requirement.
    #[must_use]
    pub fn options(&self, name: &str) -> &[ChoiceField] {
        if let Some(Field::Choices(items)) = self.field(name) { items } else { &[] }
    }

    /// All values as one text: equal for two rows that say the same, whatever file or line they stand in. For telling whether a row changed.
    #[must_use]
    pub fn canonical(&self) -> String {
        let mut text = String::new();
        for (column, field) in self.kind.columns().iter().zip(&self.fields) {
            if let Some(field) = field {
                // Writing to a string cannot fail. The debug form quotes its strings, so no value can pose as two.
                let _ = writeln!(text, "{}={field:?}", column.name);
            }
        }
        text
    }

    /// A problem with a column of this row, for what only the caller can see, such as a reference that leads nowhere.
    #[must_use]
    pub fn problem(&self, column: &str, reason: impl Into<String>, value: Option<&str>) -> Problem {
        Problem::rejected(&self.file, self.line, Some(column.to_owned()), reason, value)
    }
}
