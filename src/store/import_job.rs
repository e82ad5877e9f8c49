//! Files that are imported in the background, what their rows say until they are worked off, and what was wrong with any of them.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::business::BUSINESS;
use super::change::{Value, insert, update};
use super::error::StoreError;
use super::job::{self, Work};
use super::noun::{Edge, List, Noun, OPEN, Sort, by, column, edge, made, plain};
use super::row::Cell;
use super::sql::{Connection, Sql, Type};
use super::wall::Wall;
use super::write::{Target, upsert};
use crate::domain::id::Kind;
use crate::domain::tenant::Tenant;

/// An import.
pub static IMPORT_JOB: Noun = Noun {
    name: "ImportJob",
    kind: Some(Kind::ImportJob),
    table: "import_job",
    columns: &[
        column("id", Type::Uuid),
        column("tenant_id", Type::Uuid),
        column("kind", Type::Text),
        column("state", Type::Text),
        column("failure", Type::Text),
        column("file_name", Type::Text),
        column("is_dry_run", Type::Boolean),
        column("is_complete", Type::Boolean),
        column("rows_read", Type::Integer),
        column("rows_created", Type::Integer),
        column("rows_updated", Type::Integer),
        column("rows_separated", Type::Integer),
        column("rows_rejected", Type::Integer),
        column("created_at", Type::Instant),
        column("finished_at", Type::Instant),
    ],
    fields: &[
        plain(&["id"]),
        plain(&["kind"]),
        plain(&["state"]),
        plain(&["failure"]),
        plain(&["file_name"]),
        plain(&["is_dry_run"]),
        plain(&["is_complete"]),
        plain(&["rows_read"]),
        plain(&["rows_created"]),
        plain(&["rows_updated"]),
        plain(&["rows_separated"]),
        plain(&["rows_rejected"]),
        plain(&["created_at"]),
        plain(&["finished_at"]),
        edge("tenant", &Edge::One { column: "tenant_id", target: &BUSINESS, key: "id", named: true, always: true }),
        edge("problems", &Edge::Page { target: &IMPORT_PROBLEM, column: "id", on: "t.job_id = p.id", private: true }),
    ],
    public: OPEN,
    wall: Wall::Business,
    list: Some(&List { sorts: &[Sort { name: "NEWEST", by: by("t.created_at", Type::Instant), descending: true }], search: None }),
};

/// What was wrong with a row, or with a file.
pub static IMPORT_PROBLEM: Noun = Noun {
    name: "ImportProblem",
    kind: None,
    table: "import_problem",
    columns: &[
        column("id", Type::Uuid),
        column("tenant_id", Type::Uuid),
        column("file", Type::Text),
        column("line", Type::Integer),
        column("column_name", Type::Text),
        column("code", Type::Text),
        column("message", Type::Text),
    ],
    fields: &[plain(&["file"]), plain(&["line"]), made("column", &["column_name"]), plain(&["code"]), plain(&["message"])],
    public: OPEN,
    wall: Wall::Business,
    list: Some(&List { sorts: &[Sort { name: "LINE", by: by("t.line", Type::Integer), descending: false }], search: None }),
};

/// Most columns of a row.
pub const CELLS: usize = 6;

/// A row as it was written: name, address, number, job title, code of the occupation and site.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RosterRow {
    /// Line of the file.
    pub line: i64,
    /// What it says.
    pub cells: [Option<String>; CELLS],
    /// Names of columns that the file has and this row has not, separated by spaces.
    pub lacks: String,
}

const ROW: Target = Target {
    table: "import_row",
    key: 0,
    columns: &[
        ("tenant_id", Type::Uuid),
        ("job_id", Type::Uuid),
        ("line", Type::Integer),
        ("name", Type::Text),
        ("email", Type::Text),
        ("number", Type::Text),
        ("job_title", Type::Text),
        ("onet_code", Type::Text),
        ("site", Type::Text),
        ("lacks", Type::Text),
    ],
};

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewProblem {
    /// Key.
    pub id: Uuid,
    /// Line of the file.
    pub line: i64,
    /// The column at fault.
    pub column: Option<String>,
    /// The reason, as the schema names it.
    pub code: &'static str,
    /// A sentence for a person, with the remedy.
    pub message: String,
    /// Whether a row was refused for it.
    pub is_row: bool,
}

