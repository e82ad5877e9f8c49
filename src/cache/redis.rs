//! What nodes share, in Redis: values, sealed, and what scripts keep there.
//!
//! Nothing here is ever the reason for an error: whatever goes wrong is a miss. A call has little time; after several failures in a row the connection is given up, nobody
//! calls any more, and a new one is made beside the requests and tried before it is used.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use ::redis::aio::{ConnectionLike, MultiplexedConnection};
use ::redis::cluster::ClusterClient;
use ::redis::cluster_async::ClusterConnection;
use ::redis::sentinel::{SentinelClient, SentinelNodeConnectionInfo, SentinelServerType};
use ::redis::{
    AsyncConnectionConfig, Client, Cmd, ErrorKind, FromRedisValue, Pipeline, RedisConnectionInfo, RedisError, RedisFuture,
    ScriptInvocation, ServerErrorKind, TlsMode, Value, cmd,
};
use bytes::Bytes;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{Mutex, Notify};
use tokio::time::error::Elapsed;

use super::key::Key;
use crate::config;
use crate::domain::hex::hex;

/// Failures in a row after which nobody calls any more.
const FAILURES: u32 = 5;
/// How long a new connection may take to be made.
const CONNECTING: Duration = Duration::from_secs(2);
/// Shortest and longest time between two attempts to connect.
const BETWEEN: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(2));
/// What keys begin with: ours, and the form of what is behind them.
const PREFIX: &str = "concord:answer:1:";

/// An address that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("redis.url cannot be used: {0}")]
pub struct AddressError(String);

/// How the servers are reached.
enum Target {
    One(Box<Client>),
    Cluster(Box<ClusterClient>),
    Sentinel(Box<Mutex<SentinelClient>>),
}

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
            target: target(&settings.url, config::milliseconds(settings.timeout_ms))?,
            connection: RwLock::default(),
            lost: Notify::new(),
            failures: AtomicU32::new(0),
            timeout: config::milliseconds(settings.timeout_ms),
            longest,
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

    /// Whether there is a connection, and calls are made.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.connection.read().unwrap_or_else(PoisonError::into_inner).is_some()
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
        loop {
            match self.connect().await {
                Ok(connection) => {
                    tracing::info!("redis is there");
                    pause = BETWEEN.0;
                    self.failures.store(0, Ordering::Relaxed);
                    self.put_connection(Some(connection));
                    self.lost.notified().await;
                    tracing::warn!("redis is given up for a while: its calls fail or take too long");
                }
                Err(error) => tracing::debug!(error = error.to_string(), "redis is not there"),
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
        let ping: Result<String, RedisError> =
            tokio::time::timeout(self.timeout, cmd("PING").query_async(&mut connection)).await.map_err(|_| late())?;
        ping.map(|_| connection)
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

fn name(key: &Key) -> String {
    format!("{PREFIX}{}", hex(key.bytes()))
}

/// Reads an address: `redis://`, or `rediss://` with TLS, for one server; with `+cluster` or `+sentinel` behind the name, several servers divided by commas, and for sentinels
/// the name of the master as the path.
fn target(url: &SecretString, timeout: Duration) -> Result<Target, AddressError> {
    let fail = |text: &str| AddressError(text.to_owned());
    let library = |error: RedisError| AddressError(error.category().to_owned());
    let url = url.expose_secret();
    let (scheme, rest) = url.split_once("://").ok_or_else(|| fail("it has no scheme"))?;
    let (scheme, way) = scheme.split_once('+').unwrap_or((scheme, ""));
    if !matches!(scheme, "redis" | "rediss") {
        return Err(fail("it must begin with redis:// or rediss://, or with +cluster or +sentinel behind these names"));
    }
    if way.is_empty() {
        return Client::open(url).map(|client| Target::One(Box::new(client))).map_err(library);
    }
    let (login, rest) = rest.rsplit_once('@').map_or(("", rest), |(login, rest)| (login, rest));
    let (hosts, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (user, password) = login.split_once(':').unwrap_or((login, ""));
    let plain = |text: &str| {
        form_urlencoded::parse(format!("x={}", text.replace('+', "%2B")).as_bytes())
            .next()
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default()
    };
    let nodes: Vec<String> = hosts.split(',').map(|host| format!("{scheme}://{host}")).collect();
    match way {
        "cluster" => {
            let mut builder = ClusterClient::builder(nodes).connection_timeout(CONNECTING).response_timeout(timeout).retries(1);
            if scheme == "rediss" {
                builder = builder.tls(TlsMode::Secure);
            }
            if !user.is_empty() {
                builder = builder.username(plain(user));
            }
            if !password.is_empty() {
                builder = builder.password(plain(password));
            }
            builder.build().map(|client| Target::Cluster(Box::new(client))).map_err(library)
        }
        "sentinel" => {
            let (master, database) = path.split_once('/').unwrap_or((path, "0"));
            if master.is_empty() {
                return Err(fail("the name of the master is missing behind the sentinels"));
            }
            let mut login = RedisConnectionInfo::default().set_db(database.parse().map_err(|_| fail("the database is no number"))?);
            if !user.is_empty() {
                login = login.set_username(plain(user));
            }
            if !password.is_empty() {
                login = login.set_password(plain(password));
            }
            let mut info = SentinelNodeConnectionInfo::default().set_redis_connection_info(login);
            if scheme == "rediss" {
                info = info.set_tls_mode(TlsMode::Secure);
            }
            let client = SentinelClient::build(nodes, master, Some(info), SentinelServerType::Master).map_err(library)?;
            Ok(Target::Sentinel(Box::new(Mutex::new(client))))
        }
        _ => Err(fail("behind + stands cluster or sentinel")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which way an address leads, or why nowhere.
    fn read(url: &str) -> Result<&'static str, String> {
        match target(&url.into(), Duration::from_millis(20)) {
            Ok(Target::One(_)) => Ok("one"),
            Ok(Target::Cluster(_)) => Ok("cluster"),
            Ok(Target::Sentinel(_)) => Ok("sentinel"),
            Err(error) => Err(error.to_string()),
        }
    }

    /// An operator writes addresses of every sort, and wrong ones, which are refused without showing the password.
    #[test]
    fn addresses_are_read() {
        for (url, way) in [
            ("redis://cache.example.edu", "one"),
            ("rediss://user:pass%40word@cache.example.edu:6380/2", "one"),
            ("redis+cluster://user:password@a:6379,b:6379", "cluster"),
            ("rediss+cluster://a:6379", "cluster"),
            ("redis+sentinel://user:password@a:26379,b:26379/main", "sentinel"),
            ("rediss+sentinel://a:26379/main/3", "sentinel"),
        ] {
            assert_eq!(read(url), Ok(way), "{url}");
        }
        for url in [
            "cache",
            "http://a",
            "redis+x://hunter2@a",
            "redis+sentinel://x:hunter2@a:26379",
            "redis+sentinel://a/main/x",
            "redis://:hunter2@:x",
        ] {
            let error = read(url).expect_err(url);
            assert!(error.starts_with("redis.url cannot be used: ") && !error.contains("hunter2"), "{error}");
        }
    }
}
