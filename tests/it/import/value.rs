//! Cells, records and the report.

use std::path::Path;

use concord::import::format::Shape;
use concord::import::record::Subject;
use concord::import::{Kind, Outcome, Problem, Record, Report, Severity};

use super::{keys, read_file};

const TERMS: &str = "key,institution,code,name,starts_on,ends_on\n";

/// A field longer than it may be is told with its beginning.
#[test]
fn over_long_field() {
    let (records, problems) = read_file(Kind::Regions, format!("code,name\nN,{}\nS,{}\n", "é".repeat(101), "é".repeat(100)).as_bytes());
    assert_eq!(keys(&records), ["S"]);
    assert_eq!(problems, [format!("regions.csv:2: name: longer than 100 characters (\"{}…\")", "é".repeat(59))]);
}

/// All that is wrong with a row is told at once.
#[test]
fn each_problem_of_a_row_is_told() {
    let header = "key,institution,code,title,summary,price,credits,languages,status,is_for_credit,competencies\n";
    let row = "c1,,101,T,S,abc,101,en;english!,done,perhaps,a;b;a\n";
    let (_, problems) = read_file(Kind::Courses, format!("{header}{row}").as_bytes());
    assert_eq!(
        problems,
        [
            "courses.csv:2: institution: empty, but required",
            "courses.csv:2: status: not one of DRAFT, PUBLISHED, RETIRED (\"done\")",
            "courses.csv:2: is_for_credit: neither true nor false (\"perhaps\")",
            "courses.csv:2: credits: not between 0 and 100 (\"101\")",
            "courses.csv:2: price: not an amount of dollars (\"abc\")",
            "courses.csv:2: languages: not a language tag such as en or es-MX (\"english!\")",
        ]
    );
}

/// Columns that only make sense together are checked together.
#[test]
fn columns_that_contradict_each_other() {
    let (_, problems) = read_file(Kind::Terms, format!("{TERMS}t,i,c,Fall,2027-05-01,2027-01-01\n").as_bytes());
    assert_eq!(problems, ["terms.csv:2: ends_on: less than starts_on"]);
    let header = "key,institution,course,program,title,kind,max_score,pass_score\n";
    let rows = "a,i,c,p,T,formative,100,60\nb,i,,,T,formative,100,60\nc,i,,p,T,formative,100,101\nd,i,,p,T,formative,100,100\n";
    let (records, problems) = read_file(Kind::Assessments, format!("{header}{rows}").as_bytes());
    assert_eq!(keys(&records), ["d"]);
    assert_eq!(
        problems,
        [
            "assessments.csv:2: program: both course and program are given",
            "assessments.csv:3: course: neither course nor program is given",
            "assessments.csv:4: max_score: less than pass_score",
        ]
    );
}

/// A bad address of a page is dropped with a warning; the college stays.
#[test]
fn bad_web_address_is_dropped() {
    for (address, kept) in [
        ("HTTPS://www.a.edu", Some("https://www.a.edu")),
        ("http://www.a.edu/x", Some("https://www.a.edu/x")),
        ("http://a.edu:80/", Some("https://a.edu/")),
        ("a.edu/x y", None),
        ("a.edu:8443/", Some("https://a.edu:8443/")),
        ("http://localhost/", None),
        ("http://a.edu@evil.example/", None),
        ("javascript:alert(1)", None),
        ("ftp://a.edu", None),
        ("a.edu/?to=http://b.edu", Some("https://a.edu/?to=http://b.edu")),
        ("office@a.edu", None),
    ] {
        let (records, problems) =
            read_file(Kind::Institutions, format!("key,name,kind,website_url\ni,I,University,{address}\n").as_bytes());
        assert_eq!(records[0].text("website_url"), kept, "{address}");
        assert_eq!(problems.is_empty(), kept.is_some(), "{problems:?}");
    }
}

