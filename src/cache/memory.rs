//! The tier in the process: bounded by what its entries take.

use std::sync::Arc;
use std::time::Duration;

use ahash::RandomState;
use moka::sync::Cache;

use super::key::Key;

/// Something that is kept.
pub trait Weighed: Send + Sync + 'static {
    /// About how many bytes it takes in memory.
    fn weight(&self) -> usize;
}

/// Entries by key.
#[derive(Debug)]
pub struct Memory<V: Weighed>(Cache<Key, Arc<V>, RandomState>, u64);

impl<V: Weighed> Memory<V> {
    /// At most so many bytes, each entry for so long.
    #[must_use]
    pub fn new(bytes: u64, longest: Duration) -> Self {
        let weigh = |_: &Key, entry: &Arc<V>| u32::try_from(entry.weight()).unwrap_or(u32::MAX);
        Self(Cache::builder().max_capacity(bytes).weigher(weigh).time_to_live(longest).build_with_hasher(RandomState::new()), bytes)
    }

    /// What is kept under a key.
    #[must_use]
    pub fn get(&self, key: &Key) -> Option<Arc<V>> {
        self.0.get(key)
    }

    /// Keeps an entry in place of the one before, unless it is larger than all that is kept; whether it is kept.
    pub fn put(&self, key: Key, entry: Arc<V>) -> bool {
        let fits = entry.weight() as u64 <= self.1;
        if fits {
            self.0.insert(key, entry);
        }
        fits
    }

    /// Bytes that are taken, as far as that is known without tidying up.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.0.weighted_size()
    }

    /// Entries that are kept, as far as that is known without tidying up.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.0.entry_count()
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use chrono::{DateTime, NaiveDate};

    use super::*;
    use crate::cache::Entry;
    use crate::cache::key::Question;
    use crate::policy::{Action, Principal, decide};

    /// A hundred thousand different questions are asked: what is kept of their answers stays within the bound all the time.
    #[test]
    fn stays_within_its_bound() {
        const BOUND: u64 = 4 * 1024 * 1024;
        let memory = Memory::new(BOUND, Duration::from_mins(10));
        let scope = decide(&Principal::Anonymous, Action::Browse).expect("a scope");
        let day = NaiveDate::from_ymd_opt(2027, 1, 15).expect("a day");
        let mut largest = 0;
        for number in 0..100_000_u32 {
            let variables = number.to_string();
            let question = Question::new(&[1; 32], None, &variables, &[2; 32]);
            let key = Key::new(&scope, &question, day).expect("a key");
            let data = Bytes::from(vec![b' '; 1_000 + number as usize % 1_000]);
            let entry = Entry::new(data, vec![("course".to_owned(), 1)], DateTime::UNIX_EPOCH, 0);
            memory.put(key, Arc::new(entry));
            if number % 1_000 == 0 {
                memory.0.run_pending_tasks();
                largest = largest.max(memory.bytes());
            }
        }
        memory.0.run_pending_tasks();
        assert!(memory.bytes() <= BOUND && largest <= BOUND, "{} and {largest} of {BOUND} bytes", memory.bytes());
        assert!(memory.bytes() > BOUND / 2 && memory.entries() > 1_000, "the bound is used: {} bytes", memory.bytes());
    }
}
