//! What `importStart` does: reads the input and the file, acts, and reads what was written for the payload.

use async_graphql::{Context, Result};

use super::act::{Outcome, finish_as};
use super::act_job::{cells, wrong};
use super::cursor::CursorKey;
use super::import_input::ImportStartInput;
use super::import_job::ImportKind;
use super::ticket;
use crate::domain::id::GlobalId;
use crate::import::list::{self, Form, Line, List};
use crate::service::roster::import::{self, COLUMNS, File, Listed, REQUIRED, Wanted};
use crate::service::{Actor, Refused, upload};
use crate::store::import_job::IMPORT_JOB;

/// Begins to import a file.
pub async fn start(ctx: &Context<'_>, input: ImportStartInput) -> Result<Outcome> {
    let done = match input.kind {
        ImportKind::RosterCsv => roster(ctx, input).await?,
    };
    finish_as(ctx, "importJob", &IMPORT_JOB, done).await
}

async fn roster(ctx: &Context<'_>, input: ImportStartInput) -> Result<Result<GlobalId, Refused>> {
    let actor = ctx.data::<Actor>()?;
    let ticket = ticket::read(ctx.data::<CursorKey>()?, &input.upload_token);
    let wanted = Wanted {
        tenant: input.tenant_id.0,
        file: input.upload_token,
        is_dry_run: input.is_dry_run,
        is_complete: input.is_complete,
        is_confirmed: input.is_confirmed,
    };
    let key = input.idempotency_key.0;
    let done = async {
        if let Some(known) = import::known(actor, key, &wanted).await? {
            return Ok(known);
        }
        let sent = upload::content(actor, ticket.as_ref()).await?;
        let form = Form { columns: &COLUMNS, required: REQUIRED, rows: actor.jobs.rows };
        let list = list::read(&sent.bytes, form).map_err(wrong)?;
        import::start(actor, key, &wanted, &file(sent.name, list)).await
    };
    Ok(done.await)
}

/// The file as the act takes it.
fn file(name: String, list: List) -> File {
    let columns = COLUMNS.into_iter().zip(list.has).filter_map(|(column, has)| has.then_some(column)).collect();
    let listed = |line: Line| Listed {
        line: line.line,
        cells: line.cells.map(cells).map_err(|fault| (fault.column, fault.reason)),
        lacks: line.lacks.into_iter().map(|place| COLUMNS[place]).collect(),
    };
    File { name, columns, rows: list.lines.into_iter().map(listed).collect() }
}
