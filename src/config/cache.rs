//! What is kept in memory.

use serde::Deserialize;

/// What is kept in memory.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cache {
    /// Bytes of parsed documents.
    pub document_bytes: u64,
    /// Bytes of requests that were sent before; 0 for none.
    pub request_bytes: u64,
    /// Bytes of answers; 0 for none.
    pub answer_bytes: u64,
    /// Bytes of pages and objects that answers are made of; 0 for none.
    pub part_bytes: u64,
    /// How long an answer is kept at most, in seconds.
    pub answer_seconds: u64,
    /// Time between two looks for changes, in milliseconds.
    pub poll_ms: u64,
    /// Longest answer that is shared by Redis, in bytes.
    pub redis_value_bytes: u64,
    /// Whether `PostgreSQL` tells of changes besides.
    pub listen: bool,
}

impl Cache {
    /// Whether anything is kept that changes could end.
    #[must_use]
    pub const fn is_used(&self) -> bool {
        self.answer_bytes > 0 || self.part_bytes > 0
    }
}
