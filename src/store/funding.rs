//! Who pays what of an enrollment.

use super::noun::{Edge, Noun, OPEN, column, edge, made, plain};
use super::sponsorship::SPONSORSHIP;
use super::sql::Type;
use super::wall::Wall;

/// A part of the price and where it comes from.
pub static FUNDING: Noun = Noun {
    name: "Funding",
    kind: None,
    table: "funding",
    columns: &[
        column("tenant_id", Type::Uuid),
        column("learner_id", Type::Uuid),
        column("payer_id", Type::Uuid),
        column("source", Type::Text),
        column("state", Type::Text),
        column("amount_cents", Type::Long),
        column("sponsorship_id", Type::Uuid),
        column("aid_reference", Type::Text),
    ],
    fields: &[
        plain(&["source"]),
        plain(&["state"]),
        made("amount", &["amount_cents"]),
        plain(&["aid_reference"]),
        edge("sponsorship", &Edge::One { column: "sponsorship_id", target: &SPONSORSHIP, key: "id", named: true, always: false }),
    ],
    public: OPEN,
    wall: Wall::Funding,
    list: None,
};
