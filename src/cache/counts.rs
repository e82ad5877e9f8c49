//! What became of questions whose answers are kept.

use std::sync::atomic::{AtomicU64, Ordering};

use super::entry::Reject;

/// Counts since the start.
#[derive(Debug, Default)]
pub struct Counts {
    hits: AtomicU64,
    shared_hits: AtomicU64,
    misses: AtomicU64,
    fills: AtomicU64,
    raced: AtomicU64,
    unheard: AtomicU64,
    rejects: [AtomicU64; Reject::ALL.len()],
}

/// Counts one more.
fn count(number: &AtomicU64) {
    number.fetch_add(1, Ordering::Relaxed);
}

impl Counts {
    pub(super) fn hit(&self) {
        count(&self.hits);
    }

    pub(super) fn shared_hit(&self) {
        count(&self.shared_hits);
    }

    pub(super) fn miss(&self) {
        count(&self.misses);
    }

    pub(super) fn fill(&self) {
        count(&self.fills);
    }

    pub(super) fn raced(&self) {
        count(&self.raced);
    }

    pub(super) fn unheard(&self) {
        count(&self.unheard);
    }

    pub(super) fn reject(&self, reject: Reject) {
        if let Some(number) = Reject::ALL.iter().position(|known| *known == reject).and_then(|place| self.rejects.get(place)) {
            count(number);
        }
    }

    /// Answers that were there.
    #[must_use]
    pub fn hits(&self) -> u64 {
        self.hits.load(Ordering::Relaxed)
    }

    /// Answers that another node had made.
    #[must_use]
    pub fn shared_hits(&self) -> u64 {
        self.shared_hits.load(Ordering::Relaxed)
    }

    /// Answers that had to be made.
    #[must_use]
    pub fn misses(&self) -> u64 {
        self.misses.load(Ordering::Relaxed)
    }

    /// Answers that were kept.
    #[must_use]
    pub fn fills(&self) -> u64 {
        self.fills.load(Ordering::Relaxed)
    }

    /// Answers that were not kept because what they were made of changed while they were.
    #[must_use]
    pub fn races(&self) -> u64 {
        self.raced.load(Ordering::Relaxed)
    }

    /// Times that no kept answer was given because the node had not heard of changes for too long.
    #[must_use]
    pub fn silences(&self) -> u64 {
        self.unheard.load(Ordering::Relaxed)
    }

    /// Entries that were found and not given, by the reason.
    #[must_use]
    pub fn rejects(&self, reject: Reject) -> u64 {
        let place = Reject::ALL.iter().position(|known| *known == reject);
        place.and_then(|place| self.rejects.get(place)).map_or(0, |number| number.load(Ordering::Relaxed))
    }
}
