//! What may be shared is told by the schema, and what it does not tell is not.

use async_graphql::parser::parse_query;
use concord::graphql::index::Index;
use concord::graphql::schema::{index, sdl};
use concord::graphql::sharing::{self, Sharing};

/// Among whom the answer to a question is shared, under a schema.
fn sharing(index: &Index, question: &str) -> Sharing {
    let document = parse_query(question).unwrap_or_else(|error| panic!("{question}: {error}"));
    let (_, operation) = document.operations.iter().next().expect("an operation");
    sharing::of(index, &document, &operation.node)
}

/// Questions and those among whom their answers are shared.
#[test]
fn follows_the_audiences() {
    let index = index();
    for (question, expected) in [
        ("{ courses { nodes { code institution { name } } } }", Sharing::Everyone),
        ("{ courses { __typename nodes { ... on Course { __typename code } ...F } } } fragment F on Course { title }", Sharing::Everyone),
        ("{ ...R } fragment R on Query { regions { code } }", Sharing::Everyone),
        ("{ regions { code } course(by: { id: \"x\" }) { code } }", Sharing::Visitors),
        ("{ node(id: \"x\") { ... on Course { code } ... on Offering { subject { ... on Program { title } } } } }", Sharing::Visitors),
        ("{ award(verificationCode: \"x\") { status credential { name } } }", Sharing::Visitors),
        ("{ award(verificationCode: \"x\") { status learner { displayName } } }", Sharing::None),
        // Whoever could hold the object, some of them are not for anyone.
        ("{ node(id: \"x\") { id } }", Sharing::None),
        ("{ node(id: \"x\") { ... on Node { id } } }", Sharing::None),
        ("{ node(id: \"x\") { ... on Business { name } } }", Sharing::None),
        ("{ viewer { kind } }", Sharing::None),
        ("{ regions { code } viewer { kind } }", Sharing::None),
        ("{ businesses { nodes { name } } }", Sharing::None),
        ("{ institutions { nodes { staffMembers { nodes { name } } } } }", Sharing::None),
        ("{ courses { nodes { ...F } } } fragment F on Course { code externalKeys { value } }", Sharing::None),
        ("{ courses { nodes { code externalKeys @skip(if: true) { value } } } }", Sharing::None),
        ("{ courses { nodes { nonsense } } }", Sharing::None),
        ("{ __typename }", Sharing::None),
        ("{ __type(name: \"Course\") { name } }", Sharing::None),
        ("mutation { courseUpdate(input: { id: \"x\", fields: {} }) { course { code } } }", Sharing::None),
        ("{ ...Missing }", Sharing::None),
    ] {
        assert_eq!(sharing(&index, question), expected, "{question}");
    }
}

/// A developer adds a field and does not say who may read it, or says it of fewer: no answer that holds it is shared any more, whichever field it is.
#[test]
fn a_field_without_an_audience_is_not_shared() {
    let question = "{ courses { nodes { code seats: title price institution { name region { name } } offerings { nodes { seats { available } } pageInfo { endCursor } } } } }";
    assert_eq!(sharing(&index(), question), Sharing::Everyone);
    let fields = [
        ("CourseConnection", "nodes"),
        ("Course", "code"),
        ("Course", "title"),
        ("Course", "price"),
        ("Course", "institution"),
        ("Institution", "name"),
        ("Institution", "region"),
        ("Region", "name"),
        ("Course", "offerings"),
        ("OfferingConnection", "nodes"),
        ("Offering", "seats"),
        ("Seats", "available"),
        ("OfferingConnection", "pageInfo"),
        ("PageInfo", "endCursor"),
    ];
    for (of, field) in fields {
        for instead in ["", " Visible to: staff.", " Visible to: anyone, staff.", " Not visible to: anyone"] {
            let (before, body) = sdl().split_once(&format!("\ntype {of} ")).expect("a type");
            let lines: Vec<&str> = body.split('\n').collect();
            let place = lines
                .iter()
                .position(|line| line.trim_start().strip_prefix(field).is_some_and(|rest| rest.starts_with(':') || rest.starts_with('(')));
            let place = place.unwrap_or_else(|| panic!("{of}.{field}"));
            let described = (0..place).rev().find(|line| lines[*line].contains(" Visible to: anyone.")).expect("a description");
            let mut lines: Vec<String> = lines.into_iter().map(str::to_owned).collect();
            lines[described] = lines[described].replace(" Visible to: anyone.", instead);
            let changed = format!("{before}\ntype {of} {}", lines.join("\n"));
            let index = Index::read(&changed).expect("a schema");
            assert!(index.field(of, field).is_some_and(|field| !field.is_public), "{of}.{field}");
            assert_eq!(sharing(&index, question), Sharing::None, "{of}.{field} {instead:?}");
        }
    }
}
