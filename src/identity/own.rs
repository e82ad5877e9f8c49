//! Concord's own issuer: it signs with Ed25519, for service accounts that authenticate with keys of their own, and for whoever tries the demo.
//!
//! A key is published before it signs, and stays published until nothing that it signed is valid any more. Only keys whose private half opens with the secret of the
//! settings are believed: a row that somebody else put into the table makes nobody a member.

mod client;
mod rotation;
mod seal;

use std::sync::{Arc, PoisonError, RwLock};

use anyhow::{bail, ensure};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use ed25519_dalek::{Signer, SigningKey as EdKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::claims::{PERSON, SERVICE};
use super::key::{Algorithm, KeySet};
use super::registry::{LONGEST_LIFETIME, Registration, Registry};
use crate::config;
use crate::domain::role::{Role, Roles};
use crate::domain::tenant::Tenant;
use crate::policy::MemberKind;
use crate::store::service_account::ServiceAccount;
use crate::store::signing_key::SigningKey;
use crate::store::{Store, StoreError};
use seal::Seal;

pub use client::Ungranted;
pub use rotation::{Rotated, rotate, rotate_in};

/// How long a token of a service lives.
pub const SERVICE_LIFETIME: TimeDelta = TimeDelta::minutes(10);
/// How long any token may live.
pub const LONGEST: TimeDelta = TimeDelta::seconds(LONGEST_LIFETIME);

/// Of whom a token speaks.
#[derive(Debug, Clone)]
pub struct Subject {
    /// What it is called; for services also the client.
    pub id: String,
    /// A person or a machine.
    pub kind: MemberKind,
    /// Name to greet it with.
    pub name: String,
    /// The tenant that it speaks for.
    pub tenant: Tenant,
    /// What it does there.
    pub roles: Roles,
}

impl Subject {
    /// A service account.
    #[must_use]
    pub fn of(account: &ServiceAccount) -> Self {
        Self {
            id: account.id.to_string(),
            kind: MemberKind::Service,
            name: account.name.clone(),
            tenant: account.tenant,
            roles: account.roles.split_whitespace().filter_map(Role::named).collect(),
        }
    }
}

/// A token that was issued.
#[derive(Debug)]
pub struct Issued {
    /// The token.
    pub token: String,
    /// How long it lives.
    pub seconds: i64,
    /// The service account.
    pub client: Uuid,
}

/// The issuer.
#[derive(Debug)]
pub struct Own {
    url: String,
    audience: String,
    seal: Seal,
    ring: RwLock<Arc<Ring>>,
}

/// The keys as they were read last.
#[derive(Debug, Default)]
struct Ring {
    rows: Vec<SigningKey>,
    keys: Vec<Opened>,
    /// Names of keys that do not open.
    closed: Vec<String>,
}

/// A key that can sign.
#[derive(Debug)]
struct Opened {
    id: String,
    key: EdKey,
    signs_from: DateTime<Utc>,
}

impl Ring {
    /// The rows that are published at an instant, opened.
    fn open(rows: Vec<SigningKey>, seal: &Seal, now: DateTime<Utc>) -> Self {
        let rows: Vec<SigningKey> = rows.into_iter().filter(|row| is_published(row, now)).collect();
        let (mut keys, mut closed) = (Vec::new(), Vec::new());
        for row in &rows {
            match seal.open(row) {
                Some(key) => keys.push(Opened { id: row.id.clone(), key, signs_from: row.signs_from }),
                None => closed.push(row.id.clone()),
            }
        }
        Self { rows, keys, closed }
    }

    /// The key that signs at an instant: the one that began last.
    fn signer(&self, now: DateTime<Utc>) -> Option<&Opened> {
        self.keys.iter().filter(|key| key.signs_from <= now).max_by_key(|key| key.signs_from)
    }

    /// The public halves as a JWK set.
    fn jwks(&self) -> Value {
        let keys: Vec<Value> = self.keys.iter().map(|opened| jwk(&opened.id, &opened.key)).collect();
        json!({ "keys": keys })
    }
}

impl Own {
    /// With the address and secret of the settings; no key is known yet.
    #[must_use]
    pub fn new(settings: &config::Identity) -> Self {
        Self {
            url: settings.url.clone(),
            audience: settings.own_audience().to_owned(),
            seal: Seal::new(&settings.secret),
            ring: RwLock::default(),
        }
    }

    /// The claim `iss`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where services ask for tokens.
    #[must_use]
    pub fn token_endpoint(&self) -> String {
        format!("{}/oauth/token", self.url)
    }

    /// Where the keys are.
    #[must_use]
    pub fn jwks_uri(&self) -> String {
        format!("{}/.well-known/jwks.json", self.url)
    }

    /// The published keys.
    #[must_use]
    pub fn jwks(&self) -> Value {
        self.ring().jwks()
    }

    /// Reads the keys again, and lets the registry know when others are published.
    pub(super) async fn refresh(&self, store: &Store, registry: &Registry, now: DateTime<Utc>) -> Result<(), StoreError> {
        let rows = store.signing_keys().await?;
        let (known, is_first) = (self.ring(), registry.find(&self.url).is_none());
        if rows.iter().filter(|row| is_published(row, now)).eq(&known.rows) && !is_first {
            return Ok(());
        }
        let ring = Ring::open(rows, &self.seal, now);
        // What does not open at the start keeps the program from starting.
        for key in ring.closed.iter().filter(|key| !is_first && !known.closed.contains(key)) {
            tracing::error!(key, "a signing key does not open with identity.secret, and is passed over");
        }
        // Through the same reader as everybody's keys.
        let keys = KeySet::read(ring.jwks().to_string().as_bytes(), &[Algorithm::EdDsa]).map(|(keys, _)| keys).unwrap_or_default();
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
        registry.put_own(&self.url, Registration::own(self.audience.clone(), keys));
        Ok(())
    }

    /// Whether there is a key to sign with, and no key that does not open.
    pub(super) fn check(&self, now: DateTime<Utc>) -> anyhow::Result<()> {
        let ring = self.ring();
        if let Some(key) = ring.closed.first() {
            bail!("identity.secret does not open the signing key {key}: it was sealed with another secret");
        }
        ensure!(ring.signer(now).is_some(), "identity.url is set, but there is no key to sign with: run `concord key rotate`");
        Ok(())
    }

    /// A token; `None` when there is no key to sign with.
    #[must_use]
    pub fn issue(&self, subject: &Subject, lifetime: TimeDelta, now: DateTime<Utc>, id: Uuid) -> Option<String> {
        let ring = self.ring();
        let signer = ring.signer(now)?;
        let at = now.timestamp();
        let roles: Vec<&str> = subject.roles.iter().map(Role::name).collect();
        let mut claims = json!({
            "iss": self.url,
            "aud": self.audience,
            "sub": subject.id,
            "tenant": subject.tenant.to_string(),
            "roles": roles,
            "name": subject.name,
            "kind": PERSON,
            "iat": at,
            "exp": at + lifetime.min(LONGEST).num_seconds(),
            "jti": id.to_string(),
        });
        if subject.kind == MemberKind::Service {
            claims["kind"] = SERVICE.into();
            claims["client_id"] = subject.id.as_str().into();
        }
        let header = json!({ "alg": Algorithm::EdDsa.name(), "kid": signer.id, "typ": "at+jwt" });
        let parts = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
        let signature = signer.key.sign(parts.as_bytes());
        Some(format!("{parts}.{}", encode(signature.to_bytes())))
    }

    fn ring(&self) -> Arc<Ring> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Whether what a key signed can still be valid.
fn is_published(row: &SigningKey, now: DateTime<Utc>) -> bool {
    row.retires_at.is_none_or(|retires_at| now < retires_at)
}

/// The public half of a key as a JSON Web Key.
fn jwk(id: &str, key: &EdKey) -> Value {
    json!({ "kty": "OKP", "crv": "Ed25519", "x": public(key), "kid": id, "alg": Algorithm::EdDsa.name(), "use": "sig" })
}

/// The public half of a key.
fn public(key: &EdKey) -> String {
    encode(key.verifying_key().as_bytes())
}

/// The name of a key: its thumbprint (RFC 7638).
fn thumbprint(key: &EdKey) -> String {
    let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, public(key));
    encode(Sha256::digest(members.as_bytes()))
}

/// Base64url without padding.
fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
