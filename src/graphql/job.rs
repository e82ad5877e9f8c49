//! Work in the background, whatever it is.

use std::sync::Arc;

use async_graphql::{Enum, Union};

use super::enrollment_job::EnrollmentJob;
use super::import_job::ImportJob;
use crate::domain::id::Kind;
use crate::store::Row;

/// Work done in the background.
#[derive(Debug, Clone, Union)]
pub enum Job {
    /// A list of places.
    EnrollmentJob(EnrollmentJob),
    /// A file that is imported.
    ImportJob(ImportJob),
}

/// A job as a payload holds it.
#[expect(non_snake_case, reason = "payloads wrap by the name of their type")]
#[must_use]
pub fn Job(row: Arc<Row>) -> Job {
    if row.noun().kind == Some(Kind::ImportJob) { Job::ImportJob(ImportJob(row)) } else { Job::EnrollmentJob(EnrollmentJob(row)) }
}

/// State of background work.
#[derive(Debug, Enum, Copy, Clone, PartialEq, Eq)]
pub enum JobState {
    /// Waiting.
    Queued,
    /// Being done.
    Running,
    /// Done.
    Succeeded,
    /// Stopped by an error; see `failure`.
    Failed,
    /// Stopped by the caller.
    Cancelled,
}
