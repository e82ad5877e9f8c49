//! `concord demo`: creates its state once, keeps it, and leaves nothing half behind.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::json;
use sqlx::{Connection, Executor, SqliteConnection};
use tempfile::TempDir;

use super::{Running, demo, folder, program, refusal, run, signal, spawn, text, wait};

/// A folder with a demo that was created and stopped, made once for all tests of this run.
pub(super) fn created() -> TempDir {
    static MADE: OnceLock<TempDir> = OnceLock::new();
    let made = MADE.get_or_init(|| {
        let folder = folder();
        let lines = Running::start(&mut demo(folder.path())).stop();
        assert!(lines.iter().any(|line| line.starts_with("Created ")), "{lines:?}");
        folder
    });
    let copy = folder();
    std::fs::copy(made.path().join("demo.db"), copy.path().join("demo.db")).expect("a copy");
    copy
}

/// Runs a statement on the database of a demo.
pub(super) fn execute(folder: &Path, sql: &'static str) {
    let url = format!("sqlite://{}", folder.join("demo.db").display());
    let work = async { SqliteConnection::connect(&url).await.expect("the file").execute(sql).await.expect("a statement that runs") };
    tokio::runtime::Runtime::new().expect("a runtime").block_on(work);
}

/// Names of the files in a folder.
fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

const PAGE: &str = "{ courses(first: 2) { pageInfo { endCursor } nodes { id } } }";

/// A visitor starts the demo twice: the second start finds the same state, not one like it, and the cursors of before still lead on.
#[test]
fn keeps_its_state() {
    let folder = created();
    execute(folder.path(), "UPDATE course SET title = 'Kept' WHERE id = (SELECT min(id) FROM course)");
    let first = Running::start(&mut demo(folder.path()));
    let page = first.data(PAGE);
    let told = first.stop();
    assert!(!told.iter().any(|line| line.starts_with("Created ")), "{told:?}");
    assert!(told.iter().any(|line| line == "Stopped."), "{told:?}");
    let second = Running::start(&mut demo(folder.path()));
    assert_eq!(second.data(PAGE), page);
    let next = json!({ "query": "query($after: String) { courses(first: 2, after: $after) { nodes { id } } }", "variables": { "after": page["courses"]["pageInfo"]["endCursor"] } });
    assert!(second.ask(&next).get("errors").is_none());
    assert_eq!(second.data("{ courses(search: \"zzz\", first: 1) { totalCount } }")["courses"]["totalCount"], 0);
    second.stop();
    assert_eq!(files(folder.path()), ["demo.db", "demo.db.lock", "running.lock"]);
}

/// A visitor wants the state afresh: what was changed is gone, and so are the cursors of before.
#[test]
fn resets() {
    let folder = created();
    let first = Running::start(&mut demo(folder.path()));
    let page = first.data(PAGE);
    first.stop();
    execute(folder.path(), "UPDATE region SET name = 'Changed'");
    let again = Running::start(demo(folder.path()).arg("--reset"));
    let regions = again.data("{ regions { name } }");
    assert!(regions["regions"][0]["name"].is_string() && !regions.to_string().contains("Changed"), "{regions}");
    let next = json!({ "query": "query($after: String) { courses(first: 2, after: $after) { nodes { id } } }", "variables": { "after": page["courses"]["pageInfo"]["endCursor"] } });
    assert_eq!(again.ask(&next)["errors"][0]["extensions"]["code"], "BAD_CURSOR");
    assert!(again.stop().iter().any(|line| line.starts_with("Created ")));
}

