//! Migrations by the program: again and again, and by several at once.

use std::process::Command;

use tempfile::TempDir;

use super::{Running, folder, program, refusal, run};
use crate::support::{Database, TestApp, both, sorted_tables};

/// An empty database: its address and what keeps it alive.
async fn empty(database: Database) -> (String, TempDir, Option<TestApp>) {
    let folder = folder();
    match database {
        Database::Sqlite => (format!("sqlite://{}", folder.path().join("concord.db").display()), folder, None),
        Database::Postgres => {
            let app = TestApp::empty(database).await;
            app.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public").await;
            (app.url(), folder, Some(app))
        }
    }
}

/// A command of an operator on a database.
fn on(url: &str, command: &str) -> Command {
    let mut program = program(&[command]);
    program
        .env("CONCORD__DATABASE__URL", url)
        .env("CONCORD__CURSORS__SECRET", "a secret of the tests, long enough to sign")
        .env("CONCORD__SERVER__LISTEN", "127.0.0.1:0");
    program
}

both! {
    /// An operator migrates a fresh database, and once more: the second time changes nothing. Then it can be served.
    async fn migrates_twice(database) {
        let (url, _folder, app) = empty(database).await;
        let first = run(&mut on(&url, "migrate"));
        assert_eq!((first.status.code(), first.stdout.as_str()), (Some(0), "The database is up to date.\n"), "{first:?}");
        let before = if let Some(app) = &app { sorted_tables(app).await } else { Vec::new() };
        let second = run(&mut on(&url, "migrate"));
        assert_eq!((second.status.code(), second.stdout.as_str()), (Some(0), "The database is up to date.\n"), "{second:?}");
        let after = if let Some(app) = &app { sorted_tables(app).await } else { Vec::new() };
        assert_eq!(before, after);
        let running = Running::start(&mut on(&url, "serve"));
        assert!(running.send("GET /health/ready HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").ends_with("ready\n"));
        running.stop();
    }

    /// Four operators migrate one fresh database at the same moment: all succeed.
    async fn migrates_at_once(database) {
        let (url, _folder, _app) = empty(database).await;
        let several = std::thread::scope(|scope| {
            let started: Vec<_> = (0..4).map(|_| scope.spawn(|| run(&mut on(&url, "migrate")))).collect();
            started.into_iter().map(|one| one.join().expect("an operator")).collect::<Vec<_>>()
        });
        for ended in several {
            // Whoever waited for a second or more may have been told so among the logs.
            assert_eq!((ended.status.code(), ended.stdout.as_str()), (Some(0), "The database is up to date.\n"), "{ended:?}");
        }
    }

    /// Two servers that migrate by themselves start at the same moment on one fresh database: both are ready.
    async fn serves_at_once(database) {
        let (url, _folder, _app) = empty(database).await;
        let start = || Running::start(on(&url, "serve").env("CONCORD__DATABASE__MIGRATE_ON_START", "true"));
        let both = std::thread::scope(|scope| [scope.spawn(start), scope.spawn(start)].map(|server| server.join().expect("a server")));
        for running in both {
            assert!(running.send("GET /health/ready HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").ends_with("ready\n"));
            running.data("{ viewer { kind } courses { totalCount } }");
            running.stop();
        }
    }

    /// An older program meets a database of a newer one: it neither migrates nor serves it.
    async fn refuses_a_newer_database(database) {
        let app = TestApp::empty(database).await;
        app.execute("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_future', 0)").await;
        for command in ["migrate", "serve"] {
            let told = refusal(&mut on(&app.url(), command));
            assert!(told.starts_with("concord: the database is newer than this program: it knows the step m9999_future"), "{told}");
        }
    }
}

/// A database is called as lock files are, and another lies beside it whose lock file would have its name: both are there after each migration.
#[test]
fn migrates_what_is_called_a_lock() {
    let folder = folder();
    let url = |name: &str| format!("sqlite://{}", folder.path().join(name).display());
    for name in ["x.lock", "x.lock", "x.db", "x.lock"] {
        let ended = run(&mut on(&url(name), "migrate"));
        assert_eq!(ended.status.code(), Some(0), "{name}: {ended:?}");
        let kept = std::fs::metadata(folder.path().join("x.lock")).expect("the database");
        assert!(kept.len() > 0, "{name} emptied the database x.lock");
    }
}
