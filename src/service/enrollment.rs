//! Places in offerings: asked for, moved on, offered to the next. Everything that an act changes of an offering's seats it changes while it holds the offering's row, then the
//! consents of the learners whom it is about, then the sponsorship, then the accounts; nobody takes them in another order.

mod bulk;
mod end;
pub mod job;
mod kept;
mod known;
mod lapse;
mod offer;
mod pay;
mod people;
mod place;
mod refund;
mod step;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::actor::{Actor, Refused, repeated};
use super::audit::{self, Author, Event};
use super::once::{self, Once};
use super::user_error::{UserError, UserErrorCode};
use crate::domain::consent::ConsentScope;
use crate::domain::enrollment::{By, State};
use crate::domain::id::{GlobalId, Kind};
use crate::domain::role::Role;
use crate::domain::tenant::Tenant;
use crate::domain::text;
use crate::identity::code;
use crate::policy::{Action, Denied, Member, Scope, background, decide};
use crate::store::enrollment::ENROLLMENT;
use crate::store::learner::LEARNER;
use crate::store::ledger::{self, Book};
use crate::store::offering::OFFERING;
use crate::store::seat::{self, Held};
use crate::store::sponsorship::SPONSORSHIP;
use crate::store::{Row, StoreError, Transaction, roster};
use place::{Payment, Place};

pub use bulk::{Item, Outcome, Person, bulk};
pub use end::{End, end_all, follow};
pub use lapse::sweep;
pub use offer::fill_all;

/// As whom the program itself is named in histories and logs.
const SYSTEM: &str = "Concord";

/// Who pays, as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub enum Funding {
    /// The learner.
    Own,
    /// Grant, scholarship or workforce funds, which the institution has to approve, by what the learner calls them.
    Aid(String),
    /// A sponsorship, by its identifier.
    Sponsorship(String),
    /// Whoever issued this voucher.
    Voucher(String),
}

/// Most characters of what names aid.
const LONGEST_REFERENCE: usize = 100;

impl Funding {
    /// What names the aid that pays.
    fn reference(&self) -> Option<&str> {
        if let Self::Aid(reference) = self { Some(reference.trim()) } else { None }
    }

    /// What is wrong with what names the aid; `path` leads to the funding.
    fn wrong(&self, path: &[&str]) -> Option<UserError> {
        let text = format!("give 1 to {LONGEST_REFERENCE} characters in one line, all of which can be seen");
        let is_wrong = self.reference().is_some_and(|reference| !text::is_code(reference, LONGEST_REFERENCE));
        is_wrong.then(|| UserError::at(UserErrorCode::Invalid, &[path, &["aidReference"]].concat(), text))
    }
}

/// A place that is asked for.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Wanted {
    /// The learner, by identifier; `None` for the caller.
    pub learner: Option<String>,
    /// The offering, by identifier.
    pub offering: String,
    /// Who pays.
    pub funding: Funding,
}

fn hidden(path: &[&str]) -> UserError {
    UserError::hidden(path)
}

/// Asks for a place for the caller, or for a learner of the caller's institution; the enrollment.
///
/// # Errors
/// Every reason why there is none.
pub async fn request(actor: &Actor, key: Uuid, wanted: &Wanted) -> Result<GlobalId, Refused> {
    let once = Once::new(key, "enrollmentRequest", wanted);
    repeated(|| request_once(actor, &once, wanted)).await
}

/// The enrollment that a kept answer names.
fn answered(answer: &str) -> Result<GlobalId, Refused> {
    Ok(GlobalId::new(Kind::Enrollment, once::ids(answer)?.first().copied().unwrap_or_default()))
}

