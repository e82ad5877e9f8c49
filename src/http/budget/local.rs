//! Buckets on this node.

use std::array;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use moka::sync::Cache;

use super::Key;
use crate::cache::{BUCKETS, Taken};
use crate::config;

/// Most buckets that are remembered. One that is forgotten is full again, as most that nobody used for a while are.
const MOST: u64 = 200_000;

/// All buckets.
#[derive(Debug)]
pub(super) struct Local(Cache<Key, Arc<Mutex<Bucket>>>);

#[derive(Debug)]
struct Bucket {
    points: f64,
    at: DateTime<Utc>,
}

impl Local {
    /// Buckets that are full again after so many seconds.
    pub(super) fn new(refilled: u64) -> Self {
        Self(Cache::builder().max_capacity(MOST).time_to_idle(Duration::from_secs(refilled.saturating_add(60))).build())
    }

    /// Takes points out of all of these buckets, or out of none.
    pub(super) fn take<const N: usize>(&self, keys: &[&Key; N], sizes: &[config::Bucket; N], points: u64, now: DateTime<Utc>) -> Taken {
        let points = points as f64;
        let buckets: [_; N] = array::from_fn(|place| self.bucket(keys[place], sizes[place], now));
        // Always in the same order: a person's, then its tenant's.
        let mut held: [_; N] = array::from_fn(|place| hold(&buckets[place], sizes[place], now));
        let mut before = [f64::INFINITY; BUCKETS];
        for (before, bucket) in before.iter_mut().zip(&held) {
            *before = bucket.points;
        }
        let refused = before.iter().position(|before| *before < points);
        if refused.is_none() {
            for bucket in &mut held {
                bucket.points -= points;
            }
        }
        Taken { before, left: before.map(|before| if refused.is_none() { before - points } else { before }), refused }
    }

    /// Puts so many points into these buckets, whatever they hold.
    pub(super) fn put(&self, keys: &[&Key], sizes: &[config::Bucket], points: impl Iterator<Item = f64>, now: DateTime<Utc>) {
        for ((key, size), points) in keys.iter().zip(sizes).zip(points) {
            hold(&self.bucket(key, *size, now), *size, now).points = points.clamp(0.0, size.capacity as f64);
        }
    }

    fn bucket(&self, key: &Key, size: config::Bucket, now: DateTime<Utc>) -> Arc<Mutex<Bucket>> {
        self.0.get_with_by_ref(key, || Arc::new(Mutex::new(Bucket { points: size.capacity as f64, at: now })))
    }
}

/// A bucket with what has come in.
fn hold(bucket: &Mutex<Bucket>, size: config::Bucket, now: DateTime<Utc>) -> MutexGuard<'_, Bucket> {
    let mut bucket = bucket.lock().unwrap_or_else(PoisonError::into_inner);
    let passed = (now - bucket.at).num_milliseconds().max(0) as f64 / 1_000.0;
    bucket.points = (bucket.points + passed * size.refill_per_second as f64).min(size.capacity as f64);
    bucket.at = bucket.at.max(now);
    bucket
}
