//! Variables that do not fit their types: each is refused with `BAD_VARIABLES` and its place, before a statement is sent.

use serde_json::{Value, json};

use crate::support::{TestApp, both, snapshot};

/// What is wrong, the declaration, the use, and the variables.
fn wrong() -> Vec<(&'static str, &'static str, &'static str, Value)> {
    let by = "institution(by: $v) { id }";
    let courses = "courses(filter: $v) { totalCount }";
    let size = "courses(first: $v) { totalCount }";
    let node = "node(id: $v) { id }";
    let nodes = "nodes(ids: $v) { id }";
    let entity = "course(by: $v) { id }";
    vec![
        ("missing", "ID!", node, json!({})),
        ("under another name", "ID!", node, json!({ "w": "x" })),
        ("null where it must not be", "ID!", node, json!({ "v": null })),
        ("null in a list", "[ID!]!", nodes, json!({ "v": ["x", null] })),
        ("null for a list", "[ID!]!", nodes, json!({ "v": null })),
        ("text for Int", "Int", size, json!({ "v": "7" })),
        ("boolean for Int", "Int", size, json!({ "v": true })),
        ("list for Int", "Int", size, json!({ "v": [7] })),
        ("object for Int", "Int", size, json!({ "v": { "value": 7 } })),
        ("fraction for Int", "Int", size, json!({ "v": 7.5 })),
        ("more than 32 bits", "Int", size, json!({ "v": 2_147_483_648_i64 })),
        ("less than 32 bits", "Int", size, json!({ "v": -2_147_483_649_i64 })),
        ("more than 64 bits", "Int", size, json!({ "v": 1e30 })),
        ("number for String", "String", "courses(search: $v) { totalCount }", json!({ "v": 7 })),
        ("object for String", "String", "courses(search: $v) { totalCount }", json!({ "v": {} })),
        ("fraction for ID", "ID!", node, json!({ "v": 7.5 })),
        ("boolean for ID", "ID!", node, json!({ "v": true })),
        ("text for Boolean", "Boolean!", "viewer @include(if: $v) { kind }", json!({ "v": "true" })),
        ("unknown value of an enum", "CourseSort", "courses(sort: $v) { totalCount }", json!({ "v": "CHEAPEST" })),
        ("value of an enum in small letters", "CourseSort", "courses(sort: $v) { totalCount }", json!({ "v": "title" })),
        ("number for an enum", "CourseSort", "courses(sort: $v) { totalCount }", json!({ "v": 0 })),
        ("text for an input", "CourseFilter", courses, json!({ "v": "x" })),
        ("list for an input", "CourseFilter", courses, json!({ "v": [{}] })),
        ("unknown field of an input", "CourseFilter", courses, json!({ "v": { "hasSeat": true } })),
        ("wrong field of an input", "CourseFilter", courses, json!({ "v": { "hasSeats": "yes" } })),
        (
            "wrong field of an inner input",
            "CourseFilter",
            courses,
            json!({ "v": { "startsWithin": { "from": "2027-01-01", "to": "2027-02-01" } } }),
        ),
        ("wrong item of an inner list", "CourseFilter", courses, json!({ "v": { "modalities": ["HYBRID", "REMOTE"] } })),
        ("null item of an inner list", "CourseFilter", courses, json!({ "v": { "institutionIds": [null] } })),
        ("no field of oneOf", "InstitutionRef!", by, json!({ "v": {} })),
        ("two fields of oneOf", "InstitutionRef!", by, json!({ "v": { "id": "x", "slug": "penasco" } })),
        ("a field of oneOf and a null", "InstitutionRef!", by, json!({ "v": { "id": null, "slug": "penasco" } })),
        ("a null for oneOf", "InstitutionRef!", by, json!({ "v": { "slug": null } })),
        ("unknown field of oneOf", "InstitutionRef!", by, json!({ "v": { "name": "Colegio Peñasco" } })),
        (
            "required field of an inner input missing",
            "EntityRef!",
            entity,
            json!({ "v": { "externalKey": { "system": "banner", "value": "1" } } }),
        ),
        (
            "required field of an inner input null",
            "EntityRef!",
            entity,
            json!({ "v": { "externalKey": { "tenantId": "x", "system": null, "value": "1" } } }),
        ),
        (
            "date of another form",
            "DateRange",
            "courses(filter: { startsWithin: $v }) { totalCount }",
            json!({ "v": { "from": "15.1.2027" } }),
        ),
        (
            "date without zeros",
            "DateRange",
            "courses(filter: { startsWithin: $v }) { totalCount }",
            json!({ "v": { "from": "2027-1-15" } }),
        ),
        (
            "day that is not in the calendar",
            "DateRange",
            "courses(filter: { startsWithin: $v }) { totalCount }",
            json!({ "v": { "through": "2027-02-29" } }),
        ),
        ("number for Date", "DateRange", "courses(filter: { startsWithin: $v }) { totalCount }", json!({ "v": { "from": 20_270_115 } })),
        (
            "instant without an offset",
            "DateTime",
            "courses(filter: { updatedSince: $v }) { totalCount }",
            json!({ "v": "2027-01-15T12:00:00" }),
        ),
        ("date for DateTime", "DateTime", "courses(filter: { updatedSince: $v }) { totalCount }", json!({ "v": "2027-01-15" })),
        ("number for DateTime", "DateTime", "courses(filter: { updatedSince: $v }) { totalCount }", json!({ "v": 1_800_000_000 })),
        ("number for Money", "Money", "courses(filter: { priceAtMost: $v }) { totalCount }", json!({ "v": 95.0 })),
        ("money with a sign of currency", "Money", "courses(filter: { priceAtMost: $v }) { totalCount }", json!({ "v": "$95.00" })),
        ("money with three decimals", "Money", "courses(filter: { priceAtMost: $v }) { totalCount }", json!({ "v": "95.005" })),
        ("money with an exponent", "Money", "courses(filter: { priceAtMost: $v }) { totalCount }", json!({ "v": "1e2" })),
        ("money beyond all bounds", "Money", "courses(filter: { priceAtMost: $v }) { totalCount }", json!({ "v": "1000000000000000.00" })),
    ]
}

