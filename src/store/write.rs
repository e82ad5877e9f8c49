//! Writing many rows of a table at once.

use uuid::Uuid;

use super::error::StoreError;
use super::filter::uuids;
use super::row::Cell;
use super::sql::{Connection, Dialect, Sql, Type};

/// `SQLite` takes this many values in one statement (its compiled-in bound is 32,766).
const SQLITE_VALUES: usize = 30_000;

/// A table with the columns that are written, the key first.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Name of the table.
    pub table: &'static str,
    /// How many of the columns are the key, on which a row that is there already is changed instead. 0: rows are only added.
    pub key: usize,
    /// The columns.
    pub columns: &'static [(&'static str, Type)],
}

/// Adds rows, or changes those whose key is there already.
pub async fn upsert(connection: &mut Connection<'_>, target: Target, rows: Vec<Vec<Cell>>) -> Result<(), StoreError> {
    let size = match connection.dialect() {
        Dialect::Postgres => rows.len().max(1),
        Dialect::Sqlite => SQLITE_VALUES / target.columns.len(),
    };
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let some: Vec<_> = rows.by_ref().take(size).collect();
        connection.execute(insert(connection.dialect(), target, some)).await?;
    }
    Ok(())
}

fn insert(dialect: Dialect, target: Target, rows: Vec<Vec<Cell>>) -> Sql {
    let names: Vec<&str> = target.columns.iter().map(|(name, _)| *name).collect();
    let types: Vec<Type> = target.columns.iter().map(|(_, of)| *of).collect();
    let mut sql = Sql::new(dialect);
    sql.push("INSERT INTO ").push(target.table).push(" (").push(&names.join(", ")).push(")");
    sql.rows(&types, rows);
    if target.key > 0 {
        let changes: Vec<String> = names[target.key..].iter().map(|name| format!("{name} = excluded.{name}")).collect();
        sql.push(" ON CONFLICT (").push(&names[..target.key].join(", ")).push(") DO ");
        sql.push(&if changes.is_empty() { "NOTHING".to_owned() } else { format!("UPDATE SET {}", changes.join(", ")) });
    }
    sql
}

/// Puts rows in the place of all that hang on the owners.
pub async fn replace(
    connection: &mut Connection<'_>,
    target: Target,
    owner: &str,
    owners: &[Uuid],
    rows: Vec<Vec<Cell>>,
) -> Result<(), StoreError> {
    if owners.is_empty() {
        return Ok(());
    }
    let mut sql = Sql::new(connection.dialect());
    sql.push("DELETE FROM ").push(target.table).push(" WHERE ").any(owner, Type::Uuid, uuids(owners));
    connection.execute(sql).await?;
    upsert(connection, target, rows).await
}
