//! Objects by their identifiers, whatever their type.

use concord::domain::id::Kind;
use serde_json::json;

use crate::support::{TestApp, both, snapshot};
use crate::walk::{id, named};

/// One public object of each kind, in an order that mixes the two colleges.
async fn one_of_each(app: &TestApp) -> Vec<String> {
    let keys = [
        (Kind::Assessment, "north-final"),
        (Kind::Institution, "south"),
        (Kind::Campus, "north-far"),
        (Kind::Term, "south-27sp"),
        (Kind::StaffMember, "north-wang"),
        (Kind::Program, "south-degree"),
        (Kind::Course, "north-101"),
        (Kind::Offering, "s1"),
        (Kind::Competency, "teamwork"),
        (Kind::Credential, "north-badge"),
    ];
    let mut ids = Vec::new();
    for (kind, key) in keys {
        ids.push(id(app, kind, key).await);
    }
    ids
}

both! {
    /// A visitor asks for one object of each kind at once.
    async fn finds_objects_of_all_kinds(database) {
        let app = TestApp::twins(database).await;
        let ids = one_of_each(&app).await;
        let answer = app.ask(include_str!("operations/nodes.graphql"), json!({ "ids": ids })).await;
        snapshot!("nodes", answer);
    }

    /// A visitor asks for what is missing, hidden, damaged and named twice among what is there: each answer stands in the place of its question.
    async fn keeps_the_order_of_the_question(database) {
        let app = TestApp::twins(database).await;
        let course = id(&app, Kind::Course, "north-112").await;
        let ids = [
            id(&app, Kind::Course, "north-200").await,
            course.clone(),
            "crs_7zzzzzzzzzzzzzzzzzzzzzzzzz".to_owned(),
            id(&app, Kind::Institution, "north").await,
            course.clone(),
            course.replace("crs_", "prg_"),
            "nonsense".to_owned(),
            String::new(),
            id(&app, Kind::Offering, "n5").await,
            id(&app, Kind::Business, "acme").await,
            id(&app, Kind::Course, "south-101").await,
            id(&app, Kind::Assessment, "north-200-check").await,
            id(&app, Kind::Course, "north-099").await,
        ];
        let answer = app.ask(include_str!("operations/nodes.graphql"), json!({ "ids": ids })).await;
        snapshot!("nodes_in_order", answer);
    }

    /// A visitor asks for no object at all.
    async fn takes_an_empty_list(database) {
        let app = TestApp::twins(database).await;
        let answer = app.query("{ nodes(ids: []) { id } }").await;
        snapshot!("nodes_none", answer);
    }

    /// A visitor asks for each row of the fixture by its identifier, one by one and all at once: both ways answer the same.
    async fn answers_node_as_nodes(database) {
        let app = TestApp::twins(database).await;
        let mut ids = Vec::new();
        for kind in Kind::ALL {
            ids.extend(named(&app, kind).await.into_iter().map(|(_, id)| id));
        }
        assert!(ids.len() > 40, "{ids:?}");
        let all = app.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", json!({ "ids": ids })).await;
        for (place, id) in ids.iter().enumerate() {
            let one = app.ask("query ($id: ID!) { node(id: $id) { __typename id } }", json!({ "id": id })).await;
            assert_eq!(one["data"]["node"], all["data"]["nodes"][place], "{id}");
            assert!(one.get("errors").is_none(), "{one:#}");
        }
        let seen = all["data"]["nodes"].as_array().expect("a list").iter().filter(|node| !node.is_null()).count();
        // The draft course with its assessment and offering, the draft program and credential, the reserved offering, and two businesses are not seen.
        assert_eq!(ids.len() - seen, 8, "{all:#}");
    }

    /// A visitor names one object of each noun in one question, by identifier, slug and external key.
    async fn finds_objects_by_all_names(database) {
        let app = TestApp::twins(database).await;
        let (north, south) = (id(&app, Kind::Institution, "north").await, id(&app, Kind::Institution, "south").await);
        let key = |tenant: &str, value: &str| json!({ "externalKey": { "tenantId": tenant, "system": "banner", "value": value } });
        let variables = json!({
            "node": id(&app, Kind::Term, "north-27fa").await,
            "institution": { "slug": "south-twin-university" },
            "course": key(&south, "south-102"),
            "program": key(&north, "north-path"),
            "offering": { "id": id(&app, Kind::Offering, "s2").await },
            "credential": key(&south, "south-certificate"),
        });
        let answer = app.ask(include_str!("operations/lookups.graphql"), variables).await;
        snapshot!("lookups", answer);
    }

    /// A visitor asks for more objects than one operation may name.
    async fn refuses_more_than_a_hundred(database) {
        let app = TestApp::twins(database).await;
        let ids = vec!["crs_7zzzzzzzzzzzzzzzzzzzzzzzzz"; 101];
        let answer = app.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": ids })).await;
        snapshot!("nodes_too_many", answer);
    }
}
