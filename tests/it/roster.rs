//! Rosters of businesses, the people on them, and what these let their employers see.

mod codes;
mod consent;
mod disclosure;
mod sites;
mod texts;

use concord::domain::id::Kind;
use concord::domain::role::Role;
use concord::service::audit::verify;
use serde_json::{Value, json};

use crate::support::people::{INVITATION, people, person};
use crate::support::{Template, TestApp, both, snapshot};
use crate::tenant::{business, college};
use crate::walk::id;

const UPSERT: &str = "mutation($input: EmployeesUpsertInput!) { employeesUpsert(input: $input) { employees { id number name email status learner { id } } invitationCodes userErrors { code path } } }";
const SEPARATE: &str = "mutation($ids: [ID!]!, $sure: Boolean! = false) { employeesSeparate(input: { ids: $ids, isConfirmed: $sure }) { employees { id status } userErrors { code path } } }";
const CONFIRM: &str = "mutation($code: String!, $scopes: [ConsentScope!]!) { employmentConfirm(input: { invitationCode: $code, scopes: $scopes }) { employee { id status business { name } consent { scopes } } userErrors { code path } } }";

/// The twins with their people.
pub(crate) async fn peopled(database: crate::support::Database) -> TestApp {
    let app = TestApp::start(database, Template::Twins, |_| {}).await;
    people(&app).await;
    app
}

/// Adds or changes entries; the payload.
async fn upsert(app: &TestApp, token: &str, items: Value) -> Value {
    let business = id(app, Kind::Business, "acme").await;
    let answer = app.ask_as(token, UPSERT, json!({ "input": { "businessId": business, "items": items } })).await;
    assert!(answer.get("errors").is_none(), "{answer:#}");
    answer["data"]["employeesUpsert"].clone()
}

/// Everyone on the roster of `acme`: number, name, address, state.
async fn roster(app: &TestApp) -> Vec<String> {
    app.rows("SELECT coalesce(number, '-') || ' ' || name || ' ' || email || ' ' || status FROM employee WHERE email LIKE '%larkspur%' OR email LIKE '%new.example' ORDER BY name_key, id").await
}

