//! What the root fields do: plan, read, wrap.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{Context, Error, ID, Result};

use super::error::{Code, coded};
use super::industry::Industry;
use super::institution::Institution;
use super::institution::InstitutionRef;
use super::node::{self, Node};
use super::plan::Planner;
use super::reference::EntityRef;
use super::region::Region;
use crate::domain::id::{GlobalId, Kind};
use crate::policy::{Action, Denied, Principal, Scope, decide};
use crate::store::noun::Noun;
use crate::store::{Lookup, Page, Row, Session, StoreError, industry, institution, region};

/// A page of a noun, as the public sees it.
pub async fn page(ctx: &Context<'_>, noun: &'static Noun) -> Result<Arc<Page>> {
    let (tree, wish) = Planner::new(ctx).page(noun)?;
    let scope = scope(ctx, Action::Browse)?;
    Ok(Arc::new(ctx.data::<Session>()?.page(&scope, &tree, &wish).await.map_err(fault)?))
}

/// One object, however it is named.
pub async fn entity<T>(ctx: &Context<'_>, noun: &'static Noun, by: EntityRef, wrap: impl FnOnce(Arc<Row>) -> T) -> Result<Option<T>> {
    let lookup = match by {
        EntityRef::Id(id) => key(&id, noun).map(Lookup::Id),
        EntityRef::ExternalKey(key) => {
            let tenant = GlobalId::parse(&key.tenant_id).filter(|id| matches!(id.kind, Kind::Institution | Kind::Business));
            tenant.map(|tenant| Lookup::ExternalKey { tenant: tenant.uuid, system: key.system, value: key.value })
        }
    };
    Ok(one(ctx, noun, lookup).await?.map(wrap))
}

/// One institution, by identifier or slug.
pub async fn institution(ctx: &Context<'_>, by: InstitutionRef) -> Result<Option<Institution>> {
    let lookup = match by {
        InstitutionRef::Id(id) => key(&id, &institution::INSTITUTION).map(Lookup::Id),
        InstitutionRef::Slug(slug) => Some(Lookup::Slug(slug)),
    };
    Ok(one(ctx, &institution::INSTITUTION, lookup).await?.map(Institution))
}

/// Any object by its identifier.
pub async fn node(ctx: &Context<'_>, id: &ID) -> Result<Option<Node>> {
    let known = GlobalId::parse(id).and_then(|id| Some((id, node::noun(id.kind)?)));
    let Some((id, noun)) = known else { return Ok(None) };
    Ok(one(ctx, noun, Some(Lookup::Id(id.uuid))).await?.and_then(Node::of))
}

/// Objects by their identifiers, in that order: one statement a type, and its edges.
pub async fn nodes(ctx: &Context<'_>, ids: &[ID]) -> Result<Vec<Option<Node>>> {
    let ids: Vec<Option<GlobalId>> = ids.iter().map(|id| GlobalId::parse(id)).collect();
    let mut found: HashMap<GlobalId, Arc<Row>> = HashMap::new();
    let scope = scope(ctx, Action::Browse)?;
    for kind in Kind::ALL {
        let of_kind: Vec<GlobalId> = ids.iter().flatten().filter(|id| id.kind == kind).copied().collect();
        let (Some(noun), false) = (node::noun(kind), of_kind.is_empty()) else { continue };
        let tree = Planner::new(ctx).object(noun)?;
        let keys: Vec<uuid::Uuid> = of_kind.iter().map(|id| id.uuid).collect();
        let rows = ctx.data::<Session>()?.by_ids(&scope, &tree, &keys).await.map_err(fault)?;
        found.extend(of_kind.into_iter().zip(rows).filter_map(|(id, row)| Some((id, row?))));
    }
    Ok(ids.iter().map(|id| id.and_then(|id| found.get(&id).cloned()).and_then(Node::of)).collect())
}

/// All regions.
pub async fn regions(ctx: &Context<'_>) -> Result<Vec<Region>> {
    all(ctx, &region::REGION, "TRUE", &region::ORDER).await.map(|rows| rows.into_iter().map(Region).collect())
}

/// The two-digit sectors.
pub async fn industries(ctx: &Context<'_>) -> Result<Vec<Industry>> {
    all(ctx, &industry::INDUSTRY, industry::SECTORS, &industry::ORDER).await.map(|rows| rows.into_iter().map(Industry).collect())
}

async fn all(ctx: &Context<'_>, noun: &'static Noun, condition: &str, order: &crate::store::noun::Order) -> Result<Vec<Arc<Row>>> {
    let tree = Planner::new(ctx).object(noun)?;
    let scope = scope(ctx, Action::Browse)?;
    ctx.data::<Session>()?.all(&scope, &tree, condition, order).await.map_err(fault)
}

/// The scope of what the caller does.
fn scope(ctx: &Context<'_>, action: Action) -> Result<Scope> {
    decide(ctx.data::<Principal>()?, action).map_err(|denied| match denied {
        Denied::Unauthenticated => coded(Code::Unauthenticated, "this needs an access token"),
        Denied::Forbidden | Denied::Hidden => coded(Code::Forbidden, "your role does not allow this"),
    })
}

/// A fault of the store. That all its connections are taken, or that a statement was too much for its time, is none: the client can come back or ask for less.
fn fault(error: StoreError) -> Error {
    if !error.is_busy() {
        return error.into();
    }
    // Where the database itself said nothing, none of its connections was to be had.
    let is_statement = matches!(&error, StoreError::Database(told) if told.as_database_error().is_some());
    if is_statement {
        tracing::warn!(%error, "a statement ran out of its time");
        return coded(Code::Timeout, "reading this took too long; ask for less at a time");
    }
    tracing::warn!(%error, "no connection to the database came free in time");
    coded(Code::Timeout, "the server is busy; try again in a moment")
}

/// The key of an identifier of the noun's own kind; any other names nothing.
fn key(id: &ID, noun: &Noun) -> Option<uuid::Uuid> {
    GlobalId::parse(id).filter(|id| Some(id.kind) == noun.kind).map(|id| id.uuid)
}

async fn one(ctx: &Context<'_>, noun: &'static Noun, lookup: Option<Lookup>) -> Result<Option<Arc<Row>>, Error> {
    let Some(lookup) = lookup else { return Ok(None) };
    let tree = Planner::new(ctx).object(noun)?;
    let scope = scope(ctx, Action::Browse)?;
    ctx.data::<Session>()?.one(&scope, &tree, &lookup).await.map_err(fault)
}
