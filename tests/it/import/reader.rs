//! Files as others leave them: cut off, misquoted, in another encoding.

use std::fmt::Write as _;
use std::path::Path;

use concord::import::{Kind, Mapping, Problem, Source, SourceError};

use super::{Dice, directory, keys, read, read_file};

const TERMS: &str = "key,institution,code,name,starts_on,ends_on\n";

/// A directory that does not exist is told as such.
#[test]
fn missing_directory() {
    let error = Source::open(Path::new("no/such/place"), None).expect_err("no directory");
    assert!(matches!(error, SourceError::NoDirectory { .. }));
    assert!(error.to_string().starts_with("no/such/place: not a directory that can be read"), "{error}");
}

/// A directory without any known file says what was looked for and what to do.
#[test]
fn directory_without_known_files() {
    let directory = directory(&[("colleges.csv", b"name\n")]);
    let error = Source::open(directory.path(), None).expect_err("nothing to read").to_string();
    assert!(error.contains("looked for regions.csv, industries.csv") && error.contains("(--map)"), "{error}");
}

/// A file that is none of the format is named, lest a slip of its name goes unseen.
#[test]
fn file_of_an_unknown_name() {
    let directory = directory(&[("regions.csv", b"code,name\n"), ("course.csv", b"x\n"), ("notes.txt", b"x")]);
    let source = Source::open(directory.path(), None).expect("a source");
    let told: Vec<_> = source.warnings().iter().map(Problem::to_string).collect();
    assert_eq!(told, ["course.csv:1: warning: not a file of the import format, ignored"]);
    assert_eq!(read(&source, Kind::Courses).0.len(), 0);
}

/// A required column that is missing is an error of the file, which names both.
#[test]
fn missing_required_column() {
    let directory = directory(&[("regions.csv", b"code,title\nN,North\n"), ("offerings.csv", b"key;institution;code\n")]);
    let source = Source::open(directory.path(), None).expect("a source");
    let error = source.rows(Kind::Regions).err().expect("an error");
    assert_eq!(error.to_string(), "regions.csv: the column `name` is missing; its columns are code, title");
    assert_eq!(error.problem().to_string(), "regions.csv:1: name: the column is missing (its columns are code, title)");
    let error = source.rows(Kind::Offerings).err().expect("an error").to_string();
    assert_eq!(error, "offerings.csv: the column `key` is missing; its cells seem to be separated by semicolons, not commas");
}

/// An empty file, one in UTF-16 and one whose header does not end are errors of the file.
#[test]
fn unusable_header() {
    for (bytes, reason) in [
        (&b""[..], "regions.csv: the file is empty; its first line must name the columns"),
        (b"\n\n", "regions.csv: the file is empty; its first line must name the columns"),
        (b"\xff\xfec\0o\0d\0e\0", "regions.csv: the file is in UTF-16; save it as UTF-8"),
        (b"code,\"name\nN,North\n", "regions.csv: the header is not a row of comma-separated names (line 1)"),
        (b"code,nam\xe9\n", "regions.csv: the header is not UTF-8 (byte 8 of the file)"),
    ] {
        let directory = directory(&[("regions.csv", bytes)]);
        let source = Source::open(directory.path(), None).expect("a source");
        assert_eq!(source.rows(Kind::Regions).err().expect("an error").to_string(), reason);
    }
}

/// A byte order mark, CRLF, columns in another order and other case, and a column that nobody knows: read, with one warning.
#[test]
fn byte_order_mark_crlf_and_reordered_columns() {
    let (records, problems) = read_file(Kind::Regions, b"\xef\xbb\xbfNAME,color,code\r\nNorth,red,N\r\nSouth,blue,S\r\n");
    assert_eq!(problems, ["regions.csv:1: warning: color: unknown column, ignored"]);
    assert_eq!(keys(&records), ["N", "S"]);
    assert_eq!(records[1].text("name"), Some("South"));
    assert_eq!(records[1].line, 3);
}

/// Carriage returns alone end lines as well, and are counted.
#[test]
fn lone_carriage_returns() {
    let (records, problems) = read_file(Kind::Regions, b"code,name\rN,North\rS,\rE,East");
    assert_eq!(keys(&records), ["N", "E"]);
    assert_eq!(problems, ["regions.csv:3: name: empty, but required"]);
    assert_eq!(records[1].line, 4);
}

/// A file cut off inside a quoted cell: the line where the quote opened is told, the rows before are kept.
#[test]
fn truncated_inside_quotes() {
    let (records, problems) = read_file(Kind::Regions, b"code,name\nN,\"North\nof here\"\nS,South\nE,\"Ea");
    assert_eq!(keys(&records), ["N", "S"]);
    assert_eq!(problems, ["regions.csv:5: a quote opens here and is never closed"]);
}

/// A quote that is never closed costs its own row, not those that it would swallow, however many they are.
#[test]
fn stray_opening_quote_costs_one_row() {
    let mut file = String::from("code,name\nN,\"North\n");
    for number in 0..100_000 {
        let _ = writeln!(file, "R{number},Region {number}");
    }
    let (records, problems) = read_file(Kind::Regions, file.as_bytes());
    assert_eq!(records.len(), 100_000);
    assert_eq!(records[0].line, 3);
    assert_eq!(problems, ["regions.csv:2: a quote opens here and is never closed"]);
}

/// A file cut off between cells: the last row has too few, and the report says why.
#[test]
fn truncated_between_cells() {
    let (records, problems) = read_file(Kind::Terms, format!("{TERMS}t1,i,c,Fall,2027-01-01,2027-05-01\nt2,i,c,Sp").as_bytes());
    assert_eq!(keys(&records), ["t1"]);
    assert_eq!(problems, ["terms.csv:3: too few cells (4 where the header has 6; the file ends inside this row)"]);
}