both! {
    /// A client sends variables that do not fit, one after the other.
    async fn refuses_variables(database) {
        let app = TestApp::twins(database).await;
        let mut messages = serde_json::Map::new();
        for (what, of, used, variables) in wrong() {
            let document = format!("query($v: {of}) {{ {used} }}");
            let (statements, answer) = app.statements(app.post(&json!({ "query": document, "variables": variables }))).await;
            assert_eq!((answer.status.as_u16(), answer.code(), statements), (400, "BAD_VARIABLES".to_owned(), 0), "{what}: {}", answer.text());
            assert!(messages.insert(what.to_owned(), answer.json()["errors"][0]["message"].clone()).is_none(), "{what} twice");
        }
        snapshot!("wrong_variables", messages);
    }

    /// A client writes the same wrong values into the document, which then does not fit the schema.
    async fn refuses_wrong_literals(database) {
        let app = TestApp::twins(database).await;
        let mut answers = serde_json::Map::new();
        for used in [
            "courses(first: \"7\") { totalCount }",
            "courses(first: 1.0) { totalCount }",
            "courses(first: 2147483648) { totalCount }",
            "courses(sort: CHEAPEST) { totalCount }",
            "courses(sort: \"TITLE\") { totalCount }",
            "courses(search: 7) { totalCount }",
            "courses(filter: { hasSeats: 1 }) { totalCount }",
            "courses(filter: { startsWithin: { from: \"2027-02-29\" } }) { totalCount }",
            "courses(filter: { updatedSince: \"yesterday\" }) { totalCount }",
            "courses(filter: { priceAtMost: 95.0 }) { totalCount }",
            "courses(filter: { priceAtMost: \"free\" }) { totalCount }",
            "institution(by: { id: \"x\", slug: \"penasco\" }) { id }",
            "institution(by: { slug: null }) { id }",
            "institution(by: {}) { id }",
            "institution { id }",
            "nodes(ids: [null]) { id }",
            "course(by: { externalKey: { system: \"banner\" } }) { id }",
        ] {
            let (statements, answer) = app.statements(app.post(&json!({ "query": format!("{{ {used} }}") }))).await;
            let error = &answer.json()["errors"][0];
            answers.insert(used.to_owned(), json!([answer.status.as_u16(), error, statements]));
        }
        snapshot!("wrong_literals", answers);
    }

    /// A client sends values that fit though they look odd: one value for a list, a number for an ID, a text of an enum.
    async fn takes_odd_values(database) {
        let app = TestApp::twins(database).await;
        for (of, used, value) in [
            ("[ID!]!", "nodes(ids: $v) { id }", json!("x")),
            ("ID!", "node(id: $v) { id }", json!(7)),
            ("CourseSort", "courses(sort: $v) { totalCount }", json!("TITLE")),
            ("CourseSort", "courses(sort: $v) { totalCount }", json!(null)),
            ("Money", "courses(filter: { priceAtMost: $v }) { totalCount }", json!("95")),
            ("DateTime", "courses(filter: { updatedSince: $v }) { totalCount }", json!("2026-01-15T12:00:00.5-06:00")),
            ("CourseFilter", "courses(filter: $v) { totalCount }", json!({ "modalities": "HYBRID", "hasSeats": null, "startsWithin": { "from": null } })),
        ] {
            let answer = app.ask(&format!("query($v: {of}) {{ {used} }}"), json!({ "v": value })).await;
            assert!(answer.get("errors").is_none(), "{value} for {of}: {answer}");
        }
    }

    /// A client gives a name twice in one object of the variables, written alike or with an escape: the request is refused before a statement is sent. The same name in two objects is none.
    async fn refuses_names_given_twice(database) {
        let app = TestApp::twins(database).await;
        let document = "query($v: CourseFilter, $w: Int) { courses(filter: $v, first: $w) { totalCount } }";
        let send = async |variables: &str| {
            let body = format!("{{\"query\":\"{document}\",\"variables\":{variables}}}");
            app.statements(app.send(axum::http::Method::POST, "/graphql", &[("content-type", "application/json"), ("accept", "application/graphql-response+json")], body)).await
        };
        for variables in [
            "{\"w\":1,\"w\":2}",
            "{\"w\":1,\"\\u0077\":1}",
            "{\"x\":{},\"x\":null}",
            "{\"v\":{\"hasSeats\":true,\"hasSeats\":true}}",
            "{\"v\":{\"startsWithin\":[{\"from\":null,\"from\":null}]}}",
        ] {
            let (statements, answer) = send(variables).await;
            assert_eq!((answer.status.as_u16(), answer.code(), statements), (400, "BAD_REQUEST".to_owned(), 0), "{variables}: {}", answer.text());
            let column = variables.trim_end_matches(['}', ']']).len() + 1;
            let message = format!("a name in `variables` is given twice (line 1, column {column})");
            assert_eq!(answer.json()["errors"], json!([{ "message": message, "extensions": { "code": "BAD_REQUEST" } }]), "{variables}");
        }
        let (_, answer) = send("{\"v\":{\"startsWithin\":{\"from\":null}},\"w\":1,\"from\":1,\"startsWithin\":[{\"from\":1},{\"from\":1}]}").await;
        assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
        let many: String = (0..4_000).fold(String::new(), |text, number| text + &format!("\"n{number}\":1,"));
        let (statements, answer) = send(&format!("{{{many}\"n0\":1}}")).await;
        assert_eq!((answer.status.as_u16(), answer.code(), statements), (400, "BAD_REQUEST".to_owned(), 0), "{}", answer.text());
    }
}
