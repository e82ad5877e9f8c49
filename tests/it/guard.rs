//! The guard against a corpus of benign and hostile documents, and against chance.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use concord::http::guard::{Limits, Refusal, check_counted, check_variables_counted};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// What the first line of a corpus file may expect.
const EXPECTED: &str = "# expect: ";

/// The corpus: the name of each file, what it expects, and its text.
fn corpus() -> Vec<(String, String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/guard");
    let mut files: Vec<_> = fs::read_dir(&folder)
        .expect("the corpus is there")
        .map(|entry| entry.expect("the corpus can be listed").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "graphql"))
        .collect();
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let name = path.display().to_string();
            let text = fs::read_to_string(&path).expect("a corpus file is UTF-8");
            let first = text.lines().next().unwrap_or_default();
            let expected = first.strip_prefix(EXPECTED).unwrap_or_else(|| panic!("{name}: the first line must start with {EXPECTED:?}"));
            (name, expected.to_owned(), text)
        })
        .collect()
}

/// Checks a document, holds the guard to its bound on steps, and gives the verdict in the words of the corpus.
fn verdict(document: &str) -> String {
    let (checked, steps) = check_counted(document, &Limits::default());
    assert_linear(steps, document);
    if let Ok(facts) = &checked {
        assert_eq!(facts.steps, steps);
    }
    in_words(&checked)
}

/// Checks variables as [`verdict`] checks a document.
fn variables_verdict(json: &str) -> String {
    let (checked, steps) = check_variables_counted(json, &Limits::default());
    assert_linear(steps, json);
    in_words(&checked)
}

/// The bound that makes the guard's cost linear.
fn assert_linear(steps: u64, text: &str) {
    let bound = 4 * text.len() as u64 + 64;
    assert!(steps <= bound, "{steps} steps for {} bytes", text.len());
}

/// A verdict as the corpus spells it.
fn in_words<T>(checked: &Result<T, Refusal>) -> String {
    match checked {
        Ok(_) => String::from("ok"),
        Err(Refusal::Limit { name, max, actual }) => {
            assert!(actual > max, "{name}: {actual} does not exceed {max}");
            format!("limit {name}")
        }
        Err(Refusal::Syntax { line, column, .. }) => {
            assert!(*line > 0 && *column > 0);
            String::from("syntax")
        }
        Err(Refusal::Invalid { line, column, .. }) => {
            assert!(*line > 0 && *column > 0);
            String::from("invalid")
        }
    }
}

