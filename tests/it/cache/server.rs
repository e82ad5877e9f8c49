//! A Redis server of a test's own, which it may fill, flush and kill.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{Client, FromRedisValue, RedisError, cmd};

/// Arguments of a server that writes no files.
const ALONE: [&str; 8] = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--daemonize", "no"];

/// The server.
pub(super) struct Server {
    child: Option<Child>,
    pub(super) port: u16,
    arguments: Vec<String>,
    client: Client,
}

/// A port that nobody uses. The system gives those above 32,768 to whoever asks for any, also between this and the start of a server: this is one below, and no test gets it again.
pub(super) fn port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    let first = u16::try_from(std::process::id() % 50).unwrap_or_default() * 200;
    let mut ports = std::iter::repeat_with(|| 20_000 + (first + NEXT.fetch_add(1, Ordering::Relaxed)) % 10_000);
    ports.find(free).expect("a port")
}

impl Server {
    /// Starts the program that `CONCORD_TEST_REDIS` names, on a free port and without files.
    pub(super) async fn start() -> Self {
        Self::with(&[], "").await
    }

    /// Starts it with further arguments; who comes with this before the address gets in.
    pub(super) async fn with(arguments: &[&str], login: &str) -> Self {
        let port = port();
        let number = port.to_string();
        let arguments = [&["--port", &number], &ALONE[..], arguments].concat();
        let client = Client::open(format!("redis://{login}127.0.0.1:{port}")).expect("an address");
        Self::of(port, &arguments, client).await
    }

    /// Starts it on a port with these arguments, and with TLS, which this client speaks.
    pub(super) async fn secured(port: u16, arguments: &[&str], client: Client) -> Self {
        let number = port.to_string();
        Self::of(port, &[&["--port", "0", "--tls-port", &number], &ALONE[..], arguments].concat(), client).await
    }

    /// Starts it with these arguments alone.
    pub(super) async fn of(port: u16, arguments: &[&str], client: Client) -> Self {
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let mut server = Self { child: None, port, arguments, client };
        server.again().await;
        server
    }

    /// Starts it again on its port.
    pub(super) async fn again(&mut self) {
        let program = std::env::var("CONCORD_TEST_REDIS").unwrap_or_else(|_| "redis-server".to_owned());
        let child = Command::new(&program).args(&self.arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        self.child = Some(child.unwrap_or_else(|error| panic!("{program} does not start ({error}): run scripts/test, which provides it")));
        let there = async {
            while self.client.get_multiplexed_async_connection().await.is_err() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), there).await.expect("the server answers");
    }

    /// Kills it.
    pub(super) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Whether it runs.
    pub(super) const fn runs(&self) -> bool {
        self.child.is_some()
    }

    /// Its address.
    pub(super) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    async fn connection(&self) -> MultiplexedConnection {
        self.client.get_multiplexed_async_connection().await.expect("a connection")
    }

    /// Does something, as an operator or an intruder would.
    pub(super) async fn run(&self, parts: &[&[u8]]) {
        self.ask::<redis::Value>(parts).await;
    }

    /// What a command gives.
    pub(super) async fn ask<T: FromRedisValue>(&self, parts: &[&[u8]]) -> T {
        let mut command = cmd(std::str::from_utf8(parts[0]).expect("a name"));
        for part in &parts[1..] {
            command.arg(*part);
        }
        command.query_async(&mut self.connection().await).await.expect("a command that runs")
    }

    /// Waits until what a command gives says something.
    pub(super) async fn says(&self, parts: &[&[u8]], expected: &str) {
        let there = async {
            while !self.ask::<String>(parts).await.contains(expected) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), there).await.unwrap_or_else(|_| panic!("the server says {expected}"));
    }

    /// Answers that are there, by key.
    pub(super) async fn entries(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        // A server that becomes a master puts everybody out.
        let there = async {
            loop {
                if let Ok(entries) = self.read().await {
                    return entries;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), there).await.expect("the server answers")
    }

    async fn read(&self) -> Result<Vec<(Vec<u8>, Vec<u8>)>, RedisError> {
        let mut connection = self.client.get_multiplexed_async_connection().await?;
        let keys: Vec<Vec<u8>> = cmd("KEYS").arg("concord:answer:*").query_async(&mut connection).await?;
        let mut entries = Vec::new();
        for key in keys {
            let value: Vec<u8> = cmd("GET").arg(&key).query_async(&mut connection).await?;
            entries.push((key, value));
        }
        entries.sort_unstable();
        Ok(entries)
    }

    /// Waits until so many entries are there.
    pub(super) async fn holds(&self, number: usize) {
        let there = async {
            while self.entries().await.len() < number {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), there).await.expect("what is kept is given to Redis");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}
