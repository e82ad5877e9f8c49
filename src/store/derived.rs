//! Columns and words that follow from other rows, kept in step in the transaction that changes those.
//!
//! Whoever writes holds rows in one order, or two would wait for each other for good: courses, programs, then offerings, each in the order of their keys. Offerings are
//! written by whoever holds what they teach, and words by whoever holds the row that they are of.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::change::{self, Hold};
use super::error::StoreError;
use super::filter::uuids;
use super::row::Cell;
use super::search::{self, Noun};
use super::sql::{Connection, Dialect, Sql, Type};

/// Rows whose words are held in memory at a time.
const BATCH: usize = 500;

/// After rows changed, which the transaction holds: everything that follows from them.
pub async fn follow(connection: &mut Connection<'_>, noun: Noun, ids: &[Uuid], now: DateTime<Utc>) -> Result<(), StoreError> {
    let dependents = hold_dependents(connection, noun, ids).await?;
    match noun {
        Noun::Course => {
            let programs = dependents.iter().find(|(noun, _)| *noun == Noun::Program);
            program_sums(connection, programs.map_or(&[][..], |(_, programs)| programs), now).await?;
        }
        Noun::Program => program_sums(connection, ids, now).await?,
        _ => {}
    }
    public_offerings(connection, noun, ids, now).await?;
    refresh(connection, noun, ids, &dependents).await
}

/// After these rows changed: their own words, and those of what names them.
pub async fn words(connection: &mut Connection<'_>, noun: Noun, ids: &[Uuid]) -> Result<(), StoreError> {
    let dependents = hold_dependents(connection, noun, ids).await?;
    refresh(connection, noun, ids, &dependents).await
}

/// After offerings of these courses changed: the courses' next start.
async fn next_starts(connection: &mut Connection<'_>, courses: &[Uuid]) -> Result<(), StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("UPDATE course SET next_starts_on = coalesce((SELECT min(o.starts_on) FROM offering o WHERE o.course_id = course.id AND o.is_public AND o.status = 'OPEN'), '9999-12-31') WHERE ");
    sql.any("id", Type::Uuid, uuids(courses));
    connection.execute(sql).await.map(|_| ())
}

/// After courses or programs, which the transaction holds, or offerings of theirs changed: whether their offerings are public or only found by name, and what follows from
/// that. One that comes to light counts as changed, or those who ask for what is new since their last visit would never hear of it.
pub async fn public_offerings(connection: &mut Connection<'_>, subject: Noun, ids: &[Uuid], now: DateTime<Utc>) -> Result<(), StoreError> {
    let (table, column) = match subject {
        Noun::Course => ("course", "course_id"),
        Noun::Program => ("program", "program_id"),
        _ => return Ok(()),
    };
    if ids.is_empty() {
        return Ok(());
    }
    let of_status = |status: &str| {
        format!(
            "(reserved_for_business_id IS NULL AND EXISTS (SELECT 1 FROM {table} s WHERE s.id = offering.{column} AND s.status = '{status}'))"
        )
    };
    let (is_public, is_retired) = (of_status("PUBLISHED"), of_status("RETIRED"));
    let changed = |sql: &mut Sql| {
        sql.push(" WHERE ").any(column, Type::Uuid, uuids(ids));
        sql.push(" AND (is_public <> ").push(&is_public).push(" OR is_retired <> ").push(&is_retired).push(")");
    };
    if connection.dialect() == Dialect::Postgres {
        // In the order in which lists of places hold theirs; an update takes them as it finds them.
        let mut sql = Sql::new(connection.dialect());
        sql.push("SELECT t.id FROM offering t WHERE t.id IN (SELECT id FROM offering");
        changed(&mut sql);
        sql.push(")");
        change::held(&mut sql, Hold::Change);
        connection.fetch(sql, &[Type::Uuid]).await?;
    }
    let mut sql = Sql::new(connection.dialect());
    sql.push("UPDATE offering SET updated_at = ").bind(Type::Instant, Cell::Instant(now));
    sql.push(", is_public = ").push(&is_public).push(", is_retired = ").push(&is_retired);
    changed(&mut sql);
    connection.execute(sql).await?;
    if subject == Noun::Course { next_starts(connection, ids).await } else { Ok(()) }
}