/// Each shape takes what the format promises and refuses what is near to it.
#[test]
fn shapes() {
    let accepts = |kind: Kind, column: &str, value: &str| {
        let mut pairs: Vec<_> =
            kind.columns().iter().filter(|other| other.required).map(|other| (other.name, sample(other.shape))).collect();
        if let Some((one, _)) = kind.choice().filter(|(one, other)| column != *one && column != *other) {
            pairs.push((one, "k".to_owned()));
        }
        pairs.retain(|(name, _)| *name != column);
        pairs.push((column, value.to_owned()));
        match Record::from_pairs(kind, "memory", 1, &pairs) {
            Ok(record) => record.warnings.is_empty(),
            Err(problems) if problems.iter().all(|problem| problem.column.as_deref() == Some(column)) => false,
            Err(problems) => panic!("{problems:?}"),
        }
    };
    let table: [(Kind, &str, &[&str], &[&str]); 13] = [
        (Kind::Regions, "code", &["north-1", "N.1"], &["no rth", "n/1"]),
        (Kind::Industries, "naics_code", &["11", "31-33", "33", "541512"], &["1", "5415123", "31-32", "11-12", "ab"]),
        (Kind::Institutions, "slug", &["a-b-1"], &["A", "a--b", "-a", "a_b"]),
        (
            Kind::Businesses,
            "partner_since",
            &["2024-02-29"],
            &["2023-02-29", "2024-2-9", "02/09/2024", "0202-01-01", "2024-02-29T00:00:00Z"],
        ),
        (
            Kind::Courses,
            "price",
            &["249", "$1,249.50", "0", "1,000,000"],
            &["249.999", "-1", "1000000.01", "1,2", "1,24.50", "1.249,50", "1e3", "$"],
        ),
        (Kind::Courses, "credits", &["0", "1.5", "100"], &["-1", "1e1", "NaN", "inf", "1,5", "."]),
        (Kind::Credentials, "valid_months", &["1", "1200"], &["0", "1201", "1.0", "99999999999999999999"]),
        (Kind::Staff, "email", &["a@b.edu"], &["a", "a@b", "a b@c.edu", "@b.edu", "a@.edu"]),
        (Kind::Campuses, "state", &["nj"], &["N", "NJX", "N1"]),
        (Kind::Campuses, "postal_code", &["01234", "01234-5678"], &["1234", "012345", "01234-567"]),
        (
            Kind::Offerings,
            "registration_opens_at",
            &["2027-01-11T09:00:00Z", "2027-01-11T09:00:00-05:00", "2027-01-11T09:00", "2027-01-11 9:00 PM"],
            &["2027-01-11", "2027-01-11T25:00:00Z", "9:00"],
        ),
        (
            Kind::Competencies,
            "alignments",
            &["ONET|1.A", "onet|1.A|Name|a.org/x;SOC|1"],
            &["ONET", "ONET|", "XYZ|1", "ONET|1|n|not an address"],
        ),
        (Kind::Programs, "components", &["c", "c|2", "c|2|optional", "c||required"], &["|1", "c|x", "c|1|maybe", "c|1|optional|x", "c|-1"]),
    ];
    for (kind, column, good, bad) in table {
        for value in good {
            assert!(accepts(kind, column, value), "{column} refuses {value}");
        }
        for value in bad {
            assert!(!accepts(kind, column, value), "{column} accepts {value}");
        }
    }
}

/// A value that a shape takes.
fn sample(shape: Shape) -> String {
    match shape {
        Shape::Code(codes) => codes[0],
        Shape::Naics => "11",
        Shape::Date => "2027-01-01",
        Shape::Instant => "2027-01-01T00:00:00Z",
        Shape::Money { .. } | Shape::Integer { .. } | Shape::Decimal { .. } => "1",
        Shape::Boolean => "true",
        Shape::State => "NJ",
        Shape::PostalCode => "01234",
        Shape::List(_) => "course|k",
        _ => "k",
    }
    .to_owned()
}

