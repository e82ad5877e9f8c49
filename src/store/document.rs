//! Documents that the consortium has registered.
//!
//! The table belongs to no tenant: reading it needs no scope. Adding to it and taking from it is the operator's.

use chrono::{DateTime, Utc};

use super::error::StoreError;
use super::row::Cell;
use super::sql::{Connection, Sql, Type};
use super::write::{Target, upsert};
use super::{Store, on_connection};

/// A row of `document`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// SHA-256 of the text, in lower-case hexadecimal digits.
    pub sha256: String,
    /// What it was registered as.
    pub name: String,
    /// Its text.
    pub text: String,
    /// When it was registered last.
    pub registered_at: DateTime<Utc>,
}

const TABLE: Target = Target {
    table: "document",
    key: 1,
    columns: &[("sha256", Type::Text), ("name", Type::Text), ("text", Type::Text), ("registered_at", Type::Instant)],
};

/// Adds documents, or names anew those that are there.
pub async fn put_documents(connection: &mut Connection<'_>, documents: &[Document]) -> Result<(), StoreError> {
    let text = |value: &str| Cell::Text(value.into());
    let row = |document: &Document| {
        vec![text(&document.sha256), text(&document.name), text(&document.text), Cell::Instant(document.registered_at)]
    };
    upsert(connection, TABLE, documents.iter().map(row).collect()).await
}

/// Removes a document; whether it was there.
pub async fn delete_document(connection: &mut Connection<'_>, sha256: &str) -> Result<bool, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("DELETE FROM document WHERE sha256 = ").text(sha256);
    Ok(connection.execute(sql).await? > 0)
}

impl Store {
    /// All registered documents, by name.
    pub async fn documents(&self) -> Result<Vec<Document>, StoreError> {
        on_connection!(self, connection => documents(&mut connection, None).await)
    }

    /// The document of a hash, if it is registered.
    pub async fn document(&self, sha256: &str) -> Result<Option<Document>, StoreError> {
        on_connection!(self, connection => Ok(documents(&mut connection, Some(sha256)).await?.pop()))
    }
}

async fn documents(connection: &mut Connection<'_>, sha256: Option<&str>) -> Result<Vec<Document>, StoreError> {
    let types: Vec<Type> = TABLE.columns.iter().map(|(_, of)| *of).collect();
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.sha256, t.name, t.text, t.registered_at FROM document t");
    if let Some(sha256) = sha256 {
        sql.push(" WHERE t.sha256 = ").text(sha256);
    }
    sql.push(" ORDER BY t.name, t.sha256");
    let rows = connection.fetch(sql, &types).await?;
    let read = |cells: &Vec<Cell>| {
        let text = |place: usize| cells[place].text().map(str::to_owned);
        let Cell::Instant(registered_at) = cells[3] else { return None };
        Some(Document { sha256: text(0)?, name: text(1)?, text: text(2)?, registered_at })
    };
    Ok(rows.iter().filter_map(read).collect())
}
