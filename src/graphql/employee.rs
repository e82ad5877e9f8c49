//! Roster entries of businesses.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, Result};

use super::alignment::Alignment;
use super::business::Business;
use super::business_site::BusinessSite;
use super::consent_grant::ConsentGrant;
use super::enrollment::{self, EnrollmentConnection, EnrollmentFilter};
use super::gate::{gated, is_linked, tell_of_places};
use super::learner::Learner;
use super::page::connection;
use super::read::{id, maybe, one, value};
use crate::store::Row;

/// A roster entry of one business. It becomes linked to a learner only when that person confirms it. Visible to: business, learner, navigators.
#[derive(Debug, Clone)]
pub struct Employee(pub Arc<Row>);

/// A roster entry of one business. It becomes linked to a learner only when that person confirms it. Visible to: business, learner, navigators.
#[Object]
impl Employee {
    /// Global identifier. Visible to: business, learner, navigators.
    pub async fn id(&self) -> Result<ID> {
        id(&self.0)
    }

    /// The employer. Visible to: business, learner, navigators.
    async fn business(&self, ctx: &Context<'_>) -> Result<Business> {
        one(&self.0, ctx, Business)
    }

    /// Name as the business recorded it. Visible to: business, learner, navigators.
    async fn name(&self) -> Result<&str> {
        Ok(self.0.text("name")?)
    }

    /// Work email as the business recorded it. Visible to: business, learner, navigators.
    async fn email(&self) -> Result<&str> {
        Ok(self.0.text("email")?)
    }

    /// Number in the business's own system. Visible to: business, learner, navigators.
    async fn number(&self) -> Result<Option<&str>> {
        Ok(self.0.optional_text("number")?)
    }

    /// Job title. Visible to: business, learner, navigators.
    async fn job_title(&self) -> Result<Option<&str>> {
        Ok(self.0.optional_text("job_title")?)
    }

    /// Occupation. Visible to: business, learner, navigators.
    async fn occupation(&self, ctx: &Context<'_>) -> Result<Option<Alignment>> {
        maybe(&self.0, ctx, Alignment)
    }

    /// Where the person works. Visible to: business, learner, navigators.
    async fn site(&self, ctx: &Context<'_>) -> Result<Option<BusinessSite>> {
        maybe(&self.0, ctx, BusinessSite)
    }

    /// Whether the person is linked or has left. Visible to: business, learner, navigators.
    async fn status(&self) -> Result<EmployeeStatus> {
        value(&self.0, "status")
    }

    /// The linked learner; null until confirmed. Visible to: learner, navigators, sponsor.
    async fn learner(&self, ctx: &Context<'_>) -> Option<Result<Learner>> {
        if !is_linked(&self.0) {
            return None;
        }
        gated(ctx, &self.0, || maybe(&self.0, ctx, Learner))
    }

    /// Enrollments the business may see. Visible to: business, learner.
    async fn enrollments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Limits the list.")] filter: Option<EnrollmentFilter>,
        #[graphql(desc = "Page size, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "Cursor to continue after: `endCursor` of the page before.")] after: Option<String>,
    ) -> Option<Result<EnrollmentConnection>> {
        Some(tell_of_places(ctx, &self.0, "enrollments").and_then(|()| enrollment::page_of(&self.0, ctx, filter.as_ref())))
    }

    /// What the learner lets this business see; null when nothing. Visible to: business, learner.
    async fn consent(&self, ctx: &Context<'_>) -> Result<Option<ConsentGrant>> {
        maybe(&self.0, ctx, ConsentGrant)
    }
}

connection!(
    EmployeeConnection,
    EmployeeEdge,
    Employee,
    "business, learner, navigators",
    "A page of Employee items. Visible to: business, learner, navigators.",
    "An Employee in a page. Visible to: business, learner, navigators."
);

/// State of a roster entry.
#[derive(Debug, Enum, Copy, Clone, PartialEq, Eq)]
pub enum EmployeeStatus {
    /// Not confirmed by the person yet.
    Invited,
    /// Confirmed and linked to a learner.
    Linked,
    /// No longer works there.
    Separated,
}

/// Limits roster entries. Combines as CourseFilter does.
#[derive(Debug, InputObject, Clone)]
pub struct EmployeeFilter {
    /// In one of these states.
    pub statuses: Option<Vec<EmployeeStatus>>,
    /// At one of these sites. At most 50.
    pub site_ids: Option<Vec<ID>>,
    /// Whether the learner lets the business see anything.
    pub has_consent: Option<bool>,
}
