//! The reads of one request. They share one connection, taken when the first of them is made, so that no request can hold several however many root fields it has.
//!
//! What reaches nobody's private rows is read without a transaction. The first read that reaches some begins one, whose settings tell the database whose.

use std::sync::Arc;

use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;

use super::Store;
use super::ask::Ask;
use super::error::StoreError;
use super::held::{Held, Mode};
use super::lookup::{self, Lookup};
use super::noun::Order;
use super::page;
use super::part::{Part, Place, Wish};
use super::row::{Page, Row};
use super::tree::{PageWish, Tree};
use crate::cache::Seen;
use crate::policy::Scope;

/// What one request reads with, always in scopes of one and the same caller.
#[derive(Debug)]
pub struct Session {
    store: Store,
    held: Mutex<Option<Held>>,
    seen: Option<Seen>,
}

/// What is kept of a read, or what `$body` makes of it with the request's connection, which is let go when that fails.
macro_rules! reading {
    ($session:expr, $scope:expr, $tree:expr, $wish:expr, $part:path, |$connection:ident, $ask:ident| $body:expr) => {{
        let place = Place::of($session, &$session.store, $scope, $tree, $wish);
        if let Some($part(kept)) = place.as_ref().and_then(Place::find) {
            return Ok(kept);
        }
        let seen = place.as_ref().map(Place::seen).or($session.seen.as_ref());
        let mut guard = $session.hold($scope).await?;
        let result = match guard.as_mut() {
            None => Err(StoreError::Open("no connection is held".to_owned())),
            Some(held) => {
                let mut $connection = held.connection();
                let $ask = Ask { seen, ..$session.store.ask($scope) };
                $body
            }
        };
        // A transaction in which a statement failed fails every statement after it: the next field begins another.
        if result.is_err() {
            *guard = None;
        }
        drop(guard);
        if let (Some(place), Ok(read)) = (place, &result) {
            place.keep(&$session.store, $part(read.clone())).await;
        }
        result
    }};
}

impl Session {
    pub(super) fn new(store: Store, seen: Option<Seen>) -> Self {
        Self { store, held: Mutex::new(None), seen }
    }

    /// What the reads so far hang on; `None` when it was not asked for, or when something was read that is not for everyone.
    #[must_use]
    pub fn tags(&self) -> Option<Vec<String>> {
        let tags = self.seen.as_ref()?.tags();
        if self.store.faults().has_no_scope() { tags.or_else(|| Some(Vec::new())) } else { tags }
    }

    /// Waits for the reads before it, and holds a connection that is told whose rows are read.
    async fn hold(&self, scope: &Scope) -> Result<MutexGuard<'_, Option<Held>>, StoreError> {
        let mut guard = self.held.lock().await;
        if guard.is_none() {
            *guard = Some(Held::take(&self.store).await?);
        }
        let is_told = !scope.is_public() || scope.proof().is_some();
        if let Some(held) = guard.as_mut()
            && is_told
            && self.store.has_row_security()
        {
            if !held.is_open() {
                held.begin(Mode::Read, Some(scope)).await?;
            } else if scope.proof().is_some() {
                // The reads before it were of the same caller, who holds no code or another one.
                held.speak(scope).await?;
            }
        }
        Ok(guard)
    }

    /// Ends the reads and gives the connection back. One that is only dropped in the middle of private reads is closed instead.
    pub async fn finish(&self) {
        let held = self.held.lock().await.take();
        if let Some(mut held) = held
            && let Err(error) = held.end("COMMIT").await
        {
            tracing::warn!(%error, "the reads of a request were not ended");
        }
    }

    /// Notes what an answer hangs on beside what was read for it: `None` when it is not to be kept.
    pub(super) fn note(&self, tags: Option<Vec<String>>) {
        let Some(seen) = &self.seen else { return };
        match tags {
            Some(tags) => tags.into_iter().for_each(|tag| seen.note(tag)),
            None => seen.spoil(),
        }
    }

    /// A page of a noun.
    pub async fn page(&self, scope: &Scope, tree: &Tree, wish: &PageWish) -> Result<Arc<Page>, StoreError> {
        reading!(self, scope, tree, Wish::Page(wish), Part::Page, |connection, ask| {
            page::of_noun(&mut connection, &ask, page::Source { tree, wish, private: false }).await.map(Arc::new)
        })
    }

    /// All rows of a small noun that meet a condition, in order.
    pub async fn all(&self, scope: &Scope, tree: &Tree, condition: &str, order: &Order) -> Result<Vec<Arc<Row>>, StoreError> {
        reading!(self, scope, tree, Wish::All(condition), Part::All, |connection, ask| {
            lookup::all(&mut connection, &ask, tree, condition, order).await
        })
    }

    /// One object, however it is named; `None` when it is missing or hidden.
    pub async fn one(&self, scope: &Scope, tree: &Tree, lookup: &Lookup) -> Result<Option<Arc<Row>>, StoreError> {
        reading!(self, scope, tree, Wish::One(lookup), Part::One, |connection, ask| {
            lookup::one(&mut connection, &ask, tree, lookup).await
        })
    }

    /// Objects of one noun by their keys, each with `None` when it is missing or hidden.
    pub async fn by_ids(&self, scope: &Scope, tree: &Tree, ids: &[Uuid]) -> Result<Vec<Option<Arc<Row>>>, StoreError> {
        reading!(self, scope, tree, Wish::Each(ids), Part::Each, |connection, ask| {
            lookup::by_ids(&mut connection, &ask, tree, ids).await
        })
    }
}

impl Store {
    /// Whether the database itself tells tenants apart.
    fn has_row_security(&self) -> bool {
        self.dialect() == super::sql::Dialect::Postgres && !self.options.faults.has_no_row_security()
    }

    /// Under what a read runs.
    pub(super) fn ask<'a>(&'a self, scope: &'a Scope) -> Ask<'a> {
        Ask { scope, today: self.clock.today(), now: self.clock.now(), faults: self.options.faults, breaches: &self.breaches, seen: None }
    }
}
