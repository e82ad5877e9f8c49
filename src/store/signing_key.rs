//! Keys of Concord's own issuer, as rows. The private half is sealed before it comes here, and is opened nowhere in this layer.
//!
//! The table belongs to no tenant, and is read before it is known who asks: reading it needs no scope. It is changed by commands alone.

use chrono::{DateTime, Utc};

use super::error::StoreError;
use super::row::Cell;
use super::sql::{Connection, Dialect, Sql, Type};
use super::write::{Target, upsert};
use super::{Store, on_connection};

/// A row of `signing_key`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// The header `kid`.
    pub id: String,
    /// The public half, in base64url.
    pub public_key: String,
    /// The private half, sealed.
    pub sealed_private_key: String,
    /// It is published before, and signs from here on until a newer one does.
    pub signs_from: DateTime<Utc>,
    /// After this nothing that it signed is valid.
    pub retires_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

const TABLE: Target = Target {
    table: "signing_key",
    key: 1,
    columns: &[
        ("id", Type::Text),
        ("public_key", Type::Text),
        ("sealed_private_key", Type::Text),
        ("signs_from", Type::Instant),
        ("retires_at", Type::Instant),
        ("created_at", Type::Instant),
    ],
};

/// Adds a key, or changes the one of its name.
pub async fn put_signing_key(connection: &mut Connection<'_>, key: &SigningKey) -> Result<(), StoreError> {
    let row = vec![
        Cell::Text(key.id.as_str().into()),
        Cell::Text(key.public_key.as_str().into()),
        Cell::Text(key.sealed_private_key.as_str().into()),
        Cell::Instant(key.signs_from),
        key.retires_at.map_or(Cell::Null, Cell::Instant),
        Cell::Instant(key.created_at),
    ];
    upsert(connection, TABLE, vec![row]).await
}

/// Removes a key.
pub async fn remove_signing_key(connection: &mut Connection<'_>, id: &str) -> Result<(), StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("DELETE FROM signing_key WHERE id = ").text(id);
    connection.execute(sql).await.map(|_| ())
}

/// All keys, for who changes them: until the end of the transaction nobody else does.
pub async fn signing_keys_to_change(connection: &mut Connection<'_>) -> Result<Vec<SigningKey>, StoreError> {
    // A transaction for writing has the whole of SQLite to itself.
    if connection.dialect() == Dialect::Postgres {
        let mut sql = Sql::new(connection.dialect());
        sql.push("LOCK TABLE signing_key IN SHARE ROW EXCLUSIVE MODE");
        connection.execute(sql).await?;
    }
    signing_keys(connection).await
}

async fn signing_keys(connection: &mut Connection<'_>) -> Result<Vec<SigningKey>, StoreError> {
    let names: Vec<String> = TABLE.columns.iter().map(|(name, _)| format!("t.{name}")).collect();
    let types: Vec<Type> = TABLE.columns.iter().map(|(_, of)| *of).collect();
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT ").push(&names.join(", ")).push(" FROM signing_key t ORDER BY t.signs_from, t.id");
    let rows = connection.fetch(sql, &types).await?;
    Ok(rows.iter().filter_map(|cells| read(cells)).collect())
}

impl Store {
    /// All keys, in the order in which they sign.
    pub async fn signing_keys(&self) -> Result<Vec<SigningKey>, StoreError> {
        on_connection!(self, connection => signing_keys(&mut connection).await)
    }
}

/// A row; the table's own conditions see to it that every row can be read.
fn read(cells: &[Cell]) -> Option<SigningKey> {
    let text = |place: usize| cells[place].text().map(str::to_owned);
    Some(SigningKey {
        id: text(0)?,
        public_key: text(1)?,
        sealed_private_key: text(2)?,
        signs_from: instant(&cells[3])?,
        retires_at: instant(&cells[4]),
        created_at: instant(&cells[5])?,
    })
}

fn instant(cell: &Cell) -> Option<DateTime<Utc>> {
    if let Cell::Instant(value) = cell { Some(*value) } else { None }
}
