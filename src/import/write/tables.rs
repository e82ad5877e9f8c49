//! The tables that rows are written to.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Written;
use super::build::{NO_REGION, Row};
use super::resolve::table;
use crate::import::{Kind, Outcome, Record};
use crate::service::enrollment::End;
use crate::store::change::{self, Hold};
use crate::store::link::PROGRAM_COMPONENT;
use crate::store::search::Noun;
use crate::store::sql::{Connection, Type};
use crate::store::write::{Target, replace, upsert};
use crate::store::{Cell, StoreError, derived, import, link};

const UUID: Type = Type::Uuid;
const TEXT: Type = Type::Text;
const INTEGER: Type = Type::Integer;
const REAL: Type = Type::Real;
const DATE: Type = Type::Date;
const INSTANT: Type = Type::Instant;
const BOOLEAN: Type = Type::Boolean;
const LONG: Type = Type::Long;

/// Declares a table whose rows are keyed by themselves.
macro_rules! whole {
    ($table:literal, $($column:literal: $of:expr),+) => {
        Target { table: $table, key: 1, columns: &[("id", UUID), ("updated_at", INSTANT), $(($column, $of)),+] }
    };
}

/// Columns of such a table that do not come from the row's cells: tenant, key, and time of change.
const BEFORE: usize = 3;

/// Declares a table whose rows belong to tenants.
macro_rules! owned {
    ($table:literal, $($column:literal: $of:expr),+) => {
        Target { table: $table, key: 2, columns: &[("tenant_id", UUID), ("id", UUID), ("updated_at", INSTANT), $(($column, $of)),+] }
    };
}

/// The table of a kind, with its columns in the order in which [`super::build`] gives them.
const fn target(kind: Kind) -> Target {
    match kind {
        Kind::Regions => Target { table: "region", key: 1, columns: &[("code", TEXT), ("name", TEXT)] },
        Kind::Industries => Target { table: "industry", key: 1, columns: &[("naics_code", TEXT), ("title", TEXT), ("is_sector", BOOLEAN)] },
        Kind::Competencies => whole!("competency", "name": TEXT, "name_key": TEXT, "description": TEXT, "kind": TEXT),
        Kind::Institutions => {
            whole!("institution", "slug": TEXT, "name": TEXT, "name_key": TEXT, "kind": TEXT, "region_code": TEXT, "website_url": TEXT, "logo_url": TEXT)
        }
        Kind::Businesses => {
            whole!("business", "name": TEXT, "name_key": TEXT, "status": TEXT, "naics_code": TEXT, "region_code": TEXT, "website_url": TEXT, "partner_since": DATE)
        }
        Kind::Campuses => {
            owned!("campus", "name": TEXT, "name_key": TEXT, "line1": TEXT, "line2": TEXT, "city": TEXT, "county": TEXT, "state": TEXT, "postal_code": TEXT, "region_code": TEXT)
        }
        Kind::Terms => owned!("term", "code": TEXT, "name": TEXT, "starts_on": DATE, "ends_on": DATE),
        Kind::Staff => owned!("staff_member", "name": TEXT, "name_key": TEXT, "title": TEXT, "email": TEXT),
        Kind::Credentials => {
            owned!("credential", "kind": TEXT, "status": TEXT, "name": TEXT, "name_key": TEXT, "description": TEXT, "criteria": TEXT, "image_url": TEXT, "valid_months": INTEGER)
        }
        Kind::Courses => {
            owned!("course", "code": TEXT, "title": TEXT, "title_key": TEXT, "summary": TEXT, "description": TEXT, "status": TEXT, "is_for_credit": BOOLEAN, "credits": REAL,
                "contact_hours": REAL, "soft_skill_hours": REAL, "price_cents": LONG, "languages": TEXT, "credential_id": UUID)
        }
        Kind::Programs => {
            owned!("program", "kind": TEXT, "status": TEXT, "title": TEXT, "title_key": TEXT, "summary": TEXT, "description": TEXT, "is_for_credit": BOOLEAN, "duration_weeks": INTEGER,
                "contact_hours": REAL, "soft_skill_hours": REAL, "price_cents": LONG, "credential_id": UUID)
        }
        Kind::Assessments => {
            owned!("assessment", "course_id": UUID, "program_id": UUID, "title": TEXT, "kind": TEXT, "max_score": REAL, "pass_score": REAL)
        }
        Kind::Requirements => owned!("credential_requirement", "credential_id": UUID, "title": TEXT, "choose": INTEGER),
        Kind::Articulations => {
            owned!("credit_articulation", "credential_id": UUID, "institution_id": UUID, "program_id": UUID, "course_equivalent": TEXT, "credits": REAL, "valid_from": DATE, "valid_through": DATE)
        }
        Kind::Offerings => {
            owned!("offering", "course_id": UUID, "program_id": UUID, "code": TEXT, "term_id": UUID, "campus_id": UUID, "modality": TEXT, "status": TEXT, "starts_on": DATE, "ends_on": DATE,
                "schedule": TEXT, "registration_opens_at": INSTANT, "registration_closes_at": INSTANT, "price_cents": LONG, "capacity": INTEGER, "seats_taken": INTEGER, "waitlisted": INTEGER,
                "waitlist_capacity": INTEGER, "reserved_for_business_id": UUID, "is_public": BOOLEAN, "is_retired": BOOLEAN)
        }
    }
}