async fn request_once(actor: &Actor, once: &Once, wanted: &Wanted) -> Result<GlobalId, Refused> {
    let own = actor.principal.member().and_then(Member::learner);
    let named = wanted.learner.as_deref().map(|id| GlobalId::parse(id).filter(|id| id.kind == Kind::Learner).map(|id| id.uuid));
    let is_own = named.is_none_or(|named| named.is_some() && named == own);
    let by = if is_own { By::Learner } else { By::Staff };
    let any = Action::Enroll { institution: Uuid::nil(), learner: own.unwrap_or_default(), payer: None, by };
    actor.permitted(any)?;
    // Whoever asks again is told what was done, whatever has become of the terms since.
    if let Some(answer) = once.known(actor).await? {
        return answered(&answer);
    }
    let offering = GlobalId::parse(&wanted.offering).filter(|id| id.kind == Kind::Offering).ok_or_else(|| hidden(&["offeringId"]))?;
    let row = actor.seen(&OFFERING, offering.uuid).await?.ok_or_else(|| hidden(&["offeringId"]))?;
    let institution = row.uuid("tenant_id")?.ok_or_else(|| hidden(&["offeringId"]))?;
    let learning = if is_own { Some(actor.learner().await?) } else { None };
    let learner = match (learning, named.flatten()) {
        (Some(learning), _) => learning.id,
        (None, Some(named)) if actor.seen(&LEARNER, named).await?.is_some() => named,
        _ => return Err(hidden(&["learnerId"]).into()),
    };
    let payment = resolve(actor, &wanted.funding, learner, by, &["funding"]).await?;
    let action = Action::Enroll { institution, learner, payer: payment.payer(), by };
    let scope = actor.may(action, || hidden(&["offeringId"]))?;
    let mut transaction = actor.store.begin_in(&scope).await?;
    if let Some(answer) = once.claim(actor, &mut transaction).await? {
        transaction.rollback().await?;
        return answered(&answer);
    }
    if let Some(learning) = learning {
        learning.be(actor, &mut transaction).await?;
    }
    let (reference, paths) = (wanted.funding.reference(), [&["offeringId"][..], &["funding"]]);
    let place = Place { institution, offering: offering.uuid, learner, payment, reference, by, is_dry_run: false, paths };
    let placed = match place::place(actor, &mut transaction, &scope, &place).await {
        Ok(placed) => placed,
        Err(refused) => {
            transaction.rollback().await?;
            return Err(refused);
        }
    };
    once.settle(actor, &mut transaction, &placed.id.to_string()).await?;
    place::log(actor, &mut transaction, &scope, (&place, &placed), "enrollmentRequest").await?;
    transaction.commit().await?;
    if learning.is_some() {
        actor.is_learner(learner);
    }
    Ok(GlobalId::new(Kind::Enrollment, placed.id))
}

/// What every step of an enrollment gives.
const STATE: &[&str] = &["state"];

