//! What does not start: one line that names what to change, and an exit code that is not zero.

use std::process::Stdio;

use super::{folder, program, refusal, run, text};

/// With which production starts.
const SECRET: &str = "a secret of the tests, long enough to sign";

/// A tool asks for the schema: it is printed and nothing else.
#[test]
fn prints_the_schema() {
    let ended = run(&mut program(&["schema"]));
    assert_eq!((ended.status.code(), ended.stdout, ended.stderr), (Some(0), concord::graphql::schema::sdl().to_owned(), String::new()));
}

/// Somebody reads the beginning of the schema only: the program ends without a word.
#[test]
fn stops_printing_quietly() {
    let mut child = program(&["schema"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    drop(child.stdout.take());
    let ended = child.wait_with_output().expect("an end");
    assert_eq!((ended.status.code(), ended.stderr), (Some(0), Vec::new()));
}

/// Somebody mistypes a command: the usage, and the code of a wrong usage.
#[test]
fn explains_its_usage() {
    let ended = run(&mut program(&["sevre"]));
    assert_eq!(ended.status.code(), Some(2));
    assert!(ended.stderr.contains("unrecognized subcommand"), "{ended:?}");
}

/// An operator starts the server or migrates without a configuration, and with one that is not there.
#[test]
fn refuses_a_missing_configuration() {
    for command in ["serve", "migrate"] {
        let told = refusal(&mut program(&[command]));
        assert!(told.starts_with("concord: database.url is not set: give it by CONCORD__DATABASE__URL"), "{told}");
    }
    let folder = folder();
    let missing = folder.path().join("missing.toml");
    let told = refusal(&mut program(&["serve", "--config", text(&missing)]));
    assert!(told.contains("the configuration cannot be read") && told.contains("missing.toml"), "{told}");
}

/// An operator gives a database that does not answer, and files that are none.
#[test]
fn refuses_a_missing_database() {
    let folder = folder();
    std::fs::write(folder.path().join("file"), "").expect("a file");
    let below = format!("sqlite://{}/file/concord.db", folder.path().display());
    for (url, words) in [
        ("postgres://nobody:canary@127.0.0.1:1/none", "the PostgreSQL server cannot be reached"),
        (below.as_str(), "the database file"),
        ("mysql://localhost/x", "database.url must begin with postgres:// or sqlite://"),
        ("sqlite://", "database.url must begin with postgres:// or sqlite://"),
    ] {
        let told = refusal(program(&["serve"]).env("CONCORD__DATABASE__URL", url).env("CONCORD__CURSORS__SECRET", SECRET));
        assert!(told.starts_with(&format!("concord: {words}")) && !told.contains("canary"), "{url}: {told}");
    }
}

/// An operator gives a wrong password: the reason is told, and not the password.
#[test]
fn tells_why_a_database_refuses() {
    let server = std::env::var("CONCORD_TEST_POSTGRES").expect("a server");
    let told = refusal(
        program(&["serve"])
            .env("CONCORD__DATABASE__URL", format!("{}_of_nobody", server.split('?').next().unwrap_or_default()))
            .env("CONCORD__CURSORS__SECRET", SECRET),
    );
    assert!(told.contains("cannot be reached") && told.contains("does not exist"), "{told}");
}

/// An operator mistypes the file of a database: refused, and no file is made by the way.
#[test]
fn makes_no_file_by_serving() {
    let folder = folder();
    let file = folder.path().join("concrod.db");
    let mut command = program(&["serve"]);
    command.env("CONCORD__DATABASE__URL", format!("sqlite://{}", file.display())).env("CONCORD__CURSORS__SECRET", SECRET);
    assert_eq!(
        refusal(&mut command),
        format!("concord: the database file {} does not exist: check database.url, or make it by `concord migrate`", file.display())
    );
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

/// An operator serves a database that was never migrated: refused with the command that helps.
#[test]
fn refuses_an_older_database() {
    let folder = folder();
    std::fs::write(folder.path().join("concord.db"), "").expect("an empty database");
    let url = format!("sqlite://{}", folder.path().join("concord.db").display());
    let mut command = program(&["serve"]);
    command.env("CONCORD__DATABASE__URL", url).env("CONCORD__CURSORS__SECRET", SECRET);
    assert_eq!(
        refusal(&mut command),
        "concord: the database is older than this program: run `concord migrate`, or set database.migrate_on_start"
    );
}
