//! One line gives a test the app and its callers: a database of its own, filled from a template, and the server on a port of its own.

mod database;
mod lines;
pub(crate) mod people;
mod polls;
pub(crate) mod token;
mod trace;

use std::net::SocketAddr;

use axum::http::{HeaderMap, Method, Request, StatusCode};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use concord::app::{App, Purpose};
use concord::config::Settings;
use concord::domain::clock::{Clock, Ids};
use concord::identity::Identity;
use concord::store::Store;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

pub(crate) use database::{Database, Kept, Template, copy, sorted_tables};
pub(crate) use lines::Lines;
pub(crate) use polls::poll_at_most;

/// The instant at which all tests happen.
pub(crate) fn now() -> DateTime<Utc> {
    "2027-01-15T12:00:00Z".parse().expect("an instant")
}

/// Identifiers that are the same in every run, and none of those that the templates' rows have.
fn ids() -> Ids {
    Ids::Counted(std::sync::Arc::new(std::sync::atomic::AtomicU64::new(50_000_000)))
}

/// A running server with its database.
pub(crate) struct TestApp {
    pub(crate) address: SocketAddr,
    pub(crate) store: Store,
    pub(crate) app: App,
    kept: Kept,
    client: Client<HttpConnector, Full<Bytes>>,
    stop: Option<oneshot::Sender<()>>,
}

/// A further node, which serves until it is dropped.
pub(crate) struct Node {
    pub(crate) address: SocketAddr,
    pub(crate) app: App,
    _stop: oneshot::Sender<()>,
}

/// An answer of the server.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        let mut value: Value = serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {:?}", self.text()));
        // What is left of a budget depends on what was asked before; tests of budgets read the text.
        if let Some(cost) = value.pointer_mut("/extensions/cost").and_then(Value::as_object_mut) {
            cost.retain(|name, _| name == "requested" || name == "limit");
        }
        value
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Code of the first error.
    pub(crate) fn code(&self) -> String {
        self.json().pointer("/errors/0/extensions/code").and_then(Value::as_str).unwrap_or_default().to_owned()
    }
}

/// What is signed and sealed with.
pub(crate) const SECRET: &str = "a secret of the tests, long enough to sign";

/// The settings of the tests.
fn settings(url: &str) -> Settings {
    let mut settings = Settings::read(None).expect("the defaults");
    settings.database.url = url.into();
    settings.cursors.secret = SECRET.into();
    settings.introspection.anonymous = true;
    settings.cost.anonymous = 5_000;
    settings.cost.person = 5_000;
    // Timing decides no test: neither an empty bucket nor a busy machine.
    settings.budget.anonymous.capacity = 1_000_000_000;
    settings.budget.person.capacity = 1_000_000_000;
    settings.budget.service.capacity = 1_000_000_000;
    settings.budget.tenant.capacity = 2_000_000_000;
    settings.server.deadline_ms = 60_000;
    settings.database.acquire_ms = 60_000;
    // Statements are counted: what is new is read when a test asks for it, by `identity().refresh()`.
    settings.identity.poll_ms = 3_600_000;
    // What is kept costs no statement: tests of the cache keep answers, the others count.
    settings.cache.answer_bytes = 0;
    settings.cache.part_bytes = 0;
    settings.cache.poll_ms = 3_600_000;
    // Offers lapse when a test sweeps.
    settings.enrollment.sweep_ms = 3_600_000;
    // Lists are worked off when a test does it.
    settings.jobs.workers = 0;
    settings
}

impl TestApp {
    /// Two colleges that have one of everything, on either database.
    pub(crate) async fn twins(database: Database) -> Self {
        Self::start(database, Template::Twins, |_| {}).await
    }

    /// The invented state of the demo.
    pub(crate) async fn demo(database: Database) -> Self {
        Self::start(database, Template::Demo, |_| {}).await
    }

    /// No rows but those of the migrations.
    pub(crate) async fn empty(database: Database) -> Self {
        Self::start(database, Template::Empty, |_| {}).await
    }

    /// A template with other settings.
    pub(crate) async fn start(database: Database, template: Template, change: impl FnOnce(&mut Settings)) -> Self {
        let kept = copy(database, template).await;
        Self::over(kept, Clock::Fixed(now()), change).await
    }

    /// A template with a clock that the test moves, and other settings.
    pub(crate) async fn at(database: Database, template: Template, clock: Clock, change: impl FnOnce(&mut Settings)) -> Self {
        let kept = copy(database, template).await;
        Self::over(kept, clock, change).await
    }

    /// A server over a database that is there, with a clock of the test's.
    pub(crate) async fn over(kept: Kept, clock: Clock, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = settings(&kept.url());
        change(&mut settings);
        // For whoever looks for a fault: the server's lines among those of the tests.
        if std::env::var_os("CONCORD_TEST_LOG").is_some() {
            concord::telemetry::start(&settings.log).expect("logs");
        }
        let options = concord::app::options(&settings, Purpose::Serving);
        Self::serve(kept, settings, options, clock).await
    }

    /// A server over a database with some walls taken down.
    #[cfg(feature = "faults")]
    pub(crate) async fn with_faults(kept: Kept, change: impl FnOnce(&mut concord::store::Faults)) -> Self {
        Self::with_faults_and(kept, |_| {}, change).await
    }

