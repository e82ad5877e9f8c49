//! Institutions.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, OneofObject, Result};

use super::alignment::Alignment;
use super::audit_event::{AuditEventConnection, AuditFilter};
use super::campus::Campus;
use super::course::{CourseConnection, CourseFilter, CourseSort};
use super::credential::{CredentialConnection, CredentialFilter};
use super::enrollment::{self, EnrollmentConnection, EnrollmentFilter, EnrollmentSort};
use super::enrollment_job::EnrollmentJobConnection;
use super::gate::{gated, tell};
use super::learner::LearnerConnection;
use super::offering::{OfferingConnection, OfferingFilter, OfferingSort};
use super::page::connection;
use super::program::{ProgramConnection, ProgramFilter};
use super::read::{id, list, one, page, value};
use super::region::Region;
use super::scalars::Url;
use super::staff_member::StaffMemberConnection;
use super::term::Term;
use crate::store::Row;

/// A member college or university. Visible to: anyone.
#[derive(Debug, Clone)]
pub struct Institution(pub Arc<Row>);

/// A member college or university. Visible to: anyone.
#[Object]
impl Institution {
    /// Global identifier. Visible to: anyone.
    pub async fn id(&self) -> Result<ID> {
        id(&self.0)
    }

    /// Short name for URLs. Visible to: anyone.
    async fn slug(&self) -> Result<&str> {
        Ok(self.0.text("slug")?)
    }

    /// Full name. Visible to: anyone.
    async fn name(&self) -> Result<&str> {
        Ok(self.0.text("name")?)
    }

    /// Kind of institution. Visible to: anyone.
    async fn kind(&self) -> Result<InstitutionKind> {
        value(&self.0, "kind")
    }

    /// Region of its main campus. Visible to: anyone.
    async fn region(&self, ctx: &Context<'_>) -> Result<Region> {
        one(&self.0, ctx, Region)
    }

    /// Public website. Visible to: anyone.
    async fn website_url(&self) -> Result<Option<Url>> {
        Ok(self.0.optional_text("website_url")?.map(Url::from))
    }

    /// Logo, at least 256 pixels wide. Visible to: anyone.
    async fn logo_url(&self) -> Result<Option<Url>> {
        Ok(self.0.optional_text("logo_url")?.map(Url::from))
    }

    /// External identities such as the CTID. At most 20. Visible to: anyone.
    async fn alignments(&self, ctx: &Context<'_>) -> Result<Vec<Alignment>> {
        list(&self.0, ctx, Alignment)
    }

    /// Places where it teaches. At most 100. Visible to: anyone.
    async fn campuses(&self, ctx: &Context<'_>) -> Result<Vec<Campus>> {
        list(&self.0, ctx, Campus)
    }

    /// Its terms by start date. At most 60. Visible to: anyone.
    async fn terms(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whether to list terms that have ended.", default = false)] include_past: bool,
    ) -> Result<Vec<Term>> {
        list(&self.0, ctx, Term)
    }

    /// Its courses. Visible to: anyone.
    async fn courses(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Words to look for; at most 100 characters.")] search: Option<String>,
        #[graphql(desc = "Limits the list.")] filter: Option<CourseFilter>,
        #[graphql(desc = "Order of the list.", default_with = "Some(CourseSort::Title)")] sort: Option<CourseSort>,
        #[graphql(desc = "Page size, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "Cursor to continue after: `endCursor` of the page before.")] after: Option<String>,
    ) -> Option<Result<CourseConnection>> {
        Some(page(&self.0, ctx, CourseConnection))
    }

