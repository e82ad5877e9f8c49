//! Who asks, as a token says it: read strictly, checked against what its issuer is registered for, and against what was revoked.
//!
//! Every refusal looks the same to the caller. This layer may ask the store and the issuers' own addresses; it never decides what anybody may do.

mod address;
mod cache;
mod claims;
pub mod code;
mod generation;
mod json;
mod jwks;
mod key;
pub mod own;
mod reason;
mod registry;
mod revocation;
mod token;

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;
use uuid::Uuid;

use crate::config::{self, milliseconds};
use crate::domain::clock::{Clock, Ids};
use crate::domain::role::Role;
use crate::domain::tenant::Tenant;
use crate::policy::{Member, Principal};
use crate::store::revocation::{Revocation, RevocationKind};
use crate::store::{Store, StoreError};
use cache::{Tokens, Verified};
use generation::Generation;
use jwks::Fetcher;
use own::{Issued, Own, SERVICE_LIFETIME, Subject, Ungranted};
use registry::{Registration, Registry};
use revocation::{Facts, Revoked};

pub use claims::SKEW;
pub use key::{Algorithm, Key, KeySet};
pub use reason::Reason;
pub use registry::{check as check_issuer, key_of as issuer_key};
pub use revocation::tenant_value;

/// Key of Concord's own issuer, where others have that of their registration.
pub const OWN: Uuid = Uuid::nil();

/// A look at the database that takes longer than this is given up, and made again.
const HANGING: Duration = Duration::from_secs(2);

/// A token that is refused. The reason is for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rejected {
    /// Why.
    pub reason: Reason,
    /// Registration of the issuer, once one was found.
    pub issuer: Option<Uuid>,
}

impl From<Reason> for Rejected {
    fn from(reason: Reason) -> Self {
        Self { reason, issuer: None }
    }
}

/// What tokens are judged by. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Identity(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    /// What tokens are judged by is read whatever requests do.
    apart: Store,
    clock: Clock,
    ids: Ids,
    poll: Duration,
    registry: Registry,
    revoked: Revoked,
    tokens: Tokens,
    generation: Generation,
    own: Option<Own>,
}

impl Identity {
    /// Reads the issuers of the settings, and issuers and revocations of the database.
    ///
    /// # Errors
    /// Which configured issuer contradicts itself, or that the database cannot be read.
    pub async fn open(store: Store, settings: &config::Identity, ids: Ids) -> anyhow::Result<Self> {
        let clock = store.clock().clone();
        let generation = Generation::default();
        let fetcher = Fetcher::new(settings, clock.clone(), generation.clone());
        let inner = Inner {
            registry: Registry::new(&settings.issuers, fetcher, generation.clone())?,
            revoked: Revoked::new(clock.clone(), generation.clone()),
            tokens: Tokens::new(settings),
            poll: milliseconds(settings.poll_ms),
            own: settings.is_issuer().then(|| Own::new(settings)),
            apart: store.apart().await?,
            store,
            clock,
            ids,
            generation,
        };
        let identity = Self(Arc::new(inner));
        identity.refresh().await?;
        if let Some(own) = identity.own() {
            own.check(identity.0.clock.now())?;
        }
        Ok(identity)
    }

    /// Concord's own issuer, if it has one.
    #[must_use]
    pub fn own(&self) -> Option<&Own> {
        self.0.own.as_ref()
    }

