//! Courses.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, Result};

use super::assessment::Assessment;
use super::catalog_status::CatalogStatus;
use super::competency::Competency;
use super::credential::Credential;
use super::external_key::ExternalKey;
use super::gate::gated;
use super::institution::Institution;
use super::offering::{Modality, OfferingConnection, OfferingFilter, OfferingSort};
use super::page::connection;
use super::program::Program;
use super::read::{id, list, maybe, one, page, required, value};
use super::reference::DateRange;
use super::scalars::{DateTime, Money};
use crate::store::Row;

/// A unit of instruction in an institution's catalog. Visible to: anyone.
#[derive(Debug, Clone)]
pub struct Course(pub Arc<Row>);

/// A unit of instruction in an institution's catalog. Visible to: anyone.
#[Object]
impl Course {
    /// Global identifier. Visible to: anyone.
    pub async fn id(&self) -> Result<ID> {
        id(&self.0)
    }

    /// Institution that owns it. Visible to: anyone.
    async fn institution(&self, ctx: &Context<'_>) -> Result<Institution> {
        one(&self.0, ctx, Institution)
    }

    /// Code in its catalog, for example `CIS 101`. Visible to: anyone.
    async fn code(&self) -> Result<&str> {
        Ok(self.0.text("code")?)
    }

    /// Title. Visible to: anyone.
    async fn title(&self) -> Result<&str> {
        Ok(self.0.text("title")?)
    }

    /// One paragraph of plain text. Visible to: anyone.
    async fn summary(&self) -> Result<&str> {
        Ok(self.0.text("summary")?)
    }

    /// Full description in Markdown. Visible to: anyone.
    async fn description(&self) -> Result<Option<&str>> {
        Ok(self.0.optional_text("description")?)
    }

    /// Whether it is open to the public. Drafts are visible to staff only. Visible to: anyone.
    async fn status(&self) -> Result<CatalogStatus> {
        value(&self.0, "status")
    }

    /// Whether it carries academic credit. Visible to: anyone.
    async fn is_for_credit(&self) -> Result<bool> {
        Ok(self.0.boolean("is_for_credit")?)
    }

    /// Credit hours; null for non-credit courses. Visible to: anyone.
    async fn credits(&self) -> Result<Option<f64>> {
        Ok(self.0.real("credits")?)
    }

    /// Scheduled hours. Visible to: anyone.
    async fn contact_hours(&self) -> Result<Option<f64>> {
        Ok(self.0.real("contact_hours")?)
    }

    /// Hours of soft-skill training inside it. Visible to: anyone.
    async fn soft_skill_hours(&self) -> Result<Option<f64>> {
        Ok(self.0.real("soft_skill_hours")?)
    }

    /// List price before aid or sponsorship. Visible to: anyone.
    async fn price(&self) -> Result<Money> {
        required(self.0.integer("price_cents")?.map(Money::from_cents))
    }

    /// Languages of instruction as BCP 47 tags. At most 5. Visible to: anyone.
    async fn languages(&self) -> Result<Vec<String>> {
        Ok(self.0.text("languages")?.split(';').map(str::to_owned).collect())
    }

    /// What it teaches. At most 30. Visible to: anyone.
    async fn competencies(&self, ctx: &Context<'_>) -> Result<Vec<Competency>> {
        list(&self.0, ctx, Competency)
    }

    /// Courses to pass first. At most 10. Visible to: anyone.
    async fn prerequisites(&self, ctx: &Context<'_>) -> Result<Vec<Course>> {
        list(&self.0, ctx, Course)
    }

    /// Its assessments. At most 30. Visible to: anyone.
    async fn assessments(&self, ctx: &Context<'_>) -> Result<Vec<Assessment>> {
        list(&self.0, ctx, Assessment)
    }

    /// Credential earned by passing it. Visible to: anyone.
    async fn credential(&self, ctx: &Context<'_>) -> Option<Result<Credential>> {
        maybe(&self.0, ctx, Credential).transpose()
    }

    /// Published programs that include it. At most 30. Visible to: anyone.
    async fn programs(&self, ctx: &Context<'_>) -> Result<Vec<Program>> {
        list(&self.0, ctx, Program)
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

    /// Identifiers in other systems. At most 10. Visible to: staff, admins.
    async fn external_keys(&self, ctx: &Context<'_>) -> Option<Result<Vec<ExternalKey>>> {
        gated(ctx, &self.0, || list(&self.0, ctx, ExternalKey).map(Some))
    }

    /// When it last changed; send it back as `expectedUpdatedAt`. Visible to: anyone.
    async fn updated_at(&self) -> Result<DateTime> {
        required(self.0.instant("updated_at")?.map(DateTime))
    }
}

connection!(CourseConnection, CourseEdge, Course, "A page of Course items. Visible to: anyone.", "A Course in a page. Visible to: anyone.");

/// Order of courses. Each is backed by an index; ties are broken by identifier.
#[derive(Debug, Enum, Copy, Clone, PartialEq, Eq)]
pub enum CourseSort {
    /// Best match first; TITLE when there is no search text.
    Relevance,
    /// By title.
    Title,
    /// Cheapest first.
    Price,
    /// By next open offering.
    StartsSoonest,
    /// Last changed first.
    RecentlyUpdated,
}

/// Limits courses. Fields are combined with AND, list values with OR. A field left out or null does not limit; an empty list matches nothing.
#[derive(Debug, InputObject, Clone)]
pub struct CourseFilter {
    /// Owned by one of these institutions. At most 50.
    pub institution_ids: Option<Vec<ID>>,
    /// Teaches one of these. At most 50.
    pub competency_ids: Option<Vec<ID>>,
    /// With or without academic credit.
    pub is_for_credit: Option<bool>,
    /// Has an open offering taught one of these ways.
    pub modalities: Option<Vec<Modality>>,
    /// Has an open offering in one of these regions, or online. At most 20.
    pub region_codes: Option<Vec<String>>,
    /// Has an offering that starts then.
    pub starts_within: Option<DateRange>,
    /// Has an open offering with seats.
    pub has_seats: Option<bool>,
    /// Costs no more than this.
    pub price_at_most: Option<Money>,
    /// Changed at or after this moment; includes retired courses, for synchronization.
    pub updated_since: Option<DateTime>,
}
