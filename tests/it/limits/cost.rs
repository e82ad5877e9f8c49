//! The published formula of cost, on documents whose points were worked out by hand.

use serde_json::{Value, json};

use super::{asked, generous};
use crate::support::{Template, TestApp, both, snapshot};

/// Documents and their points, with how these come about.
const PRICES: &[(u64, &str, &str)] = &[
    (1, "an object", "{ viewer { kind displayName } }"),
    (0, "nothing but a name", "{ __typename }"),
    (5, "a plain list", "{ regions { code name } }"),
    (20, "a page of the default size", "{ institutions { nodes { id } } }"),
    (6, "3 x (1 + 1)", "{ institutions(first: 3) { nodes { region { code } } } }"),
    (15, "weight 5 + 10", "{ courses(first: 10) { nodes { id } } }"),
    (10, "weight 5 + count 5", "{ courses(first: 10) { totalCount } }"),
    (
        20,
        "weight 5 + count 5 + 10 nodes, reached either way",
        "{ courses(first: 10) { totalCount nodes { id } edges { cursor node { code } } } }",
    ),
    (25, "weight 5 + 10 x (1 + 1)", "{ courses(first: 10) { nodes { id } edges { node { institution { id } } } } }"),
    (15, "weight 5, and 10 items whose cursors are asked for", "{ courses(first: 10) { edges { cursor } pageInfo { endCursor } } }"),
    (8, "2 x (1 + 3)", "{ institutions(first: 2) { nodes { courses(first: 3) { nodes { id } } } } }"),
    (18, "2 x (1 + count 5 + 3)", "{ institutions(first: 2) { nodes { courses(first: 3) { totalCount nodes { id } } } } }"),
    (11, "1 + 5 x (1 + 1)", r#"{ institution(by: { slug: "penasco" }) { campuses { region { code } } } }"#),
    (11, "1 + 5 x (1 + 1)", r#"{ institution(by: { slug: "penasco" }) { campuses { address { city } } } }"#),
    (25, "weight 5 + 20; a list of scalars is free", "{ courses { nodes { languages price } } }"),
    (31, "1 + 5 x (1 + 5)", r#"{ credential(by: { id: "x" }) { requirements { options { ... on Course { id } } } } }"#),
    (
        265,
        "weight 5 + 20 x (1 + 1 + 3 x (1 + 1) + 5)",
        "{ courses(first: 20) { nodes { institution { name } offerings(first: 3) { nodes { seats { available } } } competencies { name } } } }",
    ),
    (
        33,
        "weight 5 + 4 x (1 + 1 + the dearer of 5 and 0)",
        "{ offerings(first: 4) { nodes { subject { ... on Course { competencies { name } } ... on Program { title } } } } }",
    ),
    (
        6,
        "1 + the dearest of 1 and 5",
        r#"{ node(id: "x") { id ... on Course { institution { name } } ... on Institution { campuses { name } } } }"#,
    ),
    (
        7,
        "1 + the dearest of 1 + 5 and 5: what is asked of every node is asked of a course too",
        r#"{ node(id: "x") { ... on Course { institution { name } } ... on Node { ... on Course { competencies { name } } } ... on Institution { campuses { name } } } }"#,
    ),
    (5, "a plain list, however few are named", r#"{ nodes(ids: ["a", "b"]) { id } }"#),
    (14, "7 named x (1 + 1)", r#"{ nodes(ids: ["a", "b", "c", "d", "e", "f", "g"]) { ... on Course { institution { id } } } }"#),
    (
        1,
        "what is left out is free",
        "{ viewer { kind } courses @include(if: false) { nodes { id } } programs @skip(if: true) { nodes { id } } }",
    ),
    (
        6,
        "1 + weight 5: fragments and nodes can be left out too",
        "{ viewer { kind } ...F @skip(if: true) ... @include(if: false) { regions { code } } courses { nodes @include(if: false) { id } } } fragment F on Query { regions { code } }",
    ),
    (2, "one under each alias", "{ a: viewer { kind } b: viewer { kind } }"),
    (1, "the same field once, however often it is written", "{ viewer { kind } viewer { displayName } }"),
    (
        12,
        "weight 5 + 1 x (1 + 1 + 5): fragments that ask for the same objects count them once",
        "{ courses(first: 1) { ...A ...B } } fragment A on CourseConnection { nodes { institution { id } competencies { name } } } fragment B on CourseConnection { nodes { institution { name } competencies { id } } }",
    ),
    (7, "weight 5 + 2, through a fragment", "{ courses(first: 2) { ...F } } fragment F on CourseConnection { nodes { id } }"),
];

/// Documents with a page size by variable: points, document, variables.
fn sized() -> Vec<(u64, &'static str, Value)> {
    let asked = "query($size: Int) { courses(first: $size) { nodes { id } } }";
    let with_default = "query($size: Int = 4) { courses(first: $size) { nodes { id } } }";
    let switched = "query($is: Boolean!) { viewer { kind } courses(first: 7) @include(if: $is) { nodes { id } } }";
    let named = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    vec![
        (12, asked, json!({ "size": 7 })),
        (25, asked, json!({})),
        (25, asked, json!({ "size": null })),
        (9, with_default, json!({})),
        (11, with_default, json!({ "size": 6 })),
        (13, switched, json!({ "is": true })),
        (1, switched, json!({ "is": false })),
        (60, named, json!({ "ids": vec!["x"; 60] })),
    ]
}

both! {
    /// A client is told the points that the published formula gives.
    async fn prices_documents(database) {
        let app = generous(database).await;
        let fixed = PRICES.iter().map(|(points, _, document)| (*points, *document, json!({})));
        let mut wrong = Vec::new();
        for (points, document, variables) in fixed.chain(sized()) {
            let answer = app.ask(document, variables.clone()).await;
            if answer["extensions"]["cost"] != json!({ "requested": points, "limit": 1_000_000 }) {
                wrong.push(format!("{points} expected of {document} with {variables}: {answer}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    /// A stranger spends exactly the 500 points that one operation may cost, and is refused at 501 without a statement.
    async fn limits_cost(database) {
        let app = TestApp::start(database, Template::Twins, |settings| settings.cost.anonymous = 500).await;
        // Weight 5 + 99 x (1 + 2 + 2).
        let dear = "courses(first: 99) { nodes { institution { region { code } } credential { issuer { id } } } }";
        let at = app.query(&format!("{{ {dear} }}")).await;
        let above = asked(&app, &json!({ "query": format!("{{ {dear} viewer {{ kind }} }}") })).await;
        snapshot!("limit_of_cost", json!({ "at": at["extensions"], "above": above }));
    }

    /// A stranger who nests pages of a hundred is told a price and not a fault, however large it becomes.
    async fn prices_without_overflow(database) {
        let app = TestApp::twins(database).await;
        let page = "courses(first: 100) { nodes { institution { ";
        let document = format!("{{ {} courses(first: 100) {{ nodes {{ id }} }} {} }}", page.repeat(3), "} } } ".repeat(3));
        let outcome = asked(&app, &json!({ "query": document })).await;
        snapshot!("price_of_nested_pages", outcome);
    }

    /// The default limit of cost is the one that the documentation publishes.
    async fn has_the_published_limit(database) {
        let app = TestApp::start(database, Template::Twins, |settings| {
            settings.cost.anonymous = concord::config::Settings::read(None).expect("the defaults").cost.anonymous;
        })
        .await;
        assert_eq!(app.query("{ viewer { kind } }").await["extensions"]["cost"]["limit"], 500);
    }
}
