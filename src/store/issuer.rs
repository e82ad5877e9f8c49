//! Registered issuers of tokens, as rows.
//!
//! The table belongs to no tenant, and is read before it is known who asks: reading it needs no scope. It holds public keys and names, and nothing of it
//! reaches an answer; who may change it is decided by the acts that do.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::error::StoreError;
use super::row::Cell;
use super::sql::{Connection, Sql, Type};
use super::write::{Target, upsert};
use super::{Store, on_connection};
use crate::domain::tenant::{Tenant, TenantKind};

/// A row of `issuer`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    /// Key.
    pub id: Uuid,
    /// The claim `iss`.
    pub issuer: String,
    /// The one tenant that it speaks for.
    pub tenant: Tenant,
    /// The claim `aud`.
    pub audience: String,
    /// The header `typ`: `at+jwt` or `JWT`.
    pub token_type: String,
    /// Names of algorithms, separated by spaces.
    pub algorithms: String,
    /// Where its keys are.
    pub jwks_url: Option<String>,
    /// The keys themselves, as a JWK set.
    pub jwks: Option<String>,
    /// Claim that names the subject.
    pub subject_claim: String,
    /// Claim that holds a name to greet the subject with.
    pub name_claim: String,
    /// Claim that holds the roles.
    pub role_claim: String,
    /// JSON object: value of the role claim to name of a role.
    pub role_map: String,
    /// Longest time from `iat` to `exp`.
    pub max_lifetime_seconds: i64,
    /// Whether its tokens are taken at all.
    pub is_enabled: bool,
    /// When the row was changed last.
    pub updated_at: DateTime<Utc>,
}

const TABLE: Target = Target {
    table: "issuer",
    key: 1,
    columns: &[
        ("id", Type::Uuid),
        ("issuer", Type::Text),
        ("tenant_kind", Type::Text),
        ("asserts_id", Type::Uuid),
        ("audience", Type::Text),
        ("token_type", Type::Text),
        ("algorithms", Type::Text),
        ("jwks_url", Type::Text),
        ("jwks", Type::Text),
        ("subject_claim", Type::Text),
        ("name_claim", Type::Text),
        ("role_claim", Type::Text),
        ("role_map", Type::Text),
        ("max_lifetime_seconds", Type::Integer),
        ("is_enabled", Type::Boolean),
        ("updated_at", Type::Instant),
    ],
};

/// Adds an issuer, or changes the one with its key.
pub async fn put_issuer(connection: &mut Connection<'_>, issuer: &Issuer) -> Result<(), StoreError> {
    let text = |value: &str| Cell::Text(value.into());
    let maybe = |value: &Option<String>| value.as_deref().map_or(Cell::Null, text);
    let row = vec![
        Cell::Uuid(issuer.id),
        text(&issuer.issuer),
        text(issuer.tenant.kind().name()),
        issuer.tenant.id().map_or(Cell::Null, Cell::Uuid),
        text(&issuer.audience),
        text(&issuer.token_type),
        text(&issuer.algorithms),
        maybe(&issuer.jwks_url),
        maybe(&issuer.jwks),
        text(&issuer.subject_claim),
        text(&issuer.name_claim),
        text(&issuer.role_claim),
        text(&issuer.role_map),
        Cell::Integer(issuer.max_lifetime_seconds),
        Cell::Boolean(issuer.is_enabled),
        Cell::Instant(issuer.updated_at),
    ];
    upsert(connection, TABLE, vec![row]).await
}

/// Removes an issuer.
pub async fn remove_issuer(connection: &mut Connection<'_>, id: Uuid) -> Result<(), StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("DELETE FROM issuer WHERE id = ").bind(Type::Uuid, Cell::Uuid(id));
    connection.execute(sql).await.map(|_| ())
}

impl Store {
    /// The keys of all issuers with their last change, in order: what tells cheaply whether anything is new.
    pub async fn issuer_versions(&self) -> Result<Vec<(Uuid, DateTime<Utc>)>, StoreError> {
        on_connection!(self, connection => {
            let mut sql = Sql::new(connection.dialect());
            sql.push("SELECT t.id, t.updated_at FROM issuer t ORDER BY t.id");
            let rows = connection.fetch(sql, &[Type::Uuid, Type::Instant]).await?;
            Ok(rows.iter().filter_map(|cells| Some((cells[0].uuid()?, instant(&cells[1])?))).collect())
        })
    }

    /// All issuers.
    pub async fn issuers(&self) -> Result<Vec<Issuer>, StoreError> {
        on_connection!(self, connection => {
            let names: Vec<String> = TABLE.columns.iter().map(|(name, _)| format!("t.{name}")).collect();
            let types: Vec<Type> = TABLE.columns.iter().map(|(_, of)| *of).collect();
            let mut sql = Sql::new(connection.dialect());
            sql.push("SELECT ").push(&names.join(", ")).push(" FROM issuer t ORDER BY t.id");
            let rows = connection.fetch(sql, &types).await?;
            Ok(rows.iter().filter_map(|cells| read(cells)).collect())
        })
    }
}

/// A row; the table's own conditions see to it that every row can be read.
fn read(cells: &[Cell]) -> Option<Issuer> {
    let text = |place: usize| cells[place].text().map(str::to_owned);
    Some(Issuer {
        id: cells[0].uuid()?,
        issuer: text(1)?,
        tenant: Tenant::of(TenantKind::named(cells[2].text()?)?, cells[3].uuid())?,
        audience: text(4)?,
        token_type: text(5)?,
        algorithms: text(6)?,
        jwks_url: text(7),
        jwks: text(8),
        subject_claim: text(9)?,
        name_claim: text(10)?,
        role_claim: text(11)?,
        role_map: text(12)?,
        max_lifetime_seconds: cells[13].integer()?,
        is_enabled: cells[14] == Cell::Boolean(true),
        updated_at: instant(&cells[15])?,
    })
}

fn instant(cell: &Cell) -> Option<DateTime<Utc>> {
    if let Cell::Instant(value) = cell { Some(*value) } else { None }
}
