//! What nodes share, in Redis: values, sealed, and what scripts keep there.
//!
//! Nothing here is ever the reason for an error: whatever goes wrong is a miss. A call has little time; after several failures in a row the connection is given up, nobody
//! calls any more, and a new one is made beside the requests and tried before it is used.

mod address;

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use ::redis::aio::{ConnectionLike, MultiplexedConnection};
use ::redis::cluster_async::ClusterConnection;
use ::redis::{
    AsyncConnectionConfig, Cmd, ErrorKind, FromRedisValue, Pipeline, RedisError, RedisFuture, ScriptInvocation, ServerErrorKind, Value, cmd,
};
use bytes::Bytes;
use secrecy::ExposeSecret;
use tokio::sync::Notify;
use tokio::time::error::Elapsed;

use super::key::{Hash, Key};
use crate::config;
use crate::domain::hex::hex;
pub use address::AddressError;
use address::{Target, target};

/// Failures in a row after which nobody calls any more.
const FAILURES: u32 = 5;
/// How long a new connection may take to be made.
const CONNECTING: Duration = Duration::from_secs(2);
/// Shortest and longest time between two attempts to connect.
const BETWEEN: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(2));
/// What keys begin with: ours, and the form of what is behind them.
const PREFIX: &str = "concord:answer:1:";
/// What the names of documents begin with. A text needs no seal: its hash is its name.
const DOCUMENT_PREFIX: &str = "concord:document:1:";
/// For how long the text of a document is kept after it was sent last, in seconds: a week.
const DOCUMENT_SECONDS: u32 = 604_800;

/// A connection that all requests share.
#[derive(Clone)]
enum Connection {
    One(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::One(connection) => connection.req_packed_command(command),
            Self::Cluster(connection) => connection.req_packed_command(command),
        }
    }

    fn req_packed_commands<'a>(&'a mut self, commands: &'a Pipeline, offset: usize, count: usize) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::One(connection) => connection.req_packed_commands(commands, offset, count),
            Self::Cluster(connection) => connection.req_packed_commands(commands, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::One(connection) => connection.get_db(),
            Self::Cluster(connection) => connection.get_db(),
        }
    }
}

/// The shared tier.
pub struct Remote {
    target: Target,
    /// None while nobody is to call.
    connection: RwLock<Option<Connection>>,
    lost: Notify,
    failures: AtomicU32,
    timeout: Duration,
    longest: u64,
    unreached: AtomicU64,
    calls: AtomicU64,
    failed: AtomicU64,
    microseconds: AtomicU64,
}

impl std::fmt::Debug for Remote {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Remote").field("is_connected", &self.is_connected()).finish_non_exhaustive()
    }
}

/// What the tier has done so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calls {
    /// Calls.
    pub all: u64,
    /// Those that failed.
    pub failed: u64,
    /// Time that all of them took together, in microseconds.
    pub microseconds: u64,
}

impl Remote {
    /// As the settings say; `None` without an address.
    ///
    /// # Errors
    /// When the address cannot be used. That nobody answers there is no error.
    pub fn new(settings: &config::Redis, longest: u64) -> Result<Option<Self>, AddressError> {
        if settings.url.expose_secret().is_empty() {
            return Ok(None);
        }
        Ok(Some(Self {
            target: target(settings)?,
            connection: RwLock::default(),
            lost: Notify::new(),
            failures: AtomicU32::new(0),
            timeout: config::milliseconds(settings.timeout_ms),
            longest,
            unreached: AtomicU64::new(0),
            calls: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            microseconds: AtomicU64::new(0),
        }))
    }

    /// What stands under a key: anything, or nothing.
    pub async fn get(&self, key: &Key) -> Option<Bytes> {
        // No more than what could be an entry, whatever stands there.
        let mut command = cmd("GETRANGE");
        command.arg(name(key)).arg(0).arg(self.longest);
        let value: Vec<u8> = self.call(&command).await?;
        Some(Bytes::from(value)).filter(|value| !value.is_empty())
    }

    /// Puts a value under a key for so long.
    pub async fn put(&self, key: &Key, value: &[u8], lifetime: Duration) {
        if value.len() as u64 <= self.longest {
            let mut command = cmd("SET");
            command.arg(name(key)).arg(value).arg("PX").arg(lifetime.as_millis().max(1) as u64);
            let _: Option<()> = self.call(&command).await;
        }
    }

    /// The text of a document by its hash, up to so many bytes: anything, or nothing.
    pub async fn document(&self, hash: &Hash, longest: usize) -> Option<Bytes> {
        let mut command = cmd("GETRANGE");
        command.arg(document_name(hash)).arg(0).arg(longest);
        let value: Vec<u8> = self.call(&command).await?;
        Some(Bytes::from(value)).filter(|value| !value.is_empty())
    }

    /// Puts the text of a document under its hash.
    pub async fn put_document(&self, hash: &Hash, text: &str) {
        let mut command = cmd("SET");
        command.arg(document_name(hash)).arg(text).arg("EX").arg(DOCUMENT_SECONDS);
        let _: Option<()> = self.call(&command).await;
    }

    /// Whether there is a connection, and calls are made.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.connection.read().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// How often nobody could be connected to.
    #[must_use]
    pub fn unreached(&self) -> u64 {
        self.unreached.load(Ordering::Relaxed)
    }

