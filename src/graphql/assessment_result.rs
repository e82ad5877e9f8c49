//! Results in assessments.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, Result};

use super::assessment::Assessment;
use super::competency::Competency;
use super::filters::name;
use super::gate::{gated, tell};
use super::read::{id, int, list, maybe, one, required, value};
use super::scalars::{DateTime, Uuid};
use super::staff_member::StaffMember;
use super::user_error::UserError;
use crate::service::assessment_result::{Item, Rating};
use crate::store::Row;

/// A learner's result in an assessment. Visible to: learner, staff, instructors, navigators, sponsor (RESULTS), admins.
#[derive(Debug, Clone)]
pub struct AssessmentResult(pub Arc<Row>);

/// A learner's result in an assessment. Visible to: learner, staff, instructors, navigators, sponsor (RESULTS), admins.
#[Object]
impl AssessmentResult {
    /// Global identifier. Visible to: learner, staff, instructors, navigators, sponsor (RESULTS), admins.
    pub async fn id(&self, ctx: &Context<'_>) -> Result<ID> {
        tell(ctx, &self.0, "id")?;
        id(&self.0)
    }

    /// The assessment. Visible to: learner, staff, instructors, navigators, sponsor (RESULTS), admins.
    async fn assessment(&self, ctx: &Context<'_>) -> Result<Assessment> {
        tell(ctx, &self.0, "assessment")?;
        one(&self.0, ctx, Assessment)
    }

    /// Attempt number, from 1. Visible to: learner, staff, instructors, navigators, sponsor (RESULTS), admins.
    async fn attempt(&self, ctx: &Context<'_>) -> Result<i32> {
        tell(ctx, &self.0, "attempt")?;
        int(&self.0, "attempt")
    }

    /// Score reached. Visible to: learner, staff, instructors, navigators, sponsor (RESULTS), admins.
    async fn score(&self, ctx: &Context<'_>) -> Result<f64> {
        tell(ctx, &self.0, "score")?;
        required(self.0.real("score")?)
    }

    /// Whether it met the pass score when it was recorded. Visible to: learner, staff, instructors, navigators, sponsor (RESULTS), admins.
    async fn is_passed(&self, ctx: &Context<'_>) -> Result<bool> {
        tell(ctx, &self.0, "isPassed")?;
        Ok(self.0.boolean("is_passed")?)
    }

    /// Rating per competency. At most 20. Visible to: learner, staff, instructors, navigators, sponsor (RESULTS), admins.
    async fn competency_ratings(&self, ctx: &Context<'_>) -> Result<Vec<CompetencyRating>> {
        tell(ctx, &self.0, "competencyRatings")?;
        list(&self.0, ctx, CompetencyRating)
    }

    /// Comment from the instructor. Visible to: learner, staff, instructors.
    async fn feedback(&self, ctx: &Context<'_>) -> Option<Result<&str>> {
        gated(ctx, &self.0, || Ok(self.0.optional_text("feedback")?))
    }

    /// When it was recorded. Visible to: learner, staff, instructors, navigators, sponsor (RESULTS), admins.
    async fn recorded_at(&self, ctx: &Context<'_>) -> Result<DateTime> {
        tell(ctx, &self.0, "recordedAt")?;
        required(self.0.instant("recorded_at")?.map(DateTime))
    }

    /// Who recorded it; null where the institution's own systems do not know them as staff. Visible to: learner, staff, instructors, navigators, sponsor (RESULTS), admins.
    async fn recorded_by(&self, ctx: &Context<'_>) -> Result<Option<StaffMember>> {
        tell(ctx, &self.0, "recordedBy")?;
        maybe(&self.0, ctx, StaffMember)
    }
}

/// How well a learner showed one competency. Visible to: learner, staff, instructors, navigators, sponsor (RESULTS), admins.
#[derive(Debug, Clone)]
pub struct CompetencyRating(pub Arc<Row>);

/// How well a learner showed one competency. Visible to: learner, staff, instructors, navigators, sponsor (RESULTS), admins.
#[Object]
impl CompetencyRating {
    /// The competency. Visible to: learner, staff, instructors, navigators, sponsor (RESULTS), admins.
    async fn competency(&self, ctx: &Context<'_>) -> Result<Competency> {
        one(&self.0, ctx, Competency)
    }

    /// Level shown. Visible to: learner, staff, instructors, navigators, sponsor (RESULTS), admins.
    async fn level(&self) -> Result<MasteryLevel> {
        value(&self.0, "level")
    }
}

/// Level of mastery.
#[derive(Debug, Enum, Copy, Clone, PartialEq, Eq)]
pub enum MasteryLevel {
    /// Beginning to show it.
    Emerging,
    /// Shows it with help.
    Developing,
    /// Shows it reliably.
    Proficient,
    /// Shows it well enough to teach it.
    Exemplary,
}

/// How well a learner showed one competency.
#[derive(Debug, InputObject, Clone)]
pub struct CompetencyRatingInput {
    /// The competency: one that the assessment measures, or that is taught in its course, or in a course of its program.
    pub competency_id: ID,
    /// Level shown.
    pub level: MasteryLevel,
}

/// One result to record.
#[derive(Debug, InputObject, Clone)]
pub struct AssessmentResultItem {
    /// Whose result it is. The enrollment must be ENROLLED, ACTIVE, COMPLETED or NOT_COMPLETED, and takes 100 results.
    pub enrollment_id: ID,
    /// The assessment: one of the course or program that the offering teaches. Attempts are counted by the server.
    pub assessment_id: ID,
    /// Score reached, 0 to the highest of the assessment.
    pub score: f64,
    /// Rating per competency. At most 20.
    pub competency_ratings: Option<Vec<CompetencyRatingInput>>,
    /// Comment for the learner; at most 2000 characters.
    pub feedback: Option<String>,
}

impl From<AssessmentResultItem> for Item {
    fn from(item: AssessmentResultItem) -> Self {
        let rating = |rating: CompetencyRatingInput| Rating { competency: rating.competency_id.0, level: name(rating.level) };
        Self {
            enrollment: item.enrollment_id.0,
            assessment: item.assessment_id.0,
            score: item.score,
            ratings: item.competency_ratings.unwrap_or_default().into_iter().map(rating).collect(),
            feedback: item.feedback,
        }
    }
}

/// Input of `assessmentResultsRecord`.
#[derive(Debug, InputObject, Clone)]
pub struct AssessmentResultsRecordInput {
    /// Made once by the client for each intended effect. Repeating a request with the same key within 7 days returns the first result, and counts no further attempt.
    pub idempotency_key: Uuid,
    /// The results. At most 250.
    pub items: Vec<AssessmentResultItem>,
}

/// Result of `assessmentResultsRecord`. Visible to: instructors, staff.
#[derive(Debug, Default)]
pub struct AssessmentResultsRecordPayload {
    /// The results.
    pub rows: Option<Vec<Arc<Row>>>,
    /// What the caller can mend.
    pub errors: Vec<UserError>,
}

/// Result of `assessmentResultsRecord`. Visible to: instructors, staff.
#[Object]
impl AssessmentResultsRecordPayload {
    /// The recorded results, in order. At most 250. Visible to: instructors, staff.
    async fn results(&self) -> Option<Vec<AssessmentResult>> {
        self.rows.clone().map(|rows| rows.into_iter().map(AssessmentResult).collect())
    }

    /// Problems the caller can fix, all of them at once; empty on success. Visible to: instructors, staff.
    async fn user_errors(&self) -> Vec<UserError> {
        self.errors.clone()
    }
}
