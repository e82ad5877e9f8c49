//! What is written of imports.

use async_graphql::{ID, InputObject};

use super::act::payload;
use super::import_job::{ImportJob, ImportKind};
use super::scalars::Uuid;

/// Input of `importStart`.
#[derive(Debug, InputObject, Clone)]
pub struct ImportStartInput {
    /// Made once by the client for each intended effect. Repeating a request with the same key within 7 days returns the first result.
    pub idempotency_key: Uuid,
    /// Where the data goes: the business for which the token speaks.
    pub tenant_id: ID,
    /// What the file holds.
    pub kind: ImportKind,
    /// Token of the uploaded file. ROSTER_CSV: CSV in UTF-8 whose first line names the columns, or a JSON list of objects with these names, of 10,000 rows. `name` and `email` must be there; `number`, `jobTitle`, `onetCode` and `site` (the identifier or the name of a site of the business) may be. Rows are matched by number or else by email, as by `employeesUpsert`; what a file has no column for, or an object no name, stays as it is.
    pub upload_token: String,
    /// Whether to check only.
    #[graphql(default = true)]
    pub is_dry_run: bool,
    /// Whether the file names everybody: who is not in it is separated, unless a row of it is refused.
    #[graphql(default)]
    pub is_complete: bool,
    /// Confirms that more of the roster leaves than the set share; without it such an import fails as a whole.
    #[graphql(default)]
    pub is_confirmed: bool,
}

payload!(ImportStartPayload, import_job: ImportJob, "Result of `importStart`. Visible to: business.", "The new job. Visible to: business.", "Problems of the file as a whole and of the request; empty on success. Visible to: business.");
