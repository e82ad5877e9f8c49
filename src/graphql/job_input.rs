//! What is written of work in the background.

use async_graphql::{ID, InputObject, Object};

use super::act::payload;
use super::enrollment_input::FundingInput;
use super::enrollment_job::EnrollmentJob;
use super::job::Job;
use super::scalars::{Url, Uuid};
use super::user_error::UserError;

/// Input of `uploadCreate`.
#[derive(Debug, InputObject, Clone)]
pub struct UploadCreateInput {
    /// Name of the file.
    pub file_name: String,
    /// Size in bytes, at most 8 MiB.
    pub byte_size: i32,
}

/// Result of `uploadCreate`. Visible to: staff, business.
#[derive(Debug, Default)]
pub struct UploadCreatePayload {
    /// Where to send the file, and what names it.
    pub made: Option<(String, String)>,
    /// What the caller can mend.
    pub errors: Vec<UserError>,
}

/// Result of `uploadCreate`. Visible to: staff, business.
#[Object]
impl UploadCreatePayload {
    /// Where to PUT the file within 15 minutes. It begins with a slash where the server does not know its own address: then it is on the host of this endpoint. Visible to: staff, business.
    async fn upload_url(&self) -> Option<Url> {
        self.made.as_ref().map(|(url, _)| Url(url.clone()))
    }

    /// What to give to `enrollmentJobStart` or `importStart`; good for 24 hours, as often as it is wanted. Visible to: staff, business.
    async fn upload_token(&self) -> Option<&str> {
        self.made.as_ref().map(|(_, token)| token.as_str())
    }

    /// Problems the caller can fix; empty on success. Visible to: staff, business.
    async fn user_errors(&self) -> Vec<UserError> {
        self.errors.clone()
    }
}

/// Input of `enrollmentJobStart`.
#[derive(Debug, InputObject, Clone)]
pub struct EnrollmentJobStartInput {
    /// Made once by the client for each intended effect. Repeating a request with the same key within 7 days returns the first result.
    pub idempotency_key: Uuid,
    /// Token of the uploaded file: CSV in UTF-8 whose first line names the columns, or a JSON list of objects with these names, of 10,000 rows. `offeringId` is the offering; the person is named by `learnerId`, by `employeeId`, or by `email` and `number` of the roster, one or both. An institution names learners by `learnerId`.
    pub upload_token: String,
    /// Who pays: a sponsorship, or aid, which institutions may name. Left out when the learners do, for institutions.
    pub funding: Option<FundingInput>,
}

/// Input of `jobCancel`.
#[derive(Debug, InputObject, Clone)]
pub struct JobCancelInput {
    /// The job.
    pub id: ID,
}

payload!(EnrollmentJobStartPayload, enrollment_job: EnrollmentJob, "Result of `enrollmentJobStart`. Visible to: business, staff.", "The new job. Visible to: business, staff.", "Problems of the file as a whole and of the request; empty on success. Visible to: business, staff.");
payload!(JobCancelPayload, job: Job, "Result of `jobCancel`. Visible to: business, staff.", "The cancelled job. Visible to: business, staff.", "Problems the caller can fix; empty on success. Visible to: business, staff.");
