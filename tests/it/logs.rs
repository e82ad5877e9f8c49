//! What stands in the logs, and what never does.

use serde_json::{Value, json};

use crate::process::{Running, demo, folder};
use sqlx::{Connection, Executor, SqliteConnection};

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
    // A fault of the database, whose text is logged.
    let url = format!("sqlite://{}", folder.path().join("demo.db").display());
    let lose = async {
        SqliteConnection::connect(&url).await.expect("the file").execute("ALTER TABLE course RENAME TO lost").await.expect("a statement")
    };
    tokio::runtime::Runtime::new().expect("a runtime").block_on(lose);
    assert!(running.post(&by_variable).contains("INTERNAL"));
    let lines = running.stop();

    let betrayed: Vec<&String> = lines.iter().filter(|line| line.contains(CANARY)).collect();
    assert!(betrayed.is_empty(), "{betrayed:#?}");
    let events: Vec<Value> = lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let request_id = answered.lines().find_map(|line| line.strip_prefix("x-request-id: ")).expect("an id");
    let event = events.iter().find(|event| event["request_id"] == request_id).expect("the operation is logged");
    assert_eq!(
        json!([event["message"], event["level"], event["operation"], event["document"], event["status"]]),
        json!(["answered", "INFO", "Search", document_hash(by_variable["query"].as_str().expect("text")), 200])
    );
    assert_eq!(events.iter().filter(|event| event["message"] == "answered").count(), 13, "every request leaves one line");
    let fault = events.iter().find(|event| event["message"] == "a field failed").expect("the fault is logged");
    assert_eq!(fault["level"], "ERROR");
    assert!(fault["error"].as_str().is_some_and(|error| error.contains("course")), "{fault}");
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