const PROBLEM: Target = Target {
    table: "import_problem",
    key: 0,
    columns: &[
        ("tenant_id", Type::Uuid),
        ("id", Type::Uuid),
        ("job_id", Type::Uuid),
        ("file", Type::Text),
        ("line", Type::Integer),
        ("column_name", Type::Text),
        ("code", Type::Text),
        ("message", Type::Text),
        ("is_row", Type::Boolean),
    ],
};

/// How an import is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// Whether it only checks.
    pub is_dry_run: bool,
    /// Whether the file names everybody.
    pub is_complete: bool,
    /// Whether it is meant that many leave.
    pub is_confirmed: bool,
}

/// An import that begins.
#[derive(Debug, Clone)]
pub struct New<'a> {
    /// Key.
    pub id: Uuid,
    /// Whose it is.
    pub tenant: Tenant,
    /// What the file holds, as the schema names it.
    pub kind: &'static str,
    /// Name of the file.
    pub file_name: &'a str,
    /// Names of the columns that it has, separated by spaces.
    pub columns: &'a str,
    /// How it is to be done.
    pub terms: Terms,
    /// Issuer, subject and name of whoever starts it.
    pub starter: (Uuid, &'a str, &'a str),
    /// When.
    pub at: DateTime<Utc>,
}

/// Adds an import with its rows, for whoever works; those that cannot be read are refused already, each with its problem.
pub async fn add(
    connection: &mut Connection<'_>,
    new: &New<'_>,
    rows: Vec<RosterRow>,
    problems: Vec<NewProblem>,
) -> Result<(), StoreError> {
    let tenant = new.tenant.id().unwrap_or_default();
    let text = |text: &str| Cell::Text(text.into());
    let number = |number: usize| Cell::Integer(i64::try_from(number).unwrap_or(i64::MAX));
    let values: Vec<Value> = vec![
        ("tenant_id", Type::Uuid, Cell::Uuid(tenant)),
        ("id", Type::Uuid, Cell::Uuid(new.id)),
        ("kind", Type::Text, text(new.kind)),
        ("state", Type::Text, text("QUEUED")),
        ("file_name", Type::Text, text(new.file_name)),
        ("column_names", Type::Text, text(new.columns)),
        ("is_dry_run", Type::Boolean, Cell::Boolean(new.terms.is_dry_run)),
        ("is_complete", Type::Boolean, Cell::Boolean(new.terms.is_complete)),
        ("is_confirmed", Type::Boolean, Cell::Boolean(new.terms.is_confirmed)),
        ("issuer", Type::Uuid, Cell::Uuid(new.starter.0)),
        ("subject", Type::Text, text(new.starter.1)),
        ("actor_name", Type::Text, text(new.starter.2)),
        ("rows_read", Type::Integer, number(rows.len() + problems.len())),
        ("rows_rejected", Type::Integer, number(problems.len())),
        ("created_at", Type::Instant, Cell::Instant(new.at)),
    ];
    insert(connection, "import_job", values).await?;
    let row = |row: RosterRow| {
        let mut cells = vec![Cell::Uuid(tenant), Cell::Uuid(new.id), Cell::Integer(row.line)];
        cells.extend(row.cells.into_iter().map(|cell| cell.map_or(Cell::Null, |cell| Cell::Text(cell.into()))));
        cells.push(Cell::Text(row.lacks.into()));
        cells
    };
    upsert(connection, ROW, rows.into_iter().map(row).collect()).await?;
    complain(connection, (tenant, new.id), new.file_name, problems).await?;
    job::offer(connection, Work::ImportJob, new.tenant, new.id).await
}

/// Adds what is wrong.
pub async fn complain(
    connection: &mut Connection<'_>,
    (tenant, job): (Uuid, Uuid),
    file: &str,
    problems: Vec<NewProblem>,
) -> Result<(), StoreError> {
    let row = |problem: NewProblem| {
        vec![
            Cell::Uuid(tenant),
            Cell::Uuid(problem.id),
            Cell::Uuid(job),
            Cell::Text(file.into()),
            Cell::Integer(problem.line),
            problem.column.map_or(Cell::Null, |column| Cell::Text(column.into())),
            Cell::Text(problem.code.into()),
            Cell::Text(problem.message.into()),
            Cell::Boolean(problem.is_row),
        ]
    };
    upsert(connection, PROBLEM, problems.into_iter().map(row).collect()).await
}

