//! Writing one row: what an act does, inside of a transaction that was begun in its scope.

use std::sync::Arc;

use uuid::Uuid;

use super::error::StoreError;
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

/// Keeps others from changing a row until the transaction ends. On `SQLite` only one transaction writes at a time.
pub async fn lock(connection: &mut Connection<'_>, table: &str, id: Uuid) -> Result<(), StoreError> {
    if connection.dialect() == Dialect::Sqlite {
        return Ok(());
    }
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.id FROM ").push(table).push(" t WHERE t.id = ").bind(Type::Uuid, Cell::Uuid(id)).push(" FOR UPDATE");
    connection.fetch(sql, &[Type::Uuid]).await.map(|_| ())
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

/// Scheduled hours of a program's required steps together, and whether one of its steps carries credit.
pub async fn program_sums(connection: &mut Connection<'_>, program: Uuid) -> Result<(Option<f64>, bool), StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT CAST(sum(CASE WHEN c.is_required THEN s.contact_hours END) AS double precision), coalesce(max(CASE WHEN s.is_for_credit THEN 1 ELSE 0 END), 0)");
    sql.push(" FROM program_component c JOIN course s ON s.id = c.course_id WHERE c.program_id = ").bind(Type::Uuid, Cell::Uuid(program));
    let rows = connection.fetch(sql, &[Type::Real, Type::Integer]).await?;
    let first = rows.first();
    let hours = first.and_then(|cells| if let Cell::Real(hours) = cells[0] { Some(hours) } else { None });
    Ok((hours, first.and_then(|cells| cells[1].integer()) == Some(1)))
}
