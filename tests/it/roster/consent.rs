//! Consent: what an employer sees before, during and after, and what everybody else never sees.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use concord::domain::clock::Clock;
use concord::domain::id::Kind;
use concord::domain::role::Role;
use serde_json::{Value, json};

use super::peopled;
use crate::support::people::{INVITATION, people, person};
use crate::support::{Template, TestApp, both, now, snapshot};
use crate::tenant::{business, college, consortium};
use crate::walk::id;

const GRANT: &str = "mutation($input: ConsentGrantInput!) { consentGrant(input: $input) { consent { id scopes purpose textVersion isActive } userErrors { code path } } }";
const REVOKE: &str = "mutation($id: ID!) { consentRevoke(input: { id: $id }) { consent { isActive revokedAt } userErrors { code path } } }";
const LEARNER: &str = "query($id: ID!, $key: ExternalKeyInput!) { node(id: $id) { ... on Learner { displayName legalName email region { code } externalKeys { system value } employments { name } consents { purpose } } }
    learner(by: { id: $id }) { displayName } keyed: learner(by: { externalKey: $key }) { displayName } }";

/// What an employer sees of a person: the learner's name and address, or the codes of what is missing.
async fn seen(app: &TestApp, token: &str) -> (Value, Vec<String>) {
    let question = format!("{{ node(id: \"{}\") {{ ... on Employee {{ learner {{ displayName email }} }} }} }}", person(Kind::Employee, 1));
    let answer = app.ask_as(token, &question, json!({})).await;
    let codes = answer["errors"]
        .as_array()
        .map_or(&[][..], Vec::as_slice)
        .iter()
        .map(|error| error["extensions"]["code"].as_str().unwrap_or_default().to_owned());
    (answer["data"]["node"]["learner"].clone(), codes.collect())
}

