//! Buckets of points that all nodes share. One call takes the points of a request out of all its buckets, or out of none, by the clock of Redis. Requests of one payer that come
//! while a call for it is under way share the next one, which takes the points of each in turn.
//!
//! Keys carry a keyed hash of whoever pays: Redis never learns who that is.

mod line;

use std::net::IpAddr;
use std::sync::Arc;

use ::redis::Script;
use hmac::{Hmac, Mac};
use sha2::Sha256;

pub use self::line::Line;
use self::line::{Head, Place};
use super::redis::Remote;
use crate::config;
use crate::domain::hex::hex;
use crate::policy::Member;

/// What takes the points.
const SCRIPT: &str = include_str!("bucket.lua");
/// What keys begin with: ours, and the form of what is behind them.
const PREFIX: &str = "concord:bucket:1:";
/// Most buckets that one request is paid out of: the payer's own, and its tenant's.
pub const BUCKETS: usize = 2;
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
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Taken {
    /// Points of each bucket before; of one that there is not, without end.
    pub before: [f64; BUCKETS],
    /// Points of each bucket after all that was paid for together.
    pub left: [f64; BUCKETS],
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
        let naming = Hmac::new_from_slice(&own).expect("a key of any length");
        Self { remote, naming, script: Script::new(SCRIPT) }
    }

    /// The buckets of a payer, which have these sizes, its own first.
    #[must_use]
    pub fn line(&self, payer: Payer<'_>, sizes: &[config::Bucket]) -> Arc<Line> {
        Arc::new(Line::new(self.names(payer).into_iter().zip(sizes.iter().copied()).collect()))
    }

    /// Takes points out of the buckets of a payer; `None` when Redis does not tell in time. Behind a call that is under way for this payer it is told by the next, so by two calls
    /// at the latest; when the one before does not tell, nobody is called any more.
    pub async fn take(self: &Arc<Self>, line: &Arc<Line>, points: u64) -> Option<Taken> {
        match Head::join(self, line, points) {
            Place::First(mut head) => {
                let outcomes = self.call(line, &[points]).await;
                if outcomes.is_none() {
                    head.close();
                }
                outcomes?.pop()
            }
            Place::Behind(told) => told.await.ok(),
        }
    }

    /// Takes points for each of several requests in turn: as many outcomes.
    async fn call(&self, line: &Line, points: &[u64]) -> Option<Vec<Taken>> {
        let mut call = self.script.prepare_invoke();
        for (name, size) in &line.buckets {
            call.key(name).arg(size.capacity.saturating_mul(PARTS)).arg(size.refill_per_second);
        }
        let runs: Vec<&[u64]> = points.chunk_by(|one, next| one == next).collect();
        for run in &runs {
            call.arg(run[0].saturating_mul(PARTS)).arg(run.len());
        }
        let told: Vec<i64> = self.remote.run(&call).await?;
        // Whoever answers there may be no Redis at all.
        let each = 2 + line.buckets.len();
        let mut outcomes = Vec::with_capacity(points.len());
        for (run, told) in runs.iter().zip(told.chunks_exact(each)) {
            outcomes.extend(outcomes_of(run, told, &line.buckets)?);
        }
        let last = outcomes.last().filter(|_| told.len() == each * runs.len())?;
        let spent = if last.refused.is_none() { *points.last()? } else { 0 };
        let left = last.before.map(|before| before - spent as f64);
        for taken in &mut outcomes {
            taken.left = left;
        }
        Some(outcomes)
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

/// What is told of requests that cost the same: which bucket was too empty for the last of them, from 1 (0: none), how many were paid for, and what each bucket held before the first.
fn outcomes_of(run: &[u64], told: &[i64], buckets: &[(String, config::Bucket)]) -> Option<impl Iterator<Item = Taken>> {
    let (&[refused, paid], held) = told.split_first_chunk()?;
    let (cost, paid) = (*run.first()? as f64, usize::try_from(paid).ok()?);
    let refused = usize::try_from(refused).ok().filter(|place| *place <= buckets.len())?.checked_sub(1);
    if paid > run.len() || refused.is_none() != (paid == run.len()) {
        return None;
    }
    let mut first = [f64::INFINITY; BUCKETS];
    for ((first, held), (_, size)) in first.iter_mut().zip(held).zip(buckets) {
        *first = (*held as f64 / PARTS as f64).clamp(0.0, size.capacity as f64);
    }
    Some((0..run.len()).map(move |place| {
        let before = first.map(|first| first - cost * place.min(paid) as f64);
        Taken { before, left: before, refused: refused.filter(|_| place >= paid) }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three requests of two points each are paid for out of two buckets. Each is told what the buckets held at its turn, and whoever answers what no script of ours does is not believed.
    #[test]
    fn only_what_can_be_is_believed() {
        let sizes = [10, 20].map(|capacity| (String::new(), config::Bucket { capacity, refill_per_second: 1 }));
        let read = |told: &[i64]| outcomes_of(&[2, 2, 2], told, &sizes).map(Iterator::collect::<Vec<_>>);
        let told = |before: [f64; BUCKETS], refused| Taken { before, left: before, refused };
        let all = read(&[0, 3, 10_000, 6_500]).expect("outcomes");
        assert_eq!(all, [told([10.0, 6.5], None), told([8.0, 4.5], None), told([6.0, 2.5], None)]);
        let some = read(&[2, 1, 10_000, 3_999]).expect("outcomes");
        assert_eq!(some, [told([10.0, 3.999], None), told([8.0, 1.999], Some(1)), told([8.0, 1.999], Some(1))]);
        let none = read(&[1, 0, 1_000, 9_000]).expect("outcomes");
        assert_eq!(none, [told([1.0, 9.0], Some(0)); 3]);
        assert_eq!(read(&[0, 3, -5, i64::MAX]).expect("outcomes")[0], told([0.0, 20.0], None), "what no bucket holds");
        for odd in [&[0, 2, 0, 0][..], &[1, 3, 0, 0], &[0, 4, 0, 0], &[3, 0, 0, 0], &[-1, 3, 0, 0], &[1, -1, 0, 0], &[0], &[]] {
            assert_eq!(read(odd), None, "{odd:?}");
        }
    }
}
