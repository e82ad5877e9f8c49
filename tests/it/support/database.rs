//! A database for each test: a copy of a template that is made once a run.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, OnceLock};
use std::time::Duration;

use concord::demo;
use concord::domain::clock::{Clock, Ids};
use concord::import::Source;
use concord::import::write::{Options, write};
use concord::store::{self, Store};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row, ValueRef};
use tempfile::TempDir;

use super::{now, trace};

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Database {
    Sqlite,
    Postgres,
}

/// What the database of a test holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Template {
    /// What the migrations make.
    Empty,
    /// Two colleges that have one of everything.
    Twins,
    /// The invented state.
    Demo,
}

impl Template {
    const fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Twins => "twins",
            Self::Demo => "demo",
        }
    }
}

/// A database that goes when the test does.
#[derive(Debug)]
pub(crate) enum Kept {
    /// A file in a folder of its own.
    Sqlite(TempDir),
    /// Its name on the server.
    Postgres(String),
}

/// Number of the next database of this run.
static NEXT: AtomicU32 = AtomicU32::new(0);
/// Folder of the templates of SQLite.
static FOLDER: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a temporary folder"));

/// The server that tests use.
fn server() -> PgConnectOptions {
    let url = std::env::var("CONCORD_TEST_POSTGRES")
        .expect("CONCORD_TEST_POSTGRES must name a PostgreSQL server: run scripts/test, which provides one");
    url.parse::<PgConnectOptions>().expect("CONCORD_TEST_POSTGRES is an address").log_statements(tracing::log::LevelFilter::Trace)
}

fn unique(name: &str) -> String {
    format!("concord_{}_{}_{name}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

fn url_of(name: &str) -> String {
    server().database(name).to_url_lossy().to_string()
}

/// A copy of a template.
pub(crate) async fn copy(database: Database, template: Template) -> Kept {
    trace::start();
    let source = tokio::task::spawn_blocking(move || template_of(database, template)).await.expect("a template");
    match database {
        Database::Sqlite => {
            let folder = tempfile::tempdir().expect("a temporary folder");
            std::fs::copy(source, folder.path().join("test.db")).expect("a copy of the template");
            Kept::Sqlite(folder)
        }
        Database::Postgres => {
            let name = unique("test");
            let mut connection = PgConnection::connect_with(&server()).await.expect("the server");
            sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name} TEMPLATE {source}")))
                .execute(&mut connection)
                .await
                .expect("a copy of the template");
            Kept::Postgres(name)
        }
    }
}

/// File or name of a template, made when it is asked for first.
fn template_of(database: Database, template: Template) -> String {
    static MADE: [OnceLock<String>; 6] = [const { OnceLock::new() }; 6];
    let place = template as usize * 2 + database as usize;
    MADE[place]
        .get_or_init(|| {
            let make = async move {
                let (address, url) = match database {
                    Database::Sqlite => {
                        let file = FOLDER.path().join(format!("{}.db", template.name()));
                        (file.display().to_string(), format!("sqlite://{}", file.display()))
                    }
                    Database::Postgres => {
                        let name = unique(template.name());
                        let mut connection = PgConnection::connect_with(&server()).await.expect("the server");
                        sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut connection).await.expect("a database");
                        sqlx::query("CREATE EXTENSION IF NOT EXISTS pg_stat_statements").execute(&mut connection).await.ok();
                        (name.clone(), url_of(&name))
                    }
                };
                let store = open(&url).await;
                store.migrate().await.expect("the migrations");
                fill(&store, template).await;
                store.close().await;
                address
            };
            // A runtime of its own: the one of the test that came first ends with that test.
            std::thread::spawn(|| tokio::runtime::Runtime::new().expect("a runtime").block_on(make)).join().expect("a template")
        })
        .clone()
}

/// A database as its owner opens it: nothing stands before it.
pub(super) async fn open(url: &str) -> Store {
    let options = store::Options {
        url: url.to_owned(),
        connections: 4,
        acquire_timeout: Duration::from_secs(30),
        create: true,
        login: store::Login::Own,
        faults: store::Faults::default(),
        statement_timeout: None,
    };
    Store::open(&options, Clock::Fixed(now())).await.expect("the database opens")
}

async fn fill(store: &Store, template: Template) {
    let options =
        Options { system: "banner".to_owned(), is_dry_run: false, is_strict: true, clock: Clock::Fixed(now()), ids: Ids::counted() };
    let report = match template {
        Template::Empty => return,
        Template::Twins => {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/twins");
            let source = Source::open(&folder, None).expect("the fixture");
            write(store, &source, &options, |_, _| {}).await
        }
        Template::Demo => write(store, &demo::records(now().date_naive()).expect("the demo"), &options, |_, _| {}).await,
    };
    let report = report.expect("the template is written");
    assert!(!report.has_rejections(), "{report}");
    if matches!(template, Template::Demo) {
        demo::rosters::write(store, &options.ids, now()).await.expect("the rosters");
        demo::sponsorships::write(store, &options.ids, now()).await.expect("the sponsorships");
        demo::enrollments::write(store, &options.ids, now()).await.expect("the enrollments");
    }
}

