//! Workforce regions of the state.

use super::noun::{Noun, OPEN, by, column, plain};
use super::sql::Type;
use super::wall::Wall;

/// A region; keyed by its code.
pub static REGION: Noun = Noun {
    name: "Region",
    kind: None,
    table: "region",
    columns: &[column("code", Type::Text), column("name", Type::Text)],
    fields: &[plain(&["code"]), plain(&["name"])],
    public: OPEN,
    wall: Wall::Open,
    list: None,
};

/// How all regions are listed.
pub const ORDER: super::noun::Order = by("t.code", Type::Text);