/// The machine dies while the state is being created: nothing of it counts, and the next start creates a whole one.
#[test]
fn survives_a_kill_during_creation() {
    let folder = folder();
    let draft = folder.path().join("demo-being-created.db-wal");
    let (mut child, _lines) = spawn(&mut demo(folder.path()));
    while std::fs::metadata(&draft).map_or(0, |file| file.len()) < 100_000 {
        assert!(child.try_wait().expect("a process").is_none(), "the demo goes on");
        std::thread::sleep(Duration::from_millis(1));
    }
    signal(&child, "KILL");
    wait(&mut child);
    assert!(!folder.path().join("demo.db").exists(), "a half state is no state");
    let next = Running::start(&mut demo(folder.path()));
    let total = "{ courses(first: 1) { totalCount } programs(first: 1) { totalCount } offerings(first: 1) { totalCount } }";
    let counted = next.data(total);
    next.stop();
    assert_eq!(files(folder.path()), ["demo.db", "demo.db.lock", "running.lock"]);
    let whole = created();
    let whole = Running::start(&mut demo(whole.path()));
    assert_eq!(counted, whole.data(total));
    whole.stop();
}

/// A database was deleted and its write-ahead log forgotten: the new state knows nothing of what the log held.
#[test]
fn leaves_an_old_log_behind() {
    let (old, new) = (created(), folder());
    let url = format!("sqlite://{}", old.path().join("demo.db").display());
    let work = async {
        let mut connection = SqliteConnection::connect(&url).await.expect("the file");
        connection.execute("PRAGMA journal_mode = WAL; UPDATE region SET name = 'Replayed'").await.expect("a statement that runs");
        // While it is open, what it wrote stands in the log.
        std::fs::copy(old.path().join("demo.db-wal"), new.path().join("demo.db-wal")).expect("a log")
    };
    assert!(tokio::runtime::Runtime::new().expect("a runtime").block_on(work) > 0);
    let running = Running::start(&mut demo(new.path()));
    let regions = running.data("{ regions { name } }");
    assert!(regions["regions"][0]["name"].is_string() && !regions.to_string().contains("Replayed"), "{regions}");
    running.stop();
}

/// A visitor presses Ctrl-C, the system sends TERM: either ends it well, though a browser holds a connection on which it has said nothing yet.
#[test]
fn ends_by_signals() {
    let folder = created();
    for name in ["INT", "TERM"] {
        let mut command = demo(folder.path());
        // Longer than a test's patience: only the stop itself can end the silent connection in time.
        command.env("CONCORD__SERVER__FIRST_BYTE_MS", "600000").env("CONCORD__SERVER__SHUTDOWN_MS", "600000");
        let running = Running::start(&mut command);
        let _silent = TcpStream::connect(running.address).expect("a connection");
        running.data("{ viewer { kind } }");
        running.signal(name);
        let (status, lines) = running.end();
        assert_eq!(status.code(), Some(0), "{lines:?}");
        assert_eq!(lines.last().map(String::as_str), Some("Stopped."));
    }
}

/// A visitor starts a second demo on the folder of one that runs: refused in a line, and the first does not notice.
#[test]
fn refuses_a_second_one() {
    let folder = created();
    let first = Running::start(&mut demo(folder.path()));
    let told = refusal(&mut demo(folder.path()));
    assert_eq!(told, format!("concord: another demo runs on the folder {}; stop it, or choose another by --data", folder.path().display()));
    first.data("{ viewer { kind } }");
    first.stop();
}

/// A visitor chooses a port that is taken: refused in a line, before anything is created.
#[test]
fn refuses_a_taken_port() {
    let folder = folder();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let told = refusal(&mut program(&["demo", "--data", text(folder.path()), "--listen", &address]));
    assert!(told.starts_with(&format!("concord: cannot listen on {address}; is another program there?")), "{told}");
    assert_eq!(files(folder.path()), ["running.lock"]);
}

/// A visitor chooses folders that cannot be: below a file, and where nobody may write. (Permissions do not bind whoever runs this as root, so a folder of the
/// kernel's stands for the latter.)
#[test]
fn refuses_impossible_folders() {
    let folder = folder();
    std::fs::write(folder.path().join("file"), "").expect("a file");
    let below = folder.path().join("file/data");
    let told = refusal(&mut demo(&below));
    assert!(told.starts_with(&format!("concord: the folder {} cannot be made", below.display())), "{told}");
    let told = refusal(&mut demo(Path::new("/proc/self")));
    assert!(told.starts_with("concord: the folder /proc/self cannot be written to"), "{told}");
}

