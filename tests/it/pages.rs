//! The page, its files, the schema's text and the answers about health.

use axum::http::{Method, StatusCode};
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Executor};

use crate::support::{Answer, Database, Template, TestApp, both, snapshot};

/// Headers that browsers act on. The tag changes with every byte of a file, so it is shown as being there.
fn head(answer: &Answer) -> serde_json::Value {
    let text = |name: &str| answer.headers.get(name).map(|value| value.to_str().expect("text").to_owned());
    json!({
        "status": answer.status.as_u16(),
        "content-type": text("content-type"),
        "content-security-policy": text("content-security-policy"),
        "x-content-type-options": text("x-content-type-options"),
        "cache-control": text("cache-control"),
        "etag": text("etag").map(|tag| tag.starts_with('"') && tag.ends_with('"') && tag.len() > 16),
    })
}

const ADDRESSES: [&str; 7] = [
    "/",
    "/assets/graphiql.js",
    "/assets/graphiql.css",
    "/assets/concord.js",
    "/assets/concord.css",
    "/assets/icon.svg",
    "/schema.graphql",
];

/// A browser opens the page and all its files: each is what it says it is, and only the page's own scripts may run. No database takes part.
#[tokio::test]
async fn serves_the_page() {
    let app = TestApp::empty(Database::Sqlite).await;
    let mut heads = serde_json::Map::new();
    for address in ADDRESSES {
        let answer = app.get(address).await;
        assert!(!answer.body.is_empty(), "{address}");
        heads.insert(address.to_owned(), head(&answer));
    }
    snapshot!("page_heads", heads);
    assert_eq!(
        app.get("/").await.headers["content-security-policy"],
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
}

/// A browser comes back with the tags that it kept: nothing is sent again, but for what has changed. No database takes part.
#[tokio::test]
async fn keeps_files_in_browsers() {
    let app = TestApp::empty(Database::Sqlite).await;
    for address in ADDRESSES {
        let first = app.get(address).await;
        let tag = first.headers["etag"].to_str().expect("text");
        let again = app.send(Method::GET, address, &[("if-none-match", tag)], "").await;
        assert_eq!(
            (again.status, again.body.len(), &again.headers["etag"]),
            (StatusCode::NOT_MODIFIED, 0, &first.headers["etag"]),
            "{address}"
        );
        let other = app.send(Method::GET, address, &[("if-none-match", "\"0123456789abcdef01234567\"")], "").await;
        assert_eq!((other.status, &other.body), (StatusCode::OK, &first.body), "{address}");
        // What stands between may have made the tag a weak one, or may know several.
        for (known, status) in [
            (format!("W/{tag}"), StatusCode::NOT_MODIFIED),
            (format!("\"a\", W/\"b\",W/{tag} , \"c\""), StatusCode::NOT_MODIFIED),
            ("*".to_owned(), StatusCode::NOT_MODIFIED),
            ("\"a\", W/\"b\"".to_owned(), StatusCode::OK),
            (tag.trim_matches('"').to_owned(), StatusCode::OK),
            (String::new(), StatusCode::OK),
        ] {
            let answer = app.send(Method::GET, address, &[("if-none-match", &known)], "").await;
            assert_eq!(answer.status, status, "{address}: {known}");
        }
    }
}

/// A careful reader looks for anything that the page would load from elsewhere, or a file that it names and the server does not have. No database takes part.
#[tokio::test]
async fn loads_nothing_from_elsewhere() {
    let app = TestApp::empty(Database::Sqlite).await;
    let page = app.get("/").await.text();
    let named: Vec<&str> =
        ["src=\"", "href=\""].iter().flat_map(|mark| page.split(mark).skip(1)).filter_map(|rest| rest.split('"').next()).collect();
    assert!(named.len() > 5, "{named:?}");
    for address in named {
        assert!(address.starts_with('/') && !address.starts_with("//"), "{address}");
        assert_eq!(app.get(address).await.status, StatusCode::OK, "{address}");
    }
    assert!(!page.contains("<style") && !page.contains(" style=") && !page.contains("javascript:"), "no inline style or script");
    assert!(page.split("<script").skip(1).all(|script| script.contains("></script>")), "no inline script");
    for address in ["/assets/graphiql.css", "/assets/concord.css"] {
        let style = app.get(address).await.text();
        assert!(!style.contains("@import") && !style.contains("url(http") && !style.contains("url(//"), "{address}");
    }
    let own = app.get("/assets/concord.js").await.text();
    assert!(!own.contains("http://") && !own.contains("https://"), "concord.js names another host");
}

/// A tool downloads the schema's text, which is the one that is generated. No database takes part.
#[tokio::test]
async fn publishes_the_schema() {
    let app = TestApp::empty(Database::Sqlite).await;
    assert_eq!(app.get("/schema.graphql").await.text(), concord::graphql::schema::sdl());
}

/// Somebody tries other addresses and methods: there is nothing, and none of it is a fault. No database takes part.
#[tokio::test]
async fn has_nothing_elsewhere() {
    let app = TestApp::empty(Database::Sqlite).await;
    let mut statuses = serde_json::Map::new();
    for address in [
        "/nowhere",
        "/graphql/",
        "/graphiql",
        "/assets",
        "/assets/",
        "/assets/none.js",
        "/assets/%2e%2e%2findex.html",
        "/assets/LICENSES.txt",
        "/health",
        "/schema",
        "//",
        "/%00",
    ] {
        statuses.insert(address.to_owned(), app.get(address).await.status.as_u16().into());
    }
    for address in ["/", "/assets/icon.svg", "/schema.graphql", "/health/live", "/health/ready"] {
        statuses.insert(format!("POST {address}"), app.send(Method::POST, address, &[], "{}").await.status.as_u16().into());
    }
    snapshot!("other_addresses", statuses);
}

both! {
    /// A load balancer asks whether the server lives and can answer: before and after a step of the migrations goes missing, and when there is one too many.
    async fn tells_its_health(database) {
        let app = TestApp::empty(database).await;
        let mut told = vec![health(&app, "live").await, health(&app, "ready").await];
        app.execute("DELETE FROM seaql_migrations WHERE version = 'm0006_search'").await;
        told.extend([health(&app, "ready").await, health(&app, "live").await]);
        app.execute("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_future', 0)").await;
        told.push(health(&app, "ready").await);
        snapshot!("health", told);
    }
}

async fn health(app: &TestApp, what: &str) -> String {
    let answer = app.get(&format!("/health/{what}")).await;
    format!("{what}: {} {}", answer.status.as_u16(), answer.text())
}

/// The database goes away under a running server and comes back: not ready while it is gone, alive throughout, ready again by itself.
/// On `PostgreSQL` only: an embedded database cannot go away without the server.
#[tokio::test]
async fn survives_a_lost_database() {
    let app = TestApp::start(Database::Postgres, Template::Twins, |settings| settings.database.connections = 1).await;
    let url: PgConnectOptions = app.url().parse().expect("an address");
    let name = url.get_database().expect("a name").to_owned();
    let mut server: PgConnection = url.database("postgres").connect().await.expect("the server");
    let mut allow = async |is: bool| {
        server.execute(sqlx::AssertSqlSafe(format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS {is}"))).await.expect("the switch");
        let end = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
        server.execute(sqlx::AssertSqlSafe(end)).await.expect("the end of its connections");
    };
    let mut told = vec![health(&app, "ready").await];
    allow(false).await;
    told.extend([health(&app, "ready").await, health(&app, "ready").await, health(&app, "live").await]);
    told.push(app.post(&json!({ "query": "{ regions { code } viewer { kind } }" })).await.text());
    allow(true).await;
    told.push(health(&app, "ready").await);
    snapshot!("lost_database", told);
}
