//! Rosters of businesses: adding, changing and separating employees, and their own confirmation that they work there.

pub mod import;
mod invite;
mod items;

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::actor::{Actor, Refused, repeated};
use super::audit::{self, Author, Event};
use super::consent::{self, Consent};
use super::user_error::{UserError, UserErrorCode};
use crate::domain::id::{GlobalId, Kind};
use crate::domain::tenant::Tenant;
use crate::identity::code;
use crate::policy::Action;
use crate::store::employee::EMPLOYEE;
use crate::store::roster::{self, Entry};
use crate::store::{StoreError, Transaction, change, consent_grant, shown};

pub use invite::invite;
pub use items::Item;
use items::{Given, Wrong};

/// What became of adding, changing and inviting employees.
#[derive(Debug)]
pub struct Upserted {
    /// The entries, in order.
    pub employees: Vec<Uuid>,
    /// For each the code of its new invitation, which is told this once.
    pub codes: Vec<Option<String>>,
}

/// Adds or changes entries of a business' roster, all or none.
///
/// # Errors
/// Why nothing was written.
pub async fn upsert(actor: &Actor, business: &str, items: &[Item]) -> Result<Upserted, Refused> {
    repeated(|| upsert_once(actor, business, items)).await
}

async fn upsert_once(actor: &Actor, business: &str, items: &[Item]) -> Result<Upserted, Refused> {
    let hidden = || UserError::hidden(&["businessId"]);
    actor.permitted(Action::KeepRoster(Uuid::nil()))?;
    let id = GlobalId::parse(business).filter(|id| id.kind == Kind::Business).ok_or_else(hidden)?.uuid;
    let scope = actor.may(Action::KeepRoster(id), hidden)?;
    let now = actor.clock.now();
    let mut transaction = actor.store.begin_in(&scope).await?;
    change::lock_names(&mut transaction.connection(), EMPLOYEE.table, id).await?;
    let mut errors = items::check(items);
    items::check_sites(&mut transaction.connection(), id, items, &mut errors).await?;
    let known = roster::entries(&mut transaction.connection(), id, &items::numbers(items), &items::addresses(items)).await?;
    let matched = items::matched(actor, &known, items, (&HashSet::new(), |_| Given::ALL), &mut errors);
    if !errors.is_empty() {
        transaction.rollback().await?;
        return Err(Refused::User(errors.into_iter().map(Wrong::of_input).collect()));
    }
    let is_changed: Vec<Entry> = matched.iter().filter(|item| item.is_changed).map(|item| item.entry.clone()).collect();
    roster::put(&mut transaction.connection(), id, is_changed, now).await?;
    let mut codes = Vec::new();
    let mut invitations = Vec::new();
    for item in &matched {
        let code = item.is_invited.then(draw).transpose()?;
        invitations.extend(code.as_deref().map(|code| (code::hash(code), item.entry.id)));
        codes.push(code);
    }
    let anew: Vec<Uuid> = matched.iter().filter(|item| item.is_invited && !item.is_new).map(|item| item.entry.id).collect();
    roster::end_invitations(&mut transaction.connection(), id, &anew).await?;
    let ends = invited_until(actor);
    roster::invite(&mut transaction.connection(), id, invitations, ends).await?;
    let subject = Tenant::Business(id).to_string();
    let event = Event {
        id: actor.ids.next(),
        tenant: Tenant::Business(id),
        action: "employeesUpsert",
        subject: &subject,
        fields: &["items"],
        at: now,
    };
    audit::append(&mut transaction, &Author::of(actor), &event).await?;
    transaction.commit().await?;
    Ok(Upserted { employees: matched.iter().map(|item| item.entry.id).collect(), codes })
}

/// Until when an invitation that is made now is good.
fn invited_until(actor: &Actor) -> DateTime<Utc> {
    actor.clock.now() + TimeDelta::days(actor.roster.invitation_days.into())
}

/// A code that nobody can guess.
pub(super) fn draw() -> Result<String, StoreError> {
    code::draw().map_err(|error| StoreError::Open(format!("the machine has no random source: {error}")))
}

/// Marks people as having left, all or none; the entries, in order.
///
/// # Errors
/// Why nothing was written.
pub async fn separate(actor: &Actor, ids: &[String], is_confirmed: bool) -> Result<Vec<Uuid>, Refused> {
    repeated(|| separate_once(actor, ids, is_confirmed)).await
}

/// Entries of the caller's business that an act names; nobody else changes the roster until it ends.
struct Named {
    business: Uuid,
    transaction: Transaction,
    /// Their keys, in order.
    ids: Vec<Uuid>,
    entries: HashMap<Uuid, Entry>,
}

/// Begins an act on entries of the caller's business, which must all be there.
async fn named(actor: &Actor, ids: &[String]) -> Result<Named, Refused> {
    actor.permitted(Action::KeepRoster(Uuid::nil()))?;
    // A token speaks for one business, and names its own people only.
    let tenant = actor.principal.member().map(|member| member.tenant);
    let business = tenant.filter(|tenant| matches!(tenant, Tenant::Business(_))).and_then(Tenant::id).unwrap_or_default();
    let scope = actor.may(Action::KeepRoster(business), || UserError::hidden(&["ids"]))?;
    let mut transaction = actor.store.begin_in(&scope).await?;
    change::lock_names(&mut transaction.connection(), EMPLOYEE.table, business).await?;
    let keys: Vec<Option<Uuid>> =
        ids.iter().map(|id| GlobalId::parse(id).filter(|id| id.kind == Kind::Employee).map(|id| id.uuid)).collect();
    let ids: Vec<Uuid> = keys.iter().flatten().copied().collect();
    let found = roster::by_ids(&mut transaction.connection(), business, &ids).await?;
    let entries: HashMap<Uuid, Entry> = found.into_iter().map(|entry| (entry.id, entry)).collect();
    let is_missing = |key: &Option<Uuid>| key.is_none_or(|key| !entries.contains_key(&key));
    let errors: Vec<UserError> = keys
        .iter()
        .enumerate()
        .filter(|(_, key)| is_missing(key))
        .map(|(place, _)| UserError::hidden(&["ids", &place.to_string()]))
        .collect();
    if !errors.is_empty() {
        transaction.rollback().await?;
        return Err(Refused::User(errors));
    }
    Ok(Named { business, transaction, ids, entries })
}

