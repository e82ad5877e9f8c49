//! Places where businesses have employees.

use super::noun::{Noun, OPEN, column, made, plain};
use super::sql::Type;
use super::wall::Wall;
use crate::domain::id::Kind;

/// A site of a business.
pub static BUSINESS_SITE: Noun = Noun {
    name: "BusinessSite",
    kind: Some(Kind::BusinessSite),
    table: "business_site",
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
    ],
    fields: &[plain(&["id"]), plain(&["name"]), made("address", &["line1", "line2", "city", "county", "state", "postal_code"])],
    public: OPEN,
    wall: Wall::Members,
    list: None,
};
