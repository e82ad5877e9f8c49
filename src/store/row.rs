//! What was loaded: rows with their cells and with what hangs on them.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::error::StoreError;
use super::noun::{Column, Noun};

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// No value.
    Null,
    /// A key.
    Uuid(Uuid),
    /// Text.
    Text(Box<str>),
    /// A whole number.
    Integer(i64),
    /// A floating-point number.
    Real(f64),
    /// True or false.
    Boolean(bool),
    /// A day.
    Date(NaiveDate),
    /// An instant.
    Instant(DateTime<Utc>),
}

impl Cell {
    /// The whole number, if it is one.
    #[must_use]
    pub const fn integer(&self) -> Option<i64> {
        if let Self::Integer(value) = self { Some(*value) } else { None }
    }

    /// The key, if it is one.
    #[must_use]
    pub const fn uuid(&self) -> Option<Uuid> {
        if let Self::Uuid(value) = self { Some(*value) } else { None }
    }

    /// The text, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        if let Self::Text(value) = self { Some(value) } else { None }
    }
}

/// What all rows of one set have in common.
#[derive(Debug)]
pub struct Shape {
    pub(super) noun: &'static Noun,
    pub(super) columns: Vec<&'static Column>,
    /// Response keys of the edges that were filled, in the order of the rows' links.
    pub(super) keys: Vec<String>,
}

/// A loaded object.
#[derive(Debug)]
pub struct Row {
    pub(super) shape: Arc<Shape>,
    pub(super) cells: Vec<Cell>,
    pub(super) links: Vec<Link>,
}

/// What hangs on a row under one response key.
#[derive(Debug, Clone)]
pub enum Link {
    /// At most one object.
    One(Option<Arc<Row>>),
    /// A plain list.
    Many(Vec<Arc<Row>>),
    /// A page of a longer list.
    Page(Arc<Page>),
}

/// A page of a list.
#[derive(Debug)]
pub struct Page {
    /// The items, each with its position in the order of the list.
    pub items: Vec<(Vec<Cell>, Arc<Row>)>,
    /// Whether more items follow.
    pub has_next: bool,
    /// Whether the page was asked for after a cursor, so that items precede it.
    pub has_previous: bool,
    /// Items in all pages up to [`super::page::COUNT_LIMIT`] + 1; `None` when not asked for.
    pub total: Option<i64>,
    /// What cursors of this page are bound to.
    pub binding: u64,
    /// What the list hangs on, to which its cursors are bound too; `None` for a list that hangs on nothing.
    pub parent: Option<Cell>,
    /// The mark of the parent in the cursor after which the page was asked for.
    pub after_of: Option<Cell>,
}

impl Row {
    /// The noun that this is a row of.
    #[must_use]
    pub fn noun(&self) -> &'static Noun {
        self.shape.noun
    }

    /// The value of a column.
    pub fn cell(&self, column: &str) -> Result<&Cell, StoreError> {
        let place = self.shape.columns.iter().position(|known| known.name == column);
        place.and_then(|place| self.cells.get(place)).ok_or_else(|| self.missing(column))
    }

    /// What hangs under a response key.
    pub fn link(&self, key: &str) -> Result<&Link, StoreError> {
        let place = self.shape.keys.iter().position(|known| known == key);
        place.and_then(|place| self.links.get(place)).ok_or_else(|| self.missing(key))
    }

    fn missing(&self, slot: &str) -> StoreError {
        StoreError::Slot { noun: self.shape.noun.name, slot: slot.to_owned() }
    }

    /// A text column that is never null.
    pub fn text(&self, column: &str) -> Result<&str, StoreError> {
        self.optional_text(column)?.ok_or_else(|| self.missing(column))
    }

    /// A text column.
    pub fn optional_text(&self, column: &str) -> Result<Option<&str>, StoreError> {
        Ok(self.cell(column)?.text())
    }

    /// A column of whole numbers.
    pub fn integer(&self, column: &str) -> Result<Option<i64>, StoreError> {
        Ok(self.cell(column)?.integer())
    }

    /// A column of floating-point numbers.
    pub fn real(&self, column: &str) -> Result<Option<f64>, StoreError> {
        Ok(if let Cell::Real(value) = self.cell(column)? { Some(*value) } else { None })
    }

    /// A column of true or false that is never null.
    pub fn boolean(&self, column: &str) -> Result<bool, StoreError> {
        if let Cell::Boolean(value) = self.cell(column)? { Ok(*value) } else { Err(self.missing(column)) }
    }

    /// A column of days.
    pub fn date(&self, column: &str) -> Result<Option<NaiveDate>, StoreError> {
        Ok(if let Cell::Date(value) = self.cell(column)? { Some(*value) } else { None })
    }

    /// A column of instants.
    pub fn instant(&self, column: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
        Ok(if let Cell::Instant(value) = self.cell(column)? { Some(*value) } else { None })
    }

    /// A column of keys.
    pub fn uuid(&self, column: &str) -> Result<Option<Uuid>, StoreError> {
        Ok(self.cell(column)?.uuid())
    }
}
