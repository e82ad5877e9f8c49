//! Failures: of documents, of single fields, of the database, and of time.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};
use sqlx::postgres::PgConnection;
use sqlx::{Connection, Executor};

use super::seen;
use crate::support::{Database, Template, TestApp, both, snapshot};

/// A database without one of its tables.
async fn without_regions(database: Database) -> TestApp {
    let app = TestApp::start(database, Template::Twins, |settings| settings.limits.aliases = 200).await;
    app.execute("ALTER TABLE region RENAME TO lost").await;
    app
}

both! {
    /// A visitor asks for several things while a table is missing: what failed is null under its own path without a word of why, its neighbors are untouched.
    async fn masks_faults(database) {
        let app = without_regions(database).await;
        let document = r#"{ regions { code } courses(first: 1) { nodes { code } } inside: institution(by: { slug: "penasco" }) { name region { code } } again: institution(by: { slug: "penasco" }) { name } }"#;
        let answer = app.post(&json!({ "query": document })).await;
        snapshot!("fault_of_a_field", seen(&answer));
        for word in ["region", "table", "SELECT", "sql"] {
            let said: String = answer.json()["errors"].as_array().expect("errors").iter().map(|error| error["message"].to_string()).collect();
            assert!(!said.to_lowercase().contains(&word.to_lowercase()), "{word} in {said}");
        }
    }

    /// A visitor asks for forty things at once while the server has a single connection: all are answered on it, and none waits for another in vain.
    async fn holds_one_connection(database) {
        let app = TestApp::start(database, Template::Twins, |settings| settings.database.connections = 1).await;
        let fields = (0..40).map(|number| format!("a{number}: regions {{ code }} ")).collect::<Vec<_>>().concat();
        let answer = app.data(&format!("{{ {fields} }}")).await;
        assert_eq!(answer.as_object().map(serde_json::Map::len), Some(40));
    }

    /// A visitor asks for two things, of which one is refused with a code of its own: the other is answered.
    async fn fails_alone(database) {
        let app = TestApp::twins(database).await;
        let answer = app.post(&json!({ "query": "{ broken: courses(after: \"x\") { totalCount } viewer { kind } }" })).await;
        snapshot!("two_root_fields", seen(&answer));
    }

    /// A visitor makes 150 fields fail, and 150 that do not exist: no answer lists more than a hundred errors.
    async fn lists_a_hundred_errors(database) {
        let app = without_regions(database).await;
        let failing = (0..150).map(|number| format!("a{number}: regions {{ code }} ")).collect::<Vec<_>>().concat();
        let unknown = (0..150).map(|number| format!("a{number}: nothing{number} ")).collect::<Vec<_>>().concat();
        let failed = app.query(&format!("{{ {failing} }}")).await;
        let invalid = app.query(&format!("{{ {unknown} }}")).await;
        let count = |answer: &Value| answer["errors"].as_array().map(Vec::len);
        assert_eq!((count(&failed), failed["data"].as_object().map(serde_json::Map::len)), (Some(100), Some(150)));
        assert_eq!((count(&invalid), invalid.get("data")), (Some(100), None));
        assert!(failed["errors"].as_array().expect("errors").iter().all(|error| error["extensions"]["code"] == "INTERNAL"));
    }

    /// A visitor sends what the parser and the reader of JSON cannot read: the places are told, and nothing of what they call things inside or of what was sent.
    async fn says_nothing_of_its_readers(database) {
        let app = TestApp::twins(database).await;
        let document = "query($a: Int = 1 @secret7) {\n  viewer { kind }\n}";
        let unread = app.post(&json!({ "query": document })).await;
        snapshot!("document_beyond_the_parser", seen(&unread)["body"]);
        let headers = [("content-type", "application/json")];
        for body in [r#"{"query":7secret7"#, r#"{"query":"{a}","query":"secret7"}"#, r#"{"query":"{viewer{kind}}","variables":{"secret7":tru}}"#, r#"{"query":"secret7"#] {
            let answer = app.send(axum::http::Method::POST, "/graphql", &headers, body).await;
            let told = answer.json()["errors"][0]["message"].as_str().expect("a message").to_owned();
            assert_eq!((answer.status, answer.code().as_str()), (StatusCode::BAD_REQUEST, "BAD_REQUEST"), "{body}");
            let words = ["secret7", "field", "expected", "EOF", "ident", "struct"];
            assert!(told.contains("(line 1, column ") && words.iter().all(|word| !told.contains(word)), "{told}");
        }
    }

    /// A stranger selects one field a hundred times with and without arguments, so that each pair is a conflict, in an operation that is not even run: one is told, and
    /// the rest are never written down. What can be merged is answered.
    async fn tells_one_conflict(database) {
        let app = TestApp::twins(database).await;
        let arguments = (0..100).map(|number| format!("a{number}: 1 ")).collect::<Vec<_>>().concat();
        let document = format!("query A {{ viewer {{ kind }} }} query B {{ viewer {{ ... {{ kind({arguments}) }} {} }} }}", "kind ".repeat(100));
        let answer = app.post(&json!({ "query": document, "operationName": "A" })).await;
        let conflict = json!([{
            "message": "fields that differ would share the name \"kind\" in the answer; give one of them an alias",
            "locations": [{ "line": 1, "column": 54 }, { "line": 1, "column": 753 }],
            "extensions": { "code": "VALIDATION_FAILED" },
        }]);
        assert_eq!((answer.status, &answer.json()["errors"]), (StatusCode::BAD_REQUEST, &conflict));
        for (document, code) in [
            ("{ courses(first: 1, after: null) { nodes { code } } ...F } fragment F on Query { courses(after: null, first: 1) { nodes { title code } } }", ""),
            ("{ nodes(ids: []) { ... on Course { a: code } ... on Program { a: title } } }", ""),
            ("{ courses(first: 1) { totalCount } courses(first: 2) { totalCount } }", "VALIDATION_FAILED"),
            ("{ a: viewer { kind } ... { a: regions { code } } }", "VALIDATION_FAILED"),
            ("{ viewer { a: kind ...F } ...G } fragment F on Viewer { ... on Viewer { b: kind } ... { b: displayName } } fragment G on Query { viewer { c: kind } }", "VALIDATION_FAILED"),
        ] {
            assert_eq!(app.post(&json!({ "query": document })).await.code(), code, "{document}");
        }
    }

    /// A stranger who guesses at names is told what does not exist, and never what does.
    async fn suggests_nothing(database) {
        let app = TestApp::twins(database).await;
        let mut answers = serde_json::Map::new();
        for document in [
            "{ course }",
            "{ corses { totalCount } }",
            "{ courses { nodes { titel } } }",
            "{ courses(frist: 1) { totalCount } }",
            "{ courses(sort: TITEL) { totalCount } }",
            "{ courses(filter: { hasSeat: true }) { totalCount } }",
            "{ node(id: \"x\") { ... on Cours { id } } }",
            "query($a: Cours) { viewer { kind } }",
            "{ viewer { kind @skipp } }",
            "{ viewer { kind { name } } }",
            "{ viewer }",
            "{ ...F } fragment F on Query { viewer { kind } } fragment G on Query { viewer { kind } }",
        ] {
            let answer = app.query(document).await;
            assert!(!answer.to_string().contains("Did you mean"), "{answer}");
            answers.insert(document.to_owned(), answer["errors"].clone());
        }
        snapshot!("invalid_documents", answers);
    }
}

