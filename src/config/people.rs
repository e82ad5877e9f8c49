//! Rosters of businesses, and places in offerings.

use serde::Deserialize;

/// Rosters of businesses.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roster {
    /// People who may be separated at once without a confirmation, in percent of a roster.
    pub separation_percent: u64,
    /// As many may always be.
    pub separation_free: u64,
    /// Days for which an invitation is good.
    pub invitation_days: u32,
}

/// Places in offerings.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrollment {
    /// Hours for which a freed seat is offered.
    pub offer_hours: u32,
    /// Time between two looks for offers that have lapsed, in milliseconds.
    pub sweep_ms: u64,
}

/// Work in the background, and the files that are sent for it.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jobs {
    /// Jobs that a node works on at a time.
    pub workers: u32,
    /// Rows that are worked off together.
    pub batch: u32,
    /// Time for which a worker has a job to itself, in milliseconds by the database's clock.
    pub lease_ms: u64,
    /// Time between two looks for jobs, in milliseconds.
    pub poll_ms: u64,
    /// Most lists, and most imports, of a tenant that have not ended.
    pub open: u64,
    /// Most rows of a list.
    pub rows: usize,
    /// Most bytes of a file.
    pub upload_bytes: usize,
    /// Minutes within which a file must be sent.
    pub upload_minutes: u32,
    /// Hours for which a file is kept.
    pub upload_hours: u32,
    /// Most files that are kept for a tenant.
    pub uploads: u64,
}
