//! Lists of places that are worked off in the background.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::change::{Value, insert};
use super::enrollment::ENROLLMENT;
use super::error::StoreError;
use super::filter::{and_any, texts};
use super::job::{self, Work};
use super::noun::{Edge, List, Noun, OPEN, Sort, by, column, edge, made, plain};
use super::row::Cell;
use super::sponsorship::SPONSORSHIP;
use super::sql::{Connection, Sql, Type};
use super::wall::Wall;
use super::write::{Target, upsert};
use crate::domain::id::Kind;
use crate::domain::job::Outcome;
use crate::domain::tenant::Tenant;

/// A list of places.
pub static ENROLLMENT_JOB: Noun = Noun {
    name: "EnrollmentJob",
    kind: Some(Kind::EnrollmentJob),
    table: "enrollment_job",
    columns: &[
        column("id", Type::Uuid),
        column("tenant_id", Type::Uuid),
        column("state", Type::Text),
        column("failure", Type::Text),
        column("file_name", Type::Text),
        column("sponsorship_id", Type::Uuid),
        column("row_count", Type::Integer),
        column("done_count", Type::Integer),
        column("enrolled_count", Type::Integer),
        column("waitlisted_count", Type::Integer),
        column("requested_count", Type::Integer),
        column("pending_count", Type::Integer),
        column("duplicate_count", Type::Integer),
        column("ineligible_count", Type::Integer),
        column("created_at", Type::Instant),
        column("finished_at", Type::Instant),
    ],
    fields: &[
        plain(&["id"]),
        plain(&["state"]),
        plain(&["failure"]),
        plain(&["file_name"]),
        plain(&["row_count"]),
        plain(&["done_count"]),
        plain(&["enrolled_count"]),
        plain(&["waitlisted_count"]),
        plain(&["requested_count"]),
        plain(&["pending_count"]),
        plain(&["duplicate_count"]),
        plain(&["ineligible_count"]),
        plain(&["created_at"]),
        plain(&["finished_at"]),
        edge("sponsorship", &Edge::One { column: "sponsorship_id", target: &SPONSORSHIP, key: "id", named: true, always: false }),
        edge("items", &Edge::Page { target: &ENROLLMENT_JOB_ITEM, column: "id", on: "t.job_id = p.id", private: true }),
    ],
    public: OPEN,
    wall: Wall::Business,
    list: Some(&List { sorts: &[Sort { name: "NEWEST", by: by("t.created_at", Type::Instant), descending: true }], search: None }),
};

/// A row of a list.
pub static ENROLLMENT_JOB_ITEM: Noun = Noun {
    name: "EnrollmentJobItem",
    kind: None,
    table: "enrollment_job_item",
    columns: &[
        column("id", Type::Uuid),
        column("tenant_id", Type::Uuid),
        column("line", Type::Integer),
        column("outcome", Type::Text),
        column("enrollment_id", Type::Uuid),
        column("problems", Type::Text),
    ],
    fields: &[
        plain(&["line"]),
        plain(&["outcome"]),
        made("problems", &["problems"]),
        edge("enrollment", &Edge::One { column: "enrollment_id", target: &ENROLLMENT, key: "id", named: true, always: false }),
    ],
    public: OPEN,
    wall: Wall::Business,
    list: Some(&List { sorts: &[Sort { name: "LINE", by: by("t.line", Type::Integer), descending: false }], search: None }),
};

/// Conditions on rows of a list.
#[derive(Debug, Clone, Default)]
pub struct ItemFilter {
    /// Outcomes, as the schema names them.
    pub outcomes: Option<Vec<&'static str>>,
}

impl ItemFilter {
    pub(super) fn write(&self, sql: &mut Sql) {
        and_any(sql, "t.outcome", Type::Text, self.outcomes.as_deref().map(texts));
    }
}

/// A job that begins.
#[derive(Debug, Clone)]
pub struct New<'a> {
    /// Key.
    pub id: Uuid,
    /// Whose it is.
    pub tenant: Tenant,
    /// Name of the file.
    pub file_name: &'a str,
    /// What pays, as the database names it.
    pub source: &'static str,
    /// Payer and sponsorship.
    pub sponsorship: Option<(Uuid, Uuid)>,
    /// What names the aid that pays.
    pub reference: Option<&'a str>,
    /// Issuer, subject and name of whoever starts it.
    pub starter: (Uuid, &'a str, &'a str),
    /// When.
    pub at: DateTime<Utc>,
}

