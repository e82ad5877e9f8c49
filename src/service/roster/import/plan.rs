//! What an import comes to, before anything is written: a dry run ends here.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::super::guard;
use super::super::items::{self, Given, Item, Wrong};
use super::{COLUMNS, JOB_TITLE, NUMBER, ONET_CODE, SITE};
use crate::domain::id::{GlobalId, Kind};
use crate::domain::number::{ROUNDED, bare, is_rounded, zeros_lost};
use crate::domain::text::sort_key;
use crate::service::actor::Actor;
use crate::service::user_error::UserErrorCode;
use crate::store::import_job::{Counts, Job, NewProblem, RosterRow};
use crate::store::roster::{self, Entry};
use crate::store::sql::Connection;
use crate::store::{StoreError, Transaction};

/// What is to be done.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Entries that are new or change.
    pub changed: Vec<Entry>,
    /// Those that are invited anew, whose old codes are good no longer.
    pub invited_anew: Vec<Uuid>,
    /// Those who leave, and the learners among them.
    pub leaving: Vec<Uuid>,
    pub learners: Vec<Uuid>,
    pub problems: Vec<NewProblem>,
    pub counts: Counts,
    /// Why nothing of it is done.
    pub failure: Option<String>,
}

/// Something that is wrong with a row, by its place.
struct Said {
    place: usize,
    column: &'static str,
    code: UserErrorCode,
    message: String,
}

impl Said {
    fn of(place: usize, column: usize, message: impl Into<String>) -> Self {
        Self { place, column: COLUMNS[column], code: UserErrorCode::Invalid, message: message.into() }
    }

    /// As the check of items found it, told by the lines of the file.
    fn found(wrong: &Wrong, lines: &[i64]) -> Self {
        let column = if wrong.field == "siteId" { COLUMNS[SITE] } else { wrong.field };
        let (code, message) = match wrong.first.map(|first| lines[first]) {
            Some(line) if wrong.code == UserErrorCode::Invalid => {
                (UserErrorCode::Taken, format!("the same {column} stands in line {line}"))
            }
            Some(line) => (UserErrorCode::Taken, format!("the same person stands in line {line}")),
            None => (wrong.code, wrong.message.to_owned()),
        };
        Self { place: wrong.place, column, code, message }
    }
}

/// Plans an import of a business' roster, which nobody else changes meanwhile.
pub(super) async fn plan(
    actor: &Actor,
    transaction: &mut Transaction,
    business: Uuid,
    job: &Job,
    rows: Vec<RosterRow>,
) -> Result<Plan, StoreError> {
    let lines: Vec<i64> = rows.iter().map(|row| row.line).collect();
    let given: Vec<Given> = rows.iter().map(|row| given(&job.columns, row)).collect();
    let mut connection = transaction.connection();
    let (items, mut said) = read(&mut connection, business, rows).await?;
    let mut wrong = items::check(&items);
    items::check_sites(&mut connection, business, &items, &mut wrong).await?;
    let known = roster::entries(&mut connection, business, &items::numbers(&items), &items::addresses(&items)).await?;
    said.extend(spoiled(&mut connection, business, &items, &known).await?);
    let mut refused: HashSet<usize> = wrong.iter().map(|wrong| wrong.place).chain(said.iter().map(|said| said.place)).collect();
    let mut conflicts = Vec::new();
    let matched = items::matched(actor, &known, &items, (&refused, |place| given[place]), &mut conflicts);
    refused.extend(conflicts.iter().map(|wrong| wrong.place));
    said.extend(wrong.iter().chain(&conflicts).map(|wrong| Said::found(wrong, &lines)));
    said.sort_by_key(|said| said.place);
    let mut plan = Plan::default();
    plan.counts.rejected = refused.len();
    if job.terms.is_complete {
        if refused.is_empty() && job.rejected == 0 {
            let stays: HashSet<Uuid> = matched.iter().map(|item| item.entry.id).collect();
            let present = roster::present(&mut connection, business).await?;
            let leaving = || present.iter().filter(|(id, _)| !stays.contains(id));
            plan.leaving = leaving().map(|(id, _)| *id).collect();
            plan.learners = leaving().filter_map(|(_, learner)| *learner).collect();
            plan.counts.separated = plan.leaving.len();
        } else {
            plan.problems.push(nobody_left(actor));
        }
    }
    let problem = |said: Said| NewProblem {
        id: actor.ids.next(),
        line: lines[said.place],
        column: Some(said.column.to_owned()),
        code: said.code.name(),
        message: said.message,
        is_row: true,
    };
    plan.problems.extend(said.into_iter().map(problem));
    let changed = matched.into_iter().filter(|item| item.is_changed);
    for item in changed {
        if item.is_new {
            plan.counts.created += 1;
        } else {
            plan.counts.updated += 1;
        }
        if item.is_invited && !item.is_new {
            plan.invited_anew.push(item.entry.id);
        }
        plan.changed.push(item.entry);
    }
    let guard = guard(actor, transaction, business, plan.leaving.len(), job.terms.is_confirmed).await?;
    if let Some(text) = guard {
        plan.failure = Some(format!("{text}; nothing was written"));
        plan.counts = Counts { rejected: plan.counts.rejected, ..Counts::default() };
    }
    Ok(plan)
}

