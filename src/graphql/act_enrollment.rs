//! What the mutations of enrollments do: read the input, act, and read what was written for the payload.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{Context, Result};
use uuid::Uuid;

use super::act::{Outcome, errors, finish_as};
use super::enrollment_input::{
    EnrollmentBulkRequestInput, EnrollmentBulkRequestPayload, EnrollmentRequestInput, EnrollmentRequestResult, EnrollmentTransitionInput,
    funding,
};
use super::plan::Planner;
use super::read::required;
use super::root::{self, fault};
use super::user_error::UserError;
use crate::policy::Action;
use crate::service::Actor;
use crate::service::enrollment::{self, Item, Step, Wanted};
use crate::store::enrollment::ENROLLMENT;
use crate::store::{Row, Session};

/// Asks for a place.
pub async fn request(ctx: &Context<'_>, input: EnrollmentRequestInput) -> Result<Outcome> {
    let wanted = Wanted { learner: input.learner_id.map(|id| id.0), offering: input.offering_id.0, funding: funding(input.funding) };
    let done = enrollment::request(ctx.data::<Actor>()?, input.idempotency_key.0, &wanted).await;
    finish_as(ctx, "enrollment", &ENROLLMENT, done).await
}

/// Moves an enrollment.
pub async fn transition(ctx: &Context<'_>, input: EnrollmentTransitionInput) -> Result<Outcome> {
    let to = required(input.to.state())?;
    let step = Step { id: input.id.0, to, reason: input.reason, is_refunded: input.is_refunded };
    finish_as(ctx, "enrollment", &ENROLLMENT, enrollment::transition(ctx.data::<Actor>()?, &step).await).await
}

/// Asks for many places.
pub async fn bulk(ctx: &Context<'_>, input: EnrollmentBulkRequestInput) -> Result<EnrollmentBulkRequestPayload> {
    let items: Vec<Item> = input.items.into_iter().map(Item::from).collect();
    let paid = funding(input.funding);
    let outcomes = match enrollment::bulk(ctx.data::<Actor>()?, input.idempotency_key.0, &items, &paid, input.is_dry_run).await {
        Ok(outcomes) => outcomes,
        Err(refused) => return Ok(EnrollmentBulkRequestPayload { results: None, errors: errors(refused)? }),
    };
    let ids: Vec<Uuid> = outcomes.iter().filter_map(|outcome| outcome.as_ref().ok().copied().flatten()).map(|id| id.uuid).collect();
    let tree = Planner::new(ctx).payload_below(
        "EnrollmentBulkRequestPayload",
        "results",
        ("EnrollmentRequestResult", "enrollment"),
        &ENROLLMENT,
    )?;
    let session = ctx.data::<Arc<Session>>()?;
    let rows = session.by_ids(&root::scope(ctx, Action::Look)?, &tree, &ids).await.map_err(fault)?;
    session.finish().await;
    let rows: HashMap<Uuid, Arc<Row>> = ids.into_iter().zip(rows).filter_map(|(id, row)| Some((id, row?))).collect();
    let result = |(index, outcome): (usize, enrollment::Outcome)| match outcome {
        Ok(id) => EnrollmentRequestResult { index, row: id.and_then(|id| rows.get(&id.uuid).cloned()), errors: Vec::new() },
        Err(errors) => EnrollmentRequestResult { index, row: None, errors: errors.into_iter().map(UserError).collect() },
    };
    Ok(EnrollmentBulkRequestPayload { results: Some(outcomes.into_iter().enumerate().map(result).collect()), errors: Vec::new() })
}
