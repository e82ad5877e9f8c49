//! The only place that speaks to the database. Reads go through one driver over declared nouns and need a [`Scope`]; writes go through transactions.

pub mod alignment;
mod ask;
pub mod assessment;
pub mod assessment_result;
pub mod audit;
pub mod audit_event;
pub mod award;
pub mod business;
pub mod business_site;
pub mod campus;
pub mod change;
pub mod check;
pub mod competency;
mod connect;
pub mod consent_grant;
pub mod consortium_staff;
pub mod course;
pub mod credential;
pub mod derived;
pub mod disclosure;
pub mod document;
mod driver;
pub mod employee;
pub mod enrollment;
pub mod enrollment_job;
pub mod enrollment_transition;
mod error;
pub mod external_key;
mod fault;
pub mod filter;
pub mod funding;
mod generation;
mod held;
pub mod idempotency;
pub mod import;
pub mod import_job;
pub mod industry;
pub mod institution;
pub mod issuer;
pub mod job;
pub mod learner;
pub mod ledger;
pub mod link;
mod lock;
mod lookup;
pub mod noun;
pub mod offering;
mod page;
mod part;
pub mod person;
pub mod program;
pub mod region;
pub mod revocation;
pub mod roster;
mod row;
pub mod search;
pub mod seat;
pub mod service_account;
mod session;
pub mod shown;
pub mod signing_key;
pub mod sponsorship;
pub mod sql;
pub mod staff_member;
pub mod tags;
pub mod tenant;
pub mod term;
mod transaction;
pub mod tree;
pub mod upload;
pub mod voucher;
pub mod waitlist;
pub mod wall;
pub mod write;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

pub use connect::{Login, Options};
pub use error::StoreError;
pub use fault::Faults;
pub use lock::{LOCK_FILES, Lock};
pub use lookup::Lookup;
pub use page::{COUNT_LIMIT, RELEVANCE_LIMIT};
pub use part::Part;
pub use row::{Cell, Link, Page, Row};
pub use session::Session;
pub use transaction::Transaction;

use tokio::sync::Mutex;

use crate::cache::{Generations, Parts, Seen};
use crate::domain::clock::Clock;
use crate::domain::id::Kind;
use crate::policy::{Reach, Scope};
use connect::Pool;
use generation::Polled;
use held::Mode;
use sql::Dialect;

/// The database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    pool: Pool,
    options: Arc<Options>,
    clock: Clock,
    breaches: Arc<AtomicU64>,
    statements: Arc<AtomicU64>,
    generations: Arc<Generations>,
    polled: Arc<Mutex<Polled>>,
    /// What is kept of reads; `None` where nothing is.
    parts: Option<Arc<Parts<Part>>>,
}

/// Connections to the database that are open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connections {
    /// Those in use.
    pub busy: usize,
    /// Those that wait for a use.
    pub idle: usize,
}

/// Longest wait for the connection of a store that stands apart.
const APART: Duration = Duration::from_secs(1);

/// The noun of a kind of identifier.
#[must_use]
pub const fn noun(kind: Kind) -> &'static noun::Noun {
    match kind {
        Kind::Institution => &institution::INSTITUTION,
        Kind::Campus => &campus::CAMPUS,
        Kind::Term => &term::TERM,
        Kind::StaffMember => &staff_member::STAFF_MEMBER,
        Kind::Program => &program::PROGRAM,
        Kind::Course => &course::COURSE,
        Kind::Offering => &offering::OFFERING,
        Kind::Competency => &competency::COMPETENCY,
        Kind::Credential => &credential::CREDENTIAL,
        Kind::Assessment => &assessment::ASSESSMENT,
        Kind::Business => &business::BUSINESS,
        Kind::AuditEvent => &audit_event::AUDIT_EVENT,
        Kind::Learner => &learner::LEARNER,
        Kind::BusinessSite => &business_site::BUSINESS_SITE,
        Kind::Employee => &employee::EMPLOYEE,
        Kind::ConsentGrant => &consent_grant::CONSENT_GRANT,
        Kind::Sponsorship => &sponsorship::SPONSORSHIP,
        Kind::Voucher => &voucher::VOUCHER,
        Kind::Enrollment => &enrollment::ENROLLMENT,
        Kind::EnrollmentJob => &enrollment_job::ENROLLMENT_JOB,
        Kind::ImportJob => &import_job::IMPORT_JOB,
        Kind::AssessmentResult => &assessment_result::ASSESSMENT_RESULT,
        Kind::Award => &award::AWARD,
    }
}

