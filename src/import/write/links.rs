//! What hangs on rows: lists of competencies, alignments, components, instructors, options, prerequisites.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::resolve::{References, subject, table};
use crate::import::record::{AlignmentField, Subject};
use crate::import::{Kind, Problem, Record};
use crate::store::sql::{Connection, Type};
use crate::store::write::{Target, replace};
use crate::store::{Cell, StoreError, import};

/// The rows of one list. Each begins behind tenant, owner and position.
#[derive(Debug)]
pub(super) struct Link {
    /// Where they are written.
    pub table: &'static Table,
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
}

/// A table of rows that hang on others.
#[derive(Debug)]
pub(super) struct Table {
    /// What is written: tenant unless there is none, owner unless it is the tenant, position, then the columns.
    pub target: Target,
    /// Column of the owner.
    pub owner: &'static str,
    /// Whether the rows have a tenant.
    pub has_tenant: bool,
}

const UUID: Type = Type::Uuid;
const TEXT: Type = Type::Text;
const INTEGER: Type = Type::Integer;

/// Declares the table of a list that hangs on rows of tenants.
macro_rules! owned {
    ($name:ident, $table:literal, $owner:literal, $($column:literal: $of:expr),+) => {
        static $name: Table = Table {
            target: Target { table: $table, key: 0, columns: &[("tenant_id", UUID), ($owner, UUID), ("position", INTEGER), $(($column, $of)),+] },
            owner: $owner,
            has_tenant: true,
        };
    };
}

owned!(CREDENTIAL_COMPETENCY, "credential_competency", "credential_id", "competency_id": UUID);
owned!(CREDENTIAL_ALIGNMENT, "credential_alignment", "credential_id", "framework": TEXT, "code": TEXT, "name": TEXT, "url": TEXT);
owned!(COURSE_COMPETENCY, "course_competency", "course_id", "competency_id": UUID);
owned!(COURSE_PREREQUISITE, "course_prerequisite", "course_id", "prerequisite_id": UUID);
owned!(PROGRAM_COMPONENT, "program_component", "program_id", "course_id": UUID, "is_required": Type::Boolean, "sequence": INTEGER);
owned!(PROGRAM_INDUSTRY, "program_industry", "program_id", "naics_code": TEXT);
owned!(PROGRAM_OCCUPATION, "program_occupation", "program_id", "framework": TEXT, "code": TEXT, "name": TEXT, "url": TEXT);
owned!(ASSESSMENT_COMPETENCY, "assessment_competency", "assessment_id", "competency_id": UUID);
owned!(REQUIREMENT_OPTION, "requirement_option", "requirement_id", "course_id": UUID, "program_id": UUID, "credential_id": UUID);
owned!(OFFERING_INSTRUCTOR, "offering_instructor", "offering_id", "staff_member_id": UUID);

const ALIGNED: &[(&str, Type)] =
    &[("competency_id", UUID), ("position", INTEGER), ("framework", TEXT), ("code", TEXT), ("name", TEXT), ("url", TEXT)];
static COMPETENCY_ALIGNMENT: Table =
    Table { target: Target { table: "competency_alignment", key: 0, columns: ALIGNED }, owner: "competency_id", has_tenant: false };

const IDENTIFIED: &[(&str, Type)] =
    &[("tenant_id", UUID), ("position", INTEGER), ("framework", TEXT), ("code", TEXT), ("name", TEXT), ("url", TEXT)];
static INSTITUTION_ALIGNMENT: Table =
    Table { target: Target { table: "institution_alignment", key: 0, columns: IDENTIFIED }, owner: "tenant_id", has_tenant: false };

