//! What callers may spend: buckets of points that refill continuously, one for each person, service and address, and one for each tenant.
//!
//! All nodes share them by Redis, one call a request, or for all requests of a caller that come while one is under way. While it does not tell, each node goes on with its part of them: of what they can hold, and of what was left.

mod counts;
mod local;

use std::net::IpAddr;
use std::sync::Arc;

use crate::cache::{Buckets, Payer, Taken};
use crate::config;
use crate::domain::clock::Clock;
use crate::graphql::rate_limit::RateLimit;
use crate::policy::{Member, MemberKind, Principal};

pub use counts::{Counts, Kind};
use local::{Key, Purses};

/// All buckets.
#[derive(Debug)]
pub struct Budget {
    shared: Option<Arc<Buckets>>,
    purses: Purses,
    settings: config::Budget,
    cost: config::Cost,
    clock: Clock,
    counts: Counts,
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
    /// With the sizes of the settings; shared by all nodes where there is something to share them by.
    #[must_use]
    pub fn new(settings: config::Budget, cost: config::Cost, clock: Clock, shared: Option<Buckets>) -> Self {
        let shared = shared.map(Arc::new);
        let mut budget = Self { shared, purses: Purses::new(0), settings, cost, clock, counts: Counts::default() };
        let parts = Kind::ALL.map(|kind| budget.part(kind));
        let refilled = parts.iter().map(|part| part.capacity.div_ceil(part.refill_per_second.max(1))).max();
        budget.purses = Purses::new(refilled.unwrap_or_default());
        budget
    }

    /// Most points of one operation of this caller.
    #[must_use]
    pub fn most_per_operation(&self, principal: &Principal) -> u64 {
        self.most(principal.member().map_or(Kind::Anonymous, kind))
    }

    /// Most points of one operation that is paid out of a bucket of this sort.
    fn most(&self, kind: Kind) -> u64 {
        match kind {
            Kind::Anonymous => self.cost.anonymous,
            Kind::Person => self.cost.person,
            Kind::Service => self.cost.service,
            Kind::Tenant => self.cost.person.max(self.cost.service),
        }
    }

    /// The size of a bucket of this sort.
    const fn whole(&self, kind: Kind) -> config::Bucket {
        match kind {
            Kind::Anonymous => self.settings.anonymous,
            Kind::Person => self.settings.person,
            Kind::Service => self.settings.service,
            Kind::Tenant => self.settings.tenant,
        }
    }

    /// This node's part of a bucket: one of as many as there are nodes, but with room for any operation.
    fn part(&self, kind: Kind) -> config::Bucket {
        let (whole, nodes) = (self.whole(kind), self.settings.nodes.max(1));
        config::Bucket {
            capacity: (whole.capacity / nodes).max(self.most(kind)).min(whole.capacity),
            refill_per_second: (whole.refill_per_second / nodes).max(1),
        }
    }

    /// Takes the points of a request out of the caller's bucket and its tenant's; as the caller's stood before.
    ///
    /// # Errors
    /// When one of them is too empty. Nothing was taken then.
    pub async fn charge(&self, principal: &Principal, address: Option<IpAddr>, points: u64) -> Result<RateLimit, Exhausted> {
        // Every request costs something.
        let points = points.max(1);
        match principal.member() {
            Some(member) => self.charge_all(Payer::Member(member), [kind(member), Kind::Tenant], points).await,
            None => self.charge_all(Payer::Address(network(address)), [Kind::Anonymous], points).await,
        }
    }

    /// Takes points out of all buckets of a payer, its own first.
    async fn charge_all<const N: usize>(&self, payer: Payer<'_>, kinds: [Kind; N], points: u64) -> Result<RateLimit, Exhausted> {
        let (parts, wholes, now) = (kinds.map(|kind| self.part(kind)), kinds.map(|kind| self.whole(kind)), self.clock.now());
        let purse =
            self.purses.of(&Key::of(payer, kinds[0]), &parts, now, || self.shared.as_ref().map(|shared| shared.line(payer, &wholes)));
        let told = match (&self.shared, &purse.everywhere) {
            (Some(shared), Some(line)) => Box::pin(shared.take(line, points)).await,
            _ => None,
        };
        let is_shared = told.is_some();
        let (taken, sizes) = if let Some(taken) = told {
            // Should the next call fail, this node goes on from here.
            let left = taken.left.iter().map(|left| left / self.settings.nodes.max(1) as f64);
            purse.put(&parts, left, now);
            (taken, wholes)
        } else {
            (purse.take(&parts, points, now), parts)
        };
        self.counts.charged(is_shared);
        let standing = standing(&taken, sizes[0], self.most(kinds[0]));
        match taken.refused {
            None => Ok(standing),
            Some(place) => {
                self.counts.refused(kinds[place]);
                let missing = points as f64 - taken.before[place];
                Err(Exhausted { standing, retry_after: seconds(missing, sizes[place]) })
            }
        }
    }

    /// What was counted.
    #[must_use]
    pub const fn counts(&self) -> &Counts {
        &self.counts
    }
}

/// The sort of a member's own bucket.
const fn kind(member: &Member) -> Kind {
    match member.kind {
        MemberKind::Person => Kind::Person,
        MemberKind::Service => Kind::Service,
    }
}

/// The caller's own bucket as it stood. What is left is what all buckets let through.
fn standing(taken: &Taken, own: config::Bucket, most: u64) -> RateLimit {
    let whole = |number: u64| i32::try_from(number).unwrap_or(i32::MAX);
    let least = taken.before.iter().copied().fold(f64::INFINITY, f64::min);
    RateLimit {
        capacity: whole(own.capacity),
        remaining: whole(least.max(0.0) as u64),
        refill_per_second: whole(own.refill_per_second),
        max_per_operation: whole(most),
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
