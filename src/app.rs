//! The program put together: from settings to a served listener, the same for production, the demo and the tests.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;

use crate::cache::{Answers, Buckets, Parts, Remote};
use crate::config::{Settings, milliseconds};
use crate::domain::clock::{Clock, Ids};
use crate::graphql::cursor::CursorKey;
use crate::graphql::schema;
use crate::http::{self, Budget, Context, Front, Meter, Registered, Repeats};
use crate::identity::Identity;
use crate::policy::Principal;
use crate::service::roster::import;
use crate::service::{Actor, Reads, enrollment, once, sponsorship, upload};
use crate::store::{Faults, Login, Options, Part, Store};

/// The program, ready to serve.
#[derive(Clone)]
pub struct App {
    context: Arc<Context>,
}

/// For how long changes are remembered: twice as long as any answer is kept.
const fn window(settings: &Settings) -> Duration {
    Duration::from_secs(settings.cache.answer_seconds.saturating_mul(2))
}

/// How much longer than its operation's deadline a statement may take: the deadline answers first.
const AFTER_DEADLINE: Duration = Duration::from_secs(1);

/// What a database is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Answering requests: a statement runs no longer than a request may, and sees one tenant's rows at a time.
    Serving,
    /// The operator's work: imports, and what the consortium's staff do by commands.
    Operating,
    /// Migrations. A file of SQLite that is missing is made.
    Migrating,
}

impl Purpose {
    const fn login(self) -> Login {
        match self {
            Self::Serving => Login::Application,
            Self::Operating => Login::Operator,
            Self::Migrating => Login::Own,
        }
    }
}

/// How the database of the settings is opened.
#[must_use]
pub fn options(settings: &Settings, purpose: Purpose) -> Options {
    let limit = milliseconds(settings.server.deadline_ms) + AFTER_DEADLINE;
    Options {
        statement_timeout: (purpose == Purpose::Serving).then_some(limit),
        url: settings.database.url.expose_secret().to_owned(),
        login: purpose.login(),
        faults: Faults::default(),
        create: purpose == Purpose::Migrating,
        connections: settings.database.connections,
        acquire_timeout: milliseconds(settings.database.acquire_ms),
    }
}

/// Opens the database of the settings.
pub async fn open_store(settings: &Settings, purpose: Purpose, clock: Clock) -> anyhow::Result<Store> {
    Ok(Store::open(&options(settings, purpose), clock).await?)
}

impl App {
    /// Builds the program over an open database.
    pub async fn build(settings: Settings, store: Store, ids: Ids) -> anyhow::Result<Self> {
        settings.check()?;
        let cache = &settings.cache;
        let store = store.keeping(cache.part_bytes, Duration::from_secs(cache.answer_seconds));
        let cursors = CursorKey::new(settings.cursors.secret.expose_secret().as_bytes());
        let sdl = schema::sdl();
        let identity = Identity::open(store.clone(), &settings.identity, ids.clone()).await?;
        let schema_hash = Sha256::digest(sdl).into();
        let remote = Remote::new(&settings.redis, settings.cache.redis_value_bytes)?.map(Arc::new);
        let answers =
            Answers::new(&settings, schema_hash, Arc::clone(store.generations()), store.clock().clone(), remote.clone()).map(Arc::new);
        let buckets = remote.clone().map(|remote| Buckets::new(remote, settings.cursors.secret.expose_secret().as_bytes()));
        if settings.cache.is_used() {
            store.hear(window(&settings)).await?;
        }
        let context = Context {
            answers,
            remote,
            schema_hash,
            identity,
            front: Front::new(&settings, schema::index()),
            repeats: Repeats::new(settings.cache.request_bytes),
            budget: Budget::new(settings.budget, settings.cost, store.clock().clone(), buckets),
            registered: Registered::new(settings.documents.only_registered.clone()),
            meter: Meter::new()?,
            schema: schema::build(cursors.clone()),
            cursors,
            settings,
            store,
            ids,
        };
        Ok(Self { context: Arc::new(context) })
    }

    /// Serves a listener until `stop` is ready.
    pub async fn serve(&self, listener: TcpListener, stop: impl Future<Output = ()>) {
        let server = &self.context.settings.server;
        let limits = http::Limits {
            connections: server.max_connections,
            first_byte: milliseconds(server.first_byte_ms),
            header: milliseconds(server.header_ms),
            write: milliseconds(server.write_ms),
            shutdown: milliseconds(server.shutdown_ms),
        };
        // What was revoked is read as long as anybody is served, and no longer.
        tokio::select! {
            () = http::serve(listener, http::Site::new(Arc::clone(&self.context)), limits, stop) => {}
            () = self.context.identity.keep_up() => {}
            () = self.keep_hearing() => {}
            () = self.keep_connected() => {}
            () = Box::pin(self.keep_sweeping()) => {}
            () = Box::pin(self.keep_working()) => {}
        }
        self.context.identity.close().await;
        self.context.store.close().await;
    }

