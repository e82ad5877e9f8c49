//! Lines of the audit log.

use chrono::{DateTime, Utc};

use super::filter::{and, and_any, texts};
use super::noun::{List, Noun, OPEN, Sort, by, column, plain};
use super::row::Cell;
use super::sql::{Sql, Type};
use super::wall::Wall;
use crate::domain::id::Kind;

/// A line of the audit log.
pub static AUDIT_EVENT: Noun = Noun {
    name: "AuditEvent",
    kind: Some(Kind::AuditEvent),
    table: "audit_event",
    columns: &[
        column("id", Type::Uuid),
        column("tenant_id", Type::Uuid),
        column("at", Type::Instant),
        column("actor_name", Type::Text),
        column("action", Type::Text),
        column("subject_id", Type::Text),
        column("changed_fields", Type::Text),
        column("request_id", Type::Text),
        column("ip_address", Type::Text),
    ],
    fields: &[
        plain(&["id"]),
        plain(&["at"]),
        plain(&["actor_name"]),
        plain(&["action"]),
        plain(&["subject_id"]),
        plain(&["changed_fields"]),
        plain(&["request_id"]),
        plain(&["ip_address"]),
    ],
    public: OPEN,
    wall: Wall::Private,
    list: Some(&List { sorts: &[Sort { name: "NEWEST", by: by("t.at", Type::Instant), descending: true }], search: None }),
};

/// Conditions on lines of the audit log.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Names of actions.
    pub actions: Option<Vec<String>>,
    /// Identifier of the object, as callers write it.
    pub subject: Option<String>,
    /// First instant, and the instant behind the last.
    pub within: (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
}

impl AuditFilter {
    pub(super) fn write(&self, sql: &mut Sql) {
        and_any(sql, "t.action", Type::Text, self.actions.as_deref().map(texts));
        and(sql, "t.subject_id =", Type::Text, self.subject.as_deref().map(|subject| Cell::Text(subject.into())));
        and(sql, "t.at >=", Type::Instant, self.within.0.map(Cell::Instant));
        and(sql, "t.at <", Type::Instant, self.within.1.map(Cell::Instant));
    }
}
