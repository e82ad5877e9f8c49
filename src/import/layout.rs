//! Where the values of a row stand in a file.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::cell;
use super::format::{Item, Kind, Shape};
use super::mapping::FileFeed;
use super::reader::Row;
use super::record::Record;
use super::report::Problem;
use super::source::SourceError;
use super::value::Raw;

/// The names of a file's columns.
#[derive(Debug)]
pub(super) struct Header {
    names: Vec<String>,
    places: HashMap<String, usize>,
}

impl Header {
    /// The header in the first row of a file, and a warning for each name that stands there twice: the first one counts.
    pub(super) fn read(file: &Arc<str>, row: &Row) -> (Self, Vec<Problem>) {
        let names: Vec<_> = row.cells().map(|name| cell::trim(name).to_owned()).collect();
        let mut places = HashMap::new();
        let mut warnings = Vec::new();
        for (place, name) in names.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
            if places.contains_key(name) {
                warnings.push(Problem::warning(file, row.line, Some(name.clone()), "a second column of this name, ignored", None));
            } else {
                places.insert(name.clone(), place);
            }
        }
        (Self { names, places }, warnings)
    }

    /// How many columns there are.
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    /// The name of the column at a place.
    pub(super) fn name(&self, place: usize) -> Option<String> {
        self.names.get(place).filter(|name| !name.is_empty()).cloned()
    }

    /// The error of a file without a column that it needs.
    fn missing(&self, file: &Arc<str>, column: &str) -> SourceError {
        let header = self.names.join(", ");
        let hint = match self.names.as_slice() {
            [only] if only.contains(';') => "; its cells seem to be separated by semicolons, not commas".to_owned(),
            [only] if only.contains('\t') => "; its cells seem to be separated by tabs, not commas".to_owned(),
            _ => format!("; its columns are {}", cell::excerpt(&header, 400)),
        };
        SourceError::MissingColumn { file: Arc::clone(file), column: column.to_owned(), hint }
    }
}

/// A row by the names of its columns.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cells<'a> {
    pub(super) header: &'a Header,
    pub(super) row: &'a Row,
}

impl<'a> Cells<'a> {
    /// The tidied text of a column; empty when there is no such column.
    pub(super) fn get(&self, name: &str) -> Cow<'a, str> {
        self.header.places.get(name).map_or(Cow::Borrowed(""), |place| cell::tidy(self.row.cell(*place), true))
    }
}

/// How the rows of one file become records.
#[derive(Debug)]
pub(super) enum Layout {
    /// The documented format: the place of each column of the kind.
    Documented(Vec<Option<usize>>),
    /// Another format.
    Mapped(Arc<FileFeed>),
}

impl Layout {
    /// The layout of a file in the documented format, and a warning for each column that it does not know.
    pub(super) fn documented(kind: Kind, file: &Arc<str>, header: &Header) -> Result<(Self, Vec<Problem>), SourceError> {
        let place = |name: &str| header.names.iter().position(|found| found.eq_ignore_ascii_case(name));
        let places: Vec<_> = kind.columns().iter().map(|column| place(column.name)).collect();
        if let Some((column, _)) = kind.columns().iter().zip(&places).find(|(column, place)| column.required && place.is_none()) {
            return Err(header.missing(file, column.name));
        }
        if let Some((one, other)) = kind.choice().filter(|(one, other)| place(one).is_none() && place(other).is_none()) {
            return Err(header.missing(file, &format!("{one}` or `{other}")));
        }
        let is_unknown = |name: &&String| !name.is_empty() && !kind.columns().iter().any(|column| column.name.eq_ignore_ascii_case(name));
        let warn = |name: &String| Problem::warning(file, 1, Some(name.clone()), "unknown column, ignored", None);
        let warnings = header.names.iter().filter(is_unknown).map(warn).collect();
        Ok((Self::Documented(places), warnings))
    }

    /// The layout of a mapped file.
    pub(super) fn mapped(feed: &Arc<FileFeed>, file: &Arc<str>, header: &Header) -> Result<Self, SourceError> {
        match feed.columns().find(|column| !header.places.contains_key(*column)) {
            Some(column) => Err(header.missing(file, column)),
            None => Ok(Self::Mapped(Arc::clone(feed))),
        }
    }

    /// Whether the row is one that the mapping wants.
    pub(super) fn wants(&self, cells: Cells<'_>) -> bool {
        match self {
            Self::Documented(_) => true,
            Self::Mapped(feed) => feed.conditions.iter().all(|condition| condition.holds(cells)),
        }
    }

    /// Whether a row whose key was seen before is passed over rather than refused.
    pub(super) fn is_distinct(&self) -> bool {
        matches!(self, Self::Mapped(feed) if feed.distinct)
    }

    /// The record of a row.
    pub(super) fn record(&self, kind: Kind, file: &Arc<str>, cells: Cells<'_>) -> Result<Record, Vec<Problem>> {
        match self {
            Self::Documented(places) => {
                let place = |index: usize| places.get(index).copied().flatten();
                let cell = |index, column: &super::format::Column| {
                    let text = place(index).map_or("", |place| cells.row.cell(place));
                    Ok(Raw::One(cell::tidy(text, is_prose(column.shape))))
                };
                Record::build(kind, file, cells.row.line, cell, |_, column| column.name.to_owned())
            }
            Self::Mapped(feed) => {
                let field = |index: usize| feed.fields.get(index).and_then(Option::as_ref);
                let cell = |index, _: &_| field(index).map_or(Ok(Raw::One(Cow::Borrowed(""))), |transform| transform.value(cells));
                let label = |index, column: &super::format::Column| {
                    field(index).map_or_else(|| column.name.to_owned(), |transform| transform.label(column.name))
                };
                Record::build(kind, file, cells.row.line, cell, label)
            }
        }
    }
}

/// Whether entities are decoded in a column. In a key or code an ampersand is what it is.
fn is_prose(shape: Shape) -> bool {
    matches!(shape, Shape::Text | Shape::Markdown | Shape::Url | Shape::List(Item::Alignment))
}
