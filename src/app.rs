//! The program put together: from settings to a served listener, the same for production, the demo and the tests.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use secrecy::ExposeSecret;
use tokio::net::TcpListener;

use crate::config::{Settings, milliseconds};
use crate::domain::clock::{Clock, Ids};
use crate::graphql::cursor::CursorKey;
use crate::graphql::index::Index;
use crate::graphql::schema;
use crate::http::{self, Context, Front};
use crate::store::{Options, Store};

/// The program, ready to serve.
#[derive(Clone)]
pub struct App {
    context: Arc<Context>,
}

/// How much longer than its operation's deadline a statement may take: the deadline answers first.
const AFTER_DEADLINE: Duration = Duration::from_secs(1);

/// Opens the database of the settings for work that takes as long as it takes: migrations and imports.
pub async fn open_store(settings: &Settings, clock: Clock) -> anyhow::Result<Store> {
    open(settings, clock, None).await
}

/// Opens the database of the settings for requests: no statement goes on, and keeps its connection, long after its request was given up.
pub async fn open_store_for_requests(settings: &Settings, clock: Clock) -> anyhow::Result<Store> {
    open(settings, clock, Some(milliseconds(settings.server.deadline_ms) + AFTER_DEADLINE)).await
}

async fn open(settings: &Settings, clock: Clock, statement_timeout: Option<Duration>) -> anyhow::Result<Store> {
    let options = Options {
        url: settings.database.url.expose_secret().to_owned(),
        connections: settings.database.connections,
        acquire_timeout: milliseconds(settings.database.acquire_ms),
        statement_timeout,
    };
    Ok(Store::open(&options, clock).await?)
}

impl App {
    /// Builds the program over an open database.
    pub fn build(settings: Settings, store: Store, ids: Ids) -> anyhow::Result<Self> {
        settings.check()?;
        let cursors = CursorKey::new(settings.cursors.secret.expose_secret().as_bytes());
        let index = Index::read(&schema::sdl()).context("the schema cannot be read")?;
        let context = Context {
            front: Front::new(&settings, index),
            schema: schema::build(store.clone(), cursors.clone()),
            introspection: schema::build(store.clone(), cursors),
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
            shutdown: milliseconds(server.shutdown_ms),
        };
        http::serve(listener, http::router(Arc::clone(&self.context)), limits, stop).await;
        self.context.store.close().await;
    }

    /// The database.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.context.store
    }
}
