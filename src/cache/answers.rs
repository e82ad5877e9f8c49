//! Kept answers: finding one, or being the one who makes it.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Place;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::ExposeSecret;
use tokio::sync::watch;

use super::counts::Counts;
use super::entry::{Entry, Reject, Sealer};
use super::generation::Generations;
use super::key::{Hash, Key};
use super::memory::Memory;
use super::redis::Remote;
use crate::config;
use crate::domain::clock::Clock;

/// Kept answers of one node.
#[derive(Debug)]
pub struct Answers {
    memory: Memory<Entry>,
    shared: Option<Shared>,
    generations: Arc<Generations>,
    clock: Clock,
    longest: Duration,
    flights: Mutex<HashMap<Key, watch::Receiver<Option<Arc<Entry>>>>>,
    counts: Counts,
}

/// The tier that nodes share.
#[derive(Debug)]
struct Shared {
    remote: Arc<Remote>,
    sealer: Sealer,
    schema: Hash,
}

/// What looking for an answer comes to.
#[derive(Debug)]
pub enum Found {
    /// It is there, and holds.
    Kept(Arc<Entry>),
    /// It is to be made.
    Make(Turn),
}

/// The making of an answer. Others who ask the same wait until it is dropped.
#[derive(Debug)]
pub struct Turn {
    answers: Arc<Answers>,
    key: Key,
    /// What this node knew before anything was read.
    version: u64,
    /// Whom others wait for; `None` for one who does not make them wait.
    waited_for: Option<watch::Sender<Option<Arc<Entry>>>>,
}

impl Answers {
    /// As the settings say, for the schema of this hash; shared where there is something to share them by. `None` where nothing is to be kept.
    #[must_use]
    pub fn new(
        settings: &config::Settings,
        schema: Hash,
        generations: Arc<Generations>,
        clock: Clock,
        remote: Option<Arc<Remote>>,
    ) -> Option<Self> {
        let cache = &settings.cache;
        if cache.answer_bytes == 0 {
            return None;
        }
        let longest = Duration::from_secs(cache.answer_seconds);
        let sealer = Sealer::new(settings.cursors.secret.expose_secret().as_bytes());
        Some(Self {
            memory: Memory::new(cache.answer_bytes, longest),
            shared: remote.map(|remote| Shared { remote, sealer, schema }),
            generations,
            clock,
            longest,
            flights: Mutex::default(),
            counts: Counts::default(),
        })
    }

    /// An answer that this node has and that holds, without waiting for anything.
    #[must_use]
    pub fn kept(&self, key: &Key) -> Option<Arc<Entry>> {
        let entry = self.get(key)?;
        self.counts.hit();
        Some(entry)
    }

    /// An answer that others have or make, or the turn to make it, for one whom [`Answers::kept`] gave none. Whoever asks while somebody makes it waits for that, but no longer than `patience`.
    pub async fn find(self: &Arc<Self>, key: Key, patience: Duration) -> Found {
        let mut before = match self.join(key) {
            Ok(turn) => {
                // Somebody may have kept it since it was looked for.
                if let Some(entry) = self.memory.get(&key).filter(|entry| self.holds(entry)) {
                    self.counts.hit();
                    turn.tell(&entry);
                    return Found::Kept(entry);
                }
                if let Some(entry) = self.fetch(&key).await {
                    self.counts.shared_hit();
                    turn.tell(&entry);
                    return Found::Kept(entry);
                }
                self.counts.miss();
                return Found::Make(turn);
            }
            Err(before) => before,
        };
        // Ends with an error when the one who makes it is done, whatever came of it.
        let _ = tokio::time::timeout(patience, before.changed()).await;
        // What was told may be larger than what is kept here.
        let told = before.borrow().clone();
        if let Some(entry) = self.get(&key).or_else(|| self.check(told?, self.current()?)) {
            self.counts.hit();
            return Found::Kept(entry);
        }
        self.counts.miss();
        Found::Make(Turn { answers: Arc::clone(self), key, version: self.generations.version(), waited_for: None })
    }

