//! Parts of answers, as they were read: what answers are made of that are not kept themselves, because something in them is not for everyone. They never leave the process.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;

use super::counts::Counts;
use super::generation::Generations;
use super::holds::Holds;
use super::key::Key;
use super::memory::{Memory, Weighed};
use crate::domain::clock::Clock;

/// Bytes that a part takes beside what is told of it.
const OVERHEAD: usize = 256;

/// Kept parts of one node, bounded by what they take.
#[derive(Debug)]
pub struct Parts<V: Send + Sync + 'static> {
    memory: Memory<Part<V>>,
    longest: Duration,
    generations: Arc<Generations>,
    clock: Clock,
    counts: Counts,
}

/// A part.
#[derive(Debug)]
pub struct Part<V> {
    /// What was read.
    pub value: V,
    /// What it hangs on.
    pub holds: Holds,
    bytes: usize,
}

impl<V: Send + Sync + 'static> Weighed for Part<V> {
    fn weight(&self) -> usize {
        OVERHEAD + self.bytes + self.holds.weight()
    }
}

impl<V: Send + Sync + 'static> Parts<V> {
    /// At most so many bytes, each part for so long.
    #[must_use]
    pub fn new(bytes: u64, longest: Duration, generations: Arc<Generations>, clock: Clock) -> Self {
        Self { memory: Memory::new(bytes, longest), longest, generations, clock, counts: Counts::default() }
    }

    /// What this node knows at the moment; to be taken before a part is read.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.generations.version()
    }

    /// A part, if it is kept and holds.
    #[must_use]
    pub fn find(&self, key: &Key) -> Option<Arc<Part<V>>> {
        let found = self.look(key);
        if found.is_some() {
            self.counts.hit();
        } else {
            self.counts.miss();
        }
        found
    }

    fn look(&self, key: &Key) -> Option<Arc<Part<V>>> {
        let now = self.clock.now();
        if !self.generations.is_current(now) {
            self.counts.unheard();
            return None;
        }
        let part = self.memory.get(key)?;
        match part.holds.judge(&self.generations, now) {
            Ok(()) => Some(part),
            Err(reject) => {
                self.counts.reject(reject);
                None
            }
        }
    }

    /// Keeps what was read since a version and takes so many bytes, unless what it hangs on was moved meanwhile, or it is larger than all that is kept.
    pub fn keep(&self, key: Key, version: u64, value: V, bytes: usize, tags: Vec<String>) {
        let Some(generations) = self.generations.as_of(version, &tags) else {
            self.counts.raced();
            return;
        };
        let longest = TimeDelta::from_std(self.longest).unwrap_or(TimeDelta::MAX);
        let holds = Holds::new(tags.into_iter().zip(generations).collect(), self.clock.now() + longest, version);
        if self.memory.put(key, Arc::new(Part { value, holds, bytes })) {
            self.counts.fill();
        }
    }

    /// What was counted.
    #[must_use]
    pub const fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Where they are kept.
    #[must_use]
    pub const fn memory(&self) -> &Memory<Part<V>> {
        &self.memory
    }
}
