//! New keys in the place of old ones. Both are published while anything that either signed can be valid.

use anyhow::{bail, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use ed25519_dalek::SigningKey as EdKey;
use secrecy::SecretString;

use super::seal::Seal;
use super::{LONGEST, is_published, public, thumbprint};
use crate::identity::claims::SKEW;
use crate::store::signing_key::{SigningKey, put_signing_key, remove_signing_key, signing_keys_to_change};
use crate::store::{Store, Transaction};

/// What a rotation did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotated {
    /// Name of the new key.
    pub id: String,
    /// From when on it signs.
    pub signs_from: DateTime<Utc>,
    /// Name of the key that it follows, and when that retires.
    pub follows: Option<(String, DateTime<Utc>)>,
}

/// Makes a key in a transaction of its own, as [`rotate_in`] does.
///
/// # Errors
/// As there.
pub async fn rotate(store: &Store, secret: &SecretString, overlap: TimeDelta) -> anyhow::Result<Rotated> {
    let mut transaction = store.begin().await?;
    let rotated = rotate_in(&mut transaction, secret, overlap, store.clock().now()).await?;
    transaction.commit().await?;
    Ok(rotated)
}

/// Makes a key that signs once it has been published for `overlap`; the first one, or one without an overlap, signs at once.
///
/// # Errors
/// When a key is published already that does not sign yet, or a key does not open with the secret.
pub async fn rotate_in(
    transaction: &mut Transaction,
    secret: &SecretString,
    overlap: TimeDelta,
    now: DateTime<Utc>,
) -> anyhow::Result<Rotated> {
    let seal = Seal::new(secret);
    let mut connection = transaction.connection();
    let (waiting, signing): (Vec<_>, Vec<_>) =
        signing_keys_to_change(&mut connection).await?.into_iter().partition(|row| row.signs_from > now);
    let (mut signing, retired): (Vec<_>, Vec<_>) = signing.into_iter().partition(|row| is_published(row, now));
    for row in waiting.iter().chain(&signing) {
        ensure!(seal.open(row).is_some(), "identity.secret does not open the signing key {}: it was sealed with another secret", row.id);
    }
    if let Some(next) = waiting.first().filter(|_| !overlap.is_zero()) {
        bail!("the key {} is published already and signs from {}; rotate again after that, or at once by --now", next.id, next.signs_from);
    }
    // What waits has signed nothing; what has retired is of no use to anybody but a thief.
    for row in waiting.iter().chain(&retired) {
        remove_signing_key(&mut connection, &row.id).await?;
    }
    let signs_from = if signing.is_empty() { now } else { now + overlap };
    let retires_at = signs_from + LONGEST + TimeDelta::seconds(SKEW);
    let mut follows = None;
    // Keys before the one that signed last retire when they were to.
    if let Some(last) = signing.pop() {
        follows = Some((last.id.clone(), retires_at));
        put_signing_key(&mut connection, &SigningKey { retires_at: Some(retires_at), ..last }).await?;
    }
    let key = new_key()?;
    let row = SigningKey {
        id: thumbprint(&key),
        public_key: public(&key),
        sealed_private_key: seal.close(&key)?,
        signs_from,
        retires_at: None,
        created_at: now,
    };
    put_signing_key(&mut connection, &row).await?;
    Ok(Rotated { id: row.id, signs_from, follows })
}

fn new_key() -> anyhow::Result<EdKey> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(EdKey::from_bytes(&bytes))
}
