//! What the fields of `Mutation` do: read the input as it was written, act, and read the object for the payload.

use std::sync::Arc;

use async_graphql::{Context, Result};

use super::access_input::{AccessRevokeInput, AccessRevokePayload};
use super::plan::Planner;
use super::root::{self, fault, forbidden};
use super::user_error::UserError;
use crate::domain::id::GlobalId;
use crate::identity::Identity;
use crate::policy::Action;
use crate::service::shape::Shape;
use crate::service::{Actor, Refused, access, business, catalog};
use crate::store::noun::Noun;
use crate::store::tree::Tree;
use crate::store::{Lookup, Row, Session};
use serde_json::{Map, Value};

/// What became of an act.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The object that was written, as the caller asked to see it.
    pub row: Option<Arc<Row>>,
    /// What the caller can mend.
    pub errors: Vec<UserError>,
}

/// Declares the payload of a mutation.
macro_rules! payload {
    ($name:ident, $field:ident: $node:ident, $about:literal, $about_field:literal, $about_errors:literal) => {
        #[doc = $about]
        #[derive(Debug)]
        pub struct $name($crate::graphql::act::Outcome);

        impl $name {
            /// Of what became of an act.
            #[must_use]
            pub const fn of(outcome: $crate::graphql::act::Outcome) -> Self {
                Self(outcome)
            }
        }

        #[doc = $about]
        #[async_graphql::Object]
        impl $name {
            #[doc = $about_field]
            async fn $field(&self) -> Option<$node> {
                self.0.row.clone().map($node)
            }

            #[doc = $about_errors]
            async fn user_errors(&self) -> Vec<$crate::graphql::user_error::UserError> {
                self.0.errors.clone()
            }
        }
    };
}
pub(super) use payload;

/// Creates an object whose owner the input names in a field.
pub async fn create(ctx: &Context<'_>, shape: &'static Shape, owner: &str) -> Result<Outcome> {
    let input = Planner::new(ctx).json("input");
    let actor = ctx.data::<Actor>()?;
    let named = input[owner].as_str().unwrap_or_default();
    finish(ctx, shape, catalog::create(actor, shape, (owner, named), &fields(&input)).await).await
}

/// Adds a business.
pub async fn create_business(ctx: &Context<'_>) -> Result<Outcome> {
    let input = Planner::new(ctx).json("input");
    finish(ctx, &business::SHAPE, catalog::create_business(ctx.data::<Actor>()?, &fields(&input)).await).await
}

/// Changes an object.
pub async fn update(ctx: &Context<'_>, shape: &'static Shape) -> Result<Outcome> {
    let input = Planner::new(ctx).json("input");
    let expected = input["expectedUpdatedAt"].as_str().and_then(|text| chrono::DateTime::parse_from_rfc3339(text).ok());
    let id = input["id"].as_str().unwrap_or_default();
    let done = catalog::update(ctx.data::<Actor>()?, shape, id, expected.map(|instant| instant.to_utc()), &fields(&input)).await;
    finish(ctx, shape, done).await
}

/// Takes access away.
pub async fn revoke_access(ctx: &Context<'_>, input: AccessRevokeInput) -> Result<AccessRevokePayload> {
    match access::revoke(ctx.data::<Actor>()?, ctx.data::<Identity>()?, &input.access.into()).await {
        Ok(at) => Ok(AccessRevokePayload { revoked_at: Some(at), errors: Vec::new() }),
        Err(refused) => Ok(AccessRevokePayload { revoked_at: None, errors: errors(refused)? }),
    }
}

fn fields(input: &Value) -> Map<String, Value> {
    input["fields"].as_object().cloned().unwrap_or_default()
}

/// Reads what was written as the caller asked to see it, or tells why nothing was.
async fn finish(ctx: &Context<'_>, shape: &Shape, done: Result<GlobalId, Refused>) -> Result<Outcome> {
    finish_as(ctx, shape.name, shape.noun, done).await
}

/// As [`finish`], of a noun that the payload has in a field of this name.
pub(super) async fn finish_as(ctx: &Context<'_>, field: &str, noun: &'static Noun, done: Result<GlobalId, Refused>) -> Result<Outcome> {
    match done {
        Ok(id) => {
            let tree = payload_tree(ctx, field, noun)?;
            let session = ctx.data::<Arc<Session>>()?;
            let row = session.one(&root::scope(ctx, Action::Look)?, &tree, &Lookup::Id(id.uuid)).await.map_err(fault)?;
            // The next act of the request takes a connection of its own, and must not wait for this one.
            session.finish().await;
            Ok(Outcome { row, errors: Vec::new() })
        }
        Err(refused) => Ok(Outcome { row: None, errors: errors(refused)? }),
    }
}

/// What the payload of the field that is being answered wants of an object.
pub(super) fn payload_tree(ctx: &Context<'_>, field: &str, noun: &'static Noun) -> Result<Tree> {
    let name = &ctx.item.node.name.node;
    Planner::new(ctx).payload(&format!("{}{}Payload", name[..1].to_uppercase(), &name[1..]), field, noun)
}

/// What the caller can mend; anything else is an error.
pub(super) fn errors(refused: Refused) -> Result<Vec<UserError>> {
    match refused {
        Refused::User(errors) => Ok(errors.into_iter().map(UserError).collect()),
        Refused::Denied(denied) => Err(forbidden(denied)),
        Refused::Store(error) => Err(fault(error)),
    }
}