/// The lists of a record.
pub(super) fn of(record: &Record, references: &References, tenant: Uuid) -> Result<Vec<Link>, Problem> {
    let alignments = |table: &'static Table, column: &str| Link { table, rows: record.alignments(column).iter().map(alignment).collect() };
    let own = |column: &str, kind: Kind, key: &str| match references.find(record, column, kind, key)? {
        known if known.tenant == tenant => Ok(Cell::Uuid(known.id)),
        _ => Err(record.problem(column, "it belongs to another institution", Some(key))),
    };
    let competencies = |table: &'static Table| {
        let keys = record.list("competencies").iter();
        let row = |key: &String| Ok(vec![Cell::Uuid(references.find(record, "competencies", Kind::Competencies, key)?.id)]);
        Ok::<_, Problem>(Link { table, rows: keys.map(row).collect::<Result<_, Problem>>()? })
    };
    Ok(match record.kind {
        Kind::Competencies => vec![alignments(&COMPETENCY_ALIGNMENT, "alignments")],
        Kind::Institutions => vec![alignments(&INSTITUTION_ALIGNMENT, "alignments")],
        Kind::Credentials => vec![competencies(&CREDENTIAL_COMPETENCY)?, alignments(&CREDENTIAL_ALIGNMENT, "alignments")],
        Kind::Courses => vec![competencies(&COURSE_COMPETENCY)?],
        Kind::Assessments => vec![competencies(&ASSESSMENT_COMPETENCY)?],
        Kind::Programs => {
            let component = |part: &crate::import::record::ComponentField| {
                Ok(vec![own("components", Kind::Courses, &part.course)?, Cell::Boolean(part.is_required), Cell::Integer(part.sequence)])
            };
            let industry = |code: &String| Ok(vec![Cell::Text(references.industry(record, "industries", code)?.into())]);
            vec![
                Link {
                    table: &PROGRAM_COMPONENT,
                    rows: record.components("components").iter().map(component).collect::<Result<_, Problem>>()?,
                },
                Link { table: &PROGRAM_INDUSTRY, rows: record.list("industries").iter().map(industry).collect::<Result<_, Problem>>()? },
                alignments(&PROGRAM_OCCUPATION, "occupations"),
            ]
        }
        Kind::Requirements => {
            let option = |choice: &crate::import::record::ChoiceField| {
                let id = Cell::Uuid(references.find(record, "options", subject(choice.subject), &choice.key)?.id);
                let mut cells = vec![Cell::Null, Cell::Null, Cell::Null];
                cells[match choice.subject {
                    Subject::Course => 0,
                    Subject::Program => 1,
                    Subject::Credential => 2,
                }] = id;
                Ok(cells)
            };
            vec![Link { table: &REQUIREMENT_OPTION, rows: record.options("options").iter().map(option).collect::<Result<_, Problem>>()? }]
        }
        Kind::Offerings => {
            let instructor = |key: &String| Ok(vec![own("instructors", Kind::Staff, key)?]);
            vec![Link {
                table: &OFFERING_INSTRUCTOR,
                rows: record.list("instructors").iter().map(instructor).collect::<Result<_, Problem>>()?,
            }]
        }
        _ => Vec::new(),
    })
}

fn alignment(field: &AlignmentField) -> Vec<Cell> {
    let maybe = |text: &Option<String>| text.as_deref().map_or(Cell::Null, |text| Cell::Text(text.into()));
    vec![Cell::Text(field.framework.as_str().into()), Cell::Text(field.code.as_str().into()), maybe(&field.name), maybe(&field.url)]
}

/// A row of a list, complete.
pub(super) fn complete(table: &Table, tenant: Uuid, owner: Uuid, position: usize, cells: Vec<Cell>) -> Vec<Cell> {
    let tenant = table.has_tenant.then_some(Cell::Uuid(tenant));
    tenant.into_iter().chain([Cell::Uuid(owner), Cell::Integer(position as i64)]).chain(cells).collect()
}

/// Puts the prerequisites of courses in place where they differ from what is there; the problems of those that name nothing.
pub(super) async fn prerequisites(
    connection: &mut Connection<'_>,
    system: &str,
    records: &[Record],
    now: DateTime<Utc>,
) -> Result<Vec<Problem>, StoreError> {
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
                Some(_) => problems.push(warning(record, "it is the course itself or belongs to another institution", key)),
                None => problems.push(warning(record, "no row of courses has this key", key)),
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
    Ok(problems)
}

/// The course itself is written already: what its prerequisites lack is told, and left out.
fn warning(record: &Record, reason: &str, key: &str) -> Problem {
    Problem::warning(
        &record.file,
        record.line,
        Some("prerequisites".to_owned()),
        format!("{reason}; the course is kept without it"),
        Some(key),
    )
}
