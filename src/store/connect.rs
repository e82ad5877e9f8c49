//! Opening a database: its pools and its migrations.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::{Duration, Instant};

use migrations::Migrator;
use sea_orm_migration::MigratorTrait;
use sea_orm_migration::sea_orm::{DatabaseConnection, SqlxPostgresConnector, SqlxSqliteConnector};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use super::error::StoreError;
use super::fault::Faults;
use super::lock;

/// As whom a connection acts on `PostgreSQL`, whatever role it logs in with. `SQLite` has no roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Login {
    /// As the application: row-level security shows it one tenant at a time.
    Application,
    /// As the operator: imports, which write for all tenants.
    Operator,
    /// As the role that it logs in with: migrations.
    Own,
}

impl Login {
    /// Name of the role, which a migration makes.
    const fn role(self) -> Option<&'static str> {
        match self {
            Self::Application => Some("concord_app"),
            Self::Operator => Some("concord_operator"),
            Self::Own => None,
        }
    }
}

/// How a database is reached.
#[derive(Debug, Clone)]
pub struct Options {
    /// `postgres://…` or `sqlite://FILE`.
    pub url: String,
    /// Most connections at a time.
    pub connections: u32,
    /// How long a request waits for a connection.
    pub acquire_timeout: Duration,
    /// As whom.
    pub login: Login,
    /// What is taken down for a proof.
    pub faults: Faults,
    /// Whether a file of `SQLite` that is missing is made.
    pub create: bool,
    /// How long one statement may run, on `SQLite` all that run on a connection while it is held; `None` for imports and migrations.
    pub statement_timeout: Option<Duration>,
}

/// Pools of connections.
#[derive(Debug, Clone)]
pub(super) enum Pool {
    /// To `PostgreSQL`.
    Postgres(PgPool),
    /// To an embedded `SQLite`.
    Sqlite(SqlitePool),
}

/// Statements that a connection to SQLite keeps ready.
const STATEMENTS: usize = 64;

/// Opens the pools. The database must exist on `PostgreSQL`.
pub(super) async fn open(options: &Options) -> Result<Pool, StoreError> {
    if options.url.starts_with("postgres://") || options.url.starts_with("postgresql://") {
        let connect =
            PgConnectOptions::from_str(&options.url).map_err(|error| StoreError::Open(format!("database.url cannot be read: {error}")))?;
        let mut connect = connect.application_name("concord").log_statements(log_level());
        connect = connect.log_slow_statements(slow_level(options), SLOW);
        if let Some(timeout) = options.statement_timeout {
            // An answer that nobody waits for any more is not worked on any further.
            // Compiling a plan takes longer than running the short statements of a request.
            connect = connect.options([("statement_timeout", timeout.as_millis().to_string()), ("jit", "off".to_owned())]);
        }
        greet(&connect, options.acquire_timeout).await?;
        let login = if options.faults.has_no_row_security() { Login::Operator } else { options.login };
        if let Some(role) = login.role() {
            connect = connect.options([("role", role)]);
            greet(&connect, options.acquire_timeout).await.map_err(|error| without_role(role, &error))?;
            act_as(&connect, role).await?;
        }
        let pool = PgPoolOptions::new()
            .max_connections(options.connections)
            .acquire_timeout(options.acquire_timeout)
            // It would cost a round trip for each request; a broken connection fails the request instead.
            .test_before_acquire(false)
            .connect_lazy_with(connect);
        return Ok(Pool::Postgres(pool));
    }
    let Some(path) = sqlite_path(&options.url) else {
        return Err(StoreError::Open("database.url must begin with postgres:// or sqlite://".to_owned()));
    };
    if !options.create && !path.exists() {
        let text = format!("the database file {} does not exist: check database.url, or make it by `concord migrate`", path.display());
        return Err(StoreError::Open(text));
    }
    let connect = SqliteConnectOptions::new()
        .filename(&path)
        .create_if_missing(options.create)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10))
        .statement_cache_capacity(STATEMENTS)
        .log_statements(log_level())
        .log_slow_statements(slow_level(options), SLOW);
    let mut pool =
        SqlitePoolOptions::new().max_connections(options.connections).acquire_timeout(options.acquire_timeout).test_before_acquire(false);
    if let Some(limit) = options.statement_timeout {
        // Whoever takes a connection has this long.
        pool = pool
            .after_connect(move |connection, _| Box::pin(limit_time(connection, limit)))
            .before_acquire(move |connection, _| Box::pin(async move { limit_time(connection, limit).await.map(|()| true) }));
    }
    let end = Instant::now() + options.acquire_timeout;
    loop {
        match pool.clone().connect_with(connect.clone()).await {
            Ok(pool) => return Ok(Pool::Sqlite(pool)),
            // Another process makes the same file ready for a write-ahead log: SQLite does not wait for that by itself.
            Err(error) if is_locked(&error) && Instant::now() < end => tokio::time::sleep(AFTER_LOCK).await,
            Err(error) => return Err(StoreError::Open(format!("the database file {} cannot be opened: {error}", path.display()))),
        }
    }
}

/// A file that another process holds is tried again after this.
const AFTER_LOCK: Duration = Duration::from_millis(20);

/// Whether another process holds the file for a moment (`SQLITE_BUSY`).
fn is_locked(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(sqlx::error::DatabaseError::code).is_some_and(|code| code == "5")
}

