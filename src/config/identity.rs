//! Settings of who is believed: issuers of tokens, and what is kept of their keys and tokens.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{SECRET_LENGTH, SettingsError};

/// Who is believed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// Address of Concord's own issuer, which is its claim `iss`; empty: Concord issues no tokens.
    pub url: String,
    /// The claim `aud` of its tokens; empty: the address.
    pub audience: String,
    /// What its private keys are sealed with.
    pub secret: SecretString,
    /// How long a new key is published before it signs, in milliseconds.
    pub key_overlap_ms: u64,
    /// Whether keys are fetched without TLS and from addresses that only this machine or its network can reach.
    pub allow_private_addresses: bool,
    /// How often revocations and registrations are read, in milliseconds.
    pub poll_ms: u64,
    /// How long fetched keys are used before they are fetched again, in milliseconds.
    pub keys_fresh_ms: u64,
    /// How long they are used when they cannot be fetched again, in milliseconds.
    pub keys_stale_ms: u64,
    /// Most verified tokens that are kept.
    pub cache_tokens: u64,
    /// Most bytes of verified tokens that are kept.
    pub cache_bytes: u64,
    /// Issuers, beside those in the database.
    pub issuers: Vec<Issuer>,
}

/// Shortest time for which a new key is published before it signs: others may keep the published keys for half of it.
const SHORTEST_OVERLAP: u64 = 600_000;

impl Identity {
    /// Whether Concord issues tokens itself.
    #[must_use]
    pub const fn is_issuer(&self) -> bool {
        !self.url.is_empty()
    }

    /// The claim `aud` of Concord's own tokens.
    #[must_use]
    pub fn own_audience(&self) -> &str {
        if self.audience.is_empty() { &self.url } else { &self.audience }
    }

    /// Refuses a secret that is missing or too short to seal anything.
    pub fn check_secret(&self) -> Result<(), SettingsError> {
        if self.secret.expose_secret().chars().count() < SECRET_LENGTH {
            let text =
                "identity.secret must be set, with at least 32 characters, the same on every node: give it by CONCORD__IDENTITY__SECRET";
            return Err(SettingsError(text.to_owned()));
        }
        Ok(())
    }

    /// Refuses what contradicts itself about Concord's own issuer.
    pub(super) fn check_own(&self) -> Result<(), SettingsError> {
        if !self.is_issuer() {
            return Ok(());
        }
        let host = ["https://", "http://"].into_iter().find_map(|scheme| self.url.strip_prefix(scheme));
        if host.is_none_or(|host| host.is_empty() || host.contains(['/', '?', '#', '@']) || host.contains(char::is_whitespace)) {
            let text = "identity.url must be https:// and a host, without a path and without a slash at the end";
            return Err(SettingsError(text.to_owned()));
        }
        if let Some(place) = self.issuers.iter().position(|issuer| issuer.issuer == self.url) {
            return Err(SettingsError(format!("identity.issuers[{place}] is Concord's own issuer: it stands in identity.url alone")));
        }
        self.check_secret()
    }

    /// Refuses what production cannot issue tokens with.
    pub(super) fn check_own_for_production(&self) -> Result<(), SettingsError> {
        let fail = |text: &str| Err(SettingsError(text.to_owned()));
        if !self.is_issuer() && !self.secret.expose_secret().is_empty() {
            return fail("identity.secret is of no use without identity.url: set both, or neither");
        }
        if self.url.starts_with("http://") {
            return fail("identity.url must begin with https://");
        }
        if self.is_issuer() && self.key_overlap_ms < SHORTEST_OVERLAP {
            return fail("identity.key_overlap_ms must not be below 600000: others keep the published keys for five minutes");
        }
        Ok(())
    }
}

/// An issuer of tokens.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// The claim `iss`.
    pub issuer: String,
    /// The one tenant that it speaks for: an institution's or business's identifier, or `CONSORTIUM`.
    pub tenant: String,
    /// The claim `aud`.
    pub audience: String,
    /// The header `typ`.
    #[serde(default = "token_type")]
    pub token_type: String,
    /// Its algorithms.
    pub algorithms: Vec<String>,
    /// Where its keys are.
    pub jwks_url: Option<String>,
    /// The keys themselves, as a JWK set.
    pub jwks: Option<String>,
    /// Claim that names the subject.
    #[serde(default = "subject_claim")]
    pub subject_claim: String,
    /// Claim that holds a name to greet the subject with.
    #[serde(default = "name_claim")]
    pub name_claim: String,
    /// Claim that holds the roles.
    #[serde(default = "role_claim")]
    pub role_claim: String,
    /// Role of each value of that claim; without any, the values are the roles' own names.
    #[serde(default)]
    pub role_map: BTreeMap<String, String>,
    /// Longest time from `iat` to `exp`, in seconds.
    #[serde(default = "max_lifetime_seconds")]
    pub max_lifetime_seconds: i64,
}

fn token_type() -> String {
    "at+jwt".to_owned()
}

fn subject_claim() -> String {
    "sub".to_owned()
}

fn name_claim() -> String {
    "name".to_owned()
}

fn role_claim() -> String {
    "roles".to_owned()
}

const fn max_lifetime_seconds() -> i64 {
    3_600
}
