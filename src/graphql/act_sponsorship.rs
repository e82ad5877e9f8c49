//! What the mutations of sponsorships do: read the input as it was written, act, and read what was written for the payload.

use std::sync::Arc;

use async_graphql::{Context, Result};
use serde_json::{Map, Value};

use super::act::{Outcome, errors, finish_as, payload_tree};
use super::plan::Planner;
use super::root::{self, fault};
use super::sponsorship_input::{SponsorshipCreateInput, SponsorshipUpdateInput, VouchersIssueInput, VouchersIssuePayload};
use crate::policy::Action;
use crate::service::Actor;
use crate::service::sponsorship::{self, Issue};
use crate::store::Session;
use crate::store::sponsorship::SPONSORSHIP;
use crate::store::voucher::VOUCHER;

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

/// Issues vouchers.
pub async fn issue(ctx: &Context<'_>, input: VouchersIssueInput) -> Result<VouchersIssuePayload> {
    let wanted = Issue { sponsorship: input.sponsorship_id.0, count: input.count, value: input.value.0.0, expires_on: input.expires_on.0 };
    match sponsorship::issue(ctx.data::<Actor>()?, input.idempotency_key.0, &wanted).await {
        Ok(issued) => {
            let tree = payload_tree(ctx, "vouchers", &VOUCHER)?;
            let session = ctx.data::<Arc<Session>>()?;
            let rows = session.by_ids(&root::scope(ctx, Action::Look)?, &tree, &issued.ids).await.map_err(fault)?;
            session.finish().await;
            Ok(VouchersIssuePayload { rows: Some(rows.into_iter().flatten().collect()), codes: issued.codes, errors: Vec::new() })
        }
        Err(refused) => Ok(VouchersIssuePayload { errors: errors(refused)?, ..VouchersIssuePayload::default() }),
    }
}
