//! The program dies while it works off a list: at named points, and at moments that nobody chose.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{business, hired, is_whole, list, seats, send, sponsor, start};
use crate::process::{PATIENCE, program};
use crate::support::{Database, SECRET, TestApp, both};

/// The program, serving and working.
pub(crate) fn serve(app: &TestApp, batch: u32, lease_ms: u32, fail_at: Option<&str>) -> Child {
    let mut command = program(&["serve"]);
    command.env("CONCORD__DATABASE__URL", app.url()).env("CONCORD__CURSORS__SECRET", SECRET).env("CONCORD__SERVER__LISTEN", "127.0.0.1:0");
    command.env("CONCORD__JOBS__BATCH", batch.to_string()).env("CONCORD__JOBS__LEASE_MS", lease_ms.to_string());
    if lease_ms < 1_000 {
        command.env("CONCORD__JOBS__POLL_MS", "20");
    }
    if let Some(point) = fail_at {
        command.env("CONCORD_FAIL_AT", point);
    }
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts")
}

/// Rows that have their outcome.
async fn done(app: &TestApp) -> usize {
    app.rows("SELECT done_count FROM enrollment_job WHERE file_name = 'list.csv'").await[0].parse().expect("a number")
}

/// Waits until a program has died, or so many rows are done.
async fn until(app: &TestApp, program: &mut Child, rows: usize) {
    reach(app, program, rows, Duration::from_millis(3)).await;
}

/// The same by looks that are so far apart: each is a connection of its own, and a count.
async fn reach(app: &TestApp, program: &mut Child, rows: usize, apart: Duration) {
    let begun = Instant::now();
    while program.try_wait().expect("a state").is_none() && done(app).await < rows {
        assert!(begun.elapsed() < PATIENCE, "{} rows are done", done(app).await);
        tokio::time::sleep(apart).await;
    }
}

/// Waits until a list has ended, stops the program, and looks at what there is.
async fn ended(app: &TestApp, mut program: Child, rows: u16) {
    while !app.rows("SELECT job FROM job_lease").await.is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    program.kill().expect("a process to kill");
    program.wait().expect("an end");
    is_whole(app, usize::from(rows)).await;
}

/// A list of so many rows is under way at `acme`, where there are fewer seats than people.
async fn begin(database: Database, rows: u16, batch: u32) -> TestApp {
    let app = hired(database, rows, batch).await;
    let token = business(&app, "acme").await;
    let offering = seats(&app, u32::from(rows) / 2, u32::from(rows)).await;
    let funding = sponsor(&app, &token, 1, 2_000_000).await;
    // The programs go by the machine's clock.
    app.execute("UPDATE sponsorship SET starts_on = '2020-01-01', ends_on = '2040-01-01'; UPDATE offering SET registration_opens_at = NULL, registration_closes_at = NULL").await;
    let begun = start(&app, &token, 2, &send(&app, &token, &list(&offering, 0..rows)).await, &funding).await;
    assert!(begun["userErrors"] == Value::Array(Vec::new()), "{begun:#}");
    app
}

/// Every named point.
const POINTS: [&str; 4] = ["job.claimed", "job.placed", "job.counted", "job.committed"];

both! {
    /// The program dies at each named point, and by a kill in the middle, and is started again each time: every row has one outcome, and nothing was done twice.
    async fn dies_at_every_point(database) {
        const ROWS: u16 = 40;
        let app = begin(database, ROWS, 4).await;
        for (point, time) in POINTS.into_iter().zip([2, 6, 2, 1]) {
            let mut program = serve(&app, 4, 300, Some(&format!("{point}:{time}")));
            until(&app, &mut program, usize::from(ROWS)).await;
            assert!(!program.wait().expect("an end").success(), "{point} was not reached");
        }
        let reached = done(&app).await;
        assert!(reached > 0 && reached < usize::from(ROWS), "{reached} rows are done after the points");
        let mut program = serve(&app, 4, 300, None);
        until(&app, &mut program, reached + 4).await;
        program.kill().expect("a process to kill");
        program.wait().expect("an end");
        let mut program = serve(&app, 4, 300, None);
        until(&app, &mut program, usize::from(ROWS)).await;
        ended(&app, program, ROWS).await;
        assert_eq!(app.rows("SELECT enrolled_count, waitlisted_count FROM enrollment_job WHERE file_name = 'list.csv'").await, ["20|20"]);
    }
}

/// Memory of a process, in KiB.
pub(crate) fn memory(program: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", program.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// 10,000 rows, undisturbed: the time, and the memory on the way.
#[tokio::test]
#[ignore = "the full counts, which scripts/prove enrollment runs"]
async fn prove_enrollment_job_speed() {
    const ROWS: u16 = 10_000;
    for database in [Database::Postgres, Database::Sqlite] {
        let app = begin(database, ROWS, 50).await;
        let begun = Instant::now();
        let mut program = serve(&app, 50, 3_000, None);
        let mut seen = Vec::new();
        for part in 1..=10 {
            // Seldom: looking is not to take the time of what is timed.
            reach(&app, &mut program, usize::from(ROWS) / 10 * part, Duration::from_millis(250)).await;
            seen.push(memory(&program) / 1024);
        }
        let taken = begun.elapsed();
        ended(&app, program, ROWS).await;
        println!("job on {database:?}: {ROWS} rows in {:.1} s, MiB after each tenth {seen:?}", taken.as_secs_f64());
    }
}

/// 10,000 rows with 20 kills spread over them, and every named point: each row has one outcome, and work goes on within 5 s of each start.
#[tokio::test]
#[ignore = "the full counts, which scripts/prove enrollment runs"]
async fn prove_enrollment_job_kills() {
    const ROWS: u16 = 10_000;
    for database in [Database::Postgres, Database::Sqlite] {
        let app = begin(database, ROWS, 50).await;
        let mut slowest = Duration::ZERO;
        let resumed = async |program: &mut Child, slowest: &mut Duration| {
            let (before, begun) = (done(&app).await, Instant::now());
            until(&app, program, before + 1).await;
            *slowest = (*slowest).max(begun.elapsed());
        };
        for (point, time) in POINTS.into_iter().zip([3, 120, 3, 2]) {
            let mut program = serve(&app, 50, 3_000, Some(&format!("{point}:{time}")));
            until(&app, &mut program, usize::from(ROWS)).await;
            assert!(!program.wait().expect("an end").success(), "{point} was not reached");
        }
        for kill in 1..=20_usize {
            let mut program = serve(&app, 50, 3_000, None);
            resumed(&mut program, &mut slowest).await;
            // Spread over what is left, and at odd moments within a batch.
            let wanted = usize::from(ROWS) * kill / 21;
            until(&app, &mut program, wanted).await;
            tokio::time::sleep(Duration::from_millis((kill as u64 * 37) % 150)).await;
            program.kill().expect("a process to kill");
            program.wait().expect("an end");
        }
        let reached = done(&app).await;
        let mut program = serve(&app, 50, 3_000, None);
        resumed(&mut program, &mut slowest).await;
        until(&app, &mut program, usize::from(ROWS)).await;
        ended(&app, program, ROWS).await;
        assert!(slowest < Duration::from_secs(5), "{slowest:?}");
        println!(
            "job on {database:?}: {ROWS} rows, 4 points and 20 kills (the last after {reached} rows), {ROWS} outcomes, slowest start to go on {:.1} s",
            slowest.as_secs_f64()
        );
    }
}