    /// What it has done so far.
    #[must_use]
    pub fn calls(&self) -> Calls {
        let [all, failed, microseconds] = [&self.calls, &self.failed, &self.microseconds].map(|number| number.load(Ordering::Relaxed));
        Calls { all, failed, microseconds }
    }

    /// Makes connections, and new ones for those that are given up. Ends only by being dropped.
    pub async fn keep_connected(&self) {
        let mut pause = BETWEEN.0;
        let mut is_told = false;
        loop {
            match self.connect().await {
                Ok(connection) => {
                    tracing::info!("redis is there");
                    is_told = false;
                    self.failures.store(0, Ordering::Relaxed);
                    self.put_connection(Some(connection));
                    let since = Instant::now();
                    self.lost.notified().await;
                    // One that lasts for a moment only is none to hurry back to.
                    if since.elapsed() > BETWEEN.1 {
                        pause = BETWEEN.0;
                    }
                    tracing::warn!("redis is given up for a while: its calls fail or take too long");
                }
                Err(error) => {
                    self.unreached.fetch_add(1, Ordering::Relaxed);
                    // Once for each time that it is lost: a wrong password or certificate would else never be told.
                    let (error, is_first) = (error.category(), std::mem::replace(&mut is_told, true));
                    if is_first {
                        tracing::warn!(error, "redis cannot be reached, and is tried again and again");
                    } else {
                        tracing::debug!(error, "redis cannot be reached");
                    }
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(BETWEEN.1);
        }
    }

    /// A connection over which somebody answers in time.
    async fn connect(&self) -> Result<Connection, RedisError> {
        let late = || RedisError::from((ErrorKind::Io, "it takes too long"));
        let config = AsyncConnectionConfig::new().set_connection_timeout(Some(CONNECTING)).set_response_timeout(Some(CONNECTING));
        let connecting = async {
            Ok::<_, RedisError>(match &self.target {
                Target::One(client) => Connection::One(client.get_multiplexed_async_connection_with_config(&config).await?),
                Target::Sentinel(client) => Connection::One(client.lock().await.get_async_connection_with_config(&config).await?),
                Target::Cluster(client) => Connection::Cluster(client.get_async_connection().await?),
            })
        };
        let mut connection = tokio::time::timeout(CONNECTING * 2, connecting).await.map_err(|_| late())??;
        // Any server of a cluster may tell the time, one that is missing there stops nobody.
        let time: Result<Value, RedisError> =
            tokio::time::timeout(self.timeout, cmd("TIME").query_async(&mut connection)).await.map_err(|_| late())?;
        time.map(|_| connection)
    }

    fn put_connection(&self, connection: Option<Connection>) {
        *self.connection.write().unwrap_or_else(PoisonError::into_inner) = connection;
    }

    /// The connection, while there is one.
    fn connection(&self) -> Option<Connection> {
        self.connection.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Runs a script, which the server is sent only if it does not know it.
    pub(super) async fn run<T: FromRedisValue>(&self, call: &ScriptInvocation<'_>) -> Option<T> {
        let mut connection = self.connection()?;
        let started = Instant::now();
        let outcome = tokio::time::timeout(self.timeout, call.invoke_async::<T>(&mut connection)).await;
        self.judge(started, outcome)
    }

    async fn call<T: FromRedisValue>(&self, command: &Cmd) -> Option<T> {
        let mut connection = self.connection()?;
        let started = Instant::now();
        let outcome = tokio::time::timeout(self.timeout, command.query_async::<T>(&mut connection)).await;
        self.judge(started, outcome)
    }

    /// What came of a call, which is counted; the connection is given up where it is of no more use.
    fn judge<T>(&self, started: Instant, outcome: Result<Result<T, RedisError>, Elapsed>) -> Option<T> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.microseconds.fetch_add(started.elapsed().as_micros() as u64, Ordering::Relaxed);
        match outcome {
            Ok(Ok(value)) => {
                self.failures.store(0, Ordering::Relaxed);
                Some(value)
            }
            Ok(Err(error)) => {
                self.failed.fetch_add(1, Ordering::Relaxed);
                tracing::debug!(error = error.to_string(), "a call to redis failed");
                match error.kind() {
                    // Another server has taken over: it is to be found.
                    ErrorKind::Server(ServerErrorKind::ReadOnly | ServerErrorKind::MasterDown) => self.give_up(),
                    // It answers, and has no room, or something else under the key.
                    ErrorKind::Server(_) | ErrorKind::Extension | ErrorKind::UnexpectedReturnType | ErrorKind::Parse => {}
                    _ => self.fail(),
                }
                None
            }
            Err(_) => {
                self.failed.fetch_add(1, Ordering::Relaxed);
                self.fail();
                None
            }
        }
    }

    fn fail(&self) {
        if self.failures.fetch_add(1, Ordering::Relaxed) + 1 >= FAILURES {
            self.give_up();
        }
    }

    fn give_up(&self) {
        let had = self.connection.write().unwrap_or_else(PoisonError::into_inner).take();
        if had.is_some() {
            self.lost.notify_one();
        }
    }
}

fn document_name(hash: &Hash) -> String {
    format!("{DOCUMENT_PREFIX}{}", hex(hash))
}

fn name(key: &Key) -> String {
    format!("{PREFIX}{}", hex(key.bytes()))
}
