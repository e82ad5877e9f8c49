//! What the program takes in time and memory while it serves.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::Request;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

use super::{build, memory, program};
use crate::support::{Database, TestApp};

/// Requests of the measurement.
const REQUESTS: usize = 10_000;
/// Connections that send them.
const CONNECTIONS: usize = 16;

/// A process that is ended with the test, however that ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Reads until a line tells an address of this machine, then goes on reading, lest the process wait for its reader.
fn address(output: impl Read + Send + 'static) -> SocketAddr {
    let mut lines = BufReader::new(output).lines();
    let found = lines.by_ref().find_map(|line| {
        let line = line.ok()?;
        let (_, behind) = line.split_once("127.0.0.1:")?;
        let port: String = behind.chars().take_while(char::is_ascii_digit).collect();
        format!("127.0.0.1:{port}").parse().ok()
    });
    std::thread::spawn(move || lines.for_each(drop));
    found.expect("a line with an address")
}

/// The search page of a portal.
fn portal() -> Value {
    json!({
        "query": include_str!("../operations/portal_catalog_search.graphql"),
        "variables": {
            "search": "technician",
            "filter": { "modalities": ["HYBRID", "ONLINE_LIVE", "IN_PERSON"], "priceAtMost": "750.00", "hasSeats": true },
            "first": 10,
        },
    })
}

/// Ten thousand visitors search a catalog on PostgreSQL: all are answered, and the resident memory afterwards is printed beside its goal.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "full counts: scripts/prove catalog"]
async fn prove_catalog_memory() {
    let app = TestApp::demo(Database::Postgres).await;
    let mut command = program();
    command.arg("serve").env("CONCORD__DATABASE__URL", app.url()).env("CONCORD__SERVER__LISTEN", "127.0.0.1:0");
    // All visitors come from one address.
    command.env("CONCORD__BUDGET__ANONYMOUS__CAPACITY", "1000000000");
    command.env("CONCORD__CURSORS__SECRET", "a secret of the proofs, long enough to sign").stderr(Stdio::piped());
    let mut running = Running(command.spawn().expect("the program starts"));
    let address = address(running.0.stderr.take().expect("its log"));
    let idle = memory(running.0.id(), "VmRSS").expect("a state");
    let client = Arc::new(Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>());
    let body = Bytes::from(portal().to_string());
    let begun = Instant::now();
    let senders: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let (client, body) = (Arc::clone(&client), body.clone());
            tokio::spawn(async move {
                let mut bytes = 0;
                for _ in 0..REQUESTS / CONNECTIONS {
                    let request = Request::post(format!("http://{address}/graphql")).header("content-type", "application/json");
                    let answer = client.request(request.body(Full::new(body.clone())).expect("a request")).await.expect("an answer");
                    assert!(answer.status().is_success());
                    let answer = answer.into_body().collect().await.expect("a body").to_bytes();
                    let answer: Value = serde_json::from_slice(&answer).inspect(|_| bytes += answer.len()).expect("JSON");
                    let found = answer.pointer("/data/courses/totalCount").and_then(Value::as_u64);
                    assert!(answer.get("errors").is_none() && found.is_some_and(|found| found > 0), "{answer:#}");
                }
                bytes
            })
        })
        .collect();
    let mut bytes = 0;
    for sender in senders {
        bytes += sender.await.expect("answers");
    }
    let seconds = begun.elapsed().as_secs_f64();
    let (after, peak) = (memory(running.0.id(), "VmRSS").expect("a state"), memory(running.0.id(), "VmHWM").expect("a state"));
    println!(
        "serve on PostgreSQL: idle {idle:.1} MiB resident; after {REQUESTS} times portal_1 ({} bytes each, {:.0} a second with the client beside it) {after:.1} MiB (goal 60), at most {peak:.1} MiB; {}",
        bytes / REQUESTS,
        REQUESTS as f64 / seconds,
        build()
    );
    assert!(after < 2.0 * 60.0, "{after} MiB after {REQUESTS} requests");
}

/// A newcomer starts the demo for the first time, and again: the times are printed beside their goals.
#[test]
#[ignore = "full counts: scripts/prove catalog"]
fn prove_catalog_demo_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let start = || {
        let begun = Instant::now();
        let mut command = program();
        command.args(["demo", "--listen", "127.0.0.1:0", "--data"]).arg(folder.path()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut running = Running(command.spawn().expect("the program starts"));
        address(running.0.stdout.take().expect("its greeting"));
        let time = begun.elapsed();
        (time, memory(running.0.id(), "VmRSS").expect("a state"))
    };
    let (first, _) = start();
    let later: Vec<(Duration, f64)> = (0..3).map(|_| start()).collect();
    println!("demo: ready after {first:.1?} the first time (goal 15 s), then {later:.2?} (goal 1 s; MiB resident); {}", build());
    let size = std::fs::metadata(folder.path().join("demo.db")).expect("the database").len();
    assert!(size > 1_000_000, "{size} bytes");
}
