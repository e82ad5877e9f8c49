//! Definitions of what learners can earn, what they ask for, and where they count.

use uuid::Uuid;

use super::alignment;
use super::competency::COMPETENCY;
use super::course::COURSE;
use super::filter::{and_any, texts, uuids};
use super::institution::INSTITUTION;
use super::noun::{CATALOG, Edge, List, Noun, OPEN, Public, Sort, by, column, edge, plain, shown};
use super::program::PROGRAM;
use super::row::Cell;
use super::sql::{Sql, Type};
use super::wall::Wall;
use crate::domain::id::Kind;

/// A credential.
pub static CREDENTIAL: Noun = Noun {
    name: "Credential",
    kind: Some(Kind::Credential),
    table: "credential",
    columns: &[
        column("id", Type::Uuid),
        column("tenant_id", Type::Uuid),
        column("kind", Type::Text),
        column("status", Type::Text),
        column("name", Type::Text),
        column("description", Type::Text),
        column("criteria", Type::Text),
        column("image_url", Type::Text),
        column("valid_months", Type::Integer),
        column("updated_at", Type::Instant),
    ],
    fields: &[
        plain(&["id"]),
        plain(&["kind"]),
        plain(&["status"]),
        plain(&["name"]),
        plain(&["description"]),
        plain(&["criteria"]),
        plain(&["image_url"]),
        plain(&["valid_months"]),
        plain(&["updated_at"]),
        edge("issuer", &Edge::One { column: "tenant_id", target: &INSTITUTION, key: "id", named: true, always: true }),
        edge(
            "competencies",
            &Edge::Many {
                target: &COMPETENCY,
                column: "id",
                from: "credential_competency l JOIN competency t ON t.id = l.competency_id",
                on: "l.credential_id = p.id",
                order: &[by("l.position", Type::Integer)],
                limit: 30,
            },
        ),
        edge(
            "alignments",
            &Edge::Many {
                target: &alignment::OF_CREDENTIAL,
                column: "id",
                from: "credential_alignment t",
                on: "t.credential_id = p.id",
                order: alignment::ORDER,
                limit: 20,
            },
        ),
        edge(
            "requirements",
            &Edge::Many {
                target: &REQUIREMENT,
                column: "id",
                from: "credential_requirement t",
                on: "t.credential_id = p.id",
                order: &[by("t.id", Type::Uuid)],
                limit: 10,
            },
        ),
        edge(
            "stacks_into",
            &Edge::Many {
                target: &CREDENTIAL,
                column: "id",
                from: "credential t",
                on: "t.id IN (SELECT r.credential_id FROM requirement_option o JOIN credential_requirement r ON r.tenant_id = o.tenant_id AND r.id = o.requirement_id WHERE o.credential_id = p.id)",
                order: &[by("t.name_key", Type::Text), by("t.id", Type::Uuid)],
                limit: 20,
            },
        ),
        edge(
            "articulations",
            &Edge::Many {
                target: &ARTICULATION,
                column: "id",
                from: "credit_articulation t",
                on: "t.credential_id = p.id",
                order: &[by("t.id", Type::Uuid)],
                limit: 50,
            },
        ),
    ],
    public: CATALOG,
    wall: Wall::Catalog { listed: "t.status <> 'RETIRED'" },
    list: Some(&List { sorts: &[Sort { name: "NAME", by: by("t.name_key", Type::Text), descending: false }], search: Some("credential") }),
};

/// One requirement of a stackable credential.
pub static REQUIREMENT: Noun = Noun {
    name: "CredentialRequirement",
    kind: None,
    table: "credential_requirement",
    columns: &[column("id", Type::Uuid), column("title", Type::Text), column("choose", Type::Integer)],
    fields: &[
        plain(&["title"]),
        plain(&["choose"]),
        edge(
            "options",
            &Edge::Many {
                target: &OPTION,
                column: "id",
                from: "requirement_option t",
                on: "t.requirement_id = p.id",
                order: &[by("t.position", Type::Integer)],
                limit: 30,
            },
        ),
    ],
    public: OPEN,
    wall: Wall::Open,
    list: None,
};

/// One option of a requirement: it only points at what can be earned.
pub static OPTION: Noun = Noun {
    name: "RequirementOption",
    kind: None,
    table: "requirement_option",
    columns: &[column("course_id", Type::Uuid), column("program_id", Type::Uuid), column("credential_id", Type::Uuid)],
    fields: &[edge(
        "target",
        &Edge::Either {
            branches: &[("course_id", &COURSE), ("program_id", &PROGRAM), ("credential_id", &CREDENTIAL)],
            named: false,
            always: false,
        },
    )],
    public: OPEN,
    wall: Wall::Open,
    list: None,
};

/// An agreement that a credential counts for academic credit.
pub static ARTICULATION: Noun = Noun {
    name: "CreditArticulation",
    kind: None,
    table: "credit_articulation",
    columns: &[
        column("credential_id", Type::Uuid),
        column("institution_id", Type::Uuid),
        column("program_id", Type::Uuid),
        column("course_equivalent", Type::Text),
        column("credits", Type::Real),
        column("valid_from", Type::Date),
        column("valid_through", Type::Date),
        column("tenant_id", Type::Uuid),
        shown(APPLIES),
    ],
    fields: &[
        plain(&["course_equivalent"]),
        plain(&["credits"]),
        plain(&["valid_from"]),
        plain(&["valid_through"]),
        edge("credential", &Edge::One { column: "credential_id", target: &CREDENTIAL, key: "id", named: true, always: true }),
        edge("institution", &Edge::One { column: "institution_id", target: &INSTITUTION, key: "id", named: true, always: true }),
        edge("program", &Edge::One { column: "program_id", target: &PROGRAM, key: "id", named: true, always: false }),
    ],
    public: Public { listed: APPLIES, named: APPLIES },
    wall: Wall::Catalog { listed: "" },
    list: None,
};

/// Credit for a program that nobody sees yet would look like general credit.
const APPLIES: &str =
    "(t.program_id IS NULL OR t.program_id IN (SELECT s.id FROM program s WHERE s.id = t.program_id AND s.status <> 'DRAFT'))";

/// Conditions on credentials.
#[derive(Debug, Clone, Default)]
pub struct CredentialFilter {
    /// Institutions that issue them.
    pub issuers: Option<Vec<Uuid>>,
    /// Kinds, as the schema names them.
    pub kinds: Option<Vec<&'static str>>,
    /// Competencies of which they attest one.
    pub competencies: Option<Vec<Uuid>>,
    /// A program that accepts them for credit.
    pub articulates_to: Option<Uuid>,
}

impl CredentialFilter {
    pub(super) fn write(&self, sql: &mut Sql) {
        and_any(sql, "t.tenant_id", Type::Uuid, self.issuers.as_deref().map(uuids));
        and_any(sql, "t.kind", Type::Text, self.kinds.as_deref().map(texts));
        if let Some(competencies) = &self.competencies {
            sql.push(" AND t.id IN (SELECT l.credential_id FROM credential_competency l WHERE ");
            sql.any("l.competency_id", Type::Uuid, uuids(competencies)).push(")");
        }
        if let Some(program) = self.articulates_to {
            sql.push(" AND t.id IN (SELECT a.credential_id FROM credit_articulation a WHERE a.program_id = ");
            // A program that is not open to the public is to a filter what it is to a look-up: it does not exist.
            sql.bind(Type::Uuid, Cell::Uuid(program));
            sql.push(" AND a.program_id IN (SELECT p.id FROM program p WHERE p.status <> 'DRAFT'))");
        }
    }
}