/// A row as it is written first.
#[derive(Debug, Clone, Default)]
pub struct NewItem {
    /// Key.
    pub id: Uuid,
    /// Line of the file.
    pub line: i64,
    /// Offering, learner, employee, address and number, as they were written.
    pub cells: [Option<String>; 5],
    /// What becomes of it, where that can be told already, with the problems as JSON.
    pub outcome: Option<(Outcome, String)>,
}

const ITEM: Target = Target {
    table: "enrollment_job_item",
    key: 0,
    columns: &[
        ("tenant_id", Type::Uuid),
        ("id", Type::Uuid),
        ("job_id", Type::Uuid),
        ("line", Type::Integer),
        ("offering", Type::Text),
        ("learner", Type::Text),
        ("employee", Type::Text),
        ("email", Type::Text),
        ("number", Type::Text),
        ("outcome", Type::Text),
        ("problems", Type::Text),
    ],
};

/// How many rows came to each outcome, in the order of [`Outcome::ALL`].
pub type Counts = [i64; Outcome::ALL.len()];

/// Counts a row.
pub fn tally(counts: &mut Counts, outcome: Outcome) {
    counts[outcome as usize] += 1;
}

/// Adds a job with its rows, for whoever works.
pub async fn add(connection: &mut Connection<'_>, job: &New<'_>, items: Vec<NewItem>) -> Result<(), StoreError> {
    let tenant = job.tenant.id().unwrap_or_default();
    let mut counts = Counts::default();
    items.iter().filter_map(|item| item.outcome.as_ref()).for_each(|(outcome, _)| tally(&mut counts, *outcome));
    let number = |number: i64| Cell::Integer(number);
    let rows = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let text = |text: &str| Cell::Text(text.into());
    let mut values: Vec<Value> = vec![
        ("tenant_id", Type::Uuid, Cell::Uuid(tenant)),
        ("id", Type::Uuid, Cell::Uuid(job.id)),
        ("state", Type::Text, text("QUEUED")),
        ("file_name", Type::Text, text(job.file_name)),
        ("source", Type::Text, text(job.source)),
        ("payer_id", Type::Uuid, job.sponsorship.map_or(Cell::Null, |(payer, _)| Cell::Uuid(payer))),
        ("sponsorship_id", Type::Uuid, job.sponsorship.map_or(Cell::Null, |(_, id)| Cell::Uuid(id))),
        ("aid_reference", Type::Text, job.reference.map_or(Cell::Null, text)),
        ("issuer", Type::Uuid, Cell::Uuid(job.starter.0)),
        ("subject", Type::Text, text(job.starter.1)),
        ("actor_name", Type::Text, text(job.starter.2)),
        ("row_count", Type::Integer, number(rows)),
        ("done_count", Type::Integer, number(counts.iter().sum())),
        ("created_at", Type::Instant, Cell::Instant(job.at)),
    ];
    values.extend(COUNTED.iter().zip(counts).map(|(name, count)| (*name, Type::Integer, number(count))));
    insert(connection, "enrollment_job", values).await?;
    let maybe = |text: Option<String>| text.map_or(Cell::Null, |text| Cell::Text(text.into()));
    let row = |item: NewItem| {
        let mut cells = vec![Cell::Uuid(tenant), Cell::Uuid(item.id), Cell::Uuid(job.id), number(item.line)];
        cells.extend(item.cells.into_iter().map(maybe));
        let (outcome, problems) = item.outcome.map_or((None, None), |(outcome, problems)| (Some(outcome), Some(problems)));
        cells.extend([outcome.map_or(Cell::Null, |outcome| text(outcome.name())), maybe(problems)]);
        cells
    };
    upsert(connection, ITEM, items.into_iter().map(row).collect()).await?;
    job::offer(connection, Work::EnrollmentJob, job.tenant, job.id).await
}

/// The columns that count outcomes, in the order of [`Outcome::ALL`].
const COUNTED: [&str; Outcome::ALL.len()] =
    ["enrolled_count", "waitlisted_count", "requested_count", "pending_count", "duplicate_count", "ineligible_count"];

