//! Assessments.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, Result};

use super::competency::Competency;
use super::read::{id, list, required, value};
use crate::store::Row;

/// An assessment of a course or program. Visible to: anyone.
#[derive(Debug, Clone)]
pub struct Assessment(pub Arc<Row>);

/// An assessment of a course or program. Visible to: anyone.
#[Object]
impl Assessment {
    /// Global identifier. Visible to: anyone.
    pub async fn id(&self) -> Result<ID> {
        id(&self.0)
    }

    /// Title. Visible to: anyone.
    async fn title(&self) -> Result<&str> {
        Ok(self.0.text("title")?)
    }

    /// Formative or summative. Visible to: anyone.
    async fn kind(&self) -> Result<AssessmentKind> {
        value(&self.0, "kind")
    }

    /// Highest score. Visible to: anyone.
    async fn max_score(&self) -> Result<f64> {
        required(self.0.real("max_score")?)
    }

    /// Lowest score that passes. Visible to: anyone.
    async fn pass_score(&self) -> Result<f64> {
        required(self.0.real("pass_score")?)
    }

    /// What it measures. At most 20. Visible to: anyone.
    async fn competencies(&self, ctx: &Context<'_>) -> Result<Vec<Competency>> {
        list(&self.0, ctx, Competency)
    }
}

/// Kind of assessment.
#[derive(Debug, Enum, Copy, Clone, PartialEq, Eq)]
pub enum AssessmentKind {
    /// Given during a course to guide learning.
    Formative,
    /// Given at the end and decides the outcome.
    Summative,
}