/// Rows with too few or too many cells are told; empty cells that a spreadsheet left at the end are not.
#[test]
fn wrong_number_of_cells() {
    let (records, problems) = read_file(Kind::Regions, b"code,name\nN,North, upper\nS\nE,East,,,\n,,\n\nW,West\n");
    assert_eq!(keys(&records), ["E", "W"]);
    assert_eq!(
        problems,
        [
            "regions.csv:2: too many cells (3 where the header has 2; is a comma not quoted?) (\" upper\")",
            "regions.csv:3: too few cells (1 where the header has 2)",
        ]
    );
}

/// A quote inside a quoted cell that is not doubled makes the row unreadable, and only that row.
#[test]
fn quote_that_is_not_doubled() {
    let (records, problems) = read_file(Kind::Regions, b"code,name\nN,\"the \"upper\" part\"\nS,5\" pipe\nE,\"the \"\"far\"\" part\" \n");
    assert_eq!(keys(&records), ["S", "E"]);
    assert_eq!(records[1].text("name"), Some("the \"far\" part"));
    assert_eq!(problems, ["regions.csv:2: a quote inside a quoted cell is not doubled"]);
}

/// Bytes that are not UTF-8 are told with line, column and place in the file; the rows behind are read.
#[test]
fn not_utf8() {
    let (records, problems) = read_file(Kind::Regions, b"code,name\nN,Monta\xf1a\nS,South\n");
    assert_eq!(keys(&records), ["S"]);
    assert_eq!(problems, ["regions.csv:2: name: not UTF-8 (byte 17 of the file)"]);
}

/// Lines are those of the file where quoted cells span lines.
#[test]
fn lines_are_counted_through_quoted_cells() {
    let (records, problems) = read_file(Kind::Regions, b"code,name\r\nN,\"No\r\nrth\"\r\n\r\nS,\"So\ruth\nern\"\nE,\n");
    assert_eq!(records.iter().map(|record| record.line).collect::<Vec<_>>(), [2, 5]);
    assert_eq!(records[1].text("name"), Some("So uth ern"));
    assert_eq!(problems, ["regions.csv:8: name: empty, but required"]);
}

/// A row beyond what any row may hold is passed over without being kept in memory.
#[test]
fn over_long_row() {
    let (records, problems) = read_file(Kind::Regions, format!("code,name\nN,{}\nS,South\n", "x".repeat(5_000_000)).as_bytes());
    assert_eq!(keys(&records), ["S"]);
    assert_eq!(records[0].line, 3);
    assert_eq!(problems, ["regions.csv:2: longer than a row may be"]);
}

/// The second row of a key is refused and names the first; a key of a refused row is free.
#[test]
fn duplicate_keys() {
    let (records, problems) = read_file(Kind::Regions, b"code,name\nN,\nN,North\nS,South\nN,Nord\n");
    assert_eq!(keys(&records), ["N", "S"]);
    assert_eq!(problems, ["regions.csv:2: name: empty, but required", "regions.csv:5: code: duplicate key (first in line 3) (\"N\")"]);
}

/// What another library writes comes out as it went in, whatever quotes, commas and line breaks the cells hold.
#[test]
fn well_formed_files_are_read_as_written() {
    let mut dice = Dice(1);
    for _ in 0..300 {
        let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
        writer.write_record(["key", "institution", "code", "title", "summary", "price", "description"]).expect("a header");
        let mut written = Vec::new();
        for row in 0..dice.below(8) {
            let letters = ["\"", ",", "\n", "a", "é", "\u{1f600}", " ", ";", "\"\""];
            let cell: String = (0..dice.below(30)).map(|_| letters[dice.below(letters.len())]).collect();
            writer.write_record([format!("k{row}").as_str(), "i", "c", "t", "s", "1", &cell]).expect("a row");
            written.push(cell.trim().to_owned());
        }
        let bytes = writer.into_inner().expect("bytes");
        let (records, problems) = read_file(Kind::Courses, &bytes);
        assert_eq!(problems, [""; 0]);
        let found: Vec<_> = records.iter().map(|record| record.text("description").unwrap_or_default().to_owned()).collect();
        assert_eq!(found, written, "{}", String::from_utf8_lossy(&bytes));
    }
}

/// Any bytes end in rows and problems, never in a panic or an endless loop.
#[test]
fn any_bytes() {
    let pieces: [&[u8]; 22] = [
        b"\"",
        b",",
        b"\n",
        b"\r",
        b"\r\n",
        b"a",
        b"\0",
        b"\xff",
        b"\xc3",
        b"\xe2\x80\xaf",
        b"&amp;",
        b"&#x110000;",
        b"&#0;",
        b"&",
        b";",
        b"|",
        b"2027-01-01",
        b"\xef\xbb\xbf",
        b"1e999",
        b"99999999999999999999999",
        b"\"\"",
        b" ",
    ];
    let mut dice = Dice(7);
    for round in 0..3_000 {
        let kind = Kind::ALL[round % Kind::ALL.len()];
        let names: Vec<_> = kind.columns().iter().map(|column| column.name).collect();
        let mut file = names.join(",").into_bytes();
        file.push(b'\n');
        for _ in 0..dice.below(200) {
            file.extend_from_slice(pieces[dice.below(pieces.len())]);
        }
        if round % 5 == 0 {
            file.drain(..dice.below(file.len()));
        }
        let directory = directory(&[(&kind.file_name(), &file)]);
        let source = Source::open(directory.path(), None).expect("a source");
        if let Ok(rows) = source.rows(kind) {
            assert!(rows.count() <= file.len());
        }
        let _ = Mapping::parse(Path::new("map.toml"), &String::from_utf8_lossy(&file));
    }
}
