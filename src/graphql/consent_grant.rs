//! What learners let tenants see.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, Result};

use super::grant::Tenant;
use super::read::{id, one, required};
use super::scalars::DateTime;
use crate::domain;
use crate::service::Actor;
use crate::store::Row;

/// Permission from a learner for one tenant to see parts of their record. Business and staff see only grants made to them. Visible to: learner, business, staff.
#[derive(Debug, Clone)]
pub struct ConsentGrant(pub Arc<Row>);

/// Permission from a learner for one tenant to see parts of their record. Business and staff see only grants made to them. Visible to: learner, business, staff.
#[Object]
impl ConsentGrant {
    /// Global identifier. Visible to: learner, business, staff.
    pub async fn id(&self) -> Result<ID> {
        id(&self.0)
    }

    /// Who may see it. Visible to: learner, business, staff.
    async fn grantee(&self, ctx: &Context<'_>) -> Result<Tenant> {
        one(&self.0, ctx, Tenant::from)
    }

    /// What they may see. At most 10. Visible to: learner, business, staff.
    async fn scopes(&self) -> Result<Vec<ConsentScope>> {
        let names = self.0.text("scopes")?;
        Ok(domain::consent::ConsentScope::ALL.into_iter().filter(|scope| scope.is_in(names)).map(ConsentScope::from).collect())
    }

    /// Why, in words the learner was shown. Visible to: learner, business, staff.
    async fn purpose(&self) -> Result<&str> {
        Ok(self.0.text("purpose")?)
    }

    /// Version of the words the learner was shown. Visible to: learner, business, staff.
    async fn text_version(&self) -> Result<&str> {
        Ok(self.0.text("text_version")?)
    }

    /// When it was given. Visible to: learner, business, staff.
    async fn granted_at(&self) -> Result<DateTime> {
        required(self.0.instant("granted_at")?.map(DateTime))
    }

    /// When it ends by itself. Visible to: learner, business, staff.
    async fn expires_at(&self) -> Result<Option<DateTime>> {
        Ok(self.0.instant("expires_at")?.map(DateTime))
    }

    /// When the learner took it back. Visible to: learner, business, staff.
    async fn revoked_at(&self) -> Result<Option<DateTime>> {
        Ok(self.0.instant("revoked_at")?.map(DateTime))
    }

    /// Whether it is in force now. Visible to: learner, business, staff.
    async fn is_active(&self, ctx: &Context<'_>) -> Result<bool> {
        let now = ctx.data::<Actor>()?.clock.now();
        Ok(self.0.instant("revoked_at")?.is_none() && self.0.instant("expires_at")?.is_none_or(|end| end > now))
    }
}

/// A part of a learner's record that consent can open to another tenant.
#[derive(Debug, Enum, Copy, Clone, PartialEq, Eq)]
pub enum ConsentScope {
    /// That the learner is enrolled, and the state.
    Enrollment,
    /// Progress through an offering.
    Progress,
    /// Assessment results and outcomes.
    Results,
    /// Earned credentials.
    Awards,
    /// Contact email.
    Contact,
    /// Being shown as a match to a business.
    JobMatching,
}

/// Converts between the schema's scopes and those of the domain, both ways.
macro_rules! scopes {
    ($($name:ident),+) => {
        impl From<domain::consent::ConsentScope> for ConsentScope {
            fn from(scope: domain::consent::ConsentScope) -> Self {
                match scope {
                    $(domain::consent::ConsentScope::$name => Self::$name,)+
                }
            }
        }

        impl From<ConsentScope> for domain::consent::ConsentScope {
            fn from(scope: ConsentScope) -> Self {
                match scope {
                    $(ConsentScope::$name => Self::$name,)+
                }
            }
        }
    };
}
scopes!(Enrollment, Progress, Results, Awards, Contact, JobMatching);
