//! Sets of courses that lead to a credential.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::alignment;
use super::assessment::ASSESSMENT;
use super::competency::COMPETENCY;
use super::course::COURSE;
use super::credential::CREDENTIAL;
use super::external_key::KEYS;
use super::filter::{and, and_any, any_naics, texts, uuids};
use super::industry::INDUSTRY;
use super::institution::INSTITUTION;
use super::noun::{CATALOG, Edge, List, Noun, Public, Sort, by, column, edge, made, plain, shown};
use super::offering::OFFERING;
use super::row::Cell;
use super::sql::{Sql, Type};
use super::wall::Wall;
use crate::domain::id::Kind;

/// A program.
pub static PROGRAM: Noun = Noun {
    name: "Program",
    kind: Some(Kind::Program),
    table: "program",
    columns: &[
        column("id", Type::Uuid),
        column("tenant_id", Type::Uuid),
        column("kind", Type::Text),
        column("status", Type::Text),
        column("title", Type::Text),
        column("summary", Type::Text),
        column("description", Type::Text),
        column("is_for_credit", Type::Boolean),
        column("duration_weeks", Type::Integer),
        column("contact_hours", Type::Real),
        column("soft_skill_hours", Type::Real),
        column("price_cents", Type::Long),
        column("credential_id", Type::Uuid),
        column("updated_at", Type::Instant),
    ],
    fields: &[
        plain(&["id"]),
        plain(&["kind"]),
        plain(&["status"]),
        plain(&["title"]),
        plain(&["summary"]),
        plain(&["description"]),
        plain(&["is_for_credit"]),
        plain(&["duration_weeks"]),
        plain(&["contact_hours"]),
        plain(&["soft_skill_hours"]),
        made("price", &["price_cents"]),
        plain(&["updated_at"]),
        edge("external_keys", &KEYS),
        edge("institution", &Edge::One { column: "tenant_id", target: &INSTITUTION, key: "id", named: true, always: true }),
        edge("credential", &Edge::One { column: "credential_id", target: &CREDENTIAL, key: "id", named: false, always: false }),
        edge(
            "components",
            &Edge::Many {
                target: &COMPONENT,
                column: "id",
                from: "program_component t",
                on: "t.program_id = p.id",
                order: &[by("t.sequence", Type::Integer), by("t.position", Type::Integer)],
                limit: 40,
            },
        ),
        edge(
            "summative_assessment",
            &Edge::Many {
                target: &ASSESSMENT,
                column: "id",
                from: "assessment t",
                on: "t.program_id = p.id AND t.kind = 'SUMMATIVE'",
                order: &[by("t.id", Type::Uuid)],
                limit: 1,
            },
        ),
        edge(
            "competencies",
            &Edge::Many {
                target: &COMPETENCY,
                column: "id",
                from: "competency t",
                on: "t.id IN (SELECT l.competency_id FROM program_component c JOIN course s ON s.id = c.course_id AND s.status = 'PUBLISHED' JOIN course_competency l ON l.course_id = s.id WHERE c.program_id = p.id)",
                order: &[by("t.name_key", Type::Text), by("t.id", Type::Uuid)],
                limit: 50,
            },
        ),
        edge(
            "industries",
            &Edge::Many {
                target: &INDUSTRY,
                column: "id",
                from: "program_industry l JOIN industry t ON t.naics_code = l.naics_code",
                on: "l.program_id = p.id",
                order: &[by("l.position", Type::Integer)],
                limit: 10,
            },
        ),
        edge(
            "occupations",
            &Edge::Many {
                target: &alignment::OF_PROGRAM,
                column: "id",
                from: "program_occupation t",
                on: "t.program_id = p.id",
                order: alignment::ORDER,
                limit: 10,
            },
        ),
        edge("offerings", &Edge::Page { target: &OFFERING, column: "id", on: "t.program_id = p.id", private: false }),
    ],
    public: CATALOG,
    wall: Wall::Catalog { listed: "t.status <> 'RETIRED'" },
    list: Some(&List {
        sorts: &[
            Sort { name: "TITLE", by: by("t.title_key", Type::Text), descending: false },
            Sort { name: "RECENTLY_UPDATED", by: by("t.updated_at", Type::Instant), descending: true },
        ],
        search: Some("program"),
    }),
};

/// A course that is not open to the public is not shown as a step either, nor is what it teaches counted as the program's.
const COURSE_IS_LISTED: &str = "t.course_id IN (SELECT s.id FROM course s WHERE s.status = 'PUBLISHED')";

/// One step of a program.
pub static COMPONENT: Noun = Noun {
    name: "ProgramComponent",
    kind: None,
    table: "program_component",
    columns: &[
        column("tenant_id", Type::Uuid),
        column("course_id", Type::Uuid),
        column("is_required", Type::Boolean),
        column("sequence", Type::Integer),
        shown(COURSE_IS_LISTED),
    ],
    fields: &[
        plain(&["is_required"]),
        plain(&["sequence"]),
        edge("course", &Edge::One { column: "course_id", target: &COURSE, key: "id", named: true, always: true }),
    ],
    public: Public { listed: COURSE_IS_LISTED, named: COURSE_IS_LISTED },
    wall: Wall::Catalog { listed: "" },
    list: None,
};

/// Conditions on programs.
#[derive(Debug, Clone, Default)]
pub struct ProgramFilter {
    /// Institutions that run them.
    pub institutions: Option<Vec<Uuid>>,
    /// Kinds, as the schema names them.
    pub kinds: Option<Vec<&'static str>>,
    /// NAICS codes, each standing for all that begins with it.
    pub naics: Option<Vec<String>>,
    /// Competencies of which their courses teach one.
    pub competencies: Option<Vec<Uuid>>,
    /// With or without credit.
    pub is_for_credit: Option<bool>,
    /// Changed at or after this.
    pub updated_since: Option<DateTime<Utc>>,
}

impl ProgramFilter {
    pub(super) fn write(&self, sql: &mut Sql) {
        and_any(sql, "t.tenant_id", Type::Uuid, self.institutions.as_deref().map(uuids));
        and_any(sql, "t.kind", Type::Text, self.kinds.as_deref().map(texts));
        if let Some(codes) = &self.naics {
            sql.push(" AND t.id IN (SELECT l.program_id FROM program_industry l WHERE ");
            any_naics(sql, "l.naics_code", codes);
            sql.push(")");
        }
        if let Some(competencies) = &self.competencies {
            sql.push(
                " AND t.id IN (SELECT c.program_id FROM program_component c JOIN course s ON s.id = c.course_id AND s.status = 'PUBLISHED' JOIN course_competency l ON l.course_id = s.id WHERE ",
            );
            sql.any("l.competency_id", Type::Uuid, uuids(competencies)).push(")");
        }
        and(sql, "t.is_for_credit =", Type::Boolean, self.is_for_credit.map(Cell::Boolean));
        and(sql, "t.updated_at >=", Type::Instant, self.updated_since.map(Cell::Instant));
    }
}
