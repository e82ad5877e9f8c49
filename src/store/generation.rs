//! Generations in the database: moved in the transaction of the write, heard of by every node.
//!
//! The lock of a tag's row lets the writers of a tag commit one after the other, so that its numbers come in the order of the commits.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::postgres::{PgListener, PgPoolOptions};

use super::connect::Pool;
use super::error::StoreError;
use super::filter::texts;
use super::row::Cell;
use super::sql::{Connection, Dialect, Sql, Type};
use super::{Store, on_connection};
use crate::cache::Moved;

/// Rows are read again for so long after they were moved: a transaction commits later than the time that it writes down, and a database that takes over from
/// another may have a slower clock.
const OVERLAP: TimeDelta = TimeDelta::minutes(1);
/// Every so many polls everything is read again, whatever clocks have done.
const WHOLE: u32 = 150;
/// Where moves are told on `PostgreSQL`.
const CHANNEL: &str = "concord_cache";
/// Longest notification: `PostgreSQL` takes less than 8000 bytes.
const LONGEST: usize = 7_900;

/// How far the database was read.
#[derive(Debug, Default)]
pub(super) struct Polled {
    latest: Option<DateTime<Utc>>,
    number: u32,
}

/// Moves tags, and tells those who listen when the transaction commits.
pub(super) async fn advance(connection: &mut Connection<'_>, tags: &[String]) -> Result<Vec<Moved>, StoreError> {
    let clock = connection.dialect().clock();
    let mut sql = Sql::new(connection.dialect());
    sql.push("INSERT INTO cache_generation AS g (tag, generation, moved_at) SELECT t.id, 1, ").push(clock).push(" FROM ");
    sql.list("t", Type::Text, texts(tags));
    // Always in the same order: two writes never wait for each other.
    sql.push(" WHERE TRUE ORDER BY t.id ON CONFLICT (tag) DO UPDATE SET generation = g.generation + 1, moved_at = ").push(clock);
    sql.push(" RETURNING tag, generation, moved_at");
    let moved: Vec<Moved> = connection.fetch(sql, &TYPES).await?.iter().filter_map(|cells| read(cells)).collect();
    if connection.dialect() == Dialect::Postgres {
        let mut sql = Sql::new(connection.dialect());
        sql.push("SELECT pg_notify('").push(CHANNEL).push("', ").text(&told(&moved)).push(")");
        connection.execute(sql).await?;
    }
    Ok(moved)
}

/// Types of a row.
const TYPES: [Type; 3] = [Type::Text, Type::Long, Type::Instant];

fn read(cells: &[Cell]) -> Option<Moved> {
    let Cell::Instant(at) = cells[2] else { return None };
    Some(Moved { tag: cells[0].text()?.to_owned(), generation: cells[1].integer()?, at })
}

/// Moves as a notification, a line each; nothing when they are too many, which means that they are to be read.
fn told(moved: &[Moved]) -> String {
    let lines: Vec<String> =
        moved.iter().map(|Moved { tag, generation, at }| format!("{tag} {generation} {}", at.timestamp_micros())).collect();
    Some(lines.join("\n")).filter(|text| text.len() <= LONGEST).unwrap_or_default()
}

/// The moves of a notification; `None` when they are to be read instead.
fn heard(text: &str) -> Option<Vec<Moved>> {
    let line = |line: &str| {
        let mut parts = line.split(' ');
        let tag = parts.next()?.to_owned();
        let generation = parts.next()?.parse().ok()?;
        Some(Moved { tag, generation, at: DateTime::from_timestamp_micros(parts.next()?.parse().ok()?)? })
    };
    if text.is_empty() { None } else { text.lines().map(line).collect() }
}

impl Store {
    /// Reads which tags were moved. Everything within `window` for the first time, and every now and then; what is older is forgotten.
    pub async fn hear(&self, window: Duration) -> Result<(), StoreError> {
        // From before: what came into the database while it was read may have been missed.
        let begun = self.clock.now();
        let window = TimeDelta::from_std(window).unwrap_or(TimeDelta::MAX);
        let mut polled = self.polled.lock().await;
        let (latest, moved) = on_connection!(self, connection => {
            let since = match polled.latest.filter(|_| !polled.number.is_multiple_of(WHOLE)) {
                Some(latest) => latest - OVERLAP,
                None => database_now(&mut connection).await? - window,
            };
            moved_since(&mut connection, since).await
        })?;
        self.generations.apply(&moved);
        self.generations.forget(latest - window);
        polled.latest = polled.latest.max(Some(latest));
        polled.number = polled.number.wrapping_add(1);
        self.generations.heard(begun);
        Ok(())
    }

