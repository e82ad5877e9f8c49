//! Clients that are not ours, against a running server: the audits of graphql-http, a browser, graphql-js, Relay's compiler.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Database, TestApp};

/// A script of `tests/clients`, whose packages must be installed.
pub(crate) fn script(name: &str) -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients");
    let folder = std::env::var_os("CONCORD_TEST_NODE_CLIENTS").map_or(here, PathBuf::from);
    assert!(
        folder.join("node_modules/.package-lock.json").exists(),
        "the packages of {} are not installed: run scripts/test, which installs them, or `npm ci` there",
        folder.display()
    );
    folder.join(name)
}

/// Runs one of the checks of `tests/clients`; everything that it prints, which must end well.
pub(crate) async fn node(script: &str, arguments: &[&str]) -> String {
    let mut command = Command::new("node");
    command.arg(self::script(script)).args(arguments).env_remove("TOKEN");
    // The server runs on this thread; it must go on while the client waits for it.
    let output =
        tokio::task::spawn_blocking(move || command.output()).await.expect("a thread").expect("node runs: Node.js 20 or newer is needed");
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{script}:\n{told}");
    told
}

/// The path of a file of this repository.
pub(crate) fn file(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name).display().to_string()
}

/// The auditors of GraphQL over HTTP put all their questions, recommendations included.
#[tokio::test]
async fn passes_the_audits() {
    let app = TestApp::demo(Database::Sqlite).await;
    let told = node("audit.mjs", &[&format!("http://{}/graphql", app.address)]).await;
    assert!(told.ends_with("61 of 61 audits passed\n"), "{told}");
}

/// A person opens the page in a browser, reads the schema, runs every example and types a query; nothing is asked of any other host.
#[tokio::test]
async fn serves_a_browser() {
    let app = TestApp::demo(Database::Sqlite).await;
    std::fs::create_dir_all(file("target")).expect("a folder");
    let picture = file("target/graphiql.png");
    let told = node("graphiql.mjs", &[&format!("http://{}/", app.address), &picture]).await;
    assert!(told.contains("ok      a typed query is answered") && Path::new(&picture).exists(), "{told}");
}

/// A tool asks the server for its schema: it is the committed one, described throughout, and everything says who may read it.
#[tokio::test]
async fn introspects_the_committed_schema() {
    let app = TestApp::empty(Database::Sqlite).await;
    let told = node("sdl.mjs", &[&file("schema.graphql"), &format!("http://{}/graphql", app.address)]).await;
    assert!(told.contains("is the file") && told.contains("0 failures"), "{told}");
}

/// A front end compiles its Relay queries against the committed schema.
#[tokio::test]
async fn compiles_for_relay() {
    let told = node("relay.mjs", &[&file("schema.graphql")]).await;
    assert!(told.contains("artifacts from"), "{told}");
}