/// Values come out typed, with defaults where nothing was said.
#[test]
fn typed_values() {
    let pairs = [
        ("key", "p"),
        ("institution", "i"),
        ("kind", "micro-pathway"),
        ("title", " A  title "),
        ("summary", "S"),
        ("description", "One\r\n\r\ntwo"),
        ("price", "$1,249.50"),
        ("contact_hours", "1.5"),
        ("components", "c1;c2|7|optional; ;c1|1"),
        ("industries", "33;31-33;541512"),
        ("occupations", "SOC|15-1252|Developers"),
    ];
    let pairs: Vec<_> = pairs.into_iter().map(|(name, value)| (name, value.to_owned())).collect();
    let record = Record::from_pairs(Kind::Programs, "demo", 3, &pairs).expect("a record");
    assert_eq!(record.text("title"), Some("A title"));
    assert_eq!(record.text("description"), Some("One\n\ntwo"));
    assert_eq!(record.text("kind"), Some("MICRO_PATHWAY"));
    assert_eq!(record.text("status"), Some("PUBLISHED"));
    assert_eq!(record.boolean("is_for_credit"), Some(false));
    assert_eq!(record.cents("price"), Some(124_950));
    assert_eq!(record.decimal("contact_hours"), Some(1.5));
    assert_eq!(record.list("industries"), ["31-33", "541512"]);
    let components: Vec<_> =
        record.components("components").iter().map(|item| (item.course.as_str(), item.sequence, item.is_required)).collect();
    assert_eq!(components, [("c1", 1, true), ("c2", 7, false)]);
    assert_eq!(record.alignments("occupations")[0].name.as_deref(), Some("Developers"));
    let pairs = [("key", "r"), ("credential", "c"), ("title", "T"), ("options", "Program|p;course|c")]
        .map(|(name, value)| (name, value.to_owned()));
    let record = Record::from_pairs(Kind::Requirements, "demo", 4, &pairs).expect("a record");
    assert_eq!(record.options("options")[0].subject, Subject::Program);
    assert_eq!(record.int("choose"), Some(1));
}

/// Pairs in memory are held to the columns of their kind.
#[test]
fn pairs_of_an_unknown_column() {
    let problems = Record::from_pairs(Kind::Regions, "demo", 7, &[("colour", "red".to_owned())]).expect_err("a problem");
    assert_eq!(problems[0].to_string(), "demo:7: colour: no such column of regions.csv (\"red\")");
}

/// Records say the same when their values do, wherever they stand, and differ when one value does.
#[test]
fn canonical_text() {
    let record = |line, name: &str| Record::from_pairs(Kind::Regions, "demo", line, &[("code", "N".to_owned()), ("name", name.to_owned())]);
    let text = |line, name| record(line, name).expect("a record").canonical();
    assert_eq!(text(1, "North"), text(2, " North "));
    assert_ne!(text(1, "North"), text(1, "North."));
    assert_ne!(text(1, "a\"\nb=c"), text(1, "a b=c"));
}

/// The page for people names the columns that the reader knows, and marks those it requires.
#[test]
fn documented_columns() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/import-format.md")).expect("the page");
    for kind in Kind::ALL {
        let head = format!("| `{}` | ", kind.file_name());
        let row = page.lines().find_map(|line| line.strip_prefix(&head)).expect("a row of the table");
        let mut depth = 0;
        let outside = |letter: &char| {
            depth += i32::from(*letter == '(');
            let is_outside = depth == 0;
            depth -= i32::from(*letter == ')');
            is_outside
        };
        let row: String = row.chars().filter(outside).collect();
        let parts: Vec<_> = row.split('`').collect();
        let documented: Vec<_> = parts.chunks_exact(2).map(|pair| pair[1]).collect();
        let known: Vec<_> = kind.columns().iter().map(|column| column.name).collect();
        assert_eq!(documented, known, "{}", kind.file_name());
        for (index, column) in kind.columns().iter().enumerate() {
            let is_marked = parts[index * 2 + 2].starts_with('*');
            let is_choice = kind.choice().is_some_and(|(one, other)| column.name == one || column.name == other);
            assert!(is_choice || is_marked == column.required, "{}: {}", kind.file_name(), column.name);
        }
    }
}

