//! What the root fields do: plan, read, wrap.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{Context, Error, ID, Result};

use super::award::Award;
use super::business::Business;
use super::error::{Code, coded};
use super::gate;
use super::industry::Industry;
use super::institution::Institution;
use super::institution::InstitutionRef;
use super::learner::Learner;
use super::node::Node;
use super::plan::Planner;
use super::reference::EntityRef;
use super::region::Region;
use crate::domain::id::{GlobalId, Kind, from_digits};
use crate::domain::role::Role;
use crate::policy::{Action, Denied, Member, Principal, Reach, Scope, decide};
use crate::service::Actor;
use crate::store::award::PROVEN_AWARD;
use crate::store::noun::{Noun, Order};
use crate::store::tree::Tree;
use crate::store::{Lookup, Page, Row, Session, StoreError, business, industry, institution, learner, noun, region};

/// A page of a noun of the catalog, the same for every caller.
pub async fn page(ctx: &Context<'_>, noun: &'static Noun) -> Result<Arc<Page>> {
    page_for(ctx, noun, Action::Browse).await
}

/// A page of a noun, for whoever may do this.
pub async fn page_for(ctx: &Context<'_>, noun: &'static Noun, action: Action) -> Result<Arc<Page>> {
    let scope = scope(ctx, action)?;
    let (tree, wish) = Planner::new(ctx).page(noun)?;
    let scope = narrowed(scope, action, &tree)?;
    ctx.data::<Arc<Session>>()?.page(&scope, &tree, &wish).await.map_err(fault)
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
    Ok(one(ctx, noun, lookup, Action::Look).await?.map(wrap))
}

/// One business. The keys that it goes by elsewhere are its own to know.
pub async fn business(ctx: &Context<'_>, by: EntityRef) -> Result<Option<Business>> {
    let scope = scope(ctx, Action::ReadBusiness)?;
    let lookup = match by {
        EntityRef::Id(id) => key(&id, &business::BUSINESS).map(Lookup::Id),
        EntityRef::ExternalKey(key) => {
            let tenant = GlobalId::parse(&key.tenant_id).filter(|id| id.kind == Kind::Business).map(|id| id.uuid);
            let tenant = tenant.filter(|tenant| scope.reach() == Reach::Consortium || scope.reach().tenant() == Some(*tenant));
            tenant.map(|tenant| Lookup::ExternalKey { tenant, system: key.system, value: key.value })
        }
    };
    Ok(one(ctx, &business::BUSINESS, lookup, Action::ReadBusiness).await?.map(Business))
}

/// One institution, by identifier or slug.
pub async fn institution(ctx: &Context<'_>, by: InstitutionRef) -> Result<Option<Institution>> {
    let lookup = match by {
        InstitutionRef::Id(id) => key(&id, &institution::INSTITUTION).map(Lookup::Id),
        InstitutionRef::Slug(slug) => Some(Lookup::Slug(slug)),
    };
    Ok(one(ctx, &institution::INSTITUTION, lookup, Action::Look).await?.map(Institution))
}

/// Any object by its identifier.
pub async fn node(ctx: &Context<'_>, id: &ID) -> Result<Option<Node>> {
    let Some(id) = holdable(ctx, id)? else { return Ok(None) };
    Ok(one(ctx, noun(id.kind), Some(Lookup::Id(id.uuid)), Action::Look).await?.and_then(Node::of))
}

/// An identifier of a kind that the caller may hold at all.
fn holdable(ctx: &Context<'_>, id: &ID) -> Result<Option<GlobalId>> {
    let principal = ctx.data::<Principal>()?;
    Ok(GlobalId::parse(id).filter(|id| gate::may_hold(principal, gate::holders(id.kind))))
}

