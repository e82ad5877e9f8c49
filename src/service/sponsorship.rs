//! Setting up what a business pays for. What is granted goes through the ledger; nothing else changes a balance.

mod fields;
mod void;
mod vouchers;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::actor::{Actor, Refused, repeated};
use super::audit::{self, Author, Event};
use super::once::{self, Once};
use super::user_error::{UserError, UserErrorCode};
use crate::domain::id::{GlobalId, Kind};
use crate::domain::tenant::Tenant;
use crate::policy::{Action, Scope};
use crate::store::ledger::{self, Account, Book, Movement, Unit};
use crate::store::link::{self, SPONSORSHIP_COVER, SPONSORSHIP_HOLD, SPONSORSHIP_INSTITUTION};
use crate::store::sponsorship::SPONSORSHIP;
use crate::store::sql::Type;
use crate::store::{Cell, StoreError, Transaction, business, change};
use fields::Fields;

pub use void::{sweep, void};
pub use vouchers::{Issue, Issued, issue};

fn hidden(field: &str) -> UserError {
    UserError::hidden(&[field])
}

/// Creates a sponsorship of a business; its identifier.
///
/// # Errors
/// Why nothing was written.
pub async fn create(actor: &Actor, key: Uuid, business: &str, fields: &Map<String, Value>) -> Result<GlobalId, Refused> {
    let once = Once::new(key, "sponsorshipCreate", &(business, fields));
    repeated(|| create_once(actor, &once, business, fields)).await
}

async fn create_once(actor: &Actor, once: &Once, business: &str, fields: &Map<String, Value>) -> Result<GlobalId, Refused> {
    actor.permitted(Action::Sponsor(Uuid::nil()))?;
    let business = GlobalId::parse(business).filter(|id| id.kind == Kind::Business).ok_or_else(|| hidden("businessId"))?.uuid;
    let scope = actor.may(Action::Sponsor(business), || hidden("businessId"))?;
    let mut transaction = actor.store.begin_in(&scope).await?;
    if let Some(answer) = once.claim(actor, &mut transaction).await? {
        transaction.rollback().await?;
        return kept(&answer);
    }
    let mut fields = Fields::read(fields, None);
    fields.check(actor, &mut transaction, &scope).await?;
    fields.errors.extend(barred(&mut transaction, business, "businessId").await?);
    if !fields.errors.is_empty() {
        transaction.rollback().await?;
        return Err(Refused::User(fields.errors));
    }
    let now = actor.clock.now();
    let id = actor.ids.next();
    let book = Book { tenant: business, sponsorship: id };
    let mut values = fields.values();
    values.push(("tenant_id", Type::Uuid, Cell::Uuid(business)));
    values.push(("id", Type::Uuid, Cell::Uuid(id)));
    values.push(("created_at", Type::Instant, Cell::Instant(now)));
    values.push(("updated_at", Type::Instant, Cell::Instant(now)));
    if fields.institutions.is_none() {
        values.push(("is_anywhere", Type::Boolean, Cell::Boolean(true)));
    }
    change::insert(&mut transaction.connection(), "sponsorship", values).await?;
    if fields.kind() != "SEAT_BLOCK" {
        ledger::open(&mut transaction.connection(), book, Unit::Money).await?;
    }
    if fields.kind() != "BUDGET" {
        ledger::open(&mut transaction.connection(), book, Unit::Seat).await?;
    }
    for (unit, amount) in [(Unit::Money, fields.budget), (Unit::Seat, fields.seats)] {
        grant(actor, &mut transaction, book, unit, amount.unwrap_or_default()).await?;
    }
    put_lists(&mut transaction, business, id, &mut fields).await?;
    ledger::follow(&mut transaction.connection(), book).await?;
    once.settle(actor, &mut transaction, &id.to_string()).await?;
    finish(actor, transaction, business, id, ("sponsorshipCreate", &fields.given), now).await
}

/// Why a business spends nothing more, if it does not take part; what it has set aside and paid stays.
async fn barred(transaction: &mut Transaction, business: Uuid, field: &str) -> Result<Option<UserError>, StoreError> {
    let text = "the business does not take part now: look at its status, and ask the consortium";
    let takes_part = business::takes_part(&mut transaction.connection(), business).await?;
    Ok((!takes_part).then(|| UserError::at(UserErrorCode::Closed, &[field], text)))
}

/// The identifier that an answer was kept as.
fn kept(answer: &str) -> Result<GlobalId, Refused> {
    let id = once::ids(answer)?.first().copied().unwrap_or_default();
    Ok(GlobalId::new(Kind::Sponsorship, id))
}

/// Grants more, or takes back what is free; whether that was possible.
async fn grant(actor: &Actor, transaction: &mut Transaction, book: Book, unit: Unit, amount: i64) -> Result<bool, StoreError> {
    if amount == 0 {
        return Ok(true);
    }
    let (from, to) = if amount > 0 { (Account::Granted, Account::Free) } else { (Account::Free, Account::Granted) };
    let movement = Movement { id: actor.ids.next(), unit, from, to, amount: amount.abs(), about: None, at: actor.clock.now() };
    ledger::transfer(&mut transaction.connection(), book, movement).await
}

