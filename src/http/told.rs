//! What a caller is told of its budget: in the headers of an answer, and in its extensions. Written with each answer, and so by hand.

use axum::http::HeaderMap;
use axum::http::header::{HeaderName, HeaderValue};
use bytes::{Bytes, BytesMut};
use serde_json::json;

use crate::graphql::rate_limit::RateLimit;

/// Headers that there is room for from the start: those of an answer to a POST, with what is added on the way out.
const HEADERS: usize = 6;
/// Bytes that both headers take at most.
const HEADER_BYTES: usize = 64;
/// Bytes that the end of an answer takes at most.
const ENDING_BYTES: usize = 151;

static RATELIMIT: HeaderName = HeaderName::from_static("ratelimit");
static RATELIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Points of an operation beside the bucket that they were taken out of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Charge {
    /// What it costs.
    pub requested: u64,
    /// The bucket as it stood before.
    pub standing: RateLimit,
}

impl Charge {
    /// Points that are left behind it.
    fn left(self) -> i32 {
        self.standing.remaining.saturating_sub(i32::try_from(self.requested.max(1)).unwrap_or(i32::MAX)).max(0)
    }

    /// What the headers tell of it.
    pub(super) fn headers(self) -> HeaderMap {
        headers(self.left(), self.standing)
    }

    /// As a JSON value.
    pub(super) fn json(self) -> serde_json::Value {
        let RateLimit { capacity, remaining, refill_per_second, max_per_operation } = self.standing;
        json!({
            "capacity": capacity,
            "limit": max_per_operation,
            "refillPerSecond": refill_per_second,
            "remaining": remaining,
            "requested": self.requested,
        })
    }

    /// The last member of an answer and the end of it: the same in an object under `extensions`.
    pub(super) fn ending(self) -> Bytes {
        let RateLimit { capacity, remaining, refill_per_second, max_per_operation } = self.standing;
        let mut text = Text(BytesMut::with_capacity(ENDING_BYTES));
        text.put(r#","extensions":{"cost":{"capacity":"#).number(capacity);
        text.put(r#","limit":"#).number(max_per_operation);
        text.put(r#","refillPerSecond":"#).number(refill_per_second);
        text.put(r#","remaining":"#).number(remaining);
        text.put(r#","requested":"#).number(self.requested).put("}}}").take()
    }
}

/// The bucket as the draft of the IETF on rate limit headers writes it: points that are left, and seconds until it is full; how many it holds, and in what time.
pub(super) fn headers(remaining: i32, standing: RateLimit) -> HeaderMap {
    let refill = standing.refill_per_second.max(1).unsigned_abs();
    let seconds = |points: i32| points.max(0).unsigned_abs().div_ceil(refill);
    let missing = standing.capacity.saturating_sub(remaining);
    let mut text = Text(BytesMut::with_capacity(HEADER_BYTES));
    let now = text.put(r#""cost";r="#).number(remaining).put(";t=").number(seconds(missing)).take();
    let policy = text.put(r#""cost";q="#).number(standing.capacity).put(";w=").number(seconds(standing.capacity)).take();
    let mut headers = HeaderMap::with_capacity(HEADERS);
    for (name, value) in [(&RATELIMIT, now), (&RATELIMIT_POLICY, policy)] {
        if let Ok(value) = HeaderValue::from_maybe_shared(value) {
            headers.insert(name.clone(), value);
        }
    }
    headers
}

/// A text that grows.
struct Text(BytesMut);

impl Text {
    fn put(&mut self, text: &str) -> &mut Self {
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    fn number(&mut self, number: impl itoa::Integer) -> &mut Self {
        self.put(itoa::Buffer::new().format(number))
    }

    /// What was written since the last time.
    fn take(&mut self) -> Bytes {
        self.0.split().freeze()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LARGEST: RateLimit =
        RateLimit { capacity: i32::MAX, remaining: i32::MAX, refill_per_second: i32::MAX, max_per_operation: i32::MAX };

    /// An operator sets buckets as large as can be told: the headers tell them, and fit where they are written.
    #[test]
    fn tells_the_largest_buckets() {
        let headers = headers(0, LARGEST);
        assert_eq!(headers["ratelimit"], "\"cost\";r=0;t=1");
        assert_eq!(headers["ratelimit-policy"], "\"cost\";q=2147483647;w=1");
        // Half of the points are there, and both numbers of the bucket have ten digits.
        let longest = super::headers(i32::MAX / 2, RateLimit { refill_per_second: 1, ..LARGEST });
        assert_eq!(longest["ratelimit"].len() + longest["ratelimit-policy"].len(), HEADER_BYTES);
    }

    /// The end of an answer is an object with what an error tells as well, and the longest one fits where it is written.
    #[test]
    fn ends_an_answer() {
        let charge = Charge { requested: u64::MAX, standing: LARGEST };
        let ending = charge.ending();
        let expected = concat!(
            r#","extensions":{"cost":{"capacity":2147483647,"limit":2147483647,"refillPerSecond":2147483647,"#,
            r#""remaining":2147483647,"requested":18446744073709551615}}}"#
        );
        assert_eq!((ending.as_ref(), ending.len()), (expected.as_bytes(), ENDING_BYTES));
        let told: serde_json::Value = serde_json::from_str(&format!("{{{}", &expected[1..])).expect("JSON");
        assert_eq!(told, json!({ "extensions": { "cost": charge.json() } }));
    }
}
