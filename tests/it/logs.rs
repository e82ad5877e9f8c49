//! What stands in the logs, and what never does.

use serde_json::{Value, json};

use crate::process::{Running, demo, folder, post, program};
use crate::support::{Database, Template, TestApp};
use sqlx::{Connection, Executor, PgConnection, SqliteConnection};

/// What a caller says about somebody, which no log may repeat.
const CANARY: &str = "canary7f3a";

/// A caller names a person in variables, searches and identifiers, in good requests and bad ones: the logs, even at their most talkative, tell which operations
/// ran with what result, and nothing of what was in them.
#[test]
fn tells_operations_and_no_values() {
    let folder = folder();
    let mut command = demo(folder.path());
    command.env("CONCORD__LOG__FORMAT", "json").env("CONCORD__LOG__LEVEL", "trace");
    let running = Running::start(&mut command);
    let by_variable = json!({ "operationName": "Search", "query": "query Search($words: String) { courses(search: $words, first: 1) { totalCount } }", "variables": { "words": CANARY } });
    let answered = running.post(&by_variable);
    for body in [
        json!({ "query": format!("{{ courses(search: \"{CANARY}\", first: 1) {{ nodes {{ title }} }} }}") }),
        json!({ "query": format!("{{ node(id: \"{CANARY}\") {{ id }} }}") }),
        json!({ "query": format!("{{ institution(by: {{ slug: \"{CANARY}\" }}) {{ id }} }}") }),
        json!({ "query": format!("{{ courses(after: \"{CANARY}\") {{ totalCount }} }}") }),
        json!({ "query": format!("{{ courses(filter: {{ institutionIds: [\"{CANARY}\"] }}) {{ totalCount }} }}") }),
        json!({ "query": format!("{{ courses(filter: {{ priceAtMost: \"{CANARY}\" }}) {{ totalCount }} }}") }),
        json!({ "query": format!("{{ {CANARY} ") }),
        json!({ "query": "query($v: Int) { courses(first: $v) { totalCount } }", "variables": { "v": CANARY } }),
        json!({ "query": "{ viewer { kind } }", "variables": CANARY }),
    ] {
        running.post(&body);
    }
    running.send(&format!(
        "GET /graphql?query=%7Bcourses(search:%22{CANARY}%22)%7BtotalCount%7D%7D HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    ));
    running.send(&format!(
        "POST /graphql HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {CANARY}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    ));
    // Forms that nobody has.
    running.send(&format!("GET /graphql?query={CANARY} HTTP/1.1\r\nhost: x\r\naccept: text/{CANARY}\r\nconnection: close\r\n\r\n"));
    // A fault of the database, whose text is logged.
    let url = format!("sqlite://{}", folder.path().join("demo.db").display());
    let lose = async {
        SqliteConnection::connect(&url).await.expect("the file").execute("ALTER TABLE course RENAME TO lost").await.expect("a statement")
    };
    tokio::runtime::Runtime::new().expect("a runtime").block_on(lose);
    // Another question: what the first one read is kept.
    let mut other = by_variable.clone();
    other["query"] = other["query"].as_str().expect("a text").replace("first: 1", "first: 2").into();
    let failed = running.post(&other);
    assert!(failed.contains("INTERNAL"));
    let lines = running.stop();

    let betrayed: Vec<&String> = lines.iter().filter(|line| line.contains(CANARY)).collect();
    assert!(betrayed.is_empty(), "{betrayed:#?}");
    let events: Vec<Value> = lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let event = events
        .iter()
        .find(|event| event["message"] == "answered" && event["span"]["request_id"] == request_id(&answered))
        .expect("the operation is logged");
    assert_eq!(
        json!([event["message"], event["level"], event["operation"], event["document"], event["status"]]),
        json!(["answered", "INFO", "Search", document_hash(by_variable["query"].as_str().expect("text")), 200])
    );
    assert_eq!(events.iter().filter(|event| event["message"] == "answered").count(), 14, "every request leaves one line");
    let fault = events.iter().find(|event| event["message"] == "a field failed").expect("the fault is logged");
    assert_eq!((&fault["level"], &fault["span"]["request_id"]), (&json!("ERROR"), &json!(request_id(&failed))));
    assert!(fault["error"].as_str().is_some_and(|error| error.contains("course")), "{fault}");
}

/// The identifier that an answer gives.
fn request_id(answer: &str) -> &str {
    answer.lines().find_map(|line| line.strip_prefix("x-request-id: ")).expect("an id")
}

/// The code and the message of an answer's first error.
fn first_error(answer: &str) -> (String, String) {
    let body: Value = serde_json::from_str(answer.split_once("\r\n\r\n").expect("a body").1).expect("JSON");
    let told = |place: &str| body.pointer(place).and_then(Value::as_str).unwrap_or_default().to_owned();
    (told("/errors/0/extensions/code"), told("/errors/0/message"))
}

/// Who waits for a lock.
const WAITING: &str = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
/// Ends what waits for a lock, as the database does by itself when the time of a statement is over.
const CANCEL: &str = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";

/// While a table is locked one caller finds no connection free, and another's statement runs out of its time: each is told what can be done, and each has a line
/// in the log that names the request, even where only warnings are logged. On `PostgreSQL` only: on `SQLite` readers never wait for anybody.
#[tokio::test]
async fn tells_busy_from_slow() {
    let app = TestApp::start(Database::Postgres, Template::Twins, |_| {}).await;
    let mut command = program(&["serve"]);
    command.env("CONCORD__DATABASE__URL", app.url()).env("CONCORD__SERVER__LISTEN", "127.0.0.1:0");
    command.env("CONCORD__CURSORS__SECRET", "0".repeat(32)).env("CONCORD__LOG__LEVEL", "off,concord=warn,concord::command=info");
    // One connection; one caller waits for it briefly, the other one holds it for as long as the test takes.
    command
        .env("CONCORD__DATABASE__CONNECTIONS", "1")
        .env("CONCORD__DATABASE__ACQUIRE_MS", "300")
        .env("CONCORD__SERVER__DEADLINE_MS", "120000");
    let running = Running::start(&mut command);
    let address = running.address;
    let ask = |document: &'static str| tokio::task::spawn_blocking(move || post(address, &json!({ "query": document })));
    let mut holder = PgConnection::connect(&app.url()).await.expect("a connection");
    holder.execute("BEGIN; LOCK TABLE region IN ACCESS EXCLUSIVE MODE").await.expect("the lock");
    let mut watcher = PgConnection::connect(&app.url()).await.expect("a connection");
    let slow = ask("{ regions { code } }");
    while watcher.fetch_optional(WAITING).await.expect("the activity").is_none() {}
    let busy = ask("{ industries { naicsCode } }").await.expect("an answer");
    watcher.execute(CANCEL).await.expect("the end of the statement");
    let slow = slow.await.expect("an answer");
    holder.execute("ROLLBACK").await.expect("the end of the lock");

    let timeout = |message: &str| ("TIMEOUT".to_owned(), message.to_owned());
    assert_eq!(first_error(&busy), timeout("the server is busy; try again in a moment"));
    assert_eq!(first_error(&slow), timeout("reading this took too long; ask for less at a time"));
    let lines = running.stop();
    for (answer, message) in [(&busy, "no connection to the database came free in time"), (&slow, "a statement ran out of its time")] {
        let line = lines.iter().find(|line| line.contains(message)).unwrap_or_else(|| panic!("{message} in {lines:#?}"));
        assert!(line.contains("WARN") && line.contains(request_id(answer)), "{line}");
    }
}

/// First digits of a document's SHA-256, by another program than ours.
fn document_hash(document: &str) -> String {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let mut child = Command::new("sha256sum").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("sha256sum runs");
    child.stdin.take().expect("a pipe").write_all(document.as_bytes()).expect("the document");
    let output = child.wait_with_output().expect("a hash");
    String::from_utf8_lossy(&output.stdout)[..16].to_owned()
}
