//! Results of learners in assessments, as they are read, and as acts record them.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::assessment::ASSESSMENT;
use super::competency::COMPETENCY;
use super::error::StoreError;
use super::filter::uuids;
use super::noun::{Column, Edge, Noun, OPEN, by, column, edge, made, plain};
use super::row::Cell;
use super::sql::{Connection, Sql, Type};
use super::staff_member::STAFF_MEMBER;
use super::wall::Wall;
use super::write::{Target, upsert};
use crate::domain::consent::ConsentScope;
use crate::domain::id::Kind;

/// What the learner of a row lets the business that reads it see.
pub(super) const CONSENT_SCOPES: Column = Column {
    name: "consent_scopes",
    of: Type::Text,
    made: Some(
        "(SELECT c.scopes FROM consent_grant c WHERE c.learner_id = t.learner_id AND c.business_id = {tenant} AND c.revoked_at IS NULL)",
    ),
};

/// Until when that holds.
pub(super) const CONSENT_EXPIRES_AT: Column = Column {
    name: "consent_expires_at",
    of: Type::Instant,
    made: Some(
        "(SELECT c.expires_at FROM consent_grant c WHERE c.learner_id = t.learner_id AND c.business_id = {tenant} AND c.revoked_at IS NULL)",
    ),
};

/// A result.
pub static ASSESSMENT_RESULT: Noun = Noun {
    name: "AssessmentResult",
    kind: Some(Kind::AssessmentResult),
    table: "assessment_result",
    columns: &[
        column("id", Type::Uuid),
        column("tenant_id", Type::Uuid),
        column("learner_id", Type::Uuid),
        column("offering_id", Type::Uuid),
        column("assessment_id", Type::Uuid),
        column("attempt", Type::Integer),
        column("score", Type::Real),
        column("is_passed", Type::Boolean),
        column("feedback", Type::Text),
        column("recorded_at", Type::Instant),
        column("recorded_by_id", Type::Uuid),
        CONSENT_SCOPES,
        CONSENT_EXPIRES_AT,
    ],
    fields: &[
        plain(&["id"]),
        plain(&["attempt"]),
        plain(&["score"]),
        plain(&["is_passed"]),
        plain(&["feedback"]),
        plain(&["recorded_at"]),
        edge("assessment", &Edge::One { column: "assessment_id", target: &ASSESSMENT, key: "id", named: true, always: true }),
        edge("recorded_by", &Edge::One { column: "recorded_by_id", target: &STAFF_MEMBER, key: "id", named: true, always: false }),
        edge(
            "competency_ratings",
            &Edge::Many {
                target: &COMPETENCY_RATING,
                column: "id",
                from: "competency_rating t",
                on: "t.result_id = p.id",
                order: &[by("t.position", Type::Integer)],
                limit: 20,
            },
        ),
    ],
    public: OPEN,
    wall: Wall::Record(ConsentScope::Results),
    list: None,
};

/// How well a learner showed one competency.
pub static COMPETENCY_RATING: Noun = Noun {
    name: "CompetencyRating",
    kind: None,
    table: "competency_rating",
    columns: &[
        column("tenant_id", Type::Uuid),
        column("learner_id", Type::Uuid),
        column("offering_id", Type::Uuid),
        column("competency_id", Type::Uuid),
        column("level", Type::Text),
        CONSENT_SCOPES,
        CONSENT_EXPIRES_AT,
    ],
    fields: &[
        made("level", &["level"]),
        edge("competency", &Edge::One { column: "competency_id", target: &COMPETENCY, key: "id", named: true, always: true }),
    ],
    public: OPEN,
    wall: Wall::Record(ConsentScope::Results),
    list: None,
};

/// Most results of an enrollment, as the schema says.
pub const MOST: i64 = 100;

/// What an offering teaches: a course, or a program.
pub type Subject = (Option<Uuid>, Option<Uuid>);

