//! A number that moves whenever something that tokens were judged by has changed: revocations, registrations, keys.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The number. Clones are the same one.
#[derive(Debug, Clone, Default)]
pub struct Generation(Arc<AtomicU64>);

impl Generation {
    /// As it is now. What is judged after this was read is judged by all that moved it before.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// Moves it, after the change can be seen.
    pub fn advance(&self) {
        self.0.fetch_add(1, Ordering::Release);
    }
}
