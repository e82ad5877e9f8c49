//! What other systems call a thing, as its owner reads it.

use super::noun::{Edge, Noun, OPEN, Order, by, column, plain};
use super::sql::Type;
use super::wall::Wall;

/// An identifier in another system.
pub static EXTERNAL_KEY: Noun = Noun {
    name: "ExternalKey",
    kind: None,
    table: "external_key",
    columns: &[column("tenant_id", Type::Uuid), column("object_id", Type::Uuid), column("system", Type::Text), column("value", Type::Text)],
    fields: &[plain(&["system"]), plain(&["value"])],
    public: OPEN,
    wall: Wall::Key,
    list: None,
};

/// From a thing to its identifiers.
pub(super) static KEYS: Edge =
    Edge::Many { target: &EXTERNAL_KEY, column: "id", from: "external_key t", on: "t.object_id = p.id", order: ORDER, limit: 10 };

const ORDER: &[Order] = &[by("t.system", Type::Text), by("t.value", Type::Text)];
