//! Published limits: what is exactly at one is answered, what passes it by one is refused before the database hears of it.

mod argument;
mod cost;
pub(crate) mod introspection;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Answer, Database, Template, TestApp, both, snapshot};

/// The twins, with more points than any document here costs.
pub(crate) async fn generous(database: Database) -> TestApp {
    TestApp::start(database, Template::Twins, |settings| settings.cost.anonymous = 1_000_000).await
}

/// How a request ended: status, first error, and how many statements the database was sent.
pub(crate) fn outcome(statements: u64, answer: &Answer) -> Value {
    let mut outcome = json!({ "status": answer.status.as_u16() });
    match answer.json().pointer("/errors/0") {
        Some(error) => {
            outcome["error"] = error.clone();
            outcome["statements"] = statements.into();
        }
        None => outcome["answered"] = true.into(),
    }
    outcome
}

/// Posts a request and tells how it ended.
pub(crate) async fn asked(app: &TestApp, body: &Value) -> Value {
    let (statements, answer) = app.statements(app.post(body)).await;
    outcome(statements, &answer)
}

/// `text` as often as asked.
fn times(text: &str, count: usize) -> String {
    text.repeat(count)
}

/// A document of exactly so many bytes.
fn of_bytes(count: usize) -> String {
    format!("{{viewer{{kind{}}}}}", " ".repeat(count - "{viewer{kind}}".len()))
}

/// A document of exactly so many fields inside each other: a multiple of three, or one more.
fn of_depth(levels: usize) -> String {
    let inside = if levels.is_multiple_of(3) { "courses(first:1){nodes{id}}" } else { "courses(first:1){nodes{institution{id}}}" };
    let around = levels / 3 - 1;
    format!("{{{}{inside}{}}}", times("courses(first:1){nodes{institution{", around), times("}}}", around))
}

/// A document and the variables of a request that holds `count` of what is limited.
fn request(limit: &str, count: usize) -> Value {
    // Six selections that hold one field: a field in inline fragments.
    let wrapped = "...{...{...{...{...{kind}}}}}";
    let query = match limit {
        "document_bytes" => of_bytes(count),
        // Four lists of 256 tokens, and five around the rest.
        "tokens" => {
            let lists = (0..4).map(|number| format!("a{number}:programs(filter:{{kinds:[{}]}}){{totalCount}}", times("DEGREE ", 240)));
            format!("{{{}viewer{{{}}}}}", lists.collect::<Vec<_>>().concat(), times(" kind", count - 4 * 256 - 5))
        }
        "nesting" => format!("{{viewer{{{}kind{}}}}}", times("...{", count - 2), times("}", count - 2)),
        "depth" => of_depth(count),
        "aliases" => format!("{{{}}}", (0..count).map(|number| format!("a{number}:viewer{{kind}}")).collect::<Vec<_>>().concat()),
        "directives" => format!("{{viewer{{{}}}}}", times("kind@include(if:true)", count)),
        "fields" => format!("{{viewer{{{}}}}}", times("kind ", count - 1)),
        "spreads" => {
            format!("{{viewer{{{}}}}}fragment F on Viewer{{kind}}", times("...{kind}...F ", count / 2) + &times("...F ", count % 2))
        }
        // Sixteen spreads of a fragment of 240 selections, and the viewer.
        "selections" => {
            let rest = count - 16 * 241 - 1;
            let spreads = times("...F ", 16);
            format!("{{viewer{{{spreads}{}}}}}fragment F on Viewer{{{}}}", times("kind ", rest), times(wrapped, 40))
        }
        "operations" => (0..count).map(|number| format!("query Q{number}{{viewer{{kind}}}}")).collect::<Vec<_>>().concat(),
        "list_items" => format!("{{programs(filter:{{kinds:[{}]}}){{totalCount}}}}", times("DEGREE ", count)),
        other => panic!("no document for the limit {other}"),
    };
    let operation = (limit == "operations").then_some("Q0");
    json!({ "query": query, "operationName": operation })
}

