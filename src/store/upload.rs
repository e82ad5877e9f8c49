//! Files that were sent for work in the background, inside of a transaction in the scope of their tenant.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::change::{Value, insert};
use super::error::StoreError;
use super::row::Cell;
use super::sql::{Connection, Sql, Type};
use super::{Store, on_connection};
use crate::domain::tenant::Tenant;

/// A file that is to come.
#[derive(Debug, Clone)]
pub struct Announced<'a> {
    /// Key.
    pub id: Uuid,
    /// Whose it is.
    pub tenant: Uuid,
    /// Whether that is a business.
    pub is_business: bool,
    /// Its name.
    pub name: &'a str,
    /// Its size.
    pub bytes: i64,
    /// Now, and when it is forgotten.
    pub times: (DateTime<Utc>, DateTime<Utc>),
}

/// A file as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its name.
    pub name: String,
    /// The size that was announced.
    pub bytes: i64,
    /// SHA-256 of it in hexadecimal, once it came.
    pub sha256: Option<String>,
    /// What it holds, in base 64.
    pub content: Option<String>,
}

/// How many files of a tenant are kept.
pub async fn count(connection: &mut Connection<'_>, tenant: Uuid) -> Result<u64, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT count(*) FROM upload t WHERE t.tenant_id = ").bind(Type::Uuid, Cell::Uuid(tenant));
    let rows = connection.fetch(sql, &[Type::Long]).await?;
    Ok(rows.first().and_then(|cells| cells[0].integer()).unwrap_or_default().unsigned_abs())
}

/// Notes that a file is to come.
pub async fn announce(connection: &mut Connection<'_>, file: &Announced<'_>) -> Result<(), StoreError> {
    let (now, end) = file.times;
    let values: Vec<Value> = vec![
        ("tenant_id", Type::Uuid, Cell::Uuid(file.tenant)),
        ("id", Type::Uuid, Cell::Uuid(file.id)),
        ("file_name", Type::Text, Cell::Text(file.name.into())),
        ("byte_size", Type::Integer, Cell::Integer(file.bytes)),
        ("created_at", Type::Instant, Cell::Instant(now)),
    ];
    insert(connection, "upload", values).await?;
    let values: Vec<Value> = vec![
        ("upload", Type::Uuid, Cell::Uuid(file.id)),
        ("tenant", Type::Uuid, Cell::Uuid(file.tenant)),
        ("is_business", Type::Boolean, Cell::Boolean(file.is_business)),
        ("expires_at", Type::Instant, Cell::Instant(end)),
    ];
    insert(connection, "upload_end", values).await
}

/// A file of a tenant; with what it holds, where that is wanted.
pub async fn find(connection: &mut Connection<'_>, tenant: Uuid, id: Uuid, with_content: bool) -> Result<Option<Kept>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.file_name, t.byte_size, t.sha256, ").push(if with_content { "t.content" } else { "NULL" });
    sql.push(" FROM upload t WHERE t.tenant_id = ").bind(Type::Uuid, Cell::Uuid(tenant));
    sql.push(" AND t.id = ").bind(Type::Uuid, Cell::Uuid(id));
    let rows = connection.fetch(sql, &[Type::Text, Type::Integer, Type::Text, Type::Text]).await?;
    let text = |cell: &Cell| cell.text().map(str::to_owned);
    let read = |cells: &Vec<Cell>| {
        Some(Kept { name: text(&cells[0])?, bytes: cells[1].integer()?, sha256: text(&cells[2]), content: text(&cells[3]) })
    };
    Ok(rows.first().and_then(read))
}

/// Keeps what a file holds, unless something came before.
pub async fn fill(connection: &mut Connection<'_>, tenant: Uuid, id: Uuid, sha256: &str, content: &str) -> Result<bool, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("UPDATE upload SET content = ").text(content).push(", sha256 = ").text(sha256);
    sql.push(" WHERE content IS NULL AND tenant_id = ").bind(Type::Uuid, Cell::Uuid(tenant));
    sql.push(" AND id = ").bind(Type::Uuid, Cell::Uuid(id));
    Ok(connection.execute(sql).await? == 1)
}

/// Forgets a file.
pub async fn forget(connection: &mut Connection<'_>, tenant: Uuid, id: Uuid) -> Result<(), StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("DELETE FROM upload WHERE tenant_id = ").bind(Type::Uuid, Cell::Uuid(tenant));
    sql.push(" AND id = ").bind(Type::Uuid, Cell::Uuid(id));
    connection.execute(sql).await?;
    let mut sql = Sql::new(connection.dialect());
    sql.push("DELETE FROM upload_end WHERE upload = ").bind(Type::Uuid, Cell::Uuid(id));
    connection.execute(sql).await.map(|_| ())
}

/// The tenant of a key.
pub(super) const fn tenant_of(id: Uuid, is_business: bool) -> Tenant {
    if is_business { Tenant::Business(id) } else { Tenant::Institution(id) }
}

impl Store {
    /// Files whose time has passed, the oldest first.
    pub async fn ended_uploads(&self, now: DateTime<Utc>, most: u32) -> Result<Vec<(Tenant, Uuid)>, StoreError> {
        on_connection!(self, connection => {
            let mut sql = Sql::new(connection.dialect());
            sql.push("SELECT e.tenant, e.is_business, e.upload FROM upload_end e WHERE e.expires_at <= ").bind(Type::Instant, Cell::Instant(now));
            sql.push(&format!(" ORDER BY e.expires_at, e.upload LIMIT {most}"));
            let rows = connection.fetch(sql, &[Type::Uuid, Type::Boolean, Type::Uuid]).await?;
            let read = |cells: &Vec<Cell>| Some((tenant_of(cells[0].uuid()?, cells[1] == Cell::Boolean(true)), cells[2].uuid()?));
            Ok(rows.iter().filter_map(read).collect())
        })
    }
}