/// A job as its worker reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// What pays, as the database names it.
    pub source: String,
    /// Payer and sponsorship.
    pub sponsorship: Option<(Uuid, Uuid)>,
    /// What names the aid that pays.
    pub reference: Option<String>,
    /// Issuer, subject and name of whoever started it.
    pub starter: (Uuid, String, String),
    /// When it was started.
    pub at: DateTime<Utc>,
}

/// A job that has not ended.
pub async fn open(connection: &mut Connection<'_>, tenant: Uuid, id: Uuid) -> Result<Option<Job>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.source, t.payer_id, t.sponsorship_id, t.issuer, t.subject, t.actor_name, t.aid_reference, t.created_at FROM enrollment_job t WHERE t.finished_at IS NULL AND t.tenant_id = ");
    sql.bind(Type::Uuid, Cell::Uuid(tenant)).push(" AND t.id = ").bind(Type::Uuid, Cell::Uuid(id));
    let types = [Type::Text, Type::Uuid, Type::Uuid, Type::Uuid, Type::Text, Type::Text, Type::Text, Type::Instant];
    let rows = connection.fetch(sql, &types).await?;
    let read = |cells: &Vec<Cell>| {
        let Cell::Instant(at) = cells[7] else { return None };
        Some(Job {
            source: cells[0].text()?.to_owned(),
            sponsorship: cells[1].uuid().zip(cells[2].uuid()),
            starter: (cells[3].uuid()?, cells[4].text()?.to_owned(), cells[5].text()?.to_owned()),
            reference: cells[6].text().map(str::to_owned),
            at,
        })
    };
    Ok(rows.first().and_then(read))
}

/// A row that has no outcome yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Key.
    pub id: Uuid,
    /// Offering, learner, employee, address and number, as they were written.
    pub cells: [Option<String>; 5],
}

/// The next rows without an outcome, in the order of the file.
pub async fn next(connection: &mut Connection<'_>, job: Uuid, most: u32) -> Result<Vec<Item>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.id, t.offering, t.learner, t.employee, t.email, t.number FROM enrollment_job_item t WHERE t.outcome IS NULL AND t.job_id = ");
    sql.bind(Type::Uuid, Cell::Uuid(job)).push(&format!(" ORDER BY t.line, t.id LIMIT {most}"));
    let rows = connection.fetch(sql, &[Type::Uuid, Type::Text, Type::Text, Type::Text, Type::Text, Type::Text]).await?;
    let read = |cells: &Vec<Cell>| {
        let text = |place: usize| cells[place].text().map(str::to_owned);
        Some(Item { id: cells[0].uuid()?, cells: [text(1), text(2), text(3), text(4), text(5)] })
    };
    Ok(rows.iter().filter_map(read).collect())
}

/// Gives a row its one outcome.
pub async fn settle(
    connection: &mut Connection<'_>,
    tenant: Uuid,
    item: Uuid,
    outcome: Outcome,
    (enrollment, problems): (Option<Uuid>, Option<&str>),
) -> Result<(), StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("UPDATE enrollment_job_item SET outcome = ").text(outcome.name()).push(", enrollment_id = ");
    sql.bind(Type::Uuid, enrollment.map_or(Cell::Null, Cell::Uuid)).push(", problems = ");
    sql.bind(Type::Text, problems.map_or(Cell::Null, |problems| Cell::Text(problems.into())));
    sql.push(" WHERE outcome IS NULL AND tenant_id = ").bind(Type::Uuid, Cell::Uuid(tenant));
    sql.push(" AND id = ").bind(Type::Uuid, Cell::Uuid(item));
    if connection.execute(sql).await? == 1 { Ok(()) } else { Err(StoreError::Moved) }
}

/// Counts the rows that were worked off.
pub async fn count(connection: &mut Connection<'_>, tenant: Uuid, job: Uuid, counts: &Counts) -> Result<(), StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("UPDATE enrollment_job SET state = 'RUNNING', done_count = done_count + ");
    sql.bind(Type::Integer, Cell::Integer(counts.iter().sum()));
    for (name, count) in COUNTED.iter().zip(counts) {
        sql.push(", ").push(name).push(" = ").push(name).push(" + ").bind(Type::Integer, Cell::Integer(*count));
    }
    sql.push(" WHERE tenant_id = ").bind(Type::Uuid, Cell::Uuid(tenant)).push(" AND id = ").bind(Type::Uuid, Cell::Uuid(job));
    connection.execute(sql).await.map(|_| ())
}
