//! What the mutations of rosters and consents do: read the input, act, and read what was written for the payload.

use std::sync::Arc;

use async_graphql::{Context, Result};
use uuid::Uuid;

use super::act::{Outcome, errors, finish_as, payload_tree};
use super::root::{self, fault};
use super::roster_input::{
    ConsentGrantInput, ConsentRevokeInput, EmployeesInviteInput, EmployeesInvitePayload, EmployeesSeparateInput, EmployeesSeparatePayload,
    EmployeesUpsertInput, EmployeesUpsertPayload, EmploymentConfirmInput, Written,
};
use crate::policy::Action;
use crate::service::Actor;
use crate::service::consent::{self, Consent};
use crate::service::roster::{self, Item};
use crate::store::consent_grant::CONSENT_GRANT;
use crate::store::employee::EMPLOYEE;
use crate::store::{Row, Session};

/// Adds or changes entries of a roster.
pub async fn upsert(ctx: &Context<'_>, input: EmployeesUpsertInput) -> Result<EmployeesUpsertPayload> {
    let items: Vec<Item> = input.items.into_iter().map(Item::from).collect();
    Ok(EmployeesUpsertPayload(match roster::upsert(ctx.data::<Actor>()?, &input.business_id, &items).await {
        Ok(done) => Written { rows: Some(rows(ctx, &done.employees).await?), codes: Some(done.codes), errors: Vec::new() },
        Err(refused) => Written { errors: errors(refused)?, ..Written::default() },
    }))
}

/// Marks people as having left.
pub async fn separate(ctx: &Context<'_>, input: EmployeesSeparateInput) -> Result<EmployeesSeparatePayload> {
    let ids: Vec<String> = input.ids.into_iter().map(|id| id.0).collect();
    Ok(EmployeesSeparatePayload(match roster::separate(ctx.data::<Actor>()?, &ids, input.is_confirmed).await {
        Ok(done) => Written { rows: Some(rows(ctx, &done).await?), ..Written::default() },
        Err(refused) => Written { errors: errors(refused)?, ..Written::default() },
    }))
}

/// Invites people anew.
pub async fn invite(ctx: &Context<'_>, input: EmployeesInviteInput) -> Result<EmployeesInvitePayload> {
    let ids: Vec<String> = input.ids.into_iter().map(|id| id.0).collect();
    Ok(EmployeesInvitePayload(match roster::invite(ctx.data::<Actor>()?, &ids).await {
        Ok(done) => Written { rows: Some(rows(ctx, &done.employees).await?), codes: Some(done.codes), errors: Vec::new() },
        Err(refused) => Written { errors: errors(refused)?, ..Written::default() },
    }))
}

/// The entries that were written, as the caller asked to see them.
async fn rows(ctx: &Context<'_>, ids: &[Uuid]) -> Result<Vec<Arc<Row>>> {
    let tree = payload_tree(ctx, "employees", &EMPLOYEE)?;
    let session = ctx.data::<Arc<Session>>()?;
    let rows = session.by_ids(&root::scope(ctx, Action::Look)?, &tree, ids).await.map_err(fault)?;
    // The next act of the request takes a connection of its own, and must not wait for this one.
    session.finish().await;
    Ok(rows.into_iter().flatten().collect())
}

/// Links the roster entry of an invitation to the caller.
pub async fn confirm(ctx: &Context<'_>, input: EmploymentConfirmInput) -> Result<Outcome> {
    let scopes = input.scopes.into_iter().map(Into::into).collect();
    let consent = Consent { scopes, purpose: None, text_version: None, expires_at: None };
    let done = roster::confirm(ctx.data::<Actor>()?, &input.invitation_code, &consent).await;
    finish_as(ctx, "employee", &EMPLOYEE, done).await
}

/// Lets a tenant see parts of the caller's record.
pub async fn grant(ctx: &Context<'_>, input: ConsentGrantInput) -> Result<Outcome> {
    let scopes = input.scopes.into_iter().map(Into::into).collect();
    let expires_at = input.expires_at.map(|at| at.0);
    let consent = Consent { scopes, purpose: input.purpose, text_version: input.text_version, expires_at };
    let done = consent::grant(ctx.data::<Actor>()?, &input.grantee_id, &consent).await;
    finish_as(ctx, "consent", &CONSENT_GRANT, done).await
}

/// Takes a consent back.
pub async fn revoke(ctx: &Context<'_>, input: ConsentRevokeInput) -> Result<Outcome> {
    finish_as(ctx, "consent", &CONSENT_GRANT, consent::revoke(ctx.data::<Actor>()?, &input.id).await).await
}
