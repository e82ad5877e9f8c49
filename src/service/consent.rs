//! What learners let others see: given, replaced and taken back, each time in one transaction with what follows from it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::actor::{Actor, Refused, repeated};
use super::audit::{self, Author, Event};
use super::user_error::{UserError, UserErrorCode};
use crate::domain::consent::ConsentScope;
use crate::domain::id::{GlobalId, Kind};
use crate::domain::tenant::Tenant;
use crate::domain::text::is_line;
use crate::policy::Action;
use crate::store::consent_grant::{self, CONSENT_GRANT};
use crate::store::sql::Type;
use crate::store::tenant::has_tenant;
use crate::store::{Cell, StoreError, Transaction, change, person, shown};

/// Most characters of a purpose, and of the name of a text.
pub const LONGEST_PURPOSE: usize = 500;
/// Most characters of the name of a version.
pub const LONGEST_VERSION: usize = 40;
/// What is written where nobody says why.
const PURPOSE: &str = "Shared by the learner.";
/// The version of the text that goes with it.
const VERSION: &str = "1";

/// A consent as it is asked for.
#[derive(Debug, Clone)]
pub struct Consent {
    /// What may be seen.
    pub scopes: Vec<ConsentScope>,
    /// Why, in the words that the learner was shown.
    pub purpose: Option<String>,
    /// Which version of these words.
    pub text_version: Option<String>,
    /// When it ends by itself.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Lets a tenant see parts of the caller's record; the consent.
///
/// # Errors
/// Why nothing was given.
pub async fn grant(actor: &Actor, grantee: &str, consent: &Consent) -> Result<GlobalId, Refused> {
    repeated(|| grant_once(actor, grantee, consent)).await
}

async fn grant_once(actor: &Actor, grantee: &str, consent: &Consent) -> Result<GlobalId, Refused> {
    let hidden = || UserError::hidden(&["granteeId"]);
    let learner = actor.learner().await?;
    let tenant = Tenant::named(grantee).filter(|tenant| *tenant != Tenant::Consortium);
    let now = actor.clock.now();
    actor.permitted(Action::Consent { learner: learner.id, grantee: tenant.unwrap_or(Tenant::Institution(Uuid::nil())) })?;
    let mut errors = wrong(consent, now);
    let Some(tenant) = tenant else {
        errors.push(hidden());
        return Err(Refused::User(errors));
    };
    let scope = actor.may(Action::Consent { learner: learner.id, grantee: tenant }, hidden)?;
    let mut transaction = actor.store.begin_in(&scope).await?;
    if !has_tenant(&mut transaction.connection(), tenant).await? {
        errors.push(hidden());
    }
    if !errors.is_empty() {
        transaction.rollback().await?;
        return Err(Refused::User(errors));
    }
    learner.be(actor, &mut transaction).await?;
    let id = put(actor, &mut transaction, learner.id, tenant, consent, now).await?;
    let subject = GlobalId::new(Kind::ConsentGrant, id);
    let event = Event {
        id: actor.ids.next(),
        tenant,
        action: "consentGrant",
        subject: &subject.to_string(),
        fields: &["scopes", "expiresAt"],
        at: now,
    };
    audit::append(&mut transaction, &Author::learner(actor), &event).await?;
    transaction.commit().await?;
    actor.is_learner(learner.id);
    Ok(subject)
}

/// What is wrong with a consent.
fn wrong(consent: &Consent, now: DateTime<Utc>) -> Vec<UserError> {
    let mut errors = Vec::new();
    if consent.scopes.is_empty() {
        errors.push(UserError::at(UserErrorCode::Required, &["scopes"], "say what may be seen; to take a consent back use consentRevoke"));
    }
    if consent.expires_at.is_some_and(|end| end <= now) {
        errors.push(UserError::at(UserErrorCode::Invalid, &["expiresAt"], "it has passed already: give a later one, or none"));
    }
    for (field, text, most) in [("purpose", &consent.purpose, LONGEST_PURPOSE), ("textVersion", &consent.text_version, LONGEST_VERSION)] {
        if text.as_ref().is_some_and(|text| !is_line(text, most)) {
            errors.push(UserError::at(UserErrorCode::Invalid, &[field], format!("give 1 to {most} characters in one line")));
        }
    }
    errors
}

/// Writes a consent in the place of an earlier one to the same tenant, and lets a business know the learner.
pub(super) async fn put(
    actor: &Actor,
    transaction: &mut Transaction,
    learner: Uuid,
    grantee: Tenant,
    consent: &Consent,
    now: DateTime<Utc>,
) -> Result<Uuid, StoreError> {
    let id = actor.ids.next();
    let (column, tenant) = match grantee {
        Tenant::Institution(id) => ("institution_id", id),
        Tenant::Business(id) => ("business_id", id),
        Tenant::Consortium => return Err(StoreError::Open("nobody consents to the consortium".to_owned())),
    };
    let mut connection = transaction.connection();
    // Two at once: the second waits for the first, and then replaces it.
    consent_grant::hold(&mut connection, &[learner]).await?;
    consent_grant::end(&mut connection, column, tenant, &[learner], now).await?;
    let scopes: BTreeSet<ConsentScope> = consent.scopes.iter().copied().collect();
    let scopes: Vec<&str> = scopes.into_iter().map(ConsentScope::name).collect();
    let text = |text: &str| Cell::Text(text.into());
    let values = vec![
        ("learner_id", Type::Uuid, Cell::Uuid(learner)),
        ("id", Type::Uuid, Cell::Uuid(id)),
        (column, Type::Uuid, Cell::Uuid(tenant)),
        ("scopes", Type::Text, text(&scopes.join(" "))),
        ("purpose", Type::Text, text(consent.purpose.as_deref().map_or(PURPOSE, str::trim))),
        ("text_version", Type::Text, text(consent.text_version.as_deref().map_or(VERSION, str::trim))),
        ("granted_at", Type::Instant, Cell::Instant(now)),
        ("expires_at", Type::Instant, consent.expires_at.map_or(Cell::Null, Cell::Instant)),
    ];
    change::insert(&mut connection, "consent_grant", values).await?;
    if matches!(grantee, Tenant::Business(_)) {
        person::make_known(&mut connection, tenant, learner).await?;
        shown::show(&mut connection, tenant, learner, None).await?;
    }
    Ok(id)
}

/// Takes a consent of the caller's back; the consent.
///
/// # Errors
/// Why it was not taken back.
pub async fn revoke(actor: &Actor, id: &str) -> Result<GlobalId, Refused> {
    repeated(|| revoke_once(actor, id)).await
}

async fn revoke_once(actor: &Actor, id: &str) -> Result<GlobalId, Refused> {
    let hidden = || UserError::hidden(&["id"]);
    let learner = actor.learner().await?;
    actor.permitted(Action::Consent { learner: learner.id, grantee: Tenant::Institution(Uuid::nil()) })?;
    let id = GlobalId::parse(id).filter(|id| id.kind == Kind::ConsentGrant).ok_or_else(hidden)?;
    let row = actor.seen(&CONSENT_GRANT, id.uuid).await?;
    // Whoever runs a tenant sees what was given to it, and takes nothing back.
    let row = row.filter(|row| row.uuid("learner_id").ok().flatten() == Some(learner.id)).ok_or_else(hidden)?;
    let institution = row.uuid("institution_id")?.map(Tenant::Institution);
    let grantee = institution.or(row.uuid("business_id")?.map(Tenant::Business)).ok_or_else(hidden)?;
    let scope = actor.may(Action::Consent { learner: learner.id, grantee }, hidden)?;
    let now = actor.clock.now();
    let mut transaction = actor.store.begin_in(&scope).await?;
    let mut connection = transaction.connection();
    consent_grant::hold(&mut connection, &[learner.id]).await?;
    let is_ended = consent_grant::end_one(&mut connection, learner.id, id.uuid, now).await?;
    if !is_ended {
        // It was taken back, or replaced, already.
        transaction.rollback().await?;
        return Ok(id);
    }
    if let Tenant::Business(business) = grantee {
        consent_grant::forget(&mut connection, business, &[learner.id]).await?;
        shown::hide(&mut connection, business, &[learner.id]).await?;
    }
    let event =
        Event { id: actor.ids.next(), tenant: grantee, action: "consentRevoke", subject: &id.to_string(), fields: &["revokedAt"], at: now };
    audit::append(&mut transaction, &Author::learner(actor), &event).await?;
    transaction.commit().await?;
    Ok(id)
}
