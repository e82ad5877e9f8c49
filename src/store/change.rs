//! Writing one row: what an act does, inside of a transaction that was begun in its scope.

use std::sync::Arc;

use uuid::Uuid;

use super::error::StoreError;
use super::filter::uuids;
use super::noun::Noun;
use super::row::{Cell, Row};
use super::sql::{Connection, Dialect, Sql, Type};
use super::tree::Tree;
use super::{Store, Transaction, lookup};
use crate::policy::Scope;

/// A column with its value.
pub type Value = (&'static str, Type, Cell);

impl Store {
    /// Rows of a noun by their keys with all their columns, inside of a transaction; `None` for each that is missing or hidden.
    pub async fn rows_in(
        &self,
        transaction: &mut Transaction,
        scope: &Scope,
        noun: &'static Noun,
        ids: &[Uuid],
    ) -> Result<Vec<Option<Arc<Row>>>, StoreError> {
        let tree = Tree { noun, columns: noun.columns.iter().collect(), edges: Vec::new() };
        lookup::by_ids(&mut transaction.connection(), &self.ask(scope), &tree, ids).await
    }
}

/// What rows are held for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// To be changed: nobody else holds them.
    Change,
    /// To stay as they are: others hold them for the same.
    Still,
}

/// Ends a query that holds the rows of `t` that it finds, in the order of their keys: two that hold the same rows never wait for each other. On `SQLite` only one
/// transaction writes at a time.
pub(super) fn held(sql: &mut Sql, hold: Hold) {
    sql.push(" ORDER BY t.id");
    if sql.dialect() == Dialect::Postgres {
        // Not FOR UPDATE, for which whoever adds a row that names one of these would have to wait.
        sql.push(if hold == Hold::Change { " FOR NO KEY UPDATE OF t" } else { " FOR SHARE OF t" });
    }
}

/// Keeps others from changing rows until the transaction ends.
pub async fn lock(connection: &mut Connection<'_>, table: &str, ids: &[Uuid], hold: Hold) -> Result<(), StoreError> {
    if ids.is_empty() || connection.dialect() == Dialect::Sqlite {
        return Ok(());
    }
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.id FROM ").push(table).push(" t WHERE ").any("t.id", Type::Uuid, uuids(ids));
    held(&mut sql, hold);
    connection.fetch(sql, &[Type::Uuid]).await.map(|_| ())
}

/// Lets one transaction at a time choose what the rows of a tenant's table are called.
pub async fn lock_names(connection: &mut Connection<'_>, table: &str, tenant: Uuid) -> Result<(), StoreError> {
    if connection.dialect() == Dialect::Sqlite {
        return Ok(());
    }
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT pg_advisory_xact_lock(hashtextextended(").text(&format!("{table} of {tenant}")).push(", 0))");
    connection.fetch(sql, &[]).await.map(|_| ())
}

/// Whether a row of the tenant has these values, one that is in none of these states and is not `own`.
pub async fn is_taken(
    connection: &mut Connection<'_>,
    table: &str,
    tenant: Uuid,
    own: Option<Uuid>,
    values: Vec<Value>,
    states: &[&str],
) -> Result<bool, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.id FROM ").push(table).push(" t WHERE t.tenant_id = ").bind(Type::Uuid, Cell::Uuid(tenant));
    for (name, of, cell) in values {
        sql.push(" AND t.").push(name);
        if cell == Cell::Null {
            sql.push(" IS NULL");
        } else {
            sql.push(" = ").bind(of, cell);
        }
    }
    for state in states {
        sql.push(" AND t.status <> ").text(state);
    }
    if let Some(own) = own {
        sql.push(" AND t.id <> ").bind(Type::Uuid, Cell::Uuid(own));
    }
    sql.push(" LIMIT 1");
    Ok(!connection.fetch(sql, &[Type::Uuid]).await?.is_empty())
}

/// Adds a row.
pub async fn insert(connection: &mut Connection<'_>, table: &str, values: Vec<Value>) -> Result<(), StoreError> {
    let mut sql = Sql::new(connection.dialect());
    let names: Vec<&str> = values.iter().map(|(name, ..)| *name).collect();
    sql.push("INSERT INTO ").push(table).push(" (").push(&names.join(", ")).push(") VALUES (");
    for (place, (_, of, cell)) in values.into_iter().enumerate() {
        sql.push(if place == 0 { "" } else { ", " }).bind(of, cell);
    }
    sql.push(")");
    connection.execute(sql).await.map(|_| ())
}

/// Changes a row by its key; whether there was one.
pub async fn update(connection: &mut Connection<'_>, table: &str, id: Uuid, values: Vec<Value>) -> Result<bool, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("UPDATE ").push(table).push(" SET ");
    for (place, (name, of, cell)) in values.into_iter().enumerate() {
        sql.push(if place == 0 { "" } else { ", " }).push(name).push(" = ").bind(of, cell);
    }
    sql.push(" WHERE id = ").bind(Type::Uuid, Cell::Uuid(id));
    Ok(connection.execute(sql).await? == 1)
}

/// Removes the rows of a table that an owner has.
pub async fn remove_of(connection: &mut Connection<'_>, table: &str, owner: &str, id: Uuid) -> Result<(), StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("DELETE FROM ").push(table).push(" WHERE ").push(owner).push(" = ").bind(Type::Uuid, Cell::Uuid(id));
    connection.execute(sql).await.map(|_| ())
}
