//! Registered issuers, from the configuration and from the database. What each may say is settled here, never by its tokens.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use anyhow::{Context, anyhow, bail, ensure};
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::OWN;
use super::address;
use super::generation::Generation;
use super::jwks::{Fetcher, Remote};
use super::key::{Algorithm, Key, KeySet};
use super::reason::Reason;
use super::token::LONGEST_NAME;
use crate::config;
use crate::domain::clock::Clock;
use crate::domain::role::Role;
use crate::domain::tenant::Tenant;
use crate::store::issuer::Issuer;
use crate::store::{Store, StoreError};

/// Longest lifetime that an issuer may be registered with, in seconds.
pub(super) const LONGEST_LIFETIME: i64 = 24 * 3_600;
/// Word for the consortium where settings name a tenant.
const CONSORTIUM: &str = "CONSORTIUM";

/// The header `typ` of an issuer's tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenType {
    /// An access token of OAuth 2.0 (RFC 9068).
    AccessToken,
    /// Any JWT.
    Jwt,
}

impl TokenType {
    fn named(name: &str) -> Option<Self> {
        match name {
            "at+jwt" => Some(Self::AccessToken),
            "JWT" => Some(Self::Jwt),
            _ => None,
        }
    }

    /// Whether a header says this type. Media types are compared without regard to case (RFC 7515, 4.1.9).
    #[must_use]
    pub fn is_said_by(self, header: Option<&str>) -> bool {
        let names: &[&str] = match self {
            Self::AccessToken => &["at+jwt", "application/at+jwt"],
            Self::Jwt => &["JWT"],
        };
        header.is_some_and(|said| names.iter().any(|name| said.eq_ignore_ascii_case(name)))
    }
}

/// An issuer, and what it may say.
#[derive(Debug)]
pub struct Registration {
    /// Its key.
    pub id: Uuid,
    /// The one tenant that it speaks for; `None` for Concord's own issuer, whose tokens say it.
    pub tenant: Option<Tenant>,
    /// The claim `aud`.
    pub audience: String,
    /// The header `typ`.
    pub token_type: TokenType,
    /// Its algorithms.
    pub algorithms: Vec<Algorithm>,
    /// Claim that names the subject.
    pub subject_claim: String,
    /// Claim that holds a name to greet the subject with.
    pub name_claim: String,
    /// Claim that holds the roles.
    pub role_claim: String,
    /// Longest time from `iat` to `exp`, in seconds.
    pub longest_lifetime: i64,
    role_map: BTreeMap<String, Role>,
    keys: Keys,
}

/// Where an issuer's keys are.
#[derive(Debug)]
enum Keys {
    Inline(KeySet),
    Remote(Remote),
}

impl Registration {
    /// Checks what is registered. The same rules hold for the configuration and the database.
    ///
    /// # Errors
    /// What contradicts itself.
    pub fn of(row: &Issuer, fetcher: &Fetcher) -> anyhow::Result<Self> {
        ensure!(is_name(&row.issuer), "issuer must be a text of 1 to 255 characters");
        ensure!(is_name(&row.audience), "audience must be a text of 1 to 255 characters");
        for (key, claim) in [("subject_claim", &row.subject_claim), ("name_claim", &row.name_claim), ("role_claim", &row.role_claim)] {
            ensure!(is_name(claim), "{key} must be the name of a claim");
        }
        ensure!((1..=LONGEST_LIFETIME).contains(&row.max_lifetime_seconds), "max_lifetime_seconds must be 1 to {LONGEST_LIFETIME}");
        let algorithm =
            |name: &str| Algorithm::named(name).ok_or_else(|| anyhow!("algorithms must be of RS256, PS256, ES256, EdDSA: \"{name}\""));
        let algorithms = row.algorithms.split_whitespace().map(algorithm).collect::<anyhow::Result<Vec<_>>>()?;
        ensure!(!algorithms.is_empty(), "algorithms must name at least one");
        let keys = match (&row.jwks_url, &row.jwks) {
            (Some(url), None) => {
                let address = address::check(url, fetcher.allow_private).map_err(|why| anyhow!("jwks_url cannot be used: {why}"))?;
                Keys::Remote(Remote::new(row.id, address, algorithms.clone(), fetcher.clone()))
            }
            (None, Some(jwks)) => {
                let read = KeySet::read(jwks.as_bytes(), &algorithms);
                let (keys, passed_over) = read.map_err(|why| anyhow!("jwks cannot be used: {why}"))?;
                // Whoever writes keys down can be asked to write them right.
                ensure!(passed_over.is_empty(), "jwks has a key that cannot be used: {}", passed_over.join(", "));
                ensure!(!keys.is_empty(), "jwks has no key");
                Keys::Inline(keys)
            }
            _ => bail!("give either jwks_url or jwks"),
        };
        let named: BTreeMap<String, String> = serde_json::from_str(&row.role_map).context("role_map must be an object of texts")?;
        let role = |(value, name): (String, String)| {
            let role = Role::named(&name).ok_or_else(|| anyhow!("role_map names a role that does not exist: \"{name}\""))?;
            ensure!(role.fits(row.tenant.kind()), "role_map gives {name}, which an issuer of this sort of tenant cannot give");
            Ok((value, role))
        };
        Ok(Self {
            id: row.id,
            tenant: Some(row.tenant),
            audience: row.audience.clone(),
            token_type: TokenType::named(&row.token_type).context("token_type must be at+jwt or JWT")?,
            algorithms,
            subject_claim: row.subject_claim.clone(),
            name_claim: row.name_claim.clone(),
            role_claim: row.role_claim.clone(),
            longest_lifetime: row.max_lifetime_seconds,
            role_map: named.into_iter().map(role).collect::<anyhow::Result<_>>()?,
            keys,
        })
    }

