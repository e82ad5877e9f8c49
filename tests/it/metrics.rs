//! The figures that Prometheus fetches: what happened is counted, nobody is named, and they are not for everybody.

use axum::http::{Method, StatusCode};
use serde_json::json;

use crate::cache::keeping;
use crate::support::{Answer, Template, TestApp, both, snapshot};

/// Fetches the figures as this machine does.
async fn fetch(app: &TestApp) -> Answer {
    app.get("/metrics").await
}

/// The number behind the line that begins so; `None` when there is no such line.
fn figure(text: &str, line: &str) -> Option<f64> {
    text.lines().find_map(|found| found.strip_prefix(line)?.strip_prefix(' ')?.parse().ok())
}

both! {
    /// Visitors ask, ask again, ask wrongly, and send a token that is none: each is counted once, by what the schema names, and nothing that they wrote stands there.
    async fn count_what_happens(database) {
        let app = TestApp::start(database, Template::Twins, |settings| {
            keeping(settings);
            settings.budget.anonymous.capacity = 100;
            settings.budget.anonymous.refill_per_second = 1;
            settings.cost.anonymous = 90;
        }).await;
        app.query("query Pasenco { regions { code } }").await;
        app.query("query Pasenco { regions { code } }").await;
        app.query("{ courses(first: 2) { nodes { code } } industries { naicsCode } }").await;
        app.query("{ pasenco }").await;
        app.query("{ ").await;
        // The bucket is empty now.
        let mut refused = 0;
        while app.query("{ institutions(first: 50) { nodes { name } } }").await["errors"][0]["extensions"]["code"] != "RATE_LIMITED" {
            refused += 1;
            assert!(refused < 10);
        }
        let headers = [("authorization", "Bearer pasenco"), ("content-type", "application/json")];
        app.send(Method::POST, "/graphql", &headers, json!({ "query": "{ regions { code } }" }).to_string()).await;
        let before = app.store.statements();
        let answer = fetch(&app).await;
        let text = answer.text();
        assert_eq!((answer.status, answer.headers["content-type"].to_str().ok()), (StatusCode::OK, Some("text/plain; version=0.0.4")));
        assert!(!text.to_lowercase().contains("pasenco"), "{text}");
        let expected = [
            (r#"concord_request_duration_seconds_count{operation="regions",status="200"}"#, 2.0),
            (r#"concord_request_duration_seconds_count{operation="several",status="200"}"#, 1.0),
            (r#"concord_request_duration_seconds_count{operation="unknown",status="400"}"#, 1.0),
            (r#"concord_request_duration_seconds_count{operation="unread",status="400"}"#, 1.0),
            (r#"concord_request_duration_seconds_count{operation="unread",status="401"}"#, 1.0),
            (r#"concord_request_duration_seconds_count{operation="institutions",status="429"}"#, 1.0),
            (r#"concord_cache_hits_total{tier="process"}"#, 1.0),
            (r#"concord_cache_rejects_total{reason="seal",tier="process"}"#, 0.0),
            (r#"concord_refusals_total{code="PARSE_FAILED"}"#, 1.0),
            (r#"concord_refusals_total{code="UNAUTHENTICATED"}"#, 1.0),
            (r#"concord_budget_refusals_total{bucket="anonymous"}"#, 1.0),
            (r#"concord_budget_refusals_total{bucket="tenant"}"#, 0.0),
            (r#"concord_token_refusals_total{reason="parts"}"#, 1.0),
            ("concord_wall_breaches_total", 0.0),
            ("concord_statements_total", before as f64),
        ];
        for (line, number) in expected {
            assert_eq!(figure(&text, line), Some(number), "{line}\n{text}");
        }
        let names: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")).collect();
        snapshot!("metrics_names", json!(names));
        // Asking for them asks nothing of the database.
        assert_eq!(app.store.statements(), before);
    }
}

/// The dashboard asks for figures: each of them is one that a server has.
#[test]
fn the_dashboard_knows_them() {
    let (dashboard, source) = (include_str!("../../docs/grafana.json"), include_str!("../../src/http/metrics.rs"));
    let is_name = |letter: char| letter.is_ascii_lowercase() || letter == '_';
    let names: std::collections::BTreeSet<&str> = dashboard
        .match_indices("concord_")
        .map(|(at, _)| dashboard[at..].split(|letter| !is_name(letter)).next().unwrap_or_default())
        .map(|name| name.trim_end_matches("_bucket").trim_end_matches("_count"))
        .collect();
    assert!(names.len() > 10, "{names:?}");
    for name in names {
        assert!(source.contains(&format!("\"{name}\"")), "{name}");
    }
}

/// The figures are asked for with a token, without one, with another, and from elsewhere: they are for whoever holds the token, or for this machine.
#[tokio::test]
async fn are_not_for_everybody() {
    let database = crate::support::Database::Sqlite;
    let app = TestApp::start(database, Template::Empty, |settings| settings.server.trusted_proxies = 1).await;
    // A proxy passes on what its client says of itself.
    let ask_as = async |name: &str| app.send(Method::GET, "/metrics", &[(name, "127.0.0.1")], String::new()).await.status;
    for name in ["x-forwarded-for", "forwarded", "via"] {
        assert_eq!(ask_as(name).await, StatusCode::NOT_FOUND, "{name}");
    }
    let ask = async |app: &TestApp, headers: &[(&str, &str)]| app.send(Method::GET, "/metrics", headers, String::new()).await.status;
    assert_eq!(ask(&app, &[]).await, StatusCode::OK);
    assert_eq!(ask(&app, &[("x-forwarded-for", "192.0.2.7")]).await, StatusCode::NOT_FOUND);
    let token = "a token of the tests, long enough to be one";
    let guarded = TestApp::start(database, Template::Empty, |settings| settings.metrics.token = token.into()).await;
    assert_eq!(ask(&guarded, &[]).await, StatusCode::UNAUTHORIZED);
    assert_eq!(ask(&guarded, &[("authorization", "Bearer another")]).await, StatusCode::UNAUTHORIZED);
    assert_eq!(ask(&guarded, &[("authorization", &format!("Bearer {token}"))]).await, StatusCode::OK);
}

/// A row is stopped at the last wall: the figure that the alarm hangs on goes up.
#[cfg(feature = "faults")]
#[tokio::test]
async fn tell_of_a_breach() {
    let kept = crate::support::copy(crate::support::Database::Sqlite, Template::Twins).await;
    let app = TestApp::with_faults(kept, |faults| faults.no_predicate = true).await;
    assert_eq!(figure(&fetch(&app).await.text(), "concord_wall_breaches_total"), Some(0.0));
    let answer = app.query("{ courses(first: 50) { nodes { code } } }").await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "INTERNAL", "{answer:#}");
    assert!(figure(&fetch(&app).await.text(), "concord_wall_breaches_total") > Some(0.0));
}