both! {
    /// A learner gives, narrows and takes back a consent: what the employer sees follows with the next request.
    async fn is_followed_at_once(database) {
        let app = peopled(database).await;
        let (pat, acme) = (college(&app, "north", Role::Learner).await, business(&app, "acme").await);
        let business = id(&app, Kind::Business, "acme").await;
        let name = "Pat Lane";
        assert_eq!(seen(&app, &acme).await, (json!({ "displayName": name, "email": "pat.lane@mail.example" }), vec![]));
        let answer = app.ask_as(&pat, GRANT, json!({ "input": { "granteeId": business, "scopes": ["PROGRESS", "PROGRESS"], "purpose": "To see how far I am.", "textVersion": "2" } })).await;
        let consent = &answer["data"]["consentGrant"]["consent"];
        assert_eq!((&consent["scopes"], &consent["purpose"], &consent["isActive"]), (&json!(["PROGRESS"]), &json!("To see how far I am."), &json!(true)), "{answer:#}");
        let required = "CONSENT_REQUIRED".to_owned();
        assert_eq!(seen(&app, &acme).await, (json!({ "displayName": name, "email": null }), vec![required.clone()]));
        for _ in 0..2 {
            let answer = app.ask_as(&pat, REVOKE, json!({ "id": consent["id"] })).await;
            assert_eq!(answer["data"]["consentRevoke"]["consent"]["isActive"], false, "{answer:#}");
            assert_eq!(seen(&app, &acme).await, (Value::Null, vec![required.clone()]));
        }
        assert_eq!(app.rows("SELECT count(*) FROM consent_grant WHERE revoked_at IS NULL").await, ["1"], "that to the college stands");
        let own = app.ask_as(&pat, "{ viewer { learner { consents { isActive grantee { __typename } } } } }", json!({})).await;
        let active: Vec<_> = own["data"]["viewer"]["learner"]["consents"].as_array().expect("a list").iter().map(|consent| consent["isActive"].clone()).collect();
        assert_eq!(active, [true, false, false]);
        assert_eq!(app.store.breaches(), 0);
    }

    /// A consent ends by itself: the next request sees nothing, without anybody's doing anything.
    async fn ends_by_itself(database) {
        let moved = Arc::new(AtomicI64::new(now().timestamp_micros()));
        let app = TestApp::at(database, Template::Twins, Clock::Moved(Arc::clone(&moved)), |_| {}).await;
        people(&app).await;
        app.execute("UPDATE consent_grant SET expires_at = '2027-01-15T12:05:00+00:00'").await;
        let acme = business(&app, "acme").await;
        assert!(seen(&app, &acme).await.1.is_empty());
        moved.store(now().timestamp_micros() + 5 * 60 * 1_000_000, Ordering::Relaxed);
        app.identity().refresh().await.expect("what is new");
        assert_eq!(seen(&app, &acme).await, (Value::Null, vec!["CONSENT_REQUIRED".to_owned()]));
        let question = format!("query($id: ID!) {{ node(id: \"{}\") {{ id }} business(by: {{ id: $id }}) {{ employees(filter: {{ hasConsent: true }}) {{ totalCount }} }} }}", person(Kind::Learner, 1));
        let answer = app.ask_as(&acme, &question, json!({ "id": id(&app, Kind::Business, "acme").await })).await;
        assert_eq!(answer["data"], json!({ "node": null, "business": { "employees": { "totalCount": 0 } } }));
    }

    /// Everybody asks for one learner, by identifier and by student number: each reads what the role, the tenant and the consent allow.
    async fn answers_each_by_what_was_allowed(database) {
        let app = peopled(database).await;
        let variables = json!({ "id": person(Kind::Learner, 1), "key": { "tenantId": id(&app, Kind::Institution, "north").await, "system": "sis", "value": "S-100" } });
        let mut answers = serde_json::Map::new();
        answers.insert("anonymous".to_owned(), app.ask(LEARNER, variables.clone()).await);
        for (name, token) in [
            ("the learner", college(&app, "north", Role::Learner).await),
            ("another learner", college(&app, "south", Role::Learner).await),
            ("north admin", college(&app, "north", Role::InstitutionAdmin).await),
            ("south admin", college(&app, "south", Role::InstitutionAdmin).await),
            ("north instructor", college(&app, "north", Role::Instructor).await),
            ("north navigator", college(&app, "north", Role::CareerNavigator).await),
            ("acme", business(&app, "acme").await),
            ("zeta", business(&app, "zeta").await),
            ("analyst", consortium(&app, Role::Analyst).await),
            ("consortium admin", consortium(&app, Role::ConsortiumAdmin).await),
        ] {
            answers.insert(name.to_owned(), app.ask_as(&token, LEARNER, variables.clone()).await);
        }
        snapshot!("learner_by_caller", answers);
        assert_eq!(app.store.breaches(), 0, "no wall was needed");
    }

    /// A learner gives what cannot be given, and takes back what is not theirs.
    async fn refuses_what_cannot_be(database) {
        let app = peopled(database).await;
        let pat = college(&app, "north", Role::Learner).await;
        let grant = async |input: Value| app.ask_as(&pat, GRANT, json!({ "input": input })).await["data"]["consentGrant"]["userErrors"].take();
        let acme = id(&app, Kind::Business, "acme").await;
        let wrong = |code: &str, field: &str| json!({ "code": code, "path": ["input", field] });
        assert_eq!(
            grant(json!({ "granteeId": "biz_00000000000000000000000001", "scopes": [], "expiresAt": "2020-01-01T00:00:00Z", "purpose": "", "textVersion": "a\nb" })).await,
            json!([wrong("REQUIRED", "scopes"), wrong("INVALID", "expiresAt"), wrong("INVALID", "purpose"), wrong("INVALID", "textVersion"), wrong("NOT_FOUND", "granteeId")])
        );
        assert_eq!(grant(json!({ "granteeId": "consortium", "scopes": ["CONTACT"] })).await, json!([wrong("NOT_FOUND", "granteeId")]));
        assert_eq!(grant(json!({ "granteeId": acme, "scopes": ["CONTACT"] })).await, json!([]));
        let south = college(&app, "south", Role::Learner).await;
        let acme = business(&app, "acme").await;
        let revoke = async |token: &str, id: String| app.ask_as(token, REVOKE, json!({ "id": id })).await;
        assert_eq!(revoke(&south, person(Kind::ConsentGrant, 2)).await["data"]["consentRevoke"]["userErrors"], json!([wrong("NOT_FOUND", "id")]));
        assert_eq!(revoke(&acme, person(Kind::ConsentGrant, 1)).await["errors"][0]["extensions"]["code"], "FORBIDDEN");
        assert_eq!(app.rows("SELECT count(*) FROM consent_grant WHERE revoked_at IS NULL").await, ["2"]);
    }

    /// A learner who pays for a place lets an employer see one thing after the other: only what is about enrollments shows that there is one, in lists, by its identifier and below the learner.
    async fn places_are_shown_by_what_is_about_them(database) {
        let app = peopled(database).await;
        app.execute("UPDATE funding SET source = 'SELF_PAY', payer_id = NULL, sponsorship_id = NULL; UPDATE business_enrollment SET is_paid = FALSE").await;
        let acme = business(&app, "acme").await;
        let question = format!(
            "query($id: ID!) {{ business(by: {{ id: $id }}) {{ enrollments {{ totalCount nodes {{ id }} }} employees(search: \"10042\") {{ nodes {{ enrollments {{ totalCount }} }} }} }}
               place: node(id: \"{}\") {{ id }} learner: node(id: \"{}\") {{ ... on Learner {{ displayName enrollments {{ nodes {{ id }} }} }} }} }}",
            person(Kind::Enrollment, 1), person(Kind::Learner, 1)
        );
        let variables = json!({ "id": id(&app, Kind::Business, "acme").await });
        for (scopes, is_shown) in [("ENROLLMENT", true), ("PROGRESS", true), ("RESULTS", true), ("AWARDS", false), ("CONTACT", false), ("JOB_MATCHING", false), ("AWARDS CONTACT JOB_MATCHING", false)] {
            app.execute(&format!("UPDATE consent_grant SET scopes = '{scopes}' WHERE business_id IS NOT NULL")).await;
            let answer = app.ask_as(&acme, &question, variables.clone()).await;
            let place = json!({ "id": person(Kind::Enrollment, 1) });
            let (nodes, count) = if is_shown { (json!([place]), 1) } else { (json!([]), 0) };
            let expected = json!({ "business": { "enrollments": { "totalCount": count, "nodes": nodes }, "employees": { "nodes": [{ "enrollments": { "totalCount": count } }] } },
                "place": if is_shown { place } else { Value::Null }, "learner": { "displayName": "Pat Lane", "enrollments": { "nodes": nodes } } });
            assert_eq!((&answer["data"], answer.get("errors")), (&expected, None), "{scopes}");
        }
        app.execute("UPDATE business_enrollment SET is_paid = TRUE").await;
        let question = format!("{{ node(id: \"{}\") {{ ... on Enrollment {{ learner {{ displayName }} }} }} }}", person(Kind::Enrollment, 1));
        let answer = app.ask_as(&acme, &question, json!({})).await;
        assert_eq!((&answer["data"]["node"]["learner"], &answer["errors"][0]["extensions"]["code"]), (&Value::Null, &json!("CONSENT_REQUIRED")), "whose place it pays for");
        assert_eq!(app.store.breaches(), 0, "no wall was needed");
    }

    /// Learners confirm that they work somewhere, consent and take it back: the business' log tells that it was done, and names nobody.
    async fn leaves_no_name_in_the_log(database) {
        let app = peopled(database).await;
        let tenant = crate::tenant::tenant(&app, Kind::Institution, "north").await;
        let pat = app.token_with(&[Role::Learner], tenant, |claims| { claims["sub"] = "pat".into(); claims["name"] = "Patricia Q. Lane".into(); }).await;
        let confirm = format!("mutation {{ employmentConfirm(input: {{ invitationCode: \"{INVITATION}\", scopes: [] }}) {{ userErrors {{ code }} }} }}");
        assert_eq!(app.ask_as(&pat, &confirm, json!({})).await["data"]["employmentConfirm"]["userErrors"], json!([]));
        let zeta = id(&app, Kind::Business, "zeta").await;
        let given = app.ask_as(&pat, GRANT, json!({ "input": { "granteeId": zeta, "scopes": ["AWARDS"] } })).await;
        app.ask_as(&pat, REVOKE, json!({ "id": given["data"]["consentGrant"]["consent"]["id"] })).await;
        let question = "query($id: ID!) { business(by: { id: $id }) { auditEvents { nodes { actorName action changedFields } } } }";
        let mut answer = app.ask_as(&business(&app, "zeta").await, question, json!({ "id": zeta })).await;
        let line = |action: &str, fields: &[&str]| json!({ "actorName": "A learner", "action": action, "changedFields": fields });
        assert_eq!(answer["data"]["business"]["auditEvents"]["nodes"].take(), json!([line("consentRevoke", &["revokedAt"]), line("consentGrant", &["scopes", "expiresAt"]), line("employmentConfirm", &["status"])]));
        assert_eq!(app.rows("SELECT count(*) FROM audit_event WHERE actor_name LIKE '%Lane%'").await, ["0"]);
        assert_eq!(app.rows("SELECT DISTINCT actor_subject FROM audit_event").await, ["pat"], "the chain still says who it was");
        let verdict = concord::service::audit::verify(&app.operator().await).await.expect("a verdict");
        assert_eq!((verdict.lines, verdict.breaks.len()), (3, 0), "{verdict:?}");
    }
}
