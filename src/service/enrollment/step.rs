//! One step of an enrollment, with all that follows from it: seats, the waitlist, money, the history, what businesses see, the offer of a freed seat to the next, and the award of whoever has completed.

use super::super::actor::{Actor, Refused};
use super::super::award;
use super::super::user_error::{UserError, UserErrorCode};
use super::{offer, pay};
use crate::cache::tag;
use crate::domain::enrollment::{NO_TICKET, State};
use crate::policy::Scope;
use crate::store::seat::{self, Held, Part};
use crate::store::{StoreError, Transaction, consent_grant, shown};

/// What is said of a step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told<'a> {
    pub reason: Option<&'a str>,
    pub doer: &'a str,
    pub is_refunded: bool,
}

/// Takes what a step needs before it is made; why it cannot be made.
pub(super) async fn prepare(transaction: &mut Transaction, held: &Held, to: State) -> Result<Option<UserError>, StoreError> {
    let mut connection = transaction.connection();
    if to.is_open() {
        let status = seat::status(&mut connection, held.offering).await?;
        let text = match (status.as_deref(), to) {
            (Some("CANCELLED"), _) => Some("the offering was cancelled: nobody waits, has a seat or begins in it any more"),
            (Some("FINISHED"), State::Waitlisted) => Some("the offering is over: nobody waits for a seat in it any more"),
            _ => None,
        };
        if let Some(text) = text {
            return Ok(Some(UserError::at(UserErrorCode::Closed, &["to"], text)));
        }
    }
    if held.state == State::SeatOffered && to == State::Enrolled && seat::has_lapsed(&mut connection, held.id).await? {
        return Ok(Some(UserError::at(
            UserErrorCode::Closed,
            &["to"],
            "the offer has lapsed: look whether you wait again for the next seat, or ask anew",
        )));
    }
    if !held.state.has_seat() && to == State::Enrolled {
        let is_taken = seat::take(&mut connection, held.offering).await? || seat::take_unknown(&mut connection, held.offering).await?;
        if !is_taken {
            return Ok(Some(UserError::at(UserErrorCode::Full, &["to"], "no seat is left: put it on the waitlist")));
        }
    }
    Ok(None)
}

/// Makes a step that is allowed, for which [`prepare`] took what it needs.
pub(super) async fn go(
    actor: &Actor,
    transaction: &mut Transaction,
    scope: &Scope,
    held: &Held,
    to: State,
    told: &Told<'_>,
) -> Result<(), Refused> {
    let now = actor.clock.now();
    let is_freed = held.state.has_seat() && !to.has_seat();
    let next = if is_freed { offer::due(actor, transaction, scope, held.offering, 1).await? } else { None };
    let learners: Vec<_> = next.iter().flat_map(|due| due.learners.iter().copied()).chain([held.learner]).collect();
    consent_grant::hold(&mut transaction.connection(), &learners).await?;
    let after = leave(transaction, held, to).await?;
    seat::put(&mut transaction.connection(), held.state, &after, now).await?;
    seat::step(&mut transaction.connection(), &after, Some(held.state), (told.reason, told.doer), now).await?;
    pay::follow(actor, transaction, scope, (&after, now), told.is_refunded).await?;
    project(transaction, scope, &after).await?;
    let mut taken = i64::from(to.has_seat()) - i64::from(held.state.has_seat());
    if let Some(due) = &next {
        taken += offer::offer(actor, transaction, scope, held.offering, due).await?;
    }
    moves(transaction, held);
    // Lists by whether seats are left change with the last seat, and with the first that is free again.
    if taken != 0
        && let Some(left) = seat::left(&mut transaction.connection(), held.offering).await?
        && (left > 0) != (left + taken > 0)
    {
        transaction.moves(tag::SEATS.to_owned());
    }
    // Last, for it leaves a line in the log.
    if to == State::Completed {
        transaction.speak(scope).await?;
        award::earn(actor, transaction, &after).await?;
    }
    Ok(())
}

/// Leaves what the state before held, and queues for what the state after needs.
pub(super) async fn leave(transaction: &mut Transaction, held: &Held, to: State) -> Result<Held, StoreError> {
    let mut connection = transaction.connection();
    let mut after = Held { state: to, ..held.clone() };
    if held.state == State::Waitlisted {
        seat::leave_queue(&mut connection, held.offering, held.ticket).await?;
        after.ticket = NO_TICKET;
    }
    if held.state == State::SeatOffered {
        seat::end_offer(&mut connection, held.id).await?;
        after.offered_until = None;
    }
    if to == State::Waitlisted {
        after.ticket = seat::queue(&mut connection, held.offering).await?;
    }
    if held.state.has_seat() && !to.has_seat() {
        seat::give_back(&mut connection, held.offering).await?;
    }
    Ok(after)
}

/// Writes what businesses see of an enrollment: those that pay for it, and those to which its learner shows something. The learner's consents are held
/// ([`consent_grant::hold`]): whoever gives or takes one meanwhile would miss this, and this that.
pub(super) async fn project(transaction: &mut Transaction, scope: &Scope, held: &Held) -> Result<(), StoreError> {
    transaction.speak(&scope.about(held.learner, None)).await?;
    let parts = seat::parts(&mut transaction.connection(), held.id).await?;
    project_to(transaction, scope, held, &parts).await
}

/// The same where the parts of its price are known, in a transaction that speaks about the learner.
pub(super) async fn project_to(transaction: &mut Transaction, scope: &Scope, held: &Held, parts: &[Part]) -> Result<(), StoreError> {
    let mut businesses = shown::viewers(&mut transaction.connection(), held.learner).await?;
    businesses.extend(parts.iter().filter_map(|part| part.payer.map(|(payer, _)| payer)));
    businesses.sort_unstable();
    businesses.dedup();
    for business in businesses {
        transaction.speak(&scope.about(held.learner, Some(business))).await?;
        shown::show(&mut transaction.connection(), business, held.learner, Some(held.id)).await?;
    }
    Ok(())
}

/// Notes that answers which show these seats no longer hold. Lists by whether seats are left hang on a tag of their own.
pub(super) fn moves(transaction: &mut Transaction, held: &Held) {
    transaction.moves(tag::seats(held.offering));
}