    /// A server over a database with some walls taken down, and other settings.
    #[cfg(feature = "faults")]
    pub(crate) async fn with_faults_and(
        kept: Kept,
        set: impl FnOnce(&mut Settings),
        change: impl FnOnce(&mut concord::store::Faults),
    ) -> Self {
        let mut settings = settings(&kept.url());
        set(&mut settings);
        settings.cost.anonymous = 1_000_000_000;
        settings.cost.person = 1_000_000_000;
        settings.database.connections = 2;
        let mut options = concord::app::options(&settings, Purpose::Serving);
        change(&mut options.faults);
        Self::serve(kept, settings, options, Clock::Fixed(now())).await
    }

    async fn serve(kept: Kept, mut settings: Settings, options: concord::store::Options, clock: Clock) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        if settings.identity.url == token::HERE {
            settings.identity.url = format!("http://{address}");
        }
        let store = Store::open(&options, clock).await.expect("the database opens");
        let app = App::build(settings, store.clone(), ids()).await.expect("the app is built");
        let (stop, stopped) = oneshot::channel::<()>();
        let served = app.clone();
        tokio::spawn(async move {
            served
                .serve(listener, async {
                    let _ = stopped.await;
                })
                .await;
        });
        Self { address, store, app, kept, client: Client::builder(TokioExecutor::new()).build_http(), stop: Some(stop) }
    }

    /// Asks a question; the whole answer.
    pub(crate) async fn query(&self, document: &str) -> Value {
        self.ask(document, json!({})).await
    }

    /// Asks a question with variables; the whole answer.
    pub(crate) async fn ask(&self, document: &str, variables: Value) -> Value {
        self.post(&json!({ "query": document, "variables": variables })).await.json()
    }

    /// Asks a question that must succeed; its data.
    pub(crate) async fn data(&self, document: &str) -> Value {
        let answer = self.query(document).await;
        assert!(answer.get("errors").is_none(), "errors in {answer:#}");
        answer["data"].clone()
    }

    /// Posts a request as JSON.
    pub(crate) async fn post(&self, body: &Value) -> Answer {
        let headers = [("content-type", "application/json"), ("accept", "application/graphql-response+json")];
        self.send(Method::POST, "/graphql", &headers, body.to_string()).await
    }

    /// Gets an address.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], String::new()).await
    }

    /// Sends any request.
    pub(crate) async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
        self.send_to(self.address, method, path, headers, body).await
    }

    /// Sends any request to a node at this address.
    pub(crate) async fn send_to(
        &self,
        address: SocketAddr,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("http://{address}{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body.into())).expect("a request");
        let response = self.client.request(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        Answer { status: parts.status, headers: parts.headers, body: body.collect().await.expect("a body").to_bytes() }
    }

    /// How many statements the database was sent while something was done, as the database counts them.
    pub(crate) async fn statements<T>(&self, work: impl Future<Output = T>) -> (u64, T) {
        let before = self.kept.statements().await;
        let result = work.await;
        (self.kept.statements().await - before, result)
    }

    /// Text of the statement that the server sent last.
    pub(crate) async fn last_statement(&self) -> String {
        self.kept.last_statement().await
    }

    /// Runs a statement on the database beside the server; the number of rows that it touched.
    pub(crate) async fn execute(&self, sql: &str) -> u64 {
        self.kept.execute(sql).await
    }

    /// The lines that a query gives, its columns joined by `|`.
    pub(crate) async fn rows(&self, sql: &str) -> Vec<String> {
        self.kept.rows(sql).await
    }

    /// Asks the server to stop, as a signal does.
    pub(crate) fn stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }

    /// The database as the operator has it, for imports and what no caller can do.
    pub(crate) async fn operator(&self) -> Store {
        database::open(&self.url()).await
    }

    /// A second node over the same database, with a clock of the test's; it serves nobody yet.
    pub(crate) async fn beside(&self, clock: Clock, change: impl FnOnce(&mut Settings)) -> App {
        let mut settings = settings(&self.url());
        change(&mut settings);
        let store = concord::app::open_store(&settings, Purpose::Serving, clock).await.expect("the database opens");
        App::build(settings, store, Ids::System).await.expect("the app is built")
    }

    /// A second node over the same database, which serves as the first does.
    pub(crate) async fn second(&self, change: impl FnOnce(&mut Settings)) -> Node {
        let app = self.beside(Clock::Fixed(now()), change).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel::<()>();
        let served = app.clone();
        tokio::spawn(async move {
            served
                .serve(listener, async {
                    let _ = stopped.await;
                })
                .await;
        });
        Node { address, app, _stop: stop }
    }

    /// The program itself.
    pub(crate) const fn app(&self) -> &App {
        &self.app
    }

    /// Who is believed.
    pub(crate) fn identity(&self) -> &Identity {
        self.app.identity()
    }

    /// Where the database is.
    pub(crate) fn url(&self) -> String {
        self.kept.url()
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Declares tests that run on both databases: `both! { /// sentence \n async fn name(database) { … } }`.
macro_rules! both {
    ($($(#[doc = $doc:literal])+ async fn $name:ident($database:ident) $body:block)+) => {
        $(
            mod $name {
                use super::*;

                async fn body($database: $crate::support::Database) $body

                $(#[doc = $doc])+
                #[tokio::test]
                async fn sqlite() {
                    body($crate::support::Database::Sqlite).await;
                }

                $(#[doc = $doc])+
                #[tokio::test]
                async fn postgres() {
                    body($crate::support::Database::Postgres).await;
                }
            }
        )+
    };
}
pub(crate) use both;

/// Compares a whole answer with the snapshot of that name, the same on both databases.
macro_rules! snapshot {
    ($name:literal, $value:expr) => {
        insta::with_settings!({ prepend_module_to_snapshot => false, snapshot_path => concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/snapshots"), omit_expression => true }, {
            insta::assert_json_snapshot!($name, $value);
        });
    };
}
pub(crate) use snapshot;
