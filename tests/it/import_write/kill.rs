//! The program dies in the middle of an import.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use concord::import::Kind;
use concord::import::write::Options;

use super::{Folder, import, later};
use crate::support::{TestApp, both, sorted_tables};

/// Offerings of the import.
const OFFERINGS: usize = 6_000;
/// Rows that are written together.
const BATCH: usize = 500;
/// How many offerings are there when the program is killed: at the beginning, in the middle, near the end.
const KILLS: [usize; 3] = [1, OFFERINGS / 2, OFFERINGS - 3 * BATCH];

/// Two colleges with many sections.
fn many() -> Folder {
    let mut courses = "key,institution,code,title,summary,price,prerequisites\n".to_owned();
    for number in 0..100 {
        let at = if number % 2 == 0 { "north" } else { "south" };
        let _ = writeln!(courses, "c{number},{at},C {number},Course {number},Summary {number}.,{}.00,c{}", 50 + number, (number + 2) % 100);
    }
    let mut offerings = "key,institution,course,code,modality,status,starts_on,ends_on,capacity\n".to_owned();
    for number in 0..OFFERINGS {
        let (course, day) = (number % 100, number % 28 + 1);
        let at = if course % 2 == 0 { "north" } else { "south" };
        let _ = writeln!(offerings, "o{number},{at},c{course},S {number},HYBRID,OPEN,2027-03-{day:02},2027-05-01,{}", number % 40);
    }
    Folder::of(&[
        ("institutions.csv", "key,name,kind\nnorth,North College,UNIVERSITY\nsouth,South College,UNIVERSITY\n"),
        ("courses.csv", &courses),
        ("offerings.csv", &offerings),
    ])
}

/// The program, importing.
fn start(app: &TestApp, folder: &Folder) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_concord"));
    command.args(["import", "catalog"]).arg(folder.path()).args(["--database", &app.url()]);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts")
}

async fn number(app: &TestApp, sql: &str) -> usize {
    app.rows(sql).await[0].parse().expect("a number")
}

/// Waits until nobody else works on the database: what a killed client sent last may still be under way on a server.
async fn quiet(app: &TestApp) {
    if app.url().starts_with("postgres") {
        let others = "SELECT (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle') \
            + (SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE l.locktype = 'advisory' AND d.datname = current_database())";
        while number(app, others).await > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// All tables with keys of the source in the place of identifiers, and without times.
async fn canonical(app: &TestApp) -> Vec<(String, Vec<String>)> {
    let keys = app.rows("SELECT object_id, kind, value FROM external_key").await;
    let sources: HashMap<&str, &str> = keys.iter().filter_map(|row| row.split_once('|')).collect();
    let named = |cell: &str| sources.get(cell).map_or(cell, |name| *name).to_owned();
    let is_time = |cell: &str| cell.len() > 19 && cell.starts_with("20") && matches!(cell.as_bytes()[10], b' ' | b'T');
    // Digests are made of identifiers too.
    let is_digest = |cell: &str| cell.len() == 32 && cell.bytes().all(|byte| byte.is_ascii_hexdigit());
    let clean = |row: String| row.split('|').filter(|cell| !is_time(cell) && !is_digest(cell)).map(named).collect::<Vec<_>>().join("|");
    let mut tables = sorted_tables(app).await;
    tables.retain(|(name, _)| name != "seaql_migrations" && !name.ends_with("_search"));
    for (_, rows) in &mut tables {
        *rows = std::mem::take(rows).into_iter().map(clean).collect();
        rows.sort_unstable();
    }
    tables
}

both! {
    /// The program is killed three times in the middle of an import: whole batches stay, and running it once more makes what an undisturbed run makes.
    async fn a_killed_import_is_completed(database) {
        let app = TestApp::empty(database).await;
        let folder = many();
        for least in KILLS {
            let mut program = start(&app, &folder);
            while number(&app, "SELECT count(*) FROM offering").await < least {
                assert!(program.try_wait().expect("a state").is_none(), "the import ended before it could be killed");
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            program.kill().expect("a process to kill");
            program.wait().expect("an end");
            quiet(&app).await;
            let kept = number(&app, "SELECT count(*) FROM offering").await;
            assert!(kept >= least && kept < OFFERINGS && kept % BATCH == 0, "{kept} offerings are kept");
            let keyed = number(&app, "SELECT count(*) FROM external_key e JOIN offering o ON o.id = e.object_id WHERE e.digest IS NOT NULL").await;
            assert_eq!(keyed, kept);
        }
        assert!(start(&app, &folder).wait().expect("an end").success());
        let other = TestApp::empty(database).await;
        assert!(start(&other, &folder).wait().expect("an end").success());
        let (disturbed, undisturbed) = (canonical(&app).await, canonical(&other).await);
        assert_eq!(disturbed.iter().find(|(name, _)| name == "offering").map(|(_, rows)| rows.len()), Some(OFFERINGS));
        for (disturbed, undisturbed) in disturbed.into_iter().zip(undisturbed) {
            assert!(disturbed == undisturbed, "{} differs", disturbed.0);
        }
        let again = import(&app, &folder, &Options { system: "import".to_owned(), ..later() }).await;
        assert_eq!(again.counts(Kind::Offerings).unchanged as usize, OFFERINGS, "{again}");
        let search = r#"{ courses(search: "course 42") { totalCount nodes { title offerings { totalCount } } } }"#;
        assert_eq!(app.data(search).await, other.data(search).await);
    }
}
