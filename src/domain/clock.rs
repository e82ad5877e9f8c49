//! Where instants and new identifiers come from, so that a test or the demo can fix both.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, NaiveDate, Utc};
use uuid::{Builder, Uuid};

/// Source of the present instant.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// An instant that never moves.
    Fixed(DateTime<Utc>),
    /// An instant, in microseconds since 1970, that moves when it is told to.
    Moved(Arc<AtomicI64>),
    /// An instant, in microseconds since 1970, that is one later whenever somebody has looked.
    Ticking(Arc<AtomicI64>),
}

impl Clock {
    /// The present instant in UTC, cut to microseconds, which is what both databases keep.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
            Self::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                DateTime::from_timestamp_micros(since.as_micros() as i64).unwrap_or_default()
            }
            Self::Fixed(instant) => *instant,
            Self::Ticking(microseconds) => {
                DateTime::from_timestamp_micros(microseconds.fetch_add(1, Ordering::Relaxed)).unwrap_or_default()
            }
            Self::Moved(microseconds) => DateTime::from_timestamp_micros(microseconds.load(Ordering::Relaxed)).unwrap_or_default(),
        }
    }

    /// The present day in UTC.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.now().date_naive()
    }
}

/// Source of new identifiers, all of them UUIDs of version 7 (RFC 9562).
#[derive(Debug, Clone)]
pub enum Ids {
    /// From the machine's clock and random source.
    System,
    /// One after the other from a fixed beginning: the same run gives the same identifiers.
    Counted(Arc<AtomicU64>),
}

/// Milliseconds since 1970 at which counted identifiers begin: 2026-01-01T00:00:00Z.
const COUNTED_FROM: u64 = 1_767_225_600_000;

impl Ids {
    /// Identifiers that are the same in every run.
    #[must_use]
    pub fn counted() -> Self {
        Self::Counted(Arc::new(AtomicU64::new(0)))
    }

    /// An identifier that was not given before.
    #[must_use]
    pub fn next(&self) -> Uuid {
        match self {
            #[expect(clippy::disallowed_methods, reason = "the one place that draws identifiers from the machine")]
            Self::System => Uuid::now_v7(),
            Self::Counted(counter) => {
                let number = counter.fetch_add(1, Ordering::Relaxed);
                let mut random = [0; 10];
                // Spread, so that counted identifiers do not look as if they could be guessed from each other.
                random[..8].copy_from_slice(&number.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes());
                Builder::from_unix_timestamp_millis(COUNTED_FROM + number, &random).into_uuid()
            }
        }
    }
}
