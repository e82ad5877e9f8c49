//! The end of what is open in an offering that is cancelled, in the transaction that cancels it.

use uuid::Uuid;

use super::super::actor::{Actor, Refused};
use super::{SYSTEM, step};
use crate::domain::enrollment::State;
use crate::policy::Scope;
use crate::store::ledger::{self, Book};
use crate::store::{Transaction, seat};

/// What is written as the reason.
const REASON: &str = "The offering was cancelled.";

/// Ends every open enrollment of an offering, whose row is held and says that it is cancelled: what has not begun is cancelled, who has begun is withdrawn, and all money that is
/// not given back yet goes back. No seat that comes free is offered to anybody.
pub(in crate::service) async fn end_all(
    actor: &Actor,
    transaction: &mut Transaction,
    scope: &Scope,
    offering: Uuid,
) -> Result<(), Refused> {
    // All sponsorships in one order, as if each were the only one.
    for (payer, sponsorship) in seat::payers(&mut transaction.connection(), offering).await? {
        transaction.speak(&scope.about(Uuid::nil(), Some(payer))).await?;
        ledger::hold(&mut transaction.connection(), Book { tenant: payer, sponsorship }).await?;
    }
    transaction.speak(scope).await?;
    let doer = actor.principal.member().map_or(SYSTEM, |member| &member.display_name);
    for held in seat::all_open(&mut transaction.connection(), offering).await? {
        let to = if held.state == State::Active { State::Withdrawn } else { State::Cancelled };
        let told = step::Told { reason: Some(REASON), doer, is_refunded: true };
        step::go(actor, transaction, scope, &held, to, &told).await?;
        transaction.speak(scope).await?;
    }
    Ok(())
}
