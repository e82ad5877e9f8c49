//! When a node heard from its database last. What it knows by hearing is good for as long as it goes on hearing.

use std::sync::{PoisonError, RwLock};

use chrono::{DateTime, TimeDelta, Utc};

/// A node that has not heard from the database for so long no longer knows what holds.
const PATIENCE: TimeDelta = TimeDelta::seconds(5);

/// The last instant up to which everything was heard.
#[derive(Debug, Default)]
pub struct Heard(RwLock<Option<DateTime<Utc>>>);

impl Heard {
    /// Notes that everything up to an instant of this node's clock was heard.
    pub fn note(&self, at: DateTime<Utc>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(at);
    }

    /// Whether that is lately enough.
    #[must_use]
    pub fn is_current(&self, now: DateTime<Utc>) -> bool {
        let heard_at = *self.0.read().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back says nothing about how long ago it was.
        heard_at.is_some_and(|heard| (now - heard).abs() < PATIENCE)
    }
}
