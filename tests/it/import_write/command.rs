//! `concord import catalog` as an operator runs it.

use std::ffi::OsStr;
use std::process::{Command, Output};

use serde_json::{Value, json};

use super::{Folder, twins_path};
use crate::support::{Database, TestApp, both, snapshot};

/// Runs the program with the arguments behind `import catalog`.
fn run<S: AsRef<OsStr>>(arguments: &[S]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_concord"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CONCORD")) {
        command.env_remove(name);
    }
    command.args(["import", "catalog"]).args(arguments).output().expect("the program starts")
}

/// What an operator sees.
fn seen(output: &Output) -> Value {
    let lines = |bytes: &[u8]| String::from_utf8_lossy(bytes).lines().map(str::to_owned).collect::<Vec<_>>();
    json!({ "code": output.status.code(), "out": lines(&output.stdout), "error": lines(&output.stderr) })
}

/// A database file that does not exist yet.
fn fresh(folder: &Folder) -> String {
    format!("sqlite://{}", folder.path().join("new.sqlite").display())
}

both! {
    /// An operator imports good files: code 0 and a table.
    async fn good_files(database) {
        let app = TestApp::empty(database).await;
        let output = run(&[twins_path().as_os_str(), OsStr::new("--database"), OsStr::new(&app.url())]);
        snapshot!("command_import_good", seen(&output));
        let data = app.data("{ institutions { nodes { name } } }").await;
        assert_eq!(data["institutions"]["nodes"].as_array().map(Vec::len), Some(2));
    }

    /// An operator imports files with bad rows: each is named with file and line, and the code is 2.
    async fn bad_rows(database) {
        let app = TestApp::empty(database).await;
        let folder = Folder::twins();
        folder.change("courses.csv", "325.00", "a lot");
        folder.change("offerings.csv", "s2,south,south-101,,NET101-B,south-27sp", "s2,south,south-101,,NET101-B,north-27sp");
        folder.change("institutions.csv", "https://south.example.edu", "ftp://south.example.edu");
        let output = run(&[folder.path().as_os_str(), OsStr::new("--database"), OsStr::new(&app.url())]);
        snapshot!("command_import_bad_rows", seen(&output));
    }
}

/// An operator asks for all or nothing, then tries the same out: both say that nothing was kept.
#[test]
fn strict_and_dry_run() {
    let folder = Folder::of(&[("regions.csv", "code,name\nN,North\n,Nowhere\n")]);
    let database = fresh(&folder);
    let path = folder.path().display().to_string();
    let strict = run(&[path.as_str(), "--database", &database, "--strict"]);
    let dry = run(&[path.as_str(), "--database", &database, "--dry-run"]);
    snapshot!("command_import_whole", json!({ "strict": seen(&strict), "dry": seen(&dry) }));
}

/// An operator names a folder, a mapping, a database that are not there: code 1 and one line that says what to do.
#[test]
fn what_is_not_there() {
    let folder = Folder::of(&[("regions.csv", "code,name\nN,North\n")]);
    let empty = Folder::of(&[]);
    let database = fresh(&folder);
    let (path, empty) = (folder.path().display().to_string(), empty.path().display().to_string());
    let cases = [
        ("folder", run(&["no/such/folder", "--database", &database])),
        ("empty", run(&[empty.as_str(), "--database", &database])),
        ("mapping", run(&[path.as_str(), "--database", &database, "--map", "no/such/map.toml"])),
        ("database", run(&[path.as_str()])),
        ("scheme", run(&[path.as_str(), "--database", "mysql://localhost/x"])),
        ("server", run(&[path.as_str(), "--database", "postgres://nobody@127.0.0.1:1/x"])),
    ];
    let told: serde_json::Map<String, Value> = cases.iter().map(|(name, output)| ((*name).to_owned(), seen(output))).collect();
    let text = serde_json::to_string(&told).expect("text").replace(&empty, "EMPTY");
    snapshot!("command_import_not_there", serde_json::from_str::<Value>(&text).expect("JSON"));
    assert!(!folder.path().join("new.sqlite").exists(), "nothing is made for an import that cannot start");
}

/// An operator reads files in another form by a mapping: what the mapping calls the system is what the keys belong to.
#[tokio::test]
async fn by_a_mapping() {
    let app = TestApp::empty(Database::Sqlite).await;
    let folder = Folder::of(&[
        ("colleges.csv", "id,college_name\n7,Copper Basin College\n8,\n"),
        (
            "map.toml",
            "system = \"registrar\"\n[[institutions]]\nfile = \"colleges.csv\"\n[institutions.fields]\nkey = { template = \"college-{id}\" }\nname = \"college_name\"\nkind = { const = \"UNIVERSITY\" }\n",
        ),
    ]);
    let map = folder.path().join("map.toml");
    let output = run(&[folder.path().as_os_str(), OsStr::new("--map"), map.as_os_str(), OsStr::new("--database"), OsStr::new(&app.url())]);
    snapshot!("command_import_mapped", seen(&output));
    assert_eq!(app.rows("SELECT system, kind, value FROM external_key").await, ["registrar|institution|college-7"]);
}
