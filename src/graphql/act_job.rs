//! What the mutations of work in the background do: read the input and the file, act, and read what was written for the payload. Imports have a file of their own.

use async_graphql::{Context, Result};

use super::act::{Outcome, errors, finish_as};
use super::cursor::CursorKey;
use super::enrollment_input::funding;
use super::job_input::{EnrollmentJobStartInput, JobCancelInput, UploadCreateInput, UploadCreatePayload};
use super::ticket;
use crate::domain::id::{GlobalId, Kind};
use crate::identity::Identity;
use crate::import::list::{self, Fault, Form, Line};
use crate::service::enrollment::job::{self, COLUMNS, Listed, Problem, REQUIRED, Wanted};
use crate::service::job::cancel as cancel_job;
use crate::service::{Actor, Refused, UserError, UserErrorCode, upload};
use crate::store::enrollment_job::ENROLLMENT_JOB;
use crate::store::noun;

/// Lets a file be sent.
pub async fn upload(ctx: &Context<'_>, input: UploadCreateInput) -> Result<UploadCreatePayload> {
    match upload::create(ctx.data::<Actor>()?, &input.file_name, input.byte_size.into()).await {
        Ok(made) => {
            let token = ticket::write(ctx.data::<CursorKey>()?, &made);
            let address = ctx.data::<Identity>()?.own().map_or("", |own| own.url());
            Ok(UploadCreatePayload { made: Some((format!("{address}/uploads/{token}"), token)), errors: Vec::new() })
        }
        Err(refused) => {
            let errors = errors(refused)?;
            Ok(UploadCreatePayload { made: None, errors })
        }
    }
}

/// Begins to work off a list.
pub async fn start(ctx: &Context<'_>, input: EnrollmentJobStartInput) -> Result<Outcome> {
    finish_as(ctx, "enrollmentJob", &ENROLLMENT_JOB, begin(ctx, input).await?).await
}

async fn begin(ctx: &Context<'_>, input: EnrollmentJobStartInput) -> Result<Result<GlobalId, Refused>> {
    let actor = ctx.data::<Actor>()?;
    let ticket = ticket::read(ctx.data::<CursorKey>()?, &input.upload_token);
    let wanted = Wanted { file: input.upload_token, funding: funding(input.funding) };
    let key = input.idempotency_key.0;
    let done = async {
        if let Some(known) = job::known(actor, key, &wanted).await? {
            return Ok(known);
        }
        let file = upload::content(actor, ticket.as_ref()).await?;
        let form = Form { columns: &COLUMNS, required: REQUIRED, rows: actor.jobs.rows };
        let list = list::read(&file.bytes, form).map_err(wrong)?;
        let rows: Vec<Listed> = list.lines.into_iter().map(listed).collect();
        job::start(actor, key, &wanted, &file.name, &rows).await
    };
    Ok(done.await)
}

/// What is wrong with a file as a whole.
pub(super) fn wrong(fault: Fault) -> Refused {
    let code = if fault.is_too_many { UserErrorCode::TooMany } else { UserErrorCode::Invalid };
    let column = fault.column.map(|column| format!(", column `{column}`")).unwrap_or_default();
    UserError::at(code, &["uploadToken"], format!("line {}{column}: {}", fault.line, fault.reason)).into()
}

fn listed(line: Line) -> Listed {
    let unreadable = |fault: Fault| Problem::unreadable(fault.column, fault.reason);
    Listed { line: line.line, cells: line.cells.map_err(unreadable).map(cells) }
}

/// The cells of a row, of which there are as many as columns.
pub(super) fn cells<const N: usize>(cells: Vec<Option<String>>) -> [Option<String>; N] {
    let mut cells = cells.into_iter();
    std::array::from_fn(|_| cells.next().flatten())
}

/// Stops a job.
pub async fn cancel(ctx: &Context<'_>, input: JobCancelInput) -> Result<Outcome> {
    let done = cancel_job(ctx.data::<Actor>()?, &input.id).await;
    let kind = done.as_ref().map_or(Kind::EnrollmentJob, |id| id.kind);
    finish_as(ctx, "job", noun(kind), done).await
}
