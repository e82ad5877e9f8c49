//! Columns and words that follow from other rows, kept in step in the transaction that changes those.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::error::StoreError;
use super::filter::uuids;
use super::row::Cell;
use super::search::{self, Noun};
use super::sql::{Connection, Sql, Type};

/// After offerings of these courses changed: the courses' next start.
pub async fn next_starts(connection: &mut Connection<'_>, courses: &[Uuid]) -> Result<(), StoreError> {
    if courses.is_empty() {
        return Ok(());
    }
    let mut sql = Sql::new(connection.dialect());
    sql.push("UPDATE course SET next_starts_on = coalesce((SELECT min(o.starts_on) FROM offering o WHERE o.course_id = course.id AND o.is_public AND o.status = 'OPEN'), '9999-12-31') WHERE ");
    sql.any("id", Type::Uuid, uuids(courses));
    connection.execute(sql).await.map(|_| ())
}

/// After the status of courses or programs changed: whether their offerings are public or only found by name, and what follows from that. One that comes to light counts as changed, or
/// those who ask for what is new since their last visit would never hear of it.
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
    let mut sql = Sql::new(connection.dialect());
    sql.push("UPDATE offering SET updated_at = ").bind(Type::Instant, Cell::Instant(now));
    sql.push(", is_public = ").push(&is_public).push(", is_retired = ").push(&is_retired);
    sql.push(" WHERE ").any(column, Type::Uuid, uuids(ids));
    sql.push(" AND (is_public <> ").push(&is_public).push(" OR is_retired <> ").push(&is_retired).push(")");
    connection.execute(sql).await?;
    if subject == Noun::Course { next_starts(connection, ids).await } else { Ok(()) }
}

/// After one offering changed: whether it is public, and what follows from that.
pub async fn standing(connection: &mut Connection<'_>, offering: Uuid, now: DateTime<Utc>) -> Result<(), StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.course_id, t.program_id FROM offering t WHERE t.id = ").bind(Type::Uuid, Cell::Uuid(offering));
    let rows = connection.fetch(sql, &[Type::Uuid, Type::Uuid]).await?;
    for cells in rows {
        for (noun, subject) in [(Noun::Course, cells[0].uuid()), (Noun::Program, cells[1].uuid())] {
            if let Some(subject) = subject {
                public_offerings(connection, noun, &[subject], now).await?;
            }
        }
    }
    Ok(())
}

/// After these rows changed: their own words, and those of what names them.
pub async fn words(connection: &mut Connection<'_>, noun: Noun, ids: &[Uuid]) -> Result<(), StoreError> {
    search::refresh(connection, noun, ids).await?;
    let dependents: &[(Noun, &str, &str)] = match noun {
        Noun::Institution => &[
            (Noun::Course, "SELECT t.id FROM course t WHERE ", "t.tenant_id"),
            (Noun::Program, "SELECT t.id FROM program t WHERE ", "t.tenant_id"),
            (Noun::Credential, "SELECT t.id FROM credential t WHERE ", "t.tenant_id"),
        ],
        Noun::Competency => &[
            (Noun::Course, "SELECT DISTINCT l.course_id FROM course_competency l WHERE ", "l.competency_id"),
            (Noun::Credential, "SELECT DISTINCT l.credential_id FROM credential_competency l WHERE ", "l.competency_id"),
            (
                Noun::Program,
                "SELECT DISTINCT c.program_id FROM program_component c JOIN course_competency l ON l.course_id = c.course_id WHERE ",
                "l.competency_id",
            ),
        ],
        Noun::Course => &[(Noun::Program, "SELECT DISTINCT c.program_id FROM program_component c WHERE ", "c.course_id")],
        Noun::Program | Noun::Credential | Noun::Business => &[],
    };
    for (dependent, select, column) in dependents {
        let mut sql = Sql::new(connection.dialect());
        sql.push(select).any(column, Type::Uuid, uuids(ids));
        let found: Vec<Uuid> = connection.fetch(sql, &[Type::Uuid]).await?.iter().filter_map(|cells| cells[0].uuid()).collect();
        for some in found.chunks(BATCH) {
            search::refresh(connection, *dependent, some).await?;
        }
    }
    Ok(())
}

/// Rows whose words are held in memory at a time.
const BATCH: usize = 500;