/// What answers are made of that changes with rows of a kind, beside the names that other systems have for them.
pub(super) const fn moved(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Regions => &["region"],
        Kind::Industries => &["industry"],
        Kind::Competencies => &["competency", "external_key"],
        // The region of what says none may be made with them.
        Kind::Institutions => &["institution", "region", "external_key"],
        Kind::Businesses => &["business", "region", "external_key"],
        Kind::Campuses => &["campus", "external_key"],
        Kind::Terms => &["term", "external_key"],
        Kind::Staff => &["staff_member", "external_key"],
        Kind::Credentials | Kind::Requirements | Kind::Articulations => &["credential", "external_key"],
        // Offerings are as public as what they teach, and programs have the hours of their courses.
        Kind::Courses => &["course", "offering", "program", "external_key"],
        Kind::Programs => &["program", "offering", "external_key"],
        Kind::Assessments => &["assessment", "external_key"],
        Kind::Offerings => &["offering", "external_key"],
    }
}

/// Offerings of these that were known and have ended, each with its institution and how.
pub(super) fn ended(kind: Kind, rows: &[Row]) -> Vec<(Uuid, Uuid, End)> {
    if kind != Kind::Offerings {
        return Vec::new();
    }
    let status = target(kind).columns.iter().skip(BEFORE).position(|(name, _)| *name == "status");
    let end = |row: &Row| status.and_then(|place| row.cells.get(place)).and_then(Cell::text).and_then(End::of);
    rows.iter().filter(|row| row.was_known()).filter_map(|row| Some((row.tenant, row.id, end(row)?))).collect()
}

/// Makes the region of what says none.
pub(super) async fn ensure_no_region(connection: &mut Connection<'_>) -> Result<(), StoreError> {
    let there = import::codes(connection, "region", "code", "name", &[NO_REGION.to_owned()]).await?;
    if there.is_empty() {
        let row = vec![Cell::Text(NO_REGION.into()), Cell::Text("Not assigned to a region".into())];
        upsert(connection, target(Kind::Regions), vec![row]).await?;
    }
    Ok(())
}

const KEYS: Target = Target {
    table: "external_key",
    key: 4,
    columns: &[("tenant_id", UUID), ("system", TEXT), ("kind", TEXT), ("value", TEXT), ("object_id", UUID), ("digest", TEXT)],
};

