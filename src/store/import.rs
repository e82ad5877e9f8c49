//! What an import asks of the database and writes to it: names of other systems, references, whole batches.

use std::collections::HashMap;

use uuid::Uuid;

use super::error::StoreError;
use super::filter::texts;
use super::row::Cell;
use super::sql::{Connection, Sql, Type};

/// What another system's name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The object's tenant; nil for things without one.
    pub tenant: Uuid,
    /// The object.
    pub id: Uuid,
    /// Digest of the row that an import wrote last.
    pub digest: Option<String>,
}

/// What the names of a system stand for, by name.
pub async fn known(
    connection: &mut Connection<'_>,
    system: &str,
    table: &str,
    names: &[String],
) -> Result<HashMap<String, Known>, StoreError> {
    if names.is_empty() {
        return Ok(HashMap::new());
    }
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT k.value, k.tenant_id, k.object_id, k.digest FROM external_key k WHERE k.system = ").text(system);
    sql.push(" AND k.kind = ").text(table).push(" AND ").any("k.value", Type::Text, texts(names));
    let rows = connection.fetch(sql, &[Type::Text, Type::Uuid, Type::Uuid, Type::Text]).await?;
    let read = |cells: Vec<Cell>| {
        let known = Known { tenant: cells[1].uuid()?, id: cells[2].uuid()?, digest: cells[3].text().map(str::to_owned) };
        Some((cells[0].text()?.to_owned(), known))
    };
    Ok(rows.into_iter().filter_map(read).collect())
}

/// Codes of a reference table that exist, with what they say.
pub async fn codes(
    connection: &mut Connection<'_>,
    table: &str,
    code: &str,
    name: &str,
    codes: &[String],
) -> Result<HashMap<String, String>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.").push(code).push(", t.").push(name).push(" FROM ").push(table).push(" t WHERE ").any(
        &format!("t.{code}"),
        Type::Text,
        texts(codes),
    );
    let rows = connection.fetch(sql, &[Type::Text, Type::Text]).await?;
    Ok(rows.into_iter().filter_map(|cells| Some((cells[0].text()?.to_owned(), cells[1].text()?.to_owned()))).collect())
}

/// Status and price of courses or programs.
pub async fn subjects(
    connection: &mut Connection<'_>,
    table: &str,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, (String, Option<i64>)>, StoreError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.id, t.status, t.price_cents FROM ").push(table).push(" t WHERE ").any("t.id", Type::Uuid, super::filter::uuids(ids));
    let rows = connection.fetch(sql, &[Type::Uuid, Type::Text, Type::Long]).await?;
    Ok(rows.into_iter().filter_map(|cells| Some((cells[0].uuid()?, (cells[1].text()?.to_owned(), cells[2].integer())))).collect())
}

/// Which institutions have these slugs.
pub async fn slugs(connection: &mut Connection<'_>, slugs: &[String]) -> Result<HashMap<String, Uuid>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.slug, t.id FROM institution t WHERE ").any("t.slug", Type::Text, texts(slugs));
    let rows = connection.fetch(sql, &[Type::Text, Type::Uuid]).await?;
    Ok(rows.into_iter().filter_map(|cells| Some((cells[0].text()?.to_owned(), cells[1].uuid()?))).collect())
}

/// Values of one column by key, for rows of a tenant's table.
pub async fn column(connection: &mut Connection<'_>, table: &str, column: &str, ids: &[Uuid]) -> Result<HashMap<Uuid, String>, StoreError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.id, t.").push(column).push(" FROM ").push(table).push(" t WHERE ").any(
        "t.id",
        Type::Uuid,
        super::filter::uuids(ids),
    );
    let rows = connection.fetch(sql, &[Type::Uuid, Type::Text]).await?;
    Ok(rows.into_iter().filter_map(|cells| Some((cells[0].uuid()?, cells[1].text()?.to_owned()))).collect())
}

/// Prerequisites of courses, in order.
pub async fn prerequisites(connection: &mut Connection<'_>, courses: &[Uuid]) -> Result<HashMap<Uuid, Vec<Uuid>>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT l.course_id, l.prerequisite_id FROM course_prerequisite l WHERE ").any(
        "l.course_id",
        Type::Uuid,
        super::filter::uuids(courses),
    );
    sql.push(" ORDER BY l.course_id, l.position");
    let mut found: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    for cells in connection.fetch(sql, &[Type::Uuid, Type::Uuid]).await? {
        if let (Some(course), Some(prerequisite)) = (cells[0].uuid(), cells[1].uuid()) {
            found.entry(course).or_default().push(prerequisite);
        }
    }
    Ok(found)
}

/// Marks courses as changed at an instant.
pub async fn touch_courses(
    connection: &mut Connection<'_>,
    courses: &[Uuid],
    instant: chrono::DateTime<chrono::Utc>,
) -> Result<(), StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("UPDATE course SET updated_at = ").bind(Type::Instant, Cell::Instant(instant)).push(" WHERE ").any(
        "id",
        Type::Uuid,
        super::filter::uuids(courses),
    );
    connection.execute(sql).await.map(|_| ())
}

/// The courses that offerings teach now.
pub async fn courses_of_offerings(connection: &mut Connection<'_>, offerings: &[Uuid]) -> Result<Vec<Uuid>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.course_id FROM offering t WHERE t.course_id IS NOT NULL AND ").any(
        "t.id",
        Type::Uuid,
        super::filter::uuids(offerings),
    );
    Ok(connection.fetch(sql, &[Type::Uuid]).await?.iter().filter_map(|cells| cells[0].uuid()).collect())
}
