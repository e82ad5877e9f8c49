//! Work in the background, and who works on what.
//!
//! Whoever works on a job has it to itself until a moment by the database's clock, and holds the row that says so in each transaction: nobody else begins with it meanwhile, and
//! whoever lost it writes nothing more.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::error::StoreError;
use super::row::Cell;
use super::sql::{Connection, Dialect, Sql, Type};
use super::upload::tenant_of;
use super::{Store, on_connection};
use crate::domain::tenant::Tenant;

/// A sort of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Lists of places.
    EnrollmentJob,
    /// Imports.
    ImportJob,
}

impl Work {
    /// The table of those that have not ended.
    const fn leases(self) -> &'static str {
        match self {
            Self::EnrollmentJob => "job_lease",
            Self::ImportJob => "import_lease",
        }
    }

    /// The table of all.
    pub(crate) const fn jobs(self) -> &'static str {
        match self {
            Self::EnrollmentJob => "enrollment_job",
            Self::ImportJob => "import_job",
        }
    }
}

/// How a job ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End<'a> {
    /// All of it is done.
    Succeeded,
    /// It could not go on; why.
    Failed(&'a str),
    /// Somebody stopped it.
    Cancelled,
}

/// Hands a job to whoever works.
pub async fn offer(connection: &mut Connection<'_>, work: Work, tenant: Tenant, job: Uuid) -> Result<(), StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("INSERT INTO ").push(work.leases()).push(" (job, tenant, is_business, until) VALUES (").bind(Type::Uuid, Cell::Uuid(job));
    sql.push(", ").bind(Type::Uuid, Cell::Uuid(tenant.id().unwrap_or_default())).push(", ");
    sql.bind(Type::Boolean, Cell::Boolean(matches!(tenant, Tenant::Business(_))));
    sql.push(", ").push(connection.dialect().clock()).push(")");
    connection.execute(sql).await.map(|_| ())
}

/// How many jobs of a tenant have not ended.
pub async fn count(connection: &mut Connection<'_>, work: Work, tenant: Uuid) -> Result<u64, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT count(*) FROM ").push(work.leases()).push(" l WHERE l.tenant = ").bind(Type::Uuid, Cell::Uuid(tenant));
    let rows = connection.fetch(sql, &[Type::Long]).await?;
    Ok(rows.first().and_then(|cells| cells[0].integer()).unwrap_or_default().unsigned_abs())
}

/// Keeps a job for its worker, in the transaction in which it works; whether it still has it.
pub async fn keep(connection: &mut Connection<'_>, work: Work, job: Uuid, owner: Uuid, lease_ms: u64) -> Result<bool, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("UPDATE ").push(work.leases()).push(" SET failures = 0, until = ");
    until(&mut sql, lease_ms);
    sql.push(" WHERE job = ").bind(Type::Uuid, Cell::Uuid(job)).push(" AND owner = ").bind(Type::Uuid, Cell::Uuid(owner));
    Ok(connection.execute(sql).await? == 1)
}

/// Ends a job; whether it had not ended. Whoever works on it has finished the transaction that is under way.
pub async fn end(
    connection: &mut Connection<'_>,
    work: Work,
    (tenant, job): (Uuid, Uuid),
    end: End<'_>,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("DELETE FROM ").push(work.leases()).push(" WHERE job = ").bind(Type::Uuid, Cell::Uuid(job));
    connection.execute(sql).await?;
    if work == Work::ImportJob {
        // Nobody needs what the file said any more.
        let mut sql = Sql::new(connection.dialect());
        sql.push("DELETE FROM import_row WHERE tenant_id = ").bind(Type::Uuid, Cell::Uuid(tenant));
        sql.push(" AND job_id = ").bind(Type::Uuid, Cell::Uuid(job));
        connection.execute(sql).await?;
    }
    let (state, failure) = match end {
        End::Succeeded => ("SUCCEEDED", None),
        End::Failed(why) => ("FAILED", Some(why)),
        End::Cancelled => ("CANCELLED", None),
    };
    let mut sql = Sql::new(connection.dialect());
    sql.push("UPDATE ").push(work.jobs()).push(" SET state = ").text(state).push(", failure = ");
    sql.bind(Type::Text, failure.map_or(Cell::Null, |why| Cell::Text(why.into())));
    sql.push(", finished_at = ").bind(Type::Instant, Cell::Instant(now)).push(" WHERE finished_at IS NULL AND tenant_id = ");
    sql.bind(Type::Uuid, Cell::Uuid(tenant)).push(" AND id = ").bind(Type::Uuid, Cell::Uuid(job));
    Ok(connection.execute(sql).await? == 1)
}

