//! Lists of places that are worked off in the background.

use std::sync::Arc;

use async_graphql::resolver_utils::EnumType;
use async_graphql::{Context, Enum, Error, ID, Object, Result, SimpleObject};
use serde::Deserialize;

use super::enrollment::Enrollment;
use super::job::JobState;
use super::page::connection;
use super::read::{id, int, maybe, page, required, value};
use super::scalars::DateTime;
use super::sponsorship::Sponsorship;
use super::user_error::UserErrorCode;
use crate::store::Row;

/// A list of up to 10,000 places that are asked for in the background. Each row comes to exactly one outcome, in the order of the file; rows stand or fall alone. It goes on after a failure of the server where it stopped. Visible to: business, staff.
#[derive(Debug, Clone)]
pub struct EnrollmentJob(pub Arc<Row>);

/// A list of up to 10,000 places that are asked for in the background. Each row comes to exactly one outcome, in the order of the file; rows stand or fall alone. It goes on after a failure of the server where it stopped. Visible to: business, staff.
#[Object]
impl EnrollmentJob {
    /// Global identifier. Visible to: business, staff.
    pub async fn id(&self) -> Result<ID> {
        id(&self.0)
    }

    /// Where it stands. Visible to: business, staff.
    async fn state(&self) -> Result<JobState> {
        value(&self.0, "state")
    }

    /// Why it failed as a whole: the access of whoever started it was taken away, or its rows failed again and again; null unless it did. Visible to: business, staff.
    async fn failure(&self) -> Result<Option<&str>> {
        Ok(self.0.optional_text("failure")?)
    }

    /// Name of the file. Visible to: business, staff.
    async fn file_name(&self) -> Result<&str> {
        Ok(self.0.text("file_name")?)
    }

    /// The sponsorship that pays; null when somebody else does. Visible to: business, staff.
    async fn sponsorship(&self, ctx: &Context<'_>) -> Result<Option<Sponsorship>> {
        maybe(&self.0, ctx, Sponsorship)
    }

    /// Rows of the file. Visible to: business, staff.
    async fn row_count(&self) -> Result<i32> {
        int(&self.0, "row_count")
    }

    /// Rows that have their outcome. Visible to: business, staff.
    async fn done_count(&self) -> Result<i32> {
        int(&self.0, "done_count")
    }

    /// Rows that came to ENROLLED. Visible to: business, staff.
    async fn enrolled_count(&self) -> Result<i32> {
        int(&self.0, "enrolled_count")
    }

    /// Rows that came to WAITLISTED. Visible to: business, staff.
    async fn waitlisted_count(&self) -> Result<i32> {
        int(&self.0, "waitlisted_count")
    }

    /// Rows that came to REQUESTED. Visible to: business, staff.
    async fn requested_count(&self) -> Result<i32> {
        int(&self.0, "requested_count")
    }

    /// Rows that came to PENDING. Visible to: business, staff.
    async fn pending_count(&self) -> Result<i32> {
        int(&self.0, "pending_count")
    }

    /// Rows that came to DUPLICATE. Visible to: business, staff.
    async fn duplicate_count(&self) -> Result<i32> {
        int(&self.0, "duplicate_count")
    }

    /// Rows that came to INELIGIBLE. Visible to: business, staff.
    async fn ineligible_count(&self) -> Result<i32> {
        int(&self.0, "ineligible_count")
    }

    /// Its rows, in the order of the file. Visible to: business, staff.
    async fn items(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Those with one of these outcomes; left out for all, also those without one yet.")] outcomes: Option<
            Vec<EnrollmentJobOutcome>,
        >,
        #[graphql(desc = "Page size, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "Cursor to continue after: `endCursor` of the page before.")] after: Option<String>,
    ) -> Option<Result<EnrollmentJobItemConnection>> {
        Some(page(&self.0, ctx, EnrollmentJobItemConnection))
    }

    /// When it was requested. Visible to: business, staff.
    async fn created_at(&self) -> Result<DateTime> {
        required(self.0.instant("created_at")?.map(DateTime))
    }