/// The noun by which somebody who reads in a scope reads rows of another: tenants have rows of their own for what is a learner's.
#[must_use]
pub fn seen_by(scope: &Scope, noun: &'static noun::Noun) -> &'static noun::Noun {
    let is_tenant = scope.runs().is_some() || scope.teacher().is_some();
    if is_tenant && std::ptr::eq(noun, &raw const learner::LEARNER) {
        &learner::KNOWN_LEARNER
    } else if matches!(scope.reach(), Reach::Business(_)) && scope.runs().is_some() && std::ptr::eq(noun, &raw const enrollment::ENROLLMENT)
    {
        &enrollment::BUSINESS_ENROLLMENT
    } else {
        noun
    }
}

/// Runs `$body` with a connection of the pool, the same one for the whole read.
macro_rules! on_connection {
    ($store:expr, $connection:ident => $body:expr) => {
        match &$store.pool {
            $crate::store::connect::Pool::Postgres(pool) => {
                let mut held = pool.acquire().await?;
                let mut $connection =
                    $crate::store::sql::Connection::new($crate::store::sql::Wire::Postgres(&mut held), &$store.statements);
                $body
            }
            $crate::store::connect::Pool::Sqlite(pool) => {
                let mut held = pool.acquire().await?;
                let mut $connection = $crate::store::sql::Connection::new($crate::store::sql::Wire::Sqlite(&mut held), &$store.statements);
                $body
            }
        }
    };
}
use on_connection;

impl Store {
    /// Opens a database. Its schema is left as it is.
    pub async fn open(options: &Options, clock: Clock) -> Result<Self, StoreError> {
        Ok(Self {
            pool: connect::open(options).await?,
            options: Arc::new(options.clone()),
            clock,
            breaches: Arc::default(),
            statements: Arc::default(),
            generations: Arc::default(),
            polled: Arc::default(),
            parts: None,
        })
    }

    /// The same, keeping up to so many bytes of public pages and objects, each for so long. Whoever keeps some has to hear of changes.
    #[must_use]
    pub fn keeping(self, bytes: u64, longest: Duration) -> Self {
        let parts = (bytes > 0).then(|| Arc::new(Parts::new(bytes, longest, Arc::clone(&self.generations), self.clock.clone())));
        Self { parts, ..self }
    }

    /// What is kept of reads; `None` where nothing is.
    #[must_use]
    pub fn parts(&self) -> Option<&Parts<Part>> {
        self.parts.as_deref()
    }

    /// What a proof has taken down; nothing without the Cargo feature.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.options.faults
    }

    /// Brings the schema up to date. Harmless when it is, or when another node does the same.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        connect::migrate(&self.pool, &self.options.url).await
    }

    /// The right to import: two imports at once would each create what neither finds. `None` while another process has it.
    pub async fn lock_for_import(&self) -> Result<Option<Lock>, StoreError> {
        lock::for_import(&self.pool, &self.options.url).await
    }

    /// Whether the schema is that of this program. An error when it is newer.
    pub async fn is_current(&self) -> Result<bool, StoreError> {
        connect::is_current(&self.pool).await
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let dialect = self.dialect();
        on_connection!(self, connection => {
            let mut sql = sql::Sql::new(dialect);
            sql.push("SELECT 1");
            connection.execute(sql).await.map(|_| ())
        })
    }

    /// Lets the database look at what it holds, so that it plans well; after many rows were written.
    pub async fn analyze(&self) -> Result<(), StoreError> {
        let mut held = held::Held::take(self).await?;
        let text = match self.dialect() {
            // Tables are their owner's to analyze: the role that logged in, not the one that it acts as.
            Dialect::Postgres => "SET ROLE NONE; ANALYZE; RESET ROLE".to_owned(),
            // With samples of values SQLite would plan a prepared statement anew for each value that it is given, those inside of its text index too:
            // that takes longer than most statements themselves. Numbers of rows are enough.
            Dialect::Sqlite => search::merge() + "ANALYZE; DELETE FROM sqlite_stat4; ANALYZE sqlite_schema",
        };
        held.run(text).await
    }

    /// Closes all connections.
    pub async fn close(&self) {
        match &self.pool {
            Pool::Postgres(pool) => pool.close().await,
            Pool::Sqlite(pool) => pool.close().await,
        }
    }

    /// The clock that it goes by.
    #[must_use]
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Which database it is.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        match self.pool {
            Pool::Postgres(_) => Dialect::Postgres,
            Pool::Sqlite(_) => Dialect::Sqlite,
        }
    }

    /// Begins a transaction for writing what no tenant's wall stands before: imports, and tables of the consortium.
    pub async fn begin(&self) -> Result<Transaction, StoreError> {
        transaction::begin(self, Mode::Write, None).await
    }

    /// Begins a transaction for writing in a scope.
    pub async fn begin_in(&self, scope: &Scope) -> Result<Transaction, StoreError> {
        transaction::begin(self, Mode::Write, Some(scope)).await
    }

    /// Begins to look in a scope: nothing is written, and on `SQLite` nobody who writes is waited for.
    pub async fn look_in(&self, scope: &Scope) -> Result<Transaction, StoreError> {
        transaction::begin(self, Mode::Read, Some(scope)).await
    }

    /// Begins to read what stands at one instant, of all tenants.
    pub async fn snapshot(&self) -> Result<Transaction, StoreError> {
        transaction::begin(self, Mode::Snapshot, None).await
    }

    /// The same database over a connection of its own, for what must be read however many requests wait for theirs; it gives up after a second.
    pub async fn apart(&self) -> Result<Self, StoreError> {
        let options =
            Options { connections: 1, acquire_timeout: self.options.acquire_timeout.min(APART), create: false, ..(*self.options).clone() };
        Ok(Self { pool: connect::open(&options).await?, options: Arc::new(options), ..self.clone() })
    }

    /// Rows that were stopped on their way out so far. Anything but 0 is a mistake of the program.
    #[must_use]
    pub fn breaches(&self) -> u64 {
        self.breaches.load(Ordering::Relaxed)
    }

    /// Statements that requests and acts have run so far; what begins and ends a transaction counts as one each.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// The connections for requests.
    #[must_use]
    pub fn connections(&self) -> Connections {
        let (size, idle) = match &self.pool {
            Pool::Postgres(pool) => (pool.size() as usize, pool.num_idle()),
            Pool::Sqlite(pool) => (pool.size() as usize, pool.num_idle()),
        };
        Connections { busy: size.saturating_sub(idle), idle: idle.min(size) }
    }

    /// A fact about the database itself; `None` when it is not kept.
    pub async fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        on_connection!(self, connection => {
            let mut sql = sql::Sql::new(connection.dialect());
            sql.push("SELECT value FROM setting WHERE name = ").text(name);
            let rows = connection.fetch(sql, &[sql::Type::Text]).await?;
            Ok(rows.first().and_then(|cells| cells[0].text().map(str::to_owned)))
        })
    }

    /// Keeps a fact about the database itself.
    pub async fn put_setting(&self, name: &str, value: &str) -> Result<(), StoreError> {
        on_connection!(self, connection => {
            let mut sql = sql::Sql::new(connection.dialect());
            sql.push("INSERT INTO setting (name, value) VALUES (").text(name).push(", ").text(value);
            sql.push(") ON CONFLICT (name) DO UPDATE SET value = excluded.value");
            connection.execute(sql).await.map(|_| ())
        })
    }

    /// What one request reads with.
    #[must_use]
    pub fn session(&self) -> Session {
        Session::new(self.clone(), None)
    }

    /// What one request reads with whose answer may be kept: it notes what was read.
    #[must_use]
    pub fn noting_session(&self) -> Session {
        Session::new(self.clone(), Some(Seen::default()))
    }

    /// How often what answers are made of has changed, as this node knows it.
    #[must_use]
    pub const fn generations(&self) -> &Arc<Generations> {
        &self.generations
    }
}
