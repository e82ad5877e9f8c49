//! Connections as they come over the wire: slow, silent, many, too long, and still there when the server stops. No database takes part in any of this, so
//! the embedded one is enough.

use std::time::Duration;

use concord::config::Settings;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::{Database, Template, TestApp, snapshot};

/// Far more than anything here takes: a test that reaches it has failed.
const PATIENCE: Duration = Duration::from_mins(1);

/// The twins with other settings of the server.
async fn app(change: impl FnOnce(&mut Settings)) -> TestApp {
    TestApp::start(Database::Sqlite, Template::Twins, change).await
}

/// A connection on which this has been sent.
async fn connection(app: &TestApp, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(app.address).await.expect("a connection");
    stream.write_all(text.as_bytes()).await.expect("bytes are sent");
    stream
}

/// Everything that comes until the server closes the connection, without the lines that tell the time and what is never the same.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A server that closes while bytes are still coming resets the connection: what it said before is what counts.
    let _ = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("the connection is closed");
    let text = String::from_utf8(bytes).expect("text");
    text.split("\r\n").filter(|line| !line.starts_with("date: ")).collect::<Vec<_>>().join("\n")
}

/// What comes until this text has come.
async fn until(stream: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    while !text.ends_with(end) {
        let byte = timeout(PATIENCE, stream.read_u8()).await.expect("an answer in time").expect("an answer");
        text.push(char::from(byte));
    }
    text
}

/// A post of the viewer's kind with a body of its full length, or only the head and a part of the body.
fn post(sent: usize, more: &str) -> String {
    let body = r#"{"query":"{ viewer { kind } }"}"#;
    let sent = &body[..sent.min(body.len())];
    format!("POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n{more}content-length: {}\r\n\r\n{sent}", body.len())
}

/// Somebody connects and says nothing: the connection is closed when the time for the first byte is over.
#[tokio::test]
async fn closes_silent_connections() {
    let app = app(|settings| {
        settings.server.first_byte_ms = 100;
        // No other limit is to close it while the test waits.
        settings.server.header_ms = 2 * PATIENCE.as_millis() as u64;
    })
    .await;
    assert_eq!(rest(&mut connection(&app, "").await).await, "");
}

/// Somebody sends half a head: the connection is closed when the time for it is over.
#[tokio::test]
async fn closes_at_half_a_head() {
    let app = app(|settings| settings.server.header_ms = 100).await;
    assert_eq!(rest(&mut connection(&app, "GET /health/live HTTP/1.1\r\nhost: x\r\nx-slow: ").await).await, "");
}

/// A client leaves its connection idle after a request: it is answered, then closed when the time for the next head is over.
#[tokio::test]
async fn closes_idle_connections() {
    let app = app(|settings| settings.server.header_ms = 100).await;
    let answer = rest(&mut connection(&app, "GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n").await).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("live\n"), "{answer}");
}

/// Somebody sends a head and a part of the body: 408 when the time for the body is over, and the connection goes.
#[tokio::test]
async fn gives_up_slow_bodies() {
    let app = app(|settings| settings.server.body_ms = 100).await;
    let answer = rest(&mut connection(&app, &post(10, "")).await).await;
    snapshot!("slow_body", answer.lines().collect::<Vec<_>>());
}

/// Somebody announces no length and sends a body that never ends: 413 as soon as it is too long.
#[tokio::test]
async fn refuses_endless_bodies() {
    let app = app(|_| {}).await;
    let head = "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    let chunk = format!("1000\r\n{}\r\n", " ".repeat(4096));
    let mut stream = connection(&app, &format!("{head}{}", chunk.repeat(33))).await;
    let answer = until(&mut stream, "}").await;
    assert!(answer.starts_with("HTTP/1.1 413 Payload Too Large"), "{answer}");
}

