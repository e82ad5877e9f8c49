//! Awards: issued by whoever completes something that leads to a credential, or by hand; revoked for good.
//!
//! A learner holds one valid award of a credential from one enrollment, or from none. Whoever issues one holds the learner's consents, which stand for the learner here.

use chrono::{Months, NaiveDate};
use serde::Serialize;
use uuid::Uuid;

use super::actor::{Actor, Refused, repeated};
use super::audit::{self, Author, Event};
use super::once::{self, Once};
use super::user_error::{UserError, UserErrorCode};
use crate::cache::tag;
use crate::domain::enrollment::State;
use crate::domain::id::{GlobalId, Kind};
use crate::domain::tenant::Tenant;
use crate::domain::text::is_line;
use crate::identity::code;
use crate::policy::{Action, Scope};
use crate::store::award::{self, AWARD, Earned, New};
use crate::store::change::{self, Hold};
use crate::store::credential::CREDENTIAL;
use crate::store::learner::KNOWN_LEARNER;
use crate::store::seat::{self, Held};
use crate::store::{Row, StoreError, Transaction, consent_grant};

/// Most characters of a reason.
const LONGEST_REASON: usize = 500;

/// An award that is asked for.
#[derive(Debug, Clone, Serialize)]
pub struct Wanted {
    /// Identifier of the learner.
    pub learner: String,
    /// Identifier of the credential.
    pub credential: String,
    /// Identifier of the enrollment that it came from.
    pub enrollment: Option<String>,
}

fn key(text: &str, kind: Kind) -> Option<Uuid> {
    GlobalId::parse(text).filter(|id| id.kind == kind).map(|id| id.uuid)
}

/// Issues an award by hand; its identifier.
///
/// # Errors
/// Every reason why there is none.
pub async fn issue(actor: &Actor, key: Uuid, wanted: &Wanted) -> Result<GlobalId, Refused> {
    let once = Once::new(key, "awardIssue", wanted);
    repeated(|| issue_once(actor, &once, wanted)).await
}

fn answered(answer: &str) -> Result<GlobalId, Refused> {
    Ok(GlobalId::new(Kind::Award, once::ids(answer)?.first().copied().unwrap_or_default()))
}

async fn issue_once(actor: &Actor, once: &Once, wanted: &Wanted) -> Result<GlobalId, Refused> {
    let hidden = || UserError::hidden(&["credentialId"]);
    actor.permitted(Action::GiveAwards(Uuid::nil()))?;
    if let Some(answer) = once.known(actor).await? {
        return answered(&answer);
    }
    let credential = key(&wanted.credential, Kind::Credential).ok_or_else(hidden)?;
    let row = actor.seen(&CREDENTIAL, credential).await?.ok_or_else(hidden)?;
    let institution = row.uuid("tenant_id")?.ok_or_else(hidden)?;
    let scope = actor.may(Action::GiveAwards(institution), hidden)?;
    let mut transaction = actor.store.begin_in(&scope).await?;
    if let Some(answer) = once.claim(actor, &mut transaction).await? {
        transaction.rollback().await?;
        return answered(&answer);
    }
    let new = match checked(actor, &mut transaction, &scope, (institution, credential, &row), wanted).await? {
        Ok(new) => new,
        Err(errors) => {
            transaction.rollback().await?;
            return Err(Refused::User(errors));
        }
    };
    write(actor, &mut transaction, &new, &["learnerId", "credentialId", "enrollmentId"][..if new.enrollment.is_some() { 3 } else { 2 }])
        .await?;
    once.settle(actor, &mut transaction, &new.id.to_string()).await?;
    transaction.commit().await?;
    Ok(GlobalId::new(Kind::Award, new.id))
}

/// The award that is asked for, or everything that is wrong with it.
async fn checked(
    actor: &Actor,
    transaction: &mut Transaction,
    scope: &Scope,
    (institution, credential, row): (Uuid, Uuid, &Row),
    wanted: &Wanted,
) -> Result<Result<New, Vec<UserError>>, Refused> {
    let mut errors = Vec::new();
    if row.text("status")? == "DRAFT" {
        errors.push(UserError::at(UserErrorCode::NotEligible, &["credentialId"], "it is a draft: publish it first"));
    }
    let mut learner = key(&wanted.learner, Kind::Learner);
    if let Some(id) = learner
        && actor.store.rows_in(transaction, scope, &KNOWN_LEARNER, &[id]).await?.pop().flatten().is_none()
    {
        learner = None;
    }
    if learner.is_none() {
        errors.push(UserError::hidden(&["learnerId"]));
    }
    let enrollment = match wanted.enrollment.as_ref().map(|id| key(id, Kind::Enrollment)) {
        None => None,
        Some(Some(id)) => completed(transaction, (institution, credential), id, learner).await?.map_err(|error| errors.push(error)).ok(),
        Some(None) => {
            errors.push(UserError::hidden(&["enrollmentId"]));
            None
        }
    };
    if let (Some(learner), true) = (learner, errors.is_empty()) {
        consent_grant::hold(&mut transaction.connection(), &[learner]).await?;
        let today = actor.clock.today();
        let from = enrollment.map(|(enrollment, _)| enrollment);
        if award::is_held(&mut transaction.connection(), learner, credential, from, today).await? {
            let text = "the learner holds a valid award of it from there: revoke that one first";
            errors.push(UserError::at(UserErrorCode::Taken, &["credentialId"], text));
        } else {
            let months = row.integer("valid_months")?.and_then(|months| u32::try_from(months).ok());
            return Ok(Ok(new(actor, institution, (credential, months), learner, enrollment)?));
        }
    }
    Ok(Err(errors))
}

