//! A Redis server of a test's own, which it may fill, flush and kill.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{Client, FromRedisValue, cmd};

/// The server.
pub(super) struct Server {
    child: Option<Child>,
    pub(super) port: u16,
}

impl Server {
    /// Starts the program that `CONCORD_TEST_REDIS` names, on a free port and without files.
    pub(super) async fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port();
        let mut server = Self { child: None, port };
        server.again().await;
        server
    }

    /// Starts it again on its port, empty.
    pub(super) async fn again(&mut self) {
        let program = std::env::var("CONCORD_TEST_REDIS").unwrap_or_else(|_| "redis-server".to_owned());
        let port = self.port.to_string();
        let arguments = ["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--daemonize", "no"];
        let child = Command::new(&program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        self.child = Some(child.unwrap_or_else(|error| panic!("{program} does not start ({error}): run scripts/test, which provides it")));
        let there = async {
            while Client::open(self.url()).expect("an address").get_multiplexed_async_connection().await.is_err() {
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

    /// Its address.
    pub(super) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    async fn connection(&self) -> MultiplexedConnection {
        Client::open(self.url()).expect("an address").get_multiplexed_async_connection().await.expect("a connection")
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

    /// Answers that are there, by key.
    pub(super) async fn entries(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut connection = self.connection().await;
        let keys: Vec<Vec<u8>> = cmd("KEYS").arg("concord:answer:*").query_async(&mut connection).await.expect("keys");
        let mut entries = Vec::new();
        for key in keys {
            let value: Vec<u8> = cmd("GET").arg(&key).query_async(&mut connection).await.expect("a value");
            entries.push((key, value));
        }
        entries.sort_unstable();
        entries
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
