//! Under what a read runs: what its scope lets through, and which day it is.

use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, NaiveDate, Utc};

use super::error::StoreError;
use super::fault::Faults;
use super::noun::Noun;
use super::row::Cell;
use super::sql::{Sql, Type};
use crate::cache::Seen;
use crate::policy::Scope;

/// The frame of one read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ask<'a> {
    /// What may be seen.
    pub scope: &'a Scope,
    /// The present day.
    pub today: NaiveDate,
    /// The present instant.
    pub now: DateTime<Utc>,
    /// What is taken down for a proof.
    pub faults: Faults,
    /// Where breaches are counted.
    pub breaches: &'a AtomicU64,
    /// Where it is noted what was read, if anybody wants to know.
    pub seen: Option<&'a Seen>,
}

impl Ask<'_> {
    /// A row came through that its scope does not let through: the statement lacks a condition. Never data, always an alarm.
    pub(super) fn breach(&self, noun: &Noun) -> StoreError {
        self.breaches.fetch_add(1, Ordering::Relaxed);
        tracing::error!(
            alarm = "tenant_wall",
            noun = noun.name,
            "a row was stopped on its way out of the store: a statement lacks the condition of its scope"
        );
        StoreError::Breach(noun.name)
    }

    /// Adds a declared expression; `{tenant}` in it becomes the tenant whose rows are reached, which is nobody's for whoever reaches none, or all.
    pub(super) fn expression(&self, sql: &mut Sql, expression: &str) {
        let mut parts = expression.split("{tenant}");
        sql.push(parts.next().unwrap_or_default());
        for part in parts {
            sql.bind(Type::Uuid, self.scope.reach().tenant().map_or(Cell::Null, Cell::Uuid)).push(part);
        }
    }

    /// Adds a declared condition; `{today}` in it becomes the present day.
    pub(super) fn condition(&self, sql: &mut Sql, condition: &str) {
        let mut parts = condition.split("{today}");
        sql.push(parts.next().unwrap_or_default());
        for part in parts {
            sql.bind(Type::Date, Cell::Date(self.today)).push(part);
        }
    }
}
