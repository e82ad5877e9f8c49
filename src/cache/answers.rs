//! Kept answers: finding one, or being the one who makes it.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Place;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use chrono::TimeDelta;
use tokio::sync::watch;

use super::counts::Counts;
use super::entry::{Entry, Reject};
use super::generation::Generations;
use super::key::Key;
use super::memory::Memory;
use crate::config;
use crate::domain::clock::Clock;

/// Kept answers of one node.
#[derive(Debug)]
pub struct Answers {
    memory: Memory,
    generations: Arc<Generations>,
    clock: Clock,
    longest: Duration,
    flights: Mutex<HashMap<Key, watch::Receiver<()>>>,
    counts: Counts,
}

/// What looking for an answer comes to.
#[derive(Debug)]
pub enum Found<'a> {
    /// It is there, and holds.
    Kept(Arc<Entry>),
    /// It is to be made.
    Make(Turn<'a>),
}

/// The making of an answer. Others who ask the same wait until it is dropped.
#[derive(Debug)]
pub struct Turn<'a> {
    answers: &'a Answers,
    key: Key,
    /// What this node knew before anything was read.
    version: u64,
    /// Whom others wait for; `None` for one who does not make them wait.
    waited_for: Option<watch::Sender<()>>,
}

impl Answers {
    /// As the settings say; `None` where nothing is to be kept.
    #[must_use]
    pub fn new(settings: &config::Cache, generations: Arc<Generations>, clock: Clock) -> Option<Self> {
        if settings.answer_bytes == 0 {
            return None;
        }
        let longest = Duration::from_secs(settings.answer_seconds);
        Some(Self {
            memory: Memory::new(settings.answer_bytes, longest),
            generations,
            clock,
            longest,
            flights: Mutex::default(),
            counts: Counts::default(),
        })
    }

    /// An answer that holds, or the turn to make it. Whoever asks while somebody makes it waits for that, but no longer than `patience`.
    pub async fn find(&self, key: Key, patience: Duration) -> Found<'_> {
        if let Some(entry) = self.get(&key) {
            self.counts.hit();
            return Found::Kept(entry);
        }
        let mut before = match self.join(key) {
            Ok(turn) => {
                self.counts.miss();
                return Found::Make(turn);
            }
            Err(before) => before,
        };
        // Ends with an error when the one who makes it is done, whatever came of it.
        let _ = tokio::time::timeout(patience, before.changed()).await;
        if let Some(entry) = self.get(&key) {
            self.counts.hit();
            return Found::Kept(entry);
        }
        self.counts.miss();
        Found::Make(Turn { answers: self, key, version: self.generations.version(), waited_for: None })
    }

    /// The turn to make an answer, or whom to wait for.
    fn join(&self, key: Key) -> Result<Turn<'_>, watch::Receiver<()>> {
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        match flights.entry(key) {
            Place::Occupied(there) => Err(there.get().clone()),
            Place::Vacant(place) => {
                let (sender, receiver) = watch::channel(());
                place.insert(receiver);
                Ok(Turn { answers: self, key, version: self.generations.version(), waited_for: Some(sender) })
            }
        }
    }

    /// What is kept, if it holds.
    fn get(&self, key: &Key) -> Option<Arc<Entry>> {
        let now = self.clock.now();
        if !self.generations.is_current(now) {
            self.counts.unheard();
            return None;
        }
        let entry = self.memory.get(key)?;
        match entry.judge(&self.generations, now) {
            Ok(()) => Some(entry),
            Err(reject) => {
                self.reject(reject);
                None
            }
        }
    }

    fn reject(&self, reject: Reject) {
        self.counts.reject(reject);
        if reject.is_alarming() {
            tracing::error!(alarm = "cache", reason = reject.word(), "an entry of the cache is not ours, or not where we put it");
        }
    }

    /// When an answer that is made now ends: up to a tenth earlier than the longest time, so that not all end at once.
    fn lifetime(&self, key: &Key) -> TimeDelta {
        let longest = TimeDelta::from_std(self.longest).unwrap_or(TimeDelta::MAX);
        longest - longest / 10 * i32::from(key.bytes()[0]) / 256
    }

    /// What was counted.
    #[must_use]
    pub const fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The tier in the process.
    #[must_use]
    pub const fn memory(&self) -> &Memory {
        &self.memory
    }
}

impl Turn<'_> {
    /// Keeps the answer that was made, with what it was made of, and lets go those who wait for it.
    pub fn keep(self, data: Bytes, tags: Vec<String>) -> Option<Arc<Entry>> {
        let answers = self.answers;
        let Some(generations) = answers.generations.as_of(self.version, &tags) else {
            // What it was made of changed while it was read: it may hold the old or the new.
            answers.counts.raced();
            return None;
        };
        let ends_at = answers.clock.now() + answers.lifetime(&self.key);
        let entry = Arc::new(Entry::new(data, tags.into_iter().zip(generations).collect(), ends_at, self.version));
        answers.memory.put(self.key, Arc::clone(&entry));
        answers.counts.fill();
        Some(entry)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if let Some(sender) = self.waited_for.take() {
            self.answers.flights.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
            drop(sender);
        }
    }
}
