//! What was taken away: subjects, tenants, keys, tokens.
//!
//! The table belongs to no tenant, and is read before it is known who asks: reading it needs no scope. Who may add to it is decided by the acts that do.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::error::StoreError;
use super::row::Cell;
use super::sql::{Connection, Sql, Type};
use super::{Store, on_connection};

/// What is taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RevocationKind {
    /// What an issuer calls one subject.
    Subject,
    /// A tenant as a whole.
    Tenant,
    /// A key of an issuer.
    Key,
    /// One token of an issuer.
    Token,
}

impl RevocationKind {
    const ALL: [Self; 4] = [Self::Subject, Self::Tenant, Self::Key, Self::Token];

    /// As it is kept.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Subject => "SUBJECT",
            Self::Tenant => "TENANT",
            Self::Key => "KEY",
            Self::Token => "TOKEN",
        }
    }
}

/// A row of `revocation`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// Key.
    pub id: Uuid,
    /// What is taken away.
    pub kind: RevocationKind,
    /// Registration of the issuer; `None` for Concord's own, and for tenants.
    pub issuer: Option<Uuid>,
    /// The subject, the tenant's key, the key's `kid`, or the token's `jti`.
    pub value: String,
    /// Tokens of the subject or tenant that were issued until then are no longer valid.
    pub revoked_at: DateTime<Utc>,
}

/// Adds a row. It carries the time of the database's own clock, by which other nodes find it.
pub async fn insert_revocation(connection: &mut Connection<'_>, revocation: &Revocation) -> Result<(), StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("INSERT INTO revocation (id, kind, issuer_id, value, revoked_at, recorded_at) VALUES (");
    sql.bind(Type::Uuid, Cell::Uuid(revocation.id)).push(", ").text(revocation.kind.name()).push(", ");
    sql.bind(Type::Uuid, revocation.issuer.map_or(Cell::Null, Cell::Uuid)).push(", ").text(&revocation.value).push(", ");
    sql.bind(Type::Instant, Cell::Instant(revocation.revoked_at)).push(", ");
    sql.push(connection.dialect().clock()).push(")");
    connection.execute(sql).await.map(|_| ())
}

/// Whether a tenant as a whole, or a subject by its issuer (`None` for Concord's own), lost its access at or after an instant.
pub async fn is_revoked_since(
    connection: &mut Connection<'_>,
    tenant: &str,
    (issuer, subject): (Option<Uuid>, &str),
    since: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.id FROM revocation t WHERE t.revoked_at >= ").bind(Type::Instant, Cell::Instant(since));
    sql.push(" AND ((t.kind = ").text(RevocationKind::Tenant.name()).push(" AND t.value = ").text(tenant);
    sql.push(") OR (t.kind = ").text(RevocationKind::Subject.name()).push(" AND t.value = ").text(subject).push(" AND t.issuer_id ");
    match issuer {
        Some(issuer) => sql.push("= ").bind(Type::Uuid, Cell::Uuid(issuer)),
        None => sql.push("IS NULL"),
    };
    sql.push(")) LIMIT 1");
    Ok(!connection.fetch(sql, &[Type::Uuid]).await?.is_empty())
}

impl Store {
    /// What was recorded since an instant of the database's clock, oldest first, each with its own; everything without one.
    pub async fn revocations_since(&self, since: Option<DateTime<Utc>>) -> Result<Vec<(Revocation, DateTime<Utc>)>, StoreError> {
        on_connection!(self, connection => {
            let mut sql = Sql::new(connection.dialect());
            sql.push("SELECT t.id, t.kind, t.issuer_id, t.value, t.revoked_at, t.recorded_at FROM revocation t");
            if let Some(since) = since {
                sql.push(" WHERE t.recorded_at >= ").bind(Type::Instant, Cell::Instant(since));
            }
            sql.push(" ORDER BY t.recorded_at, t.id");
            let types = [Type::Uuid, Type::Text, Type::Uuid, Type::Text, Type::Instant, Type::Instant];
            let rows = connection.fetch(sql, &types).await?;
            Ok(rows.iter().filter_map(|cells| read(cells)).collect())
        })
    }
}

fn read(cells: &[Cell]) -> Option<(Revocation, DateTime<Utc>)> {
    let kind = cells[1].text()?;
    let (Cell::Instant(revoked_at), Cell::Instant(recorded_at)) = (&cells[4], &cells[5]) else { return None };
    let revocation = Revocation {
        id: cells[0].uuid()?,
        kind: RevocationKind::ALL.into_iter().find(|known| known.name() == kind)?,
        issuer: cells[2].uuid(),
        value: cells[3].text()?.to_owned(),
        revoked_at: *revoked_at,
    };
    Some((revocation, *recorded_at))
}
