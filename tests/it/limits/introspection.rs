//! Questions about the schema itself.

use std::collections::HashMap;

use concord::http::guard::{Limits, check};
use serde_json::{Value, json};

use super::{asked, of_depth, outcome};
use crate::support::{Database, Template, TestApp, both, snapshot};

/// The standard question of graphql-js with every option, 13 levels deep.
pub(crate) const STANDARD: &str = "query IntrospectionQuery { __schema { description queryType { name kind } mutationType { name kind } subscriptionType { name kind } types { ...FullType } directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } } } } fragment FullType on __Type { kind name description specifiedByURL isOneOf fields(includeDeprecated: true) { name description args(includeDeprecated: true) { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason } inputFields(includeDeprecated: true) { ...InputValue } interfaces { ...TypeRef } enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...TypeRef } } fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue isDeprecated deprecationReason } fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }";

both! {
    /// A stranger asks for the schema where that is switched off, in the open, behind an alias and in a fragment; the name of a type stays free.
    async fn hides_introspection(database) {
        let app = TestApp::start(database, Template::Twins, |settings| settings.introspection.anonymous = false).await;
        let mut outcomes = serde_json::Map::new();
        for document in [
            "{ __schema { queryType { name } } }",
            "{ __type(name: \"Course\") { name } }",
            "{ viewer { kind } hidden: __schema { queryType { name } } }",
            "{ ...F } fragment F on Query { ... { __type(name: \"Course\") { name } } }",
            "query A { viewer { kind } } query B { __schema { queryType { name } } }",
            "{ __typename viewer { __typename } }",
        ] {
            let operation = document.contains("query B").then_some("B");
            outcomes.insert(document.to_owned(), asked(&app, &json!({ "query": document, "operationName": operation })).await);
        }
        snapshot!("hidden_introspection", outcomes);
    }

    /// A tool asks the standard question where it may: deeper than any other document, and without a statement.
    async fn answers_introspection(database) {
        let app = TestApp::twins(database).await;
        let (statements, answer) = app.statements(app.post(&json!({ "query": STANDARD }))).await;
        assert_eq!((outcome(statements, &answer), statements), (json!({ "status": 200, "answered": true }), 0));
        let answer = answer.json();
        let types = answer["data"]["__schema"]["types"].as_array().expect("types");
        assert!(types.iter().any(|of| of["name"] == "Course" && of["fields"].as_array().is_some_and(|fields| fields.len() > 10)));
        assert!(types.iter().any(|of| of["name"] == "EntityRef" && of["isOneOf"] == true));
    }

    /// Beside a question about the schema everything else keeps its limits.
    async fn limits_what_stands_beside(database) {
        let app = TestApp::twins(database).await;
        let deep = of_depth(13).replacen('{', "{ __schema { queryType { name } } ", 1);
        let outcome = asked(&app, &json!({ "query": deep })).await;
        snapshot!("depth_beside_introspection", outcome);
    }
}

/// Types of a schema by their names.
type Types<'a> = HashMap<&'a str, &'a Value>;

/// The named type inside of lists and the like.
fn base<'a>(types: &Types<'a>, mut of: &Value) -> &'a Value {
    while of["ofType"].is_object() {
        of = &of["ofType"];
    }
    types[of["name"].as_str().expect("a name")]
}

/// How often the guard expects a field at the end of a path, which ends with an open brace.
fn expected(path: &str) -> u64 {
    let counted = |fields: &str| {
        let document = format!("{path}{fields}{}", "}".repeat(path.matches('{').count()));
        check(&document, &Limits::default()).unwrap_or_else(|refusal| panic!("{document}: {refusal}")).operations[0].introspection_fields
    };
    counted("name name") - counted("name")
}

/// Follows every list of a schema's description from some of its parts, so many levels deep, and gives the longest answer seen; no path may hold more than the guard expects.
fn follow<'a>(types: &Types<'a>, path: &str, kind: &str, parts: &[&'a Value], levels: usize) -> usize {
    assert!(parts.len() as u64 <= expected(path), "{path}: {} parts, and {} were expected", parts.len(), expected(path));
    let lists: &[(&str, &str)] = match kind {
        "type" => {
            &[("fields", "field"), ("inputFields", "input"), ("interfaces", "type"), ("possibleTypes", "type"), ("enumValues", "value")]
        }
        "field" | "directive" => &[("args", "input")],
        _ => &[],
    };
    let mut most = parts.len();
    for (list, kind) in lists.iter().filter(|_| levels > 0) {
        let listed = parts.iter().filter_map(|part| part[list].as_array()).flatten();
        let listed: Vec<&Value> = if *kind == "type" { listed.map(|part| base(types, part)).collect() } else { listed.collect() };
        most = most.max(follow(types, &format!("{path}{list}{{"), kind, &listed, levels - 1));
    }
    if matches!(kind, "field" | "input") {
        let of: Vec<&Value> = parts.iter().map(|part| base(types, &part["type"])).collect();
        most = most.max(follow(types, &format!("{path}type{{"), "type", &of, levels));
    }
    most
}

/// An attacker looks for the path of lists that multiplies most: none holds more of this schema than the guard expects of it.
#[tokio::test]
async fn expects_enough_of_every_list() {
    let app = TestApp::empty(Database::Sqlite).await;
    let answer = app.data(STANDARD).await;
    let list = |name: &str| answer["__schema"][name].as_array().expect("a list").iter().collect::<Vec<_>>();
    let types: Types<'_> = list("types").into_iter().map(|of| (of["name"].as_str().expect("a name"), of)).collect();
    let mut most = follow(&types, "{__schema{types{", "type", &list("types"), 2);
    follow(&types, "{__schema{directives{", "directive", &list("directives"), 2);
    for (name, of) in &types {
        most = most.max(follow(&types, &format!("{{__type(name:\"{name}\"){{"), "type", &[of], 3));
    }
    assert!(most > 500, "only {most} parts were found on any path");
}