impl Kept {
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Sqlite(_) => format!("sqlite://{}", self.file().display()),
            Self::Postgres(name) => url_of(name),
        }
    }

    fn file(&self) -> PathBuf {
        match self {
            Self::Sqlite(folder) => folder.path().join("test.db"),
            Self::Postgres(name) => PathBuf::from(name),
        }
    }

    /// Statements that the database was sent so far, as it counts them itself.
    pub(super) async fn statements(&self) -> u64 {
        match self {
            Self::Sqlite(_) => trace::count(&self.file().canonicalize().expect("the file").display().to_string()),
            Self::Postgres(name) => {
                let mut connection = PgConnection::connect_with(&server()).await.expect("the server");
                let sum = "SELECT coalesce(sum(s.calls), 0)::bigint FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid WHERE d.datname = $1";
                let calls: i64 = sqlx::query_scalar(sum)
                    .bind(name)
                    .fetch_one(&mut connection)
                    .await
                    .expect("pg_stat_statements counts on the server of the tests");
                calls.unsigned_abs()
            }
        }
    }

    /// Text of the statement that the server sent last, as the database saw it.
    pub(super) async fn last_statement(&self) -> String {
        match self {
            Self::Sqlite(_) => trace::last(&self.file().canonicalize().expect("the file").display().to_string()),
            Self::Postgres(_) => {
                let activity = "SELECT query FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'concord' ORDER BY query_start DESC LIMIT 1";
                self.rows(activity).await.concat()
            }
        }
    }

    pub(super) async fn execute(&self, sql: &str) -> u64 {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(_) => {
                let mut connection = sqlx::SqliteConnection::connect(&self.url()).await.expect("the file");
                sqlx::raw_sql(sql).execute(&mut connection).await.expect("a statement that runs").rows_affected()
            }
            Self::Postgres(name) => {
                let mut connection = PgConnection::connect_with(&server().database(name)).await.expect("the database");
                sqlx::raw_sql(sql).execute(&mut connection).await.expect("a statement that runs").rows_affected()
            }
        }
    }

    pub(super) async fn rows(&self, sql: &str) -> Vec<String> {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(_) => {
                let mut connection = sqlx::SqliteConnection::connect(&self.url()).await.expect("the file");
                let rows = sqlx::raw_sql(sql).fetch_all(&mut connection).await.expect("a query that runs");
                let cell = |row: &sqlx::sqlite::SqliteRow, place| {
                    let raw = row.try_get_raw(place).expect("a column");
                    if raw.is_null() {
                        String::new()
                    } else {
                        row.try_get_unchecked::<String, _>(place)
                            .unwrap_or_else(|_| format!("{:?}", row.try_get_unchecked::<Vec<u8>, _>(place)))
                    }
                };
                rows.iter().map(|row| (0..row.len()).map(|place| cell(row, place)).collect::<Vec<_>>().join("|")).collect()
            }
            Self::Postgres(name) => {
                let mut connection = PgConnection::connect_with(&server().database(name)).await.expect("the database");
                // The simple protocol answers in text, whatever the type.
                let rows = sqlx::raw_sql(sql).fetch_all(&mut connection).await.expect("a query that runs");
                let cell = |row: &sqlx::postgres::PgRow, place| {
                    let raw = row.try_get_raw(place).expect("a column");
                    if raw.is_null() { String::new() } else { raw.as_str().unwrap_or("?").to_owned() }
                };
                rows.iter().map(|row| (0..row.len()).map(|place| cell(row, place)).collect::<Vec<_>>().join("|")).collect()
            }
        }
    }
}

/// Every table of a database with all its rows in order: equal lists mean that nothing changed.
pub(crate) async fn sorted_tables(kept: &super::TestApp) -> Vec<(String, Vec<String>)> {
    let names = match kept.kept {
        Kept::Sqlite(_) => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '%\\_words\\_%' ESCAPE '\\' AND sql NOT LIKE 'CREATE VIRTUAL%' AND name <> 'cache_generation' ORDER BY 1"
        }
        Kept::Postgres(_) => "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'cache_generation' ORDER BY 1",
    };
    let mut tables = Vec::new();
    for name in kept.rows(names).await {
        let mut rows = kept.rows(&format!("SELECT * FROM {name}")).await;
        rows.sort_unstable();
        tables.push((name, rows));
    }
    tables
}

impl Drop for Kept {
    fn drop(&mut self) {
        let Self::Postgres(name) = self else { return };
        let name = name.clone();
        // A thread with a runtime of its own: the test's may be at its end.
        let drop = async move {
            let mut connection = PgConnection::connect_with(&server()).await.ok()?;
            // The server keeps counts of so many statements only, and would forget those of tests that still run.
            let forget = "SELECT pg_stat_statements_reset(0, oid, 0) FROM pg_database WHERE datname = $1";
            sqlx::query(forget).bind(&name).execute(&mut connection).await.ok();
            sqlx::query(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))).execute(&mut connection).await.ok()
        };
        let _ = std::thread::spawn(|| tokio::runtime::Runtime::new().map(|runtime| runtime.block_on(drop))).join();
    }
}
