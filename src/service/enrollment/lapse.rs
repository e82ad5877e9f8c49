//! Offers of seats whose time has passed: the seat goes to whoever waits longest, and who let two pass waits no longer.

use uuid::Uuid;

use super::super::actor::{Actor, Refused, repeated};
use super::super::audit::Author;
use super::super::trouble::Trouble;
use super::{STATE, SYSTEM, log, step};
use crate::domain::enrollment::State;
use crate::domain::tenant::Tenant;
use crate::policy::{Scope, background};
use crate::store::{StoreError, Transaction, seat};

/// Moves on every offer whose time has passed by the database's clock: the seat goes to whoever waits longest, and who let it pass waits behind the others; whoever has let two pass does
/// not wait any more. How many there were. One with which nothing can be done does not stand in the way of the others.
///
/// # Errors
/// When the database fails, for one of them or for all.
pub async fn sweep(actor: &Actor) -> Result<usize, StoreError> {
    const MOST: u32 = 100;
    let (mut moved, mut trouble) = (0, Trouble::default());
    loop {
        // What cannot be moved stays the oldest.
        let lapsed = actor.store.lapsed_offers(trouble.number, MOST).await?;
        for (institution, enrollment) in &lapsed {
            match repeated(|| lapse(actor, *institution, *enrollment)).await {
                Ok(()) => moved += 1,
                Err(refused) => trouble.note(refused, *enrollment, "an offer that has lapsed cannot be moved on")?,
            }
        }
        if lapsed.len() < MOST as usize {
            return trouble.end(moved);
        }
    }
}

async fn lapse(actor: &Actor, institution: Uuid, enrollment: Uuid) -> Result<(), Refused> {
    let scope = background(Tenant::Institution(institution));
    let mut transaction = actor.store.begin_in(&scope).await?;
    match lapse_in(actor, &mut transaction, &scope, enrollment).await {
        Ok(()) => Ok(transaction.commit().await?),
        Err(refused) => {
            transaction.rollback().await?;
            Err(refused)
        }
    }
}

async fn lapse_in(actor: &Actor, transaction: &mut Transaction, scope: &Scope, enrollment: Uuid) -> Result<(), Refused> {
    if let Some(before) = seat::enrollment(&mut transaction.connection(), enrollment).await? {
        seat::hold(&mut transaction.connection(), &[before.offering]).await?;
    }
    let held = seat::enrollment(&mut transaction.connection(), enrollment).await?.filter(|held| held.state == State::SeatOffered);
    if !seat::has_lapsed(&mut transaction.connection(), enrollment).await? {
        // Another node was faster.
        return Ok(());
    }
    let Some(held) = held else {
        tracing::warn!(%enrollment, "an offer of a seat was nobody's, and is forgotten");
        return Ok(seat::end_offer(&mut transaction.connection(), enrollment).await?);
    };
    let (to, reason) = if seat::let_pass(&mut transaction.connection(), enrollment).await? {
        (State::Cancelled, "two offers have lapsed")
    } else {
        (State::Waitlisted, "the offer has lapsed")
    };
    let told = step::Told { reason: Some(reason), doer: SYSTEM, is_refunded: false };
    step::go(actor, transaction, scope, &held, to, &told).await?;
    transaction.speak(scope).await?;
    log(actor, transaction, &Author::operator(SYSTEM), (&held, STATE), "enrollmentTransition").await?;
    Ok(())
}
