//! Academic terms of institutions.

use super::noun::{Noun, OPEN, Order, by, column, plain};
use super::sql::Type;
use super::wall::Wall;
use crate::domain::id::Kind;

/// A term.
pub static TERM: Noun = Noun {
    name: "Term",
    kind: Some(Kind::Term),
    table: "term",
    columns: &[
        column("id", Type::Uuid),
        column("tenant_id", Type::Uuid),
        column("code", Type::Text),
        column("name", Type::Text),
        column("starts_on", Type::Date),
        column("ends_on", Type::Date),
    ],
    fields: &[plain(&["id"]), plain(&["code"]), plain(&["name"]), plain(&["starts_on"]), plain(&["ends_on"])],
    public: OPEN,
    wall: Wall::Open,
    list: None,
};

/// By first day.
pub(super) const ORDER: &[Order] = &[by("t.starts_on", Type::Date), by("t.id", Type::Uuid)];

/// The terms of an institution that have not ended.
pub(super) const RUNNING_TERMS: &str = "t.tenant_id = p.id AND t.ends_on >= {today}";
