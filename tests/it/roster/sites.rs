//! Where the people of a business work, and who advises it, as `businessUpdate` writes both.

use concord::domain::id::Kind;
use concord::domain::role::Role;
use serde_json::{Value, json};

use super::peopled;
use crate::support::people::person;
use crate::support::{TestApp, both};
use crate::tenant::{business, consortium};
use crate::walk::id;

const UPDATE: &str = "mutation($id: ID!, $fields: BusinessFields!) { businessUpdate(input: { id: $id, fields: $fields }) { business { updatedAt sites { id name address { line1 line2 city state postalCode } } } userErrors { code path } } }";

/// Changes `acme`; the payload.
async fn update(app: &TestApp, token: &str, fields: Value) -> Value {
    let answer = app.ask_as(token, UPDATE, json!({ "id": id(app, Kind::Business, "acme").await, "fields": fields })).await;
    assert!(answer.get("errors").is_none(), "{answer:#}");
    answer["data"]["businessUpdate"].clone()
}

fn site(id: &Value, name: &str, postal_code: &str) -> Value {
    json!({ "id": id, "name": name, "address": { "line1": "2 Kiln Road", "line2": null, "city": "Alder", "state": "VR", "postalCode": postal_code } })
}

both! {
    /// A business changes one site, adds another, sends both again, and takes the new one away; it cannot take away one at which somebody works, name one of another, or write what is no address.
    async fn are_replaced_as_a_whole(database) {
        let app = peopled(database).await;
        let acme = business(&app, "acme").await;
        let main = json!(person(Kind::BusinessSite, 1));
        let done = update(&app, &acme, json!({ "sites": [site(&main, "Main works", "00002"), site(&Value::Null, "Annex", "00002-1234")] })).await;
        let sites = done["business"]["sites"].as_array().expect("a list").clone();
        assert_eq!(sites.iter().map(|site| &site["name"]).collect::<Vec<_>>(), ["Annex", "Main works"], "{done:#}");
        assert_eq!((&sites[1]["id"], &sites[1]["address"]["postalCode"]), (&main, &json!("00002")));
        let lines = "SELECT changed_fields FROM audit_event ORDER BY number";
        assert_eq!(app.rows(lines).await, ["sites"]);
        let again = update(&app, &acme, json!({ "sites": sites })).await;
        assert_eq!((&again["business"], app.rows(lines).await.len()), (&done["business"], 1), "it is so already");
        let wrong = |code: &str, path: &[&str]| {
            let path = [&["input", "fields", "sites"][..], path].concat();
            json!([{ "code": code, "path": path }])
        };
        assert_eq!(update(&app, &acme, json!({ "sites": [] })).await["userErrors"], wrong("INVALID", &[]), "somebody works there");
        let foreign = json!(person(Kind::BusinessSite, 9));
        assert_eq!(update(&app, &acme, json!({ "sites": [site(&main, "A", "00002"), site(&foreign, "B", "00002")] })).await["userErrors"], wrong("NOT_FOUND", &["1", "id"]));
        assert_eq!(update(&app, &acme, json!({ "sites": [site(&main, "A", "0002")] })).await["userErrors"], wrong("INVALID", &["0", "address", "postalCode"]));
        assert_eq!(update(&app, &acme, json!({ "sites": [site(&main, " ", "00002")] })).await["userErrors"], wrong("INVALID", &["0", "name"]));
        let less = update(&app, &acme, json!({ "sites": [site(&main, "Main works", "00002")] })).await;
        assert_eq!(less["business"]["sites"].as_array().map(Vec::len), Some(1), "{less:#}");
    }

    /// A business takes away a site at which only somebody is listed who has left: it goes, and the entry stays without it.
    async fn go_with_those_who_left(database) {
        let app = peopled(database).await;
        let acme = business(&app, "acme").await;
        app.execute("UPDATE employee SET status = 'SEPARATED', learner_id = NULL, separated_at = updated_at WHERE site_id IS NOT NULL").await;
        let before = app.rows("SELECT count(*) FROM employee").await;
        let done = update(&app, &acme, json!({ "sites": [] })).await;
        assert_eq!((&done["userErrors"], &done["business"]["sites"]), (&json!([]), &json!([])), "{done:#}");
        assert_eq!(app.rows("SELECT (SELECT count(*) FROM business_site WHERE id IN (SELECT site_id FROM employee)) + (SELECT count(*) FROM employee WHERE site_id IS NOT NULL)").await, ["0"]);
        assert_eq!(app.rows("SELECT count(*) FROM employee").await, before);
        assert_eq!(app.store.breaches(), 0);
    }

    /// The consortium's navigators say who advises a business, which the business itself cannot.
    async fn navigators_are_assigned_by_the_consortium(database) {
        let app = peopled(database).await;
        let (acme, navigator) = (business(&app, "acme").await, consortium(&app, Role::CorporateNavigator).await);
        let noor = person(Kind::StaffMember, 1);
        let wrong = |code: &str| json!([{ "code": code, "path": ["input", "fields", "corporateNavigatorId"] }]);
        let known = "SELECT count(*) FROM business WHERE navigator_id IS NOT NULL";
        assert_eq!(update(&app, &acme, json!({ "corporateNavigatorId": null })).await["userErrors"], wrong("INVALID"));
        assert_eq!(update(&app, &acme, json!({ "corporateNavigatorId": noor })).await["userErrors"], json!([]), "it is so already");
        assert_eq!(update(&app, &navigator, json!({ "corporateNavigatorId": person(Kind::StaffMember, 9) })).await["userErrors"], wrong("NOT_FOUND"));
        let teacher = id(&app, Kind::StaffMember, "north-ana").await;
        assert_eq!(update(&app, &navigator, json!({ "corporateNavigatorId": teacher })).await["userErrors"], wrong("NOT_FOUND"), "she teaches at a college");
        assert_eq!(app.rows(known).await, ["1"]);
        assert_eq!(update(&app, &navigator, json!({ "corporateNavigatorId": null })).await["userErrors"], json!([]));
        assert_eq!(app.rows(known).await, ["0"]);
        assert_eq!(update(&app, &navigator, json!({ "corporateNavigatorId": noor })).await["userErrors"], json!([]));
        assert_eq!(app.rows(known).await, ["1"]);
    }
}