    /// Concord's own issuer.
    #[must_use]
    pub fn own(audience: String, keys: KeySet) -> Self {
        Self {
            id: OWN,
            tenant: None,
            audience,
            token_type: TokenType::AccessToken,
            algorithms: vec![Algorithm::EdDsa],
            subject_claim: "sub".to_owned(),
            name_claim: "name".to_owned(),
            role_claim: "roles".to_owned(),
            longest_lifetime: LONGEST_LIFETIME,
            role_map: BTreeMap::new(),
            keys: Keys::Inline(keys),
        }
    }

    /// The role that a value of the role claim stands for. Without a map the values are the roles' own names.
    #[must_use]
    pub fn role(&self, value: &str) -> Option<Role> {
        if self.role_map.is_empty() { Role::named(value) } else { self.role_map.get(value).copied() }
    }

    /// The key that a token names.
    ///
    /// # Errors
    /// When there is none of that name, or no keys can be had.
    pub async fn key(&self, id: Option<&str>) -> Result<Key, Reason> {
        match &self.keys {
            Keys::Inline(keys) => keys.find(id).cloned().ok_or(Reason::Key),
            Keys::Remote(remote) => remote.key(id).await,
        }
    }

    /// Whether the key is still the issuer's.
    #[must_use]
    pub fn holds(&self, key: &Key) -> bool {
        match &self.keys {
            Keys::Inline(keys) => keys.holds(key),
            Keys::Remote(remote) => remote.holds(key),
        }
    }
}

