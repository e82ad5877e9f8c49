//! Tokens that were verified, so that one that comes again costs a look.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ahash::RandomState;
use moka::sync::Cache;

use super::key::Key;
use super::registry::Registration;
use super::revocation::Facts;
use crate::config;
use crate::policy::Principal;

/// Bytes of a token's end by which it is found. They are of its signature: tokens differ in them.
const END: usize = 32;
/// Bytes that an entry takes beside the token's text, about: its principal, names and keys.
const BESIDE: u64 = 1_024;

/// A token that was verified.
#[derive(Debug)]
pub struct Verified {
    /// Its text.
    pub text: Box<str>,
    /// Who sent it.
    pub principal: Principal,
    /// First second at which it is no longer taken.
    pub ends_at: i64,
    /// What of it can be revoked.
    pub facts: Facts,
    /// Name of its issuer.
    pub issuer: String,
    /// Registration that it was judged by.
    pub registration: Arc<Registration>,
    /// Key that it was signed with.
    pub key: Key,
    /// Generation that it was judged in last.
    pub generation: AtomicU64,
}

impl Verified {
    /// Notes that it was judged again.
    pub fn judged_in(&self, generation: u64) {
        self.generation.store(generation, Ordering::Relaxed);
    }

    /// Whether nothing has changed since it was judged.
    #[must_use]
    pub fn is_of(&self, generation: u64) -> bool {
        self.generation.load(Ordering::Relaxed) == generation
    }
}

/// Verified tokens, bounded by their number and by what they take in memory.
#[derive(Debug)]
pub struct Tokens(Cache<[u8; END], Arc<Verified>, RandomState>);

impl Tokens {
    /// With the settings' bounds.
    #[must_use]
    pub fn new(settings: &config::Identity) -> Self {
        // An entry weighs at least its share of the bytes, so that their number is bounded too.
        let share = settings.cache_bytes.div_ceil(settings.cache_tokens.max(1));
        let weight = move |token: &Arc<Verified>| u32::try_from(share.max(token.text.len() as u64 + BESIDE)).unwrap_or(u32::MAX);
        Self(
            Cache::builder()
                .max_capacity(settings.cache_bytes)
                .weigher(move |_, token| weight(token))
                .build_with_hasher(RandomState::new()),
        )
    }

    /// The token of exactly this text.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<Arc<Verified>> {
        let found = self.0.get(&end(text)?)?;
        (*found.text == *text).then_some(found)
    }

    /// Keeps a token.
    pub fn keep(&self, token: Verified) {
        if let Some(end) = end(&token.text) {
            self.0.insert(end, Arc::new(token));
        }
    }

    /// Forgets a token.
    pub fn forget(&self, text: &str) {
        if let Some(end) = end(text) {
            self.0.invalidate(&end);
        }
    }
}

fn end(text: &str) -> Option<[u8; END]> {
    text.as_bytes().last_chunk().copied()
}
