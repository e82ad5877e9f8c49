//! The full counts behind the catalog's promises. They take minutes, print what they saw, and are run on purpose by `scripts/prove catalog`, with the program as it is
//! released. They assert counts and bounds of memory; times are printed beside their goals, since a busy machine breaks no promise.

mod guard;
mod open_data;
mod refusal;
mod server;

use std::fmt::Write as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::depth;
use crate::import_write::Folder;
use crate::support::{Database, Template, TestApp};

/// The program, with nothing of the environment's settings.
fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_concord"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CONCORD")) {
        command.env_remove(name);
    }
    command
}

/// Which build is measured.
const fn build() -> &'static str {
    if cfg!(debug_assertions) { "debug build: the goals are those of the release build" } else { "release build" }
}

/// A line of a process's state, in MiB.
fn memory(process: u32, line: &str) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let text = status.lines().find(|known| known.starts_with(line))?;
    let kib: f64 = text.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024.0)
}

/// Waits for a process to end; its greatest resident memory in MiB.
async fn end(mut child: Child) -> f64 {
    let mut peak: f64 = 0.0;
    loop {
        peak = memory(child.id(), "VmHWM").map_or(peak, |now| peak.max(now));
        if let Some(status) = child.try_wait().expect("a state") {
            assert!(status.success(), "{status}");
            return peak;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Two hundred courses of ten colleges with so many sections.
fn catalog(number: usize) -> Folder {
    let mut institutions = "key,name,kind\n".to_owned();
    for at in 0..10 {
        let _ = writeln!(institutions, "i{at},College {at},COMMUNITY_COLLEGE");
    }
    let mut courses = "key,institution,code,title,summary,price\n".to_owned();
    for course in 0..200 {
        let _ = writeln!(courses, "c{course},i{},C {course},Course {course},What it is about.,{}.00", course % 10, 50 + course);
    }
    let mut offerings = "key,institution,course,code,modality,status,starts_on,ends_on,schedule,capacity,seats_taken\n".to_owned();
    for number in 0..number {
        let (course, month, day) = (number % 200, number % 12 + 1, number % 28 + 1);
        let _ = writeln!(
            offerings,
            "o{number},i{},c{course},S-{number},HYBRID,OPEN,2027-{month:02}-{day:02},2028-06-01,Mon and Wed 6:00–8:30 pm,24,{}",
            course % 10,
            number % 25
        );
    }
    Folder::of(&[("institutions.csv", &institutions), ("courses.csv", &courses), ("offerings.csv", &offerings)])
}

/// An operator imports 10,000 and 100,000 offerings into PostgreSQL: all are there, and the importer takes no more memory for the larger file.
#[tokio::test]
#[ignore = "full counts: scripts/prove catalog"]
async fn prove_catalog_import() {
    let mut peaks = Vec::new();
    for number in [10_000, 100_000] {
        let app = TestApp::empty(Database::Postgres).await;
        let folder = catalog(number);
        for run in ["first", "second"] {
            let begun = Instant::now();
            let mut command = program();
            command.args(["import", "catalog"]).arg(folder.path()).args(["--database", &app.url()]).stdout(Stdio::null());
            let peak = end(command.spawn().expect("the program starts")).await;
            let seconds = begun.elapsed().as_secs_f64();
            println!(
                "import of {number} offerings on PostgreSQL, {run} run: {seconds:.1} s (goal for 100,000: 60 s), at most {peak:.1} MiB resident; {}",
                build()
            );
            peaks.push(peak);
        }
        assert_eq!(app.rows("SELECT count(*) FROM offering").await, [number.to_string()]);
        assert_eq!(app.rows("SELECT count(*) FROM external_key WHERE digest IS NOT NULL").await, [(number + 210).to_string()]);
    }
    // 32 bytes and some for each key of a file are kept, so that a second row of the key is seen.
    assert!(peaks[2] < peaks[0] + 16.0 && peaks[3] < peaks[1] + 16.0, "memory grows with the file: {peaks:?}");
}

/// A client is in the middle of a list of 200,000: PostgreSQL reads for its page what it reads for the first.
#[tokio::test]
#[ignore = "full counts: scripts/prove catalog"]
async fn prove_catalog_depth() {
    let app = TestApp::start(Database::Postgres, Template::Twins, |settings| settings.database.connections = 1).await;
    depth::fill(&app, Database::Postgres, 200_000).await;
    for list in depth::lists().iter().filter(|list| list.is_long) {
        let [first, middle] = depth::first_and_middle(&app, list).await;
        println!("{} of 200,000: first page {first}; in the middle {middle}", list.name);
        assert!(middle.is_no_more_than(&first), "{}: {first}, in the middle {middle}", list.name);
    }
}

/// A visitor of an embedded database is in the middle of a list of 200,000, alone and below an institution: the time is printed.
#[tokio::test]
#[ignore = "full counts: scripts/prove catalog"]
async fn prove_catalog_depth_embedded() {
    let app = TestApp::start(Database::Sqlite, Template::Twins, |settings| settings.database.connections = 1).await;
    depth::fill(&app, Database::Sqlite, 200_000).await;
    for list in depth::lists().iter().filter(|list| list.is_long) {
        let mut times = Vec::new();
        let mut after = String::new();
        for _ in 0..100 {
            let document = list.document.replace('#', &after).replace("first: 20", "first: 100");
            let begun = Instant::now();
            let answer = app.query(&document).await;
            times.push(begun.elapsed().as_secs_f64() * 1_000.0);
            let cursor =
                answer.pointer(&list.page).and_then(|page| page["pageInfo"]["endCursor"].as_str()).unwrap_or_else(|| panic!("{answer:#}"));
            after = format!(", after: \"{cursor}\"");
        }
        let median = |times: &[f64]| {
            let mut times = times.to_vec();
            times.sort_by(f64::total_cmp);
            times[times.len() / 2]
        };
        println!(
            "{} of 200,000 on SQLite, 100 a page: pages 1 to 20 {:.2} ms, 81 to 100 {:.2} ms; {}",
            list.name,
            median(&times[..20]),
            median(&times[80..]),
            build()
        );
    }
}