    /// Its programs. Visible to: anyone.
    async fn programs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Words to look for; at most 100 characters.")] search: Option<String>,
        #[graphql(desc = "Limits the list.")] filter: Option<ProgramFilter>,
        #[graphql(desc = "Page size, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "Cursor to continue after: `endCursor` of the page before.")] after: Option<String>,
    ) -> Option<Result<ProgramConnection>> {
        Some(page(&self.0, ctx, ProgramConnection))
    }

    /// Its scheduled offerings, those that are over or cancelled among them: see the filter. Visible to: anyone.
    async fn offerings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Limits the list.")] filter: Option<OfferingFilter>,
        #[graphql(desc = "Order of the list.", default_with = "Some(OfferingSort::StartsSoonest)")] sort: Option<OfferingSort>,
        #[graphql(desc = "Page size, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "Cursor to continue after: `endCursor` of the page before.")] after: Option<String>,
    ) -> Option<Result<OfferingConnection>> {
        Some(page(&self.0, ctx, OfferingConnection))
    }

    /// Enrollments in its offerings. Visible to: staff, admins.
    async fn enrollments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Limits the list.")] filter: Option<EnrollmentFilter>,
        #[graphql(desc = "Order of the list.", default_with = "Some(EnrollmentSort::Newest)")] sort: Option<EnrollmentSort>,
        #[graphql(desc = "Page size, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "Cursor to continue after: `endCursor` of the page before.")] after: Option<String>,
    ) -> Option<Result<EnrollmentConnection>> {
        gated(ctx, &self.0, || enrollment::page_of(&self.0, ctx, filter.as_ref()).map(Some))
    }

    /// Learners with at least one enrollment here, by name. Visible to: staff, admins.
    async fn learners(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Words to look for in the name, or for its own staff a student number as it is written; at most 100 characters.")]
        search: Option<String>,
        #[graphql(desc = "Page size, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "Cursor to continue after: `endCursor` of the page before.")] after: Option<String>,
    ) -> Option<Result<LearnerConnection>> {
        gated(ctx, &self.0, || {
            let found = page(&self.0, ctx, LearnerConnection)?;
            found.0.items.iter().try_for_each(|(_, learner)| tell(ctx, learner, "id"))?;
            Ok(Some(found))
        })
    }

    /// Its staff. Visible to: staff, admins.
    async fn staff_members(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Page size, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "Cursor to continue after: `endCursor` of the page before.")] after: Option<String>,
    ) -> Option<Result<StaffMemberConnection>> {
        gated(ctx, &self.0, || page(&self.0, ctx, StaffMemberConnection).map(Some))
    }

    /// Lists of places that it had worked off in the background, newest first. Visible to: staff.
    async fn enrollment_jobs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Page size, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "Cursor to continue after: `endCursor` of the page before.")] after: Option<String>,
    ) -> Option<Result<EnrollmentJobConnection>> {
        gated(ctx, &self.0, || page(&self.0, ctx, EnrollmentJobConnection).map(Some))
    }

    /// Its audit log, newest first. Visible to: staff, admins.
    async fn audit_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Limits the list.")] filter: Option<AuditFilter>,
        #[graphql(desc = "Page size, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "Cursor to continue after: `endCursor` of the page before.")] after: Option<String>,
    ) -> Option<Result<AuditEventConnection>> {
        gated(ctx, &self.0, || page(&self.0, ctx, AuditEventConnection).map(Some))
    }

    /// Credentials it issues. Visible to: anyone.
    async fn credentials(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Words to look for; at most 100 characters.")] search: Option<String>,
        #[graphql(desc = "Limits the list.")] filter: Option<CredentialFilter>,
        #[graphql(desc = "Page size, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "Cursor to continue after: `endCursor` of the page before.")] after: Option<String>,
    ) -> Option<Result<CredentialConnection>> {
        Some(page(&self.0, ctx, CredentialConnection))
    }
}

connection!(
    InstitutionConnection,
    InstitutionEdge,
    Institution,
    "A page of Institution items. Visible to: anyone.",
    "An Institution in a page. Visible to: anyone."
);

/// Kind of institution.
#[derive(Debug, Enum, Copy, Clone, PartialEq, Eq)]
pub enum InstitutionKind {
    /// Two-year public college.
    CommunityCollege,
    /// Four-year college or university.
    University,
    /// Technical or vocational college.
    TechnicalCollege,
    /// Other approved provider.
    TrainingProvider,
}

/// How to name an institution: exactly one of these.
#[derive(Debug, OneofObject, Clone)]
pub enum InstitutionRef {
    /// Global identifier.
    Id(ID),
    /// Short name for URLs.
    Slug(String),
}