/// A visitor's operation waits for a table that somebody holds: it ends at the deadline with TIMEOUT, and takes no connection with it, though there is only one.
/// On `PostgreSQL` only: on `SQLite` readers never wait for anybody.
#[tokio::test]
async fn ends_at_the_deadline() {
    let app = TestApp::start(Database::Postgres, Template::Twins, |settings| {
        settings.database.connections = 1;
        settings.server.deadline_ms = 400;
        settings.database.acquire_ms = 400;
    })
    .await;
    let mut holder = PgConnection::connect(&app.url()).await.expect("a connection");
    holder.execute("BEGIN; LOCK TABLE region IN ACCESS EXCLUSIVE MODE").await.expect("the lock");
    let late = app.post(&json!({ "query": "{ regions { code } }" })).await;
    snapshot!("deadline", seen(&late));
    // The lock is still held. The connection comes back as soon as the server has ended the statement.
    let answered = tokio::time::timeout(Duration::from_secs(30), async {
        loop {
            let other = app.post(&json!({ "query": "{ industries { naicsCode } }" })).await;
            if other.json().get("errors").is_none() {
                break other.status;
            }
        }
    });
    assert_eq!(answered.await.expect("the connection comes back"), StatusCode::OK);
    holder.execute("ROLLBACK").await.expect("the end of the lock");
}

