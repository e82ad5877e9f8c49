//! Drawing from a fixed seed: the same draws on every machine.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// A source of draws.
#[derive(Debug)]
pub(super) struct Chance(ChaCha8Rng);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// A whole number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = high.abs_diff(low) + 1;
        low + (self.0.next_u64() % span) as i64
    }

    /// Whether something happens that does so in `percent` of cases.
    pub(super) fn happens(&mut self, percent: i64) -> bool {
        self.between(1, 100) <= percent
    }

    /// One of several, all equally likely. The list must not be empty.
    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.between(0, from.len() as i64 - 1) as usize]
    }

    /// The place of one of several by weight.
    pub(super) fn weighted(&mut self, weights: &[i64]) -> usize {
        let mut rest = self.between(1, weights.iter().sum::<i64>().max(1));
        for (place, weight) in weights.iter().enumerate() {
            rest -= weight;
            if rest <= 0 {
                return place;
            }
        }
        0
    }
}
