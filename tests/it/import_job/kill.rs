//! The program dies while it imports a roster, at each named point: either nothing of the file is there, or all of it.

use std::fmt::Write as _;
use std::process::Child;
use std::time::{Duration, Instant};

use serde_json::json;

use super::{business, rosters, start};
use crate::enrollment::agrees;
use crate::enrollment_job::kill::{memory, serve};
use crate::enrollment_job::{hire, send};
use crate::process::PATIENCE;
use crate::roster::peopled;
use crate::support::{Database, TestApp, both};

/// How the import stands.
async fn state(app: &TestApp) -> String {
    app.rows("SELECT state, rows_created, rows_updated, rows_separated FROM import_job WHERE file_name = 'list.csv'").await.remove(0)
}

/// Waits until a program has died.
async fn died(program: &mut Child, point: &str) {
    let begun = Instant::now();
    while program.try_wait().expect("a state").is_none() {
        assert!(begun.elapsed() < PATIENCE, "{point} was not reached");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A complete roster is under way at `acme`: of twenty who work there four stay, one of them under another name, and so many are new.
async fn begin(database: Database, new: u32) -> TestApp {
    let app = peopled(database).await;
    hire(&app, 20).await;
    let mut text = "name,email,number\nBen Ortiz,ben@larkspur.example,10043\nAnother Name,worker-0@larkspur.example,000100\n".to_owned();
    for number in 1..4 {
        let _ = writeln!(text, "worker {number},worker-{number}@larkspur.example,000{}", 100 + number);
    }
    for number in 0..new {
        let _ = writeln!(text, "New {number},new-{number}@new.example,n{number}");
    }
    let token = business(&app, "acme").await;
    let terms = json!({ "isDryRun": false, "isComplete": true, "isConfirmed": true });
    let begun = start(&app, &token, 1, &send(&app, &token, &text).await, terms).await;
    assert_eq!(begun["userErrors"], json!([]), "{begun:#}");
    app
}

both! {
    /// The program dies when it has taken the file, when it has written the roster, and before it commits, and is started again each time: the roster is untouched each time; then it dies after it, and all of it is there, once.
    async fn dies_at_every_point(database) {
        let app = begin(database, 30).await;
        let before = rosters(&app).await;
        for point in ["job.claimed:1", "import.written:1", "import.counted:1"] {
            let mut program = serve(&app, 50, 300, Some(point));
            died(&mut program, point).await;
            assert_eq!((state(&app).await.as_str(), rosters(&app).await == before), ("QUEUED|0|0|0", true), "after {point}");
        }
        died(&mut serve(&app, 50, 300, Some("import.committed:1")), "import.committed").await;
        assert_eq!(state(&app).await, "SUCCEEDED|30|1|17");
        assert_eq!(app.rows("SELECT status, count(*) FROM employee WHERE email LIKE '%larkspur%' OR email LIKE '%new.example' GROUP BY status ORDER BY status").await, ["INVITED|31", "LINKED|4", "SEPARATED|18"]);
        assert_eq!(app.rows("SELECT count(*) FROM import_lease").await, ["0"]);
        assert_eq!(app.rows("SELECT count(*) FROM audit_event WHERE action = 'importJob'").await, ["1"]);
        agrees(&app).await;
    }
}

/// 10,000 rows, undisturbed: the time, and the memory before and after.
#[tokio::test]
#[ignore = "the full counts, which scripts/prove enrollment runs"]
async fn prove_enrollment_import_speed() {
    for database in [Database::Postgres, Database::Sqlite] {
        let app = begin(database, 9_995).await;
        let begun = Instant::now();
        let mut program = serve(&app, 50, 3_000, None);
        let mut most = 0;
        while !app.rows("SELECT job FROM import_lease").await.is_empty() {
            assert!(begun.elapsed() < PATIENCE);
            most = most.max(memory(&program) / 1024);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let taken = begun.elapsed();
        most = most.max(memory(&program) / 1024);
        program.kill().expect("a process to kill");
        program.wait().expect("an end");
        assert_eq!(state(&app).await, "SUCCEEDED|9995|1|17");
        println!("import on {database:?}: 10,000 rows in {:.1} s from the start of the program, at most {most} MiB", taken.as_secs_f64());
    }
}
