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
use super::{Funding, answered, hidden, people, resolve};
use crate::domain::enrollment::By;
use crate::domain::id::{GlobalId, Kind};
use crate::domain::tenant::Tenant;
use crate::policy::{Action, Denied, background, decide};
use crate::store::Row;
use crate::store::offering::OFFERING;

/// Who is to be enrolled.
#[derive(Debug, Clone, serde::Serialize)]
pub enum Person {
    /// A learner, by identifier.
    Learner(String),
    /// A roster entry of the caller's business, by identifier.
    Employee(String),
    /// Whoever has an address on that roster.
    Email(String),
    /// Whoever has a number on that roster.
    Number(String),
}

impl Person {
    fn names(&self) -> people::Names<'_> {
        match self {
            Self::Learner(id) => [Some(id), None, None, None],
            Self::Employee(id) => [None, Some(id), None, None],
            Self::Email(email) => [None, None, Some(email.trim()), None],
            Self::Number(number) => [None, None, None, Some(number.trim())],
        }
    }
}

/// One place that is asked for.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Item {
    /// Who.
    pub person: Person,
    /// The offering, by identifier.
    pub offering: String,
    /// Code of a voucher that pays for it.
    pub voucher: Option<String>,
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
    if items.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<Once> = items
        .iter()
        .enumerate()
        .map(|(number, item)| Once::new(key_of(key, number), "enrollmentBulkRequest", &(item, funding, is_dry_run)))
        .collect();
    if !is_dry_run {
        let whole = Once::new(key, "enrollmentBulkRequest", &(items, funding));
        repeated(|| claim(actor, &whole)).await?;
    }
    // Whoever asks again is told what was done, whatever has become of the terms since.
    let known = if is_dry_run { items.iter().map(|_| Ok(None)).collect() } else { Once::all_known(actor, &keys).await? };
    // An institution has a line of each of its enrollments. It comes first: whoever asks again after a failure does nothing new.
    let is_told = by == By::Business && !is_dry_run && known.iter().any(|known| matches!(known, Ok(None)));
    if is_told {
        repeated(|| asked(actor, tenant, &["items"])).await?;
    }
    let named = Named::look(actor, tenant, items, (funding, by)).await?;
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
    if is_dry_run || (!is_told && outcomes.iter().any(Result::is_err)) {
        repeated(|| asked(actor, tenant, if is_dry_run { &["isDryRun"] } else { &["items"] })).await?;
    }
    Ok(outcomes)
}

/// A line in the log of a tenant that enrolls its people elsewhere, that only tried, or that was refused something: what it asked for tells it something of people.
async fn asked(actor: &Actor, tenant: Tenant, fields: &[&'static str]) -> Result<(), Refused> {
    if tenant == Tenant::Consortium {
        return Ok(());
    }
    let mut transaction = actor.store.begin_in(&background(tenant)).await?;
    let (subject, at) = (tenant.to_string(), actor.clock.now());
    let event = Event { id: actor.ids.next(), tenant, action: "enrollmentBulkRequest", subject: &subject, fields, at };
    audit::append(&mut transaction, &Author::of(actor), &event).await?;
    Ok(transaction.commit().await?)
}

/// Claims the key for the whole list before anything is done: the same key with another list is a conflict.
async fn claim(actor: &Actor, whole: &Once) -> Result<(), Refused> {
    let scope = decide(&actor.principal, Action::Look).map_err(Refused::Denied)?;
    let mut transaction = actor.store.begin_in(&scope).await?;
    if whole.claim(actor, &mut transaction).await?.is_some() {
        return Ok(transaction.rollback().await?);
    }
    whole.settle(actor, &mut transaction, "").await?;
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
    /// The learner of each item.
    people: Vec<people::Found>,
    /// Who pays for items that name no voucher, or why nobody does.
    payment: Result<Payment, Vec<UserError>>,
}

impl Named {
    async fn look(actor: &Actor, tenant: Tenant, items: &[Item], (funding, by): (&Funding, By)) -> Result<Self, Refused> {
        let payment = match funding {
            Funding::Own if by == By::Business => {
                let text = "name the sponsorship that pays, or a voucher for each item";
                Err(vec![UserError::at(UserErrorCode::Required, &["funding"], text)])
            }
            _ => match resolve(actor, funding, Uuid::nil(), by, &["funding"]).await {
                Ok(payment) => Ok(payment),
                Err(Refused::User(errors)) => Err(errors),
                Err(refused) => return Err(refused),
            },
        };
        let mut keys: Vec<Uuid> = items.iter().filter_map(Item::key).map(|id| id.uuid).collect();
        keys.sort_unstable();
        keys.dedup();
        let rows = actor.seen_all(&OFFERING, &keys).await?;
        let offerings = keys.into_iter().zip(rows).filter_map(|(key, row)| Some((key, row?))).collect();
        let look = decide(&actor.principal, Action::Look).map_err(Refused::Denied)?;
        let mut transaction = actor.store.look_in(&look).await?;
        let names: Vec<people::Names<'_>> = items.iter().map(|item| item.person.names()).collect();
        let people = people::find(actor, &mut transaction, (tenant, &look), &names).await?;
        transaction.rollback().await?;
        Ok(Self { offerings, people, payment })
    }
}

async fn one(
    actor: &Actor,
    named: &Named,
    once: &Once,
    (place, item): (usize, &Item),
    (funding, by): (&Funding, By),
    is_dry_run: bool,
) -> Result<Option<GlobalId>, Refused> {
    let number = place.to_string();
    let at = ["items", &number, "offeringId"];
    let (offering, row) = item.key().and_then(|id| Some((id.uuid, named.offerings.get(&id.uuid)?))).ok_or_else(|| hidden(&at))?;
    let institution = row.uuid("tenant_id")?.ok_or_else(|| hidden(&at))?;
    let learner = match &named.people[place] {
        Ok(learner) => *learner,
        Err(missing) => {
            let path = ["items", &number, "learner", missing.way];
            return Err(UserError::at(missing.code, &path, &missing.message).into());
        }
    };
    let own = item.voucher.clone().map(Funding::Voucher);
    let (payment, paid_at) = match &own {
        Some(voucher) => (resolve(actor, voucher, learner, by, &at[..2]).await?, &["items", &number, "voucherCode"][..]),
        None => (named.payment.clone().map_err(Refused::User)?, &["funding"][..]),
    };
    let funding = own.as_ref().unwrap_or(funding);
    let action = Action::Enroll { institution, learner, payer: payment.payer(), by };
    let scope = actor.may(action, || hidden(if by == By::Staff { &at } else { paid_at }))?;
    let mut transaction = actor.store.begin_in(&scope).await?;
    if !is_dry_run && let Some(answer) = once.claim(actor, &mut transaction).await? {
        transaction.rollback().await?;
        return answered(&answer).map(Some);
    }
    let (reference, paths) = (funding.reference(), [&at[..], paid_at]);
    let place = Place { institution, offering, learner, payment, reference, by, is_dry_run, paths };
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