/// Defaults are written as cells are, and each is one that its own column takes.
#[test]
fn defaults_are_valid() {
    for kind in Kind::ALL {
        for column in kind.columns().iter().filter(|column| column.default.is_some()) {
            let problems = Record::from_pairs(kind, "memory", 1, &[]).expect_err("keys are missing");
            assert!(problems.iter().all(|problem| problem.column.as_deref() != Some(column.name)), "{}: {}", kind.name(), column.name);
        }
    }
}

/// A report counts all, keeps the first problems, and prints a table with the reasons.
#[test]
fn report() {
    let mut report = Report::new();
    let file = "regions.csv".into();
    for line in 0..1_500 {
        let value = format!("{line}\u{7}{}", "x".repeat(100));
        report.reject(
            Kind::Regions,
            vec![Problem::rejected(&file, line, Some("code".into()), format!("duplicate key (first in line {line})"), Some(&value))],
        );
    }
    report.accept(Kind::Terms, Outcome::Updated, vec![Problem::warning(&file, 1, None, "odd", None)]);
    assert_eq!((report.problems().len(), report.told(), report.warnings(), report.rejected()), (1_000, 1_501, 1, 1_500));
    assert_eq!(report.problems()[0].value.as_ref().map(|value| value.chars().count()), Some(60));
    assert_eq!(
        report.reasons(),
        [(Severity::Rejected, "regions.csv: code: duplicate key", 1_500), (Severity::Warning, "regions.csv: odd", 1)]
    );
    assert_eq!(report.counts(Kind::Terms).updated, 1);
    assert!(report.has_rejections());
    let printed = report.to_string();
    assert!(printed.contains("regions             1500         0         0          0      1500\n"), "{printed}");
    assert!(printed.contains("1000 of 1501 problems are listed"), "{printed}");
}

/// No-break and narrow no-break spaces count as spaces: at the ends, inside a text, and before the AM of a time.
#[test]
fn no_break_spaces() {
    let header = "key,institution,course,code,modality,status,starts_on,ends_on,schedule,registration_opens_at\n";
    let row = "o1,i,c,101,in person,Open,\u{a0}2027-01-11 ,2027-05-01,Mon 9:00\u{202f}AM,2027-01-02 9:05\u{202f}AM\n";
    let (records, problems) = read_file(Kind::Offerings, format!("{header}{row}").as_bytes());
    assert_eq!(problems, [""; 0]);
    assert_eq!(records[0].text("schedule"), Some("Mon 9:00 AM"));
    assert_eq!(records[0].text("modality"), Some("IN_PERSON"));
    assert_eq!(records[0].instant("registration_opens_at").expect("an instant").to_rfc3339(), "2027-01-02T09:05:00+00:00");
    assert_eq!(records[0].int("seats_taken"), Some(0));
    assert_eq!(records[0].int("capacity"), None);
}

/// HTML entities are decoded in prose and left alone in keys; a replacement character is no error.
#[test]
fn html_entities() {
    let header = "key,name,kind,website_url\n";
    let row = "a&amp;b,Smith &amp; Sons&#39; &lt;Lab&gt;&nbsp;caf\u{fffd},university,www.a.edu/x?a=1&amp;copy=2&copy=3\n";
    let (records, problems) = read_file(Kind::Institutions, format!("{header}{row}").as_bytes());
    assert_eq!(problems, [""; 0]);
    assert_eq!(records[0].key(), "a&amp;b");
    assert_eq!(records[0].text("name"), Some("Smith & Sons' <Lab> caf\u{fffd}"));
    assert_eq!(records[0].text("website_url"), Some("https://www.a.edu/x?a=1&copy=2&copy=3"));
}

/// Control characters are refused, and do not reach the terminal.
#[test]
fn control_characters() {
    let (records, problems) = read_file(Kind::Regions, b"code,name\nN,No\0rth\nS,So\x1b[2Juth\nW,We\tst\n");
    assert_eq!(keys(&records), ["W"]);
    assert_eq!(
        problems,
        [
            "regions.csv:2: name: a control character (U+0000) (\"No·rth\")",
            "regions.csv:3: name: a control character (U+001B) (\"So·[2Juth\")",
        ]
    );
}
