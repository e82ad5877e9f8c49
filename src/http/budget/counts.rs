//! What became of requests at their buckets.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts since the start.
#[derive(Debug, Default)]
pub struct Counts {
    shared: AtomicU64,
    local: AtomicU64,
    refused: [AtomicU64; Kind::ALL.len()],
}

/// The sorts of bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Of an address without a token.
    Anonymous,
    /// Of a person.
    Person,
    /// Of a machine.
    Service,
    /// Of all that speak for one tenant.
    Tenant,
}

impl Kind {
    /// Every sort.
    pub const ALL: [Self; 4] = [Self::Anonymous, Self::Person, Self::Service, Self::Tenant];

    /// As it stands in the settings and in metrics.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Person => "person",
            Self::Service => "service",
            Self::Tenant => "tenant",
        }
    }
}

impl Counts {
    pub(super) fn charged(&self, is_shared: bool) {
        let number = if is_shared { &self.shared } else { &self.local };
        number.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn refused(&self, kind: Kind) {
        if let Some(number) = self.refused.get(kind as usize) {
            number.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Requests that were charged to the buckets of all nodes.
    #[must_use]
    pub fn shared(&self) -> u64 {
        self.shared.load(Ordering::Relaxed)
    }

    /// Requests that were charged to buckets of this node.
    #[must_use]
    pub fn local(&self) -> u64 {
        self.local.load(Ordering::Relaxed)
    }

    /// Requests that were refused because a bucket of this sort was too empty.
    #[must_use]
    pub fn refusals(&self, kind: Kind) -> u64 {
        self.refused.get(kind as usize).map_or(0, |number| number.load(Ordering::Relaxed))
    }
}
