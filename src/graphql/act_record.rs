//! What the mutations of learners' records do: read the input, act, and read what was written for the payload.

use std::sync::Arc;

use async_graphql::{Context, Result};

use super::act::{Outcome, errors, finish_as, payload_tree};
use super::assessment_result::{AssessmentResultsRecordInput, AssessmentResultsRecordPayload};
use super::award::{AwardIssueInput, AwardRevokeInput};
use super::root::{self, fault};
use crate::policy::Action;
use crate::service::Actor;
use crate::service::assessment_result::{self, Item};
use crate::service::award::{self, Wanted};
use crate::store::Session;
use crate::store::assessment_result::ASSESSMENT_RESULT;
use crate::store::award::AWARD;

/// Records results.
pub async fn record(ctx: &Context<'_>, input: AssessmentResultsRecordInput) -> Result<AssessmentResultsRecordPayload> {
    let items: Vec<Item> = input.items.into_iter().map(Item::from).collect();
    let ids = match assessment_result::record(ctx.data::<Actor>()?, input.idempotency_key.0, &items).await {
        Ok(ids) => ids,
        Err(refused) => return Ok(AssessmentResultsRecordPayload { rows: None, errors: errors(refused)? }),
    };
    let tree = payload_tree(ctx, "results", &ASSESSMENT_RESULT)?;
    let session = ctx.data::<Arc<Session>>()?;
    let rows = session.by_ids(&root::scope(ctx, Action::Look)?, &tree, &ids).await.map_err(fault)?;
    // The next act of the request takes a connection of its own, and must not wait for this one.
    session.finish().await;
    Ok(AssessmentResultsRecordPayload { rows: Some(rows.into_iter().flatten().collect()), errors: Vec::new() })
}

/// Issues an award.
pub async fn issue(ctx: &Context<'_>, input: AwardIssueInput) -> Result<Outcome> {
    let wanted = Wanted { learner: input.learner_id.0, credential: input.credential_id.0, enrollment: input.enrollment_id.map(|id| id.0) };
    finish_as(ctx, "award", &AWARD, award::issue(ctx.data::<Actor>()?, input.idempotency_key.0, &wanted).await).await
}

/// Revokes an award.
pub async fn revoke(ctx: &Context<'_>, input: AwardRevokeInput) -> Result<Outcome> {
    finish_as(ctx, "award", &AWARD, award::revoke(ctx.data::<Actor>()?, &input.id, &input.reason).await).await
}