both! {
    /// A business reads its roster with sites, consent and learner, finds people by words, states, sites and consent, and its contact.
    async fn is_read_by_its_business(database) {
        let app = peopled(database).await;
        let token = business(&app, "acme").await;
        let variables = json!({ "id": id(&app, Kind::Business, "acme").await, "site": person(Kind::BusinessSite, 1) });
        let question = "query($id: ID!, $site: ID!) { business(by: { id: $id }) {
            sites { name address { city } } corporateNavigator { name title email teaching { totalCount } }
            employees { totalCount nodes { id number name email jobTitle occupation { framework code name url } site { name } status business { name }
              consent { scopes purpose textVersion grantedAt expiresAt revokedAt isActive grantee { ... on Business { name } } }
              learner { id displayName email } } }
            named: employees(search: \"ORTIZ 10043\") { nodes { name } } percent: employees(search: \"%\") { totalCount }
            linked: employees(filter: { statuses: [LINKED] }, first: 1) { totalCount } here: employees(filter: { siteIds: [$site] }) { nodes { name } }
            open: employees(filter: { hasConsent: true }) { nodes { name } } closed: employees(filter: { hasConsent: false }) { totalCount } } }";
        let answer = app.ask_as(&token, question, variables).await;
        snapshot!("roster", answer);
        assert_eq!(app.store.breaches(), 0);
    }

    /// A business sends its roster twice: new people are invited once, changes are kept, the second time nothing is written, and one line is left each time.
    async fn is_sent_again_and_again(database) {
        let app = peopled(database).await;
        let token = business(&app, "acme").await;
        let items = json!([
            { "number": "10042", "name": "Pat Lane", "email": "Pat@Larkspur.example", "jobTitle": "Lead technician", "onetCode": "17-3024.00", "siteId": person(Kind::BusinessSite, 1) },
            { "name": "Ben Ortiz", "email": "BEN@larkspur.example" },
            { "number": " 7 ", "name": " Ana Ruiz ", "email": "ana@new.example" },
        ]);
        let first = upsert(&app, &token, items.clone()).await;
        assert_eq!(first["userErrors"], json!([]));
        assert!(first["invitationCodes"][2].is_string() && first["invitationCodes"][0].is_null() && first["invitationCodes"][1].is_null(), "{first:#}");
        let seen: Vec<_> = first["employees"].as_array().expect("a list").iter().map(|entry| (entry["number"].clone(), entry["status"].clone())).collect();
        assert_eq!(seen, [(json!("10042"), json!("LINKED")), (json!("10043"), json!("INVITED")), (json!("7"), json!("INVITED"))]);
        let before = app.rows("SELECT name, updated_at FROM employee ORDER BY id").await;
        let again = upsert(&app, &token, items).await;
        assert_eq!((&again["employees"], &again["invitationCodes"]), (&first["employees"], &json!([null, null, null])));
        assert_eq!(app.rows("SELECT name, updated_at FROM employee ORDER BY id").await, before);
        let verdict = verify(&app.operator().await).await.expect("a verdict");
        assert_eq!((verdict.lines, verdict.breaks.len()), (2, 0), "{verdict:?}");
    }

    /// A business sends what cannot be: all of it is told at once, and nothing is written.
    async fn refuses_what_cannot_be(database) {
        let app = peopled(database).await;
        let token = business(&app, "acme").await;
        let before = roster(&app).await;
        let items = json!([
            { "number": "1", "name": "", "email": "no address" },
            { "number": "1", "name": "A\nB", "email": "a@new.example", "onetCode": "17" },
            { "name": "C", "email": "A@new.example", "jobTitle": " ", "siteId": person(Kind::BusinessSite, 9) },
            { "number": "10042", "name": "D", "email": "ben@larkspur.example" },
            { "number": "5", "name": "E", "email": "pat@larkspur.example" },
        ]);
        let payload = upsert(&app, &token, items).await;
        assert_eq!(payload["employees"], Value::Null);
        snapshot!("roster_refused", payload["userErrors"]);
        assert_eq!(roster(&app).await, before);
        let (other, learner) = (business(&app, "zeta").await, college(&app, "north", Role::Learner).await);
        let input = json!({ "input": { "businessId": id(&app, Kind::Business, "acme").await, "items": [] } });
        let answer = app.ask_as(&other, UPSERT, input.clone()).await;
        assert_eq!(answer["data"]["employeesUpsert"]["userErrors"], json!([{ "code": "NOT_FOUND", "path": ["input", "businessId"] }]));
        assert_eq!(app.ask_as(&learner, UPSERT, input).await["errors"][0]["extensions"]["code"], "FORBIDDEN");
    }

    /// A business separates people: their consents end with it and their record stays; whoever comes back is invited anew under the same entry; others' entries are not there.
    async fn lets_people_go(database) {
        let app = peopled(database).await;
        let token = business(&app, "acme").await;
        let (pat, foreign) = (person(Kind::Employee, 1), person(Kind::Employee, 4));
        let answer = app.ask_as(&token, SEPARATE, json!({ "ids": [pat, foreign, "x"] })).await;
        let missing = |place: &str| json!({ "code": "NOT_FOUND", "path": ["input", "ids", place] });
        assert_eq!(answer["data"]["employeesSeparate"]["userErrors"], json!([missing("1"), missing("2")]));
        for _ in 0..2 {
            let answer = app.ask_as(&token, SEPARATE, json!({ "ids": [pat, pat] })).await;
            let gone = json!({ "id": pat, "status": "SEPARATED" });
            assert_eq!(answer["data"]["employeesSeparate"], json!({ "employees": [gone, gone], "userErrors": [] }), "{answer:#}");
        }
        let question = format!("{{ node(id: \"{pat}\") {{ ... on Employee {{ consent {{ id }} learner {{ email }} }} }} learner: node(id: \"{}\") {{ id }} }}", person(Kind::Learner, 1));
        let answer = app.ask_as(&token, &question, json!({})).await;
        assert_eq!(answer["data"], json!({ "node": { "consent": null, "learner": null }, "learner": null }));
        assert_eq!(answer["errors"][0]["extensions"]["code"], "CONSENT_REQUIRED");
        let own = app.ask_as(&college(&app, "north", Role::Learner).await, "{ viewer { learner { displayName employments { id } consents { isActive grantee { __typename } } } } }", json!({})).await;
        assert_eq!(own["data"]["viewer"]["learner"]["displayName"], "Pat Lane", "{own:#}");
        assert_eq!(own["data"]["viewer"]["learner"]["employments"], json!([]));
        let back = upsert(&app, &token, json!([{ "number": "10042", "name": "Pat Lane", "email": "pat@larkspur.example" }])).await;
        assert_eq!((&back["employees"][0]["id"], &back["employees"][0]["status"]), (&json!(pat), &json!("INVITED")));
        assert!(back["invitationCodes"][0].is_string());
    }

    /// A business separates nearly everybody: that has to be confirmed.
    async fn asks_before_everybody_goes(database) {
        let app = peopled(database).await;
        let token = business(&app, "acme").await;
        let items: Vec<Value> = (0..20).map(|number| json!({ "number": format!("n{number}"), "name": "N", "email": format!("n{number}@new.example") })).collect();
        let payload = upsert(&app, &token, json!(items)).await;
        let ids: Vec<Value> = payload["employees"].as_array().expect("a list").iter().map(|entry| entry["id"].clone()).collect();
        let separate = async |ids: &[Value], sure: bool| app.ask_as(&token, SEPARATE, json!({ "ids": ids, "sure": sure })).await["data"]["employeesSeparate"]["userErrors"].take();
        assert_eq!(separate(&ids[..5], false).await, json!([]));
        assert_eq!(separate(&ids[5..11], false).await, json!([{ "code": "REQUIRED", "path": ["input", "isConfirmed"] }]));
        assert_eq!(app.rows("SELECT count(*) FROM employee WHERE status = 'SEPARATED'").await, ["6"]);
        assert_eq!(separate(&ids[5..11], true).await, json!([]));
        assert_eq!(app.rows("SELECT count(*) FROM employee WHERE status = 'SEPARATED'").await, ["12"]);
    }

    /// A person confirms an invitation, a learner or somebody who becomes one by it; it is good once, only with the code, and links one entry of each employer.
    async fn is_confirmed_by_the_person(database) {
        let app = peopled(database).await;
        let pat = college(&app, "north", Role::Learner).await;
        let confirm = async |token: &str, code: &str| app.ask_as(token, CONFIRM, json!({ "code": code, "scopes": ["PROGRESS", "ENROLLMENT"] })).await["data"]["employmentConfirm"].take();
        let refused = |code: &str| json!({ "employee": null, "userErrors": [{ "code": code, "path": ["input", "invitationCode"] }] });
        assert_eq!(confirm(&pat, "AAAA-BBBB-CCCC-DDDE").await, refused("NOT_FOUND"));
        let linked = json!({ "id": person(Kind::Employee, 4), "status": "LINKED", "business": { "name": "Núñez & Daughters" }, "consent": { "scopes": ["ENROLLMENT", "PROGRESS"] } });
        assert_eq!(confirm(&pat, &INVITATION.to_lowercase()).await, json!({ "employee": linked, "userErrors": [] }));
        assert_eq!(confirm(&pat, INVITATION).await, refused("NOT_FOUND"));
        let token = business(&app, "acme").await;
        let payload = upsert(&app, &token, json!([{ "name": "New One", "email": "one@new.example" }, { "name": "New Two", "email": "two@new.example" }])).await;
        let codes = [0, 1].map(|place| payload["invitationCodes"][place].as_str().expect("a code").to_owned());
        assert_eq!(confirm(&pat, &codes[0]).await, refused("TAKEN"));
        let tenant = crate::tenant::tenant(&app, Kind::Institution, "south").await;
        let sam = app.token_with(&[Role::Learner], tenant, |claims| { claims["sub"] = "sam".into(); claims["name"] = "Sam Poe".into(); }).await;
        assert_eq!(app.ask_as(&sam, "{ viewer { learner { id } } }", json!({})).await["data"]["viewer"]["learner"], Value::Null);
        let done = confirm(&sam, &codes[0]).await;
        assert_eq!((&done["employee"]["status"], &done["employee"]["business"]["name"]), (&json!("LINKED"), &json!("Larkspur Heating LLC")), "{done:#}");
        let own = app.ask_as(&sam, "{ viewer { learner { displayName employments { name } } } }", json!({})).await;
        assert_eq!(own["data"]["viewer"]["learner"], json!({ "displayName": "Sam Poe", "employments": [{ "name": "New One" }] }));
        assert_eq!(app.rows("SELECT count(*) FROM learner").await, ["3"]);
        let answer = app.ask_as(&token, CONFIRM, json!({ "code": codes[1], "scopes": [] })).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");
    }

    /// Somebody new confirms two invitations of two employers at once, ten times over: one learner, and both entries are linked.
    async fn becomes_one_learner(database) {
        let app = peopled(database).await;
        let token = business(&app, "acme").await;
        let tenant = crate::tenant::tenant(&app, Kind::Institution, "south").await;
        for number in 0..5 {
            let subject = format!("new-{number}");
            let sam = app.token_with(&[Role::Learner], tenant, |claims| claims["sub"] = subject.as_str().into()).await;
            let payload = upsert(&app, &token, json!([{ "name": "N", "email": format!("{subject}@new.example") }])).await;
            let code = payload["invitationCodes"][0].as_str().expect("a code");
            let grant = "mutation($id: ID!) { consentGrant(input: { granteeId: $id, scopes: [CONTACT] }) { consent { id } userErrors { code path message } } }";
            let zeta = id(&app, Kind::Business, "zeta").await;
            let (one, two) = tokio::join!(app.ask_as(&sam, CONFIRM, json!({ "code": code, "scopes": [] })), app.ask_as(&sam, grant, json!({ "id": zeta })));
            assert_eq!(one["data"]["employmentConfirm"]["userErrors"], json!([]), "{one:#}");
            assert_eq!(two["data"]["consentGrant"]["userErrors"], json!([]), "{two:#}");
        }
        assert_eq!(app.rows("SELECT count(*) FROM learner_identity WHERE subject LIKE 'new-%'").await, ["5"]);
        assert_eq!(app.rows("SELECT count(*) FROM learner").await, ["7"], "two of the people, and five");
    }
}