/// Writes rows with what hangs on them, and everything that follows from them.
pub(super) async fn write_rows(
    connection: &mut Connection<'_>,
    kind: Kind,
    system: &str,
    mut rows: Vec<Row>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    // Others who hold some of the same rows hold them in this order too.
    rows.sort_unstable_by_key(|row| row.id);
    let target = target(kind);
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let subjects = hold_subjects(connection, kind, &rows, &ids).await?;
    let mut keys = Vec::with_capacity(rows.len());
    let mut cells = Vec::with_capacity(rows.len());
    let mut lists: BTreeMap<&'static str, (&'static link::Table, Vec<Vec<Cell>>)> = BTreeMap::new();
    for row in rows {
        let id = Cell::Uuid(row.id);
        let tenant = (target.key == 2).then_some(Cell::Uuid(row.tenant));
        cells.push(tenant.into_iter().chain([id.clone(), Cell::Instant(now)]).chain(row.cells).collect());
        let text = |text: &str| Cell::Text(text.into());
        keys.push(vec![Cell::Uuid(row.tenant), text(system), text(table(kind)), text(&row.key), id, text(&row.digest)]);
        for link in row.links {
            let (_, list) = lists.entry(link.table.target.table).or_insert_with(|| (link.table, Vec::new()));
            list.extend(
                link.rows.into_iter().enumerate().map(|(position, cells)| link::complete(link.table, row.tenant, row.id, position, cells)),
            );
        }
    }
    upsert(connection, target, cells).await?;
    for (table, rows) in lists.into_values() {
        replace(connection, table.target, table.owner, &ids, rows).await?;
    }
    upsert(connection, KEYS, keys).await?;
    follow(connection, kind, &ids, subjects, now).await
}

/// Keeps others from the courses and programs that rows go by: those that offerings teach or taught until now, those that programs consist of.
async fn hold_subjects(connection: &mut Connection<'_>, kind: Kind, rows: &[Row], ids: &[Uuid]) -> Result<[Vec<Uuid>; 2], StoreError> {
    let named = |place: usize| rows.iter().filter_map(move |row| row.cells.get(place)?.uuid());
    let (courses, programs, hold) = match kind {
        Kind::Offerings => {
            let before = import::courses_of_offerings(connection, ids).await?;
            (named(0).chain(before).collect(), named(1).collect(), Hold::Change)
        }
        Kind::Programs => {
            let steps = rows.iter().flat_map(|row| &row.links).filter(|link| link.table.target.table == PROGRAM_COMPONENT.target.table);
            (steps.flat_map(|link| &link.rows).filter_map(|cells| cells[0].uuid()).collect(), Vec::new(), Hold::Still)
        }
        _ => (Vec::new(), Vec::new(), Hold::Still),
    };
    change::lock(connection, "course", &courses, hold).await?;
    change::lock(connection, "program", &programs, hold).await?;
    Ok([courses, programs])
}

/// Keeps in step what follows from the rows.
async fn follow(
    connection: &mut Connection<'_>,
    kind: Kind,
    ids: &[Uuid],
    [courses, programs]: [Vec<Uuid>; 2],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let noun = match kind {
        Kind::Institutions => Noun::Institution,
        Kind::Competencies => Noun::Competency,
        Kind::Businesses => Noun::Business,
        Kind::Credentials => Noun::Credential,
        Kind::Courses => Noun::Course,
        Kind::Programs => Noun::Program,
        Kind::Offerings => {
            derived::public_offerings(connection, Noun::Course, &courses, now).await?;
            return derived::public_offerings(connection, Noun::Program, &programs, now).await;
        }
        _ => return Ok(()),
    };
    derived::follow(connection, noun, ids, now).await
}

/// Writes regions or industries, which are known by their codes.
pub(super) async fn write_codes(connection: &mut Connection<'_>, kind: Kind, records: &[Record]) -> Result<Vec<Written>, StoreError> {
    let (code, name) = if kind == Kind::Regions { ("code", "name") } else { ("naics_code", "title") };
    let codes: Vec<String> = records.iter().map(|record| record.key().to_owned()).collect();
    let there: HashMap<String, String> = import::codes(connection, table(kind), code, name, &codes).await?;
    let mut rows = Vec::new();
    let mut outcomes = Vec::with_capacity(records.len());
    for record in records {
        let text = record.text(name).unwrap_or_default();
        outcomes.push(Ok(match there.get(record.key()) {
            Some(known) if known == text => Outcome::Unchanged,
            Some(_) => Outcome::Updated,
            None => Outcome::Created,
        }));
        if there.get(record.key()).map(String::as_str) != Some(text) {
            let mut row = vec![Cell::Text(record.key().into()), Cell::Text(text.into())];
            if kind == Kind::Industries {
                row.push(Cell::Boolean(crate::domain::naics::is_sector(record.key())));
            }
            rows.push(row);
        }
    }
    upsert(connection, target(kind), rows).await?;
    Ok(outcomes)
}
