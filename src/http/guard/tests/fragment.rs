//! Fragments expanded: sums, circles, introspection.

use super::{expect, pass, place, verdict};
use crate::http::guard::{Limits, Refusal, check};

/// Fragments of which each spreads the next `times` times, the last one selecting a field, and an operation for the first if asked.
fn chain(length: usize, times: usize, is_used: bool) -> String {
    let operation = if is_used { "{ ...F0 }" } else { "{ a }" };
    let links = (0..length)
        .map(|at| {
            let spreads = format!("...F{}", at + 1).repeat(times);
            format!("fragment F{at} on T{{{spreads}}}")
        })
        .collect::<Vec<_>>()
        .concat();
    format!("{operation}{links}fragment F{length} on T{{a}}")
}

#[test]
fn a_spread_counts_as_often_as_it_is_written() {
    let facts = pass("{ a { ...F ...F } ...F } fragment F on T { b { ...G } } fragment G on T { c d { e } }");
    assert_eq!(facts.operations[0].fields, 1 + 3 * 4);
    assert_eq!(facts.operations[0].depth, 4);
}

#[test]
fn each_operation_has_its_own_sums() {
    let facts = pass("query A { a } query B { ...F } fragment F on T { b { c } }");
    let found: Vec<_> = facts.operations.iter().map(|operation| (operation.depth, operation.fields)).collect();
    assert_eq!(found, [(1, 1), (2, 2)]);
}

#[test]
fn doubled_and_tripled_fragments_are_summed_up_without_being_walked() {
    assert_eq!(pass(&chain(9, 2, true)).operations[0].fields, 512);
    expect("fields", &chain(10, 2, true));
    expect("fields", &chain(100, 2, true));
    expect("fields", &chain(80, 3, true));
    expect("fields", &chain(12, 20, true));
    let limits = Limits { tokens: usize::MAX, document_bytes: usize::MAX, spreads: usize::MAX, ..Limits::default() };
    assert_eq!(check(&chain(5_000, 3, true), &limits), Err(Refusal::Limit { name: "fields", max: 1_000, actual: 3_u64.pow(7) }));
}

#[test]
fn an_exploding_fragment_is_refused_even_if_nothing_uses_it() {
    expect("fields", &chain(20, 2, false));
    expect("ok", &chain(9, 2, false));
}

#[test]
fn sums_saturate_instead_of_wrapping() {
    let limits = Limits { fields: u64::MAX, selections: u64::MAX, spreads: usize::MAX, ..Limits::default() };
    let facts = check(&chain(100, 4, true), &limits).expect("nothing exceeds these limits");
    assert_eq!(facts.operations[0].fields, u64::MAX);
}

#[test]
fn long_walks_over_few_fields_are_refused_as_selections() {
    let empty_levels = "...{".repeat(20) + "a" + &"}".repeat(20);
    let document = format!("{{ {} }} fragment F on T {{ {empty_levels} }}", "...F ".repeat(200));
    expect("selections", &document);
}

#[test]
fn depth_is_carried_through_fragments() {
    let deep = |levels: usize| {
        let fragments = (0..levels).map(|at| format!("fragment F{at} on T {{ a {{ ...F{} }} }}", at + 1)).collect::<Vec<_>>().concat();
        format!("{{ ...F0 }} {fragments} fragment F{levels} on T {{ a }}")
    };
    assert_eq!(pass(&deep(11)).operations[0].depth, 12);
    assert_eq!(check(&deep(100), &Limits::default()), Err(Refusal::Limit { name: "depth", max: 12, actual: 101 }));
}

#[test]
fn circles_are_found_used_or_not() {
    expect("invalid", "{ ...F } fragment F on T { ...F }");
    expect("invalid", "{ ...F } fragment F on T { a { ...G } } fragment G on T { b { ...F } }");
    expect("invalid", "{ a } fragment F on T { ...G } fragment G on T { ...H } fragment H on T { ...G }");
    expect("ok", "query F { ...F } fragment F on T { a }");
    let (line, column, message) = place("{ a }\nfragment F on T {\n  b ...F\n}");
    assert_eq!((line, column), (3, 5));
    assert_eq!(message, "Cannot spread fragment \"F\" within itself.");
}

#[test]
fn unknown_and_repeated_fragments_are_refused() {
    expect("invalid", "{ ...F }");
    expect("invalid", "{ a } fragment F on T { ...G }");
    let (line, column, message) = place("{ ...F }\nfragment F on T { a }\n fragment F on T { b }");
    assert_eq!((line, column), (3, 2));
    assert_eq!(message, "There can be only one fragment named \"F\".");
}

#[test]
fn introspection_is_seen_at_the_root_only() {
    for document in [
        "{ __schema { a } }",
        "{ a x: __type(name: \"A\") { b } }",
        "{ ... on Query { ... { __schema { a } } } }",
        "{ ...F } fragment F on Query { a ...G } fragment G on Query { __type { b } }",
    ] {
        assert!(pass(document).operations[0].is_introspection, "{document}");
    }
    for document in
        ["{ __typename }", "{ __schema: a { b } }", "{ a { __schema { b } } }", "{ a { ...F } } fragment F on T { __schema { b } }"]
    {
        assert!(!pass(document).operations[0].is_introspection, "{document}");
    }
}

#[test]
fn introspection_at_the_root_is_exempt_from_depth_but_not_from_fields() {
    let deep = "a {".repeat(15) + "b" + &"}".repeat(15);
    let facts = pass(&format!("{{ __schema {{ {deep} }} c {{ d }} }}"));
    assert_eq!(facts.operations[0].depth, 2);
    assert_eq!(facts.operations[0].fields, 1 + 16 + 2);

    expect("ok", &format!("{{ __schema {{ ...F }} }} fragment F on T {{ {deep} }}"));
    expect("ok", &format!("{{ ...F }} fragment F on Query {{ __schema {{ {deep} }} }}"));
    expect("fields", &format!("{{ __schema {{ {} }} }}", "a ".repeat(1_001)));
}

#[test]
fn no_other_place_is_exempt_from_depth() {
    let deep = "a {".repeat(15) + "b" + &"}".repeat(15);
    for document in [
        format!("{{ a {{ __schema {{ {deep} }} }} }}"),
        format!("{{ __schema: a {{ {deep} }} }}"),
        format!("{{ __typename {{ {deep} }} }}"),
        format!("{{ a {{ ...F }} }} fragment F on T {{ __schema {{ {deep} }} }}"),
        format!("{{ __schema {{ ...F }} ...F }} fragment F on T {{ {deep} }}"),
        format!("{{ __schema {{ b }} {deep} }}"),
    ] {
        assert_eq!(verdict(&document), "depth", "{document}");
    }
}

#[test]
fn a_type_condition_behind_a_comment_counts_as_a_field_too() {
    let facts = pass("{ ... on # why\n T { a } }");
    assert_eq!((facts.operations[0].depth, facts.operations[0].fields), (2, 2));
    let facts = pass("{ ... # why\n on T # why\n { a } }");
    assert_eq!((facts.operations[0].depth, facts.operations[0].fields), (1, 1));
}
