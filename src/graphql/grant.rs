//! Roles of the caller, each with the tenant that it is limited to.

use std::sync::Arc;

use async_graphql::{Context, Enum, Object, Result, Union};

use super::business::Business;
use super::institution::Institution;
use super::root;
use crate::domain;
use crate::domain::id::Kind;
use crate::domain::tenant;
use crate::store::Row;

/// One role of the caller. Visible to: members.
#[derive(Debug, Clone, Copy)]
pub struct Grant {
    /// The role.
    pub role: domain::role::Role,
    /// The tenant of the caller.
    pub tenant: tenant::Tenant,
}

/// One role of the caller. Visible to: members.
#[Object]
impl Grant {
    /// The role. Visible to: members.
    async fn role(&self) -> Role {
        self.role.into()
    }

    /// The tenant it is limited to; null for consortium-wide roles and for LEARNER. Visible to: members.
    async fn tenant(&self, ctx: &Context<'_>) -> Option<Result<Tenant>> {
        if self.role == domain::role::Role::Learner {
            return None;
        }
        let (kind, id) = match self.tenant {
            tenant::Tenant::Institution(id) => (Kind::Institution, id),
            tenant::Tenant::Business(id) => (Kind::Business, id),
            tenant::Tenant::Consortium => return None,
        };
        root::by_key(ctx, kind, id).await.map(|row| row.map(Tenant::from)).transpose()
    }
}

/// An organization that owns data. Every private object belongs to exactly one tenant or one learner.
#[derive(Debug, Clone, Union)]
pub enum Tenant {
    /// An institution.
    Institution(Institution),
    /// A business.
    Business(Business),
}

impl From<Arc<Row>> for Tenant {
    fn from(row: Arc<Row>) -> Self {
        if row.noun().kind == Some(Kind::Business) { Self::Business(Business(row)) } else { Self::Institution(Institution(row)) }
    }
}

/// A role carried by an access token.
#[derive(Debug, Enum, Copy, Clone, PartialEq, Eq)]
pub enum Role {
    /// Reads and manages their own record.
    Learner,
    /// Teaches offerings and records results.
    Instructor,
    /// Runs one institution's catalog, offerings and enrollments.
    InstitutionAdmin,
    /// Runs one business's roster, sponsorships and job postings.
    BusinessAdmin,
    /// Advises learners.
    CareerNavigator,
    /// Advises businesses.
    CorporateNavigator,
    /// Reads suppressed aggregates for the whole consortium.
    Analyst,
    /// Runs the consortium.
    ConsortiumAdmin,
}

impl From<domain::role::Role> for Role {
    fn from(role: domain::role::Role) -> Self {
        match role {
            domain::role::Role::Learner => Self::Learner,
            domain::role::Role::Instructor => Self::Instructor,
            domain::role::Role::InstitutionAdmin => Self::InstitutionAdmin,
            domain::role::Role::BusinessAdmin => Self::BusinessAdmin,
            domain::role::Role::CareerNavigator => Self::CareerNavigator,
            domain::role::Role::CorporateNavigator => Self::CorporateNavigator,
            domain::role::Role::Analyst => Self::Analyst,
            domain::role::Role::ConsortiumAdmin => Self::ConsortiumAdmin,
        }
    }
}
