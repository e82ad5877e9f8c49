//! The chains of the audit log: adding lines, and reading them again to see that none was changed.

use uuid::Uuid;

use super::Transaction;
use super::error::StoreError;
use super::row::Cell;
use super::sql::{Connection, Dialect, Sql, Type};

/// Columns of a line in the order in which they are hashed, behind the tenant.
pub const COLUMNS: &[(&str, Type)] = &[
    ("tenant_id", Type::Uuid),
    ("number", Type::Long),
    ("id", Type::Uuid),
    ("at", Type::Instant),
    ("actor_name", Type::Text),
    ("actor_issuer", Type::Uuid),
    ("actor_subject", Type::Text),
    ("action", Type::Text),
    ("subject_id", Type::Text),
    ("changed_fields", Type::Text),
    ("request_id", Type::Text),
    ("ip_address", Type::Text),
    ("previous_hash", Type::Text),
];

/// Locks the end of a tenant's chain and reads it: number and hash of the last line.
pub async fn end(transaction: &mut Transaction, tenant: Uuid) -> Result<(i64, String), StoreError> {
    if let Some(end) = hold(transaction, tenant).await? {
        return Ok(end);
    }
    // The first line of a tenant. Somebody else may write it at the same time.
    let mut connection = transaction.connection();
    let mut sql = Sql::new(connection.dialect());
    sql.push("INSERT INTO audit_chain (tenant_id, number, hash) VALUES (").bind(Type::Uuid, Cell::Uuid(tenant));
    sql.push(", 0, '') ON CONFLICT (tenant_id) DO NOTHING");
    connection.execute(sql).await?;
    hold(transaction, tenant).await?.ok_or_else(|| StoreError::Open("the chain of an audit log has no end".to_owned()))
}

/// The end of a tenant's chain, which nobody else moves until the transaction ends; `None` where there is no chain yet.
async fn hold(transaction: &mut Transaction, tenant: Uuid) -> Result<Option<(i64, String)>, StoreError> {
    if let Some(end) = transaction.chain(tenant) {
        return Ok(Some(end.clone()));
    }
    let mut connection = transaction.connection();
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT c.number, c.hash FROM audit_chain c WHERE c.tenant_id = ").bind(Type::Uuid, Cell::Uuid(tenant));
    if connection.dialect() == Dialect::Postgres {
        sql.push(" FOR UPDATE");
    }
    let rows = connection.fetch(sql, &[Type::Long, Type::Text]).await?;
    let read = |cells: &Vec<Cell>| Some((cells[0].integer()?, cells[1].text()?.to_owned()));
    let end = rows.first().and_then(read);
    if let Some(end) = &end {
        transaction.chained(tenant, end.clone());
    }
    Ok(end)
}

/// Adds a line, whose cells are those of [`COLUMNS`] and the hash of them.
pub async fn append(transaction: &mut Transaction, tenant: Uuid, number: i64, cells: Vec<Cell>, hash: &str) -> Result<(), StoreError> {
    let mut connection = transaction.connection();
    let hashed = std::iter::once(("hash", Type::Text, Cell::Text(hash.into())));
    let values = COLUMNS.iter().zip(cells).map(|((name, of), cell)| (*name, *of, cell)).chain(hashed).collect();
    super::change::insert(&mut connection, "audit_event", values).await?;
    let mut sql = Sql::new(connection.dialect());
    sql.push("UPDATE audit_chain SET number = ").bind(Type::Long, Cell::Integer(number)).push(", hash = ").text(hash);
    sql.push(" WHERE tenant_id = ").bind(Type::Uuid, Cell::Uuid(tenant));
    connection.execute(sql).await?;
    transaction.chained(tenant, (number, hash.to_owned()));
    Ok(())
}

/// Every chain's tenant with the number and hash of its last line.
pub async fn chains(connection: &mut Connection<'_>) -> Result<Vec<(Uuid, i64, String)>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT c.tenant_id, c.number, c.hash FROM audit_chain c ORDER BY c.tenant_id");
    let rows = connection.fetch(sql, &[Type::Uuid, Type::Long, Type::Text]).await?;
    Ok(rows.iter().filter_map(|cells| Some((cells[0].uuid()?, cells[1].integer()?, cells[2].text()?.to_owned()))).collect())
}

/// Tenants that have lines and no chain.
pub async fn strays(connection: &mut Connection<'_>) -> Result<Vec<Uuid>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push(
        "SELECT DISTINCT e.tenant_id FROM audit_event e WHERE NOT EXISTS (SELECT 1 FROM audit_chain c WHERE c.tenant_id = e.tenant_id)",
    );
    Ok(connection.fetch(sql, &[Type::Uuid]).await?.iter().filter_map(|cells| cells[0].uuid()).collect())
}

/// The next lines of a chain behind a number, each with its cells and its hash.
pub async fn lines(connection: &mut Connection<'_>, tenant: Uuid, after: i64, most: u32) -> Result<Vec<(Vec<Cell>, String)>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    let names: Vec<&str> = COLUMNS.iter().map(|(name, _)| *name).collect();
    sql.push("SELECT ").push(&names.join(", ")).push(", hash FROM audit_event WHERE tenant_id = ").bind(Type::Uuid, Cell::Uuid(tenant));
    sql.push(" AND number > ").bind(Type::Long, Cell::Integer(after)).push(&format!(" ORDER BY number LIMIT {most}"));
    let types: Vec<Type> = COLUMNS.iter().map(|(_, of)| *of).chain([Type::Text]).collect();
    let rows = connection.fetch(sql, &types).await?;
    let split = |mut cells: Vec<Cell>| {
        let hash = cells.pop().and_then(|hash| hash.text().map(str::to_owned)).unwrap_or_default();
        (cells, hash)
    };
    Ok(rows.into_iter().map(split).collect())
}
