//! Links to entries of external frameworks. Each sort of thing keeps its own, in a table of the same columns.

use super::noun::{Column, Field, Noun, OPEN, Order, by, column, plain};
use super::sql::Type;
use super::wall::Wall;

const COLUMNS: &[Column] =
    &[column("framework", Type::Text), column("code", Type::Text), column("name", Type::Text), column("url", Type::Text)];
const FIELDS: &[Field] = &[plain(&["framework"]), plain(&["code"]), plain(&["name"]), plain(&["url"])];

/// The order in which they were given.
pub(super) const ORDER: &[Order] = &[by("t.position", Type::Integer)];

const fn alignment(table: &'static str) -> Noun {
    Noun { name: "Alignment", kind: None, table, columns: COLUMNS, fields: FIELDS, public: OPEN, wall: Wall::Open, list: None }
}

/// External identities of institutions.
pub static OF_INSTITUTION: Noun = alignment("institution_alignment");
/// Entries that mean the same as a competency.
pub static OF_COMPETENCY: Noun = alignment("competency_alignment");
/// External identities of credentials.
pub static OF_CREDENTIAL: Noun = alignment("credential_alignment");
/// Occupations of employees, which are codes of theirs.
pub static OF_EMPLOYEE: Noun = Noun {
    name: "Alignment",
    kind: None,
    table: "employee",
    columns: &[
        column("id", Type::Uuid),
        column("tenant_id", Type::Uuid),
        column("learner_id", Type::Uuid),
        Column { name: "framework", of: Type::Text, made: Some("CAST('ONET' AS text)") },
        Column { name: "code", of: Type::Text, made: Some("t.onet_code") },
        Column { name: "name", of: Type::Text, made: Some("CAST(NULL AS text)") },
        Column { name: "url", of: Type::Text, made: Some("CAST(NULL AS text)") },
    ],
    fields: FIELDS,
    public: OPEN,
    wall: Wall::Roster,
    list: None,
};
/// Occupations that a program prepares for.
pub static OF_PROGRAM: Noun = alignment("program_occupation");
