//! What refusing a request, or answering the largest question about the schema, costs from its first byte to the last of the answer: through the router, the guard, the parser, the pricer and the library's validation.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::Request;
use bytes::Bytes;
use concord::config::Settings;
use concord::domain::clock::Ids;
use concord::graphql::cursor::CursorKey;
use concord::graphql::schema;
use concord::http::{Budget, Context, Front, Meter, Registered, Repeats, Site};
use http_body_util::{BodyExt, Full};
use hyper::service::Service;
use serde_json::{Value, json};

use super::build;
use crate::limits::introspection::STANDARD;
use crate::support::{Database, TestApp};

/// Most bytes of a document.
const DOCUMENT: usize = 32_768;
/// Most tokens of a document.
const TOKENS: usize = 2_000;

/// Pieces that are numbered, as many as fit into so many bytes and tokens.
fn pieces(bytes: usize, tokens: usize, each: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for number in 0..tokens {
        let piece = each(number);
        if text.len() + piece.len() > bytes {
            break;
        }
        text.push_str(&piece);
    }
    text
}

/// Documents that the guard lets pass and that something behind it refuses, of at most so many bytes.
fn documents(bytes: usize) -> Vec<(&'static str, String)> {
    let bytes = bytes.min(DOCUMENT) - 200;
    let some = |part: usize, each: &dyn Fn(usize) -> String| pieces(bytes, (TOKENS - 40) / part, each);
    let long = "x".repeat(bytes / 1_000);
    let behind = "query Z($a:Int=1@x){viewer{kind}}";
    vec![
        ("parser: fields", format!("query A{{viewer{{{}}}}}{behind}", pieces(bytes, 990, |_| "kind ".to_owned()))),
        ("parser: lists", format!("query A{{node(id:[{}])}}{behind}", pieces(bytes, 240, |_| "[[[[]]]]".to_owned()))),
        ("parser: nested lists", format!("query A{{node(id:{}{})}}{behind}", "[".repeat(22), "]".repeat(22))),
        ("parser: nested objects", format!("query A{{node(id:{}1{})}}{behind}", "{a:".repeat(22), "}".repeat(22))),
        ("parser: a long text", format!("query A{{node(id:\"{}\")}}{behind}", pieces(bytes, bytes, |_| "\\u00e9".to_owned()))),
        ("parser: a block text", format!("query A{{node(id:\"\"\"{}\"\"\")}}{behind}", pieces(bytes, bytes, |_| "\\\"\"\" \n".to_owned()))),
        ("parser: comments", format!("query A{{viewer{{kind}}}}{}{behind}", pieces(bytes, bytes, |_| "#,\n".to_owned()))),
        ("parser: texts of surrogates", format!("{{{}}}", some(6, &|_| "node(id:\"\\ud83e\\udd80\")".to_owned()))),
        ("parser: variables", format!("query({}$a:Int=1@x){{viewer{{kind}}}}", some(5, &|number| format!("$a{number}:Int ")))),
        (
            "cost: pages in pages",
            format!(
                "{{{}}}",
                pieces(bytes, 40, |number| format!("a{number}:courses(first:100){{nodes{{offerings(first:100){{nodes{{id}}}}}}}}"))
            ),
        ),
        (
            "cost: fields of interfaces",
            format!(
                "{{nodes(ids:[]){{{}}}courses(first:100){{nodes{{offerings{{nodes{{id}}}}}}}}}}",
                pieces(bytes, 900, |_| "id ".to_owned())
            ),
        ),
        ("invalid: unknown fields", format!("{{{}}}", pieces(bytes, 990, |number| format!("u{number}{long} ")))),
        ("invalid: unknown fields of one name", format!("{{{}}}", pieces(bytes, 990, |_| format!("u{long} ")))),
        ("invalid: unknown arguments", format!("{{viewer{{kind({})}}}}", some(3, &|number| format!("u{number}:1 ")))),
        ("invalid: one argument often", format!("{{node({}){{id}}}}", some(3, &|_| "id:1 ".to_owned()))),
        (
            "invalid: values of wrong types",
            format!("{{courses(filter:{{modalities:[{}]}}){{totalCount}}}}", pieces(bytes, 249, |_| "X ".to_owned())),
        ),
        ("invalid: objects that are nodes", format!("{{{}}}", some(3, &|_| "viewer{a} ".to_owned()))),
        ("invalid: scalars with fields", format!("{{viewer{{{}}}}}", pieces(bytes, 490, |_| "kind{a}".to_owned()))),
        ("invalid: variables nobody uses", format!("query({}){{viewer{{kind}}}}", some(5, &|number| format!("$a{number}:Int ")))),
        ("invalid: variables of one name", format!("query({}){{viewer{{kind}}}}", some(5, &|_| "$a:Int ".to_owned()))),
        ("invalid: variables nobody declares", format!("{{{}}}", some(9, &|number| format!("node(id:$a{number}){{id}}")))),
        ("invalid: variables of no type", format!("query({}){{viewer{{kind}}}}", some(5, &|number| format!("$a{number}:U{number} ")))),
        (
            "invalid: fragments nobody uses",
            format!("{{viewer{{kind}}}}{}", some(7, &|number| format!("fragment F{number} on Viewer{{kind}}"))),
        ),
        (
            "invalid: fragments on no type",
            format!("{{viewer{{kind}}}}{}", some(7, &|number| format!("fragment F{number} on U{number}{{kind}}"))),
        ),
        (
            "invalid: fragments in a chain",
            format!(
                "{{viewer{{...F0}}}}{}fragment Z on Viewer{{kind}}",
                some(8, &|number| format!("fragment F{number} on Viewer{{...F{}}}", number + 1))
            )
            .replacen("...F0", &format!("...F0 {}", "nothing "), 1),
        ),
        (
            "invalid: undeclared variables in fragments of ten operations",
            format!(
                "{}fragment F on Query{{{}}}",
                pieces(bytes, 10, |number| format!("query Q{number}{{...F}}")),
                pieces(bytes - 400, 190, |number| format!("node(id:$a{number}){{id}}"))
            ),
        ),
        (
            "invalid: spreads that fit nothing",
            format!("{{viewer{{{}}}}}fragment F on Course{{id}}", pieces(bytes, 250, |_| "...F ".to_owned())),
        ),
        ("invalid: inline fragments that fit nothing", format!("{{viewer{{{}}}}}", pieces(bytes, 250, |_| "...on Course{id}".to_owned()))),
        ("invalid: directives", format!("{{viewer{{{}}}}}", pieces(bytes, 29, |number| format!("kind@u{number}(a:1)")))),
    ]
}

