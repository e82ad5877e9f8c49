//! What becomes of places when their offering is changed: what is open ends with an offering that is cancelled, and seats that are free are offered. All of it in the transaction of
//! the change.

use uuid::Uuid;

use super::super::actor::{Actor, Refused};
use super::{SYSTEM, offer, step};
use crate::domain::enrollment::State;
use crate::policy::Scope;
use crate::store::change::Value;
use crate::store::ledger::{self, Book};
use crate::store::{StoreError, Transaction, seat};

/// What is written as the reason.
const REASON: &str = "The offering was cancelled.";

/// Columns of an offering whose change may let somebody in who waits.
const OPENING: [&str; 4] = ["capacity", "status", "registration_opens_at", "registration_closes_at"];

/// Lets places follow what was changed of their offering, whose row is held.
///
/// # Errors
/// When the database fails.
pub async fn follow(actor: &Actor, transaction: &mut Transaction, scope: &Scope, offering: Uuid, changed: &[Value]) -> Result<(), Refused> {
    let status = changed.iter().find(|(name, ..)| *name == "status").and_then(|(_, _, cell)| cell.text());
    if status == Some("CANCELLED") {
        return end_all(actor, transaction, &[(*scope, offering)]).await;
    }
    if changed.iter().any(|(name, ..)| OPENING.contains(name)) {
        offer::fill(actor, transaction, scope, offering).await?;
    }
    Ok(())
}

/// Ends every open enrollment of offerings, whose rows are held and say that they are cancelled, each in the scope of its institution: what has not begun is cancelled, who has begun
/// is withdrawn, and all money that is not given back yet goes back. No seat that comes free is offered to anybody.
///
/// # Errors
/// When the database fails.
pub async fn end_all(actor: &Actor, transaction: &mut Transaction, offerings: &[(Scope, Uuid)]) -> Result<(), Refused> {
    hold_payers(transaction, offerings).await?;
    let doer = actor.principal.member().map_or(SYSTEM, |member| &member.display_name);
    let told = step::Told { reason: Some(REASON), doer, is_refunded: true };
    for (scope, offering) in offerings {
        transaction.speak(scope).await?;
        for held in seat::all_open(&mut transaction.connection(), *offering).await? {
            let to = if held.state == State::Active { State::Withdrawn } else { State::Cancelled };
            step::go(actor, transaction, scope, &held, to, &told).await?;
            transaction.speak(scope).await?;
        }
    }
    Ok(())
}

/// Holds the sponsorships that pay for anything in offerings, all in one order, as if each were the only one.
async fn hold_payers(transaction: &mut Transaction, offerings: &[(Scope, Uuid)]) -> Result<(), StoreError> {
    let mut payers = Vec::new();
    for (scope, offering) in offerings {
        transaction.speak(scope).await?;
        let found = seat::payers(&mut transaction.connection(), *offering).await?;
        payers.extend(found.into_iter().map(|(tenant, sponsorship)| (sponsorship, tenant, scope)));
    }
    payers.sort_unstable_by_key(|(sponsorship, ..)| *sponsorship);
    for (sponsorship, tenant, scope) in payers {
        transaction.speak(&scope.about(Uuid::nil(), Some(tenant))).await?;
        ledger::hold(&mut transaction.connection(), Book { tenant, sponsorship }).await?;
    }
    Ok(())
}