/// An import as its worker reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Name of the file.
    pub file_name: String,
    /// Names of the columns that it has, separated by spaces.
    pub columns: String,
    /// How it is to be done.
    pub terms: Terms,
    /// Rows that were refused when the file was read.
    pub rejected: i64,
    /// Issuer, subject and name of whoever started it.
    pub starter: (Uuid, String, String),
    /// When it was started.
    pub at: DateTime<Utc>,
}

/// An import that has not ended.
pub async fn open(connection: &mut Connection<'_>, tenant: Uuid, id: Uuid) -> Result<Option<Job>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.file_name, t.column_names, t.is_dry_run, t.is_complete, t.is_confirmed, t.rows_rejected, t.issuer, t.subject, t.actor_name, t.created_at FROM import_job t WHERE t.finished_at IS NULL AND t.tenant_id = ");
    sql.bind(Type::Uuid, Cell::Uuid(tenant)).push(" AND t.id = ").bind(Type::Uuid, Cell::Uuid(id));
    let types = [
        Type::Text,
        Type::Text,
        Type::Boolean,
        Type::Boolean,
        Type::Boolean,
        Type::Integer,
        Type::Uuid,
        Type::Text,
        Type::Text,
        Type::Instant,
    ];
    let rows = connection.fetch(sql, &types).await?;
    let read = |cells: &Vec<Cell>| {
        let text = |place: usize| cells[place].text().map(str::to_owned);
        let is = |place: usize| cells[place] == Cell::Boolean(true);
        let Cell::Instant(at) = cells[9] else { return None };
        Some(Job {
            file_name: text(0)?,
            columns: text(1)?,
            terms: Terms { is_dry_run: is(2), is_complete: is(3), is_confirmed: is(4) },
            rejected: cells[5].integer()?,
            starter: (cells[6].uuid()?, text(7)?, text(8)?),
            at,
        })
    };
    Ok(rows.first().and_then(read))
}

/// The rows of an import that can be read, in the order of the file.
pub async fn rows(connection: &mut Connection<'_>, tenant: Uuid, job: Uuid) -> Result<Vec<RosterRow>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.line, t.name, t.email, t.number, t.job_title, t.onet_code, t.site, t.lacks FROM import_row t WHERE t.tenant_id = ");
    sql.bind(Type::Uuid, Cell::Uuid(tenant)).push(" AND t.job_id = ").bind(Type::Uuid, Cell::Uuid(job)).push(" ORDER BY t.line");
    let types = [&[Type::Integer][..], &[Type::Text; CELLS + 1][..]].concat();
    let rows = connection.fetch(sql, &types).await?;
    let read = |cells: &Vec<Cell>| {
        let cell = |place: usize| cells[place + 1].text().map(str::to_owned);
        Some(RosterRow { line: cells[0].integer()?, cells: std::array::from_fn(cell), lacks: cell(CELLS)? })
    };
    Ok(rows.iter().filter_map(read).collect())
}

/// How many rows came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Entries that were added.
    pub created: usize,
    /// Entries that were changed.
    pub updated: usize,
    /// Entries of people who left.
    pub separated: usize,
    /// Rows that were refused when they were worked off.
    pub rejected: usize,
}

/// Counts what an import that has ended came to; `before` were refused when the file was read.
pub async fn count(connection: &mut Connection<'_>, job: Uuid, counts: Counts, before: i64) -> Result<(), StoreError> {
    let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let values = vec![
        ("rows_created", Type::Integer, Cell::Integer(number(counts.created))),
        ("rows_updated", Type::Integer, Cell::Integer(number(counts.updated))),
        ("rows_separated", Type::Integer, Cell::Integer(number(counts.separated))),
        ("rows_rejected", Type::Integer, Cell::Integer(before + number(counts.rejected))),
    ];
    if update(connection, "import_job", job, values).await? { Ok(()) } else { Err(StoreError::Moved) }
}
