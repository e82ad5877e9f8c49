//! What was answered to whom under which key, in the transaction of the act.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::error::StoreError;
use super::row::Cell;
use super::sql::{Connection, Sql, Type};
use super::{Store, on_connection};

/// Whose key it is.
#[derive(Debug, Clone, Copy)]
pub struct Key<'a> {
    /// Registration of the caller's issuer.
    pub issuer: Uuid,
    /// What it calls the caller.
    pub subject: &'a str,
    /// The key.
    pub key: Uuid,
}

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Nobody used it before: it is the caller's now, until the transaction ends.
    New,
    /// It was used for this act and an input with this hash; the answer.
    Used {
        /// The act.
        act: String,
        /// Hash of the input.
        input_hash: String,
        /// The answer.
        answer: String,
    },
}

/// Claims a key. Whoever claims the same one at once waits until this transaction ends. Keys from before `cutoff` are forgotten.
pub async fn claim(
    connection: &mut Connection<'_>,
    key: Key<'_>,
    act: &str,
    input_hash: &str,
    times: (DateTime<Utc>, DateTime<Utc>),
) -> Result<Claim, StoreError> {
    let (now, cutoff) = times;
    let mut sql = Sql::new(connection.dialect());
    sql.push("INSERT INTO idempotency_key (issuer, subject, key, act, input_hash, created_at) VALUES (")
        .bind(Type::Uuid, Cell::Uuid(key.issuer));
    sql.push(", ").text(key.subject).push(", ").bind(Type::Uuid, Cell::Uuid(key.key)).push(", ").text(act).push(", ").text(input_hash);
    sql.push(", ").bind(Type::Instant, Cell::Instant(now)).push(") ON CONFLICT (issuer, subject, key) DO UPDATE SET act = excluded.act, ");
    sql.push("input_hash = excluded.input_hash, answer = NULL, created_at = excluded.created_at WHERE idempotency_key.created_at < ");
    sql.bind(Type::Instant, Cell::Instant(cutoff));
    if connection.execute(sql).await? == 1 {
        return Ok(Claim::New);
    }
    // It may have been given up while this one waited for it.
    used(connection, key, cutoff).await?.ok_or(StoreError::Moved)
}

/// For what a key was used since a moment, if it was.
async fn used(connection: &mut Connection<'_>, key: Key<'_>, cutoff: DateTime<Utc>) -> Result<Option<Claim>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT k.act, k.input_hash, k.answer FROM idempotency_key k WHERE ");
    of_key(&mut sql, "k.", key);
    sql.push(" AND k.created_at >= ").bind(Type::Instant, Cell::Instant(cutoff));
    let rows = connection.fetch(sql, &[Type::Text, Type::Text, Type::Text]).await?;
    let text = |place: usize| rows.first().and_then(|cells| cells[place].text()).map(str::to_owned);
    let (Some(act), Some(input_hash), Some(answer)) = (text(0), text(1), text(2)) else { return Ok(None) };
    Ok(Some(Claim::Used { act, input_hash, answer }))
}

impl Store {
    /// What is known of a key that was used since `cutoff`; nobody waits for it.
    pub async fn known(&self, key: Key<'_>, cutoff: DateTime<Utc>) -> Result<Claim, StoreError> {
        on_connection!(self, connection => Ok(used(&mut connection, key, cutoff).await?.unwrap_or(Claim::New)))
    }
}

/// Keeps what is answered.
pub async fn settle(connection: &mut Connection<'_>, key: Key<'_>, answer: &str) -> Result<(), StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("UPDATE idempotency_key SET answer = ").text(answer).push(" WHERE ");
    of_key(&mut sql, "", key);
    connection.execute(sql).await.map(|_| ())
}

fn of_key(sql: &mut Sql, alias: &str, key: Key<'_>) {
    sql.push(alias)
        .push("issuer = ")
        .bind(Type::Uuid, Cell::Uuid(key.issuer))
        .push(" AND ")
        .push(alias)
        .push("subject = ")
        .text(key.subject);
    sql.push(" AND ").push(alias).push("key = ").bind(Type::Uuid, Cell::Uuid(key.key));
}