/// Objects by their identifiers, in that order: one statement a type, and its edges.
pub async fn nodes(ctx: &Context<'_>, ids: &[ID]) -> Result<Vec<Option<Node>>> {
    let ids: Vec<Option<GlobalId>> = ids.iter().map(|id| holdable(ctx, id)).collect::<Result<_>>()?;
    let mut found: HashMap<GlobalId, Arc<Row>> = HashMap::new();
    let scope = scope(ctx, Action::Look)?;
    for kind in Kind::ALL {
        let of_kind: Vec<GlobalId> = ids.iter().flatten().filter(|id| id.kind == kind).copied().collect();
        if of_kind.is_empty() {
            continue;
        }
        let tree = Planner::new(ctx).object(noun(kind))?;
        let keys: Vec<uuid::Uuid> = of_kind.iter().map(|id| id.uuid).collect();
        let rows = ctx.data::<Arc<Session>>()?.by_ids(&scope, &tree, &keys).await.map_err(fault)?;
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

async fn all(ctx: &Context<'_>, noun: &'static Noun, condition: &str, order: &Order) -> Result<Vec<Arc<Row>>> {
    let tree = Planner::new(ctx).object(noun)?;
    let scope = narrowed(scope(ctx, Action::Browse)?, Action::Browse, &tree)?;
    ctx.data::<Arc<Session>>()?.all(&scope, &tree, condition, order).await.map_err(fault)
}

/// The scope of what the caller does.
pub(super) fn scope(ctx: &Context<'_>, action: Action) -> Result<Scope> {
    decide(ctx.data::<Principal>()?, action).map_err(forbidden)
}

/// The scope of a visitor, where the caller browses and wants nothing but what a visitor would be shown: it is read without the caller's settings, and kept for all.
fn narrowed(scope: Scope, action: Action, tree: &Tree) -> Result<Scope> {
    if action == Action::Browse && tree.is_for_anyone() {
        return decide(&Principal::Anonymous, action).map_err(forbidden);
    }
    Ok(scope)
}

/// What is said to whoever may not.
pub(super) fn forbidden(denied: Denied) -> Error {
    match denied {
        Denied::Unauthenticated => coded(Code::Forbidden, "this needs an access token"),
        Denied::Forbidden | Denied::Hidden => coded(Code::Forbidden, "your role does not allow this"),
    }
}

/// A fault of the store. That all its connections are taken, that others stood in the way, or that a statement was too much for its time, is none: the client can come back
/// or ask for less.
pub(super) fn fault(error: StoreError) -> Error {
    if !error.is_busy() {
        return error.into();
    }
    if error.is_conflict() {
        tracing::warn!(%error, "others stood in the way of an act to the end");
        return coded(Code::Timeout, "others are changing the same; try again in a moment");
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

/// The caller's own record as a learner.
pub async fn own_learner(ctx: &Context<'_>) -> Result<Option<Arc<Row>>> {
    let Some(id) = ctx.data::<Principal>()?.member().and_then(Member::learner) else { return Ok(None) };
    let tree = Planner::new(ctx).own(&learner::LEARNER)?;
    let scope = scope(ctx, Action::Look)?;
    ctx.data::<Arc<Session>>()?.one(&scope, &tree, &Lookup::Id(id)).await.map_err(fault)
}

/// The caller's own record as a member of an institution's staff.
pub async fn own_staff_member(ctx: &Context<'_>) -> Result<Option<Arc<Row>>> {
    const STAFF: &[Role] = &[Role::Instructor, Role::InstitutionAdmin, Role::CareerNavigator];
    let member = ctx.data::<Principal>()?.member().filter(|member| member.roles.has_any(STAFF));
    let Some((member, institution)) = member.and_then(|member| Some((member, member.tenant.id()?))) else { return Ok(None) };
    let session = ctx.data::<Arc<Session>>()?;
    // A connection of its own would be a second one for the request.
    session.finish().await;
    let id = ctx.data::<Actor>()?.store.staff_member_of(institution, &member.subject).await.map_err(fault)?;
    match id {
        Some(id) => by_key(ctx, Kind::StaffMember, id).await,
        None => Ok(None),
    }
}

/// One learner. The keys that they go by elsewhere are each tenant's own to know.
pub async fn learner(ctx: &Context<'_>, by: EntityRef) -> Result<Option<Learner>> {
    let scope = scope(ctx, Action::ReadLearner)?;
    let lookup = match by {
        EntityRef::Id(id) => key(&id, &learner::LEARNER).map(Lookup::Id),
        EntityRef::ExternalKey(key) => {
            let tenant =
                GlobalId::parse(&key.tenant_id).filter(|id| matches!(id.kind, Kind::Institution | Kind::Business)).map(|id| id.uuid);
            let tenant = tenant.filter(|tenant| scope.reach() == Reach::Consortium || scope.reach().tenant() == Some(*tenant));
            tenant.map(|tenant| Lookup::ExternalKey { tenant, system: key.system, value: key.value })
        }
    };
    Ok(one(ctx, &learner::LEARNER, lookup, Action::ReadLearner).await?.map(Learner))
}

/// The award whose verification code somebody holds.
pub async fn award(ctx: &Context<'_>, code: &str) -> Result<Option<Award>> {
    let Some(code) = from_digits(code) else { return Ok(None) };
    Ok(one(ctx, &PROVEN_AWARD, Some(Lookup::Code(code)), Action::Verify(code)).await?.map(Award))
}

/// An object by its key, with what the field that is being answered selects of it.
pub async fn by_key(ctx: &Context<'_>, kind: Kind, id: uuid::Uuid) -> Result<Option<Arc<Row>>> {
    one(ctx, noun(kind), Some(Lookup::Id(id)), Action::Look).await
}

async fn one(ctx: &Context<'_>, noun: &'static Noun, lookup: Option<Lookup>, action: Action) -> Result<Option<Arc<Row>>, Error> {
    let Some(lookup) = lookup else { return Ok(None) };
    let tree = Planner::new(ctx).object(noun)?;
    let scope = scope(ctx, action)?;
    ctx.data::<Arc<Session>>()?.one(&scope, &tree, &lookup).await.map_err(fault)
}
