//! Assessments of courses and programs.

use super::competency::COMPETENCY;
use super::noun::{Edge, Noun, Public, by, column, edge, plain, shown};
use super::sql::Type;
use super::wall::Wall;
use crate::domain::id::Kind;

/// The public sees an assessment with what it belongs to.
const WITH_SUBJECT: &str = "(t.course_id IN (SELECT s.id FROM course s WHERE s.status <> 'DRAFT') OR t.program_id IN (SELECT s.id FROM program s WHERE s.status <> 'DRAFT'))";

/// An assessment.
pub static ASSESSMENT: Noun = Noun {
    name: "Assessment",
    kind: Some(Kind::Assessment),
    table: "assessment",
    columns: &[
        column("id", Type::Uuid),
        column("tenant_id", Type::Uuid),
        column("program_id", Type::Uuid),
        column("title", Type::Text),
        column("kind", Type::Text),
        column("max_score", Type::Real),
        column("pass_score", Type::Real),
        shown(WITH_SUBJECT),
    ],
    fields: &[
        plain(&["id"]),
        plain(&["title"]),
        plain(&["kind"]),
        plain(&["max_score"]),
        plain(&["pass_score"]),
        edge(
            "competencies",
            &Edge::Many {
                target: &COMPETENCY,
                column: "id",
                from: "assessment_competency l JOIN competency t ON t.id = l.competency_id",
                on: "l.assessment_id = p.id",
                order: &[by("l.position", Type::Integer)],
                limit: 20,
            },
        ),
    ],
    // In lists it hangs on what is seen already.
    public: Public { listed: "", named: WITH_SUBJECT },
    wall: Wall::Catalog { listed: "" },
    list: None,
};
