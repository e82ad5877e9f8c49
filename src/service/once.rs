//! Acts that a client may repeat without doing them twice: each has a key, which is claimed before anything else in the transaction of the act. Acts that look at
//! anything before they begin ask for the answer first.
//!
//! A key belongs to its caller. The same key with the same input gets the answer of the first time; with another input it is a conflict. An act that was refused leaves no trace of
//! its key.

use chrono::TimeDelta;
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::actor::{Actor, Refused};
use super::user_error::{UserError, UserErrorCode};
use crate::domain::hex::hex;
use crate::policy::Denied;
use crate::store::idempotency::{self, Claim, Key};
use crate::store::{StoreError, Transaction};

/// Days for which an answer is kept.
pub const KEPT_DAYS: i64 = 7;

/// A key as a client made it, for one act with one input.
#[derive(Debug, Clone)]
pub struct Once {
    key: Uuid,
    act: &'static str,
    input_hash: String,
}

impl Once {
    /// For an act with an input.
    #[must_use]
    pub fn new(key: Uuid, act: &'static str, input: &impl Serialize) -> Self {
        let text = serde_json::to_string(input).unwrap_or_default();
        Self { key, act, input_hash: hex(&Sha256::digest(text)) }
    }

    fn key<'a>(&self, actor: &'a Actor) -> Result<Key<'a>, Refused> {
        let member = actor.principal.member().ok_or(Refused::Denied(Denied::Unauthenticated))?;
        Ok(Key { issuer: member.issuer, subject: &member.subject, key: self.key })
    }

    /// Claims the key in the act's transaction; the answer of the first time, if there was one.
    pub(super) async fn claim(&self, actor: &Actor, transaction: &mut Transaction) -> Result<Option<String>, Refused> {
        let now = actor.clock.now();
        let times = (now, now - TimeDelta::days(KEPT_DAYS));
        let claim = idempotency::claim(&mut transaction.connection(), self.key(actor)?, self.act, &self.input_hash, times).await?;
        self.answer(claim)
    }

    /// The answer of the first time, if there was one, before anything is looked at that may have changed since. Nothing is claimed.
    pub(super) async fn known(&self, actor: &Actor) -> Result<Option<String>, Refused> {
        Self::all_known(actor, std::slice::from_ref(self)).await?.pop().unwrap_or(Ok(None))
    }

    /// The same for many acts of one caller, in their order.
    pub(super) async fn all_known(actor: &Actor, acts: &[Self]) -> Result<Vec<Result<Option<String>, Refused>>, Refused> {
        let since = actor.clock.now() - TimeDelta::days(KEPT_DAYS);
        let keys: Vec<Key<'_>> = acts.iter().map(|act| act.key(actor)).collect::<Result<_, _>>()?;
        let mut claims = actor.store.known(&keys, since).await?;
        Ok(acts.iter().map(|act| act.answer(claims.remove(&act.key).unwrap_or(Claim::New))).collect())
    }

    /// What a key is good for.
    fn answer(&self, claim: Claim) -> Result<Option<String>, Refused> {
        match claim {
            Claim::New => Ok(None),
            Claim::Used { act, input_hash, answer } if act == self.act && input_hash == self.input_hash => Ok(Some(answer)),
            Claim::Used { .. } => {
                let text = "the key was used before with another input: make a new key for each effect that you want";
                Err(UserError::at(UserErrorCode::IdempotencyConflict, &["idempotencyKey"], text).into())
            }
        }
    }

    /// Keeps the answer with what the act has written.
    pub(super) async fn settle(&self, actor: &Actor, transaction: &mut Transaction, answer: &str) -> Result<(), Refused> {
        let key = self.key(actor)?;
        Ok(idempotency::settle(&mut transaction.connection(), key, answer).await?)
    }
}

/// Forgets keys that are good for nothing any more; how many.
///
/// # Errors
/// When the database fails.
pub async fn sweep(actor: &Actor) -> Result<u64, StoreError> {
    const MOST: u32 = 1_000;
    actor.store.forget_keys(actor.clock.now() - TimeDelta::days(KEPT_DAYS), MOST).await
}

/// What an answer named, as it was kept.
pub(super) fn ids(answer: &str) -> Result<Vec<Uuid>, StoreError> {
    answer
        .split_whitespace()
        .map(|id| Uuid::try_parse(id).map_err(|_| StoreError::Open("a kept answer cannot be read".to_owned())))
        .collect()
}
