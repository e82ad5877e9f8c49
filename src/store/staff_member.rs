//! People who work for an institution; their public face.

use super::noun::{Edge, Noun, OPEN, column, edge, plain};
use super::offering::OFFERING;
use super::sql::Type;
use crate::domain::id::Kind;

/// A member of an institution's staff.
pub static STAFF_MEMBER: Noun = Noun {
    name: "StaffMember",
    kind: Some(Kind::StaffMember),
    table: "staff_member",
    columns: &[column("id", Type::Uuid), column("tenant_id", Type::Uuid), column("name", Type::Text), column("title", Type::Text)],
    fields: &[
        plain(&["id"]),
        plain(&["name"]),
        plain(&["title"]),
        edge(
            "teaching",
            &Edge::Page {
                target: &OFFERING,
                column: "id",
                on: "t.id IN (SELECT l.offering_id FROM offering_instructor l WHERE l.staff_member_id = p.id)",
            },
        ),
    ],
    public: OPEN,
    list: None,
};
