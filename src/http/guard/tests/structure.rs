//! Definitions, selections, arguments, directives, types and values.

use super::{expect, pass, place};
use crate::http::guard::OperationKind;

#[test]
fn operations_are_told_by_kind_and_name() {
    let facts = pass("query A { a } mutation B { b } subscription { c } { d }");
    let found: Vec<_> = facts.operations.iter().map(|operation| (operation.kind, operation.name.as_deref())).collect();
    assert_eq!(
        found,
        [
            (OperationKind::Query, Some("A")),
            (OperationKind::Mutation, Some("B")),
            (OperationKind::Subscription, None),
            (OperationKind::Query, None),
        ]
    );
}

#[test]
fn depth_and_fields_count_fields_alone() {
    let facts = pass("{ a b: c { d ... { e ... on T { f { g } } } } }");
    assert_eq!(facts.operations[0].depth, 3);
    assert_eq!(facts.operations[0].fields, 6);
    assert!(!facts.operations[0].is_introspection);
}

#[test]
fn keywords_serve_as_names() {
    expect("ok", "query query { query: on on: fragment type true null(on: on, true: true) { on } ... on on { on } } ");
    expect("ok", "query fragment { ...type ...query } fragment type on fragment { on } fragment query on on { a }");
    expect("ok", "{ ...{ a } ...@include(if: true) { b } }");
    expect("syntax", "fragment on on T { a } { ...F }");
    expect("syntax", "{ ...on { a } }");
    expect("syntax", "queryA { a }");
}

#[test]
fn descriptions_stand_before_what_has_a_keyword() {
    expect("ok", "\"why\" query A { a } \"\"\"why\"\"\" fragment F on T { a } ");
    expect("ok", "query A(\"why\" $a: Int, \"\"\"why\"\"\" $b: Int) { a }");
    expect("syntax", "\"why\" { a }");
    expect("syntax", "\"why\" \"twice\" query { a }");
    expect("syntax", "query { \"why\" a }");
    expect("syntax", "\"why\"");
    assert_eq!(place("{ a }\n \"why\" other").0, 2);
    assert_eq!(place("{ a }\n \"why\" other").1, 2);
}

#[test]
fn variables_have_types_defaults_and_directives() {
    expect("ok", "query A($a: Int = 1 @x @y(z: [1]) $b: [[T!]!]! = [[A, b]], $c: I = {a: {b: [null]}}) @z { a(x: $a, y: [$b {c: $c}]) }");
    for definitions in [
        "()",
        "($a)",
        "($a:)",
        "(a: Int)",
        "($a: Int",
        "($a: [Int)",
        "($a: Int])",
        "($a: Int!!)",
        "($a: [])",
        "($a: Int = )",
        "($a: Int = $b)",
        "($a: Int = [$b])",
        "($a: Int = {b: $b})",
        "($a: Int @x(y: $b))",
        "($a: Int @x = 1)",
        "($: Int)",
        "($a: {Int})",
        "($a: Int &)",
    ] {
        expect("syntax", &format!("query A{definitions} {{ a }}"));
    }
}

#[test]
fn values_and_arguments_follow_the_grammar() {
    for arguments in
        ["(x: [])", "(x: {})", "(x: [[] {} []])", "(x: {a: [] b: {}})", "(x: E, y: $v z: true)", "(x: {a: $v})", "(x: [$v, $w])"]
    {
        expect("ok", &format!("{{ a{arguments} b }}"));
    }
    for arguments in [
        "()",
        "(x)",
        "(x:)",
        "(: 1)",
        "(x: 1",
        "(x: [1)",
        "(x: [1})",
        "(x: {1})",
        "(x: {a 1})",
        "(x: {a:})",
        "(x: $)",
        "(x: $1)",
        "(x: (1))",
        "(x: @a)",
        "(x: 1)(y: 1)",
        "(x: {a: 1]})",
        "[x: 1]",
        "(x: ...)",
        "(x: 1 !)",
        "(\"x\": 1)",
    ] {
        expect("syntax", &format!("{{ a{arguments} b }}"));
    }
}

#[test]
fn brackets_must_match_and_selections_must_not_be_empty() {
    for document in [
        "",
        " \n",
        "# only this",
        ",,,",
        "\u{FEFF}",
        "{",
        "}",
        "{}",
        "{ a",
        "{ a }}",
        "{ a ]",
        "{ a )",
        "{ a {} }",
        "{ ... }",
        "{ ...{} }",
        "{ a: }",
        "{ :a }",
        "{ a:: b }",
        "{ a: b: c }",
        "{ {a} }",
        "query",
        "query A",
        "query A B { a }",
        "query A @ { a }",
        "{ a @ }",
        "{ a @x@ }",
        "{ a $b }",
        "{ a } b",
        "{ a ! }",
        "{ a & b }",
        "{ a | b }",
        "{ a = b }",
        "fragment",
        "fragment F { a }",
        "fragment F on { a }",
        "fragment F on T",
        "fragment F on T {}",
        "fragment F($a: Int) on T { a }",
        "{ a { b }",
        "[a]",
        "(a)",
        "query {a} {b",
        "{ ....a }",
        "{ .. a }",
        "{ ... on }",
        "{ ...F(a: 1) }",
        "other { a }",
        "{ \"a\" }",
        "{ 1 }",
    ] {
        expect("syntax", document);
    }
}

#[test]
fn type_definitions_are_never_executed() {
    for definition in [
        "type A { a: Int }",
        "schema { query: Q }",
        "scalar A",
        "interface A { a: Int }",
        "union A = B",
        "enum A { B }",
        "union",
        "input A { a: Int }",
        "directive @a on FIELD",
        "extend type A { a: Int }",
        "\"why\" type A { a: Int }",
    ] {
        expect("invalid", definition);
        expect("invalid", &format!("{{ a }} {definition}"));
    }
    let (line, column, message) = place("{ a }\n  type A { a: Int }");
    assert_eq!((line, column), (2, 3));
    assert_eq!(message, "Only operations and fragments can be executed.");
}

#[test]
fn a_document_of_fragments_alone_has_no_operation() {
    expect("invalid", "fragment F on T { a }");
}
