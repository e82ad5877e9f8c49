//! New invitations for people who have not confirmed the one that they had, or were never told one: an import tells no codes.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{Named, Upserted, draw, invited_until, named};
use crate::domain::tenant::Tenant;
use crate::identity::code;
use crate::service::actor::{Actor, Refused, repeated};
use crate::service::audit::{self, Author, Event};
use crate::service::user_error::{UserError, UserErrorCode};
use crate::store::roster;

/// Invites people of the caller's business anew, all or none: their old codes are good no longer.
///
/// # Errors
/// Why nobody was invited.
pub async fn invite(actor: &Actor, ids: &[String]) -> Result<Upserted, Refused> {
    repeated(|| invite_once(actor, ids)).await
}

async fn invite_once(actor: &Actor, ids: &[String]) -> Result<Upserted, Refused> {
    let now = actor.clock.now();
    let Named { business, mut transaction, ids, entries } = named(actor, ids).await?;
    let wrong = |(place, id): (usize, &Uuid)| {
        let text = match entries[id].status.as_str() {
            "INVITED" => return None,
            "LINKED" => "the person has confirmed an invitation already",
            _ => "the person has left: whoever comes back is invited by employeesUpsert",
        };
        Some(UserError::at(UserErrorCode::InvalidTransition, &["ids", &place.to_string()], text))
    };
    let errors: Vec<UserError> = ids.iter().enumerate().filter_map(wrong).collect();
    if !errors.is_empty() || ids.is_empty() {
        transaction.rollback().await?;
        return if errors.is_empty() { Ok(Upserted { employees: ids, codes: Vec::new() }) } else { Err(Refused::User(errors)) };
    }
    // Somebody who is named twice has one code.
    let mut codes: BTreeMap<Uuid, String> = BTreeMap::new();
    for id in &ids {
        codes.insert(*id, draw()?);
    }
    let mut connection = transaction.connection();
    roster::end_invitations(&mut connection, business, &ids).await?;
    let invitations = codes.iter().map(|(id, code)| (code::hash(code), *id)).collect();
    roster::invite(&mut connection, business, invitations, invited_until(actor)).await?;
    let tenant = Tenant::Business(business);
    let event = Event { id: actor.ids.next(), tenant, action: "employeesInvite", subject: &tenant.to_string(), fields: &["ids"], at: now };
    audit::append(&mut transaction, &Author::of(actor), &event).await?;
    transaction.commit().await?;
    let codes = ids.iter().map(|id| codes.get(id).cloned()).collect();
    Ok(Upserted { employees: ids, codes })
}
