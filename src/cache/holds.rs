//! How it is known that what is kept still holds.

use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Utc};

use super::entry::Reject;
use super::generation::Generations;

/// Bytes that a tag takes beside its text.
const TAG: usize = 40;

/// What something that is kept was made of, and when it ends.
#[derive(Debug)]
pub struct Holds {
    /// What it was made of, with the generations from before it was read.
    pub tags: Vec<(String, i64)>,
    /// When it ends at the latest.
    pub ends_at: DateTime<Utc>,
    /// The version of what this node knows in which it was found to hold.
    judged: AtomicU64,
}

impl Holds {
    /// What was read while this node knew what it did in a version.
    #[must_use]
    pub const fn new(tags: Vec<(String, i64)>, ends_at: DateTime<Utc>, version: u64) -> Self {
        Self { tags, ends_at, judged: AtomicU64::new(version) }
    }

    /// Whether it may be given.
    ///
    /// # Errors
    /// Why not.
    pub fn judge(&self, generations: &Generations, now: DateTime<Utc>) -> Result<(), Reject> {
        if now >= self.ends_at {
            return Err(Reject::Ended);
        }
        // Before anything is compared: what changes meanwhile makes it be compared again.
        let version = generations.version();
        if self.judged.load(Ordering::Acquire) == version {
            return Ok(());
        }
        if !generations.stand(&self.tags) {
            return Err(Reject::Moved);
        }
        self.judged.store(version, Ordering::Release);
        Ok(())
    }

    /// About how many bytes the tags take in memory.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.tags.iter().map(|(tag, _)| tag.len() + TAG).sum()
    }
}
