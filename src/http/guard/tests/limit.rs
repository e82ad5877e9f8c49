//! Each limit: what is just allowed, and what is one too many.

use super::{expect, pass, verdict};
use crate::http::guard::{Limits, Refusal, check};

/// Holds a document of a given size to pass at the limit, and to be refused with exact figures one beyond it.
#[track_caller]
fn expect_edge(name: &'static str, max: usize, document: impl Fn(usize) -> String) {
    assert_eq!(verdict(&document(max)), "ok", "{name} at the limit");
    assert_eq!(check(&document(max + 1), &Limits::default()), Err(Refusal::Limit { name, max: max as u64, actual: max as u64 + 1 }));
}

#[test]
fn bytes_are_counted_before_anything_is_read() {
    expect_edge("document_bytes", 32_768, |size| format!("{{a}}{}", " ".repeat(size - 3)));
    expect("document_bytes", &"\u{0000}".repeat(40_000));
}

#[test]
fn tokens_are_counted_without_what_is_ignored() {
    // The fields lie in three operations, each below its own limit.
    expect_edge("tokens", 2_000, |size| {
        let operation = |name: &str, tokens: usize| format!("query {name} {{ {} }} # {{ {{ {{\n", "a,,, ".repeat(tokens - 4));
        operation("A", 600) + &operation("B", 600) + &operation("C", size - 1_200)
    });
}

#[test]
fn the_lexer_stops_at_the_first_token_too_many() {
    let document = format!("{{ {} ? \"", "a ".repeat(2_500));
    assert_eq!(check(&document, &Limits::default()), Err(Refusal::Limit { name: "tokens", max: 2_000, actual: 2_001 }));
}

#[test]
fn nesting_counts_brackets_of_any_kind() {
    let nested = |open: &str, close: &str, levels: usize| format!("{{ a(x: {}{}) }}", open.repeat(levels - 2), close.repeat(levels - 2));
    expect_edge("nesting", 24, |levels| nested("[", "]", levels));
    expect_edge("nesting", 24, |levels| format!("{{ a(x: {}1{}) }}", "{a:".repeat(levels - 2), "}".repeat(levels - 2)));
    expect_edge("nesting", 24, |levels| format!("query A($a: {}T{}) {{ a }}", "[".repeat(levels - 1), "]".repeat(levels - 1)));
    expect_edge("nesting", 24, |levels| "...{".repeat(levels).replacen("...", "", 1) + "a" + &"}".repeat(levels));
    expect("nesting", &"{a".repeat(25));
    expect("nesting", &format!("{{ a(x: {}", "[{a:".repeat(2_000)));
}

#[test]
fn depth_counts_fields() {
    expect_edge("depth", 12, |levels| "{a".repeat(levels) + &"}".repeat(levels));
}

#[test]
fn introspection_depth_counts_lists_below_the_schema() {
    expect_edge("introspection_depth", 3, |levels| format!("{{__type{{{}name{}}}}}", "fields{type{".repeat(levels), "}}".repeat(levels)));
    expect_edge("introspection_depth", 3, |levels| {
        format!(
            "{{...A}} fragment A on Q {{__schema{{a:types{{...B}}}}}} fragment B on T {{...{{{}name{}}}}}",
            "args{".repeat(levels - 1),
            "}".repeat(levels - 1)
        )
    });
    // A reader that takes the condition for a field finds one list more.
    expect("introspection_depth", "{__type{fields{args{args{... on#\nargs{a}}}}}}");
    expect("ok", &format!("{{a{{{}}}}}", "fields{type{".repeat(5) + "b" + &"}}".repeat(5)));
}

#[test]
fn introspection_fields_count_lists_as_often_as_they_multiply() {
    let document = |more: usize| format!("{{__schema{{types{{fields{{args{{{}}}}}}}{}}}}}", "a ".repeat(97), "b ".repeat(more));
    assert_eq!(pass(&document(3)).operations[0].introspection_fields, 250_000);
    let refusal = Refusal::Limit { name: "introspection_fields", max: 250_000, actual: 250_020 };
    assert_eq!(check(&document(4), &Limits::default()), Err(refusal));
    // Wherever the parts of a question stand, they come to the same.
    let spread = "{...A} fragment A on Q {__schema{...B}} fragment B on S {types{...C}} fragment C on T {...{fields{...D}}} fragment D on F {args{a}}";
    let plain = "{__schema{types{fields{args{a}}}}}";
    assert_eq!(pass(spread).operations[0].introspection_fields, pass(plain).operations[0].introspection_fields);
    assert_eq!(pass("{a{types{fields{args{a}}}}}").operations[0].introspection_fields, 0);
}

#[test]
fn aliases_are_counted_as_written() {
    expect_edge("aliases", 50, |count| format!("{{ {} }}", "a: b ".repeat(count)));
    expect_edge("aliases", 50, |count| format!("{{ ...F ...F c: d }} fragment F on T {{ {} }}", "a: b ".repeat(count - 1)));
}

#[test]
fn directives_are_counted_wherever_they_stand() {
    expect_edge("directives", 30, |count| format!("{{ a {} }}", "@a".repeat(count)));
    expect_edge("directives", 30, |count| {
        format!("query A($a: T @x) @x {{ ...F @x ... @x {{ b }} c {} }} fragment F on T @x {{ a }}", "@x(y: 1) ".repeat(count - 5))
    });
}

#[test]
fn spreads_are_counted_as_written() {
    expect_edge("spreads", 250, |count| format!("{{ {} }} fragment F on T {{ a }}", "...F ".repeat(count)));
    expect_edge("spreads", 250, |count| {
        format!("{{ {} ...F ... @a {{ b }} }} fragment F on T {{ ... {{ a }} }}", "... on T { a } ".repeat(count - 3))
    });
}

#[test]
fn fields_are_counted_per_operation() {
    expect_edge("fields", 1_000, |count| format!("{{ {} }}", "a ".repeat(count)));
    expect("ok", &format!("query A {{ {0} }} query B {{ {0} }}", "a ".repeat(900)));
}

#[test]
fn operations_are_counted_in_the_document() {
    expect_edge("operations", 10, |count| (0..count).map(|at| format!("query A{at} {{ a }}")).collect::<Vec<_>>().concat());
}

#[test]
fn list_items_are_counted_in_each_list() {
    expect_edge("list_items", 250, |count| format!("{{ a(x: [{}]) }}", "1,".repeat(count)));
    expect_edge("list_items", 250, |count| format!("{{ a @x(y: {{z: [{}]}}) }}", "[] ".repeat(count)));
    expect_edge("list_items", 250, |count| format!("query A($a: [[T]] = [[1] [{}]]) {{ a }}", "E ".repeat(count)));
    expect_edge("list_items", 250, |count| format!("{{ a(x: [{{y: [{}]}}]) }}", "{a: 1}".repeat(count)));
    let lists = format!("[{}]", "$a ".repeat(200)).repeat(4);
    expect("ok", &format!("{{ a(x: [{lists}]) }}"));
}

#[test]
fn a_name_that_starts_with_literals_counts_as_all_of_them_in_a_list() {
    expect_edge("list_items", 250, |count| format!("{{ a(x: [{}]) }}", "true".repeat(count)));
    expect_edge("list_items", 250, |count| format!("{{ a(x: [{}x]) }}", "false".repeat(count - 1)));
    expect("list_items", &format!("{{ a(x: [{}]) }}", "nulltrue".repeat(1_000)));
    expect("ok", &format!("{{ a(x: {}) }}", "true".repeat(1_000)));
}