/// An enrollment with its offering that a learner has completed, and which leads to a credential.
async fn completed(
    transaction: &mut Transaction,
    (institution, credential): (Uuid, Uuid),
    id: Uuid,
    learner: Option<Uuid>,
) -> Result<Result<(Uuid, Uuid), UserError>, StoreError> {
    let is_meant = |held: &Held| held.institution == institution && learner.is_none_or(|learner| held.learner == learner);
    let hidden = || Err(UserError::hidden(&["enrollmentId"]));
    let Some(before) = seat::enrollment(&mut transaction.connection(), id).await?.filter(is_meant) else { return Ok(hidden()) };
    seat::hold(&mut transaction.connection(), &[before.offering]).await?;
    let Some(held) = seat::enrollment(&mut transaction.connection(), id).await?.filter(is_meant) else { return Ok(hidden()) };
    let refuse = |text: String| Err(UserError::at(UserErrorCode::NotEligible, &["enrollmentId"], text));
    if held.state != State::Completed {
        return Ok(refuse(format!("it is {}: awards come from what was completed", held.state.name())));
    }
    let leads = award::earned(&mut transaction.connection(), &[held.offering]).await?;
    if leads.get(&held.offering).is_none_or(|(of, _)| *of != credential) {
        return Ok(refuse("completing it does not lead to this credential: leave it out".to_owned()));
    }
    Ok(Ok((held.id, held.offering)))
}

/// An award of today.
fn new(
    actor: &Actor,
    institution: Uuid,
    (credential, months): Earned,
    learner: Uuid,
    enrollment: Option<(Uuid, Uuid)>,
) -> Result<New, StoreError> {
    let issued_on = actor.clock.today();
    let code = code::key().map_err(|error| StoreError::Open(format!("the machine has no random source: {error}")))?;
    let expires_on = months.and_then(|months| last_day(issued_on, months));
    Ok(New { institution, id: actor.ids.next(), code, credential, learner, enrollment, issued_on, expires_on })
}

/// The last day of an award that is valid for so many months.
#[must_use]
pub fn last_day(issued_on: NaiveDate, months: u32) -> Option<NaiveDate> {
    issued_on.checked_add_months(Months::new(months))
}

/// Issues the award to which an enrollment leads that was completed in this transaction, if it leads to one. The learner's consents are held.
pub(super) async fn earn(actor: &Actor, transaction: &mut Transaction, held: &Held) -> Result<(), StoreError> {
    let earned = award::earned(&mut transaction.connection(), &[held.offering]).await?;
    let Some(earned) = earned.get(&held.offering).copied() else { return Ok(()) };
    if award::is_held(&mut transaction.connection(), held.learner, earned.0, Some(held.id), actor.clock.today()).await? {
        return Ok(());
    }
    let new = new(actor, held.institution, earned, held.learner, Some((held.id, held.offering)))?;
    write(actor, transaction, &new, &["enrollmentId"]).await
}

/// Writes an award, with its line in the log of the institution.
async fn write(actor: &Actor, transaction: &mut Transaction, new: &New, fields: &[&'static str]) -> Result<(), StoreError> {
    // Its name stays from now on: whoever changes it waits, and then sees the award.
    change::lock(&mut transaction.connection(), CREDENTIAL.table, &[new.credential], Hold::Still).await?;
    award::add(&mut transaction.connection(), std::slice::from_ref(new)).await?;
    moves(transaction, new.code);
    log(actor, transaction, (new.institution, new.id), "awardIssue", fields).await
}

/// Notes that what was answered about an award no longer holds.
fn moves(transaction: &mut Transaction, code: Uuid) {
    transaction.moves(tag::any(AWARD.table));
    transaction.moves(tag::row(AWARD.table, code));
}

async fn log(
    actor: &Actor,
    transaction: &mut Transaction,
    (institution, id): (Uuid, Uuid),
    action: &str,
    fields: &[&'static str],
) -> Result<(), StoreError> {
    let (subject, tenant) = (GlobalId::new(Kind::Award, id).to_string(), Tenant::Institution(institution));
    let event = Event { id: actor.ids.next(), tenant, action, subject: &subject, fields, at: actor.clock.now() };
    audit::append(transaction, &Author::of(actor), &event).await
}

/// Revokes an award for good; its identifier. One that was revoked before stays as it is.
///
/// # Errors
/// Why it was not revoked.
pub async fn revoke(actor: &Actor, id: &str, reason: &str) -> Result<GlobalId, Refused> {
    repeated(|| revoke_once(actor, id, reason)).await
}

async fn revoke_once(actor: &Actor, id: &str, reason: &str) -> Result<GlobalId, Refused> {
    let hidden = || UserError::hidden(&["id"]);
    actor.permitted(Action::GiveAwards(Uuid::nil()))?;
    let id = key(id, Kind::Award).ok_or_else(hidden)?;
    let row = actor.seen(&AWARD, id).await?.ok_or_else(hidden)?;
    let institution = row.uuid("tenant_id")?.ok_or_else(hidden)?;
    let scope = actor.may(Action::GiveAwards(institution), hidden)?;
    if !is_line(reason, LONGEST_REASON) {
        return Err(UserError::at(UserErrorCode::Invalid, &["reason"], "say why, in 1 to 500 characters in one line").into());
    }
    let mut transaction = actor.store.begin_in(&scope).await?;
    if award::revoke(&mut transaction.connection(), id, reason.trim(), actor.clock.now()).await? {
        moves(&mut transaction, row.uuid("code")?.unwrap_or_default());
        log(actor, &mut transaction, (institution, id), "awardRevoke", &["reason"]).await?;
        transaction.commit().await?;
    } else {
        transaction.rollback().await?;
    }
    Ok(GlobalId::new(Kind::Award, id))
}
