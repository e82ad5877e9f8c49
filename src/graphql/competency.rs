//! Competencies.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, Result};

use super::alignment::{Alignment, Framework};
use super::course::CourseConnection;
use super::credential::CredentialConnection;
use super::page::connection;
use super::read::{id, list, page, value};
use crate::store::Row;

/// A technical or soft skill that courses teach, credentials attest and jobs require. Visible to: anyone.
#[derive(Debug, Clone)]
pub struct Competency(pub Arc<Row>);

/// A technical or soft skill that courses teach, credentials attest and jobs require. Visible to: anyone.
#[Object]
impl Competency {
    /// Global identifier. Visible to: anyone.
    pub async fn id(&self) -> Result<ID> {
        id(&self.0)
    }

    /// Name. Visible to: anyone.
    async fn name(&self) -> Result<&str> {
        Ok(self.0.text("name")?)
    }

    /// What a person who has it can do. Visible to: anyone.
    async fn description(&self) -> Result<Option<&str>> {
        Ok(self.0.optional_text("description")?)
    }

    /// Technical or soft. Visible to: anyone.
    async fn kind(&self) -> Result<CompetencyKind> {
        value(&self.0, "kind")
    }

    /// Entries of external frameworks that mean the same. At most 20. Visible to: anyone.
    async fn alignments(&self, ctx: &Context<'_>) -> Result<Vec<Alignment>> {
        list(&self.0, ctx, Alignment)
    }

    /// Published courses that teach it. Visible to: anyone.
    async fn courses(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Page size, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "Cursor to continue after: `endCursor` of the page before.")] after: Option<String>,
    ) -> Option<Result<CourseConnection>> {
        Some(page(&self.0, ctx, CourseConnection))
    }

    /// Published credentials that attest it. Visible to: anyone.
    async fn credentials(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Page size, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "Cursor to continue after: `endCursor` of the page before.")] after: Option<String>,
    ) -> Option<Result<CredentialConnection>> {
        Some(page(&self.0, ctx, CredentialConnection))
    }
}

connection!(
    CompetencyConnection,
    CompetencyEdge,
    Competency,
    "A page of Competency items. Visible to: anyone.",
    "A Competency in a page. Visible to: anyone."
);

/// Kind of competency.
#[derive(Debug, Enum, Copy, Clone, PartialEq, Eq)]
pub enum CompetencyKind {
    /// Specific to an occupation or tool.
    Technical,
    /// Useful everywhere, for example communication.
    Soft,
}

/// Limits competencies. Combines as CourseFilter does.
#[derive(Debug, InputObject, Clone)]
pub struct CompetencyFilter {
    /// Of one of these kinds.
    pub kinds: Option<Vec<CompetencyKind>>,
    /// Aligned to this entry.
    pub alignment: Option<AlignmentInput>,
}

/// An entry of an external framework.
#[derive(Debug, InputObject, Clone)]
pub struct AlignmentInput {
    /// The framework.
    pub framework: Framework,
    /// Identifier inside the framework.
    pub code: String,
}
