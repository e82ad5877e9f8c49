//! What the mutations of sponsorships do: read the input as it was written, act, and read what was written for the payload.

use std::sync::Arc;

use async_graphql::{Context, Result};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::act::{Outcome, errors, finish_as, payload_tree};
use super::plan::Planner;
use super::root::{self, fault};
use super::sponsorship_input::{
    SponsorshipCreateInput, SponsorshipUpdateInput, VouchersIssueInput, VouchersIssuePayload, VouchersVoidInput, VouchersVoidPayload,
};
use crate::policy::Action;
use crate::service::Actor;
use crate::service::sponsorship::{self, Issue};
use crate::store::sponsorship::SPONSORSHIP;
use crate::store::voucher::VOUCHER;
use crate::store::{Row, Session};

/// The fields as they were written: what was left out is not there.
fn fields(ctx: &Context<'_>) -> Map<String, Value> {
    Planner::new(ctx).json("input")["fields"].as_object().cloned().unwrap_or_default()
}

/// Creates a sponsorship.
pub async fn create(ctx: &Context<'_>, input: SponsorshipCreateInput) -> Result<Outcome> {
    let done = sponsorship::create(ctx.data::<Actor>()?, input.idempotency_key.0, &input.business_id, &fields(ctx)).await;
    finish_as(ctx, "sponsorship", &SPONSORSHIP, done).await
}

/// Changes a sponsorship.
pub async fn update(ctx: &Context<'_>, input: SponsorshipUpdateInput) -> Result<Outcome> {
    let expected = input.expected_updated_at.map(|at| at.0);
    let done = sponsorship::update(ctx.data::<Actor>()?, &input.id, expected, &fields(ctx)).await;
    finish_as(ctx, "sponsorship", &SPONSORSHIP, done).await
}

/// Takes vouchers back.
pub async fn void(ctx: &Context<'_>, input: VouchersVoidInput) -> Result<VouchersVoidPayload> {
    let ids: Vec<String> = input.ids.into_iter().map(|id| id.0).collect();
    match sponsorship::void(ctx.data::<Actor>()?, &ids).await {
        Ok(ids) => Ok(VouchersVoidPayload { rows: Some(rows(ctx, &ids).await?), errors: Vec::new() }),
        Err(refused) => Ok(VouchersVoidPayload { errors: errors(refused)?, ..VouchersVoidPayload::default() }),
    }
}

/// The vouchers that were written, as the caller asked to see them.
async fn rows(ctx: &Context<'_>, ids: &[Uuid]) -> Result<Vec<Arc<Row>>> {
    let tree = payload_tree(ctx, "vouchers", &VOUCHER)?;
    let session = ctx.data::<Arc<Session>>()?;
    let rows = session.by_ids(&root::scope(ctx, Action::Look)?, &tree, ids).await.map_err(fault)?;
    session.finish().await;
    Ok(rows.into_iter().flatten().collect())
}

/// Issues vouchers.
pub async fn issue(ctx: &Context<'_>, input: VouchersIssueInput) -> Result<VouchersIssuePayload> {
    let wanted = Issue { sponsorship: input.sponsorship_id.0, count: input.count, value: input.value.0.0, expires_on: input.expires_on.0 };
    match sponsorship::issue(ctx.data::<Actor>()?, input.idempotency_key.0, &wanted).await {
        Ok(issued) => {
            let rows = rows(ctx, &issued.ids).await?;
            Ok(VouchersIssuePayload { rows: Some(rows), codes: issued.codes, errors: Vec::new() })
        }
        Err(refused) => Ok(VouchersIssuePayload { errors: errors(refused)?, ..VouchersIssuePayload::default() }),
    }
}