    /// Hears of what other nodes change, as long as anything is kept that could change.
    async fn keep_hearing(&self) {
        let settings = &self.context.settings;
        if !settings.cache.is_used() {
            return std::future::pending().await;
        }
        let store = &self.context.store;
        store.keep_hearing(milliseconds(settings.cache.poll_ms), window(settings), settings.cache.listen).await;
    }

    /// Moves on the offers of seats that have lapsed, and offers seats that have come free in any other way.
    async fn keep_sweeping(&self) {
        let actor = self.sweeper();
        loop {
            tokio::time::sleep(milliseconds(self.context.settings.enrollment.sweep_ms)).await;
            if let Err(error) = enrollment::sweep(&actor).await {
                tracing::warn!(%error, "offers that have lapsed cannot be moved on");
            }
            if let Err(error) = enrollment::fill_all(&actor).await {
                tracing::warn!(%error, "seats that are free cannot be offered to those who wait");
            }
            if let Err(error) = sponsorship::sweep(&actor).await {
                tracing::warn!(%error, "vouchers that have expired cannot be taken back");
            }
            if let Err(error) = upload::sweep(&actor).await {
                tracing::warn!(%error, "files whose time has passed cannot be forgotten");
            }
            if let Err(error) = once::sweep(&actor).await {
                tracing::warn!(%error, "keys whose time has passed cannot be forgotten");
            }
        }
    }

    /// Works off lists and imports in the background, as many at a time as the settings say.
    async fn keep_working(&self) {
        let workers = self.context.settings.jobs.workers;
        if workers == 0 {
            return std::future::pending().await;
        }
        join_all((0..workers).map(|_| self.work())).await;
    }

    /// One worker: rows of a list and an import by turns, while there are any.
    async fn work(&self) {
        let (actor, owner) = (self.sweeper(), self.context.ids.next());
        loop {
            let list = enrollment::job::work(&actor, owner).await;
            let import = import::work(&actor, owner).await;
            let has_worked = matches!((&list, &import), (Ok(true), _) | (_, Ok(true)));
            let errors = [list.err(), import.err()];
            for error in errors.iter().flatten() {
                tracing::warn!(%error, "rows of a list cannot be worked off; they are tried again");
            }
            if !has_worked || errors.iter().any(Option::is_some) {
                tokio::time::sleep(milliseconds(self.context.settings.jobs.poll_ms)).await;
            }
        }
    }

    /// The program itself, as it acts in the background.
    #[must_use]
    pub fn sweeper(&self) -> Actor {
        Actor {
            principal: Principal::Anonymous,
            request_id: "sweep".to_owned(),
            address: None,
            store: self.context.store.clone(),
            clock: self.context.store.clock().clone(),
            ids: self.context.ids.clone(),
            reads: Reads::default(),
            roster: self.context.settings.roster,
            enrollment: self.context.settings.enrollment,
            jobs: self.context.settings.jobs,
        }
    }

    /// Keeps the connection to what nodes share.
    async fn keep_connected(&self) {
        match &self.context.remote {
            Some(remote) => remote.keep_connected().await,
            None => std::future::pending().await,
        }
    }

    /// Reads what other nodes have changed.
    pub async fn hear(&self) -> anyhow::Result<()> {
        Ok(self.context.store.hear(window(&self.context.settings)).await?)
    }

    /// Forgets all documents that were read, as a node does that is short of room for them.
    pub fn forget_documents(&self) {
        self.context.front.forget();
    }

    /// Answers that are kept, unless none are.
    #[must_use]
    pub fn answers(&self) -> Option<&Answers> {
        self.context.answers.as_deref()
    }

    /// What is kept of reads; `None` where nothing is.
    #[must_use]
    pub fn parts(&self) -> Option<&Parts<Part>> {
        self.context.store.parts()
    }

    /// What nodes share, if they share anything.
    #[must_use]
    pub fn remote(&self) -> Option<&Arc<Remote>> {
        self.context.remote.as_ref()
    }

    /// What callers may spend.
    #[must_use]
    pub fn budget(&self) -> &Budget {
        &self.context.budget
    }

    /// Who is believed.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.context.identity
    }

    /// The database.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.context.store
    }
}
