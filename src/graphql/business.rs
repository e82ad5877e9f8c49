//! Partner businesses.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, Result};

use super::audit_event::{AuditEventConnection, AuditFilter};
use super::business_site::BusinessSite;
use super::employee::{EmployeeConnection, EmployeeFilter};
use super::enrollment::{self, EnrollmentConnection, EnrollmentFilter, EnrollmentSort};
use super::enrollment_job::EnrollmentJobConnection;
use super::external_key::ExternalKey;
use super::gate::gated;
use super::import_job::ImportJobConnection;
use super::industry::Industry;
use super::page::connection;
use super::read::{id, list, maybe, one, page, required, value};
use super::region::Region;
use super::scalars::{Date, DateTime, Url};
use super::sponsorship::{SponsorshipConnection, SponsorshipFilter};
use super::staff_member::StaffMember;
use crate::store::Row;

/// A partner business. Visible to: members.
#[derive(Debug, Clone)]
pub struct Business(pub Arc<Row>);

/// A partner business. Visible to: members.
#[Object]
impl Business {
    /// Global identifier. Visible to: members.
    pub async fn id(&self) -> Result<ID> {
        id(&self.0)
    }

    /// Name. Visible to: members.
    async fn name(&self) -> Result<&str> {
        Ok(self.0.text("name")?)
    }

    /// Whether it takes part. Visible to: members.
    async fn status(&self) -> Result<BusinessStatus> {
        value(&self.0, "status")
    }

    /// Main industry. Visible to: members.
    async fn industry(&self, ctx: &Context<'_>) -> Result<Industry> {
        one(&self.0, ctx, Industry)
    }

    /// Region of its main site. Visible to: members.
    async fn region(&self, ctx: &Context<'_>) -> Result<Region> {
        one(&self.0, ctx, Region)
    }

    /// Public website. Visible to: members.
    async fn website_url(&self) -> Result<Option<Url>> {
        Ok(self.0.optional_text("website_url")?.map(Url::from))
    }

    /// First day as a partner. Visible to: members.
    async fn partner_since(&self) -> Result<Option<Date>> {
        Ok(self.0.date("partner_since")?.map(Date))
    }

    /// Places where its employees work. At most 500. Visible to: members.
    async fn sites(&self, ctx: &Context<'_>) -> Result<Vec<BusinessSite>> {
        list(&self.0, ctx, BusinessSite)
    }

    /// Its contact at the consortium. Visible to: business, navigators, admins.
    async fn corporate_navigator(&self, ctx: &Context<'_>) -> Option<Result<StaffMember>> {
        gated(ctx, &self.0, || maybe(&self.0, ctx, StaffMember))
    }

    /// Its roster. Visible to: business.
    async fn employees(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Words to look for; at most 100 characters.")] search: Option<String>,
        #[graphql(desc = "Limits the list.")] filter: Option<EmployeeFilter>,
        #[graphql(desc = "Page size, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "Cursor to continue after: `endCursor` of the page before.")] after: Option<String>,
    ) -> Option<Result<EmployeeConnection>> {
        gated(ctx, &self.0, || page(&self.0, ctx, EmployeeConnection).map(Some))
    }

    /// Its sponsorships, newest first. Visible to: business, navigators, admins.
    async fn sponsorships(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Limits the list.")] filter: Option<SponsorshipFilter>,
        #[graphql(desc = "Page size, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "Cursor to continue after: `endCursor` of the page before.")] after: Option<String>,
    ) -> Option<Result<SponsorshipConnection>> {
        gated(ctx, &self.0, || page(&self.0, ctx, SponsorshipConnection).map(Some))
    }

    /// Enrollments it pays for, and those its employees agreed to show. Visible to: business.
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

    /// Lists of places that it had worked off in the background, newest first. Visible to: business.
    async fn enrollment_jobs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Page size, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "Cursor to continue after: `endCursor` of the page before.")] after: Option<String>,
    ) -> Option<Result<EnrollmentJobConnection>> {
        gated(ctx, &self.0, || page(&self.0, ctx, EnrollmentJobConnection).map(Some))
    }

    /// Imports into this business, newest first. Visible to: business.
    async fn import_jobs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Page size, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "Cursor to continue after: `endCursor` of the page before.")] after: Option<String>,
    ) -> Option<Result<ImportJobConnection>> {
        gated(ctx, &self.0, || page(&self.0, ctx, ImportJobConnection).map(Some))
    }

    /// Its audit log, newest first. Visible to: business, admins.
    async fn audit_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Limits the list.")] filter: Option<AuditFilter>,
        #[graphql(desc = "Page size, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "Cursor to continue after: `endCursor` of the page before.")] after: Option<String>,
    ) -> Option<Result<AuditEventConnection>> {
        gated(ctx, &self.0, || page(&self.0, ctx, AuditEventConnection).map(Some))
    }

    /// Identifiers in other systems. At most 10. Visible to: business, admins.
    async fn external_keys(&self, ctx: &Context<'_>) -> Option<Result<Vec<ExternalKey>>> {
        gated(ctx, &self.0, || list(&self.0, ctx, ExternalKey).map(Some))
    }

    /// When it last changed; send it back as `expectedUpdatedAt`. Visible to: members.
    async fn updated_at(&self) -> Result<DateTime> {
        required(self.0.instant("updated_at")?.map(DateTime))
    }
}

connection!(
    BusinessConnection,
    BusinessEdge,
    Business,
    "members",
    "A page of Business items. Visible to: members.",
    "A Business in a page. Visible to: members."
);

/// Whether a business takes part. Only one that is ACTIVE spends: no other sets up sponsorships, issues vouchers or pays for further places (CLOSED). What it has reserved and paid already stays good.
#[derive(Debug, Enum, Copy, Clone, PartialEq, Eq)]
pub enum BusinessStatus {
    /// Applied, not approved yet: it spends nothing.
    Pending,
    /// Takes part.
    Active,
    /// Barred for now: it spends nothing.
    Suspended,
    /// No longer a partner: it spends nothing.
    Left,
}

/// Limits businesses. Combines as CourseFilter does.
#[derive(Debug, InputObject, Clone)]
pub struct BusinessFilter {
    /// In one of these states.
    pub statuses: Option<Vec<BusinessStatus>>,
    /// In one of these industries, matched by prefix. At most 20.
    pub naics_codes: Option<Vec<String>>,
    /// In one of these regions. At most 20.
    pub region_codes: Option<Vec<String>>,
}