/// An older program finds a database of a newer one: refused in a line that says so, and nothing is changed.
#[test]
fn refuses_a_newer_database() {
    let folder = created();
    execute(folder.path(), "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_future', 0)");
    let told = refusal(&mut demo(folder.path()));
    assert_eq!(
        told,
        "concord: the database is newer than this program: it knows the step m9999_future; use a newer program or an older copy of the database"
    );
    execute(folder.path(), "DELETE FROM seaql_migrations WHERE version = 'm9999_future'");
    Running::start(&mut demo(folder.path())).stop();
}

/// The folder holds a database of something else: refused in a line that says what helps, and left alone.
#[test]
fn refuses_a_foreign_database() {
    let folder = created();
    execute(folder.path(), "DELETE FROM setting");
    assert_eq!(refusal(&mut demo(folder.path())), "concord: the demo's database is not one of a demo; start with --reset");
    std::fs::write(folder.path().join("demo.db"), "not a database at all, but long enough to look at it as one".repeat(100))
        .expect("a file");
    let told = refusal(&mut demo(folder.path()));
    assert!(told.starts_with("concord: the database file ") && told.contains("file is not a database"), "{told}");
}

/// The disk fills up while the state is being created: one line, no half state, and a start with more room succeeds.
#[test]
fn survives_a_full_disk() {
    let folder = folder();
    let command = demo(folder.path());
    let words: Vec<&str> =
        std::iter::once(command.get_program()).chain(command.get_args()).map(|word| word.to_str().expect("UTF-8")).collect();
    // No file may grow beyond a megabyte, and the signal that would end the process at it is switched off: writes fail as on a full disk.
    let mut limited = Command::new("bash");
    limited.args(["-c", r#"trap "" XFSZ; ulimit -f 1024; exec "$@""#, "bash"]).args(&words);
    let ended = run(&mut limited);
    assert_eq!((ended.status.code(), ended.stderr.lines().count()), (Some(1), 1), "{ended:?}");
    assert!(ended.stderr.starts_with("concord: the demo cannot be created"), "{ended:?}");
    assert_eq!(files(folder.path()), ["running.lock"]);
    let next = Running::start(&mut demo(folder.path()));
    next.data(PAGE);
    next.stop();
}

/// The disk is full while an existing demo starts and serves: it is left whole.
#[test]
fn serves_on_a_full_disk() {
    let folder = created();
    let command = demo(folder.path());
    let words: Vec<&str> =
        std::iter::once(command.get_program()).chain(command.get_args()).map(|word| word.to_str().expect("UTF-8")).collect();
    let mut limited = Command::new("bash");
    limited.args(["-c", r#"trap "" XFSZ; ulimit -f 0; exec "$@""#, "bash"]).args(&words);
    // Whether reading alone gets by without writing is the database's affair; that nothing is damaged is ours.
    let ended = std::thread::scope(|scope| {
        let (mut child, lines) = spawn(&mut limited);
        scope
            .spawn(move || {
                let is_up = lines.iter().any(|line| line.contains("Ctrl-C ends it"));
                if is_up {
                    signal(&child, "TERM");
                }
                (is_up, wait(&mut child).code())
            })
            .join()
            .expect("a thread")
    });
    assert!(matches!(ended, (true, Some(0)) | (false, Some(1))), "{ended:?}");
    let next = Running::start(&mut demo(folder.path()));
    next.data(PAGE);
    next.stop();
}

/// The folder of a demo may have any name that the system takes.
#[test]
fn takes_odd_folders() {
    let whole = created();
    let parent = folder();
    let odd: PathBuf = parent.path().join("año 2027 #1 100% ?a=b");
    std::fs::create_dir(&odd).expect("a folder");
    std::fs::copy(whole.path().join("demo.db"), odd.join("demo.db")).expect("a copy");
    let running = Running::start(&mut demo(&odd));
    running.data(PAGE);
    running.stop();
    assert_eq!(files(parent.path()), [text(Path::new(odd.file_name().expect("a name")))]);
}
