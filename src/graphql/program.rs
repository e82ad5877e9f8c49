//! Programs and their steps.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, Result};

use super::alignment::Alignment;
use super::assessment::Assessment;
use super::catalog_status::CatalogStatus;
use super::competency::Competency;
use super::course::Course;
use super::credential::Credential;
use super::external_key::ExternalKey;
use super::gate::gated;
use super::industry::Industry;
use super::institution::Institution;
use super::offering::{OfferingConnection, OfferingFilter, OfferingSort};
use super::page::connection;
use super::read::{id, int, list, maybe, maybe_int, one, page, required, value};
use super::scalars::{DateTime, Money};
use crate::store::Row;

/// A set of courses that leads to a credential: a micro-pathway, a certificate or a degree. Visible to: anyone.
#[derive(Debug, Clone)]
pub struct Program(pub Arc<Row>);

/// A set of courses that leads to a credential: a micro-pathway, a certificate or a degree. Visible to: anyone.
#[Object]
impl Program {
    /// Global identifier. Visible to: anyone.
    pub async fn id(&self) -> Result<ID> {
        id(&self.0)
    }

    /// Institution that runs it. Visible to: anyone.
    async fn institution(&self, ctx: &Context<'_>) -> Result<Institution> {
        one(&self.0, ctx, Institution)
    }

    /// Kind of program. Visible to: anyone.
    async fn kind(&self) -> Result<ProgramKind> {
        value(&self.0, "kind")
    }

    /// Whether it is open to the public. Drafts are visible to staff only. Visible to: anyone.
    async fn status(&self) -> Result<CatalogStatus> {
        value(&self.0, "status")
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

    /// Whether its courses carry academic credit. Visible to: anyone.
    async fn is_for_credit(&self) -> Result<bool> {
        Ok(self.0.boolean("is_for_credit")?)
    }

    /// Usual length in weeks, for example 8 to 12 for a micro-pathway. Visible to: anyone.
    async fn duration_weeks(&self) -> Result<Option<i32>> {
        maybe_int(&self.0, "duration_weeks")
    }

    /// Scheduled hours in total. Visible to: anyone.
    async fn contact_hours(&self) -> Result<Option<f64>> {
        Ok(self.0.real("contact_hours")?)
    }

    /// Hours of soft-skill training inside it, for example 15 to 30. Visible to: anyone.
    async fn soft_skill_hours(&self) -> Result<Option<f64>> {
        Ok(self.0.real("soft_skill_hours")?)
    }

    /// List price; null when priced per course. Visible to: anyone.
    async fn price(&self) -> Result<Option<Money>> {
        Ok(self.0.integer("price_cents")?.map(Money::from_cents))
    }

    /// What a learner takes, in order. At most 40. Visible to: anyone.
    async fn components(&self, ctx: &Context<'_>) -> Result<Vec<ProgramComponent>> {
        list(&self.0, ctx, ProgramComponent)
    }

    /// Final assessment that decides the credential. Visible to: anyone.
    async fn summative_assessment(&self, ctx: &Context<'_>) -> Option<Result<Assessment>> {
        list(&self.0, ctx, Assessment).map(|list| list.into_iter().next()).transpose()
    }

    /// Credential a learner earns. Visible to: anyone.
    async fn credential(&self, ctx: &Context<'_>) -> Option<Result<Credential>> {
        maybe(&self.0, ctx, Credential).transpose()
    }

    /// Everything it teaches. At most 50. Visible to: anyone.
    async fn competencies(&self, ctx: &Context<'_>) -> Result<Vec<Competency>> {
        list(&self.0, ctx, Competency)
    }

    /// Industries it serves. At most 10. Visible to: anyone.
    async fn industries(&self, ctx: &Context<'_>) -> Result<Vec<Industry>> {
        list(&self.0, ctx, Industry)
    }

    /// Occupations it prepares for. At most 10. Visible to: anyone.
    async fn occupations(&self, ctx: &Context<'_>) -> Result<Vec<Alignment>> {
        list(&self.0, ctx, Alignment)
    }

    /// Cohorts of the whole program. Visible to: anyone.
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

connection!(
    ProgramConnection,
    ProgramEdge,
    Program,
    "A page of Program items. Visible to: anyone.",
    "A Program in a page. Visible to: anyone."
);

/// Kind of program.
#[derive(Debug, Enum, Copy, Clone, PartialEq, Eq)]
pub enum ProgramKind {
    /// Short non-credit or credit pathway, usually 8 to 12 weeks.
    MicroPathway,
    /// Certificate program.
    Certificate,
    /// Degree program.
    Degree,
    /// Registered apprenticeship instruction.
    Apprenticeship,
}

/// One step of a program. Visible to: anyone.
#[derive(Debug, Clone)]
pub struct ProgramComponent(pub Arc<Row>);

/// One step of a program. Visible to: anyone.
#[Object]
impl ProgramComponent {
    /// The course to take. Visible to: anyone.
    async fn course(&self, ctx: &Context<'_>) -> Result<Course> {
        one(&self.0, ctx, Course)
    }

    /// Whether every learner must take it. Visible to: anyone.
    async fn is_required(&self) -> Result<bool> {
        Ok(self.0.boolean("is_required")?)
    }

    /// Position; components with the same number may be taken together. Visible to: anyone.
    async fn sequence(&self) -> Result<i32> {
        int(&self.0, "sequence")
    }
}

/// Limits programs. Combines as CourseFilter does.
#[derive(Debug, InputObject, Clone)]
pub struct ProgramFilter {
    /// Run by one of these institutions. At most 50.
    pub institution_ids: Option<Vec<ID>>,
    /// Of one of these kinds.
    pub kinds: Option<Vec<ProgramKind>>,
    /// Serves one of these industries, matched by prefix. At most 20.
    pub naics_codes: Option<Vec<String>>,
    /// Teaches one of these. At most 50.
    pub competency_ids: Option<Vec<ID>>,
    /// With or without academic credit.
    pub is_for_credit: Option<bool>,
    /// Changed at or after this moment; includes retired programs.
    pub updated_since: Option<DateTime>,
}
