//! Teaching sites of institutions.

use super::noun::{Edge, Noun, OPEN, column, edge, made, plain};
use super::region::REGION;
use super::sql::Type;
use super::wall::Wall;
use crate::domain::id::Kind;

/// A campus.
pub static CAMPUS: Noun = Noun {
    name: "Campus",
    kind: Some(Kind::Campus),
    table: "campus",
    columns: &[
        column("id", Type::Uuid),
        column("tenant_id", Type::Uuid),
        column("name", Type::Text),
        column("line1", Type::Text),
        column("line2", Type::Text),
        column("city", Type::Text),
        column("county", Type::Text),
        column("state", Type::Text),
        column("postal_code", Type::Text),
        column("region_code", Type::Text),
    ],
    fields: &[
        plain(&["id"]),
        plain(&["name"]),
        made("address", &["line1", "line2", "city", "county", "state", "postal_code"]),
        edge("region", &Edge::One { column: "region_code", target: &REGION, key: "code", named: true, always: true }),
    ],
    public: OPEN,
    wall: Wall::Open,
    list: None,
};