fn is_name(text: &str) -> bool {
    (1..=LONGEST_NAME).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

/// Issuers by the name that their tokens bear.
type Issuers = HashMap<String, Arc<Registration>>;

/// All registered issuers.
#[derive(Debug)]
pub struct Registry {
    configured: Issuers,
    fetcher: Fetcher,
    generation: Generation,
    known: RwLock<Known>,
    own: RwLock<Option<(String, Arc<Registration>)>>,
}

/// What was read from the database last.
#[derive(Debug, Default)]
struct Known {
    versions: Vec<(Uuid, DateTime<Utc>)>,
    issuers: Issuers,
}

impl Registry {
    /// With the issuers of the configuration.
    ///
    /// # Errors
    /// Which of them contradicts itself or another, and how.
    pub fn new(configured: &[config::Issuer], fetcher: Fetcher, generation: Generation) -> anyhow::Result<Self> {
        let mut issuers = Issuers::new();
        for (place, issuer) in configured.iter().enumerate() {
            let named = || format!("identity.issuers[{place}] (\"{}\")", issuer.issuer);
            let registration = row(issuer).and_then(|row| Registration::of(&row, &fetcher)).with_context(named)?;
            let earlier = issuers.insert(issuer.issuer.clone(), Arc::new(registration));
            ensure!(earlier.is_none(), "{}: the issuer is configured twice", named());
        }
        Ok(Self { configured: issuers, fetcher, generation, known: RwLock::default(), own: RwLock::default() })
    }

    /// The issuer of that name.
    #[must_use]
    pub fn find(&self, issuer: &str) -> Option<Arc<Registration>> {
        if let Some((_, own)) = self.own.read().unwrap_or_else(PoisonError::into_inner).as_ref().filter(|(url, _)| url == issuer) {
            return Some(Arc::clone(own));
        }
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        self.configured.get(issuer).or_else(|| known.issuers.get(issuer)).cloned()
    }

    /// Puts Concord's own issuer, under its address, in the place of what it was.
    pub fn put_own(&self, url: &str, registration: Registration) {
        *self.own.write().unwrap_or_else(PoisonError::into_inner) = Some((url.to_owned(), Arc::new(registration)));
        self.generation.advance();
    }

    /// Reads what has changed in the database. A row that contradicts itself, or that names an issuer of the configuration, is passed over and told of.
    pub async fn refresh(&self, store: &Store) -> Result<(), StoreError> {
        let versions = store.issuer_versions().await?;
        if self.known.read().unwrap_or_else(PoisonError::into_inner).versions == versions {
            return Ok(());
        }
        let rows = store.issuers().await?;
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let mut issuers = Issuers::new();
        for row in rows.iter().filter(|row| row.is_enabled) {
            if self.configured.contains_key(&row.issuer) {
                tracing::warn!(issuer = %row.id, "a registered issuer is passed over: the configuration has one of the same name");
                continue;
            }
            // What has not changed keeps its fetched keys.
            let is_same = known.versions.contains(&(row.id, row.updated_at));
            let old = known.issuers.get(&row.issuer).filter(|old| is_same && old.id == row.id).cloned();
            match old.map_or_else(|| Registration::of(row, &self.fetcher).map(Arc::new), Ok) {
                Ok(registration) => {
                    issuers.insert(row.issuer.clone(), registration);
                }
                Err(error) => tracing::warn!(issuer = %row.id, error = format!("{error:#}"), "a registered issuer is passed over"),
            }
        }
        *known = Known { versions: rows.iter().map(|row| (row.id, row.updated_at)).collect(), issuers };
        drop(known);
        self.generation.advance();
        Ok(())
    }
}

/// Checks an issuer that is to be registered, by the rules for all of them.
///
/// # Errors
/// What contradicts itself, or that the configuration has an issuer of that name.
pub fn check(row: &Issuer, settings: &config::Identity) -> anyhow::Result<()> {
    let is_known = row.issuer == settings.url || settings.issuers.iter().any(|configured| configured.issuer == row.issuer);
    ensure!(!is_known, "the configuration has the issuer \"{}\" already", row.issuer);
    let fetcher = Fetcher::new(settings, Clock::System, Generation::default());
    Registration::of(row, &fetcher).map(|_| ())
}

/// The key of the issuer of that name, in the settings or in the database, and whom it speaks for; that of Concord's own is nil.
pub async fn key_of(issuer: &str, settings: &config::Identity, store: &Store) -> Result<Option<(Uuid, Tenant)>, StoreError> {
    if settings.is_issuer() && issuer == settings.url {
        return Ok(Some((OWN, Tenant::Consortium)));
    }
    if let Some(configured) = settings.issuers.iter().find(|configured| configured.issuer == issuer) {
        return Ok(Some((configured_key(issuer), tenant(&configured.tenant).unwrap_or(Tenant::Consortium))));
    }
    Ok(store.issuers().await?.into_iter().find(|row| row.issuer == issuer).map(|row| (row.id, row.tenant)))
}

/// The key of a configured issuer. It follows from its name, and is the same on every node.
fn configured_key(issuer: &str) -> Uuid {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&Sha256::digest(issuer.as_bytes())[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// A configured issuer as a row, so that one set of rules holds for both.
fn row(configured: &config::Issuer) -> anyhow::Result<Issuer> {
    Ok(Issuer {
        id: configured_key(&configured.issuer),
        issuer: configured.issuer.clone(),
        tenant: tenant(&configured.tenant).context("tenant must be an institution's or business's identifier, or CONSORTIUM")?,
        audience: configured.audience.clone(),
        token_type: configured.token_type.clone(),
        algorithms: configured.algorithms.join(" "),
        jwks_url: configured.jwks_url.clone(),
        jwks: configured.jwks.clone(),
        subject_claim: configured.subject_claim.clone(),
        name_claim: configured.name_claim.clone(),
        role_claim: configured.role_claim.clone(),
        role_map: serde_json::to_string(&configured.role_map)?,
        max_lifetime_seconds: configured.max_lifetime_seconds,
        is_enabled: true,
        updated_at: DateTime::UNIX_EPOCH,
    })
}

/// A tenant as it is named in settings.
fn tenant(text: &str) -> Option<Tenant> {
    if text == CONSORTIUM { Some(Tenant::Consortium) } else { Tenant::named(text) }
}