    /// A token for the service account that an assertion authenticates.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn grant(&self, assertion: &str, client: Option<&str>) -> Result<Issued, Ungranted> {
        let own = self.own().ok_or(Ungranted::NoKey)?;
        let now = self.0.clock.now();
        let account = own.authenticate(&self.0.store, assertion, client, now).await?;
        let subject = Subject::of(&account);
        let token = own.issue(&subject, SERVICE_LIFETIME, now, self.0.ids.next()).ok_or(Ungranted::NoKey)?;
        Ok(Issued { token, seconds: SERVICE_LIFETIME.num_seconds(), client: account.id })
    }

    /// Who sent a request with these headers.
    ///
    /// # Errors
    /// Why its token is refused. One that is refused is never taken for none.
    pub async fn principal(&self, headers: &HeaderMap) -> Result<Principal, Rejected> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let text = match (values.next(), values.next()) {
            (None, _) => return Ok(Principal::Anonymous),
            (Some(value), None) => bearer(value.as_bytes())?,
            (Some(_), Some(_)) => return Err(Reason::SeveralHeaders.into()),
        };
        let now = self.0.clock.now();
        if !self.0.revoked.is_current(now) {
            return Err(Reason::Unheard.into());
        }
        let kept = self.0.tokens.find(text);
        let principal = match kept {
            Some(known) if self.0.stands(&known, now) => known.principal.clone(),
            kept => {
                if kept.is_some() {
                    self.0.tokens.forget(text);
                }
                // In a place of its own: most tokens are known, and are not to carry the room that verifying takes.
                Box::pin(self.0.verify(text, now)).await?
            }
        };
        self.0.known(principal).await
    }

    /// The name of a subject as its tokens bear it: Concord's own issuer writes keys of accounts in one way only.
    #[must_use]
    pub fn subject_of(issuer: Uuid, name: &str) -> String {
        let account = if issuer == OWN { Uuid::try_parse(name.trim()).ok() } else { None };
        account.map_or_else(|| name.to_owned(), |account| account.to_string())
    }

    /// The key of the issuer of that name, Concord's own without one, and the tenant that it speaks for.
    #[must_use]
    pub fn issuer(&self, name: Option<&str>) -> Option<(Uuid, Tenant)> {
        match name {
            None => Some((OWN, Tenant::Consortium)),
            Some(name) => {
                let registration = self.0.registry.find(name)?;
                Some((registration.id, registration.tenant.unwrap_or(Tenant::Consortium)))
            }
        }
    }

    /// A row for something to take away now, for who writes it in a transaction of their own; [`Self::apply`] makes it hold here after the commit.
    #[must_use]
    pub fn revocation(&self, kind: RevocationKind, issuer: Option<Uuid>, value: String) -> Revocation {
        self.0.revoked.row(self.0.ids.next(), kind, issuer, value)
    }

    /// Makes a revocation hold on this node.
    pub fn apply(&self, revocation: &Revocation) {
        self.0.revoked.apply(revocation);
    }

    /// Reads what is new in the database.
    pub async fn refresh(&self) -> Result<(), StoreError> {
        // From before: what came into the database while it was read may have been missed.
        let begun = self.0.clock.now();
        self.0.revoked.refresh(&self.0.apart).await?;
        self.0.registry.refresh(&self.0.apart).await?;
        if let Some(own) = self.own() {
            own.refresh(&self.0.apart, &self.0.registry, begun).await?;
        }
        self.0.revoked.heard(begun);
        Ok(())
    }

    /// Whether the database was heard of lately enough to know which tokens are valid.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.0.revoked.is_current(self.0.clock.now())
    }

    /// Lets its own connection go.
    pub async fn close(&self) {
        self.0.apart.close().await;
    }

    /// Reads what is new, again and again. Ends only by being dropped.
    pub async fn keep_up(&self) {
        let mut is_current = true;
        loop {
            tokio::time::sleep(self.0.poll).await;
            let failure = match tokio::time::timeout(HANGING, self.refresh()).await {
                Ok(result) => result.err().map(|error| error.to_string()),
                Err(_) => Some("the database does not answer".to_owned()),
            };
            let was_current = std::mem::replace(&mut is_current, self.0.revoked.is_current(self.0.clock.now()));
            match failure {
                Some(error) if was_current && !is_current => {
                    tracing::error!(%error, "revocations have not been heard of for 5 s: every token is refused until they are");
                }
                Some(error) => tracing::warn!(%error, "revocations cannot be read"),
                None if !was_current => tracing::info!("revocations are heard of again: tokens are taken"),
                None => {}
            }
        }
    }
}

impl Inner {
    /// Whether a token that was verified is still to be taken.
    fn stands(&self, known: &Verified, now: DateTime<Utc>) -> bool {
        if now.timestamp() >= known.ends_at {
            return false;
        }
        let generation = self.generation.now();
        if known.is_of(generation) {
            return true;
        }
        let is_registered = self.registry.find(&known.issuer).is_some_and(|current| Arc::ptr_eq(&current, &known.registration));
        let stands = is_registered && known.registration.holds(&known.key) && !self.revoked.is_revoked(&known.facts);
        if stands {
            known.judged_in(generation);
        }
        stands
    }

