//! Who is asking.

use async_graphql::{Context, Enum, Object, Result};

use super::grant::Grant;
use super::learner::Learner;
use super::rate_limit::RateLimit;
use super::root;
use super::staff_member::StaffMember;
use crate::policy::{MemberKind, Principal};

/// Who is asking, as read from the access token. Visible to: anyone.
#[derive(Debug, Clone, Copy)]
pub struct Viewer;

/// Who is asking, as read from the access token. Visible to: anyone.
#[Object]
impl Viewer {
    /// What sort of principal this is. Visible to: anyone.
    async fn kind(&self, ctx: &Context<'_>) -> Result<PrincipalKind> {
        Ok(match ctx.data::<Principal>()?.member().map(|member| member.kind) {
            None => PrincipalKind::Anonymous,
            Some(MemberKind::Person) => PrincipalKind::Person,
            Some(MemberKind::Service) => PrincipalKind::Service,
        })
    }

    /// Name to greet the caller with; "Anonymous" without a token. Visible to: anyone.
    async fn display_name(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(ctx.data::<Principal>()?.member().map_or("Anonymous", |member| &member.display_name).to_owned())
    }

    /// Roles in force for this request. Empty for anonymous callers. At most 50. Visible to: anyone.
    async fn grants(&self, ctx: &Context<'_>) -> Result<Vec<Grant>> {
        let member = ctx.data::<Principal>()?.member();
        Ok(member.into_iter().flat_map(|member| member.roles.iter().map(|role| Grant { role, tenant: member.tenant })).collect())
    }

    /// The caller's own learner record, if there is one. Visible to: anyone.
    async fn learner(&self, ctx: &Context<'_>) -> Option<Result<Learner>> {
        root::own_learner(ctx).await.map(|row| row.map(Learner)).transpose()
    }

    /// The caller's own staff record, if there is one. Visible to: anyone.
    async fn staff_member(&self, ctx: &Context<'_>) -> Option<Result<StaffMember>> {
        root::own_staff_member(ctx).await.map(|row| row.map(StaffMember)).transpose()
    }

    /// The caller's cost budget. Visible to: anyone.
    async fn rate_limit(&self, ctx: &Context<'_>) -> Result<RateLimit> {
        Ok(*ctx.data::<RateLimit>()?)
    }
}

/// The sort of principal behind a request.
#[derive(Debug, Enum, Copy, Clone, PartialEq, Eq)]
pub enum PrincipalKind {
    /// No token was sent.
    Anonymous,
    /// A signed-in person.
    Person,
    /// A machine client, for example a college portal or a notebook service account.
    Service,
}
