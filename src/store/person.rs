//! Who a subject of an issuer is: the learner, or the member of an institution's staff. Read before it is known who asks, and without a scope.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::change::{Value, insert};
use super::error::StoreError;
use super::row::Cell;
use super::sql::{Connection, Sql, Type};
use super::{Store, on_connection};
use crate::domain::text::sort_key;

impl Store {
    /// The learner that a subject is, if it is known as one.
    pub async fn learner_of(&self, issuer: Uuid, subject: &str) -> Result<Option<Uuid>, StoreError> {
        on_connection!(self, connection => learner_in(&mut connection, issuer, subject).await)
    }

    /// The member of an institution's staff that a subject is: the institution's own systems call both the same.
    pub async fn staff_member_of(&self, institution: Uuid, subject: &str) -> Result<Option<Uuid>, StoreError> {
        on_connection!(self, connection => {
            let mut sql = Sql::new(connection.dialect());
            sql.push("SELECT k.object_id FROM external_key k WHERE k.tenant_id = ").bind(Type::Uuid, Cell::Uuid(institution));
            sql.push(" AND k.kind = 'staff_member' AND k.value = ").text(subject).push(" ORDER BY k.system, k.object_id LIMIT 1");
            first(&mut connection, sql).await
        })
    }

    /// The roster entry that an invitation's code stands for: business and entry.
    pub async fn invited_by(&self, code_hash: &str, now: DateTime<Utc>) -> Result<Option<(Uuid, Uuid)>, StoreError> {
        on_connection!(self, connection => {
            let mut sql = Sql::new(connection.dialect());
            sql.push("SELECT i.business_id, i.employee_id FROM invitation i WHERE i.used_at IS NULL AND i.code_hash = ").text(code_hash);
            sql.push(" AND i.expires_at > ").bind(Type::Instant, Cell::Instant(now));
            let rows = connection.fetch(sql, &[Type::Uuid, Type::Uuid]).await?;
            Ok(rows.first().and_then(|cells| Some((cells[0].uuid()?, cells[1].uuid()?))))
        })
    }
}

/// The learner that a subject is, as far as a transaction sees.
pub async fn learner_in(connection: &mut Connection<'_>, issuer: Uuid, subject: &str) -> Result<Option<Uuid>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT i.learner_id FROM learner_identity i WHERE i.issuer_id = ").bind(Type::Uuid, Cell::Uuid(issuer));
    sql.push(" AND i.subject = ").text(subject);
    first(connection, sql).await
}

/// Adds a learner for a subject that is not known as one.
pub async fn insert_learner(
    connection: &mut Connection<'_>,
    id: Uuid,
    identity: (Uuid, &str),
    name: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let text = |text: &str| Cell::Text(text.into());
    let learner: Vec<Value> = vec![
        ("id", Type::Uuid, Cell::Uuid(id)),
        ("display_name", Type::Text, text(name)),
        ("name_key", Type::Text, text(&sort_key(name))),
        ("updated_at", Type::Instant, Cell::Instant(now)),
    ];
    insert(connection, "learner", learner).await?;
    let mut sql = Sql::new(connection.dialect());
    sql.push("INSERT INTO learner_identity (issuer_id, subject, learner_id) VALUES (").bind(Type::Uuid, Cell::Uuid(identity.0));
    sql.push(", ").text(identity.1).push(", ").bind(Type::Uuid, Cell::Uuid(id)).push(") ON CONFLICT (issuer_id, subject) DO NOTHING");
    // Somebody with the same token was faster: the act is done again as that learner.
    if connection.execute(sql).await? == 1 { Ok(()) } else { Err(StoreError::Moved) }
}

/// Lets a tenant know a learner.
pub async fn make_known(connection: &mut Connection<'_>, tenant: Uuid, learner: Uuid) -> Result<(), StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("INSERT INTO learner_tenant (tenant_id, id, name_key) SELECT ").bind(Type::Uuid, Cell::Uuid(tenant));
    sql.push(", l.id, l.name_key FROM learner l WHERE l.id = ").bind(Type::Uuid, Cell::Uuid(learner));
    sql.push(" ON CONFLICT (tenant_id, id) DO NOTHING");
    connection.execute(sql).await.map(|_| ())
}

async fn first(connection: &mut Connection<'_>, sql: Sql) -> Result<Option<Uuid>, StoreError> {
    Ok(connection.fetch(sql, &[Type::Uuid]).await?.first().and_then(|cells| cells[0].uuid()))
}
