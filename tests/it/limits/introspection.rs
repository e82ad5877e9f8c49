//! Questions about the schema itself.

use serde_json::json;

use super::{asked, of_depth, outcome};
use crate::support::{Template, TestApp, both, snapshot};

/// The standard question of graphql-js with every option, 13 levels deep.
const STANDARD: &str = "query IntrospectionQuery { __schema { description queryType { name kind } mutationType { name kind } subscriptionType { name kind } types { ...FullType } directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } } } } fragment FullType on __Type { kind name description specifiedByURL isOneOf fields(includeDeprecated: true) { name description args(includeDeprecated: true) { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason } inputFields(includeDeprecated: true) { ...InputValue } interfaces { ...TypeRef } enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...TypeRef } } fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue isDeprecated deprecationReason } fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }";

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