/// Documents in which fields would share a name of the answer, or lie in many fragments.
fn merges(bytes: usize) -> Vec<(&'static str, String)> {
    let bytes = bytes.min(DOCUMENT) - 200;
    let wrapped = |inside: &str| format!("{{viewer{{{}{inside}{}}}}}", "...{".repeat(20), "}".repeat(20));
    vec![
        (
            "merges: arguments",
            format!(
                "{{viewer{{kind({}){}}}}}",
                pieces(bytes / 2, 320, |number| format!("a{number}:1 ")),
                pieces(bytes / 2, 960, |_| "kind ".to_owned())
            ),
        ),
        (
            "merges: arguments in fragments",
            wrapped(&format!(
                "kind({}){}",
                pieces(bytes / 2, 310, |number| format!("a{number}:1 ")),
                pieces(bytes / 2, 960, |_| "kind ".to_owned())
            )),
        ),
        (
            "merges: arguments in another operation",
            format!(
                "query A{{viewer{{kind}}}}query B{}",
                wrapped(&format!(
                    "kind({}){}",
                    pieces(bytes / 2, 310, |number| format!("a{number}:1 ")),
                    pieces(bytes / 2, 900, |_| "kind ".to_owned())
                ))
            ),
        ),
        ("merges: fields", format!("{{viewer{{{}}}}}", pieces(bytes, 25, |_| "a:kind a:displayName ".to_owned()))),
        ("merges: one field in fragments", wrapped(&pieces(bytes, 970, |_| "kind ".to_owned())).replacen("kind ", "nothing ", 1)),
        (
            "merges: many fragments",
            format!(
                "{{viewer{{nothing {}}}}}fragment F on Viewer{{{}}}",
                pieces(bytes, 125, |_| "...{...F}".to_owned()),
                "kind ".repeat(2)
            ),
        ),
    ]
}