/// A course is taken back to a draft while a visitor's answer is under way, between the statement that finds its offerings and the one that looks for it: the offerings
/// are as hidden as it is, their neighbors are there, and nothing fails. On `PostgreSQL` only: there a lock can hold a read between two statements.
#[tokio::test]
async fn hides_what_vanishes_meanwhile() {
    let app = TestApp::twins(Database::Postgres).await;
    let of = "institution { slug } subject { ... on Course { code } ... on Program { title } }";
    let offering = crate::walk::id(&app, concord::domain::id::Kind::Offering, "s1").await;
    for (number, document) in [
        format!("{{ offerings(first: 100) {{ nodes {{ code {of} }} }} }}"),
        format!("{{ offering(by: {{ id: \"{offering}\" }}) {{ code {of} }} }}"),
        format!("{{ courses(first: 20) {{ nodes {{ code offerings {{ nodes {{ code {of} }} }} }} }} }}"),
    ]
    .into_iter()
    .enumerate()
    {
        let publish = |status: &str| format!("UPDATE course SET status = '{status}' WHERE code = 'NET101'");
        app.execute(&publish("PUBLISHED")).await;
        let mut holder = PgConnection::connect(&app.url()).await.expect("a connection");
        holder.execute("BEGIN; LOCK TABLE institution IN ACCESS EXCLUSIVE MODE").await.expect("the lock");
        let is_answered = std::cell::Cell::new(false);
        let meanwhile = async {
            let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'concord' AND wait_event_type = 'Lock'";
            while !is_answered.get() && app.rows(waiting).await.concat() == "0" {}
            assert!(!is_answered.get(), "the answer waits for the table that is held: {document}");
            app.execute(&publish("DRAFT")).await;
            holder.execute("ROLLBACK").await.expect("the end of the lock");
        };
        let asked = async {
            let answer = app.query(&document).await;
            is_answered.set(true);
            answer
        };
        let (answer, ()) = tokio::join!(asked, meanwhile);
        assert!(answer.get("errors").is_none(), "{answer:#}");
        let text = answer.to_string();
        assert!(!text.contains("NET101-A"), "{answer:#}");
        if number == 1 {
            assert_eq!(answer["data"], json!({ "offering": null }));
        } else {
            assert!(text.contains("HVA101-1"), "{answer:#}");
        }
    }
}

/// A visitor asks `SQLite` for what takes far longer than the deadline: the work is ended with the answer, and the only connection serves the next one.
#[tokio::test]
async fn ends_long_work_at_the_deadline() {
    let app = TestApp::start(Database::Sqlite, Template::Twins, |settings| {
        settings.database.connections = 1;
        settings.server.deadline_ms = 200;
        settings.database.acquire_ms = 200;
    })
    .await;
    // A view in the place of the table, whose rows take hours to find.
    app.execute(
        "ALTER TABLE region RENAME TO lost; CREATE VIEW region AS WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n LIMIT 100000000000) \
         SELECT code, name FROM lost WHERE (SELECT count(*) FROM n) > 0",
    )
    .await;
    let late = app.post(&json!({ "query": "{ regions { code } }" })).await;
    assert_eq!((late.status, late.code().as_str()), (StatusCode::GATEWAY_TIMEOUT, "TIMEOUT"));
    let answered = tokio::time::timeout(Duration::from_secs(30), async {
        while app.post(&json!({ "query": "{ industries { naicsCode } }" })).await.json().get("errors").is_some() {}
    });
    answered.await.expect("the connection comes back");
}
