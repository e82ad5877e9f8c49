//! Selections of every form: what is loaded ahead is what is answered, whatever the aliases, fragments and conditions.

use serde_json::{Value, json};

use crate::support::{TestApp, both, snapshot};

both! {
    /// A visitor asks for one list under several names with different arguments, for one edge twice with different selections, and for items by both ways.
    async fn keeps_aliases_apart(database) {
        let app = TestApp::twins(database).await;
        let answer = app
            .query(
                r"{ course: courses(first: 1, filter: { isForCredit: false }, sort: PRICE) {
                    a: nodes { code first: offerings(first: 1) { nodes { code } } offerings(first: 2, sort: STARTS_LATEST) { nodes { code } totalCount } }
                    b: nodes { title offerings(first: 1, filter: { statuses: [SCHEDULED] }) { edges { node { code } } } institution { slug } institution { region { code } } }
                    edges { node { offerings(first: 3) { nodes { startsOn } } all: offerings { totalCount } } }
                    nodes { institution { name } school: institution { slug } competencies { name } competencies { kind alignments { code } } }
                } }",
            )
            .await;
        snapshot!("lookahead_aliases", answer);
    }

    /// A visitor writes the same selection plainly and in fragments, named, inline and inside each other, on types, interfaces and unions.
    async fn reads_through_fragments(database) {
        let app = TestApp::twins(database).await;
        let answer = app
            .query(
                r#"query { institution(by: { slug: "penasco" }) { ...Named offerings(first: 2, filter: { statuses: [OPEN] }) { ...Page } } }
                fragment Named on Node { __typename id ... on Institution { slug region { code } } ... on Course { code } ...Again }
                fragment Again on Institution { name region { name } }
                fragment Page on OfferingConnection { edges { ...Edge } nodes { ...Named } }
                fragment Edge on OfferingEdge { node { code ... { modality } ... on Node { id } ... on Offering { subject { ...Subject } } } }
                fragment Subject on Offerable { __typename ... on Node { id } ... on Course { ...OfCourse } ... on Program { title institution { slug } } }
                fragment OfCourse on Course { code institution { name } ... on Node { ... on Course { title } } }"#,
            )
            .await;
        snapshot!("lookahead_fragments", answer);
    }

    /// A visitor asks for objects of several types, with edges for each type and for all.
    async fn plans_each_type_of_a_node(database) {
        let app = TestApp::twins(database).await;
        let ids: Vec<Value> = app
            .data("{ courses(first: 1) { nodes { id } } credentials(first: 1) { nodes { id } } offerings(first: 1) { nodes { id } } }")
            .await
            .as_object()
            .expect("lists")
            .values()
            .map(|list| list["nodes"][0]["id"].clone())
            .collect();
        let answer = app
            .ask(
                "query ($ids: [ID!]!, $id: ID!) { nodes(ids: $ids) { __typename ... on Course { institution { slug } competencies { name } } \
                ... on Credential { issuer { slug } competencies { name } stacksInto { name } } ... on Offering { institution { slug } subject { ... on Course { code } } } } \
                node(id: $id) { ... on Course { institution { slug } } ... on Credential { issuer { slug } } ... on Node { id } } }",
                json!({ "ids": ids, "id": ids[0] }),
            )
            .await;
        snapshot!("lookahead_nodes", answer);
    }

    /// A visitor leaves fields and fragments out by literals, by variables and by their defaults: what is left out is neither answered nor loaded.
    async fn leaves_out_what_is_skipped(database) {
        let app = TestApp::twins(database).await;
        let question = r"query ($yes: Boolean!, $no: Boolean!, $default: Boolean! = true, $off: Boolean = false) { courses(first: 1) {
                totalCount @skip(if: true)
                nodes @include(if: true) {
                    code
                    institution @include(if: $yes) { slug region @skip(if: $yes) { code } }
                    competencies @include(if: $no) { name }
                    offerings(first: 1) @skip(if: $default) { totalCount }
                    programs @include(if: $default) { title }
                    ... @skip(if: $yes) { title }
                    ... on Course @include(if: $default) @skip(if: $no) { price }
                    ...More @include(if: $off)
                    ...More @skip(if: $default)
                }
                nodes @skip(if: $yes) { summary }
            } programs @include(if: $no) { totalCount } }
            fragment More on Course { description prerequisites { code } }";
        let _warm = app.query("{ courses { nodes { id } } }").await;
        let (statements, answer) = app.statements(app.ask(question, json!({ "yes": true, "no": false }))).await;
        assert_eq!(statements, 3, "{answer:#}");
        snapshot!("lookahead_skipped", answer);
    }

    /// A visitor takes the defaults of variables, gives null, and leaves variables out: arguments are what the schema and the document say.
    async fn fills_arguments_in(database) {
        let app = TestApp::twins(database).await;
        let question = "query ($first: Int = 2, $sort: OfferingSort = STARTS_LATEST, $filter: OfferingFilter = { statuses: [OPEN, SCHEDULED] }, $after: String, $past: Boolean! = true) { \
            offerings(first: $first, sort: $sort, filter: $filter, after: $after) { nodes { code } } institution(by: { slug: \"penasco\" }) { terms(includePast: $past) { code } } }";
        let defaults = app.ask(question, json!({})).await;
        let given = app.ask(question, json!({ "first": 1, "sort": "STARTS_SOONEST", "filter": null, "past": false })).await;
        let nulls = app.ask(question, json!({ "first": null, "sort": null, "filter": { "statuses": null, "modalities": "HYBRID" }, "after": null })).await;
        snapshot!("lookahead_arguments", json!([defaults["data"], given["data"], nulls["data"]]));
    }

    /// A visitor writes one root field twice, and one page under two names with the same and with other arguments.
    async fn merges_root_fields(database) {
        let app = TestApp::twins(database).await;
        let answer = app
            .query(
                "{ courses(first: 2) { nodes { code institution { slug } } } courses(first: 2) { totalCount nodes { title institution { region { code } } } } \
                other: courses(first: 1, sort: PRICE) { nodes { code } } same: courses(first: 2) { nodes { code } } }",
            )
            .await;
        snapshot!("lookahead_roots", answer);
    }

    /// A visitor asks for nothing but the names of types.
    async fn names_types(database) {
        let app = TestApp::twins(database).await;
        let answer = app
            .query("{ __typename courses(first: 1) { __typename edges { __typename node { __typename institution { __typename } offerings(first: 1) { __typename pageInfo { __typename } nodes { subject { __typename } seats { __typename } } } } } } viewer { __typename } }")
            .await;
        snapshot!("lookahead_type_names", answer);
    }
}
