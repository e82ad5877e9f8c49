//! Many places at once. Each item stands or falls alone, in a transaction of its own with a key of its own that is made of the request's: whoever repeats a request that broke off
//! gets what was done, and what was not done is done now.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::super::actor::{Actor, Refused, repeated};
use super::super::audit::{self, Author, Event};
use super::super::once::Once;
use super::super::user_error::{UserError, UserErrorCode};
use super::place::{self, Place};
use super::{Funding, answered, hidden, resolve, seen};
use crate::domain::enrollment::By;
use crate::domain::id::{GlobalId, Kind};
use crate::domain::tenant::Tenant;
use crate::policy::{Action, Denied};
use crate::store::employee::EMPLOYEE;
use crate::store::learner::LEARNER;
use crate::store::offering::OFFERING;

/// Who is to be enrolled.
#[derive(Debug, Clone, serde::Serialize)]
pub enum Person {
    /// A learner, by identifier.
    Learner(String),
    /// A roster entry of the caller's business, by identifier.
    Employee(String),
}

/// One place that is asked for.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Item {
    /// Who.
    pub person: Person,
    /// The offering, by identifier.
    pub offering: String,
}

/// What became of an item: the enrollment, if it was not refused and was not only tried.
pub type Outcome = Result<Option<GlobalId>, Vec<UserError>>;

/// Asks for places, or only tries; what became of each, in order.
///
/// # Errors
/// Why nothing was done at all.
pub async fn bulk(actor: &Actor, key: Uuid, items: &[Item], funding: &Funding, is_dry_run: bool) -> Result<Vec<Outcome>, Refused> {
    let tenant = actor.principal.member().ok_or(Refused::Denied(Denied::Unauthenticated))?.tenant;
    let by = if matches!(tenant, Tenant::Business(_)) { By::Business } else { By::Staff };
    let any = Action::Enroll { institution: Uuid::nil(), learner: Uuid::nil(), payer: tenant.id(), by };
    actor.permitted(any)?;
    let mut outcomes = Vec::with_capacity(items.len());
    for (number, item) in items.iter().enumerate() {
        let once = Once::new(key_of(key, number), "enrollmentBulkRequest", &(item, funding, is_dry_run));
        match repeated(|| one(actor, &once, (number, item), (funding, by), is_dry_run)).await {
            Ok(id) => outcomes.push(Ok(id)),
            Err(Refused::User(errors)) => outcomes.push(Err(errors)),
            Err(refused) => return Err(refused),
        }
    }
    if is_dry_run && matches!(tenant, Tenant::Business(_)) {
        repeated(|| tried(actor, tenant)).await?;
    }
    Ok(outcomes)
}

/// A line in the log of a business that only tried: what it asked for tells it something of its people.
async fn tried(actor: &Actor, business: Tenant) -> Result<(), Refused> {
    let scope = actor.may(Action::Sponsor(business.id().unwrap_or_default()), || hidden(&["funding"]))?;
    let mut transaction = actor.store.begin_in(&scope).await?;
    let (subject, at) = (business.to_string(), actor.clock.now());
    let event =
        Event { id: actor.ids.next(), tenant: business, action: "enrollmentBulkRequest", subject: &subject, fields: &["isDryRun"], at };
    audit::append(&mut transaction, &Author::of(actor), &event).await?;
    Ok(transaction.commit().await?)
}

/// The key of an item.
fn key_of(key: Uuid, number: usize) -> Uuid {
    let digest = Sha256::new().chain_update(key.as_bytes()).chain_update((number as u64).to_be_bytes()).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

async fn one(
    actor: &Actor,
    once: &Once,
    (number, item): (usize, &Item),
    (funding, by): (&Funding, By),
    is_dry_run: bool,
) -> Result<Option<GlobalId>, Refused> {
    // Whoever asks again is told what was done, whatever has become of the terms since.
    if !is_dry_run && let Some(answer) = once.known(actor).await? {
        return answered(&answer).map(Some);
    }
    let number = number.to_string();
    let at = ["items", &number, "offeringId"];
    let offering = GlobalId::parse(&item.offering).filter(|id| id.kind == Kind::Offering).ok_or_else(|| hidden(&at))?;
    let row = seen(actor, &OFFERING, offering.uuid).await?.ok_or_else(|| hidden(&at))?;
    let institution = row.uuid("tenant_id")?.ok_or_else(|| hidden(&at))?;
    let learner = who(actor, &number, &item.person).await?;
    let payment = resolve(actor, funding, learner, by, &["funding"]).await?;
    let action = Action::Enroll { institution, learner, payer: payment.payer(), by };
    let scope = actor.may(action, || hidden(if by == By::Staff { &at } else { &["funding"] }))?;
    let mut transaction = actor.store.begin_in(&scope).await?;
    if !is_dry_run && let Some(answer) = once.claim(actor, &mut transaction).await? {
        transaction.rollback().await?;
        return answered(&answer).map(Some);
    }
    let (reference, paths) = (funding.reference(), [&at[..], &["funding"]]);
    let place = Place { institution, offering: offering.uuid, learner, payment, reference, by, paths };
    let placed = match place::place(actor, &mut transaction, &scope, &place).await {
        Ok(placed) if !is_dry_run => placed,
        tried => {
            transaction.rollback().await?;
            return tried.map(|_| None);
        }
    };
    once.settle(actor, &mut transaction, &placed.id.to_string()).await?;
    place::log(actor, &mut transaction, &scope, (&place, &placed), "enrollmentBulkRequest").await?;
    transaction.commit().await?;
    Ok(Some(GlobalId::new(Kind::Enrollment, placed.id)))
}

/// The learner whom an item names.
async fn who(actor: &Actor, number: &str, person: &Person) -> Result<Uuid, Refused> {
    let (field, id, kind, noun) = match person {
        Person::Learner(id) => ("learnerId", id, Kind::Learner, &LEARNER),
        Person::Employee(id) => ("employeeId", id, Kind::Employee, &EMPLOYEE),
    };
    let at = ["items", number, "learner", field];
    let named = GlobalId::parse(id).filter(|id| id.kind == kind).ok_or_else(|| hidden(&at))?;
    let row = seen(actor, noun, named.uuid).await?.ok_or_else(|| hidden(&at))?;
    if kind == Kind::Learner {
        return Ok(named.uuid);
    }
    let is_linked = row.text("status")? == "LINKED";
    row.uuid("learner_id")?.filter(|_| is_linked).ok_or_else(|| {
        let text = "this person has not confirmed the invitation yet, or has left";
        UserError::at(UserErrorCode::NotEligible, &at, text).into()
    })
}
