//! Lists of many places, worked off in the background: each row has one outcome, written in the transaction of its enrollment, so that whoever goes on after somebody died does
//! nothing twice.

mod work;

use std::collections::HashMap;

use serde::Serialize;
use uuid::Uuid;

use super::super::actor::{Actor, Refused, repeated};
use super::super::job::{self, log};
use super::super::once::{self, Once};
use super::super::upload;
use super::super::user_error::{HIDDEN, UserError, UserErrorCode};
use super::people::NO_ROSTER;
use super::{Funding, hidden};
use crate::domain::id::{GlobalId, Kind};
use crate::domain::job::Outcome;
use crate::domain::number::{ROUNDED, is_rounded};
use crate::domain::tenant::Tenant;
use crate::store::enrollment_job::{self, NewItem};
use crate::store::job::Work;
use crate::store::sponsorship::SPONSORSHIP;

pub use work::work;

/// Columns of a list, the first of which must be there; in the order of the cells of a row.
pub const COLUMNS: [&str; 5] = ["offeringId", "learnerId", "employeeId", "email", "number"];
/// How many of them must be there.
pub const REQUIRED: usize = 1;

/// Places of the columns.
const OFFERING: usize = 0;
const LEARNER: usize = 1;
const EMPLOYEE: usize = 2;
const EMAIL: usize = 3;
const NUMBER: usize = 4;

/// What is wrong with a row.
#[derive(Debug, Clone, Serialize)]
pub struct Problem {
    /// The reason, as the schema names it.
    pub code: &'static str,
    /// The column at fault.
    pub column: Option<String>,
    /// A sentence for a person, with the remedy.
    pub message: String,
}

impl Problem {
    fn at(code: UserErrorCode, column: usize, message: impl Into<String>) -> Self {
        Self { code: code.name(), column: Some(COLUMNS[column].to_owned()), message: message.into() }
    }

    /// That what a column names is not there, or is not for the caller.
    fn hidden(column: usize) -> Self {
        Self::at(UserErrorCode::NotFound, column, HIDDEN)
    }

    /// Of a row that cannot be read.
    #[must_use]
    pub fn unreadable(column: Option<String>, message: String) -> Self {
        Self { code: UserErrorCode::Invalid.name(), column, message }
    }
}

/// The cells of a row, in the order of [`COLUMNS`].
pub type Cells = [Option<String>; COLUMNS.len()];

/// A row as it was read: its line, and its cells or why there are none.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Line of the file.
    pub line: u64,
    /// The cells.
    pub cells: Result<Cells, Problem>,
}

/// A list that is to be worked off.
#[derive(Debug, Clone, Serialize)]
pub struct Wanted {
    /// Names the file.
    pub file: String,
    /// Who pays.
    pub funding: Funding,
}

fn once(key: Uuid, wanted: &Wanted) -> Once {
    Once::new(key, "enrollmentJobStart", wanted)
}

fn job_of(answer: &str) -> Result<GlobalId, Refused> {
    Ok(GlobalId::new(Kind::EnrollmentJob, once::ids(answer)?.first().copied().unwrap_or_default()))
}

/// The job that was started under a key before, if there is one: its file may be forgotten by now.
///
/// # Errors
/// When the key was used for something else.
pub async fn known(actor: &Actor, key: Uuid, wanted: &Wanted) -> Result<Option<GlobalId>, Refused> {
    let (.., scope) = upload::tenant(actor)?;
    let mut transaction = actor.store.begin_in(&scope).await?;
    let answer = once(key, wanted).claim(actor, &mut transaction).await;
    transaction.rollback().await?;
    answer?.map(|answer| job_of(&answer)).transpose()
}

/// Begins to work off a list.
///
/// # Errors
/// Why nothing was begun.
pub async fn start(actor: &Actor, key: Uuid, wanted: &Wanted, file_name: &str, rows: &[Listed]) -> Result<GlobalId, Refused> {
    repeated(|| start_once(actor, key, wanted, file_name, rows)).await
}

async fn start_once(actor: &Actor, key: Uuid, wanted: &Wanted, file_name: &str, rows: &[Listed]) -> Result<GlobalId, Refused> {
    let (tenant, _, scope) = upload::tenant(actor)?;
    let (source, sponsorship) = payment(actor, tenant, &wanted.funding).await?;
    let member = actor.principal.member().ok_or(Refused::Denied(crate::policy::Denied::Unauthenticated))?;
    let items = items(actor, tenant, rows);
    let once = once(key, wanted);
    let mut transaction = actor.store.begin_in(&scope).await?;
    if let Some(answer) = once.claim(actor, &mut transaction).await? {
        transaction.rollback().await?;
        return job_of(&answer);
    }
    if let Err(refused) = job::room(actor, &mut transaction, Work::EnrollmentJob, tenant.id().unwrap_or_default()).await {
        transaction.rollback().await?;
        return Err(refused);
    }
    let id = actor.ids.next();
    let starter = (member.issuer, member.subject.as_str(), member.display_name.as_str());
    let reference = wanted.funding.reference();
    let job = enrollment_job::New { id, tenant, file_name, source, sponsorship, reference, starter, at: actor.clock.now() };
    enrollment_job::add(&mut transaction.connection(), &job, items).await?;
    once.settle(actor, &mut transaction, &id.to_string()).await?;
    let id = GlobalId::new(Kind::EnrollmentJob, id);
    log(actor, &mut transaction, tenant, id, "enrollmentJobStart", &["uploadToken", "funding"]).await?;
    transaction.commit().await?;
    Ok(id)
}

