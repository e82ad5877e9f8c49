//! Technical and soft skills.

use super::alignment;
use super::course::COURSE;
use super::credential::CREDENTIAL;
use super::filter::{and_any, texts};
use super::noun::{Edge, List, Noun, OPEN, Sort, by, column, edge, plain};
use super::sql::{Sql, Type};
use super::wall::Wall;
use crate::domain::id::Kind;

/// A competency.
pub static COMPETENCY: Noun = Noun {
    name: "Competency",
    kind: Some(Kind::Competency),
    table: "competency",
    columns: &[
        column("id", Type::Uuid),
        column("name", Type::Text),
        column("description", Type::Text),
        column("kind", Type::Text),
        column("updated_at", Type::Instant),
    ],
    fields: &[
        plain(&["id"]),
        plain(&["name"]),
        plain(&["description"]),
        plain(&["kind"]),
        edge(
            "alignments",
            &Edge::Many {
                target: &alignment::OF_COMPETENCY,
                column: "id",
                from: "competency_alignment t",
                on: "t.competency_id = p.id",
                order: alignment::ORDER,
                limit: 20,
            },
        ),
        edge(
            "courses",
            &Edge::Page {
                target: &COURSE,
                column: "id",
                on: "t.id IN (SELECT l.course_id FROM course_competency l WHERE l.competency_id = p.id)",
                private: false,
            },
        ),
        edge(
            "credentials",
            &Edge::Page {
                target: &CREDENTIAL,
                column: "id",
                on: "t.id IN (SELECT l.credential_id FROM credential_competency l WHERE l.competency_id = p.id)",
                private: false,
            },
        ),
    ],
    public: OPEN,
    wall: Wall::Open,
    list: Some(&List { sorts: &[Sort { name: "NAME", by: by("t.name_key", Type::Text), descending: false }], search: Some("competency") }),
};

/// Conditions on competencies.
#[derive(Debug, Clone, Default)]
pub struct CompetencyFilter {
    /// Kinds, as the schema names them.
    pub kinds: Option<Vec<&'static str>>,
    /// Framework and code of an entry that it is aligned to.
    pub alignment: Option<(&'static str, String)>,
}

impl CompetencyFilter {
    pub(super) fn write(&self, sql: &mut Sql) {
        and_any(sql, "t.kind", Type::Text, self.kinds.as_deref().map(texts));
        if let Some((framework, code)) = &self.alignment {
            sql.push(" AND t.id IN (SELECT a.competency_id FROM competency_alignment a WHERE a.framework = ").text(framework);
            sql.push(" AND a.code = ").text(code).push(")");
        }
    }
}
