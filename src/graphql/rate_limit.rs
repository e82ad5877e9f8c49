//! The caller's cost budget, as it is enforced.

use async_graphql::SimpleObject;

/// A cost budget that refills continuously. The same numbers are in `extensions.cost` and in the RateLimit response headers. Visible to: anyone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, SimpleObject)]
pub struct RateLimit {
    /// Most points the bucket can hold. Visible to: anyone.
    pub capacity: i32,
    /// Points left before this request was charged. Visible to: anyone.
    pub remaining: i32,
    /// Points added each second. Visible to: anyone.
    pub refill_per_second: i32,
    /// Highest cost one operation may have. Visible to: anyone.
    pub max_per_operation: i32,
}