async fn separate_once(actor: &Actor, ids: &[String], is_confirmed: bool) -> Result<Vec<Uuid>, Refused> {
    let now = actor.clock.now();
    let Named { business, mut transaction, ids: named, entries } = named(actor, ids).await?;
    let leaving: HashSet<Uuid> = named.iter().copied().filter(|id| entries[id].status != "SEPARATED").collect();
    let leaving: Vec<Uuid> = leaving.into_iter().collect();
    if let Some(text) = guard(actor, &mut transaction, business, leaving.len(), is_confirmed).await? {
        transaction.rollback().await?;
        return Err(UserError::at(UserErrorCode::Required, &["isConfirmed"], text).into());
    }
    if leaving.is_empty() {
        transaction.rollback().await?;
        return Ok(named);
    }
    let learners: Vec<Uuid> = leaving.iter().filter_map(|id| entries[id].learner).collect();
    part(&mut transaction, business, &leaving, &learners, now).await?;
    let subject = Tenant::Business(business).to_string();
    let event = Event {
        id: actor.ids.next(),
        tenant: Tenant::Business(business),
        action: "employeesSeparate",
        subject: &subject,
        fields: &["ids"],
        at: now,
    };
    audit::append(&mut transaction, &Author::of(actor), &event).await?;
    transaction.commit().await?;
    Ok(named)
}

/// Refuses to separate so many at once without a confirmation: a file that was cut off looks as if everybody had left.
async fn guard(
    actor: &Actor,
    transaction: &mut Transaction,
    business: Uuid,
    leaving: usize,
    is_confirmed: bool,
) -> Result<Option<String>, StoreError> {
    let leaving = leaving as u64;
    if is_confirmed || leaving <= actor.roster.separation_free {
        return Ok(None);
    }
    let all = roster::count(&mut transaction.connection(), business).await?;
    let percent = actor.roster.separation_percent;
    if leaving * 100 <= all * percent {
        return Ok(None);
    }
    Ok(Some(format!(
        "this separates {leaving} of {all} people, which is more than {percent} percent: give `isConfirmed: true` if that is meant"
    )))
}

/// Separates entries, and ends their invitations and what their learners had allowed the business.
async fn part(
    transaction: &mut Transaction,
    business: Uuid,
    ids: &[Uuid],
    learners: &[Uuid],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let mut connection = transaction.connection();
    consent_grant::hold(&mut connection, learners).await?;
    roster::separate(&mut connection, business, ids, now).await?;
    roster::end_invitations(&mut connection, business, ids).await?;
    consent_grant::end(&mut connection, "business_id", business, learners, now).await?;
    consent_grant::forget(&mut connection, business, learners).await?;
    shown::hide(&mut connection, business, learners).await
}

/// Links the roster entry of an invitation to the caller; the entry.
///
/// # Errors
/// Why nothing was linked.
pub async fn confirm(actor: &Actor, invitation: &str, consent: &Consent) -> Result<GlobalId, Refused> {
    repeated(|| confirm_once(actor, invitation, consent)).await
}

async fn confirm_once(actor: &Actor, invitation: &str, consent: &Consent) -> Result<GlobalId, Refused> {
    let hidden =
        || UserError::at(UserErrorCode::NotFound, &["invitationCode"], "it is not good, or no longer: ask your employer for another one");
    let learner = actor.learner().await?;
    let now = actor.clock.now();
    let hash = code::hash(invitation);
    let (business, employee) = actor.store.invited_by(&hash, now).await?.ok_or_else(hidden)?;
    let scope = actor.may(Action::ConfirmEmployment { business, learner: learner.id }, hidden)?;
    let mut transaction = actor.store.begin_in(&scope).await?;
    change::lock_names(&mut transaction.connection(), EMPLOYEE.table, business).await?;
    learner.be(actor, &mut transaction).await?;
    let mut connection = transaction.connection();
    let entry = roster::by_ids(&mut connection, business, &[employee]).await?.pop();
    let is_open = entry.is_some_and(|entry| entry.status == "INVITED") && roster::use_invitation(&mut connection, &hash, now).await?;
    if !is_open {
        transaction.rollback().await?;
        return Err(hidden().into());
    }
    if roster::is_linked(&mut connection, business, learner.id).await? {
        transaction.rollback().await?;
        let text = "you have confirmed another entry of this employer already: ask it to put the two together";
        return Err(UserError::at(UserErrorCode::Taken, &["invitationCode"], text).into());
    }
    roster::link(&mut connection, business, employee, learner.id, now).await?;
    if !consent.scopes.is_empty() {
        consent::put(actor, &mut transaction, learner.id, Tenant::Business(business), consent, now).await?;
    }
    let subject = GlobalId::new(Kind::Employee, employee);
    let tenant = Tenant::Business(business);
    let event =
        Event { id: actor.ids.next(), tenant, action: "employmentConfirm", subject: &subject.to_string(), fields: &["status"], at: now };
    audit::append(&mut transaction, &Author::learner(actor), &event).await?;
    transaction.commit().await?;
    actor.is_learner(learner.id);
    Ok(subject)
}
