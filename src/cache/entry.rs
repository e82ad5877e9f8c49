//! An answer that is kept, and the form in which it leaves the process: sealed with a keyed hash, for what comes back may be anything.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use super::holds::Holds;
use super::key::{Hash, Key};
use super::memory::Weighed;
use crate::domain::hex::hex;

/// What a sealed entry begins with: its form.
const FORM: &[u8; 4] = b"CCE1";
/// Bytes of the seal.
const SEAL: usize = 32;
/// The only scope whose answers are kept.
const PUBLIC: u8 = 1;
/// Bytes that an entry takes beside its data and its tags.
const OVERHEAD: usize = 256;

/// An answer.
#[derive(Debug)]
pub struct Entry {
    /// The `data` of the answer, ready to send.
    pub data: Bytes,
    /// What names these bytes.
    pub etag: String,
    /// What it hangs on.
    pub holds: Holds,
}

/// Why what was found under a key is not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reject {
    /// What it was made of has changed.
    Moved,
    /// Its time is over.
    Ended,
    /// It is no entry at all, or not a whole one.
    Form,
    /// Its seal is not ours: somebody planted or changed it.
    Seal,
    /// It is sealed by us, but of another key or scope: somebody moved it.
    Scope,
    /// It is of another schema.
    Schema,
}

impl Reject {
    /// Every reason.
    pub const ALL: [Self; 6] = [Self::Moved, Self::Ended, Self::Form, Self::Seal, Self::Scope, Self::Schema];

    /// As it stands in metrics and logs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Moved => "moved",
            Self::Ended => "ended",
            Self::Form => "form",
            Self::Seal => "seal",
            Self::Scope => "scope",
            Self::Schema => "schema",
        }
    }

    /// Whether nobody but an intruder, or a mistake of the program, can have brought it about.
    #[must_use]
    pub const fn is_alarming(self) -> bool {
        !matches!(self, Self::Moved | Self::Ended)
    }
}

impl Entry {
    /// An answer that was read while this node knew what it did in a version.
    #[must_use]
    pub fn new(data: Bytes, tags: Vec<(String, i64)>, ends_at: DateTime<Utc>, version: u64) -> Self {
        let etag = etag(&data);
        Self { data, etag, holds: Holds::new(tags, ends_at, version) }
    }
}

impl Weighed for Entry {
    fn weight(&self) -> usize {
        OVERHEAD + self.data.len() + self.holds.weight()
    }
}

/// What names the bytes of an answer.
#[must_use]
pub fn etag(data: &[u8]) -> String {
    hex(&Sha256::digest(data)[..16])
}

/// Seals what leaves the process.
#[derive(Clone)]
pub struct Sealer(Hmac<Sha256>);

impl std::fmt::Debug for Sealer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Sealer(secret)")
    }
}

impl Sealer {
    /// With a key of its own, made from a secret that is the same on every node.
    ///
    /// # Panics
    /// Never: HMAC takes keys of every length (RFC 2104).
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        let mut own = <Hmac<Sha256> as Mac>::new_from_slice(secret).expect("a key of any length");
        own.update(b"kept answers, form 1");
        Self(Hmac::new_from_slice(&own.finalize().into_bytes()).expect("a key of any length"))
    }

    /// An entry as it leaves the process.
    #[must_use]
    pub fn seal(&self, key: &Key, schema: &Hash, entry: &Entry) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(entry.weight());
        bytes.extend(FORM);
        bytes.extend([0; SEAL]);
        bytes.push(PUBLIC);
        bytes.extend(key.bytes());
        bytes.extend(schema);
        bytes.extend(entry.holds.ends_at.timestamp_micros().to_be_bytes());
        bytes.extend((entry.holds.tags.len() as u32).to_be_bytes());
        for (tag, generation) in &entry.holds.tags {
            bytes.extend((tag.len() as u32).to_be_bytes());
            bytes.extend(tag.as_bytes());
            bytes.extend(generation.to_be_bytes());
        }
        bytes.extend(&entry.data);
        let seal = self.0.clone().chain_update(&bytes[FORM.len() + SEAL..]).finalize().into_bytes();
        bytes[FORM.len()..FORM.len() + SEAL].copy_from_slice(&seal);
        bytes
    }

    /// What came back under a key.
    ///
    /// # Errors
    /// Why it is not taken.
    pub fn open(&self, key: &Key, schema: &Hash, bytes: &Bytes) -> Result<Entry, Reject> {
        let mut rest = Reader(bytes.clone());
        if rest.take(FORM.len())?[..] != FORM[..] {
            return Err(Reject::Form);
        }
        let seal = rest.take(SEAL)?;
        self.0.clone().chain_update(&rest.0).verify_slice(&seal).map_err(|_| Reject::Seal)?;
        if rest.take(1)?[..] != [PUBLIC] || rest.take(32)?[..] != key.bytes()[..] {
            return Err(Reject::Scope);
        }
        if rest.take(32)?[..] != schema[..] {
            return Err(Reject::Schema);
        }
        let ends_at = DateTime::from_timestamp_micros(rest.number()?).ok_or(Reject::Form)?;
        let number = rest.length()?;
        let mut tags = Vec::with_capacity(number.min(super::tag::MOST));
        for _ in 0..number {
            let length = rest.length()?;
            let tag = String::from_utf8(rest.take(length)?.to_vec()).map_err(|_| Reject::Form)?;
            tags.push((tag, rest.number()?));
        }
        // Of no version: it is judged when it is given for the first time.
        Ok(Entry::new(rest.0, tags, ends_at, u64::MAX))
    }
}

/// Takes bytes from the front.
struct Reader(Bytes);

impl Reader {
    fn take(&mut self, number: usize) -> Result<Bytes, Reject> {
        if self.0.len() < number { Err(Reject::Form) } else { Ok(self.0.split_to(number)) }
    }

    fn number(&mut self) -> Result<i64, Reject> {
        let bytes = self.take(8)?;
        bytes[..].try_into().map(i64::from_be_bytes).map_err(|_| Reject::Form)
    }

    fn length(&mut self) -> Result<usize, Reject> {
        let bytes = self.take(4)?;
        bytes[..].try_into().map(|bytes| u32::from_be_bytes(bytes) as usize).map_err(|_| Reject::Form)
    }
}

#[cfg(test)]
mod tests;
