//! Machine clients of Concord's own issuer, as rows, and the assertions that they have used.
//!
//! The tables belong to no tenant, and are read before it is known who asks: reading them needs no scope. They hold public keys and names, and nothing of them
//! reaches an answer; accounts are changed by commands alone.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::error::StoreError;
use super::row::Cell;
use super::sql::{Connection, Sql, Type};
use super::write::{Target, upsert};
use super::{Store, on_connection};
use crate::domain::tenant::{Tenant, TenantKind};

/// A row of `service_account`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceAccount {
    /// Key; as text it is the client's identifier.
    pub id: Uuid,
    /// Name to greet it with.
    pub name: String,
    /// The one tenant that it speaks for.
    pub tenant: Tenant,
    /// Names of roles, separated by spaces.
    pub roles: String,
    /// The keys that it authenticates with, as a JWK set.
    pub jwks: String,
    /// Whether it gets tokens at all.
    pub is_enabled: bool,
    /// When the row was changed last.
    pub updated_at: DateTime<Utc>,
}

const TABLE: Target = Target {
    table: "service_account",
    key: 1,
    columns: &[
        ("id", Type::Uuid),
        ("name", Type::Text),
        ("tenant_kind", Type::Text),
        ("asserts_id", Type::Uuid),
        ("roles", Type::Text),
        ("jwks", Type::Text),
        ("is_enabled", Type::Boolean),
        ("updated_at", Type::Instant),
    ],
};

/// Adds an account, or changes the one with its key.
pub async fn put_service_account(connection: &mut Connection<'_>, account: &ServiceAccount) -> Result<(), StoreError> {
    let text = |value: &str| Cell::Text(value.into());
    let row = vec![
        Cell::Uuid(account.id),
        text(&account.name),
        text(account.tenant.kind().name()),
        account.tenant.id().map_or(Cell::Null, Cell::Uuid),
        text(&account.roles),
        text(&account.jwks),
        Cell::Boolean(account.is_enabled),
        Cell::Instant(account.updated_at),
    ];
    upsert(connection, TABLE, vec![row]).await
}

/// Notes that an assertion was used; whether it was for the first time.
pub async fn use_assertion(
    connection: &mut Connection<'_>,
    account: Uuid,
    token_id: &str,
    expires_at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("INSERT INTO client_assertion (service_account_id, jti, expires_at) VALUES (");
    sql.bind(Type::Uuid, Cell::Uuid(account)).push(", ").text(token_id).push(", ").bind(Type::Instant, Cell::Instant(expires_at));
    sql.push(") ON CONFLICT (service_account_id, jti) DO NOTHING");
    Ok(connection.execute(sql).await? == 1)
}

/// Forgets assertions that nobody could use any more before an instant.
pub async fn forget_assertions(connection: &mut Connection<'_>, before: DateTime<Utc>) -> Result<(), StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("DELETE FROM client_assertion WHERE expires_at < ").bind(Type::Instant, Cell::Instant(before));
    connection.execute(sql).await.map(|_| ())
}

impl Store {
    /// All accounts.
    pub async fn service_accounts(&self) -> Result<Vec<ServiceAccount>, StoreError> {
        on_connection!(self, connection => accounts(&mut connection, None).await)
    }

    /// The account with a key.
    pub async fn service_account(&self, id: Uuid) -> Result<Option<ServiceAccount>, StoreError> {
        on_connection!(self, connection => Ok(accounts(&mut connection, Some(id)).await?.pop()))
    }
}

async fn accounts(connection: &mut Connection<'_>, id: Option<Uuid>) -> Result<Vec<ServiceAccount>, StoreError> {
    let names: Vec<String> = TABLE.columns.iter().map(|(name, _)| format!("t.{name}")).collect();
    let types: Vec<Type> = TABLE.columns.iter().map(|(_, of)| *of).collect();
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT ").push(&names.join(", ")).push(" FROM service_account t");
    if let Some(id) = id {
        sql.push(" WHERE t.id = ").bind(Type::Uuid, Cell::Uuid(id));
    }
    sql.push(" ORDER BY t.id");
    let rows = connection.fetch(sql, &types).await?;
    Ok(rows.iter().filter_map(|cells| read(cells)).collect())
}

/// A row; the table's own conditions see to it that every row can be read.
fn read(cells: &[Cell]) -> Option<ServiceAccount> {
    let text = |place: usize| cells[place].text().map(str::to_owned);
    Some(ServiceAccount {
        id: cells[0].uuid()?,
        name: text(1)?,
        tenant: Tenant::of(TenantKind::named(cells[2].text()?)?, cells[3].uuid())?,
        roles: text(4)?,
        jwks: text(5)?,
        is_enabled: cells[6] == Cell::Boolean(true),
        updated_at: if let Cell::Instant(value) = cells[7] { value } else { return None },
    })
}
