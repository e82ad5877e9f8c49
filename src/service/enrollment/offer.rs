//! Seats that are free, offered to whoever waits longest: those that a step frees, those that a change of their offering frees, and those that are found later.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::super::actor::{Actor, Refused, repeated};
use super::super::audit::{self, Author, Event};
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

/// The learners whom [`offer`] will find when so many more seats have come free, for their consents are held before anything is written; `None` when the offering takes nobody now.
pub(super) async fn due(
    actor: &Actor,
    transaction: &mut Transaction,
    scope: &Scope,
    offering: Uuid,
    freed: i64,
) -> Result<Option<Vec<Uuid>>, StoreError> {
    let row = actor.store.rows_in(transaction, scope, &OFFERING, &[offering]).await?.pop().flatten();
    if !row.is_some_and(|row| is_open(&row, actor.clock.now())) {
        return Ok(None);
    }
    let mut connection = transaction.connection();
    let left = seat::left(&mut connection, offering).await?.map_or(0, |left| left + freed);
    waitlist::first(&mut connection, offering, left.clamp(0, MOST_OFFERS)).await.map(Some)
}

/// Whether an offering takes enrollments now.
fn is_open(row: &Row, now: DateTime<Utc>) -> bool {
    let instant = |column| row.instant(column).ok().flatten();
    matches!(row.text("status"), Ok("OPEN"))
        && instant("registration_opens_at").is_none_or(|opens| opens <= now)
        && instant("registration_closes_at").is_none_or(|closes| closes > now)
}

/// Offers free seats of an open offering to those who wait longest; how many.
pub(super) async fn offer(actor: &Actor, transaction: &mut Transaction, scope: &Scope, offering: Uuid) -> Result<i64, Refused> {
    let now = actor.clock.now();
    transaction.speak(scope).await?;
    let mut offers = 0;
    while offers < MOST_OFFERS {
        let Some(next) = seat::next_waiting(&mut transaction.connection(), offering).await? else { break };
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
        transaction.speak(scope).await?;
    }
    Ok(offers)
}

/// Offers seats of an offering, whose row is held, that are free while somebody waits; how many.
pub(super) async fn fill(actor: &Actor, transaction: &mut Transaction, scope: &Scope, offering: Uuid) -> Result<i64, Refused> {
    transaction.speak(scope).await?;
    let due = due(actor, transaction, scope, offering, 0).await?.unwrap_or_default();
    if due.is_empty() {
        return Ok(0);
    }
    consent_grant::hold(&mut transaction.connection(), &due).await?;
    let offers = offer(actor, transaction, scope, offering).await?;
    transaction.moves(tag::seats(offering));
    transaction.moves(tag::SEATS.to_owned());
    Ok(offers)
}

/// Offers seats that are free while somebody waits, wherever that is: an import has raised the capacity, enrolling has begun again, or one act was not enough. In how many offerings.
///
/// # Errors
/// When the database fails.
pub async fn fill_all(actor: &Actor) -> Result<usize, StoreError> {
    const MOST: u32 = 100;
    let mut filled = 0;
    for (institution, offering) in actor.store.unfilled(&lookout(), actor.clock.now(), MOST).await? {
        match repeated(|| fill_one(actor, institution, offering)).await {
            Ok(offers) => filled += usize::from(offers > 0),
            Err(Refused::Store(error)) => return Err(error),
            Err(Refused::User(_) | Refused::Denied(_)) => {}
        }
    }
    Ok(filled)
}

async fn fill_one(actor: &Actor, institution: Uuid, offering: Uuid) -> Result<i64, Refused> {
    let tenant = Tenant::Institution(institution);
    let scope = background(tenant);
    let mut transaction = actor.store.begin_in(&scope).await?;
    seat::hold(&mut transaction.connection(), offering).await?;
    let offers = fill(actor, &mut transaction, &scope, offering).await?;
    if offers == 0 {
        // Another node was faster.
        transaction.rollback().await?;
        return Ok(0);
    }
    let subject = GlobalId::new(Kind::Offering, offering).to_string();
    let event = Event { id: actor.ids.next(), tenant, action: "seatsOffer", subject: &subject, fields: &["state"], at: actor.clock.now() };
    audit::append(&mut transaction, &Author::operator(SYSTEM), &event).await?;
    transaction.commit().await?;
    Ok(offers)
}