/// What pays, as the database names it, with payer and sponsorship.
async fn payment(actor: &Actor, tenant: Tenant, funding: &Funding) -> Result<(&'static str, Option<(Uuid, Uuid)>), Refused> {
    let is_business = matches!(tenant, Tenant::Business(_));
    match funding {
        Funding::Own | Funding::Aid(_) if is_business => {
            Err(UserError::at(UserErrorCode::Required, &["funding", "sponsorshipId"], "name the sponsorship that pays").into())
        }
        Funding::Own => Ok(("SELF_PAY", None)),
        Funding::Aid(_) => funding.wrong(&["funding"]).map_or(Ok(("FINANCIAL_AID", None)), |wrong| Err(wrong.into())),
        Funding::Voucher(_) => {
            let text = "a voucher pays for one place: name a sponsorship, or ask for each place alone";
            Err(UserError::at(UserErrorCode::Invalid, &["funding", "voucherCode"], text).into())
        }
        Funding::Sponsorship(id) => {
            let unknown = || hidden(&["funding", "sponsorshipId"]);
            let id = GlobalId::parse(id).filter(|id| id.kind == Kind::Sponsorship).ok_or_else(unknown)?.uuid;
            let row = actor.seen(&SPONSORSHIP, id).await?.ok_or_else(unknown)?;
            Ok(("SPONSORSHIP", Some((row.uuid("tenant_id")?.ok_or_else(unknown)?, id))))
        }
    }
}

/// The rows as they are written: those that can be told already have their outcome.
fn items(actor: &Actor, tenant: Tenant, rows: &[Listed]) -> Vec<NewItem> {
    let mut lines: HashMap<Cells, u64> = HashMap::new();
    let item = |row: &Listed| {
        let (cells, told) = match &row.cells {
            Err(problem) => (Cells::default(), Some((Outcome::Ineligible, problem.clone()))),
            Ok(cells) => (cells.clone(), told(tenant, row.line, cells, &mut lines)),
        };
        let outcome = told.map(|(outcome, problem)| (outcome, json(&[problem])));
        NewItem { id: actor.ids.next(), line: i64::try_from(row.line).unwrap_or(i64::MAX), cells, outcome }
    };
    rows.iter().map(item).collect()
}

/// What becomes of a row whatever the database says.
fn told(tenant: Tenant, line: u64, cells: &Cells, lines: &mut HashMap<Cells, u64>) -> Option<(Outcome, Problem)> {
    let ineligible = |code, column, text: &str| Some((Outcome::Ineligible, Problem::at(code, column, text)));
    let Some(offering) = &cells[OFFERING] else {
        return ineligible(UserErrorCode::Required, OFFERING, "name the offering by its identifier");
    };
    if GlobalId::parse(offering).is_none_or(|id| id.kind != Kind::Offering) {
        return Some((Outcome::Ineligible, Problem::hidden(OFFERING)));
    }
    let by_roster = cells[EMAIL].is_some() || cells[NUMBER].is_some();
    if !matches!(tenant, Tenant::Business(_)) && (by_roster || cells[EMPLOYEE].is_some()) {
        return ineligible(UserErrorCode::Invalid, LEARNER, NO_ROSTER);
    }
    match (cells[LEARNER].is_some(), cells[EMPLOYEE].is_some(), by_roster) {
        (true, false, false) | (false, true, false) | (false, false, true) => {}
        (false, false, false) => {
            return ineligible(UserErrorCode::Required, LEARNER, "name the person: by learnerId, employeeId, email or number");
        }
        _ => {
            return ineligible(
                UserErrorCode::Invalid,
                LEARNER,
                "name the person in one way: by learnerId, employeeId, or email and number",
            );
        }
    }
    if cells[NUMBER].as_deref().is_some_and(is_rounded) {
        return ineligible(UserErrorCode::Invalid, NUMBER, ROUNDED);
    }
    // Rows are the same if they name the same in the same columns; of addresses, large and small letters are one.
    let mut key = cells.clone();
    key[EMAIL] = key[EMAIL].take().map(|email| email.to_lowercase());
    let first = *lines.entry(key).or_insert(line);
    let text = || format!("the same person and offering stand in line {first}");
    (first != line).then(|| (Outcome::Duplicate, Problem::at(UserErrorCode::Taken, OFFERING, text())))
}

/// Problems as they are kept.
fn json(problems: &[Problem]) -> String {
    serde_json::to_string(problems).unwrap_or_else(|_| "[]".to_owned())
}
