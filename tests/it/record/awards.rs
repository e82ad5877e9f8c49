//! Awards: earned by completing, issued by hand, revoked for good, and shown to those whom the learner lets see them, or who hold the code.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::TimeDelta;
use concord::domain::clock::Clock;
use concord::domain::id::Kind;
use concord::domain::role::Role;
use concord::service::audit::verify;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{consent, of_enrollment, take_back, told};
use crate::cache::keeping;
use crate::enrollment::{agrees, breaks, once};
use crate::roster::peopled;
use crate::support::people::{people, person};
use crate::support::{Template, TestApp, both, now, snapshot};
use crate::tenant::{business, college, consortium};
use crate::walk::id;

const MOVE: &str = "mutation($input: EnrollmentTransitionInput!) { enrollmentTransition(input: $input) { enrollment { state } userErrors { code path } } }";
const ISSUE: &str = "mutation($input: AwardIssueInput!) { awardIssue(input: $input) { award { id status issuedOn expiresOn learner { displayName } enrollment { id } credential { name } } userErrors { code path message } } }";
const REVOKE: &str = "mutation($input: AwardRevokeInput!) { awardRevoke(input: $input) { award { id status revokedAt revocationReason } userErrors { code path } } }";
const VERIFY: &str = "query($code: String!) { award(verificationCode: $code) { status issuedOn expiresOn revokedAt credential { name issuer { name } } competencies { name } } }";

/// The course of enrollment 1 leads to the badge of its college.
async fn leads_to_badge(app: &TestApp) {
    app.execute(
        "UPDATE course SET credential_id = (SELECT id FROM credential WHERE name = 'Refrigerant Technician') WHERE code = 'HVA 101'",
    )
    .await;
}

/// Moves enrollment 1.
async fn go(app: &TestApp, token: &str, to: &str) {
    let answer = app.ask_as(token, MOVE, json!({ "input": { "id": person(Kind::Enrollment, 1), "to": to } })).await;
    assert_eq!(answer["data"]["enrollmentTransition"], json!({ "enrollment": { "state": to }, "userErrors": [] }), "{answer:#}");
}

/// Completes enrollment 1; its award as the staff reads it.
pub(super) async fn complete(app: &TestApp) -> Value {
    leads_to_badge(app).await;
    let staff = college(app, "north", Role::InstitutionAdmin).await;
    go(app, &staff, "COMPLETED").await;
    let (mut enrollment, errors) = of_enrollment(app, &staff, "award { id verificationUrl }").await;
    assert!(errors.is_empty() && enrollment["award"].is_object(), "{enrollment:#}");
    enrollment["award"].take()
}

/// The code at the end of an address.
pub(super) fn code(award: &Value) -> String {
    let address = award["verificationUrl"].as_str().expect("an address");
    address.rsplit_once("/awards/").expect("the page of an award").1.to_owned()
}

/// Revokes an award; the payload.
pub(super) async fn revoke(app: &TestApp, token: &str, award: &Value, reason: &str) -> Value {
    let mut answer = app.ask_as(token, REVOKE, json!({ "input": { "id": award["id"], "reason": reason } })).await;
    assert!(answer.get("errors").is_none(), "{answer:#}");
    answer["data"]["awardRevoke"].take()
}

/// Issues an award by hand; the payload.
async fn issue(app: &TestApp, token: &str, key: u32, (learner, credential, enrollment): (&str, &str, Option<&str>)) -> Value {
    let mut input = json!({ "idempotencyKey": once(key), "learnerId": learner, "credentialId": credential });
    if let Some(enrollment) = enrollment {
        input["enrollmentId"] = enrollment.into();
    }
    let mut answer = app.ask_as(token, ISSUE, json!({ "input": input })).await;
    assert!(answer.get("errors").is_none(), "{answer:#}");
    answer["data"]["awardIssue"].take()
}

/// How many awards there are.
async fn number(app: &TestApp) -> String {
    app.rows("SELECT count(*) FROM award").await.concat()
}