/// Adds the moment until which a worker has a job to itself.
fn until(sql: &mut Sql, lease_ms: u64) {
    match sql.dialect() {
        Dialect::Postgres => sql.push(&format!("clock_timestamp() + interval '{lease_ms} milliseconds'")),
        Dialect::Sqlite => {
            let seconds = format!("{}.{:03}", lease_ms / 1000, lease_ms % 1000);
            sql.push(&format!("(strftime('%Y-%m-%dT%H:%M:%f', 'now', '+{seconds} seconds') || '000+00:00')"))
        }
    };
}

impl Store {
    /// A job for a worker: the one that was worked on the longest time ago, of its own and of those that nobody has. `None` when there is none.
    pub async fn claim_job(&self, work: Work, owner: Uuid, lease_ms: u64) -> Result<Option<(Tenant, Uuid)>, StoreError> {
        on_connection!(self, connection => {
            let open = |sql: &mut Sql| {
                let clock = sql.dialect().clock();
                sql.push("SELECT l.job FROM ").push(work.leases()).push(" l WHERE l.owner = ").bind(Type::Uuid, Cell::Uuid(owner));
                sql.push(" OR l.until <= ").push(clock).push(" ORDER BY l.until, l.job LIMIT 1");
            };
            // Looking costs nobody a lock.
            let mut sql = Sql::new(connection.dialect());
            open(&mut sql);
            if connection.fetch(sql, &[Type::Uuid]).await?.is_empty() {
                return Ok(None);
            }
            let mut sql = Sql::new(connection.dialect());
            sql.push("UPDATE ").push(work.leases()).push(" SET owner = ").bind(Type::Uuid, Cell::Uuid(owner)).push(", until = ");
            until(&mut sql, lease_ms);
            sql.push(" WHERE job = (");
            open(&mut sql);
            if connection.dialect() == Dialect::Postgres {
                sql.push(" FOR UPDATE SKIP LOCKED");
            }
            sql.push(") RETURNING tenant, is_business, job");
            let rows = connection.fetch(sql, &[Type::Uuid, Type::Boolean, Type::Uuid]).await?;
            let read = |cells: &Vec<Cell>| Some((tenant_of(cells[0].uuid()?, cells[1] == Cell::Boolean(true)), cells[2].uuid()?));
            Ok(rows.first().and_then(read))
        })
    }

    /// Notes that a worker failed with a job; how often in a row. Until that is `most` it rests, for longer each time, and is anybody's afterwards.
    pub async fn failed_job(&self, work: Work, job: Uuid, owner: Uuid, most: i64) -> Result<i64, StoreError> {
        on_connection!(self, connection => {
            let mut sql = Sql::new(connection.dialect());
            sql.push("UPDATE ").push(work.leases()).push(" SET failures = failures + 1 WHERE job = ").bind(Type::Uuid, Cell::Uuid(job));
            sql.push(" AND owner = ").bind(Type::Uuid, Cell::Uuid(owner)).push(" RETURNING failures");
            let rows = connection.fetch(sql, &[Type::Integer]).await?;
            let failures = rows.first().and_then(|cells| cells[0].integer()).unwrap_or_default();
            if (1..most).contains(&failures) {
                let mut sql = Sql::new(connection.dialect());
                sql.push("UPDATE ").push(work.leases()).push(" SET owner = NULL, until = ");
                until(&mut sql, (500_u64 << failures.min(7)).min(60_000));
                sql.push(" WHERE job = ").bind(Type::Uuid, Cell::Uuid(job)).push(" AND owner = ").bind(Type::Uuid, Cell::Uuid(owner));
                connection.execute(sql).await?;
            }
            Ok(failures)
        })
    }
}
