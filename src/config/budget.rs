//! What callers may spend.

use serde::Deserialize;

/// Buckets of points.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Of an address without a token.
    pub anonymous: Bucket,
    /// Of a person.
    pub person: Bucket,
    /// Of a machine.
    pub service: Bucket,
    /// Of all that speak for one tenant together.
    pub tenant: Bucket,
    /// Into how many parts they fall while nodes cannot share them.
    pub nodes: u64,
}

/// A bucket that refills continuously.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bucket {
    /// Most points that it holds.
    pub capacity: u64,
    /// Points that come in each second.
    pub refill_per_second: u64,
}