/// An assessment as an act goes by it.
#[derive(Debug, Clone)]
pub struct Terms {
    /// The course or program that it belongs to.
    pub of: Subject,
    /// Highest score.
    pub max: f64,
    /// Lowest score that passes.
    pub pass: f64,
    /// What it measures, or what is taught in what it belongs to.
    pub competencies: HashSet<Uuid>,
}

/// What offerings teach.
pub async fn subjects(connection: &mut Connection<'_>, offerings: &[Uuid]) -> Result<HashMap<Uuid, Subject>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT o.id, o.course_id, o.program_id FROM offering o WHERE ").any("o.id", Type::Uuid, uuids(offerings));
    let rows = connection.fetch(sql, &[Type::Uuid; 3]).await?;
    Ok(rows.iter().filter_map(|cells| Some((cells[0].uuid()?, (cells[1].uuid(), cells[2].uuid())))).collect())
}

/// Assessments of an institution by their keys, with the competencies that can be rated in them.
pub async fn terms(connection: &mut Connection<'_>, institution: Uuid, ids: &[Uuid]) -> Result<HashMap<Uuid, Terms>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT a.id, a.course_id, a.program_id, a.max_score, a.pass_score FROM assessment a WHERE a.tenant_id = ");
    sql.bind(Type::Uuid, Cell::Uuid(institution)).push(" AND ").any("a.id", Type::Uuid, uuids(ids));
    let types = [Type::Uuid, Type::Uuid, Type::Uuid, Type::Real, Type::Real];
    let mut terms = HashMap::new();
    for cells in connection.fetch(sql, &types).await? {
        if let (Some(id), Cell::Real(max), Cell::Real(pass)) = (cells[0].uuid(), &cells[3], &cells[4]) {
            terms.insert(id, Terms { of: (cells[1].uuid(), cells[2].uuid()), max: *max, pass: *pass, competencies: HashSet::new() });
        }
    }
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT l.assessment_id, l.competency_id FROM assessment_competency l WHERE ").any("l.assessment_id", Type::Uuid, uuids(ids));
    sql.push(" UNION SELECT a.id, l.competency_id FROM assessment a JOIN course_competency l ON l.course_id = a.course_id WHERE ");
    sql.any("a.id", Type::Uuid, uuids(ids));
    sql.push(" UNION SELECT a.id, l.competency_id FROM assessment a JOIN program_component p ON p.program_id = a.program_id JOIN course_competency l ON l.course_id = p.course_id WHERE ");
    sql.any("a.id", Type::Uuid, uuids(ids));
    for cells in connection.fetch(sql, &[Type::Uuid, Type::Uuid]).await? {
        if let (Some(terms), Some(competency)) = (cells[0].uuid().and_then(|id| terms.get_mut(&id)), cells[1].uuid()) {
            terms.competencies.insert(competency);
        }
    }
    Ok(terms)
}

/// How many results enrollments have, by assessment.
pub async fn counts(connection: &mut Connection<'_>, enrollments: &[Uuid]) -> Result<HashMap<(Uuid, Uuid), i64>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT r.enrollment_id, r.assessment_id, count(*) FROM assessment_result r WHERE ");
    sql.any("r.enrollment_id", Type::Uuid, uuids(enrollments)).push(" GROUP BY r.enrollment_id, r.assessment_id");
    let rows = connection.fetch(sql, &[Type::Uuid, Type::Uuid, Type::Long]).await?;
    Ok(rows.iter().filter_map(|cells| Some(((cells[0].uuid()?, cells[1].uuid()?), cells[2].integer()?))).collect())
}

/// Which of these offerings somebody teaches.
pub async fn taught_by(connection: &mut Connection<'_>, teacher: Uuid, offerings: &[Uuid]) -> Result<HashSet<Uuid>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT i.offering_id FROM offering_instructor i WHERE i.staff_member_id = ").bind(Type::Uuid, Cell::Uuid(teacher));
    sql.push(" AND ").any("i.offering_id", Type::Uuid, uuids(offerings));
    Ok(connection.fetch(sql, &[Type::Uuid]).await?.iter().filter_map(|cells| cells[0].uuid()).collect())
}