/// Every file of the corpus meets the verdict in its first line.
#[test]
fn corpus_meets_its_expectations() {
    let mut wrong = Vec::new();
    for (name, expected, text) in corpus() {
        let found = verdict(&text);
        if found != expected {
            wrong.push(format!("{name}: expected {expected}, found {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The corpus holds a case for every kind of verdict and every limit.
#[test]
fn corpus_covers_every_verdict() {
    let found: BTreeSet<_> = corpus().into_iter().map(|(_, expected, _)| expected).collect();
    let wanted = [
        "invalid",
        "limit aliases",
        "limit depth",
        "limit directives",
        "limit document_bytes",
        "limit fields",
        "limit introspection_depth",
        "limit introspection_fields",
        "limit list_items",
        "limit nesting",
        "limit operations",
        "limit selections",
        "limit spreads",
        "limit tokens",
        "ok",
        "syntax",
    ];
    assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), wanted);
}

/// A document cut off anywhere costs no more than its length allows.
#[test]
fn corpus_cut_short_keeps_the_bound() {
    for (_, _, text) in corpus() {
        let cuts = text.char_indices().map(|(at, _)| at);
        let every = (text.len() / 200).max(1);
        for at in cuts.step_by(every) {
            verdict(&text[..at]);
        }
    }
}

/// Without limits the same holds for texts far beyond them.
#[test]
fn cost_stays_linear_without_limits() {
    let limits = Limits {
        document_bytes: usize::MAX,
        tokens: usize::MAX,
        nesting: usize::MAX,
        depth: usize::MAX,
        introspection_depth: usize::MAX,
        introspection_fields: u64::MAX,
        aliases: usize::MAX,
        directives: usize::MAX,
        spreads: usize::MAX,
        fields: u64::MAX,
        selections: u64::MAX,
        operations: usize::MAX,
        list_items: usize::MAX,
        variable_values: u64::MAX,
    };
    let chain = (0..20_000).map(|at| format!("fragment F{at} on T{{...F{next}...F{next}}}", next = at + 1)).collect::<Vec<_>>().concat();
    for document in [
        "{a".repeat(200_000) + &"}".repeat(200_000),
        format!("{{a(x:{}{})}}", "[".repeat(200_000), "]".repeat(200_000)),
        format!("query($a:{}T{}){{a}}", "[".repeat(200_000), "]".repeat(200_000)),
        format!("{{{}}}", "...{".repeat(200_000)),
        format!("{{...F0}}{chain}fragment F20000 on T{{a}}"),
        format!("{{{}}}fragment F on T{{a}}", "...F".repeat(200_000)),
        format!("{{a(x:[{}])}}", "true".repeat(200_000)),
        format!("{{a(x:\"{}", "\\u{0}".repeat(200_000)),
    ] {
        let (_, steps) = check_counted(&document, &limits);
        assert_linear(steps, &document);
        let (_, steps) = check_variables_counted(&document, &limits);
        assert_linear(steps, &document);
    }
    let json = "[{\"a\":".repeat(200_000) + "1" + &"}]".repeat(200_000);
    let (checked, steps) = check_variables_counted(&json, &limits);
    assert_linear(steps, &json);
    assert_eq!(checked, Ok(()));
}

/// Pieces from which documents and near-documents are put together.
const PIECES: [&str; 48] = [
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ":",
    "$",
    "@",
    "!",
    "=",
    "&",
    "|",
    "...",
    ".",
    "\"",
    "\"\"\"",
    "\\",
    "\\u",
    "\\u{",
    "\\uD83D",
    "#",
    "\n",
    "\r\n",
    "\r",
    ",",
    " ",
    "\t",
    "\u{FEFF}",
    "é",
    "😀",
    "\u{0000}",
    "a",
    "on ",
    "query ",
    "fragment F on T",
    "...F",
    "__schema",
    "true",
    "null",
    "0",
    "1.5",
    "-",
    "e",
    "\"text\"",
    "\"\"\"block\"\"\"",
    "{a}",
    "[1]",
];

/// Applies changes to a text: at a place, some characters go and a piece comes.
fn mutated(text: &str, changes: &[(Index, usize, &str)]) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    for (place, removed, piece) in changes {
        let start = place.index(characters.len() + 1);
        let end = (start + removed).min(characters.len());
        characters.splice(start..end, piece.chars());
    }
    characters.into_iter().collect()
}

proptest! {
    /// Bytes of any sort, as far as they make UTF-8, neither cause a panic nor cost too much.
    #[test]
    fn random_bytes_keep_the_bound(bytes in vec(any::<u8>(), 0..400)) {
        let text = String::from_utf8_lossy(&bytes);
        verdict(&text);
        variables_verdict(&text);
    }

    /// Characters of any sort do neither.
    #[test]
    fn random_text_keeps_the_bound(text in any::<String>()) {
        verdict(&text);
        variables_verdict(&text);
    }

    /// Tokens in any order do neither.
    #[test]
    fn random_pieces_keep_the_bound(pieces in vec(select(&PIECES[..]), 0..200)) {
        let text = pieces.concat();
        verdict(&text);
        variables_verdict(&text);
    }

    /// Documents of the corpus with changes do neither.
    #[test]
    fn mutated_documents_keep_the_bound(
        file in select(corpus()),
        changes in vec((any::<Index>(), 0_usize..4, select(&PIECES[..])), 1..6),
    ) {
        verdict(&mutated(&file.2, &changes));
    }

    /// JSON with changes does neither.
    #[test]
    fn mutated_variables_keep_the_bound(
        changes in vec((any::<Index>(), 0_usize..4, select(&PIECES[..])), 1..6),
    ) {
        let json = r#"{"input": {"ids": [1, -2.5e3, "a\u0041\n", null, [true, {}]], "when": false}, "first": 20}"#;
        prop_assert_eq!(variables_verdict(json), "ok");
        variables_verdict(&mutated(json, &changes));
    }

    /// A comment, a comma or white space between two tokens never changes the verdict.
    #[test]
    fn ignored_text_changes_nothing(
        places in vec((0_usize..40, select(&["#}{\n", ",", "\r\n", "\t", "\u{FEFF}"][..])), 0..20),
    ) {
        let mut tokens = vec![
            "query", "A", "(", "$a", ":", "[", "T", "!", "]", "=", "[", "1", "\"\"", "]", ")", "{", "b", ":", "c", "(", "x", ":", "$a",
            ")", "@", "d", "{", "...", "F", "}", "}", "fragment", "F", "on", "T", "{", "e", "}",
        ];
        for (place, ignored) in places {
            let place = place.min(tokens.len());
            tokens.insert(place, ignored);
        }
        prop_assert_eq!(verdict(&tokens.join(" ")), "ok");
    }
}
