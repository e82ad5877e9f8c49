//! A connection that is held for one request or one act, with the transaction on it.
//!
//! A request can be dropped while a statement is under way. A connection that may then have an open transaction, with the settings of a tenant, is closed and never
//! given to anybody else: the mark that says so is set before the first byte of a transaction is sent, and taken away after its end was confirmed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Executor, Postgres, Sqlite};
use uuid::Uuid;

use super::Store;
use super::connect::Pool;
use super::error::StoreError;
use super::sql::{Connection, Dialect, Wire};
use crate::policy::{Reach, Scope};

/// A held connection.
#[derive(Debug)]
pub(super) struct Held {
    connection: Kept,
    /// Whether a transaction may be open.
    is_open: bool,
    /// The settings for which it goes on, as far as they are known.
    spoken: Option<String>,
    statements: Arc<AtomicU64>,
}

#[derive(Debug)]
enum Kept {
    Postgres(PoolConnection<Postgres>),
    Sqlite(PoolConnection<Sqlite>),
}

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Reading only.
    Read,
    /// Writing.
    Write,
    /// Reading what stands at one instant, whatever is written meanwhile.
    Snapshot,
}

impl Held {
    /// Takes a connection of the pool.
    pub(super) async fn take(store: &Store) -> Result<Self, StoreError> {
        let connection = match &store.pool {
            Pool::Postgres(pool) => Kept::Postgres(pool.acquire().await?),
            Pool::Sqlite(pool) => Kept::Sqlite(pool.acquire().await?),
        };
        Ok(Self { connection, is_open: false, spoken: None, statements: Arc::clone(&store.statements) })
    }

    /// The connection.
    pub(super) fn connection(&mut self) -> Connection<'_> {
        let wire = match &mut self.connection {
            Kept::Postgres(held) => Wire::Postgres(held),
            Kept::Sqlite(held) => Wire::Sqlite(held),
        };
        Connection::new(wire, &self.statements)
    }

    /// Whether a transaction is open.
    pub(super) const fn is_open(&self) -> bool {
        self.is_open
    }

    const fn dialect(&self) -> Dialect {
        match self.connection {
            Kept::Postgres(_) => Dialect::Postgres,
            Kept::Sqlite(_) => Dialect::Sqlite,
        }
    }

    /// Begins a transaction; on `PostgreSQL` with the settings that row-level security reads, in the same round trip.
    pub(super) async fn begin(&mut self, mode: Mode, scope: Option<&Scope>) -> Result<(), StoreError> {
        let settings = if self.dialect() == Dialect::Postgres { settings(scope) } else { String::new() };
        let text = match (self.dialect(), mode) {
            (Dialect::Postgres, Mode::Read) => format!("BEGIN READ ONLY; {settings}"),
            (Dialect::Postgres, Mode::Write) => format!("BEGIN; {settings}"),
            (Dialect::Postgres, Mode::Snapshot) => format!("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; {settings}"),
            (Dialect::Sqlite, Mode::Read | Mode::Snapshot) => "BEGIN".to_owned(),
            // Taking the write lock at once: a reader that turns into a writer later can be refused.
            (Dialect::Sqlite, Mode::Write) => "BEGIN IMMEDIATE".to_owned(),
        };
        self.is_open = true;
        self.run(text).await?;
        self.spoken = Some(settings);
        Ok(())
    }

    /// Ends the transaction, if there is one.
    pub(super) async fn end(&mut self, statement: &str) -> Result<(), StoreError> {
        if self.is_open {
            self.forget();
            self.run(statement.to_owned()).await?;
            self.is_open = false;
        }
        Ok(())
    }

    /// Runs statements without values; nothing is prepared, so that several take one round trip.
    pub(super) async fn run(&mut self, text: String) -> Result<(), StoreError> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        let text = sqlx::raw_sql(AssertSqlSafe(text));
        match &mut self.connection {
            Kept::Postgres(held) => held.execute(text).await.map(|_| ())?,
            Kept::Sqlite(held) => held.execute(text).await.map(|_| ())?,
        }
        Ok(())
    }

    /// Tells the database for whom the open transaction goes on, unless it was told so last.
    pub(super) async fn speak(&mut self, scope: &Scope) -> Result<(), StoreError> {
        if self.dialect() == Dialect::Sqlite {
            return Ok(());
        }
        let settings = settings(Some(scope));
        if self.spoken.as_ref() == Some(&settings) {
            return Ok(());
        }
        // Not known until it is answered.
        self.forget();
        self.run(settings.clone()).await?;
        self.spoken = Some(settings);
        Ok(())
    }

    /// Notes that it is no longer known for whom the transaction goes on: what is taken back takes that along.
    pub(super) fn forget(&mut self) {
        self.spoken = None;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.is_open {
            match &mut self.connection {
                Kept::Postgres(held) => held.close_on_drop(),
                Kept::Sqlite(held) => held.close_on_drop(),
            }
        }
    }
}

/// The settings of a scope, which end with the transaction. They hold nothing but digits and hyphens that a key is written with.
fn settings(scope: Option<&Scope>) -> String {
    let Some(scope) = scope else { return String::new() };
    let reach = match scope.reach() {
        Reach::Public if scope.proof().is_none() => return String::new(),
        Reach::Public => "",
        Reach::Members => "members",
        Reach::Institution(_) | Reach::Business(_) => "tenant",
        Reach::Consortium => "consortium",
    };
    let tenant = match scope.reach() {
        // The consortium's own lines of the audit log bear the key of nobody.
        Reach::Consortium => Uuid::nil().to_string(),
        reach => reach.tenant().map(|tenant| tenant.to_string()).unwrap_or_default(),
    };
    let mut settings = vec![("reach", reach.to_owned()), ("tenant", tenant)];
    let others = [("learner", scope.learner()), ("teacher", scope.teacher()), ("partner", scope.partner()), ("proof", scope.proof())];
    // All of them each time: an act may go on about somebody else.
    settings.extend(others.into_iter().map(|(name, id)| (name, id.map(|id| id.to_string()).unwrap_or_default())));
    settings.push(("runs", if scope.runs().is_some() { "yes".to_owned() } else { String::new() }));
    let calls: Vec<String> = settings.iter().map(|(name, value)| format!("set_config('concord.{name}', '{value}', true)")).collect();
    format!("SELECT {}", calls.join(", "))
}
