//! Characters, numbers, strings, comments, and where an error is.

use super::{expect, place};

#[test]
fn white_space_commas_and_byte_order_marks_are_ignored_anywhere() {
    expect("ok", "\u{FEFF}{ a,,,\tb\u{FEFF}\r\nc\rd }\n");
}

#[test]
fn a_comment_ends_at_a_line_feed_or_a_carriage_return_only() {
    expect("ok", "# }{ \" é \u{0001}\n{ a }");
    expect("ok", "# }{\r{ a }");
    expect("ok", "{ a } # the end");
    expect("syntax", "{ a # }\u{2028} }");
}

#[test]
fn other_characters_are_refused() {
    for character in ["?", "'", "%", "^", "~", ";", "/", "\\", "<", "é", "\u{0000}", "\u{000B}", "\u{A0}", ".", "..", "`"] {
        expect("syntax", &format!("{{ a {character} }}"));
    }
}

#[test]
fn numbers_follow_the_grammar() {
    for number in ["0", "-0", "7", "-12", "0.5", "1.25", "1e9", "1E+9", "-1.5e-9", "0e0"] {
        expect("ok", &format!("{{ a(x: {number}) }}"));
    }
    for number in ["-", "01", "-01", "1.", ".5", "1.e3", "1e", "1e+", "+1", "1.2.3", "1a", "0x1", "1_000", "1.5f", "--1", "1e5.0"] {
        expect("syntax", &format!("{{ a(x: {number}) }}"));
    }
    expect("ok", "{ a(x: [1-1\"\"2[3]]) }");
}

#[test]
fn strings_follow_the_grammar() {
    for string in [
        r#""""#,
        r#""a b # { [ (""#,
        r#""\" \\ \/ \b \f \n \r \t""#,
        r#""\u0041 \uD83D\uDE00 \ud83d\ude00""#,
        r#""\u{0} \u{1F600} \u{10FFFF} \u{00000041}""#,
        "\"\t\u{0001} é 😀\"",
    ] {
        expect("ok", &format!("{{ a(x: {string}) }}"));
    }
    for string in [
        r#"""#,
        "\"a\n\"",
        "\"a\r\"",
        r#""\""#,
        r#""\x""#,
        r#""\'""#,
        r#""\u12""#,
        r#""\u12G4""#,
        r#""\uD83D""#,
        r#""\uDE00""#,
        r#""\uD83D\u0041""#,
        r#""\uD83D\n""#,
        r#""\u{}""#,
        r#""\u{110000}""#,
        r#""\u{D83D}""#,
        r#""\u{100000041}""#,
        r#""\u{41""#,
        r#""\U0041""#,
    ] {
        expect("syntax", &format!("{{ a(x: {string}) }}"));
    }
}

#[test]
fn block_strings_end_at_the_first_free_triple_quote() {
    for string in [r#""""""""#, r#"""" " "" \ \u \n { """"#, "\"\"\"\n\r\r\n\"\"\"", r#""""\""" { """"#, r#""""\\""" { """"#] {
        expect("ok", &format!("{{ a(x: {string}) }}"));
    }
    expect("syntax", r#"{ a(x: """ "") }"#);
    expect("syntax", r#"{ a(x: """ \""") }"#);
    expect("syntax", r#"{ a(x: """"""") }"#);
}

#[test]
fn an_error_has_the_line_and_the_column_in_utf_16_units() {
    assert_eq!((place("?").0, place("?").1), (1, 1));
    let (line, column, message) = place("{ a(x: \"😀é\") ? }");
    assert_eq!((line, column), (1, 15));
    assert_eq!(message, "Unexpected character: \"?\".");

    let (line, column, message) = place("{\r\n  a\r  b\n  \u{FEFF}c(");
    assert_eq!((line, column), (4, 6));
    assert_eq!(message, "Expected Name, found <EOF>.");

    let (line, column, _) = place("{ a(x: \"\"\"\n\r\n\"\"\") é }");
    assert_eq!((line, column), (3, 6));
}

#[test]
fn a_message_never_repeats_a_long_name() {
    let name = "x".repeat(30_000);
    let (_, _, message) = place(&format!("{{ a(b {name}) }}"));
    assert!(message.len() < 100, "{message}");
    let (_, _, message) = place(&format!("{{ ...{name} }}"));
    assert!(message.len() < 100, "{message}");
}
