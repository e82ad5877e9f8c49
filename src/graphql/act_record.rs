//! What the mutations of learners' records do: read the input, act, and read what was written for the payload.

use std::sync::Arc;

use async_graphql::{Context, Result};

use super::act::{errors, payload_tree};
use super::assessment_result::{AssessmentResultsRecordInput, AssessmentResultsRecordPayload};
use super::root::{self, fault};
use crate::policy::Action;
use crate::service::Actor;
use crate::service::assessment_result::{self, Item};
use crate::store::Session;
use crate::store::assessment_result::ASSESSMENT_RESULT;

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
