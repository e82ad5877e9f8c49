//! What learners let tenants see.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::business::BUSINESS;
use super::error::StoreError;
use super::filter::uuids;
use super::institution::INSTITUTION;
use super::noun::{Edge, Noun, OPEN, column, edge, made, plain};
use super::row::Cell;
use super::sql::{Connection, Dialect, Sql, Type};
use super::wall::Wall;
use crate::domain::id::Kind;

/// A permission that a learner gave.
pub static CONSENT_GRANT: Noun = Noun {
    name: "ConsentGrant",
    kind: Some(Kind::ConsentGrant),
    table: "consent_grant",
    columns: &[
        column("id", Type::Uuid),
        column("learner_id", Type::Uuid),
        column("institution_id", Type::Uuid),
        column("business_id", Type::Uuid),
        column("scopes", Type::Text),
        column("purpose", Type::Text),
        column("text_version", Type::Text),
        column("granted_at", Type::Instant),
        column("expires_at", Type::Instant),
        column("revoked_at", Type::Instant),
    ],
    fields: &[
        plain(&["id"]),
        plain(&["scopes"]),
        plain(&["purpose"]),
        plain(&["text_version"]),
        plain(&["granted_at"]),
        plain(&["expires_at"]),
        plain(&["revoked_at"]),
        made("is_active", &["expires_at", "revoked_at"]),
        edge(
            "grantee",
            &Edge::Either { branches: &[("institution_id", &INSTITUTION), ("business_id", &BUSINESS)], named: true, always: true },
        ),
    ],
    public: OPEN,
    wall: Wall::Consent,
    list: None,
};

/// How many locks there are for the consents of all learners: whoever ends thousands of enrollments at once takes no more of the database's than these.
const LOCKS: u128 = 1_024;

/// Keeps others from giving and taking consents of learners, and from writing what follows from these, until the transaction ends. All that a transaction needs it takes in one call,
/// so that two never wait for each other.
pub async fn hold(connection: &mut Connection<'_>, learners: &[Uuid]) -> Result<(), StoreError> {
    if learners.is_empty() || connection.dialect() == Dialect::Sqlite {
        return Ok(());
    }
    let locks: BTreeSet<u128> = learners.iter().map(|learner| learner.as_u128() % LOCKS).collect();
    let locks = locks.into_iter().filter_map(|lock| i64::try_from(lock).ok()).map(Cell::Integer).collect();
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT pg_advisory_xact_lock(hashtextextended('consents', l.id)) FROM ").list("l", Type::Long, locks);
    connection.fetch(sql, &[]).await.map(|_| ())
}

/// Ends the consents of learners to a tenant, which the column names.
pub async fn end(
    connection: &mut Connection<'_>,
    column: &'static str,
    tenant: Uuid,
    learners: &[Uuid],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("UPDATE consent_grant SET revoked_at = ").bind(Type::Instant, Cell::Instant(now)).push(" WHERE revoked_at IS NULL AND ");
    sql.push(column).push(" = ").bind(Type::Uuid, Cell::Uuid(tenant)).push(" AND ").any("learner_id", Type::Uuid, uuids(learners));
    connection.execute(sql).await.map(|_| ())
}

/// Ends one consent; whether it was in force.
pub async fn end_one(connection: &mut Connection<'_>, learner: Uuid, id: Uuid, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("UPDATE consent_grant SET revoked_at = ").bind(Type::Instant, Cell::Instant(now)).push(" WHERE revoked_at IS NULL AND ");
    sql.push("id = ").bind(Type::Uuid, Cell::Uuid(id)).push(" AND learner_id = ").bind(Type::Uuid, Cell::Uuid(learner));
    Ok(connection.execute(sql).await? == 1)
}

/// For what learners let a business see something last, each with the words that they were shown.
pub async fn purposes(connection: &mut Connection<'_>, business: Uuid, learners: &[Uuid]) -> Result<HashMap<Uuid, String>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.learner_id, t.purpose FROM consent_grant t WHERE t.business_id = ").bind(Type::Uuid, Cell::Uuid(business));
    // One that ended since it was looked at was in force then; of several the last counts.
    sql.push(" AND ").any("t.learner_id", Type::Uuid, uuids(learners)).push(" ORDER BY t.granted_at, t.id");
    let rows = connection.fetch(sql, &[Type::Uuid, Type::Text]).await?;
    Ok(rows.iter().filter_map(|cells| Some((cells[0].uuid()?, cells[1].text()?.to_owned()))).collect())
}

/// Names of what a learner lets a business see now, separated by spaces.
pub async fn scopes(
    connection: &mut Connection<'_>,
    business: Uuid,
    learner: Uuid,
    now: DateTime<Utc>,
) -> Result<Option<String>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.scopes FROM consent_grant t WHERE t.revoked_at IS NULL AND t.business_id = ").bind(Type::Uuid, Cell::Uuid(business));
    sql.push(" AND t.learner_id = ").bind(Type::Uuid, Cell::Uuid(learner));
    sql.push(" AND coalesce(t.expires_at > ").bind(Type::Instant, Cell::Instant(now)).push(", TRUE)");
    let rows = connection.fetch(sql, &[Type::Text]).await?;
    Ok(rows.first().and_then(|cells| cells[0].text()).map(str::to_owned))
}

/// Lets a business forget learners whose consents have ended.
pub async fn forget(connection: &mut Connection<'_>, business: Uuid, learners: &[Uuid]) -> Result<(), StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("DELETE FROM learner_tenant WHERE tenant_id = ").bind(Type::Uuid, Cell::Uuid(business)).push(" AND ");
    sql.any("id", Type::Uuid, uuids(learners));
    connection.execute(sql).await.map(|_| ())
}
