//! What refusing a hostile request costs.

use std::path::Path;
use std::time::{Duration, Instant};

use concord::http::guard::{Limits, check, check_variables};

use super::build;

/// Most bytes of a body.
const BODY: usize = 131_072;

/// Documents and variables that someone could make up, each of about so many bytes.
fn hostile(bytes: usize) -> Vec<(&'static str, bool, String)> {
    let times = |text: &str| text.repeat(bytes / text.len() + 1);
    let numbered = |each: &dyn Fn(usize) -> String| {
        let mut text = String::new();
        for number in 0.. {
            if text.len() >= bytes {
                break;
            }
            text.push_str(&each(number));
        }
        text
    };
    vec![
        ("open braces", false, times("{a")),
        ("open lists", false, format!("{{a(b:{}", times("["))),
        ("open objects", false, format!("{{a(b:{}", times("{c:"))),
        ("types in lists", false, format!("query($a:{}", times("["))),
        ("fields", false, format!("{{{}}}", times("a "))),
        ("aliases", false, format!("{{{}}}", numbered(&|number| format!("a{number}:b ")))),
        ("directives", false, format!("{{a {}}}", times("@a "))),
        ("arguments", false, format!("{{a({})}}", numbered(&|number| format!("a{number}:1 ")))),
        ("operations", false, numbered(&|number| format!("query a{number}{{a}}"))),
        ("variables of an operation", false, format!("query({}){{a}}", numbered(&|number| format!("$a{number}:Int ")))),
        (
            "fragments that double",
            false,
            format!("{{...f0}}{}", numbered(&|number| format!("fragment f{number} on A{{...f{0} ...f{0}}}", number + 1))),
        ),
        (
            "fragments in a ring",
            false,
            format!("{{...f0}}{}fragment f0 on A{{...f1}}", numbered(&|number| format!("fragment f{} on A{{...f0}}", number + 1))),
        ),
        ("fragments of one name", false, format!("{{...f}}{}", times("fragment f on A{a}"))),
        ("spreads", false, format!("{{{}}}fragment f on A{{a}}", times("...f "))),
        ("inline fragments", false, times("{...on A")),
        ("a long name", false, format!("{{{}}}", times("a"))),
        ("a long number", false, format!("{{a(b:{})}}", times("9"))),
        ("a long text", false, format!("{{a(b:\"{}\")}}", times("a"))),
        ("a text of escapes", false, format!("{{a(b:\"{}\")}}", times("\\u0041"))),
        ("a text that never ends", false, format!("{{a(b:\"{}", times("\\\""))),
        ("a block text of quotes", false, format!("{{a(b:\"\"\"{}", times("\\\"\"\" \"\" "))),
        ("a comment", false, format!("#{}", times("a"))),
        ("commas", false, times(",")),
        ("line breaks", false, times("\r\n")),
        ("marks of byte order", false, times("\u{feff}")),
        ("letters that are none", false, times("\u{1f980}")),
        ("zeros", false, times("\u{0}")),
        ("lists in variables", true, format!("{{\"a\":{}", times("["))),
        ("objects in variables", true, times("{\"a\":")),
        ("a long list in variables", true, format!("{{\"a\":[{}1]}}", times("1,"))),
        ("many keys in variables", true, format!("{{{}\"z\":1}}", numbered(&|number| format!("\"a{number}\":1,")))),
        ("a long text in variables", true, format!("{{\"a\":\"{}\"}}", times("a"))),
        ("escapes in variables", true, format!("{{\"a\":\"{}\"}}", times("\\ud83e\\udd80"))),
        ("a long number in variables", true, format!("{{\"a\":{}}}", times("9"))),
        ("blanks in variables", true, times(" ")),
    ]
}

/// The least time of some runs, which is nearest to what it costs by itself; and whether the request was refused.
fn cost(is_variables: bool, text: &str, limits: &Limits) -> (Duration, bool) {
    let run = || {
        let begun = Instant::now();
        let is_refused = if is_variables { check_variables(text, limits).is_err() } else { check(text, limits).is_err() };
        (begun.elapsed(), is_refused)
    };
    (0..7).map(|_| run()).min().expect("some runs")
}

/// A stranger sends every hostile document of the corpus, and ones made up to the size of a body and beyond: refusing none costs 5 ms.
#[test]
#[ignore = "full counts: scripts/prove catalog"]
fn prove_catalog_guard() {
    let mut seen: Vec<(Duration, String, usize)> = Vec::new();
    let usual = Limits::default();
    // As if an operator had let documents be as long as bodies.
    let wide = Limits { document_bytes: BODY, ..usual.clone() };
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/guard");
    for entry in std::fs::read_dir(corpus).expect("the corpus") {
        let path = entry.expect("a file").path();
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let (time, _) = cost(false, &text, &usual);
        seen.push((time, path.file_name().unwrap_or_default().to_string_lossy().into_owned(), text.len()));
    }
    let mut refused = 0;
    for bytes in [64, 1_024, 8_192, 32_000, 32_768, BODY - 64, 2 * BODY] {
        for (name, is_variables, text) in hostile(bytes) {
            for limits in [&usual, &wide] {
                let (time, is_refused) = cost(is_variables, &text, limits);
                refused += usize::from(is_refused);
                seen.push((time, name.to_owned(), text.len()));
            }
        }
    }
    seen.sort();
    let (worst, name, bytes) = seen.last().expect("some");
    println!(
        "guard: {} requests, {refused} of the made-up ones refused; median {:?}, worst {worst:?} for {name} of {bytes} bytes (goal 5 ms); {}",
        seen.len(),
        seen[seen.len() / 2].0,
        build()
    );
    for (time, name, bytes) in seen.iter().rev().take(5) {
        println!("    {time:?} {name}, {bytes} bytes");
    }
    assert!(refused > 200, "only {refused} were refused");
    assert!(cfg!(debug_assertions) || *worst < Duration::from_millis(5), "{name} of {bytes} bytes took {worst:?}");
}
