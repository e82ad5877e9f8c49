//! What callers may spend: buckets of points that refill continuously, one for each person, service and address, and one for each tenant.
//!
//! On this node only. The shape is one call a request with the keys of its buckets, so that a store that all nodes share can take its place.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use moka::sync::Cache;
use uuid::Uuid;

use crate::config;
use crate::domain::clock::Clock;
use crate::graphql::rate_limit::RateLimit;
use crate::policy::{MemberKind, Principal};

/// Most buckets that are remembered. One that is forgotten is full again, as most that nobody used for a while are.
const MOST: u64 = 200_000;

/// All buckets.
#[derive(Debug)]
pub struct Budget {
    buckets: Cache<Key, Arc<Mutex<Bucket>>>,
    settings: config::Budget,
    cost: config::Cost,
    clock: Clock,
}

/// Whose bucket it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Address(IpAddr),
    Subject(Uuid, String),
    Tenant(Option<Uuid>),
}

#[derive(Debug)]
struct Bucket {
    points: f64,
    at: DateTime<Utc>,
}

/// The bucket is too empty for a request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exhausted {
    /// As it stands.
    pub standing: RateLimit,
    /// Whole seconds after which the request fits.
    pub retry_after: u64,
}

impl Budget {
    /// With the sizes of the settings.
    #[must_use]
    pub fn new(settings: config::Budget, cost: config::Cost, clock: Clock) -> Self {
        let sizes = [settings.anonymous, settings.person, settings.service, settings.tenant];
        let refilled = sizes.iter().map(|size| size.capacity.div_ceil(size.refill_per_second.max(1))).max().unwrap_or_default();
        let buckets = Cache::builder().max_capacity(MOST).time_to_idle(Duration::from_secs(refilled + 60)).build();
        Self { buckets, settings, cost, clock }
    }

    /// Most points of one operation of this caller.
    #[must_use]
    pub fn most_per_operation(&self, principal: &Principal) -> u64 {
        match principal.member().map(|member| member.kind) {
            None => self.cost.anonymous,
            Some(MemberKind::Person) => self.cost.person,
            Some(MemberKind::Service) => self.cost.service,
        }
    }

    /// Takes the points of a request out of the caller's bucket and its tenant's; as the caller's stood before.
    ///
    /// # Errors
    /// When one of them is too empty. Nothing was taken then.
    pub fn charge(&self, principal: &Principal, address: Option<IpAddr>, points: u64) -> Result<RateLimit, Exhausted> {
        // Every request costs something.
        let points = points.max(1) as f64;
        let most = self.most_per_operation(principal);
        let own = match principal.member() {
            None => (Key::Address(network(address)), self.settings.anonymous),
            Some(member) => {
                let size = if member.kind == MemberKind::Person { self.settings.person } else { self.settings.service };
                (Key::Subject(member.issuer, member.subject.clone()), size)
            }
        };
        let shared = principal.member().map(|member| (Key::Tenant(member.tenant.id()), self.settings.tenant));
        let now = self.clock.now();
        let (own_bucket, shared_bucket) =
            (self.bucket(&own.0, own.1, now), shared.as_ref().map(|(key, size)| self.bucket(key, *size, now)));
        // Always in this order: a person's, then its tenant's.
        let mut own_bucket = own_bucket.lock().unwrap_or_else(PoisonError::into_inner);
        own_bucket.refill(own.1, now);
        let mut standing = own_bucket.standing(own.1, most);
        if let Some(missing) = own_bucket.missing(points) {
            return Err(Exhausted { standing, retry_after: seconds(missing, own.1) });
        }
        if let (Some((_, size)), Some(bucket)) = (shared, &shared_bucket) {
            let mut bucket = bucket.lock().unwrap_or_else(PoisonError::into_inner);
            bucket.refill(size, now);
            // What is left is what both let through.
            standing.remaining = standing.remaining.min(bucket.standing(size, most).remaining);
            if let Some(missing) = bucket.missing(points) {
                return Err(Exhausted { standing, retry_after: seconds(missing, size) });
            }
            bucket.points -= points;
        }
        own_bucket.points -= points;
        Ok(standing)
    }

    fn bucket(&self, key: &Key, size: config::Bucket, now: DateTime<Utc>) -> Arc<Mutex<Bucket>> {
        self.buckets.get_with_by_ref(key, || Arc::new(Mutex::new(Bucket { points: size.capacity as f64, at: now })))
    }
}

impl Bucket {
    fn refill(&mut self, size: config::Bucket, now: DateTime<Utc>) {
        let passed = (now - self.at).num_milliseconds().max(0) as f64 / 1_000.0;
        self.points = (self.points + passed * size.refill_per_second as f64).min(size.capacity as f64);
        self.at = self.at.max(now);
    }

    fn missing(&self, points: f64) -> Option<f64> {
        (self.points < points).then_some(points - self.points)
    }

    fn standing(&self, size: config::Bucket, most: u64) -> RateLimit {
        let whole = |number: u64| i32::try_from(number).unwrap_or(i32::MAX);
        RateLimit {
            capacity: whole(size.capacity),
            remaining: whole(self.points.max(0.0) as u64),
            refill_per_second: whole(size.refill_per_second),
            max_per_operation: whole(most),
        }
    }
}

/// Whole seconds in which so many points come in.
fn seconds(missing: f64, size: config::Bucket) -> u64 {
    ((missing / size.refill_per_second.max(1) as f64).ceil() as u64).max(1)
}

/// Whom an address stands for: whoever has one address of the sixth version has 2^64 of them.
fn network(address: Option<IpAddr>) -> IpAddr {
    match address {
        Some(IpAddr::V6(address)) => match address.to_ipv4_mapped() {
            Some(address) => IpAddr::V4(address),
            None => IpAddr::V6((u128::from(address) & !u128::from(u64::MAX)).into()),
        },
        Some(address) => address,
        None => IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED),
    }
}
