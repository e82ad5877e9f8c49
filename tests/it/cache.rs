//! Kept answers: never wrong, never another's, and worth keeping.

mod answers;
mod buckets;
mod connections;
mod documents;
mod forged;
mod headers;
mod interleaved;
mod nodes;
mod parts;
mod proof;
mod proxy;
mod questions;
mod redis;
mod scope;
mod server;
mod sharing;
mod truth;

pub(crate) use documents::sha256;
use std::net::SocketAddr;

use axum::http::Method;
use concord::cache::Counts;
use concord::config::Settings;
use serde_json::{Value, json};

use crate::support::{Answer, Database, Template, TestApp};

/// Keeps answers, and asks nothing of the database but what a test asks for.
pub(crate) fn keeping(settings: &mut Settings) {
    settings.cache.answer_bytes = 16 * 1024 * 1024;
    settings.cache.part_bytes = 16 * 1024 * 1024;
    settings.cache.listen = false;
    settings.cost.anonymous = 1_000_000;
    settings.cost.person = 1_000_000;
}

/// Keeps nothing.
fn plain(settings: &mut Settings) {
    settings.cost.anonymous = 1_000_000;
    settings.cost.person = 1_000_000;
}

/// The twins on a server that keeps answers.
async fn twins(database: Database) -> TestApp {
    TestApp::start(database, Template::Twins, keeping).await
}

/// What became of questions on a server that keeps answers.
fn counts(app: &TestApp) -> &Counts {
    app.app().answers().expect("a server that keeps answers").counts()
}

/// Posts a question to a node, with a token if there is one.
async fn post_to(app: &TestApp, address: SocketAddr, token: Option<&str>, document: &str, variables: Value) -> Answer {
    let body = json!({ "query": document, "variables": variables }).to_string();
    let bearer = format!("Bearer {}", token.unwrap_or_default());
    let headers =
        [("content-type", "application/json"), ("accept", "application/graphql-response+json"), ("authorization", bearer.as_str())];
    let number = if token.is_some() { 3 } else { 2 };
    app.send_to(address, Method::POST, "/graphql", &headers[..number], body).await
}

/// The data of an answer, letter by letter: all that stands before the cost.
fn data(answer: &Answer) -> String {
    let text = answer.text();
    text.rsplit_once(",\"extensions\":").map_or(text.clone(), |(data, _)| data.to_owned())
}
