//! What was answered to whom under which key, in the transaction of the act.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::error::StoreError;
use super::row::Cell;
use super::sql::{Connection, Dialect, Sql, Type};
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
    used(connection, &[key], cutoff).await?.remove(&key.key).ok_or(StoreError::Moved)
}

/// For what keys of one caller were used since a moment, those that were.
async fn used(connection: &mut Connection<'_>, keys: &[Key<'_>], cutoff: DateTime<Utc>) -> Result<HashMap<Uuid, Claim>, StoreError> {
    let Some(first) = keys.first() else { return Ok(HashMap::new()) };
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT k.key, k.act, k.input_hash, k.answer FROM idempotency_key k WHERE k.issuer = ")
        .bind(Type::Uuid, Cell::Uuid(first.issuer));
    sql.push(" AND k.subject = ").text(first.subject).push(" AND ");
    sql.any("k.key", Type::Uuid, keys.iter().map(|key| Cell::Uuid(key.key)).collect());
    sql.push(" AND k.created_at >= ").bind(Type::Instant, Cell::Instant(cutoff));
    let rows = connection.fetch(sql, &[Type::Uuid, Type::Text, Type::Text, Type::Text]).await?;
    let read = |cells: &Vec<Cell>| {
        let text = |place: usize| cells[place].text().map(str::to_owned);
        Some((cells[0].uuid()?, Claim::Used { act: text(1)?, input_hash: text(2)?, answer: text(3)? }))
    };
    Ok(rows.iter().filter_map(read).collect())
}

impl Store {
    /// What is known of keys of one caller that were used since `cutoff`; nobody waits for them.
    pub async fn known(&self, keys: &[Key<'_>], cutoff: DateTime<Utc>) -> Result<HashMap<Uuid, Claim>, StoreError> {
        on_connection!(self, connection => used(&mut connection, keys, cutoff).await)
    }

    /// Deletes keys from before `cutoff`, the oldest first and no more than `most`; how many. One that is claimed anew meanwhile stays.
    pub async fn forget_keys(&self, cutoff: DateTime<Utc>, most: u32) -> Result<u64, StoreError> {
        on_connection!(self, connection => {
            // Looking costs nobody a lock.
            let mut sql = Sql::new(connection.dialect());
            sql.push("SELECT k.key FROM idempotency_key k WHERE k.created_at < ").bind(Type::Instant, Cell::Instant(cutoff)).push(" LIMIT 1");
            if connection.fetch(sql, &[Type::Uuid]).await?.is_empty() {
                return Ok(0);
            }
            let mut sql = Sql::new(connection.dialect());
            sql.push("DELETE FROM idempotency_key WHERE created_at < ").bind(Type::Instant, Cell::Instant(cutoff));
            sql.push(" AND (issuer, subject, key) IN (SELECT k.issuer, k.subject, k.key FROM idempotency_key k WHERE k.created_at < ");
            sql.bind(Type::Instant, Cell::Instant(cutoff)).push(&format!(" ORDER BY k.created_at LIMIT {most}"));
            if connection.dialect() == Dialect::Postgres {
                sql.push(" FOR UPDATE SKIP LOCKED");
            }
            sql.push(")");
            connection.execute(sql).await
        })
    }
}

/// Keeps what is answered.
pub async fn settle(connection: &mut Connection<'_>, key: Key<'_>, answer: &str) -> Result<(), StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("UPDATE idempotency_key SET answer = ").text(answer).push(" WHERE issuer = ").bind(Type::Uuid, Cell::Uuid(key.issuer));
    sql.push(" AND subject = ").text(key.subject).push(" AND key = ").bind(Type::Uuid, Cell::Uuid(key.key));
    connection.execute(sql).await.map(|_| ())
}