/// A line in the log of the institution.
async fn log(
    actor: &Actor,
    transaction: &mut Transaction,
    author: &Author<'_>,
    (held, fields): (&Held, &[&'static str]),
    action: &str,
) -> Result<(), StoreError> {
    let subject = GlobalId::new(Kind::Enrollment, held.id).to_string();
    let tenant = Tenant::Institution(held.institution);
    let event = Event { id: actor.ids.next(), tenant, action, subject: &subject, fields, at: actor.clock.now() };
    audit::append(transaction, author, &event).await
}

/// A line in the log of the business that pays. The transaction speaks in its scope afterwards.
async fn log_of_payer(
    actor: &Actor,
    transaction: &mut Transaction,
    payer: Uuid,
    (held, fields): (&Held, &[&'static str]),
    action: &str,
) -> Result<(), StoreError> {
    let (tenant, subject) = (Tenant::Business(payer), GlobalId::new(Kind::Enrollment, held.id).to_string());
    transaction.speak(&background(tenant)).await?;
    let event = Event { id: actor.ids.next(), tenant, action, subject: &subject, fields, at: actor.clock.now() };
    audit::append(transaction, &Author::of(actor), &event).await
}

/// Who pays, as far as it can be told before anything is held.
async fn resolve(actor: &Actor, funding: &Funding, learner: Uuid, by: By, path: &[&str]) -> Result<Payment, Refused> {
    let below = |field: &'static str| hidden(&[path, &[field]].concat());
    match funding {
        Funding::Own => Ok(Payment::Own),
        Funding::Aid(_) => funding.wrong(path).map_or(Ok(Payment::Aid), |wrong| Err(wrong.into())),
        Funding::Voucher(voucher) => {
            let (payer, voucher) = actor.store.voucher_of(&code::hash(voucher)).await?.ok_or_else(|| below("voucherCode"))?;
            Ok(Payment::Voucher { payer, voucher })
        }
        Funding::Sponsorship(id) => {
            let id = GlobalId::parse(id).filter(|id| id.kind == Kind::Sponsorship).ok_or_else(|| below("sponsorshipId"))?.uuid;
            let payer = if by == By::Learner {
                sponsor_of(actor, learner, id).await?
            } else {
                actor.seen(&SPONSORSHIP, id).await?.and_then(|row| row.uuid("tenant_id").ok().flatten())
            };
            Ok(Payment::Sponsorship { payer: payer.ok_or_else(|| below("sponsorshipId"))?, sponsorship: id })
        }
    }
}

/// The employer of a learner to which a sponsorship belongs. The learner knows its identifier, and sees nothing of it.
async fn sponsor_of(actor: &Actor, learner: Uuid, sponsorship: Uuid) -> Result<Option<Uuid>, Refused> {
    let look = decide(&actor.principal, Action::Look).map_err(Refused::Denied)?;
    let mut transaction = actor.store.look_in(&look).await?;
    let employers = roster::employers(&mut transaction.connection(), learner).await?;
    transaction.rollback().await?;
    for payer in employers {
        let action = Action::Enroll { institution: Uuid::nil(), learner, payer: Some(payer), by: By::Learner };
        let scope = actor.may(action, || hidden(&["funding", "sponsorshipId"]))?;
        let mut transaction = actor.store.look_in(&scope).await?;
        let is_there = ledger::is_there(&mut transaction.connection(), Book { tenant: payer, sponsorship }).await?;
        transaction.rollback().await?;
        if is_there {
            return Ok(Some(payer));
        }
    }
    Ok(None)
}

/// A step that is asked for.
#[derive(Debug, Clone)]
pub struct Step {
    /// Identifier of the enrollment.
    pub id: String,
    /// Where to.
    pub to: State,
    /// Why.
    pub reason: Option<String>,
    /// Whether what was charged is given back.
    pub is_refunded: bool,
}

/// Moves an enrollment to another state.
///
/// # Errors
/// Why it stays where it is.
pub async fn transition(actor: &Actor, step: &Step) -> Result<GlobalId, Refused> {
    repeated(|| transition_once(actor, step)).await
}

async fn transition_once(actor: &Actor, wanted: &Step) -> Result<GlobalId, Refused> {
    actor.principal.member().ok_or(Refused::Denied(Denied::Unauthenticated))?;
    if !actor.principal.has_any(&[Role::Learner, Role::InstitutionAdmin, Role::Instructor, Role::BusinessAdmin, Role::ConsortiumAdmin]) {
        return Err(Refused::Denied(Denied::Forbidden));
    }
    let id = GlobalId::parse(&wanted.id).filter(|id| id.kind == Kind::Enrollment).ok_or_else(|| hidden(&["id"]))?;
    let row = actor.seen(&ENROLLMENT, id.uuid).await?.ok_or_else(|| hidden(&["id"]))?;
    let offering = row.uuid("offering_id")?.unwrap_or_default();
    let learner = row.uuid("learner_id")?.unwrap_or_default();
    let is_business = row.noun().column("is_paid").is_some();
    let institution = row.uuid(if is_business { "institution_id" } else { "tenant_id" })?.unwrap_or_default();
    let payer = if is_business && row.boolean("is_paid")? { row.uuid("tenant_id")? } else { None };
    let reason = wanted.reason.as_deref().map(str::trim).filter(|reason| text::shows(reason));
    let mut errors = Vec::new();
    if matches!(wanted.to, State::Declined | State::Withdrawn) && reason.is_none() {
        errors.push(UserError::at(UserErrorCode::Required, &["reason"], "say why"));
    }
    if reason.is_some_and(|reason| !text::is_line(reason, 500)) {
        errors.push(UserError::at(UserErrorCode::Invalid, &["reason"], "give at most 500 characters in one line"));
    }
    // All that the caller is to this enrollment; the step is made as the first who may.
    let all = [By::Learner, By::Staff, By::Instructor, By::Business];
    let scopes: Vec<(By, Scope)> = all
        .into_iter()
        .filter(|by| (*by == By::Business) == is_business || *by == By::Learner)
        .filter_map(|by| Some((by, decide(&actor.principal, Action::Enroll { institution, learner, payer, by }).ok()?)))
        .filter(|(by, _)| *by != By::Learner || actor.principal.member().and_then(Member::learner) == Some(learner))
        .collect();
    let (_, scope) = scopes.first().copied().ok_or_else(|| hidden(&["id"]))?;
    // A business that pays and may not see the state is not told it by what it may not do either.
    let is_told = scopes.iter().any(|(by, _)| *by != By::Business) || shows_state(&row, actor.clock.now())?;
    let mut transaction = actor.store.begin_in(&scope).await?;
    seat::hold(&mut transaction.connection(), &[offering]).await?;
    let held = seat::enrollment(&mut transaction.connection(), id.uuid).await?.ok_or_else(|| hidden(&["id"]))?;
    if held.state == wanted.to && errors.is_empty() && (is_told || wanted.to == State::Cancelled) {
        let is_staff = scopes.iter().any(|(by, _)| *by == By::Staff);
        let done = if wanted.is_refunded && is_staff && wanted.to == State::Withdrawn {
            refund::refund(actor, &mut transaction, &scope, &held).await
        } else if wanted.is_refunded {
            Err(no_refund().into())
        } else {
            Ok(false)
        };
        if matches!(done, Ok(true)) {
            transaction.commit().await?;
        } else {
            transaction.rollback().await?;
        }
        return done.map(|_| id);
    }
    let by = scopes.iter().map(|(by, _)| *by).find(|by| held.state.allowed(*by).any(|to| to == wanted.to));
    let Some(by) = by else {
        transaction.rollback().await?;
        let to = wanted.to.name();
        let text = if is_told {
            format!("it is {}, and you may not move it to {to}: see allowedTransitions", held.state.name())
        } else {
            format!("you may not move it to {to}: whoever pays moves it to CANCELLED, before it has begun")
        };
        errors.push(UserError::at(UserErrorCode::InvalidTransition, &["to"], text));
        return Err(Refused::User(errors));
    };
    if wanted.is_refunded && (by != By::Staff || wanted.to != State::Withdrawn) {
        errors.push(no_refund());
    }
    if errors.is_empty() {
        errors.extend(step::prepare(&mut transaction, &held, wanted.to).await?);
    }
    if !errors.is_empty() {
        transaction.rollback().await?;
        return Err(Refused::User(errors));
    }
    let doer = actor.principal.member().map_or(SYSTEM, |member| &member.display_name);
    let told = step::Told { reason, doer, is_refunded: wanted.is_refunded };
    step::go(actor, &mut transaction, &scope, &held, wanted.to, &told).await?;
    transaction.speak(&scope).await?;
    log(actor, &mut transaction, &Author::of(actor), (&held, STATE), "enrollmentTransition").await?;
    if let Some(payer) = payer.filter(|_| by == By::Business) {
        log_of_payer(actor, &mut transaction, payer, (&held, STATE), "enrollmentTransition").await?;
    }
    transaction.commit().await?;
    Ok(id)
}

/// What is said to whoever refunds what is not theirs, or not to be refunded.
fn no_refund() -> UserError {
    let text = "only the institution refunds, and only who withdraws: leave it out";
    UserError::at(UserErrorCode::Invalid, &["isRefunded"], text)
}

/// Whether the learner of an enrollment, as a business reads it, lets that business see where it stands.
fn shows_state(row: &Row, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let is_in_force = row.instant("consent_expires_at")?.is_none_or(|end| end > now);
    Ok(is_in_force && row.optional_text("consent_scopes")?.is_some_and(|names| ConsentScope::Enrollment.is_in(names)))
}
