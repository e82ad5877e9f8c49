//! What becomes of places when their offering is changed: what is open ends with an offering that is cancelled, what waits ends with one that is finished, and seats that are free
//! are offered. All of it in the transaction of the change.

use std::collections::HashSet;

use uuid::Uuid;

use super::super::actor::{Actor, Refused};
use super::{SYSTEM, offer, step};
use crate::domain::enrollment::State;
use crate::policy::Scope;
use crate::store::change::Value;
use crate::store::ledger::{self, Book};
use crate::store::{StoreError, Transaction, consent_grant, seat};

/// How an offering comes to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It does not take place, or no longer.
    Cancelled,
    /// It is over.
    Finished,
}

impl End {
    /// The end that a status means, if it is one.
    #[must_use]
    pub fn of(status: &str) -> Option<Self> {
        match status {
            "CANCELLED" => Some(Self::Cancelled),
            "FINISHED" => Some(Self::Finished),
            _ => None,
        }
    }

    /// What is written as the reason.
    const fn reason(self) -> &'static str {
        match self {
            Self::Cancelled => "The offering was cancelled.",
            Self::Finished => "The offering is over.",
        }
    }

    /// Where an open enrollment goes. Who had a seat in an offering that is over has it until the institution says how it went.
    const fn leads(self, from: State) -> Option<State> {
        match (self, from) {
            (Self::Cancelled, State::Active) => Some(State::Withdrawn),
            (Self::Finished, State::Enrolled | State::Active) => None,
            _ => Some(State::Cancelled),
        }
    }
}

/// Columns of an offering whose change may let somebody in who waits.
const OPENING: [&str; 5] = ["capacity", "status", "registration_opens_at", "registration_closes_at", "reserved_for_business_id"];

/// Lets places follow what was changed of their offering, whose row is held.
///
/// # Errors
/// When the database fails.
pub async fn follow(actor: &Actor, transaction: &mut Transaction, scope: &Scope, offering: Uuid, changed: &[Value]) -> Result<(), Refused> {
    let status = changed.iter().find(|(name, ..)| *name == "status").and_then(|(_, _, cell)| cell.text());
    match status.and_then(End::of) {
        Some(end) => end_all(actor, transaction, &[(*scope, offering, end)]).await,
        None if changed.iter().any(|(name, ..)| OPENING.contains(name)) => {
            offer::fill(actor, transaction, scope, offering).await.map(|_| ())
        }
        None => Ok(()),
    }
}

/// Ends enrollments of offerings, whose rows are held and say how they ended, each in the scope of its institution. Of one that was cancelled all that is open: what has not begun is
/// cancelled, who has begun is withdrawn, and all money that is not given back yet goes back. Of one that is over what never came to a seat. No seat that comes free is offered to anybody.
///
/// # Errors
/// When the database fails.
pub async fn end_all(actor: &Actor, transaction: &mut Transaction, offerings: &[(Scope, Uuid, End)]) -> Result<(), Refused> {
    let (mut ending, mut seen) = (Vec::new(), HashSet::new());
    for (scope, offering, end) in offerings.iter().filter(|(_, offering, _)| seen.insert(*offering)) {
        transaction.speak(scope).await?;
        let open = seat::all_open(&mut transaction.connection(), *offering).await?;
        ending.extend(open.into_iter().filter_map(|held| Some((scope, end.leads(held.state)?, held, end.reason()))));
    }
    let learners: Vec<Uuid> = ending.iter().map(|(_, _, held, _)| held.learner).collect();
    consent_grant::hold(&mut transaction.connection(), &learners).await?;
    let touched: HashSet<Uuid> = ending.iter().map(|(_, _, held, _)| held.offering).collect();
    let touched: Vec<(Scope, Uuid)> =
        offerings.iter().filter(|(_, id, _)| touched.contains(id)).map(|(scope, id, _)| (*scope, *id)).collect();
    hold_payers(transaction, &touched).await?;
    let doer = actor.principal.member().map_or(SYSTEM, |member| &member.display_name);
    for (scope, to, held, reason) in ending {
        let told = step::Told { reason: Some(reason), doer, is_refunded: true };
        transaction.speak(scope).await?;
        step::go(actor, transaction, scope, &held, to, &told).await?;
        transaction.speak(scope).await?;
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
