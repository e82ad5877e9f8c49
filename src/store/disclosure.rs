//! What was shown to others of learners' records: a line for each learner in each request. Lines are only ever added, and only the learner reads them.

use super::business::BUSINESS;
use super::error::StoreError;
use super::institution::INSTITUTION;
use super::noun::{Edge, List, Noun, OPEN, Sort, by, column, edge, plain};
use super::row::Cell;
use super::sql::{Connection, Type};
use super::wall::Wall;
use super::write::{Target, upsert};

/// A line.
pub static DISCLOSURE: Noun = Noun {
    name: "Disclosure",
    kind: None,
    table: "disclosure",
    columns: &[
        column("id", Type::Uuid),
        column("learner_id", Type::Uuid),
        column("institution_id", Type::Uuid),
        column("business_id", Type::Uuid),
        column("at", Type::Instant),
        column("actor_name", Type::Text),
        column("fields", Type::Text),
        column("purpose", Type::Text),
    ],
    fields: &[
        plain(&["actor_name"]),
        plain(&["fields"]),
        plain(&["purpose"]),
        plain(&["at"]),
        edge(
            "tenant",
            &Edge::Either { branches: &[("institution_id", &INSTITUTION), ("business_id", &BUSINESS)], named: true, always: false },
        ),
    ],
    public: OPEN,
    wall: Wall::Disclosure,
    list: Some(&List { sorts: &[Sort { name: "NEWEST", by: by("t.at", Type::Instant), descending: true }], search: None }),
};

const LINE: Target = Target {
    table: "disclosure",
    key: 0,
    columns: &[
        ("learner_id", Type::Uuid),
        ("id", Type::Uuid),
        ("business_id", Type::Uuid),
        ("at", Type::Instant),
        ("actor_name", Type::Text),
        ("actor_issuer", Type::Uuid),
        ("actor_subject", Type::Text),
        ("fields", Type::Text),
        ("purpose", Type::Text),
        ("request_id", Type::Text),
    ],
};

/// Adds lines: learner, key, business, instant, name, issuer and subject of whoever looked, fields, purpose, request.
pub async fn append(connection: &mut Connection<'_>, lines: Vec<Vec<Cell>>) -> Result<(), StoreError> {
    upsert(connection, LINE, lines).await
}