/// After the steps of programs, which the transaction holds, or their courses changed: the scheduled hours of the required steps together, and whether a step carries
/// credit. A program without steps is as its source says.
async fn program_sums(connection: &mut Connection<'_>, programs: &[Uuid], now: DateTime<Utc>) -> Result<(), StoreError> {
    const STEPS: &str = "FROM program_component c JOIN course s ON s.id = c.course_id WHERE c.program_id = program.id";
    if programs.is_empty() {
        return Ok(());
    }
    let hours = format!("(SELECT sum(CASE WHEN c.is_required THEN s.contact_hours END) {STEPS})");
    let credit = format!("(EXISTS (SELECT 1 {STEPS} AND s.is_for_credit))");
    let mut sql = Sql::new(connection.dialect());
    sql.push("UPDATE program SET updated_at = ").bind(Type::Instant, Cell::Instant(now));
    sql.push(", contact_hours = ").push(&hours).push(", is_for_credit = ").push(&credit);
    sql.push(" WHERE ").any("id", Type::Uuid, uuids(programs)).push(" AND EXISTS (SELECT 1 ").push(STEPS).push(")");
    sql.push(" AND (contact_hours IS DISTINCT FROM ").push(&hours).push(" OR is_for_credit <> ").push(&credit).push(")");
    connection.execute(sql).await.map(|_| ())
}

/// Finds and holds the rows whose words, sums or both follow from others.
async fn hold_dependents(connection: &mut Connection<'_>, noun: Noun, ids: &[Uuid]) -> Result<Vec<(Noun, Vec<Uuid>)>, StoreError> {
    let dependents: &[(Noun, &str, &str)] = match noun {
        Noun::Institution => &[
            (Noun::Course, "SELECT t.id FROM course t WHERE (", "t.tenant_id"),
            (Noun::Program, "SELECT t.id FROM program t WHERE (", "t.tenant_id"),
            (Noun::Credential, "SELECT t.id FROM credential t WHERE (", "t.tenant_id"),
        ],
        Noun::Competency => &[
            (
                Noun::Course,
                "SELECT t.id FROM course t WHERE t.id IN (SELECT l.course_id FROM course_competency l WHERE ",
                "l.competency_id",
            ),
            (
                Noun::Program,
                "SELECT t.id FROM program t WHERE t.id IN (SELECT c.program_id FROM program_component c JOIN course_competency l ON l.course_id = c.course_id WHERE ",
                "l.competency_id",
            ),
            (
                Noun::Credential,
                "SELECT t.id FROM credential t WHERE t.id IN (SELECT l.credential_id FROM credential_competency l WHERE ",
                "l.competency_id",
            ),
        ],
        Noun::Course => &[(
            Noun::Program,
            "SELECT t.id FROM program t WHERE t.id IN (SELECT c.program_id FROM program_component c WHERE ",
            "c.course_id",
        )],
        Noun::Program | Noun::Credential | Noun::Business => &[],
    };
    let mut found = Vec::with_capacity(dependents.len());
    for (dependent, select, column) in dependents {
        let mut sql = Sql::new(connection.dialect());
        sql.push(select).any(column, Type::Uuid, uuids(ids)).push(")");
        change::held(&mut sql, Hold::Change);
        let rows = connection.fetch(sql, &[Type::Uuid]).await?;
        found.push((*dependent, rows.iter().filter_map(|cells| cells[0].uuid()).collect()));
    }
    Ok(found)
}

/// Writes the words of rows anew, and of what names them.
async fn refresh(connection: &mut Connection<'_>, noun: Noun, ids: &[Uuid], dependents: &[(Noun, Vec<Uuid>)]) -> Result<(), StoreError> {
    search::refresh(connection, noun, ids).await?;
    for (dependent, ids) in dependents {
        for some in ids.chunks(BATCH) {
            search::refresh(connection, *dependent, some).await?;
        }
    }
    Ok(())
}