/// Requests that are refused, of about so many bytes, each with its kind and the code of its refusal.
fn requests(bytes: usize) -> Vec<(&'static str, Bytes)> {
    let times = |text: &str| text.repeat(bytes.saturating_sub(200) / text.len());
    let variables =
        |declared: &str, variables: &str| format!("{{\"query\":\"query({declared}){{viewer{{kind}}}}\",\"variables\":{variables}}}");
    let mut requests: Vec<(&'static str, String)> = vec![
        ("variables: a long text", variables("$a:Int", &format!("{{\"a\":\"{}\"}}", times("x")))),
        ("variables: escapes", variables("$a:Int", &format!("{{\"a\":\"{}\"}}", times("\\u00e9")))),
        (
            "variables: unknown keys",
            variables(
                "$a:CourseFilter",
                &format!("{{\"a\":{{{}\"z\":1}}}}", pieces(bytes - 200, bytes, |number| format!("\"u{number}\":1,"))),
            ),
        ),
        ("variables: keys of one name", variables("$a:CourseFilter", &format!("{{\"a\":{{{}\"z\":1}}}}", times("\"a\":1,")))),
        (
            "variables: unused, and one missing",
            variables("$a:Int!", &format!("{{{}\"z\":1}}", pieces(bytes - 200, bytes, |number| format!("\"u{number}\":1,")))),
        ),
        (
            "variables: lists of lists",
            variables(
                "$a:[[[Int]]]",
                &format!(
                    "{{\"a\":[{}[[1]],[[\"x\"]]]}}",
                    pieces(bytes - 200, 240, |_| format!("[{}[1]],", "[1,1,1,1,1,1,1,1,1,1],".repeat(20)))
                ),
            ),
        ),
        (
            "variables: long texts in a list",
            variables(
                "$a:[ID!]",
                &format!("{{\"a\":[{}null]}}", pieces(bytes - 200, 249, |_| format!("\"{}\",", "x".repeat(bytes / 250)))),
            ),
        ),
        (
            "variables: many for no list",
            variables("$a:Date", &format!("{{\"a\":[{}]}}", pieces(bytes - 200, 249, |_| "{},".to_owned()).trim_end_matches(','))),
        ),
        ("variables: not JSON at the end", variables("$a:Int", &format!("{{\"a\":[{}", pieces(bytes - 200, bytes, |_| "{},".to_owned())))),
        (
            "variables: a long text used often",
            format!(
                "{{\"query\":\"query($a:ID!){{{}nothing}}\",\"variables\":{{\"a\":\"{}\"}}}}",
                pieces(bytes / 8, 160, |number| format!("node(id:$a,u{number}:1){{id}}")),
                times("x").split_at(bytes * 3 / 4).0
            ),
        ),
        (
            "variables: a filter used often",
            format!(
                "{{\"query\":\"query($a:CourseFilter!){{{}nothing}}\",\"variables\":{{\"a\":{{\"modalities\":[{}]}}}}}}",
                pieces(bytes / 4, 49, |number| format!("a{number}:courses(filter:$a,first:{}){{totalCount}}", number + 1)),
                pieces(bytes / 2, 249, |_| "\"HYBRID\",".to_owned()).trim_end_matches(',')
            ),
        ),
        ("body: not JSON at the end", format!("{{\"query\":\"{}", times("{viewer{kind}}"))),
        ("body: escapes without an end", format!("{{\"query\":\"{}", times("\\u00e9"))),
        ("body: nested lists", format!("{{\"query\":{}", times("["))),
        ("body: nested objects", times("{\"a\":")),
        ("body: keys of no use", format!("{{{}\"query\":7}}", pieces(bytes - 200, bytes, |number| format!("\"a{number}\":1,")))),
        ("body: extensions", format!("{{\"query\":\"{{a}}\",\"extensions\":[{}1]}}", times("1,"))),
        ("body: blanks", times(" ")),
    ];
    for (kind, document) in documents(bytes).into_iter().chain(merges(bytes)) {
        let operation = ["A", "Q0"].into_iter().find(|name| document.contains(&format!("query {name}{{")));
        requests.push((kind, json!({ "query": document, "operationName": operation }).to_string()));
    }
    requests.into_iter().map(|(kind, body)| (kind, Bytes::from(body))).collect()
}

/// All addresses over the database of an app, with the default settings but for introspection.
fn service(app: &TestApp, introspection: bool) -> Site {
    let mut settings = Settings::read(None).expect("the defaults");
    settings.introspection.anonymous = introspection;
    let cursors = CursorKey::new(b"a secret of the proofs, long enough to sign");
    let context = Context {
        answers: None,
        remote: None,
        repeats: Repeats::new(0),
        registered: Registered::new(Vec::new()),
        meter: Meter::new().expect("figures"),
        schema_hash: [0; 32],
        identity: app.identity().clone(),
        budget: Budget::new(unlimited(settings.budget), settings.cost, app.store.clock().clone(), None),
        front: Front::new(&settings, schema::index()),
        schema: schema::build(cursors.clone()),
        cursors,
        settings,
        store: app.store.clone(),
        ids: Ids::counted(),
    };
    Site::new(Arc::new(context))
}

