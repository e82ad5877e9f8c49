//! Many places at once. Each item stands or falls alone, in a transaction of its own with a key of its own that is made of the request's: whoever repeats a request that broke off
//! gets what was done, and what was not done is done now.

use std::collections::HashMap;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::super::actor::{Actor, Refused, repeated};
use super::super::audit::{self, Author, Event};
use super::super::once::Once;
use super::super::user_error::{UserError, UserErrorCode};
use super::place::{self, Payment, Place};
use super::{Funding, answered, hidden, log, resolve, seen_all};
use crate::domain::enrollment::By;
use crate::domain::id::{GlobalId, Kind};
use crate::domain::tenant::Tenant;
use crate::policy::{Action, Denied};
use crate::store::Row;
use crate::store::employee::EMPLOYEE;
use crate::store::learner::LEARNER;
use crate::store::noun::Noun;
use crate::store::offering::OFFERING;

/// Who is to be enrolled.
#[derive(Debug, Clone, serde::Serialize)]
pub enum Person {
    /// A learner, by identifier.
    Learner(String),
    /// A roster entry of the caller's business, by identifier.
    Employee(String),
}

impl Person {
    /// The identifier, if it is one of a person so named.
    fn key(&self) -> Option<GlobalId> {
        let (id, kind) = match self {
            Self::Learner(id) => (id, Kind::Learner),
            Self::Employee(id) => (id, Kind::Employee),
        };
        GlobalId::parse(id).filter(|id| id.kind == kind)
    }
}

/// One place that is asked for.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Item {
    /// Who.
    pub person: Person,
    /// The offering, by identifier.
    pub offering: String,
}

impl Item {
    /// The offering, if its identifier is one.
    fn key(&self) -> Option<GlobalId> {
        GlobalId::parse(&self.offering).filter(|id| id.kind == Kind::Offering)
    }
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
    let keys: Vec<Once> = items
        .iter()
        .enumerate()
        .map(|(number, item)| Once::new(key_of(key, number), "enrollmentBulkRequest", &(item, funding, is_dry_run)))
        .collect();
    // Whoever asks again is told what was done, whatever has become of the terms since.
    let known = if is_dry_run { items.iter().map(|_| Ok(None)).collect() } else { Once::all_known(actor, &keys).await? };
    let named = Named::look(actor, items, funding, by).await?;
    let mut outcomes = Vec::with_capacity(items.len());
    for (number, ((item, once), known)) in items.iter().zip(&keys).zip(known).enumerate() {
        let done = match known {
            Ok(None) => repeated(|| one(actor, &named, once, (number, item), (funding, by), is_dry_run)).await,
            Ok(Some(answer)) => answered(&answer).map(Some),
            Err(refused) => Err(refused),
        };
        match done {
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

/// What the items name, looked up for all of them together. Whether it still holds is asked again where a place is given.
struct Named {
    offerings: HashMap<Uuid, Arc<Row>>,
    learners: HashMap<Uuid, Arc<Row>>,
    employees: HashMap<Uuid, Arc<Row>>,
    /// Who pays, or why nobody does.
    payment: Result<Payment, Vec<UserError>>,
}

impl Named {
    async fn look(actor: &Actor, items: &[Item], funding: &Funding, by: By) -> Result<Self, Refused> {
        let people = |kind: Kind| items.iter().filter_map(move |item| item.person.key().filter(|id| id.kind == kind));
        let payment = match resolve(actor, funding, Uuid::nil(), by, &["funding"]).await {
            Ok(payment) => Ok(payment),
            Err(Refused::User(errors)) => Err(errors),
            Err(refused) => return Err(refused),
        };
        Ok(Self {
            offerings: look(actor, &OFFERING, items.iter().filter_map(Item::key)).await?,
            learners: look(actor, &LEARNER, people(Kind::Learner)).await?,
            employees: look(actor, &EMPLOYEE, people(Kind::Employee)).await?,
            payment,
        })
    }

    /// The learner whom an item names.
    fn who(&self, number: &str, person: &Person) -> Result<Uuid, Refused> {
        let (field, rows) = match person {
            Person::Learner(_) => ("learnerId", &self.learners),
            Person::Employee(_) => ("employeeId", &self.employees),
        };
        let at = ["items", number, "learner", field];
        let (id, row) = person.key().and_then(|id| Some((id, rows.get(&id.uuid)?))).ok_or_else(|| hidden(&at))?;
        if id.kind == Kind::Learner {
            return Ok(id.uuid);
        }
        let is_linked = row.text("status")? == "LINKED";
        row.uuid("learner_id")?.filter(|_| is_linked).ok_or_else(|| {
            let text = "this person has not confirmed the invitation yet, or has left";
            UserError::at(UserErrorCode::NotEligible, &at, text).into()
        })
    }
}

/// Rows of a noun that the caller may see, by their keys.
async fn look(actor: &Actor, noun: &'static Noun, ids: impl Iterator<Item = GlobalId>) -> Result<HashMap<Uuid, Arc<Row>>, Refused> {
    let mut keys: Vec<Uuid> = ids.map(|id| id.uuid).collect();
    keys.sort_unstable();
    keys.dedup();
    let rows = seen_all(actor, noun, &keys).await?;
    Ok(keys.into_iter().zip(rows).filter_map(|(key, row)| Some((key, row?))).collect())
}

async fn one(
    actor: &Actor,
    named: &Named,
    once: &Once,
    (number, item): (usize, &Item),
    (funding, by): (&Funding, By),
    is_dry_run: bool,
) -> Result<Option<GlobalId>, Refused> {
    let number = number.to_string();
    let at = ["items", &number, "offeringId"];
    let (offering, row) = item.key().and_then(|id| Some((id.uuid, named.offerings.get(&id.uuid)?))).ok_or_else(|| hidden(&at))?;
    let institution = row.uuid("tenant_id")?.ok_or_else(|| hidden(&at))?;
    let learner = named.who(&number, &item.person)?;
    let payment = named.payment.clone().map_err(Refused::User)?;
    let action = Action::Enroll { institution, learner, payer: payment.payer(), by };
    let scope = actor.may(action, || hidden(if by == By::Staff { &at } else { &["funding"] }))?;
    let mut transaction = actor.store.begin_in(&scope).await?;
    if !is_dry_run && let Some(answer) = once.claim(actor, &mut transaction).await? {
        transaction.rollback().await?;
        return answered(&answer).map(Some);
    }
    let (reference, paths) = (funding.reference(), [&at[..], &["funding"]]);
    let place = Place { institution, offering, learner, payment, reference, by, paths };
    let placed = match place::place(actor, &mut transaction, &scope, &place).await {
        Ok(placed) if !is_dry_run => placed,
        tried => {
            transaction.rollback().await?;
            return tried.map(|_| None);
        }
    };
    once.settle(actor, &mut transaction, &placed.id.to_string()).await?;
    log(actor, &mut transaction, &Author::of(actor), (&placed, place.fields()), "enrollmentBulkRequest").await?;
    transaction.commit().await?;
    Ok(Some(GlobalId::new(Kind::Enrollment, placed.id)))
}
