//! How often each tag was moved, as this node knows it.
//!
//! The numbers themselves are kept in the database, where a write moves them in its own transaction. Here is a copy: this node's own writes reach it before they are
//! acknowledged, those of others by a notification or with the next poll. What is heard twice, or late, changes nothing: the highest number stands.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use chrono::{DateTime, Utc};

use crate::domain::heard::Heard;

/// A tag that was moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The tag.
    pub tag: String,
    /// How often so far.
    pub generation: i64,
    /// When, by the database's clock.
    pub at: DateTime<Utc>,
}

/// What this node knows of a tag.
#[derive(Debug)]
struct Known {
    generation: i64,
    at: DateTime<Utc>,
    /// The version in which it came to be known here.
    version: u64,
}

/// What this node knows of all tags. One that it does not know stands at 0.
#[derive(Debug, Default)]
pub struct Generations {
    known: RwLock<HashMap<String, Known>>,
    version: AtomicU64,
    heard: Heard,
}

impl Generations {
    /// A number that moves with everything that is heard. What is read after it was taken is as new as all that was heard before.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// Takes over what was moved.
    pub fn apply(&self, moved: &[Moved]) {
        if moved.is_empty() {
            return;
        }
        let mut known = self.write();
        let version = self.version.load(Ordering::Relaxed) + 1;
        let mut is_new = false;
        for Moved { tag, generation, at } in moved {
            match known.get_mut(tag) {
                Some(there) if there.generation >= *generation => {}
                Some(there) => {
                    *there = Known { generation: *generation, at: *at, version };
                    is_new = true;
                }
                None => {
                    known.insert(tag.clone(), Known { generation: *generation, at: *at, version });
                    is_new = true;
                }
            }
        }
        if is_new {
            self.version.store(version, Ordering::Release);
        }
    }

    /// Forgets what was moved before an instant of the database's clock: no answer is kept for so long.
    pub fn forget(&self, before: DateTime<Utc>) {
        if !self.read().values().any(|known| known.at < before) {
            return;
        }
        let mut known = self.write();
        known.retain(|_, known| known.at >= before);
        self.version.fetch_add(1, Ordering::Release);
    }

    /// The generations of tags in the order given; `None` when one of them was heard of after a version, so that what was read since may be older than it.
    #[must_use]
    pub fn as_of(&self, version: u64, tags: &[String]) -> Option<Vec<i64>> {
        let known = self.read();
        let generation = |tag| match known.get(tag) {
            Some(there) if there.version > version => None,
            Some(there) => Some(there.generation),
            None => Some(0),
        };
        tags.iter().map(generation).collect()
    }

    /// Whether tags still stand at these generations.
    #[must_use]
    pub fn stand(&self, tags: &[(String, i64)]) -> bool {
        let known = self.read();
        tags.iter().all(|(tag, generation)| known.get(tag).map_or(0, |known| known.generation) == *generation)
    }

    /// Notes that everything up to an instant of this node's clock was heard.
    pub fn heard(&self, at: DateTime<Utc>) {
        self.heard.note(at);
    }

    /// Whether this node has heard from the database lately enough to know which answers still hold.
    #[must_use]
    pub fn is_current(&self, now: DateTime<Utc>) -> bool {
        self.heard.is_current(now)
    }

    /// How many tags are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.read().len()
    }

    /// Whether no tag is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.read().is_empty()
    }

    fn read(&self) -> RwLockReadGuard<'_, HashMap<String, Known>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<String, Known>> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(tag: &str, generation: i64, second: i64) -> Moved {
        Moved { tag: tag.to_owned(), generation, at: DateTime::from_timestamp(second, 0).expect("an instant") }
    }

    /// A node hears of moves twice and in the wrong order: the highest stands, and what was read before it came is not taken for newer.
    #[test]
    fn the_highest_stands() {
        let generations = Generations::default();
        let tags = ["course".to_owned(), "region".to_owned()];
        let before = generations.version();
        assert_eq!(generations.as_of(before, &tags), Some(vec![0, 0]));
        generations.apply(&[moved("course", 3, 30)]);
        assert_eq!(generations.as_of(before, &tags), None);
        let after = generations.version();
        generations.apply(&[moved("course", 2, 20), moved("course", 3, 30)]);
        assert_eq!(generations.version(), after);
        assert_eq!(generations.as_of(after, &tags), Some(vec![3, 0]));
        assert!(generations.stand(&[("course".to_owned(), 3), ("region".to_owned(), 0)]));
        assert!(!generations.stand(&[("course".to_owned(), 2)]));
        assert!(!generations.stand(&[("region".to_owned(), 1)]));
    }

    /// Moves that are older than any answer are forgotten, so that every node knows the same of them: nothing.
    #[test]
    fn old_moves_are_forgotten() {
        let generations = Generations::default();
        generations.apply(&[moved("course", 3, 30), moved("region", 1, 90)]);
        let version = generations.version();
        generations.forget(DateTime::from_timestamp(30, 0).expect("an instant"));
        assert_eq!((generations.len(), generations.version()), (2, version));
        generations.forget(DateTime::from_timestamp(31, 0).expect("an instant"));
        assert!(generations.stand(&[("course".to_owned(), 0), ("region".to_owned(), 1)]));
        assert!(generations.version() > version && !generations.is_empty());
    }

    /// A node that has not heard from its database for five seconds does not know what holds.
    #[test]
    fn silence_is_noticed() {
        let generations = Generations::default();
        let at = |second| DateTime::from_timestamp(second, 0).expect("an instant");
        assert!(!generations.is_current(at(100)));
        generations.heard(at(100));
        assert!(generations.is_current(at(104)) && !generations.is_current(at(105)) && !generations.is_current(at(95)));
    }
}
