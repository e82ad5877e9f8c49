//! Learners.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};

use super::award::AwardConnection;
use super::consent_grant::ConsentGrant;
use super::disclosure::DisclosureConnection;
use super::employee::Employee;
use super::enrollment::{self, EnrollmentConnection, EnrollmentFilter, EnrollmentSort};
use super::external_key::ExternalKey;
use super::gate::{gated, tell};
use super::page::connection;
use super::read::{id, list, maybe, page};
use super::region::Region;
use crate::store::Row;

/// A person who learns, and who owns their record. Visible to: learner, staff, instructors, navigators, sponsor, admins.
#[derive(Debug, Clone)]
pub struct Learner(pub Arc<Row>);

/// A person who learns, and who owns their record. Visible to: learner, staff, instructors, navigators, sponsor, admins.
#[Object]
impl Learner {
    /// Global identifier. Visible to: learner, staff, instructors, navigators, sponsor, admins.
    pub async fn id(&self, ctx: &Context<'_>) -> Result<ID> {
        tell(ctx, &self.0, "id")?;
        id(&self.0)
    }

    /// Name to show. Visible to: learner, staff, instructors, navigators, sponsor, admins.
    async fn display_name(&self, ctx: &Context<'_>) -> Result<&str> {
        tell(ctx, &self.0, "displayName")?;
        Ok(self.0.text("display_name")?)
    }

    /// Name on official records. Visible to: learner, staff, navigators.
    async fn legal_name(&self, ctx: &Context<'_>) -> Option<Result<&str>> {
        gated(ctx, &self.0, || Ok(self.0.optional_text("legal_name")?))
    }

    /// Contact email. Visible to: learner, staff, navigators, sponsor (CONTACT).
    async fn email(&self, ctx: &Context<'_>) -> Option<Result<&str>> {
        gated(ctx, &self.0, || Ok(self.0.optional_text("email")?))
    }

    /// Region the learner lives in. Visible to: learner, staff, navigators.
    async fn region(&self, ctx: &Context<'_>) -> Option<Result<Region>> {
        gated(ctx, &self.0, || maybe(&self.0, ctx, Region))
    }

    /// Student numbers and the like, limited to the caller's own tenant. At most 10. Visible to: learner, staff.
    async fn external_keys(&self, ctx: &Context<'_>) -> Option<Result<Vec<ExternalKey>>> {
        gated(ctx, &self.0, || list(&self.0, ctx, ExternalKey).map(Some))
    }

    /// Enrollments the caller may see. Visible to: learner, staff, instructors, navigators, sponsor, admins.
    async fn enrollments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Limits the list.")] filter: Option<EnrollmentFilter>,
        #[graphql(desc = "Order of the list.", default_with = "Some(EnrollmentSort::Newest)")] sort: Option<EnrollmentSort>,
        #[graphql(desc = "Page size, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "Cursor to continue after: `endCursor` of the page before.")] after: Option<String>,
    ) -> Option<Result<EnrollmentConnection>> {
        Some(tell(ctx, &self.0, "enrollments").and_then(|()| enrollment::page_of(&self.0, ctx, filter.as_ref())))
    }

    /// Roster entries at businesses the learner has confirmed. At most 20. Visible to: learner, navigators.
    async fn employments(&self, ctx: &Context<'_>) -> Option<Result<Vec<Employee>>> {
        gated(ctx, &self.0, || list(&self.0, ctx, Employee).map(Some))
    }

    /// Consents given, active first. At most 100. Visible to: learner.
    async fn consents(&self, ctx: &Context<'_>) -> Option<Result<Vec<ConsentGrant>>> {
        gated(ctx, &self.0, || list(&self.0, ctx, ConsentGrant).map(Some))
    }

    /// Wallet of earned credentials, newest first; an institution sees those that it issued. Visible to: learner, staff, navigators, sponsor (AWARDS).
    async fn awards(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whether to list revoked awards.", default)] include_revoked: bool,
        #[graphql(desc = "Page size, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "Cursor to continue after: `endCursor` of the page before.")] after: Option<String>,
    ) -> Option<Result<AwardConnection>> {
        gated(ctx, &self.0, || page(&self.0, ctx, AwardConnection).map(Some))
    }

    /// Who was shown parts of the record, newest first. Visible to: learner.
    async fn disclosures(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Page size, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "Cursor to continue after: `endCursor` of the page before.")] after: Option<String>,
    ) -> Option<Result<DisclosureConnection>> {
        gated(ctx, &self.0, || page(&self.0, ctx, DisclosureConnection).map(Some))
    }
}

connection!(
    LearnerConnection,
    LearnerEdge,
    Learner,
    "learner, staff, instructors, navigators, sponsor, admins",
    "A page of Learner items. Visible to: learner, staff, instructors, navigators, sponsor, admins.",
    "A Learner in a page. Visible to: learner, staff, instructors, navigators, sponsor, admins."
);
