//! Rosters by file: the rows that can be read are kept with the job, and worked off in the background, all of them in one transaction together with the job's end. A kill leaves
//! nothing half done; whoever takes the job next does it anew.

mod plan;
mod work;

use serde::Serialize;
use uuid::Uuid;

use crate::domain::id::{GlobalId, Kind};
use crate::domain::tenant::Tenant;
use crate::policy::{Action, Denied, Scope};
use crate::service::actor::{Actor, Refused, repeated};
use crate::service::job::{self, log};
use crate::service::once::{self, Once};
use crate::service::user_error::{UserError, UserErrorCode};
use crate::store::import_job::{self, CELLS, NewProblem, RosterRow, Terms};
use crate::store::job::Work;

pub use work::work;

/// Columns of a roster, in the order of the cells of a row.
pub const COLUMNS: [&str; CELLS] = ["name", "email", "number", "jobTitle", "onetCode", "site"];
/// How many of them, from the first on, must be there.
pub const REQUIRED: usize = 2;

/// Places of some columns.
const NUMBER: usize = 2;
const JOB_TITLE: usize = 3;
const ONET_CODE: usize = 4;
const SITE: usize = 5;

/// What such files hold, as the schema names it.
const KIND: &str = "ROSTER_CSV";

/// A row as it was read: its line, and its cells, or the column at fault and what is wrong.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Line of the file.
    pub line: u64,
    /// The cells, in the order of [`COLUMNS`].
    pub cells: Result<[Option<String>; CELLS], (Option<String>, String)>,
    /// Columns that the file has and this row has not.
    pub lacks: Vec<&'static str>,
}

/// A file as it was read.
#[derive(Debug, Clone)]
pub struct File {
    /// Its name.
    pub name: String,
    /// The columns that it has.
    pub columns: Vec<&'static str>,
    /// Its rows.
    pub rows: Vec<Listed>,
}

/// An import as it is asked for.
#[derive(Debug, Clone, Serialize)]
pub struct Wanted {
    /// The business, by identifier.
    pub tenant: String,
    /// Names the file.
    pub file: String,
    /// Whether it only checks.
    pub is_dry_run: bool,
    /// Whether the file names everybody.
    pub is_complete: bool,
    /// Whether it is meant that many leave.
    pub is_confirmed: bool,
}

impl Wanted {
    const fn terms(&self) -> Terms {
        Terms { is_dry_run: self.is_dry_run, is_complete: self.is_complete, is_confirmed: self.is_confirmed }
    }
}

/// The business of an import, and the scope in which it is written.
fn business(actor: &Actor, wanted: &Wanted) -> Result<(Uuid, Scope), Refused> {
    let hidden = || UserError::hidden(&["tenantId"]);
    actor.permitted(Action::KeepRoster(Uuid::nil()))?;
    let id = GlobalId::parse(&wanted.tenant).filter(|id| id.kind == Kind::Business).ok_or_else(hidden)?.uuid;
    Ok((id, actor.may(Action::KeepRoster(id), hidden)?))
}

fn once(key: Uuid, wanted: &Wanted) -> Once {
    Once::new(key, "importStart", wanted)
}

fn job_of(answer: &str) -> Result<GlobalId, Refused> {
    Ok(GlobalId::new(Kind::ImportJob, once::ids(answer)?.first().copied().unwrap_or_default()))
}

/// The import that was started under a key before, if there is one: its file may be forgotten by now.
///
/// # Errors
/// When the caller may not start any, or the key was used for something else.
pub async fn known(actor: &Actor, key: Uuid, wanted: &Wanted) -> Result<Option<GlobalId>, Refused> {
    business(actor, wanted)?;
    once(key, wanted).known(actor).await?.map(|answer| job_of(&answer)).transpose()
}

/// Begins to import a file.
///
/// # Errors
/// Why nothing was begun.
pub async fn start(actor: &Actor, key: Uuid, wanted: &Wanted, file: &File) -> Result<GlobalId, Refused> {
    repeated(|| start_once(actor, key, wanted, file)).await
}

async fn start_once(actor: &Actor, key: Uuid, wanted: &Wanted, file: &File) -> Result<GlobalId, Refused> {
    let (business, scope) = business(actor, wanted)?;
    let member = actor.principal.member().ok_or(Refused::Denied(Denied::Unauthenticated))?;
    let once = once(key, wanted);
    let mut transaction = actor.store.begin_in(&scope).await?;
    if let Some(answer) = once.claim(actor, &mut transaction).await? {
        transaction.rollback().await?;
        return job_of(&answer);
    }
    if let Err(refused) = job::room(actor, &mut transaction, Work::ImportJob, business).await {
        transaction.rollback().await?;
        return Err(refused);
    }
    let (id, tenant) = (actor.ids.next(), Tenant::Business(business));
    let new = import_job::New {
        id,
        tenant,
        kind: KIND,
        file_name: &file.name,
        columns: &file.columns.join(" "),
        terms: wanted.terms(),
        starter: (member.issuer, member.subject.as_str(), member.display_name.as_str()),
        at: actor.clock.now(),
    };
    let (rows, problems) = kept(actor, &file.rows);
    import_job::add(&mut transaction.connection(), &new, rows, problems).await?;
    once.settle(actor, &mut transaction, &id.to_string()).await?;
    let id = GlobalId::new(Kind::ImportJob, id);
    log(actor, &mut transaction, tenant, id, "importStart", &["uploadToken", "isDryRun", "isComplete", "isConfirmed"]).await?;
    transaction.commit().await?;
    Ok(id)
}

/// The rows that can be read, and what is wrong with the others.
fn kept(actor: &Actor, listed: &[Listed]) -> (Vec<RosterRow>, Vec<NewProblem>) {
    let (mut rows, mut problems) = (Vec::new(), Vec::new());
    for row in listed {
        let line = i64::try_from(row.line).unwrap_or(i64::MAX);
        match &row.cells {
            Ok(cells) => rows.push(RosterRow { line, cells: cells.clone(), lacks: row.lacks.join(" ") }),
            Err((column, message)) => {
                let (code, column, message) = (UserErrorCode::Invalid.name(), column.clone(), message.clone());
                problems.push(NewProblem { id: actor.ids.next(), line, column, code, message, is_row: true });
            }
        }
    }
    (rows, problems)
}