/// The limits of a document as `config/default.toml` publishes them.
const DOCUMENT: [(&str, usize); 11] = [
    ("document_bytes", 32_768),
    ("tokens", 2_000),
    ("nesting", 24),
    ("depth", 12),
    ("aliases", 50),
    ("directives", 30),
    ("spreads", 250),
    ("fields", 1_000),
    ("selections", 4_000),
    ("operations", 10),
    ("list_items", 250),
];

both! {
    /// A client sends documents exactly at each limit, which are answered, and one above, which are refused by name without a statement.
    async fn limits_documents(database) {
        let app = generous(database).await;
        let mut outcomes = serde_json::Map::new();
        for (limit, most) in DOCUMENT {
            let at = asked(&app, &request(limit, most)).await;
            let above = asked(&app, &request(limit, most + 1)).await;
            outcomes.insert(limit.to_owned(), json!({ "at": at, "above": above }));
        }
        snapshot!("limits_of_documents", outcomes);
    }

    /// A client sends variables at the limits of nesting and of list items, and one above.
    async fn limits_variables(database) {
        let app = generous(database).await;
        let nested = |levels: usize| json!({ "query": "{ viewer { kind } }", "variables": serde_json::from_str::<Value>(&format!("{{\"unused\":{}1{}}}", times("[", levels - 1), times("]", levels - 1))).expect("JSON") });
        let listed = |items: usize| json!({ "query": "query($kinds: [ProgramKind!]) { programs(filter: { kinds: $kinds }) { totalCount } }", "variables": { "kinds": vec!["DEGREE"; items] } });
        let nesting = json!({ "at": asked(&app, &nested(24)).await, "above": asked(&app, &nested(25)).await });
        let list_items = json!({ "at": asked(&app, &listed(250)).await, "above": asked(&app, &listed(251)).await });
        snapshot!("limits_of_variables", json!({ "nesting": nesting, "list_items": list_items }));
    }

    /// A client sends a body of exactly the allowed size, and one byte more.
    async fn limits_the_body(database) {
        let app = TestApp::twins(database).await;
        let request = r#"{"query":"{ viewer { kind } }"}"#;
        let body = |bytes: usize| format!("{request}{}", times(" ", bytes - request.len()));
        let headers = [("content-type", "application/json"), ("accept", "application/json")];
        let (_, at) = app.statements(app.send(Method::POST, "/graphql", &headers, body(131_072))).await;
        let (statements, above) = app.statements(app.send(Method::POST, "/graphql", &headers, body(131_073))).await;
        snapshot!("limit_of_the_body", json!({ "at": outcome(0, &at), "above": outcome(statements, &above) }));
    }

    /// An attacker sends every document of the corpus: none is a fault of the server, and what is refused never reaches the database.
    async fn answers_the_corpus(database) {
        let app = TestApp::twins(database).await;
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/guard");
        let mut files: Vec<_> = std::fs::read_dir(folder).expect("the corpus").map(|entry| entry.expect("a file").path()).collect();
        files.sort();
        let mut outcomes = serde_json::Map::new();
        for file in files.iter().filter(|file| file.extension().is_some_and(|ending| ending == "graphql")) {
            let text = std::fs::read_to_string(file).expect("a document");
            let (statements, answer) = app.statements(app.post(&json!({ "query": text }))).await;
            let name = file.file_stem().expect("a name").to_string_lossy().into_owned();
            assert!(answer.status == StatusCode::OK || answer.status == StatusCode::BAD_REQUEST, "{name}: {} {}", answer.status, answer.text());
            assert!(statements == 0 || answer.status == StatusCode::OK, "{name}: {statements} statements for a refusal");
            outcomes.insert(name, format!("{} {}", answer.status.as_u16(), answer.code()).trim_end().into());
        }
        snapshot!("corpus_at_the_endpoint", outcomes);
    }
}
