//! Buckets on this node.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ahash::RandomState;
use chrono::{DateTime, Utc};
use moka::sync::Cache;
use uuid::Uuid;

use super::Kind;
use crate::cache::{self, BUCKETS, Payer, Taken};
use crate::config;

/// Most payers that are remembered. The bucket of one who is forgotten is full again, as most that nobody used for a while are; in Redis it is as it was, but requests of theirs no longer
/// share a call.
const MOST: u64 = 200_000;

/// Who pays.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// An address.
    Address(IpAddr),
    /// Somebody with a token.
    Member {
        issuer: Uuid,
        /// Their name there.
        subject: String,
        /// The sort of their bucket.
        kind: Kind,
        tenant: Option<Uuid>,
    },
}

impl Key {
    /// Of a payer whose own bucket is of this sort.
    pub(super) fn of(payer: Payer<'_>, kind: Kind) -> Self {
        match payer {
            Payer::Address(address) => Self::Address(address),
            Payer::Member(member) => {
                Self::Member { issuer: member.issuer, subject: member.subject.clone(), kind, tenant: member.tenant.id() }
            }
        }
    }
}

/// What a request is paid out of: this node's part of each bucket of a payer, its own first, then its tenant's, if it has one.
#[derive(Debug)]
pub(super) struct Purse {
    buckets: Vec<Arc<Mutex<Bucket>>>,
    /// The same buckets, of all nodes.
    pub(super) everywhere: Option<Arc<cache::Line>>,
}

#[derive(Debug)]
struct Bucket {
    points: f64,
    at: DateTime<Utc>,
}

/// The purses of all payers.
#[derive(Debug)]
pub(super) struct Purses {
    payers: Cache<Key, Arc<Purse>, RandomState>,
    /// The buckets of tenants, which several purses hold; there are as many as tenants whose tokens were believed.
    tenants: Mutex<HashMap<Option<Uuid>, Arc<Mutex<Bucket>>>>,
}

impl Purses {
    /// With buckets that are full again after so many seconds.
    pub(super) fn new(refilled: u64) -> Self {
        let idle = Duration::from_secs(refilled.saturating_add(60));
        let payers = Cache::builder().max_capacity(MOST).time_to_idle(idle).build_with_hasher(RandomState::new());
        Self { payers, tenants: Mutex::default() }
    }

    /// The purse of a payer, whose buckets have these sizes here; `everywhere` gives those of all nodes to a new one.
    pub(super) fn of(
        &self,
        key: &Key,
        sizes: &[config::Bucket],
        now: DateTime<Utc>,
        everywhere: impl FnOnce() -> Option<Arc<cache::Line>>,
    ) -> Arc<Purse> {
        self.payers.get_with_by_ref(key, || {
            let mut buckets = vec![full(sizes[0], now)];
            if let (Key::Member { tenant, .. }, Some(size)) = (key, sizes.get(1)) {
                buckets.push(self.tenant(*tenant, *size, now));
            }
            Arc::new(Purse { buckets, everywhere: everywhere() })
        })
    }

    fn tenant(&self, tenant: Option<Uuid>, size: config::Bucket, now: DateTime<Utc>) -> Arc<Mutex<Bucket>> {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(tenants.entry(tenant).or_insert_with(|| full(size, now)))
    }
}

impl Purse {
    /// Takes points out of all of its buckets, or out of none.
    pub(super) fn take(&self, sizes: &[config::Bucket], points: u64, now: DateTime<Utc>) -> Taken {
        let points = points as f64;
        // Always in the same order: a person's, then its tenant's.
        let mut held: [Option<MutexGuard<'_, Bucket>>; BUCKETS] = Default::default();
        let mut before = [f64::INFINITY; BUCKETS];
        for (place, (bucket, size)) in self.buckets.iter().zip(sizes).enumerate() {
            let bucket = hold(bucket, *size, now);
            before[place] = bucket.points;
            held[place] = Some(bucket);
        }
        let refused = before.iter().position(|before| *before < points);
        if refused.is_none() {
            for bucket in held.iter_mut().flatten() {
                bucket.points -= points;
            }
        }
        Taken { before, left: before.map(|before| if refused.is_none() { before - points } else { before }), refused }
    }

    /// Puts so many points into its buckets, whatever they hold.
    pub(super) fn put(&self, sizes: &[config::Bucket], points: impl Iterator<Item = f64>, now: DateTime<Utc>) {
        for ((bucket, size), points) in self.buckets.iter().zip(sizes).zip(points) {
            hold(bucket, *size, now).points = points.clamp(0.0, size.capacity as f64);
        }
    }
}

fn full(size: config::Bucket, now: DateTime<Utc>) -> Arc<Mutex<Bucket>> {
    Arc::new(Mutex::new(Bucket { points: size.capacity as f64, at: now }))
}

/// A bucket with what has come in.
fn hold(bucket: &Mutex<Bucket>, size: config::Bucket, now: DateTime<Utc>) -> MutexGuard<'_, Bucket> {
    let mut bucket = bucket.lock().unwrap_or_else(PoisonError::into_inner);
    let passed = (now - bucket.at).num_milliseconds().max(0) as f64 / 1_000.0;
    bucket.points = (bucket.points + passed * size.refill_per_second as f64).min(size.capacity as f64);
    bucket.at = bucket.at.max(now);
    bucket
}
