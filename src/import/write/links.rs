//! What hangs on rows: lists of competencies, alignments, components, instructors, options, prerequisites.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::resolve::{subject, table};
use super::values::Values;
use crate::import::record::{AlignmentField, ChoiceField, ComponentField, Subject};
use crate::import::{Kind, Problem, Record};
use crate::store::link::{
    ASSESSMENT_COMPETENCY, COMPETENCY_ALIGNMENT, COURSE_COMPETENCY, COURSE_PREREQUISITE, CREDENTIAL_ALIGNMENT, CREDENTIAL_COMPETENCY,
    INSTITUTION_ALIGNMENT, OFFERING_INSTRUCTOR, PROGRAM_COMPONENT, PROGRAM_INDUSTRY, PROGRAM_OCCUPATION, REQUIREMENT_OPTION, Table,
    complete,
};
use crate::store::sql::Connection;
use crate::store::write::replace;
use crate::store::{Cell, StoreError, import};

/// The rows of one list. Each begins behind tenant, owner and position.
#[derive(Debug)]
pub(super) struct Link {
    /// Where they are written.
    pub table: &'static Table,
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
}

/// The lists of a record.
pub(super) fn of(of: &Values<'_>) -> Vec<Link> {
    let record = of.record;
    let alignments = |table: &'static Table, column: &str| Link { table, rows: record.alignments(column).iter().map(alignment).collect() };
    let named =
        |column: &str, kind: Kind, key: &str| of.take(of.references.find(record, column, kind, key)).map(|known| Cell::Uuid(known.id));
    let competencies = |table: &'static Table| {
        let keys = record.list("competencies").iter();
        Link { table, rows: keys.filter_map(|key| Some(vec![named("competencies", Kind::Competencies, key)?])).collect() }
    };
    match record.kind {
        Kind::Competencies => vec![alignments(&COMPETENCY_ALIGNMENT, "alignments")],
        Kind::Institutions => vec![alignments(&INSTITUTION_ALIGNMENT, "alignments")],
        Kind::Credentials => vec![competencies(&CREDENTIAL_COMPETENCY), alignments(&CREDENTIAL_ALIGNMENT, "alignments")],
        Kind::Courses => vec![competencies(&COURSE_COMPETENCY)],
        Kind::Assessments => vec![competencies(&ASSESSMENT_COMPETENCY)],
        Kind::Programs => {
            let component = |part: &ComponentField| {
                let course = Cell::Uuid(of.owned("components", Kind::Courses, &part.course)?);
                Some(vec![course, Cell::Boolean(part.is_required), Cell::Integer(part.sequence)])
            };
            let industry = |code: &String| Some(vec![Cell::Text(of.take(of.references.industry(record, "industries", code))?.into())]);
            vec![
                Link { table: &PROGRAM_COMPONENT, rows: record.components("components").iter().filter_map(component).collect() },
                Link { table: &PROGRAM_INDUSTRY, rows: record.list("industries").iter().filter_map(industry).collect() },
                alignments(&PROGRAM_OCCUPATION, "occupations"),
            ]
        }
        Kind::Requirements => {
            let option = |choice: &ChoiceField| {
                let mut cells = vec![Cell::Null, Cell::Null, Cell::Null];
                cells[match choice.subject {
                    Subject::Course => 0,
                    Subject::Program => 1,
                    Subject::Credential => 2,
                }] = named("options", subject(choice.subject), &choice.key)?;
                Some(cells)
            };
            vec![Link { table: &REQUIREMENT_OPTION, rows: record.options("options").iter().filter_map(option).collect() }]
        }
        Kind::Offerings => {
            let instructor = |key: &String| Some(vec![Cell::Uuid(of.owned("instructors", Kind::Staff, key)?)]);
            vec![Link { table: &OFFERING_INSTRUCTOR, rows: record.list("instructors").iter().filter_map(instructor).collect() }]
        }
        _ => Vec::new(),
    }
}

fn alignment(field: &AlignmentField) -> Vec<Cell> {
    let maybe = |text: &Option<String>| text.as_deref().map_or(Cell::Null, |text| Cell::Text(text.into()));
    vec![Cell::Text(field.framework.as_str().into()), Cell::Text(field.code.as_str().into()), maybe(&field.name), maybe(&field.url)]
}

/// Puts the prerequisites of courses in place where they differ from what is there; the problems of those that name nothing, and whether anything was changed.
pub(super) async fn prerequisites(
    connection: &mut Connection<'_>,
    system: &str,
    records: &[Record],
    is_strict: bool,
    now: DateTime<Utc>,
) -> Result<(Vec<Problem>, bool), StoreError> {
    let mut keys: Vec<String> = records.iter().map(|record| record.key().to_owned()).collect();
    keys.extend(records.iter().flat_map(|record| record.list("prerequisites").iter().cloned()));
    keys.sort_unstable();
    keys.dedup();
    let known = import::known(connection, system, table(Kind::Courses), &keys).await?;
    let courses: Vec<_> = records.iter().filter_map(|record| Some((record, known.get(record.key())?))).collect();
    let ids: Vec<Uuid> = courses.iter().map(|(_, course)| course.id).collect();
    let there = import::prerequisites(connection, &ids).await?;
    let mut problems = Vec::new();
    let mut changed = Vec::new();
    let mut rows = Vec::new();
    for (record, course) in courses {
        let mut wanted = Vec::new();
        for key in record.list("prerequisites") {
            match known.get(key) {
                Some(other) if other.tenant == course.tenant && other.id != course.id => wanted.push(other.id),
                Some(_) => problems.push(dangling(record, is_strict, "it is the course itself or belongs to another institution", key)),
                None => problems.push(dangling(record, is_strict, "no row of courses has this key", key)),
            }
        }
        if there.get(&course.id).map_or(&[][..], Vec::as_slice) != wanted {
            changed.push(course.id);
            rows.extend(
                wanted
                    .into_iter()
                    .enumerate()
                    .map(|(position, id)| complete(&COURSE_PREREQUISITE, course.tenant, course.id, position, vec![Cell::Uuid(id)])),
            );
        }
    }
    if !changed.is_empty() {
        replace(connection, COURSE_PREREQUISITE.target, COURSE_PREREQUISITE.owner, &changed, rows).await?;
        import::touch_courses(connection, &changed, now).await?;
    }
    Ok((problems, !changed.is_empty()))
}

/// The course itself is written already: what its prerequisites lack is told, and left out, unless all is to be kept or nothing.
fn dangling(record: &Record, is_strict: bool, reason: &str, key: &str) -> Problem {
    let column = Some("prerequisites".to_owned());
    if is_strict {
        return Problem::rejected(&record.file, record.line, column, reason, Some(key));
    }
    Problem::warning(&record.file, record.line, column, format!("{reason}; the course is kept without it"), Some(key))
}