    /// Reads which tags were moved again and again, and hears of it at once where the database tells and it is wanted. Ends only by being dropped.
    pub async fn keep_hearing(&self, poll: Duration, window: Duration, listens: bool) {
        let mut listener = None;
        let mut is_current = true;
        loop {
            if listens && listener.is_none() {
                listener = self.listen().await;
                if listener.is_some() {
                    // What was told while nobody listened.
                    self.hear_or_warn(window, &mut is_current).await;
                }
            }
            let is_told = tokio::time::timeout(poll, self.listened(&mut listener, window)).await.is_ok();
            if !is_told {
                self.hear_or_warn(window, &mut is_current).await;
            }
        }
    }

    async fn hear_or_warn(&self, window: Duration, is_current: &mut bool) {
        let failure = self.hear(window).await.err();
        let was_current = std::mem::replace(is_current, self.generations.is_current(self.clock.now()));
        match failure {
            Some(error) if was_current && !*is_current => {
                tracing::error!(%error, "changes have not been heard of for 5 s: no kept answer is given until they are");
            }
            Some(error) => tracing::warn!(%error, "changes cannot be read"),
            None if !was_current => tracing::info!("changes are heard of again: kept answers are given"),
            None => {}
        }
    }

    /// Something that is told of moves, on a connection of its own; `None` where there is none.
    async fn listen(&self) -> Option<PgListener> {
        let Pool::Postgres(pool) = &self.pool else { return None };
        let own = PgPoolOptions::new().max_connections(1).connect_lazy_with((*pool.connect_options()).clone());
        let mut listener = PgListener::connect_with(&own).await.ok()?;
        listener.listen(CHANNEL).await.ok()?;
        Some(listener)
    }

    /// Waits for notifications and takes them over, for as long as it is waited for. Ends when the connection is lost.
    async fn listened(&self, listener: &mut Option<PgListener>, window: Duration) {
        let Some(own) = listener else { return std::future::pending().await };
        loop {
            let Ok(Some(told)) = own.try_recv().await else {
                *listener = None;
                return;
            };
            if let Some(moved) = heard(told.payload()) {
                self.generations.apply(&moved);
            } else if let Err(error) = self.hear(window).await {
                tracing::warn!(%error, "changes cannot be read");
            }
        }
    }
}

/// What the database's clock shows.
async fn database_now(connection: &mut Connection<'_>) -> Result<DateTime<Utc>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT ").push(connection.dialect().clock());
    match connection.fetch(sql, &[Type::Instant]).await?.pop().and_then(|mut cells| cells.pop()) {
        Some(Cell::Instant(now)) => Ok(now),
        _ => Err(StoreError::Open("the database tells no time".to_owned())),
    }
}

/// What was moved since an instant of the database's clock, and what that showed before it was read.
async fn moved_since(connection: &mut Connection<'_>, since: DateTime<Utc>) -> Result<(DateTime<Utc>, Vec<Moved>), StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT '' AS tag, CAST(0 AS bigint) AS generation, ").push(connection.dialect().clock()).push(" AS moved_at");
    sql.push(" UNION ALL SELECT t.tag, t.generation, t.moved_at FROM cache_generation t WHERE t.moved_at >= ");
    sql.bind(Type::Instant, Cell::Instant(since));
    let rows = connection.fetch(sql, &TYPES).await?;
    let (now, moved): (Vec<Moved>, Vec<Moved>) = rows.iter().filter_map(|cells| read(cells)).partition(|moved| moved.tag.is_empty());
    let now = now.first().ok_or_else(|| StoreError::Open("the database tells no time".to_owned()))?.at;
    Ok((now, moved))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is told is what is heard; too much of it is told as nothing, and read.
    #[test]
    fn notifications_are_read_as_they_are_written() {
        let at = DateTime::from_timestamp_micros(1_800_000_000_123_456).expect("an instant");
        let moved: Vec<Moved> = (0..3).map(|number| Moved { tag: format!("course:{number}"), generation: number + 1, at }).collect();
        assert_eq!(heard(&told(&moved)), Some(moved));
        let many: Vec<Moved> = (0..400).map(|number| Moved { tag: format!("course:{number}"), generation: 1, at }).collect();
        assert_eq!(told(&many), "");
        for strange in ["", "course", "course x 1", "course 1"] {
            assert_eq!(heard(strange), None, "{strange}");
        }
    }
}
