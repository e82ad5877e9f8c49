//! Real data, as its publishers write it.

use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{build, program};
use crate::support::{Database, TestApp, sorted_tables};

/// Names the folder of the files that `mappings/open-data.toml` reads. They are no part of this project.
const FOLDER: &str = "CONCORD_OPEN_DATA";

/// Kinds of the report, the files that their rows come from, and the least share of the rows that is kept.
const FLOORS: [(&str, &[&str], f64); 5] = [
    ("institutions", &["institutions.csv", "training_providers.csv"], 0.99),
    ("courses", &["training_courses.csv"], 0.95),
    ("businesses", &["partners.csv"], 0.95),
    ("competencies", &["skills.csv"], 0.99),
    ("programs", &["programs.csv"], 0.99),
];

/// Rows of a file behind its header: line breaks that stand in no quotes.
fn rows(file: &Path) -> u64 {
    let text = std::fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let (mut is_quoted, mut number) = (false, 0);
    for byte in text {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\n' if !is_quoted => number += 1,
            _ => {}
        }
    }
    number - 1
}

/// Imports the folder with the program; its report.
fn import(folder: &Path, url: &str) -> String {
    let map = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings/open-data.toml");
    let begun = Instant::now();
    let mut command = program();
    command.args(["import", "catalog"]).arg(folder).arg("--map").arg(map).args(["--database", url]);
    let output = command.output().expect("the program starts");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    // Some rows of the sources are bad: code 2.
    assert!(matches!(output.status.code(), Some(0 | 2)), "{told}{}", String::from_utf8_lossy(&output.stderr));
    println!("    took {:.1} s; {}", begun.elapsed().as_secs_f64(), build());
    told
}

/// What the table of a report says of a kind: read, created, updated, unchanged, rejected.
fn counts(report: &str, kind: &str) -> [u64; 5] {
    let line = report.lines().find(|line| line.split_whitespace().next() == Some(kind)).unwrap_or_else(|| panic!("{kind} in {report}"));
    let numbers: Vec<u64> = line.split_whitespace().skip(1).filter_map(|number| number.parse().ok()).collect();
    numbers.try_into().unwrap_or_else(|numbers| panic!("{line}: {numbers:?}"))
}

/// The lines of a report that are not about single rows.
fn summary(report: &str) -> String {
    let lines = report.lines().skip_while(|line| !line.trim_start().starts_with("read"));
    lines.fold(String::new(), |text, line| text + "    " + line + "\n")
}

/// A digest of each table.
async fn hashes(app: &TestApp) -> Vec<(String, usize, String)> {
    let hash =
        |rows: &[String]| Sha256::digest(rows.join("\n")).iter().take(8).fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    sorted_tables(app).await.into_iter().map(|(name, rows)| (name, rows.len(), hash(&rows))).collect()
}

/// Questions that the data must be able to answer, and where their lists are.
const QUESTIONS: [(&str, &str); 3] = [
    ("{ courses(search: \"welding\", first: 20) { totalCount nodes { title price institution { name region { name } } } } }", "/courses"),
    (
        "{ institutions(search: \"community\", regionCodes: [\"NJ\"], first: 20) { totalCount nodes { name slug websiteUrl campuses { address { city } } programs(first: 5) { totalCount nodes { title kind } } } } }",
        "/institutions",
    ),
    (
        "{ competencies(filter: { kinds: [TECHNICAL] }, first: 100) { totalCount nodes { name alignments { framework code url } } } }",
        "/competencies",
    ),
];

/// An operator imports the open data twice: almost all of it is kept, the second time changes nothing, and it can be asked.
#[tokio::test]
#[ignore = "full counts: scripts/prove catalog"]
async fn prove_catalog_open_data() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else {
        println!(
            "\n!!! SKIPPED: the open data was NOT imported. {FOLDER} must name the folder of the files that mappings/open-data.toml reads.\n"
        );
        return;
    };
    let mut answers: Vec<Vec<Value>> = Vec::new();
    for database in [Database::Sqlite, Database::Postgres] {
        let app = TestApp::empty(database).await;
        println!("open data on {database:?}, first import:");
        let report = import(&folder, &app.url());
        print!("{}", summary(&report));
        for (kind, files, floor) in FLOORS {
            let there: u64 = files.iter().map(|file| rows(&folder.join(file))).sum();
            let [_, created, updated, unchanged, _] = counts(&report, kind);
            let share = (created + updated + unchanged) as f64 / there as f64;
            println!("    {kind}: {created} of {there} rows created, {:.2} % (floor {:.0} %)", share * 100.0, floor * 100.0);
            assert!(share >= floor && updated == 0 && unchanged == 0, "{kind}: {share}");
        }
        let colleges = app.rows("SELECT count(*) FROM external_key WHERE kind = 'institution' AND value LIKE 'ipeds-%'").await.concat();
        println!("    {colleges} colleges and universities (floor 284)");
        assert!(colleges.parse::<u64>().expect("a number") >= 284, "{colleges}");
        let before = hashes(&app).await;
        println!("open data on {database:?}, second import:");
        let again = import(&folder, &app.url());
        print!("{}", summary(&again));
        for (kind, ..) in FLOORS {
            let [_, created, updated, unchanged, _] = counts(&again, kind);
            assert_eq!([created, updated, unchanged], [0, 0, counts(&report, kind)[1]], "{kind}");
        }
        let after = hashes(&app).await;
        assert!(before.iter().any(|(name, rows, _)| name == "business" && *rows > 0), "{before:?}");
        assert_eq!(before, after);
        println!("    {} tables with {} rows, none of which changed", after.len(), after.iter().map(|(_, rows, _)| rows).sum::<usize>());
        let mut answered = Vec::new();
        for (question, list) in QUESTIONS {
            let data = app.data(question).await;
            let list = data.pointer(list).unwrap_or_else(|| panic!("{data:#}"));
            let nodes = list["nodes"].as_array().map_or(0, Vec::len);
            println!("    {} found, {nodes} on the first page: {question}", list["totalCount"]);
            assert!(nodes > 0, "{question}: {data:#}");
            answered.push(json!({ "total": list["totalCount"], "nodes": list["nodes"] }));
        }
        answers.push(answered);
    }
    // By relevance the two databases rank each in its own way; the other lists are the same.
    assert_eq!(answers[0][0]["total"], answers[1][0]["total"]);
    assert_eq!(answers[0][1..], answers[1][1..]);
}
