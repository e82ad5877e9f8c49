//! What can be set of a program.

use chrono::{DateTime, Utc};

use super::input::Draft;
use super::shape::{Of, Shape, Whose, optional, required};
use crate::domain::id::Kind;
use crate::store::link::PROGRAM_COMPONENT;
use crate::store::program::PROGRAM;
use crate::store::sql::Type;
use crate::store::{Cell, Row, link};

/// A program.
pub static SHAPE: Shape = Shape {
    noun: &PROGRAM,
    name: "program",
    fields: &[
        required("kind", Of::Choice("kind", None)),
        required("title", Of::Text("title", 200, Some("title_key"))),
        required("summary", Of::Text("summary", 1_000, None)),
        optional("description", Of::Prose("description", 20_000)),
        optional("status", Of::Choice("status", Some("DRAFT"))),
        optional("durationWeeks", Of::Integer("duration_weeks", 1, 1_000)),
        optional("softSkillHours", Of::Real("soft_skill_hours", 10_000.0)),
        optional("price", Of::Money("price_cents")),
        optional("components", Of::Components),
        optional("credentialId", Of::One("credential_id", Kind::Credential, Whose::Own)),
        optional("naicsCodes", Of::Codes(&link::PROGRAM_INDUSTRY, "industry", "naics_code", 10)),
    ],
    key: None,
    rules,
};

/// Without components a program has no hours and carries no credit; with some it has theirs.
fn rules(draft: &mut Draft, row: Option<&Row>, _: DateTime<Utc>) {
    let is_emptied = draft.lists.iter().any(|(table, rows)| table.target.table == PROGRAM_COMPONENT.target.table && rows.is_empty());
    if row.is_none() || is_emptied {
        draft.set("is_for_credit", Type::Boolean, Cell::Boolean(false));
        draft.set("contact_hours", Type::Real, Cell::Null);
    }
}
