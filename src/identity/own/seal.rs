//! How private keys are kept: encrypted with a key that is derived from a secret of the settings, and bound to their names.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use ed25519_dalek::SigningKey as EdKey;
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use sha2::Sha256;

use super::{encode, thumbprint};
use crate::identity::token::decode;
use crate::store::signing_key::SigningKey;

/// What the derived key is for, so that no other use of the secret has the same one.
const PURPOSE: &[u8] = b"concord: private keys of the issuer, version 1";
/// Bytes of the random number that each sealing begins with.
const NONCE: usize = 24;

/// Seals and opens.
pub(super) struct Seal(XChaCha20Poly1305);

impl std::fmt::Debug for Seal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Seal(..)")
    }
}

impl Seal {
    /// With a secret of any length: HMAC takes keys of every length (RFC 2104).
    pub(super) fn new(secret: &SecretString) -> Self {
        // A keyed hash of one block is what HKDF would expand to.
        let mut hash = <Hmac<Sha256> as Mac>::new_from_slice(secret.expose_secret().as_bytes()).expect("a key of any length");
        hash.update(PURPOSE);
        Self(XChaCha20Poly1305::new(&hash.finalize().into_bytes()))
    }

    /// Seals the private half of a key under its name.
    pub(super) fn close(&self, key: &EdKey) -> anyhow::Result<String> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce)?;
        let plain = SecretSlice::from(key.to_bytes().to_vec());
        let name = thumbprint(key);
        let payload = Payload { msg: plain.expose_secret(), aad: name.as_bytes() };
        let closed = self.0.encrypt(XNonce::from_slice(&nonce), payload).map_err(|_| anyhow::anyhow!("a key cannot be sealed"))?;
        Ok(encode([&nonce[..], &closed].concat()))
    }

    /// Opens the private half of a key; `None` when it was sealed with another secret, under another name, or belongs to another public half.
    pub(super) fn open(&self, row: &SigningKey) -> Option<EdKey> {
        let sealed = decode(&row.sealed_private_key).ok()?;
        let (nonce, closed) = sealed.split_at_checked(NONCE)?;
        let payload = Payload { msg: closed, aad: row.id.as_bytes() };
        let plain = SecretSlice::from(self.0.decrypt(XNonce::from_slice(nonce), payload).ok()?);
        let key = EdKey::from_bytes(plain.expose_secret().try_into().ok()?);
        (row.id == thumbprint(&key) && row.public_key == super::public(&key)).then_some(key)
    }
}
