//! Buckets of points that all nodes share. One call takes the points of a request out of all its buckets, or out of none, by the clock of Redis.
//!
//! Keys carry a keyed hash of whoever pays: Redis never learns who that is.

use std::net::IpAddr;
use std::sync::Arc;

use ::redis::Script;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::redis::Remote;
use crate::config;
use crate::domain::hex::hex;
use crate::policy::Member;

/// What takes the points.
const SCRIPT: &str = include_str!("bucket.lua");
/// What keys begin with: ours, and the form of what is behind them.
const PREFIX: &str = "concord:bucket:1:";
/// Points are counted there in thousandths: as many come in each millisecond as whole ones each second.
const PARTS: u64 = 1_000;

/// Whose buckets are meant.
#[derive(Debug, Clone, Copy)]
pub enum Payer<'a> {
    /// The address of somebody without a token: one bucket.
    Address(IpAddr),
    /// Somebody with a token: a bucket of their own, and that of their tenant.
    Member(&'a Member),
}

/// What became of a request's points.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// Points of each bucket before.
    pub before: Vec<f64>,
    /// The place of the bucket that was too empty. Nothing was taken then.
    pub refused: Option<usize>,
}

/// All buckets.
pub struct Buckets {
    remote: Arc<Remote>,
    naming: Hmac<Sha256>,
    script: Script,
}

impl std::fmt::Debug for Buckets {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Buckets").field("remote", &self.remote).finish_non_exhaustive()
    }
}

impl Buckets {
    /// In a Redis, with names made with a secret that is the same on every node.
    ///
    /// # Panics
    /// Never: HMAC takes keys of every length (RFC 2104).
    #[must_use]
    pub fn new(remote: Arc<Remote>, secret: &[u8]) -> Self {
        let own = <Hmac<Sha256> as Mac>::new_from_slice(secret).expect("a key of any length");
        let own = own.chain_update(b"names of buckets, form 1").finalize().into_bytes();
        Self { remote, naming: Hmac::new_from_slice(&own).expect("a key of any length"), script: Script::new(SCRIPT) }
    }

    /// Takes points out of the buckets of a payer, which have these sizes, its own first; `None` when Redis does not tell in time.
    pub async fn take(&self, payer: Payer<'_>, sizes: &[config::Bucket], points: u64) -> Option<Taken> {
        let names = self.names(payer);
        let mut call = self.script.arg(points.saturating_mul(PARTS));
        for (name, size) in names.iter().zip(sizes) {
            call.key(name).arg(size.capacity.saturating_mul(PARTS)).arg(size.refill_per_second);
        }
        let parts: Vec<i64> = self.remote.run(&call).await?;
        let (refused, held) = parts.split_first().filter(|(_, held)| held.len() == sizes.len())?;
        // Whoever answers there may be no Redis at all.
        let refused = usize::try_from(*refused).ok().filter(|place| *place <= sizes.len())?;
        let within = |held: &i64, size: &config::Bucket| (*held as f64 / PARTS as f64).clamp(0.0, size.capacity as f64);
        let before = held.iter().zip(sizes).map(|(held, size)| within(held, size)).collect();
        Some(Taken { before, refused: refused.checked_sub(1) })
    }

    /// The keys of a payer's buckets. Those of a tenant lie on one node of a cluster: what stands in braces says on which.
    fn names(&self, payer: Payer<'_>) -> Vec<String> {
        match payer {
            Payer::Address(IpAddr::V4(address)) => vec![format!("{PREFIX}{}", self.hash("v4", &[&address.octets()]))],
            Payer::Address(IpAddr::V6(address)) => vec![format!("{PREFIX}{}", self.hash("v6", &[&address.octets()]))],
            Payer::Member(member) => {
                let tenant = member.tenant.id();
                let tenant = tenant.as_ref().map_or(&[][..], |id| id.as_bytes());
                let shared = format!("{PREFIX}{{{}}}", self.hash("tenant", &[tenant]));
                let own = self.hash("member", &[tenant, member.issuer.as_bytes(), member.subject.as_bytes()]);
                vec![format!("{shared}:{own}"), shared]
            }
        }
    }

    /// What stands for parts of a kind.
    fn hash(&self, kind: &str, parts: &[&[u8]]) -> String {
        let mut hash = self.naming.clone();
        for part in [kind.as_bytes()].iter().chain(parts) {
            hash.update(&(part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hex(&hash.finalize().into_bytes()[..16])
    }
}
