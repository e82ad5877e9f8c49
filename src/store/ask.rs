//! Under what a read runs: what its scope lets through, and which day it is.

use chrono::NaiveDate;

use super::row::Cell;
use super::sql::{Sql, Type};
use crate::policy::Scope;

/// The frame of one read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ask<'a> {
    /// What may be seen.
    pub scope: &'a Scope,
    /// The present day.
    pub today: NaiveDate,
}

impl Ask<'_> {
    /// Adds a declared condition; `{today}` in it becomes the present day.
    pub(super) fn condition(&self, sql: &mut Sql, condition: &str) {
        let mut parts = condition.split("{today}");
        sql.push(parts.next().unwrap_or_default());
        for part in parts {
            sql.bind(Type::Date, Cell::Date(self.today)).push(part);
        }
    }
}
