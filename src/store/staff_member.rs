//! People who work for an institution; their public face.

use super::noun::{Edge, List, Noun, OPEN, Sort, by, column, edge, plain};
use super::offering::OFFERING;
use super::sql::Type;
use super::wall::Wall;
use crate::domain::id::Kind;

/// A member of an institution's staff.
pub static STAFF_MEMBER: Noun = Noun {
    name: "StaffMember",
    kind: Some(Kind::StaffMember),
    table: "staff_member",
    columns: &[
        column("id", Type::Uuid),
        column("tenant_id", Type::Uuid),
        column("name", Type::Text),
        column("title", Type::Text),
        column("email", Type::Text),
    ],
    fields: &[
        plain(&["id"]),
        plain(&["name"]),
        plain(&["title"]),
        plain(&["email"]),
        edge(
            "teaching",
            &Edge::Page {
                target: &OFFERING,
                column: "id",
                on: "t.id IN (SELECT l.offering_id FROM offering_instructor l WHERE l.staff_member_id = p.id)",
                private: false,
            },
        ),
    ],
    public: OPEN,
    wall: Wall::Open,
    list: Some(&List { sorts: &[Sort { name: "NAME", by: by("t.name_key", Type::Text), descending: false }], search: None }),
};
