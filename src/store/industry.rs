//! Industries of the North American Industry Classification System.

use super::noun::{Noun, OPEN, by, column, plain};
use super::sql::Type;
use super::wall::Wall;

/// An industry; keyed by its NAICS code.
pub static INDUSTRY: Noun = Noun {
    name: "Industry",
    kind: None,
    table: "industry",
    columns: &[column("naics_code", Type::Text), column("title", Type::Text)],
    fields: &[plain(&["naics_code"]), plain(&["title"])],
    public: OPEN,
    wall: Wall::Open,
    list: None,
};

/// How the sectors are listed.
pub const ORDER: super::noun::Order = by("t.naics_code", Type::Text);
/// Which industries are sectors.
pub const SECTORS: &str = "t.is_sector";
