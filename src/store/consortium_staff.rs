//! People of the consortium whom others know by name: the corporate navigators of businesses.

use super::noun::{Edge, Noun, OPEN, column, edge, plain};
use super::offering::OFFERING;
use super::sql::Type;
use super::wall::Wall;
use crate::domain::id::Kind;

/// A member of the consortium's staff. Every member may see who they are.
pub static CONSORTIUM_STAFF: Noun = Noun {
    name: "StaffMember",
    kind: Some(Kind::StaffMember),
    table: "consortium_staff",
    columns: &[column("id", Type::Uuid), column("name", Type::Text), column("title", Type::Text), column("email", Type::Text)],
    fields: &[
        plain(&["id"]),
        plain(&["name"]),
        plain(&["title"]),
        plain(&["email"]),
        // They teach nothing.
        edge("teaching", &Edge::Page { target: &OFFERING, column: "id", on: "p.id IS NULL AND t.id IS NULL", private: false }),
    ],
    public: OPEN,
    wall: Wall::Members,
    list: None,
};