    /// The turn to make an answer, or whom to wait for.
    fn join(self: &Arc<Self>, key: Key) -> Result<Turn, watch::Receiver<Option<Arc<Entry>>>> {
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        match flights.entry(key) {
            Place::Occupied(there) => Err(there.get().clone()),
            Place::Vacant(place) => {
                let (sender, receiver) = watch::channel(None);
                place.insert(receiver);
                Ok(Turn { answers: Arc::clone(self), key, version: self.generations.version(), waited_for: Some(sender) })
            }
        }
    }

    /// What is kept, if it holds.
    fn get(&self, key: &Key) -> Option<Arc<Entry>> {
        let Some(now) = self.current() else {
            self.counts.unheard();
            return None;
        };
        self.check(self.memory.get(key)?, now)
    }

    /// This moment; `None` while this node cannot tell what has changed.
    fn current(&self) -> Option<DateTime<Utc>> {
        Some(self.clock.now()).filter(|now| self.generations.is_current(*now))
    }

    /// Whether an entry may be given at this moment; nothing is counted.
    fn holds(&self, entry: &Entry) -> bool {
        self.current().is_some_and(|now| entry.holds.judge(&self.generations, now).is_ok())
    }

    /// An entry, if it holds at this moment ([`Answers::current`]).
    fn check(&self, entry: Arc<Entry>, now: DateTime<Utc>) -> Option<Arc<Entry>> {
        match entry.holds.judge(&self.generations, now) {
            Ok(()) => Some(entry),
            Err(reject) => {
                self.reject(reject);
                None
            }
        }
    }

    /// What other nodes have kept, if it is ours and holds; it is kept here from now on.
    async fn fetch(&self, key: &Key) -> Option<Arc<Entry>> {
        let Shared { remote, sealer, schema } = self.shared.as_ref()?;
        self.current()?;
        let value = remote.get(key).await?;
        let opened = sealer.open(key, schema, &value);
        let judged = opened.and_then(|entry| entry.holds.judge(&self.generations, self.clock.now()).map(|()| Arc::new(entry)));
        match judged {
            Ok(entry) => {
                self.memory.put(*key, Arc::clone(&entry));
                Some(entry)
            }
            Err(reject) => {
                self.reject(reject);
                None
            }
        }
    }

    /// Gives an entry to the other nodes.
    async fn give(&self, key: &Key, entry: &Entry) {
        if let Some(Shared { remote, sealer, schema }) = &self.shared {
            let lifetime = (entry.holds.ends_at - self.clock.now()).to_std().unwrap_or_default();
            remote.put(key, &sealer.seal(key, schema, entry), lifetime).await;
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
    pub const fn memory(&self) -> &Memory<Entry> {
        &self.memory
    }
}

impl Turn {
    /// Gives those who wait what was found or made.
    fn tell(&self, entry: &Arc<Entry>) {
        if let Some(sender) = &self.waited_for {
            sender.send_replace(Some(Arc::clone(entry)));
        }
    }

    /// Keeps the answer that was made, with what it was made of, and lets go those who wait for it; then gives it to the other nodes, which nobody has to wait for.
    pub fn keep(self, data: Bytes, tags: Vec<String>) {
        let answers = Arc::clone(&self.answers);
        let Some(generations) = answers.generations.as_of(self.version, &tags) else {
            // What it was made of changed while it was read: it may hold the old or the new.
            answers.counts.raced();
            return;
        };
        let ends_at = answers.clock.now() + answers.lifetime(&self.key);
        let entry = Arc::new(Entry::new(data, tags.into_iter().zip(generations).collect(), ends_at, self.version));
        answers.memory.put(self.key, Arc::clone(&entry));
        answers.counts.fill();
        self.tell(&entry);
        if answers.shared.is_some() {
            let key = self.key;
            tokio::spawn(async move { answers.give(&key, &entry).await });
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(sender) = self.waited_for.take() {
            self.answers.flights.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
            drop(sender);
        }
    }
}