/// Buckets that are never empty.
fn unlimited(mut budget: concord::config::Budget) -> concord::config::Budget {
    for bucket in [&mut budget.anonymous, &mut budget.person, &mut budget.service, &mut budget.tenant] {
        bucket.capacity = 1_000_000_000;
    }
    budget
}

/// The body of the answer to a request, which runs on this thread from end to end.
async fn ask(service: &Site, body: Bytes) -> Bytes {
    let request = Request::post("/graphql").header("content-type", "application/json").body(Full::new(body));
    let answer = service.call(request.expect("a request")).await.expect("an answer");
    answer.into_body().collect().await.expect("a body").to_bytes()
}

/// Somebody asks as much about the schema as one request may: what the answers cost is printed.
#[tokio::test]
#[ignore = "full counts: scripts/prove catalog"]
async fn prove_catalog_introspection() {
    let app = TestApp::empty(Database::Sqlite).await;
    let service = service(&app, true);
    println!("introspection: the largest answers through the router (goal 300 ms each); {}", build());
    let aliases = |inside: &str| format!("{{__schema{{{}}}}}", pieces(DOCUMENT, 48, |number| format!("a{number}:types{{{inside}}}")));
    for (kind, document) in [
        ("the standard question", STANDARD.to_owned()),
        ("one field of all types often", format!("{{__schema{{types{{{}}}}}}}", "name ".repeat(990))),
        ("one field of all fields often", format!("{{__schema{{types{{fields{{{}}}}}}}}}", "name ".repeat(190))),
        ("descriptions under many names", aliases("description fields{description}")),
        (
            "fields of fields",
            format!(
                "{{__type(name:\"Course\"){{fields{{type{{ofType{{fields{{type{{ofType{{fields{{{}}}}}}}}}}}}}}}}}}}",
                "name ".repeat(20)
            ),
        ),
    ] {
        let mut least = Duration::MAX;
        let mut bytes = 0;
        for _ in 0..3 {
            let begun = Instant::now();
            let answer = ask(&service, Bytes::from(json!({ "query": document }).to_string())).await;
            least = least.min(begun.elapsed());
            bytes = answer.len();
            let answer: Value = serde_json::from_slice(&answer).expect("JSON");
            assert!(answer.get("errors").is_none(), "{kind}: {}", answer["errors"]);
        }
        println!("    {least:>10.1?} {kind}: {bytes} bytes of answer");
    }
}

/// Times that each request is sent.
const REPEATS: u32 = 20;

/// Processor time of this thread, on which everything here runs. Where the system does not tell, the time of the clock.
fn worked() -> Duration {
    static BEGUN: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|text| text.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| BEGUN.elapsed(), Duration::from_nanos)
}

/// A stranger sends requests that pass the guard and are refused later, up to the size of a body: what refusing each kind costs the processor, reading the answer included, is printed, and none costs 5 ms.
#[tokio::test]
#[ignore = "full counts: scripts/prove catalog"]
async fn prove_catalog_refusals() {
    let app = TestApp::empty(Database::Sqlite).await;
    let service = service(&app, false);
    let mut seen: Vec<(Duration, &str, usize, String)> = Vec::new();
    let (statements, ()) = app
        .statements(async {
            for bytes in [1_024, DOCUMENT, 131_072] {
                for (kind, body) in requests(bytes) {
                    let mut code = String::new();
                    let begun = worked();
                    for _ in 0..REPEATS {
                        let answer = ask(&service, body.clone()).await;
                        let answer: Value = serde_json::from_slice(&answer).expect("JSON");
                        assert!(answer.get("data").is_none(), "{kind} of {bytes} bytes was answered");
                        answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().clone_into(&mut code);
                    }
                    seen.push((worked().saturating_sub(begun) / REPEATS, kind, body.len(), code));
                }
            }
        })
        .await;
    assert_eq!(statements, 0, "refusals reach no database");
    seen.sort();
    println!("refusals: {} requests through the router, processor time (goal 5 ms each); {}", seen.len(), build());
    let mut kinds: Vec<&str> = Vec::new();
    for (time, kind, bytes, code) in seen.iter().rev() {
        if !kinds.contains(kind) {
            kinds.push(kind);
            println!("    {time:>10.1?} {kind}: {code}, {bytes} bytes");
        }
    }
    let (worst, kind, bytes, _) = seen.last().expect("some");
    assert!(cfg!(debug_assertions) || *worst < Duration::from_millis(5), "{kind} of {bytes} bytes took {worst:?}");
}
