//! Who is asking, and what they may spend.

use axum::http::Method;
use concord::domain::id::Kind;
use concord::domain::role::Role;
use concord::domain::tenant::Tenant;
use serde_json::{Value, json};

use super::{business, college, consortium, tenant};
use crate::support::{Database, Template, TestApp, both, snapshot};

const VIEWER: &str = include_str!("../operations/viewer.graphql");

both! {
    /// Everybody asks who they are: the roles of the token with their tenant, and the budget that is enforced.
    async fn tells_who_asks(database) {
        let app = TestApp::twins(database).await;
        let mut answers = serde_json::Map::new();
        answers.insert("anonymous".to_owned(), app.query(VIEWER).await);
        let north = tenant(&app, Kind::Institution, "north").await;
        for (name, token) in [
            ("college admin", college(&app, "north", Role::InstitutionAdmin).await),
            ("portal", app.service_token(&[Role::InstitutionAdmin], north).await),
            ("business admin", business(&app, "zeta").await),
            ("analyst", consortium(&app, Role::Analyst).await),
            ("teaches and learns", app.token_with(&[Role::Instructor, Role::Learner], north, |claims| claims["sub"] = "both".into()).await),
        ] {
            answers.insert(name.to_owned(), app.ask_as(&token, VIEWER, json!({})).await);
        }
        snapshot!("viewer", answers);
    }
}

/// A caller with little to spend asks until nothing is left: 429 with the time to wait, while others go on; what an answer says of the budget is what is enforced.
#[tokio::test]
async fn spends_a_budget() {
    let app = TestApp::start(Database::Sqlite, Template::Twins, |settings| {
        settings.budget.person.capacity = 10;
        settings.budget.person.refill_per_second = 2;
        settings.cost.person = 10;
    })
    .await;
    let north = tenant(&app, Kind::Institution, "north").await;
    let (pat, other) = (
        app.token(&[Role::InstitutionAdmin], north).await,
        app.token_with(&[Role::InstitutionAdmin], north, |claims| claims["sub"] = "sam".into()).await,
    );
    let question = json!({ "query": "{ courses(first: 1) { nodes { id } } viewer { rateLimit { remaining capacity refillPerSecond maxPerOperation } } }" });
    let first = app.post_as(&pat, &question).await;
    let text: Value = serde_json::from_str(&first.text()).expect("JSON");
    let limit = text["data"]["viewer"]["rateLimit"].clone();
    assert_eq!(limit, json!({ "remaining": 10, "capacity": 10, "refillPerSecond": 2, "maxPerOperation": 10 }));
    assert_eq!(text["extensions"]["cost"], json!({ "requested": 8, "limit": 10, "capacity": 10, "remaining": 10, "refillPerSecond": 2 }));
    assert_eq!(first.headers["ratelimit"], "\"cost\";r=2;t=4");
    assert_eq!(first.headers["ratelimit-policy"], "\"cost\";q=10;w=5");
    let second = app.post_as(&pat, &question).await;
    let text: Value = serde_json::from_str(&second.text()).expect("JSON");
    assert_eq!((second.status.as_u16(), second.code().as_str()), (429, "RATE_LIMITED"));
    assert_eq!(second.headers["retry-after"], "3");
    assert_eq!(text["errors"][0]["extensions"]["cost"]["remaining"], 2);
    assert_eq!(app.post_as(&other, &question).await.status, 200, "another person has a bucket of their own");
}

/// All that speak for one tenant spend out of one bucket too, and visitors by their address, which a trusted proxy tells.
#[tokio::test]
async fn shares_a_budget() {
    let app = TestApp::start(Database::Sqlite, Template::Twins, |settings| {
        settings.budget.service.capacity = 15;
        settings.cost.service = 15;
        settings.budget.person.capacity = 15;
        settings.cost.person = 15;
        settings.budget.tenant.capacity = 15;
        settings.budget.anonymous.capacity = 10;
        settings.cost.anonymous = 10;
        settings.server.trusted_proxies = 1;
    })
    .await;
    let question = json!({ "query": "{ courses(first: 1) { nodes { id } } }" });
    let north = tenant(&app, Kind::Institution, "north").await;
    let mut seen = Vec::new();
    for person in ["a", "b", "c", "d"] {
        let token = app.token_with(&[Role::Instructor], north, |claims| claims["sub"] = person.into()).await;
        let answer = app.post_as(&token, &question).await;
        let left = answer.headers["ratelimit"].to_str().expect("text").to_owned();
        seen.push((answer.status.as_u16(), left));
    }
    let expected = [(200, 9), (200, 3), (429, 3), (429, 3)].map(|(status, left)| (status, format!("\"cost\";r={left};t=1")));
    assert_eq!(seen, expected, "6 points each out of 15, and what is left is what all have left together");
    let token = app.token(&[Role::Analyst], Tenant::Consortium).await;
    assert_eq!(app.post_as(&token, &question).await.status, 200, "another tenant has a bucket of its own");
    let mut statuses = Vec::new();
    for told in [
        "192.0.2.1",
        "192.0.2.1",
        "6.6.6.6, 192.0.2.1",
        "nonsense, , 192.0.2.1:5000",
        "192.0.2.2",
        "2001:db8::1",
        "2001:db8::2",
        "[2001:db8::3]:443",
    ] {
        let headers = [("content-type", "application/json"), ("x-forwarded-for", told)];
        statuses.push(app.send(Method::POST, "/graphql", &headers, question.to_string()).await.status.as_u16());
    }
    assert_eq!(
        statuses,
        [200, 429, 429, 429, 200, 200, 429, 429],
        "what a client writes itself counts for nothing, and a network of the sixth version is one client"
    );
}
