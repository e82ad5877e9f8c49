//! Seats that are free, offered to whoever waits longest: those that a step frees, those that a change of their offering frees, and those that are found later.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::super::actor::{Actor, Refused, repeated};
use super::super::audit::{self, Author, Event};
use super::super::trouble::Trouble;
use super::{SYSTEM, step};
use crate::cache::tag;
use crate::domain::enrollment::State;
use crate::domain::id::{GlobalId, Kind};
use crate::domain::tenant::Tenant;
use crate::policy::{Scope, background, lookout};
use crate::store::offering::OFFERING;
use crate::store::{Row, StoreError, Transaction, consent_grant, seat, waitlist};

/// Most seats that one act offers to those who wait; the others are found by [`fill_all`].
const MOST_OFFERS: i64 = 50;

/// To whom seats of an offering are offered.
pub(super) struct Due {
    /// The learners whom [`offer`] will find.
    pub learners: Vec<Uuid>,
    /// The business for whose people the offering is reserved, if it is. Whoever waited before and is none of them waits on, and is passed over.
    business: Option<Uuid>,
}

/// The scope in which those who wait are looked for.
const fn looking(scope: &Scope, business: Option<Uuid>) -> Scope {
    if business.is_some() { scope.about(Uuid::nil(), business) } else { *scope }
}

/// The learners whom [`offer`] will find when so many more seats have come free, for their consents are held before anything is written; `None` when the offering takes nobody now.
pub(super) async fn due(
    actor: &Actor,
    transaction: &mut Transaction,
    scope: &Scope,
    offering: Uuid,
    freed: i64,
) -> Result<Option<Due>, StoreError> {
    let row = actor.store.rows_in(transaction, scope, &OFFERING, &[offering]).await?.pop().flatten();
    let Some(row) = row.filter(|row| is_open(row, actor.clock.now())) else { return Ok(None) };
    let business = row.uuid("reserved_for_business_id")?;
    let left = seat::left(&mut transaction.connection(), offering).await?.map_or(0, |left| left + freed);
    if business.is_some() {
        transaction.speak(&looking(scope, business)).await?;
    }
    let learners = waitlist::first(&mut transaction.connection(), offering, business, left.clamp(0, MOST_OFFERS)).await?;
    if business.is_some() {
        transaction.speak(scope).await?;
    }
    Ok(Some(Due { learners, business }))
}

/// Whether an offering takes enrollments now.
fn is_open(row: &Row, now: DateTime<Utc>) -> bool {
    let instant = |column| row.instant(column).ok().flatten();
    matches!(row.text("status"), Ok("OPEN"))
        && instant("registration_opens_at").is_none_or(|opens| opens <= now)
        && instant("registration_closes_at").is_none_or(|closes| closes > now)
}

/// Offers free seats of an open offering to those who wait longest; how many.
pub(super) async fn offer(actor: &Actor, transaction: &mut Transaction, scope: &Scope, offering: Uuid, due: &Due) -> Result<i64, Refused> {
    let now = actor.clock.now();
    let looking = looking(scope, due.business);
    transaction.speak(&looking).await?;
    let mut offers = 0;
    while offers < MOST_OFFERS {
        let Some(next) = seat::next_waiting(&mut transaction.connection(), offering, due.business).await? else { break };
        if !seat::take(&mut transaction.connection(), offering).await? {
            break;
        }
        offers += 1;
        let mut after = step::leave(transaction, &next, State::SeatOffered).await?;
        let until = seat::offer(&mut transaction.connection(), next.institution, next.id, actor.enrollment.offer_hours).await?;
        after.offered_until = Some(until);
        seat::put(&mut transaction.connection(), next.state, &after, now).await?;
        seat::step(&mut transaction.connection(), &after, Some(next.state), (None, SYSTEM), now).await?;
        step::project(transaction, scope, &after).await?;
        transaction.speak(&looking).await?;
    }
    if due.business.is_some() {
        transaction.speak(scope).await?;
    }
    Ok(offers)
}

/// Offers seats of an offering, whose row is held, that are free while somebody waits; how many.
pub(super) async fn fill(actor: &Actor, transaction: &mut Transaction, scope: &Scope, offering: Uuid) -> Result<i64, Refused> {
    transaction.speak(scope).await?;
    let due = due(actor, transaction, scope, offering, 0).await?.filter(|due| !due.learners.is_empty());
    let Some(due) = due else { return Ok(0) };
    consent_grant::hold(&mut transaction.connection(), &due.learners).await?;
    let offers = offer(actor, transaction, scope, offering, &due).await?;
    transaction.moves(tag::seats(offering));
    transaction.moves(tag::SEATS.to_owned());
    Ok(offers)
}

/// Offers seats that are free while somebody waits, wherever that is: an import has raised the capacity, enrolling has begun again, or one act was not enough. In how many offerings. One
/// with which nothing can be done does not stand in the way of the others.
///
/// # Errors
/// When the database fails, for one of them or for all.
pub async fn fill_all(actor: &Actor) -> Result<usize, StoreError> {
    const MOST: u32 = 100;
    let (mut filled, mut trouble, mut after) = (0, Trouble::default(), Uuid::nil());
    loop {
        let unfilled = actor.store.unfilled(&lookout(), actor.clock.now(), (after, MOST)).await?;
        for (institution, offering) in &unfilled {
            match repeated(|| fill_one(actor, *institution, *offering)).await {
                Ok(offers) => filled += usize::from(offers > 0),
                Err(refused) => trouble.note(refused, *offering, "seats that are free cannot be offered to those who wait")?,
            }
        }
        match unfilled.last() {
            Some((_, last)) if unfilled.len() == MOST as usize => after = *last,
            _ => return trouble.end(filled),
        }
    }
}

async fn fill_one(actor: &Actor, institution: Uuid, offering: Uuid) -> Result<i64, Refused> {
    let scope = background(Tenant::Institution(institution));
    let mut transaction = actor.store.begin_in(&scope).await?;
    match fill_in(actor, &mut transaction, &scope, (institution, offering)).await {
        Ok(offers) => {
            transaction.commit().await?;
            Ok(offers)
        }
        Err(refused) => {
            transaction.rollback().await?;
            Err(refused)
        }
    }
}

async fn fill_in(
    actor: &Actor,
    transaction: &mut Transaction,
    scope: &Scope,
    (institution, offering): (Uuid, Uuid),
) -> Result<i64, Refused> {
    seat::hold(&mut transaction.connection(), &[offering]).await?;
    let offers = fill(actor, transaction, scope, offering).await?;
    if offers == 0 {
        // Another node was faster, or nobody who waits may have a seat now.
        return Ok(0);
    }
    let (tenant, subject) = (Tenant::Institution(institution), GlobalId::new(Kind::Offering, offering).to_string());
    let event = Event { id: actor.ids.next(), tenant, action: "seatsOffer", subject: &subject, fields: &["state"], at: actor.clock.now() };
    audit::append(transaction, &Author::operator(SYSTEM), &event).await?;
    Ok(offers)
}