/// Which columns a row has.
fn given(columns: &str, row: &RosterRow) -> Given {
    let is_in = |names: &str, column: usize| names.split(' ').any(|name| name == COLUMNS[column]);
    let has = |column| is_in(columns, column) && !is_in(&row.lacks, column);
    Given { job_title: has(JOB_TITLE), onet_code: has(ONET_CODE), site: has(SITE) }
}

/// What is said of a complete roster with rows that were refused.
fn nobody_left(actor: &Actor) -> NewProblem {
    let message =
        "nobody was separated: a row that was refused may name somebody who works there; mend the rows and import the whole file again";
    NewProblem {
        id: actor.ids.next(),
        line: 1,
        column: None,
        code: UserErrorCode::NotEligible.name(),
        message: message.to_owned(),
        is_row: false,
    }
}

/// The rows as items, their sites by identifier; and what is wrong with names of sites.
async fn read(connection: &mut Connection<'_>, business: Uuid, rows: Vec<RosterRow>) -> Result<(Vec<Item>, Vec<Said>), StoreError> {
    let mut sites: HashMap<String, Vec<Uuid>> = HashMap::new();
    if rows.iter().any(|row| row.cells[SITE].is_some()) {
        for (name, id) in roster::named_sites(connection, business).await?.into_iter().filter(|(name, _)| !name.is_empty()) {
            sites.entry(name).or_default().push(id);
        }
    }
    let mut said = Vec::new();
    let mut item = |(place, row): (usize, RosterRow)| {
        let [name, email, number, job_title, onet_code, site] = row.cells;
        let site = site.and_then(|text| match sites.get(&sort_key(&text)).map(Vec::as_slice) {
            _ if GlobalId::parse(&text).is_some() => Some(text),
            Some([only]) => Some(GlobalId::new(Kind::BusinessSite, *only).to_string()),
            Some(_) => {
                said.push(Said::of(place, SITE, "several sites have this name: give the identifier of one"));
                None
            }
            None => Some(text),
        });
        Item { number, name: name.unwrap_or_default(), email: email.unwrap_or_default(), job_title, onet_code, site }
    };
    let items = rows.into_iter().enumerate().map(&mut item).collect();
    Ok((items, said))
}

/// Numbers that a spreadsheet has changed, as far as that can be seen.
async fn spoiled(connection: &mut Connection<'_>, business: Uuid, items: &[Item], known: &[Entry]) -> Result<Vec<Said>, StoreError> {
    let present: HashSet<&str> =
        known.iter().filter(|entry| entry.status != "SEPARATED").filter_map(|entry| entry.number.as_deref()).collect();
    let numbers = items.iter().enumerate().filter_map(|(place, item)| Some((place, item.number()?)));
    let unknown: Vec<(usize, &str)> = numbers.filter(|(_, number)| !present.contains(number)).collect();
    let wanted: Vec<String> = unknown.iter().filter_map(|(_, number)| bare(number)).map(str::to_owned).collect();
    let zeroed = roster::zeroed(connection, business, &wanted).await?;
    let wrong = |(place, number): (usize, &str)| {
        if is_rounded(number) {
            return Some(Said::of(place, NUMBER, ROUNDED));
        }
        bare(number).and_then(|bare| zeroed.get(bare)).map(|known| Said::of(place, NUMBER, zeros_lost(known)))
    };
    Ok(unknown.into_iter().filter_map(wrong).collect())
}
