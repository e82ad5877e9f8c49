//! Concord's database schema, one step a file, for `PostgreSQL` and `SQLite` alike.
//!
//! A step is plain SQL in which `{uuid}`, `{instant}`, `{date}` and `{sorted}` stand for the column types that the two databases name differently (see
//! [`Step::statements`]). Steps are only ever added; what a released step says never changes. `README.md` beside this folder tells how to write one.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseBackend};

/// Every step, oldest first. The names are what a database remembers of itself.
const STEPS: &[Step] = &[
    Step::both("m0001_reference", include_str!("steps/0001_reference.sql")),
    Step::both("m0002_tenant", include_str!("steps/0002_tenant.sql")),
    Step::both("m0003_catalog", include_str!("steps/0003_catalog.sql")),
    Step::both("m0004_offering", include_str!("steps/0004_offering.sql")),
    Step::both("m0005_external_key", include_str!("steps/0005_external_key.sql")),
    Step::each("m0006_search", include_str!("steps/0006_search.postgres.sql"), include_str!("steps/0006_search.sqlite.sql")),
    Step::both("m0007_nested_orders", include_str!("steps/0007_nested_orders.sql")),
    Step::both("m0008_audit", include_str!("steps/0008_audit.sql")),
    Step::both("m0009_identity", include_str!("steps/0009_identity.sql")),
    Step::each(
        "m0010_row_security",
        include_str!("steps/0010_row_security.postgres.sql"),
        include_str!("steps/0010_row_security.sqlite.sql"),
    ),
    Step::each(
        "m0011_cache_generation",
        include_str!("steps/0011_cache_generation.postgres.sql"),
        include_str!("steps/0011_cache_generation.sqlite.sql"),
    ),
    Step::both("m0012_course_code", include_str!("steps/0012_course_code.sql")),
    Step::each("m0013_document", include_str!("steps/0013_document.postgres.sql"), include_str!("steps/0013_document.sqlite.sql")),
    Step::each("m0014_learner", include_str!("steps/0014_learner.postgres.sql"), include_str!("steps/0014_learner.sqlite.sql")),
    Step::each("m0015_sponsorship", include_str!("steps/0015_sponsorship.postgres.sql"), include_str!("steps/0015_sponsorship.sqlite.sql")),
    Step::each("m0016_enrollment", include_str!("steps/0016_enrollment.postgres.sql"), include_str!("steps/0016_enrollment.sqlite.sql")),
    Step::each("m0017_job", include_str!("steps/0017_job.postgres.sql"), include_str!("steps/0017_job.sqlite.sql")),
    Step::each("m0018_disclosure", include_str!("steps/0018_disclosure.postgres.sql"), include_str!("steps/0018_disclosure.sqlite.sql")),
    Step::both("m0019_funding", include_str!("steps/0019_funding.sql")),
    Step::each("m0020_times", include_str!("steps/0020_times.postgres.sql"), include_str!("steps/0020_times.sqlite.sql")),
    Step::each("m0021_voucher_end", include_str!("steps/0021_voucher_end.postgres.sql"), include_str!("steps/0021_voucher_end.sqlite.sql")),
    Step::each("m0022_import", include_str!("steps/0022_import.postgres.sql"), include_str!("steps/0022_import.sqlite.sql")),
    Step::each("m0023_record", include_str!("steps/0023_record.postgres.sql"), include_str!("steps/0023_record.sqlite.sql")),
    Step::each("m0024_invitation", include_str!("steps/0024_invitation.postgres.sql"), include_str!("steps/0024_invitation.sqlite.sql")),
];

/// The list of steps as sea-orm-migration runs it.
#[derive(Debug, Clone, Copy)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        STEPS.iter().map(|step| Box::new(step.clone()) as Box<dyn MigrationTrait>).collect()
    }
}

/// Names of all steps, oldest first: a database that remembers another one is newer than this program.
#[must_use]
pub fn step_names() -> Vec<&'static str> {
    STEPS.iter().map(|step| step.name).collect()
}

/// One step: its name and its SQL for either database.
#[derive(Debug, Clone)]
struct Step {
    name: &'static str,
    postgres: &'static str,
    sqlite: &'static str,
}

impl Step {
    /// A step whose SQL differs in type names only.
    const fn both(name: &'static str, sql: &'static str) -> Self {
        Self { name, postgres: sql, sqlite: sql }
    }

    /// A step that is written once for each database.
    const fn each(name: &'static str, postgres: &'static str, sqlite: &'static str) -> Self {
        Self { name, postgres, sqlite }
    }

    /// The SQL with the type names of `backend` filled in.
    ///
    /// Times and dates are text on `SQLite`, written so that their order is that of the text. `{sorted}` is text in the order of its bytes on both.
    fn statements(&self, backend: DatabaseBackend) -> String {
        let (sql, types) = match backend {
            DatabaseBackend::Postgres => {
                (self.postgres, [("{uuid}", "uuid"), ("{instant}", "timestamptz"), ("{date}", "date"), ("{sorted}", "text COLLATE \"C\"")])
            }
            _ => (self.sqlite, [("{uuid}", "BLOB"), ("{instant}", "TEXT"), ("{date}", "TEXT"), ("{sorted}", "TEXT")]),
        };
        types.iter().fold(sql.to_owned(), |sql, (mark, name)| sql.replace(mark, name))
    }
}

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection.execute_unprepared(&self.statements(connection.get_database_backend())).await?;
        Ok(())
    }

    // SQLite's default would leave half a step behind when the process dies.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