/// A result that is to be written.
#[derive(Debug, Clone)]
pub struct New {
    /// Institution.
    pub institution: Uuid,
    /// Key.
    pub id: Uuid,
    /// Enrollment.
    pub enrollment: Uuid,
    /// Its offering.
    pub offering: Uuid,
    /// Its learner.
    pub learner: Uuid,
    /// Assessment.
    pub assessment: Uuid,
    /// Number of the attempt.
    pub attempt: i64,
    /// Score.
    pub score: f64,
    /// What the assessment asks for: highest score, and lowest that passes.
    pub bounds: (f64, f64),
    /// Competencies with the level shown.
    pub ratings: Vec<(Uuid, &'static str)>,
    /// Comment for the learner.
    pub feedback: Option<String>,
    /// When it was recorded.
    pub at: DateTime<Utc>,
    /// By whom, where the institution knows them.
    pub by: Option<Uuid>,
}

const RESULT: Target = Target {
    table: "assessment_result",
    key: 0,
    columns: &[
        ("tenant_id", Type::Uuid),
        ("id", Type::Uuid),
        ("enrollment_id", Type::Uuid),
        ("offering_id", Type::Uuid),
        ("learner_id", Type::Uuid),
        ("assessment_id", Type::Uuid),
        ("attempt", Type::Integer),
        ("score", Type::Real),
        ("max_score", Type::Real),
        ("pass_score", Type::Real),
        ("is_passed", Type::Boolean),
        ("feedback", Type::Text),
        ("recorded_at", Type::Instant),
        ("recorded_by_id", Type::Uuid),
    ],
};

const RATING: Target = Target {
    table: "competency_rating",
    key: 0,
    columns: &[
        ("tenant_id", Type::Uuid),
        ("result_id", Type::Uuid),
        ("position", Type::Integer),
        ("offering_id", Type::Uuid),
        ("learner_id", Type::Uuid),
        ("competency_id", Type::Uuid),
        ("level", Type::Text),
    ],
};

/// Adds results with their ratings.
pub async fn add(connection: &mut Connection<'_>, results: &[New]) -> Result<(), StoreError> {
    let text = |text: &str| Cell::Text(text.into());
    let rating = |new: &New, position: usize, competency: Uuid, level: &str| {
        vec![
            Cell::Uuid(new.institution),
            Cell::Uuid(new.id),
            Cell::Integer(position as i64),
            Cell::Uuid(new.offering),
            Cell::Uuid(new.learner),
            Cell::Uuid(competency),
            text(level),
        ]
    };
    let row = |new: &New| {
        let (max, pass) = new.bounds;
        vec![
            Cell::Uuid(new.institution),
            Cell::Uuid(new.id),
            Cell::Uuid(new.enrollment),
            Cell::Uuid(new.offering),
            Cell::Uuid(new.learner),
            Cell::Uuid(new.assessment),
            Cell::Integer(new.attempt),
            Cell::Real(new.score),
            Cell::Real(max),
            Cell::Real(pass),
            Cell::Boolean(new.score >= pass),
            new.feedback.as_deref().map_or(Cell::Null, text),
            Cell::Instant(new.at),
            new.by.map_or(Cell::Null, Cell::Uuid),
        ]
    };
    let each = |new: &New| -> Vec<Vec<Cell>> {
        let numbered = new.ratings.iter().enumerate();
        numbered.map(|(position, (competency, level))| rating(new, position, *competency, level)).collect()
    };
    upsert(connection, RESULT, results.iter().map(row).collect()).await?;
    upsert(connection, RATING, results.iter().flat_map(each).collect()).await
}
