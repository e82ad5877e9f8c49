//! Clients authenticate by an assertion that they sign themselves (RFC 7523): short-lived, for this issuer alone, and good for one token.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::Own;
use crate::identity::claims::{SKEW, check_audience, name, seconds};
use crate::identity::key::{Algorithm, KeySet};
use crate::identity::reason::Reason;
use crate::identity::token;
use crate::store::service_account::{ServiceAccount, forget_assertions, use_assertion};
use crate::store::{Store, StoreError};

/// Longest time that an assertion may still live, in seconds.
const LONGEST: i64 = 300;
/// Used assertions are remembered for so long after their end: another node's clock may be behind.
const REMEMBERED: TimeDelta = TimeDelta::minutes(5);
/// Header `typ` of an assertion, where there is one.
const TYPES: [&str; 2] = ["JWT", "client-authentication+jwt"];

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum Ungranted {
    /// The assertion is refused. The reason is for the log.
    #[error("the assertion is refused: {}", .0.word())]
    Refused(Reason),
    /// There is no key to sign with.
    #[error("there is no key to sign with")]
    NoKey,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Reason> for Ungranted {
    fn from(reason: Reason) -> Self {
        Self::Refused(reason)
    }
}

impl Own {
    /// The service account that an assertion authenticates; `client` is what the request calls it, if it does.
    pub(in crate::identity) async fn authenticate(
        &self,
        store: &Store,
        assertion: &str,
        client: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<ServiceAccount, Ungranted> {
        let token = token::read(assertion)?;
        if token.says_type.as_ref().is_some_and(|said| !TYPES.iter().any(|of| said.eq_ignore_ascii_case(of))) {
            return Err(Reason::TokenType.into());
        }
        let text = |claim: &str| token.claims.get(claim).and_then(|value| value.as_str());
        let subject = text("sub").ok_or(Reason::Subject)?;
        if text("iss") != Some(subject) {
            return Err(Reason::Issuer.into());
        }
        if client.is_some_and(|client| client != subject) {
            return Err(Reason::ClientId.into());
        }
        let id = Uuid::try_parse(subject).ok().filter(|id| id.to_string() == subject).ok_or(Reason::Client)?;
        let account = store.service_account(id).await?.filter(|account| account.is_enabled).ok_or(Reason::Client)?;
        let (keys, _) = KeySet::read(account.jwks.as_bytes(), &Algorithm::ALL).map_err(|_| Reason::Key)?;
        let key = keys.find(token.key_id.as_deref()).ok_or(Reason::Key)?;
        if key.algorithm != token.algorithm {
            return Err(Reason::KeyAlgorithm.into());
        }
        if !key.verifies(token.signed, &token.signature) {
            return Err(Reason::Signature.into());
        }
        check_audience(token.claims.get("aud"), &[self.url(), &self.token_endpoint()])?;
        let expires_at = check_times(&token.claims, now.timestamp())?;
        let token_id = name(token.claims.get("jti")).ok_or(Reason::TokenId)?;
        let ends_at = DateTime::from_timestamp(expires_at + SKEW, 0).ok_or(Reason::Time)?;
        let mut transaction = store.begin().await?;
        let mut connection = transaction.connection();
        forget_assertions(&mut connection, now - REMEMBERED).await?;
        let is_first = use_assertion(&mut connection, id, &token_id, ends_at).await?;
        transaction.commit().await?;
        if is_first { Ok(account) } else { Err(Reason::Replayed.into()) }
    }
}

/// The assertion lives now, and not for long; its end.
fn check_times(claims: &serde_json::Map<String, serde_json::Value>, now: i64) -> Result<i64, Reason> {
    let time = |name: &str| claims.get(name).map(|value| seconds(value).ok_or(Reason::Time)).transpose();
    let expires_at = time("exp")?.ok_or(Reason::Time)?;
    if time("iat")?.is_some_and(|issued_at| issued_at > now + SKEW) {
        return Err(Reason::IssuedInFuture);
    }
    if time("nbf")?.is_some_and(|not_before| not_before > now + SKEW) {
        return Err(Reason::NotYetValid);
    }
    if expires_at + SKEW <= now {
        return Err(Reason::Expired);
    }
    if expires_at > now + LONGEST + SKEW { Err(Reason::Lifetime) } else { Ok(expires_at) }
}
