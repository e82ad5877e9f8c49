//! The values of a record as cells, references among them.

use std::cell::RefCell;

use uuid::Uuid;

use super::resolve::References;
use crate::domain::text;
use crate::import::{Kind, Problem, Record};
use crate::store::Cell;

/// Values of a record as cells. What is wrong with them is gathered, so that one import tells all of it.
#[derive(Debug)]
pub(super) struct Values<'a> {
    pub record: &'a Record,
    pub references: &'a References,
    /// Whose row it is, where that is known.
    pub tenant: Option<Uuid>,
    problems: RefCell<Vec<Problem>>,
}

impl<'a> Values<'a> {
    pub(super) fn new(record: &'a Record, references: &'a References, tenant: Option<Uuid>) -> Self {
        Self { record, references, tenant, problems: RefCell::default() }
    }

    /// What is wrong with the values that were taken.
    pub(super) fn problems(self) -> Vec<Problem> {
        self.problems.into_inner()
    }

    /// A value, or the problem noted.
    pub(super) fn take<T>(&self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.problems.borrow_mut().push(problem)).ok()
    }

    pub(super) fn text(&self, column: &str) -> Cell {
        self.record.text(column).map_or(Cell::Null, |value| Cell::Text(value.into()))
    }

    /// The key by which a name is sorted.
    pub(super) fn sorted(&self, column: &str) -> Cell {
        Cell::Text(text::sort_key(self.record.text(column).unwrap_or_default()).into())
    }

    pub(super) fn integer(&self, column: &str) -> Cell {
        self.record.int(column).map_or(Cell::Null, Cell::Integer)
    }

    pub(super) fn cents(&self, column: &str) -> Cell {
        self.record.cents(column).map_or(Cell::Null, Cell::Integer)
    }

    pub(super) fn real(&self, column: &str) -> Cell {
        self.record.decimal(column).map_or(Cell::Null, Cell::Real)
    }

    pub(super) fn boolean(&self, column: &str) -> Cell {
        Cell::Boolean(self.record.boolean(column).unwrap_or_default())
    }

    pub(super) fn date(&self, column: &str) -> Cell {
        self.record.date(column).map_or(Cell::Null, Cell::Date)
    }

    pub(super) fn instant(&self, column: &str) -> Cell {
        self.record.instant(column).map_or(Cell::Null, Cell::Instant)
    }

    /// The code of the record's region, if it names one.
    pub(super) fn region(&self) -> Option<String> {
        self.take(self.references.region(self.record)).flatten()
    }

    /// A reference to any tenant's row.
    pub(super) fn any(&self, column: &str, kind: Kind) -> Cell {
        self.take(self.references.maybe(self.record, column, kind)).flatten().map_or(Cell::Null, |known| Cell::Uuid(known.id))
    }

    /// A reference to a row of the same tenant.
    pub(super) fn own(&self, column: &str, kind: Kind) -> Cell {
        self.record.text(column).and_then(|key| self.owned(column, kind, key)).map_or(Cell::Null, Cell::Uuid)
    }

    /// The row of the same tenant that a key names. Where the tenant is not known, that is the problem, and not whose row it is.
    pub(super) fn owned(&self, column: &str, kind: Kind, key: &str) -> Option<Uuid> {
        let known = self.take(self.references.find(self.record, column, kind, key))?;
        if self.tenant.is_some_and(|tenant| tenant != known.tenant) {
            return self.take(Err(self.record.problem(column, "it belongs to another institution", Some(key))));
        }
        Some(known.id)
    }
}
