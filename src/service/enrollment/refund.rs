//! Giving back what was charged to somebody who has withdrawn already: a refund that is asked for after the step.

use super::super::actor::{Actor, Refused};
use super::super::audit::Author;
use super::{log, pay, step};
use crate::policy::Scope;
use crate::store::seat::{self, Held};
use crate::store::{Transaction, consent_grant};

/// Gives back what was charged for an enrollment that stays where it is, whose offering's row is held; whether there was anything to give back.
pub(super) async fn refund(actor: &Actor, transaction: &mut Transaction, scope: &Scope, held: &Held) -> Result<bool, Refused> {
    consent_grant::hold(&mut transaction.connection(), &[held.learner]).await?;
    let parts = seat::parts(&mut transaction.connection(), held.id).await?;
    if !parts.iter().any(|part| part.state == "CHARGED") {
        return Ok(false);
    }
    // Whoever looks for what has changed finds it, though there is no step.
    let now = actor.clock.now();
    seat::put(&mut transaction.connection(), held.state, held, now).await?;
    pay::follow(actor, transaction, scope, (held, now), true).await?;
    step::project(transaction, scope, held).await?;
    transaction.speak(scope).await?;
    log(actor, transaction, &Author::of(actor), (held, &["isRefunded"]), "enrollmentTransition").await?;
    Ok(true)
}
