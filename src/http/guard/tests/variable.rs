//! The JSON of variables.

use crate::http::guard::{Limits, Refusal, check_variables, check_variables_counted};

/// What kind of refusal a JSON text meets, or `ok`.
fn verdict(json: &str) -> &'static str {
    let (checked, steps) = check_variables_counted(json, &Limits::default());
    assert!(steps <= 4 * json.len() as u64 + 64, "{steps} steps for {} bytes", json.len());
    match checked {
        Ok(()) => "ok",
        Err(Refusal::Limit { name, .. }) => name,
        Err(Refusal::Syntax { .. }) => "syntax",
        Err(Refusal::Invalid { .. }) => "invalid",
    }
}

#[test]
fn json_passes() {
    for json in [
        "{}",
        "null",
        " [ ] ",
        "{\"a\":{}}",
        "\r\n\t{ \"a\" : [ 1 , -0.5e+3 , \"x\" , true , false , null , [ ] , { } ] , \"b\" : { \"c\" : 0 } }",
        r#"{"a":"\" \\ \/ \b \f \n \r \t \u0041 \uD83D\uDE00 [[[["}"#,
        "[[],[[]],{}]",
        "{\"a\":1,\"a\":2}",
        "\"é\u{007F}\"",
    ] {
        assert_eq!(verdict(json), "ok", "{json}");
    }
}

#[test]
fn what_is_not_json_is_refused() {
    for json in [
        "",
        " ",
        "{",
        "}",
        "[",
        "]",
        "{]",
        "[}",
        "[1}",
        "{\"a\":1]",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{a:1}",
        "{1:1}",
        "{\"a\" 1}",
        "{\"a\":1 \"b\":2}",
        "[1]]",
        "{} {}",
        "nul",
        "nullx",
        "truefalse",
        "[truefalse]",
        "01",
        "1.",
        ".5",
        "+1",
        "1e",
        "-",
        "0x1",
        "1a",
        "\"",
        "\"a",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u{41}\"",
        "\"\\uD83D\"",
        "\"a\nb\"",
        "\"\u{0001}\"",
        "'a'",
        "# no\n{}",
        "{}//",
        "\u{FEFF}{}",
        "\u{A0}{}",
        "NaN",
        "undefined",
        "\"\"\"a\"\"\"",
    ] {
        assert_eq!(verdict(json), "syntax", "{json:?}");
    }
}

#[test]
fn an_error_has_its_place() {
    assert_eq!(
        check_variables("{\"a\":\n [1, ?]}", &Limits::default()),
        Err(Refusal::Syntax { message: String::from("Unexpected character: \"?\"."), line: 2, column: 6 })
    );
}

#[test]
fn nesting_is_limited() {
    let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    assert_eq!(verdict(&nested(24)), "ok");
    assert_eq!(check_variables(&nested(25), &Limits::default()), Err(Refusal::Limit { name: "nesting", max: 24, actual: 25 }));
    assert_eq!(verdict(&"[".repeat(100_000)), "nesting");
    assert_eq!(verdict(&"{\"a\":".repeat(100_000)), "nesting");
    assert_eq!(verdict(&format!("[{}]", "[[]],".repeat(200) + "1")), "ok");
}

#[test]
fn list_items_are_limited_in_each_list() {
    let list = |items: usize| format!("{{\"a\":[0{}]}}", ",{\"b\":[1,2]}".repeat(items - 1));
    assert_eq!(verdict(&list(250)), "ok");
    assert_eq!(check_variables(&list(251), &Limits::default()), Err(Refusal::Limit { name: "list_items", max: 250, actual: 251 }));
    assert_eq!(verdict(&format!("[{}[]]", "[],".repeat(100_000))), "list_items");
    let members = (0..1_000).map(|at| format!(",\"a{at}\":{at}")).collect::<Vec<_>>().concat();
    assert_eq!(verdict(&format!("{{\"a\":0{members}}}")), "ok");
}

#[test]
fn values_are_counted_wherever_they_lie() {
    // The object, its lists, and what is in them.
    let json = |values: usize| {
        let full = format!("[{}1]", "1,".repeat(249));
        let lists: String = (0..(values - 1) / 251).map(|at| format!("\"a{at}\":{full},")).collect::<Vec<_>>().concat();
        let rest = "\"b\":{},".repeat((values - 1) % 251);
        format!("{{{}}}", (lists + &rest).trim_end_matches(','))
    };
    assert_eq!(check_variables(&json(5_000), &Limits::default()).err(), None);
    let refusal = Refusal::Limit { name: "variable_values", max: 5_000, actual: 5_001 };
    assert_eq!(check_variables(&json(5_001), &Limits::default()).err(), Some(refusal));
}
