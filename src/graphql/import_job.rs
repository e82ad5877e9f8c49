//! Files that are imported in the background.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, Result};

use super::grant::Tenant;
use super::job::JobState;
use super::page::connection;
use super::read::{id, int, one, page, required, value};
use super::scalars::DateTime;
use super::user_error::UserErrorCode;
use crate::store::Row;

/// A bulk import into one tenant. All of it is written at once, or nothing. Visible to: business.
#[derive(Debug, Clone)]
pub struct ImportJob(pub Arc<Row>);

/// A bulk import into one tenant. All of it is written at once, or nothing. Visible to: business.
#[Object]
impl ImportJob {
    /// Global identifier. Visible to: business.
    pub async fn id(&self) -> Result<ID> {
        id(&self.0)
    }

    /// Where the data goes. Visible to: business.
    async fn tenant(&self, ctx: &Context<'_>) -> Result<Tenant> {
        one(&self.0, ctx, Tenant::from)
    }

    /// What is imported. Visible to: business.
    async fn kind(&self) -> Result<ImportKind> {
        value(&self.0, "kind")
    }

    /// Name of the file. Visible to: business.
    async fn file_name(&self) -> Result<&str> {
        Ok(self.0.text("file_name")?)
    }

    /// Whether it only checks the file: the counts are what would come of it. Visible to: business.
    async fn is_dry_run(&self) -> Result<bool> {
        Ok(self.0.boolean("is_dry_run")?)
    }

    /// Whether the file names everybody: who is not in it is separated. Visible to: business.
    async fn is_complete(&self) -> Result<bool> {
        Ok(self.0.boolean("is_complete")?)
    }

    /// Where it stands. Visible to: business.
    async fn state(&self) -> Result<JobState> {
        value(&self.0, "state")
    }

    /// Why it failed as a whole, and what to do; null unless it did. Visible to: business.
    async fn failure(&self) -> Result<Option<&str>> {
        Ok(self.0.optional_text("failure")?)
    }

    /// Rows of the file. Visible to: business.
    async fn rows_read(&self) -> Result<i32> {
        int(&self.0, "rows_read")
    }

    /// Objects created; 0 until it has succeeded. Visible to: business.
    async fn rows_created(&self) -> Result<i32> {
        int(&self.0, "rows_created")
    }

    /// Objects changed; 0 until it has succeeded. Rows that say what is so already count nowhere. Visible to: business.
    async fn rows_updated(&self) -> Result<i32> {
        int(&self.0, "rows_updated")
    }

    /// People separated because the file is complete and does not name them; 0 until it has succeeded. Visible to: business.
    async fn rows_separated(&self) -> Result<i32> {
        int(&self.0, "rows_separated")
    }

    /// Rows refused: until it has ended, those that cannot be read. Visible to: business.
    async fn rows_rejected(&self) -> Result<i32> {
        int(&self.0, "rows_rejected")
    }

    /// What was wrong with rows, in file order. Visible to: business.
    async fn problems(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Page size, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "Cursor to continue after: `endCursor` of the page before.")] after: Option<String>,
    ) -> Option<Result<ImportProblemConnection>> {
        Some(page(&self.0, ctx, ImportProblemConnection))
    }

    /// When it was requested. Visible to: business.
    async fn created_at(&self) -> Result<DateTime> {
        required(self.0.instant("created_at")?.map(DateTime))
    }

    /// When it ended. Visible to: business.
    async fn finished_at(&self) -> Result<Option<DateTime>> {
        Ok(self.0.instant("finished_at")?.map(DateTime))
    }
}

connection!(
    ImportJobConnection,
    ImportJobEdge,
    ImportJob,
    "business",
    "A page of ImportJob items. Visible to: business.",
    "An ImportJob in a page. Visible to: business."
);

/// What an import file holds. New kinds may be added.
#[derive(Debug, Enum, Copy, Clone, PartialEq, Eq)]
pub enum ImportKind {
    /// Employees of a business.
    RosterCsv,
}

/// Something that was wrong with a row, which was refused for it, or with the file as a whole. Visible to: business.
#[derive(Debug, Clone)]
pub struct ImportProblem(pub Arc<Row>);

/// Something that was wrong with a row, which was refused for it, or with the file as a whole. Visible to: business.
#[Object]
impl ImportProblem {
    /// Name of the file. Visible to: business.
    async fn file(&self) -> Result<&str> {
        Ok(self.0.text("file")?)
    }

    /// Line of a CSV file where the row begins, from 1; its place in a JSON list, from 1. What is wrong with the file as a whole stands at 1. Visible to: business.
    async fn line(&self) -> Result<i32> {
        int(&self.0, "line")
    }

    /// Column at fault; null when no single one is. Visible to: business.
    async fn column(&self) -> Result<Option<&str>> {
        Ok(self.0.optional_text("column_name")?)
    }

    /// Stable machine-readable reason. Visible to: business.
    async fn code(&self) -> Result<UserErrorCode> {
        value(&self.0, "code")
    }

    /// Explanation for a person, in English. Its wording may change. Visible to: business.
    async fn message(&self) -> Result<&str> {
        Ok(self.0.text("message")?)
    }
}

connection!(
    ImportProblemConnection,
    ImportProblemEdge,
    ImportProblem,
    "business",
    "A page of ImportProblem items. Visible to: business.",
    "An ImportProblem in a page. Visible to: business."
);
