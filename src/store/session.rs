//! The reads of one request. They share one connection, taken when the first of them is made, so that no request can hold several however many root fields it has.

use std::sync::Arc;

use sqlx::pool::PoolConnection;
use sqlx::{Postgres, Sqlite};
use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;

use super::Store;
use super::ask::Ask;
use super::connect::Pool;
use super::error::StoreError;
use super::lookup::{self, Lookup};
use super::noun::Order;
use super::page;
use super::row::{Page, Row};
use super::sql::Connection;
use super::tree::{PageWish, Tree};
use crate::policy::Scope;

/// What one request reads with.
#[derive(Debug)]
pub struct Session {
    store: Store,
    held: Mutex<Option<Held>>,
}

/// A connection that is held to the end of the request.
#[derive(Debug)]
enum Held {
    Postgres(PoolConnection<Postgres>),
    Sqlite(PoolConnection<Sqlite>),
}

impl Held {
    fn connection(&mut self) -> Connection<'_> {
        match self {
            Self::Postgres(held) => Connection::Postgres(held),
            Self::Sqlite(held) => Connection::Sqlite(held),
        }
    }
}

async fn take(pool: &Pool) -> Result<Held, StoreError> {
    Ok(match pool {
        Pool::Postgres(pool) => Held::Postgres(pool.acquire().await?),
        Pool::Sqlite(pool) => Held::Sqlite(pool.acquire().await?),
    })
}

/// Runs `$body` with the request's connection.
macro_rules! reading {
    ($session:expr, $scope:expr, |$connection:ident, $ask:ident| $body:expr) => {{
        let mut guard = $session.hold().await?;
        let Some(held) = guard.as_mut() else { return Err(StoreError::Open("no connection is held".to_owned())) };
        let mut $connection = held.connection();
        let $ask = Ask { scope: $scope, today: $session.store.clock.today() };
        $body
    }};
}

impl Session {
    pub(super) fn new(store: Store) -> Self {
        Self { store, held: Mutex::new(None) }
    }

    /// Waits for the reads before it, and holds a connection.
    async fn hold(&self) -> Result<MutexGuard<'_, Option<Held>>, StoreError> {
        let mut guard = self.held.lock().await;
        if guard.is_none() {
            *guard = Some(take(&self.store.pool).await?);
        }
        Ok(guard)
    }

    /// A page of a noun.
    pub async fn page(&self, scope: &Scope, tree: &Tree, wish: &PageWish) -> Result<Page, StoreError> {
        reading!(self, scope, |connection, ask| page::of_noun(&mut connection, &ask, page::Source { tree, wish }).await)
    }

    /// All rows of a small noun that meet a condition, in order.
    pub async fn all(&self, scope: &Scope, tree: &Tree, condition: &str, order: &Order) -> Result<Vec<Arc<Row>>, StoreError> {
        reading!(self, scope, |connection, ask| lookup::all(&mut connection, &ask, tree, condition, order).await)
    }

    /// One object, however it is named; `None` when it is missing or hidden.
    pub async fn one(&self, scope: &Scope, tree: &Tree, lookup: &Lookup) -> Result<Option<Arc<Row>>, StoreError> {
        reading!(self, scope, |connection, ask| lookup::one(&mut connection, &ask, tree, lookup).await)
    }

    /// Objects of one noun by their keys, each with `None` when it is missing or hidden.
    pub async fn by_ids(&self, scope: &Scope, tree: &Tree, ids: &[Uuid]) -> Result<Vec<Option<Arc<Row>>>, StoreError> {
        reading!(self, scope, |connection, ask| lookup::by_ids(&mut connection, &ask, tree, ids).await)
    }
}