    /// When it ended. Visible to: business, staff.
    async fn finished_at(&self) -> Result<Option<DateTime>> {
        Ok(self.0.instant("finished_at")?.map(DateTime))
    }
}

connection!(
    EnrollmentJobConnection,
    EnrollmentJobEdge,
    EnrollmentJob,
    "business, staff",
    "A page of EnrollmentJob items. Visible to: business, staff.",
    "An EnrollmentJob in a page. Visible to: business, staff."
);

/// A row of an enrollment job. Visible to: business, staff.
#[derive(Debug, Clone)]
pub struct EnrollmentJobItem(pub Arc<Row>);

/// A row of an enrollment job. Visible to: business, staff.
#[Object]
impl EnrollmentJobItem {
    /// Line of a CSV file where the row begins, from 1; its place in a JSON list, from 1. Visible to: business, staff.
    async fn line(&self) -> Result<i32> {
        int(&self.0, "line")
    }

    /// What became of it; null while it waits, and for good when the job was cancelled or failed before its turn: nothing was done for it then, and it can be listed again. Visible to: business, staff.
    async fn outcome(&self) -> Result<Option<EnrollmentJobOutcome>> {
        self.0.optional_text("outcome")?.map(|_| value(&self.0, "outcome")).transpose()
    }

    /// The enrollment; null unless it was made. Visible to: business, staff.
    async fn enrollment(&self, ctx: &Context<'_>) -> Result<Option<Enrollment>> {
        maybe(&self.0, ctx, Enrollment)
    }

    /// Why there is no enrollment; empty when there is one. At most 30. Visible to: business, staff.
    async fn problems(&self) -> Result<Vec<EnrollmentJobProblem>> {
        let Some(text) = self.0.optional_text("problems")? else { return Ok(Vec::new()) };
        let kept: Vec<Kept> = serde_json::from_str(text).map_err(|_| Error::new("kept problems cannot be read"))?;
        kept.into_iter().map(EnrollmentJobProblem::try_from).collect()
    }
}

connection!(
    EnrollmentJobItemConnection,
    EnrollmentJobItemEdge,
    EnrollmentJobItem,
    "business, staff",
    "A page of EnrollmentJobItem items. Visible to: business, staff.",
    "An EnrollmentJobItem in a page. Visible to: business, staff."
);

/// What becomes of a row of an enrollment job.
#[derive(Debug, Enum, Copy, Clone, PartialEq, Eq)]
pub enum EnrollmentJobOutcome {
    /// The person has a seat.
    Enrolled,
    /// The person waits for a seat.
    Waitlisted,
    /// The institution has to approve, or nobody knows yet how many seats there are.
    Requested,
    /// The person is not known yet: not on the roster, or the invitation is not confirmed. Nothing was reserved; list them again once they have confirmed.
    Pending,
    /// The person has an open enrollment in the offering already, or stands in the list twice.
    Duplicate,
    /// There are reasons against it: see `problems`.
    Ineligible,
}

/// Why a row has no enrollment. Visible to: business, staff.
#[derive(Debug, Clone, SimpleObject)]
pub struct EnrollmentJobProblem {
    /// Stable machine-readable reason. Visible to: business, staff.
    pub code: UserErrorCode,
    /// Column at fault; null when no single one is. Visible to: business, staff.
    pub column: Option<String>,
    /// Explanation for a person, in English. Its wording may change. Visible to: business, staff.
    pub message: String,
}

/// A problem as it is kept.
#[derive(Deserialize)]
struct Kept {
    code: String,
    column: Option<String>,
    message: String,
}

impl TryFrom<Kept> for EnrollmentJobProblem {
    type Error = Error;

    fn try_from(kept: Kept) -> Result<Self> {
        let code = required(UserErrorCode::items().iter().find(|item| item.name == kept.code).map(|item| item.value))?;
        Ok(Self { code, column: kept.column, message: kept.message })
    }
}