/// Somebody announces a body that is too long: 413 before any of it has come.
#[tokio::test]
async fn refuses_announced_bodies() {
    let app = app(|_| {}).await;
    let head = "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 131073\r\n\r\n";
    let mut stream = connection(&app, head).await;
    let answer = until(&mut stream, "}]}").await;
    assert!(answer.starts_with("HTTP/1.1 413 Payload Too Large") && answer.contains(r#""actual":131073"#), "{answer}");
}

/// Two connections are all that are allowed: a third waits, and is served when one of them has gone.
#[tokio::test]
async fn caps_connections() {
    let app = app(|settings| settings.server.max_connections = 2).await;
    let get = "GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n";
    let mut first = connection(&app, get).await;
    let mut second = connection(&app, get).await;
    until(&mut first, "live\n").await;
    until(&mut second, "live\n").await;
    let mut third = connection(&app, get).await;
    let early = timeout(Duration::from_millis(300), third.read_u8()).await;
    assert!(early.is_err(), "the third connection is not served beside two others");
    drop(first);
    assert!(until(&mut third, "live\n").await.starts_with("HTTP/1.1 200 OK"));
}

/// A client sends several requests without waiting: they are answered in order on the one connection.
#[tokio::test]
async fn answers_pipelined_requests() {
    let app = app(|_| {}).await;
    let last = "GET /nowhere HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let requests =
        format!("GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n{}GET /health/ready HTTP/1.1\r\nhost: x\r\n\r\n{last}", post(usize::MAX, ""));
    let answers = rest(&mut connection(&app, &requests).await).await;
    snapshot!("pipelined_requests", answers.lines().collect::<Vec<_>>());
}

/// Somebody sends a head that is longer than any request's: it is refused, and the connection goes.
#[tokio::test]
async fn refuses_long_heads() {
    let app = app(|_| {}).await;
    let long = "x".repeat(200 * 1024);
    let header = rest(&mut connection(&app, &format!("GET /health/live HTTP/1.1\r\nhost: x\r\nx-long: {long}\r\n\r\n")).await).await;
    let address = rest(&mut connection(&app, &format!("GET /graphql?query={long} HTTP/1.1\r\nhost: x\r\n\r\n")).await).await;
    let status = |answer: &str| answer.lines().next().unwrap_or_default().to_owned();
    snapshot!("long_heads", json!({ "header": status(&header), "address": status(&address) }));
}

/// Somebody speaks no HTTP, or another version of it: refused, and the server lives on.
#[tokio::test]
async fn survives_other_protocols() {
    let app = app(|_| {}).await;
    for noise in [
        "\x16\x03\x01\x02\x00\x01\x00\x01",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "\0\0\0\0\r\n\r\n",
        "SSH-2.0-OpenSSH\r\n",
    ] {
        let answer = rest(&mut connection(&app, noise).await).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.1 5"), "{noise:?}: {answer}");
    }
    assert_eq!(app.get("/health/live").await.text(), "live\n");
}

/// The server is stopped while a request is under way: that one is answered to its end, and nobody new is let in.
#[tokio::test]
async fn stops_gracefully() {
    let mut app = app(|_| {}).await;
    let mut stream = connection(&app, &post(0, "expect: 100-continue\r\n")).await;
    // Now the endpoint waits for the body.
    until(&mut stream, "HTTP/1.1 100 Continue\r\n\r\n").await;
    let mut idle = connection(&app, "GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n").await;
    until(&mut idle, "live\n").await;
    app.stop();
    let refused = async { while TcpStream::connect(app.address).await.is_ok() {} };
    timeout(PATIENCE, refused).await.expect("nobody new is let in");
    assert_eq!(rest(&mut idle).await, "", "an idle connection is closed");
    stream.write_all(br#"{"query":"{ viewer { kind } }"}"#).await.expect("the body is taken");
    let answer = rest(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains("ANONYMOUS"), "{answer}");
}

/// Clients ask for long answers and read none of them: their connections are closed in time, and the only place is free for somebody else.
#[tokio::test]
async fn closes_connections_that_do_not_read() {
    let app = app(|settings| {
        settings.server.max_connections = 1;
        settings.server.write_ms = 100;
    })
    .await;
    // Far more answers than the system keeps for a client that does not read.
    let mut greedy = TcpStream::connect(app.address).await.expect("a connection");
    let asking = tokio::spawn(async move {
        while greedy.write_all(b"GET /schema.graphql HTTP/1.1\r\nhost: x\r\n\r\n").await.is_ok() {}
        greedy
    });
    let mut patient = connection(&app, "GET /health/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(rest(&mut patient).await.ends_with("live\n"));
    timeout(PATIENCE, asking).await.expect("the connection is closed").expect("a task");
}
