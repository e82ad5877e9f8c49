//! Offers of seats whose time has passed: the seat goes to whoever waits longest, and who let two pass waits no longer.

use uuid::Uuid;

use super::super::actor::{Actor, Refused, repeated};
use super::super::audit::Author;
use super::{STATE, SYSTEM, log, step};
use crate::domain::enrollment::State;
use crate::domain::tenant::Tenant;
use crate::policy::background;
use crate::store::StoreError;
use crate::store::seat;

/// Moves on every offer whose time has passed by the database's clock: the seat goes to whoever waits longest, and who let it pass waits behind the others; whoever has let two pass does
/// not wait any more. How many there were.
///
/// # Errors
/// When the database fails.
pub async fn sweep(actor: &Actor) -> Result<usize, StoreError> {
    const MOST: u32 = 100;
    let lapsed = actor.store.lapsed_offers(MOST).await?;
    for (institution, enrollment) in &lapsed {
        let done = repeated(|| lapse(actor, *institution, *enrollment)).await;
        if let Err(Refused::Store(error)) = done {
            return Err(error);
        }
    }
    Ok(lapsed.len())
}

async fn lapse(actor: &Actor, institution: Uuid, enrollment: Uuid) -> Result<(), Refused> {
    let scope = background(Tenant::Institution(institution));
    let mut transaction = actor.store.begin_in(&scope).await?;
    let Some(before) = seat::enrollment(&mut transaction.connection(), enrollment).await? else { return Ok(()) };
    seat::hold(&mut transaction.connection(), before.offering).await?;
    let held = seat::enrollment(&mut transaction.connection(), enrollment).await?.filter(|held| held.state == State::SeatOffered);
    let has_lapsed = seat::has_lapsed(&mut transaction.connection(), enrollment).await?;
    let Some(held) = held.filter(|_| has_lapsed) else {
        // Another node was faster.
        transaction.rollback().await?;
        return Ok(());
    };
    let (to, reason) = if seat::let_pass(&mut transaction.connection(), enrollment).await? {
        (State::Cancelled, "two offers have lapsed")
    } else {
        (State::Waitlisted, "the offer has lapsed")
    };
    let told = step::Told { reason: Some(reason), doer: SYSTEM, is_refunded: false };
    step::go(actor, &mut transaction, &scope, &held, to, &told).await?;
    transaction.speak(&scope).await?;
    log(actor, &mut transaction, &Author::operator(SYSTEM), (&held, STATE), "enrollmentTransition").await?;
    transaction.commit().await?;
    Ok(())
}