both! {
    /// A learner completes what leads to a credential: the award is there with the state, once, and is shown to everybody as the role, the tenant and the consent allow.
    async fn are_earned_by_completing(database) {
        let app = peopled(database).await;
        let award = complete(&app).await;
        let teacher = college(&app, "north", Role::Instructor).await;
        go(&app, &teacher, "COMPLETED").await;
        assert_eq!(number(&app).await, "1", "whoever is moved there again earns nothing more");
        let fields = "status issuedOn expiresOn revokedAt credential { name issuer { name } } competencies { name }";
        let inner = "revocationReason learner { displayName } enrollment { id state }";
        let question = format!("{{ node(id: \"{}\") {{ ... on Enrollment {{ award {{ {fields} {inner} }} }} }} wallet: node(id: \"{}\") {{ ... on Learner {{ awards {{ totalCount nodes {{ status credential {{ name }} }} }} }} }} \
            found: node(id: {}) {{ ... on Award {{ {fields} {inner} }} }} held: award(verificationCode: \"{}\") {{ {fields} {inner} }} }}", person(Kind::Enrollment, 1), person(Kind::Learner, 1), award["id"], code(&award));
        let mut answers = serde_json::Map::new();
        answers.insert("anonymous".to_owned(), app.ask(&question, json!({})).await);
        for (name, token) in [
            ("the learner", college(&app, "north", Role::Learner).await),
            ("another learner", college(&app, "south", Role::Learner).await),
            ("north instructor", teacher),
            ("north admin", college(&app, "north", Role::InstitutionAdmin).await),
            ("south admin", college(&app, "south", Role::InstitutionAdmin).await),
            ("acme", business(&app, "acme").await),
            ("zeta", business(&app, "zeta").await),
            ("consortium admin", consortium(&app, Role::ConsortiumAdmin).await),
        ] {
            answers.insert(name.to_owned(), app.ask_as(&token, &question, json!({})).await);
        }
        snapshot!("awards", answers);
        let wallet = json!({ "query": include_str!("../operations/award.graphql"), "operationName": "Wallet" });
        let wallet = app.post_as(&college(&app, "north", Role::Learner).await, &wallet).await.json();
        let held = json!({ "query": include_str!("../operations/award.graphql"), "operationName": "Award", "variables": { "code": code(&award) } });
        let mut held = app.post(&held).await.json();
        assert_eq!(held["data"]["award"]["verificationUrl"].take(), award["verificationUrl"]);
        snapshot!("award_operations", json!({ "wallet": wallet, "held": held }));
        let verdict = verify(&app.operator().await).await.expect("a verdict");
        assert_eq!(verdict.breaks.len(), 0, "{verdict:?}");
        let lines = app.rows("SELECT action, changed_fields FROM audit_event WHERE action IN ('awardIssue', 'enrollmentTransition') ORDER BY number").await;
        assert_eq!(lines, ["awardIssue|enrollmentId", "enrollmentTransition|state"]);
        agrees(&app).await;
        assert_eq!(app.store.breaches(), 0, "no wall was needed");
    }

    /// What leads to no credential, or to a draft, and what is not completed, earns none.
    async fn are_not_earned_otherwise(database) {
        for (sql, to) in [
            ("UPDATE course SET credential_id = NULL", "COMPLETED"),
            ("UPDATE course SET credential_id = (SELECT id FROM credential WHERE name = 'Hidden Badge') WHERE code = 'HVA 101'", "COMPLETED"),
            ("UPDATE course SET credential_id = (SELECT id FROM credential WHERE name = 'Refrigerant Technician') WHERE code = 'HVA 101'", "NOT_COMPLETED"),
        ] {
            let app = peopled(database).await;
            app.execute(sql).await;
            let staff = college(&app, "north", Role::InstitutionAdmin).await;
            go(&app, &staff, to).await;
            assert_eq!(of_enrollment(&app, &staff, "award { id }").await, (json!({ "award": null }), vec![]), "{sql}");
            assert_eq!(number(&app).await, "0", "{sql}");
        }
    }

    /// A college changes what a credential attests: awards of before attest what they did, and the ones after what it attests now.
    async fn attest_what_they_did(database) {
        let app = peopled(database).await;
        let award = complete(&app).await;
        let staff = college(&app, "north", Role::InstitutionAdmin).await;
        let badge = id(&app, Kind::Credential, "north-badge").await;
        let update = "mutation($input: CredentialUpdateInput!) { credentialUpdate(input: $input) { userErrors { code path } } }";
        let fields = json!({ "competencyIds": [id(&app, Kind::Competency, "routing").await], "validMonths": null });
        let answer = app.ask_as(&staff, update, json!({ "input": { "id": badge, "fields": fields } })).await;
        assert_eq!(answer["data"]["credentialUpdate"]["userErrors"], json!([]), "{answer:#}");
        let second = issue(&app, &staff, 1, (&person(Kind::Learner, 1), &badge, None)).await;
        assert_eq!(second["award"]["expiresOn"], Value::Null, "{second:#}");
        let question = format!("{{ nodes(ids: [{}, {}]) {{ ... on Award {{ expiresOn competencies {{ name }} }} }} }}", award["id"], second["award"]["id"]);
        let named = |names: &[&str]| names.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>();
        let answer = app.ask_as(&staff, &question, json!({})).await;
        assert_eq!(answer["data"]["nodes"][0], json!({ "expiresOn": "2030-01-15", "competencies": named(&["Brazing", "Teamwork"]) }), "{answer:#}");
        assert_eq!(answer["data"]["nodes"][1]["competencies"].as_array().map(Vec::len), Some(1), "{answer:#}");
        // What was awarded stays to be seen, under its name: it is retired, and made no draft of.
        let renamed = app.ask_as(&staff, update, json!({ "input": { "id": badge, "fields": { "name": "Doctor of Cooling", "kind": "CERTIFICATE" } } })).await;
        let wrong = |field: &str| json!({ "code": "INVALID", "path": ["input", "fields", field] });
        assert_eq!(renamed["data"]["credentialUpdate"]["userErrors"], json!([wrong("name"), wrong("kind")]), "{renamed:#}");
        let draft = app.ask_as(&staff, update, json!({ "input": { "id": badge, "fields": { "status": "DRAFT" } } })).await;
        assert_eq!(draft["data"]["credentialUpdate"]["userErrors"], json!([{ "code": "INVALID", "path": ["input", "fields", "status"] }]));
        let retired = app.ask_as(&staff, update, json!({ "input": { "id": badge, "fields": { "status": "RETIRED" } } })).await;
        assert_eq!(retired["data"]["credentialUpdate"]["userErrors"], json!([]));
        assert_eq!(app.ask(VERIFY, json!({ "code": code(&award) })).await["data"]["award"]["status"], "VALID");
        agrees(&app).await;
    }

    /// Staff issue awards by hand, again and at once: one of each; everything that is wrong is told at once, and those who may not are refused.
    async fn are_issued_by_hand(database) {
        let app = peopled(database).await;
        leads_to_badge(&app).await;
        let staff = college(&app, "north", Role::InstitutionAdmin).await;
        let (pat, lou, place) = (person(Kind::Learner, 1), person(Kind::Learner, 2), person(Kind::Enrollment, 1));
        let (badge, draft, of_south) = (id(&app, Kind::Credential, "north-badge").await, id(&app, Kind::Credential, "north-draft").await, id(&app, Kind::Credential, "south-badge").await);
        let mut refused = serde_json::Map::new();
        refused.insert("a draft, for a stranger".to_owned(), issue(&app, &staff, 1, (&lou, &draft, Some(&place))).await);
        refused.insert("another college's".to_owned(), issue(&app, &staff, 1, (&pat, &of_south, None)).await);
        refused.insert("nothing that there is".to_owned(), issue(&app, &staff, 1, ("x", "x", Some("x"))).await);
        refused.insert("what was not completed".to_owned(), issue(&app, &staff, 1, (&pat, &badge, Some(&place))).await);
        app.execute("UPDATE enrollment SET state = 'COMPLETED'; UPDATE business_enrollment SET state = 'COMPLETED'; INSERT INTO enrollment_transition SELECT tenant_id, enrollment_id, 3, learner_id, 'ACTIVE', 'COMPLETED', at, reason, actor_name FROM enrollment_transition WHERE number = 2").await;
        let old = id(&app, Kind::Credential, "north-old").await;
        refused.insert("what it does not lead to".to_owned(), issue(&app, &staff, 1, (&pat, &old, Some(&place))).await);
        assert_eq!(number(&app).await, "0");
        let twins = join_all((0..6).map(|_| issue(&app, &staff, 2, (&pat, &badge, Some(&place))))).await;
        assert!(twins.iter().all(|twin| *twin == twins[0] && twin["award"]["status"] == "VALID"), "{twins:#?}");
        let others = join_all((3..9).map(|key| issue(&app, &staff, key, (&pat, &badge, Some(&place))))).await;
        assert!(others.iter().all(|other| other["award"].is_null() && other["userErrors"][0]["code"] == "TAKEN"), "{others:#?}");
        refused.insert("what is held".to_owned(), others[0].clone());
        // From no enrollment it is another one; and of many at once one is issued.
        let loose = join_all((10..16).map(|key| issue(&app, &staff, key, (&pat, &badge, None)))).await;
        assert_eq!(loose.iter().filter(|one| one["award"].is_object()).count(), 1, "{loose:#?}");
        assert_eq!(number(&app).await, "2");
        let conflict = issue(&app, &staff, 2, (&pat, &badge, None)).await;
        assert_eq!(conflict["userErrors"][0]["code"], "IDEMPOTENCY_CONFLICT");
        snapshot!("awards_refused", refused);
        // Whoever was revoked may earn it again, and the key of the first still tells the first.
        let first = json!({ "id": twins[0]["award"]["id"] });
        revoke(&app, &staff, &first, "Issued to the wrong person.").await;
        let again = issue(&app, &staff, 20, (&pat, &badge, Some(&place))).await;
        assert_eq!(again["award"]["status"], "VALID", "{again:#}");
        assert_eq!(of_enrollment(&app, &staff, "award { id }").await.0["award"]["id"], again["award"]["id"], "the one that holds");
        assert_eq!(issue(&app, &staff, 2, (&pat, &badge, Some(&place))).await["award"]["status"], "REVOKED");
        for token in [college(&app, "north", Role::Instructor).await, college(&app, "north", Role::Learner).await, business(&app, "acme").await] {
            let input = json!({ "input": { "idempotencyKey": once(30), "learnerId": pat, "credentialId": badge } });
            assert_eq!(app.ask_as(&token, ISSUE, input).await["errors"][0]["extensions"]["code"], "FORBIDDEN");
        }
        assert_eq!(breaks(&app).await, Vec::<String>::new());
        assert_eq!(app.store.breaches(), 0);
    }

    /// Staff revoke an award: it is over for good, whatever was kept on whichever node, and a second time changes nothing.
    async fn are_revoked_for_good(database) {
        for keeps in [false, true] {
            let app = TestApp::start(database, Template::Twins, |settings| if keeps { keeping(settings) }).await;
            people(&app).await;
            let award = complete(&app).await;
            let node = app.second(keeping).await;
            let everywhere = async || {
                let body = json!({ "query": VERIFY, "variables": { "code": code(&award) } }).to_string();
                let headers = [("content-type", "application/json")];
                let far = app.send_to(node.address, axum::http::Method::POST, "/graphql", &headers, body).await.json();
                let near = app.ask(VERIFY, json!({ "code": code(&award) })).await;
                [near["data"]["award"]["status"].clone(), far["data"]["award"]["status"].clone()]
            };
            for _ in 0..2 {
                assert_eq!(everywhere().await, ["VALID", "VALID"]);
            }
            let staff = college(&app, "north", Role::InstitutionAdmin).await;
            for reason in ["", " \n", "a\nb"] {
                assert_eq!(revoke(&app, &staff, &award, reason).await, json!({ "award": null, "userErrors": [{ "code": "INVALID", "path": ["input", "reason"] }] }));
            }
            let elsewhere = revoke(&app, &college(&app, "south", Role::InstitutionAdmin).await, &award, "Mine.").await;
            assert_eq!(elsewhere, json!({ "award": null, "userErrors": [{ "code": "NOT_FOUND", "path": ["input", "id"] }] }));
            let pat = college(&app, "north", Role::Learner).await;
            let answer = app.ask_as(&pat, REVOKE, json!({ "input": { "id": award["id"], "reason": "No." } })).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer:#}");
            assert_eq!(everywhere().await, ["VALID", "VALID"]);
            let revoked = json!({ "award": { "id": award["id"], "status": "REVOKED", "revokedAt": "2027-01-15T12:00:00Z", "revocationReason": "Issued to the wrong person." }, "userErrors": [] });
            for reason in [" Issued to the wrong person. ", "Another reason."] {
                assert_eq!(revoke(&app, &staff, &award, reason).await, revoked);
            }
            // Another node hears of it when it looks, which it does twice a second.
            node.app.hear().await.expect("what is new");
            assert_eq!(everywhere().await, ["REVOKED", "REVOKED"]);
            let wallet = "query($all: Boolean!) { viewer { learner { awards(includeRevoked: $all) { totalCount nodes { status revocationReason } } } } }";
            let of = async |all: bool| app.ask_as(&pat, wallet, json!({ "all": all })).await["data"]["viewer"]["learner"]["awards"].take();
            assert_eq!(of(false).await, json!({ "totalCount": 0, "nodes": [] }));
            assert_eq!(of(true).await, json!({ "totalCount": 1, "nodes": [{ "status": "REVOKED", "revocationReason": "Issued to the wrong person." }] }));
            assert_eq!(app.rows("SELECT count(*) FROM audit_event WHERE action = 'awardRevoke'").await, ["1"]);
            agrees(&app).await;
        }
    }

    /// A learner lets the employer see awards, and no longer: the employer sees them meanwhile, whatever is kept, and the learner reads that it did.
    async fn follow_the_consent(database) {
        for keeps in [false, true] {
            let app = TestApp::start(database, Template::Twins, |settings| if keeps { keeping(settings) }).await;
            people(&app).await;
            let award = complete(&app).await;
            let (pat, acme, zeta) = (college(&app, "north", Role::Learner).await, business(&app, "acme").await, business(&app, "zeta").await);
            let node = format!("{{ node(id: {}) {{ ... on Award {{ status learner {{ displayName }} enrollment {{ id }} revocationReason }} }} }}", award["id"]);
            let wallet = format!("{{ node(id: \"{}\") {{ ... on Learner {{ awards {{ totalCount nodes {{ status }} }} }} }} }}", person(Kind::Learner, 1));
            let nothing = (json!({ "award": null }), vec![json!("CONSENT_REQUIRED")]);
            for _ in 0..2 {
                assert_eq!(of_enrollment(&app, &acme, "award { status }").await, nothing);
                assert_eq!(app.ask_as(&acme, &node, json!({})).await["data"], json!({ "node": null }));
                assert_eq!(app.ask_as(&acme, &wallet, json!({})).await["errors"][0]["extensions"]["code"], "CONSENT_REQUIRED");
            }
            let lines = told(&app, &pat).await.len();
            let given = consent(&app, &pat, &["AWARDS"]).await;
            for _ in 0..2 {
                assert_eq!(of_enrollment(&app, &acme, "award { status credential { name } }").await, (json!({ "award": { "status": "VALID", "credential": { "name": "Refrigerant Technician" } } }), vec![]));
            }
            assert_eq!(told(&app, &pat).await[0], json!(["Award.credential", "Award.status", "Enrollment.award"]));
            assert_eq!(of_enrollment(&app, &acme, "learner { id }").await, (json!({ "learner": null }), vec![json!("CONSENT_REQUIRED")]), "who has the other places is not told by that");
            let answer = app.ask_as(&acme, &node, json!({})).await;
            let expected = json!({ "status": "VALID", "learner": { "displayName": "Pat Lane" }, "enrollment": null, "revocationReason": null });
            assert_eq!(answer["data"]["node"], expected, "{answer:#}");
            let mut codes: Vec<_> = answer["errors"].as_array().expect("errors").iter().map(|error| error["extensions"]["code"].as_str().unwrap_or_default()).collect();
            codes.sort_unstable();
            assert_eq!(codes, ["CONSENT_REQUIRED", "FORBIDDEN"], "{answer:#}");
            assert_eq!(app.ask_as(&acme, &wallet, json!({})).await["data"]["node"]["awards"], json!({ "totalCount": 1, "nodes": [{ "status": "VALID" }] }));
            assert_eq!(told(&app, &pat).await[0], json!(["Award.status", "Learner.awards"]));
            assert_eq!(told(&app, &pat).await.len(), lines + 4);
            assert_eq!(app.ask_as(&zeta, &node, json!({})).await["data"], json!({ "node": null }), "another employer sees nothing");
            take_back(&app, &pat, &given).await;
            assert_eq!(of_enrollment(&app, &acme, "award { status }").await, nothing);
            assert_eq!(app.ask_as(&acme, &node, json!({})).await["data"], json!({ "node": null }));
            // A consent that covers something else shows none of them.
            consent(&app, &pat, &["ENROLLMENT", "PROGRESS", "RESULTS", "CONTACT"]).await;
            assert_eq!(of_enrollment(&app, &acme, "award { status }").await, nothing);
            assert_eq!(told(&app, &pat).await.len(), lines + 4);
            assert_eq!(app.store.breaches(), 0);
        }
    }

    /// Whoever holds codes reads these awards and no others, in one request with whatever else: nothing of the learner, and no line is left of it.
    async fn are_proven_by_their_codes(database) {
        let app = peopled(database).await;
        let award = complete(&app).await;
        let staff = college(&app, "north", Role::InstitutionAdmin).await;
        let second = issue(&app, &staff, 1, (&person(Kind::Learner, 1), &id(&app, Kind::Credential, "north-old").await, None)).await;
        let address = app.ask_as(&staff, &format!("{{ node(id: {}) {{ ... on Award {{ verificationUrl }} }} }}", second["award"]["id"]), json!({})).await;
        let (one, two) = (code(&award), code(&address["data"]["node"]));
        let other = one.chars().rev().collect::<String>();
        let question = format!("{{ before: viewer {{ kind learner {{ displayName }} }} one: award(verificationCode: \"{one}\") {{ credential {{ name }} learner {{ displayName }} }} two: award(verificationCode: \"{two}\") {{ credential {{ name }} }} \
            upper: award(verificationCode: \"{}\") {{ id }} other: award(verificationCode: \"{other}\") {{ id }} none: award(verificationCode: \"\") {{ id }} node(id: {}) {{ id }} }}", one.to_uppercase(), award["id"]);
        let lines = told(&app, &college(&app, "north", Role::Learner).await).await.len();
        let name = |name: &str| json!({ "credential": { "name": name } });
        for (token, own) in [(None, false), (Some(business(&app, "acme").await), false), (Some(college(&app, "south", Role::InstitutionAdmin).await), false), (Some(college(&app, "north", Role::Learner).await), true)] {
            let answer = match &token {
                Some(token) => app.ask_as(token, &question, json!({})).await,
                None => app.ask(&question, json!({})).await,
            };
            let data = &answer["data"];
            assert_eq!((&data["one"]["credential"]["name"], &data["two"]), (&json!("Refrigerant Technician"), &name("Old Certificate")), "{answer:#}");
            assert_eq!(data["one"]["learner"]["displayName"] == "Pat Lane", own, "{answer:#}");
            assert_eq!(data["node"].is_object(), own, "{answer:#}");
            assert_eq!((&data["upper"], &data["other"], &data["none"]), (&Value::Null, &Value::Null, &Value::Null), "{answer:#}");
        }
        assert_eq!(told(&app, &college(&app, "north", Role::Learner).await).await.len(), lines);
        assert_eq!(app.store.breaches(), 0);
    }

    /// An award is valid through its last day and expired after it, whatever was kept; then it can be issued anew.
    async fn end_by_themselves(database) {
        let moved = Arc::new(AtomicI64::new(now().timestamp_micros()));
        let app = TestApp::at(database, Template::Twins, Clock::Moved(Arc::clone(&moved)), keeping).await;
        people(&app).await;
        let award = complete(&app).await;
        app.execute("UPDATE award SET expires_on = '2027-01-15'").await;
        let status = async || app.ask(VERIFY, json!({ "code": code(&award) })).await["data"]["award"]["status"].clone();
        assert_eq!((status().await, status().await), (json!("VALID"), json!("VALID")));
        moved.store((now() + TimeDelta::hours(12)).timestamp_micros(), Ordering::Relaxed);
        assert_eq!((status().await, status().await), (json!("EXPIRED"), json!("EXPIRED")));
        assert_eq!(breaks(&app).await, Vec::<String>::new());
    }
}