    /// A principal with whom it is known as: a learner, or a member of the staff who teaches. Asked each time: it can change while a token lives.
    async fn known(&self, principal: Principal) -> Result<Principal, Rejected> {
        let Principal::Member(member) = &principal else { return Ok(principal) };
        let is_learner = member.roles.has(Role::Learner);
        let institution = if let Tenant::Institution(id) = member.tenant { Some(id) } else { None };
        let institution = institution.filter(|_| member.roles.has(Role::Instructor));
        if !is_learner && institution.is_none() {
            return Ok(principal);
        }
        // In a place of its own: those of whom nothing is read are not to carry the room that reading takes.
        Box::pin(self.known_as(member, is_learner, institution)).await
    }

    /// A member with what the database knows of it.
    async fn known_as(&self, member: &Member, is_learner: bool, institution: Option<Uuid>) -> Result<Principal, Rejected> {
        let fail = |error: StoreError| {
            tracing::warn!(%error, "who a token speaks of cannot be read");
            Rejected { reason: Reason::Unheard, issuer: Some(member.issuer) }
        };
        let learner = if is_learner { self.store.learner_of(member.issuer, &member.subject).await.map_err(fail)? } else { None };
        let teacher = match institution {
            Some(institution) => self.store.staff_member_of(institution, &member.subject).await.map_err(fail)?,
            None => None,
        };
        let learner = Arc::new(learner.map_or_else(OnceLock::new, OnceLock::from));
        Ok(Principal::Member(Arc::new(Member { learner, teacher, ..member.clone() })))
    }

    /// Reads and checks a token, and keeps it.
    async fn verify(&self, text: &str, now: DateTime<Utc>) -> Result<Principal, Rejected> {
        // Before anything is judged: what changes meanwhile makes the result be judged again.
        let generation = self.generation.now();
        let token = token::read(text)?;
        let issuer = token.claims.get("iss").and_then(|issuer| issuer.as_str()).ok_or(Reason::Issuer)?.to_owned();
        let registration = self.registry.find(&issuer).ok_or(Reason::Issuer)?;
        let verified = judge(&token, &registration, &self.revoked, now).await;
        let (claims, key, facts) = verified.map_err(|reason| Rejected { reason, issuer: Some(registration.id) })?;
        let member = Member {
            issuer: registration.id,
            subject: claims.subject,
            kind: claims.kind,
            display_name: claims.display_name,
            tenant: claims.tenant,
            roles: claims.roles,
            learner: Arc::default(),
            teacher: None,
        };
        let principal = Principal::Member(Arc::new(member));
        self.tokens.keep(Verified {
            text: text.into(),
            principal: principal.clone(),
            ends_at: claims.expires_at + SKEW,
            facts,
            issuer,
            registration,
            key,
            generation: AtomicU64::new(generation),
        });
        Ok(principal)
    }
}

/// Checks a token against its issuer's registration, and against what was revoked.
async fn judge(
    token: &token::Token<'_>,
    registration: &Registration,
    revoked: &Revoked,
    now: DateTime<Utc>,
) -> Result<(claims::Claims, Key, Facts), Reason> {
    if !registration.token_type.is_said_by(token.says_type.as_deref()) {
        return Err(Reason::TokenType);
    }
    if !registration.algorithms.contains(&token.algorithm) {
        return Err(Reason::Algorithm);
    }
    let key = registration.key(token.key_id.as_deref()).await?;
    if key.algorithm != token.algorithm {
        return Err(Reason::KeyAlgorithm);
    }
    if !key.verifies(token.signed, &token.signature) {
        return Err(Reason::Signature);
    }
    let claims = claims::check(&token.claims, registration, now)?;
    let facts = Facts {
        issuer: registration.id,
        tenant: claims.tenant,
        subject: claims.subject.clone(),
        key_id: key.id.clone(),
        token_id: claims.token_id.clone(),
        issued_at: claims.issued_at,
    };
    if revoked.is_revoked(&facts) { Err(Reason::Revoked) } else { Ok((claims, key, facts)) }
}

/// The token of a header: the scheme in any case, one space or more, and nothing behind the token (RFC 9110, 11.4; RFC 6750, 2.1).
fn bearer(header: &[u8]) -> Result<&str, Reason> {
    let text = std::str::from_utf8(header).map_err(|_| Reason::Scheme)?;
    let (scheme, token) = text.split_once(' ').ok_or(Reason::Scheme)?;
    let token = token.trim_start_matches(' ');
    if scheme.eq_ignore_ascii_case("Bearer") && !token.is_empty() { Ok(token) } else { Err(Reason::Scheme) }
}