/// `SQLite` looks at the clock once in so many steps of its machine: some microseconds of work.
const STEPS: i32 = 1_000;

/// Cuts off what runs on a connection after this time, as `PostgreSQL` does by itself.
async fn limit_time(connection: &mut SqliteConnection, limit: Duration) -> Result<(), sqlx::Error> {
    let end = Instant::now() + limit;
    connection.lock_handle().await?.set_progress_handler(STEPS, move || Instant::now() < end);
    Ok(())
}

/// Why a role cannot be taken.
fn without_role(role: &str, error: &StoreError) -> StoreError {
    StoreError::Open(format!(
        "the role {role} cannot be taken ({error}): run `concord migrate`, which makes it, and grant it to the role of database.url"
    ))
}

/// Makes sure that the role was taken: something between here and the server may leave out with which options a connection begins, and then no row is hidden by it.
async fn act_as(connect: &PgConnectOptions, role: &str) -> Result<(), StoreError> {
    let mut connection = connect.connect().await?;
    let acting = sqlx::query_as("SELECT rolname::text, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user");
    let (name, passes): (String, bool) = acting.fetch_one(&mut connection).await?;
    connection.close().await?;
    if name == role && !passes {
        return Ok(());
    }
    let why = if name == role { "it passes row-level security" } else { "the connection acts as another one" };
    Err(StoreError::Open(format!(
        "the role {role} does not hold ({why}, {name}): it must be neither a superuser nor BYPASSRLS, and a pooler in between must pass on startup options"
    )))
}

/// Connects once, for the reason why it cannot be done: a pool tries again until its time is over, and then says only that.
async fn greet(connect: &PgConnectOptions, limit: Duration) -> Result<(), StoreError> {
    let fail = |reason: String| StoreError::Open(format!("the PostgreSQL server cannot be reached: {reason}"));
    let connection = tokio::time::timeout(limit, connect.connect()).await;
    let connection = connection.map_err(|_| fail("it does not answer".to_owned()))?.map_err(|error| fail(error.to_string()))?;
    connection.close().await.map_err(|error| fail(error.to_string()))
}

/// Statements are logged where they are counted and searched for, never in ordinary logs.
const fn log_level() -> tracing::log::LevelFilter {
    tracing::log::LevelFilter::Trace
}

/// A statement that takes longer than this is told as slow.
const SLOW: Duration = Duration::from_secs(1);

/// The level of what is slow: those of imports and migrations may take their time, and nobody is warned of them.
const fn slow_level(options: &Options) -> tracing::log::LevelFilter {
    if options.statement_timeout.is_some() { tracing::log::LevelFilter::Warn } else { tracing::log::LevelFilter::Debug }
}

/// The file of an address such as `sqlite://data/concord.db` or `sqlite:///srv/concord.db`. All of the rest is its name, whatever characters are in it.
pub(super) fn sqlite_path(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite://")?;
    (!path.is_empty()).then(|| PathBuf::from(path))
}

impl Pool {
    fn for_migrations(&self) -> DatabaseConnection {
        match self {
            Self::Postgres(pool) => SqlxPostgresConnector::from_sqlx_postgres_pool(pool.clone()),
            Self::Sqlite(pool) => SqlxSqliteConnector::from_sqlx_sqlite_pool(pool.clone()),
        }
    }
}

/// Brings the schema up to date, under a lock that other nodes respect. Refuses a database that knows more steps than this program.
pub(super) async fn migrate(pool: &Pool, url: &str) -> Result<(), StoreError> {
    let lock = lock::for_migration(pool, url).await?;
    run(pool).await?;
    lock.release().await
}

async fn run(pool: &Pool) -> Result<(), StoreError> {
    let database = pool.for_migrations();
    refuse_newer(pool).await?;
    Migrator::up(&database, None).await.map_err(|error| StoreError::Open(format!("the database cannot be brought up to date: {error}")))
}

/// Whether every step of this program has run, and none that it does not know.
pub(super) async fn is_current(pool: &Pool) -> Result<bool, StoreError> {
    refuse_newer(pool).await?;
    Ok(applied(pool).await?.len() == migrations::step_names().len())
}

async fn refuse_newer(pool: &Pool) -> Result<(), StoreError> {
    let known = migrations::step_names();
    let unknown = applied(pool).await?.into_iter().find(|name| !known.contains(&name.as_str()));
    unknown.map_or(Ok(()), |name| {
        Err(StoreError::Open(format!(
            "the database is newer than this program: it knows the step {name}; use a newer program or an older copy of the database"
        )))
    })
}

/// Names of the steps that have run.
async fn applied(pool: &Pool) -> Result<Vec<String>, StoreError> {
    const NAMES: &str = "SELECT version FROM seaql_migrations ORDER BY version";
    Ok(match pool {
        Pool::Postgres(pool) => {
            let exists: bool = sqlx::query_scalar("SELECT to_regclass('seaql_migrations') IS NOT NULL").fetch_one(pool).await?;
            if exists { sqlx::query_scalar(NAMES).fetch_all(pool).await? } else { Vec::new() }
        }
        Pool::Sqlite(pool) => {
            let tables: i64 =
                sqlx::query_scalar("SELECT count(*) FROM sqlite_master WHERE name = 'seaql_migrations'").fetch_one(pool).await?;
            if tables > 0 { sqlx::query_scalar(NAMES).fetch_all(pool).await? } else { Vec::new() }
        }
    })
}
