//! What was taken away, kept in memory and read from the database several times a second.

use std::collections::{HashMap, HashSet};
use std::sync::{PoisonError, RwLock};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;
use uuid::Uuid;

use super::claims::SKEW;
use super::generation::Generation;
use crate::domain::clock::Clock;
use crate::domain::heard::Heard;
use crate::domain::tenant::Tenant;
use crate::store::revocation::{Revocation, RevocationKind};
use crate::store::{Store, StoreError};

/// Rows are read again for so long after they were recorded: a transaction commits later than the time that it writes down, and a database that takes over
/// from another may have a slower clock.
const OVERLAP: TimeDelta = TimeDelta::minutes(1);
/// Every so many polls everything is read again, whatever clocks have done.
const WHOLE: u32 = 150;
/// The consortium, which has no key, in place of a tenant's.
const CONSORTIUM: &str = "CONSORTIUM";

/// What of a token can be revoked.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Registration of its issuer.
    pub issuer: Uuid,
    /// The tenant that it speaks for.
    pub tenant: Tenant,
    /// Whom it speaks of.
    pub subject: String,
    /// The key that it was signed with.
    pub key_id: Option<String>,
    /// What its issuer calls it.
    pub token_id: Option<String>,
    /// When it was issued, in seconds since 1970.
    pub issued_at: i64,
}

/// A name that an issuer gave; Concord's own issuer is `None`.
type Name = (Option<Uuid>, String);

/// What was taken away.
#[derive(Debug, Default)]
struct Sets {
    subjects: HashMap<Name, DateTime<Utc>>,
    tenants: HashMap<String, DateTime<Utc>>,
    keys: HashSet<Name>,
    tokens: HashSet<Name>,
}

/// What this node knows of it.
#[derive(Debug)]
pub struct Revoked {
    sets: RwLock<Sets>,
    heard: Heard,
    polled: Mutex<Polled>,
    clock: Clock,
    generation: Generation,
}

/// How far the database was read.
#[derive(Debug, Default)]
struct Polled {
    latest: Option<DateTime<Utc>>,
    number: u32,
}

impl Revoked {
    /// Nothing is known yet.
    #[must_use]
    pub fn new(clock: Clock, generation: Generation) -> Self {
        Self { sets: RwLock::default(), heard: Heard::default(), polled: Mutex::default(), clock, generation }
    }

    /// Takes something away on this node.
    pub fn apply(&self, revocation: &Revocation) {
        let name = (revocation.issuer, revocation.value.clone());
        let mut sets = self.sets.write().unwrap_or_else(PoisonError::into_inner);
        let is_new = match revocation.kind {
            RevocationKind::Subject => later(&mut sets.subjects, name, revocation.revoked_at),
            RevocationKind::Tenant => later(&mut sets.tenants, name.1, revocation.revoked_at),
            RevocationKind::Key => sets.keys.insert(name),
            RevocationKind::Token => sets.tokens.insert(name),
        };
        drop(sets);
        if is_new {
            self.generation.advance();
        }
    }

    /// Whether the token was taken away, by itself or with its subject, tenant or key.
    #[must_use]
    pub fn is_revoked(&self, facts: &Facts) -> bool {
        let issuer = own(facts.issuer);
        let sets = self.sets.read().unwrap_or_else(PoisonError::into_inner);
        // The issuer's clock may be ahead: what it issued until then is at most this much later by its own account.
        let is_until = |revoked_at: &DateTime<Utc>| facts.issued_at <= revoked_at.timestamp() + SKEW;
        let has = |names: &HashSet<Name>, id: &Option<String>| id.as_ref().is_some_and(|id| names.contains(&(issuer, id.clone())));
        sets.subjects.get(&(issuer, facts.subject.clone())).is_some_and(is_until)
            || sets.tenants.get(&tenant_value(facts.tenant)).is_some_and(is_until)
            || has(&sets.keys, &facts.key_id)
            || has(&sets.tokens, &facts.token_id)
    }

    /// Reads what is new.
    pub async fn refresh(&self, store: &Store) -> Result<(), StoreError> {
        let mut polled = self.polled.lock().await;
        let since = polled.latest.filter(|_| !polled.number.is_multiple_of(WHOLE)).map(|latest| latest - OVERLAP);
        for (revocation, recorded_at) in store.revocations_since(since).await? {
            self.apply(&revocation);
            polled.latest = polled.latest.max(Some(recorded_at));
        }
        polled.number = polled.number.wrapping_add(1);
        Ok(())
    }

    /// Notes that everything up to an instant of this node's clock was read.
    pub fn heard(&self, at: DateTime<Utc>) {
        self.heard.note(at);
    }

    /// Whether this node has heard from the database lately enough to know what is valid.
    #[must_use]
    pub fn is_current(&self, now: DateTime<Utc>) -> bool {
        self.heard.is_current(now)
    }

    /// A row for something to take away now.
    #[must_use]
    pub fn row(&self, id: Uuid, kind: RevocationKind, issuer: Option<Uuid>, value: String) -> Revocation {
        Revocation { id, kind, issuer: issuer.and_then(own), value, revoked_at: self.clock.now() }
    }
}

/// Concord's own issuer has the nil key, and stands without one in the table.
fn own(issuer: Uuid) -> Option<Uuid> {
    Some(issuer).filter(|issuer| !issuer.is_nil())
}

/// A tenant as it stands in a revocation.
#[must_use]
pub fn tenant_value(tenant: Tenant) -> String {
    tenant.id().map_or_else(|| CONSORTIUM.to_owned(), |id| id.to_string())
}

/// Keeps the later of two instants; whether that is a new one.
fn later<K: std::hash::Hash + Eq>(instants: &mut HashMap<K, DateTime<Utc>>, key: K, instant: DateTime<Utc>) -> bool {
    let known = instants.entry(key).or_insert(DateTime::<Utc>::MIN_UTC);
    let is_new = *known < instant;
    *known = instant.max(*known);
    is_new
}
