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