async fn put_lists(transaction: &mut Transaction, business: Uuid, id: Uuid, fields: &mut Fields) -> Result<(), StoreError> {
    let lists = [
        (&SPONSORSHIP_INSTITUTION, fields.institutions.take()),
        (&SPONSORSHIP_COVER, fields.covers.take()),
        (&SPONSORSHIP_HOLD, fields.holds.take()),
    ];
    for (table, rows) in lists {
        if let Some(rows) = rows {
            link::put(&mut transaction.connection(), table, business, id, rows).await?;
        }
    }
    Ok(())
}

async fn finish(
    actor: &Actor,
    mut transaction: Transaction,
    business: Uuid,
    id: Uuid,
    did: (&str, &[&'static str]),
    now: DateTime<Utc>,
) -> Result<GlobalId, Refused> {
    let subject = GlobalId::new(Kind::Sponsorship, id);
    let tenant = Tenant::Business(business);
    let event = Event { id: actor.ids.next(), tenant, action: did.0, subject: &subject.to_string(), fields: did.1, at: now };
    audit::append(&mut transaction, &Author::of(actor), &event).await?;
    transaction.commit().await?;
    Ok(subject)
}

/// The business that the caller runs, with the scope in which it pays.
fn own(actor: &Actor, field: &str) -> Result<(Uuid, Scope), Refused> {
    actor.permitted(Action::Sponsor(Uuid::nil()))?;
    let tenant = actor.principal.member().map(|member| member.tenant);
    let business = tenant.filter(|tenant| matches!(tenant, Tenant::Business(_))).and_then(Tenant::id).unwrap_or_default();
    Ok((business, actor.may(Action::Sponsor(business), || hidden(field))?))
}

/// Changes a sponsorship of the caller's business.
///
/// # Errors
/// Why nothing was written.
pub async fn update(actor: &Actor, id: &str, expected: Option<DateTime<Utc>>, fields: &Map<String, Value>) -> Result<GlobalId, Refused> {
    repeated(|| update_once(actor, id, expected, fields)).await
}

async fn update_once(actor: &Actor, id: &str, expected: Option<DateTime<Utc>>, fields: &Map<String, Value>) -> Result<GlobalId, Refused> {
    let (business, scope) = own(actor, "id")?;
    let id = GlobalId::parse(id).filter(|id| id.kind == Kind::Sponsorship).ok_or_else(|| hidden("id"))?;
    let book = Book { tenant: business, sponsorship: id.uuid };
    let mut transaction = actor.store.begin_in(&scope).await?;
    if !ledger::hold(&mut transaction.connection(), book).await? {
        transaction.rollback().await?;
        return Err(hidden("id").into());
    }
    let row = actor.store.rows_in(&mut transaction, &scope, &SPONSORSHIP, &[id.uuid]).await?.pop().flatten().ok_or_else(|| hidden("id"))?;
    let before = row.instant("updated_at")?;
    if expected.is_some() && expected != before {
        transaction.rollback().await?;
        let text = "it changed since you read it; read it again and retry";
        return Err(UserError::at(UserErrorCode::Stale, &["expectedUpdatedAt"], text).into());
    }
    let mut fields = Fields::read(fields, Some(&row));
    fields.check(actor, &mut transaction, &scope).await?;
    for (unit, wanted, had, field) in
        [(Unit::Money, fields.budget, row.integer("granted_cents")?, "budget"), (Unit::Seat, fields.seats, row.integer("seats")?, "seats")]
    {
        let Some(wanted) = wanted else { continue };
        if fields.errors.is_empty() && !grant(actor, &mut transaction, book, unit, wanted - had.unwrap_or_default()).await? {
            let text = "more than that is spent and reserved already: cancel what is not needed first";
            fields.complain(UserErrorCode::InsufficientFunds, field, text);
        }
    }
    if !fields.errors.is_empty() {
        transaction.rollback().await?;
        return Err(Refused::User(fields.errors));
    }
    if fields.given.is_empty() {
        transaction.rollback().await?;
        return Ok(id);
    }
    // Two changes within one tick of the clock must not look like one.
    let now = before.map_or(actor.clock.now(), |before| actor.clock.now().max(before + TimeDelta::microseconds(1)));
    let mut values = fields.values();
    values.push(("updated_at", Type::Instant, Cell::Instant(now)));
    change::update(&mut transaction.connection(), "sponsorship", id.uuid, values).await?;
    put_lists(&mut transaction, business, id.uuid, &mut fields).await?;
    ledger::follow(&mut transaction.connection(), book).await?;
    finish(actor, transaction, business, id.uuid, ("sponsorshipUpdate", &fields.given), now).await
}
