//! Taking vouchers back that were not used: by the business, or because their last day has passed. What each may pay goes back to where it was granted from, and its seat is free again.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::super::actor::{Actor, Refused, repeated};
use super::super::audit::{self, Author, Event};
use super::super::trouble::Trouble;
use super::super::user_error::{UserError, UserErrorCode};
use super::own;
use crate::domain::id::{GlobalId, Kind};
use crate::domain::tenant::Tenant;
use crate::policy::background;
use crate::store::ledger::{self, Account, Book, Movement, Unit};
use crate::store::voucher::{self, Kept};
use crate::store::{StoreError, Transaction};

/// As whom the program itself is named in logs.
const SYSTEM: &str = "Concord";
/// Most vouchers that one sweep takes back of a business in one transaction.
const MOST: u32 = 250;

/// Takes unused vouchers of the caller's business back, all or none; those that were taken back already stay so.
///
/// # Errors
/// Why none was taken back.
pub async fn void(actor: &Actor, ids: &[String]) -> Result<Vec<Uuid>, Refused> {
    repeated(|| void_once(actor, ids)).await
}

async fn void_once(actor: &Actor, ids: &[String]) -> Result<Vec<Uuid>, Refused> {
    let (business, scope) = own(actor, "ids")?;
    let keys: Vec<Option<Uuid>> =
        ids.iter().map(|id| GlobalId::parse(id).filter(|id| id.kind == Kind::Voucher).map(|id| id.uuid)).collect();
    let named: Vec<Uuid> = keys.iter().flatten().copied().collect();
    let mut transaction = actor.store.begin_in(&scope).await?;
    let found = hold(&mut transaction, business, &named).await?;
    let wrong = |(place, key): (usize, &Option<Uuid>)| {
        let place = place.to_string();
        match key.and_then(|key| found.iter().find(|found| found.id == key)) {
            None => Some(UserError::hidden(&["ids", &place])),
            Some(found) if found.state == "REDEEMED" => {
                let text = "it was used: cancel the enrollment that it pays for first";
                Some(UserError::at(UserErrorCode::InvalidTransition, &["ids", &place], text))
            }
            Some(_) => None,
        }
    };
    let errors: Vec<UserError> = keys.iter().enumerate().filter_map(wrong).collect();
    if !errors.is_empty() {
        transaction.rollback().await?;
        return Err(Refused::User(errors));
    }
    take_back(actor, &mut transaction, &Author::of(actor), business, (&found, false)).await?;
    transaction.commit().await?;
    Ok(named)
}

/// Vouchers of a business, of which nobody uses any until the transaction ends: their sponsorships are held, in one order.
async fn hold(transaction: &mut Transaction, business: Uuid, ids: &[Uuid]) -> Result<Vec<Kept>, StoreError> {
    let named = voucher::kept(&mut transaction.connection(), business, ids).await?;
    let sponsorships: BTreeSet<Uuid> = named.iter().map(|voucher| voucher.sponsorship).collect();
    for sponsorship in sponsorships {
        ledger::hold(&mut transaction.connection(), Book { tenant: business, sponsorship }).await?;
    }
    voucher::kept(&mut transaction.connection(), business, ids).await
}

/// Takes those back that are unused, whose sponsorships are held, with a line in the log for each sponsorship; how many.
async fn take_back(
    actor: &Actor,
    transaction: &mut Transaction,
    author: &Author<'_>,
    business: Uuid,
    (vouchers, is_expired): (&[Kept], bool),
) -> Result<usize, StoreError> {
    let sponsorships: BTreeSet<Uuid> = vouchers.iter().map(|voucher| voucher.sponsorship).collect();
    let (now, tenant, mut all) = (actor.clock.now(), Tenant::Business(business), 0);
    for sponsorship in sponsorships {
        let book = Book { tenant: business, sponsorship };
        let ids: Vec<Uuid> = vouchers.iter().filter(|voucher| voucher.sponsorship == sponsorship).map(|voucher| voucher.id).collect();
        let worth = voucher::void(&mut transaction.connection(), book, &ids, is_expired).await?;
        if worth.is_empty() {
            continue;
        }
        let seats = (Unit::Seat, Account::Reserved, Account::Free, i64::try_from(worth.len()).unwrap_or(i64::MAX));
        let money = (Unit::Money, Account::Free, Account::Granted, worth.iter().sum());
        for (unit, from, to, amount) in [seats, money] {
            let movement = Movement { id: actor.ids.next(), unit, from, to, amount, about: None, at: now };
            if !ledger::transfer(&mut transaction.connection(), book, movement).await? {
                return Err(StoreError::Open(format!("sponsorship {sponsorship} holds less than its vouchers")));
            }
        }
        ledger::follow(&mut transaction.connection(), book).await?;
        let subject = GlobalId::new(Kind::Sponsorship, sponsorship).to_string();
        let event = Event { id: actor.ids.next(), tenant, action: "vouchersVoid", subject: &subject, fields: &["state"], at: now };
        audit::append(transaction, author, &event).await?;
        all += worth.len();
    }
    Ok(all)
}

/// Takes back unused vouchers whose last day has passed, whosever they are; how many. One business with which that cannot be done does not stand in the way of the others.
///
/// # Errors
/// When the database fails, for one of them or for all.
pub async fn sweep(actor: &Actor) -> Result<usize, StoreError> {
    const BUSINESSES: u32 = 100;
    let (mut all, mut trouble, mut after) = (0, Trouble::default(), Uuid::nil());
    loop {
        let businesses = actor.store.with_expired_vouchers(actor.clock.today(), (after, BUSINESSES)).await?;
        for business in &businesses {
            match repeated(|| expire(actor, *business)).await {
                Ok(taken) => all += taken,
                Err(refused) => trouble.note(refused, *business, "vouchers that have expired cannot be taken back")?,
            }
        }
        match businesses.last() {
            Some(last) if businesses.len() == BUSINESSES as usize => after = *last,
            _ => return trouble.end(all),
        }
    }
}

async fn expire(actor: &Actor, business: Uuid) -> Result<usize, Refused> {
    let mut transaction = actor.store.begin_in(&background(Tenant::Business(business))).await?;
    match expire_in(actor, &mut transaction, business).await {
        Ok(taken) => {
            transaction.commit().await?;
            Ok(taken)
        }
        Err(error) => {
            transaction.rollback().await?;
            Err(error.into())
        }
    }
}

async fn expire_in(actor: &Actor, transaction: &mut Transaction, business: Uuid) -> Result<usize, StoreError> {
    let ids = voucher::expired(&mut transaction.connection(), business, actor.clock.today(), MOST).await?;
    let found = hold(transaction, business, &ids).await?;
    take_back(actor, transaction, &Author::operator(SYSTEM), business, (&found, true)).await
}
