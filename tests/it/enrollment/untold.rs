//! What a business is not told of places by what it tries: refusals, dry runs and times say no more than its learners let it see.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use concord::domain::clock::Clock;
use concord::domain::id::Kind;
use concord::domain::role::Role;
use serde_json::{Value, json};

use super::{agrees, budget, go, once, request, seats};
use crate::roster::peopled;
use crate::support::people::{people, person};
use crate::support::{Template, TestApp, both, now, snapshot};
use crate::tenant::{business, college};
use crate::walk::id;

const BULK: &str = "mutation($input: EnrollmentBulkRequestInput!) { enrollmentBulkRequest(input: $input) { results { enrollment { id } userErrors { code message path } } userErrors { code path } } }";
const MOVE: &str = "mutation($input: EnrollmentTransitionInput!) { enrollmentTransition(input: $input) { enrollment { id state } userErrors { code message path } } }";
/// Every state, as the schema names them.
const STATES: [&str; 10] =
    ["REQUESTED", "WAITLISTED", "SEAT_OFFERED", "ENROLLED", "ACTIVE", "COMPLETED", "NOT_COMPLETED", "WITHDRAWN", "CANCELLED", "DECLINED"];

both! {
    /// A business that pays tries every state for a place: with consent it is told where the place stands; without, each answer is the same wherever that is, and it still cancels what has not begun.
    async fn states_are_not_told_by_refusals(database) {
        let app = peopled(database).await;
        let (acme, place) = (business(&app, "acme").await, person(Kind::Enrollment, 1));
        let go = async |to: &str| app.ask_as(&acme, MOVE, json!({ "input": { "id": place, "to": to, "reason": "x" } })).await;
        let all = async || {
            let mut answers = serde_json::Map::new();
            for to in STATES {
                let mut answer = go(to).await;
                answers.insert(to.to_owned(), json!({ "data": answer["data"].take(), "errors": answer["errors"].take() }));
            }
            answers
        };
        let told = all().await;
        let stands = async |state: &str| app.execute(&format!("UPDATE enrollment SET state = '{state}'; UPDATE business_enrollment SET state = '{state}'")).await;
        app.execute("UPDATE consent_grant SET scopes = 'CONTACT PROGRESS RESULTS'").await;
        let untold = all().await;
        for state in ["COMPLETED", "NOT_COMPLETED", "WITHDRAWN", "DECLINED"] {
            stands(state).await;
            assert_eq!(all().await, untold, "{state}");
        }
        stands("ENROLLED").await;
        for _ in 0..2 {
            let answer = go("CANCELLED").await;
            assert_eq!(answer["data"]["enrollmentTransition"], json!({ "enrollment": { "id": place, "state": null }, "userErrors": [] }));
        }
        assert_eq!(app.rows("SELECT state FROM enrollment").await, ["CANCELLED"]);
        snapshot!("enrollment_untold", json!({ "told": [told["ACTIVE"], told["DECLINED"]], "untold": untold }));
        assert_eq!(untold.get("ACTIVE").and_then(|answer| answer["data"]["enrollmentTransition"]["enrollment"].as_object()), None::<&serde_json::Map<String, Value>>);
    }

    /// A business tries a place for an employee who has one already and has not passed what comes before: it is told what it pays for, and what the employee lets it see; all else is one reason.
    async fn records_are_not_told_by_dry_runs(database) {
        let app = peopled(database).await;
        let (acme, offering, sponsorship) = (business(&app, "acme").await, seats(&app, 5, 5).await, budget(&app, 1).await);
        let input = |key: u32, is_dry: bool| json!({ "input": { "idempotencyKey": once(key), "isDryRun": is_dry, "funding": { "sponsorshipId": sponsorship },
            "items": [{ "learner": { "employeeId": person(Kind::Employee, 1) }, "offeringId": offering }] } });
        let told = async |key: u32, is_dry: bool| {
            let answer = app.ask_as(&acme, BULK, input(key, is_dry)).await;
            assert_eq!(answer["data"]["enrollmentBulkRequest"]["userErrors"], json!([]), "{answer:#}");
            let result = &answer["data"]["enrollmentBulkRequest"]["results"][0];
            assert_eq!(result["enrollment"], Value::Null);
            let errors = result["userErrors"].as_array().expect("reasons").iter();
            let words = |error: &Value| match error["message"].as_str().expect("a text") {
                text if text.starts_with("the course crs_") => "course".to_owned(),
                text => text.to_owned(),
            };
            errors.map(|error| format!("{} {}", error["code"].as_str().expect("a code"), words(error))).collect::<Vec<_>>()
        };
        let (open, course, one) =
            ("ALREADY_ENROLLED the learner has an open enrollment in it already", "NOT_ELIGIBLE course", "NOT_ELIGIBLE the learner may not take it: ask them why");
        let consents = async |scopes: &str| app.execute(&format!("UPDATE consent_grant SET scopes = '{scopes}'")).await;
        consents("CONTACT").await;
        assert_eq!(told(2, true).await, [open], "it pays for it");
        app.execute("UPDATE funding SET source = 'SELF_PAY', payer_id = NULL, sponsorship_id = NULL; UPDATE business_enrollment SET is_paid = FALSE").await;
        let prerequisite = "INSERT INTO course_prerequisite SELECT c.tenant_id, c.id, 7, p.id FROM course c JOIN course p ON p.code = 'HVA 112' WHERE c.code = 'HVA 101'";
        let nothing: [&str; 0] = [];
        assert_eq!(told(3, true).await, nothing, "the learner pays");
        let with_one = app.ask_as(&acme, BULK, input(3, true)).await["data"].take();
        app.execute(prerequisite).await;
        assert_eq!(app.ask_as(&acme, BULK, input(3, true)).await["data"], with_one, "which reason it is, and how many, is not told");
        assert_eq!(told(4, false).await, [one], "nor when it is meant");
        app.execute("UPDATE offering SET status = 'CLOSED' WHERE code = 'HVA101-1'").await;
        let closed = "CLOSED it does not take enrollments now: look at its status";
        assert_eq!((told(7, true).await, told(8, false).await), (vec![closed.to_owned()], vec![closed.to_owned()]), "where nobody can have it, nothing is told of who has");
        app.execute("UPDATE offering SET status = 'OPEN' WHERE code = 'HVA101-1'").await;
        for (scopes, reasons) in [("ENROLLMENT", vec![open, course]), ("RESULTS", vec![course]), ("PROGRESS", vec![])] {
            consents(scopes).await;
            assert_eq!(told(5, true).await, reasons, "{scopes}");
        }
        app.execute("UPDATE consent_grant SET scopes = 'ENROLLMENT', expires_at = '2027-01-15T11:59:00+00:00'").await;
        assert_eq!(told(6, true).await, nothing, "it has ended");
        let shown = app.rows("SELECT fields FROM disclosure WHERE actor_name = 'Pat' ORDER BY id").await;
        assert_eq!(shown, ["Enrollment.results Enrollment.state", "Enrollment.results"], "what consent has told the learner hears of");
        app.execute("UPDATE enrollment SET state = 'WITHDRAWN'; UPDATE business_enrollment SET state = 'WITHDRAWN'").await;
        assert_eq!(app.ask_as(&acme, BULK, input(3, true)).await["data"], with_one, "the course alone");
        let lines = "SELECT DISTINCT actor_name || ' ' || changed_fields || ' ' || (SELECT count(*) FROM audit_event WHERE action = 'enrollmentBulkRequest') FROM audit_event WHERE action = 'enrollmentBulkRequest'";
        assert_eq!(app.rows(lines).await, ["Pat isDryRun 12", "Pat items 12"], "each dry run left a line, and what was refused");
    }

    /// A place that a business pays for goes its way while the learner lets it see nothing: the time of its last change is that at which money moved. With consent every step moves it.
    async fn times_are_not_told(database) {
        let moved = Arc::new(AtomicI64::new(now().timestamp_micros()));
        let app = TestApp::at(database, Template::Twins, Clock::Moved(Arc::clone(&moved)), |_| {}).await;
        people(&app).await;
        let (acme, offering, sponsorship) = (business(&app, "acme").await, seats(&app, 5, 5).await, budget(&app, 1).await);
        let (staff, pat) = (college(&app, "north", Role::InstitutionAdmin).await, college(&app, "north", Role::Learner).await);
        go(&app, &staff, json!({ "id": person(Kind::Enrollment, 1), "to": "COMPLETED" })).await;
        app.execute("UPDATE consent_grant SET scopes = 'CONTACT PROGRESS' WHERE business_id IS NOT NULL").await;
        let place = request(&app, &pat, 2, &offering, json!({ "sponsorshipId": sponsorship })).await["enrollment"]["id"].take();
        let at = async |minute: i64| {
            moved.store(now().timestamp_micros() + minute * 60_000_000, Ordering::Relaxed);
            app.identity().refresh().await.expect("what is new");
        };
        let question = "query($id: ID!, $business: ID!, $since: DateTime!) { node(id: $id) { ... on Enrollment { updatedAt } }
            business(by: { id: $business }) { newest: enrollments(sort: RECENTLY_UPDATED, first: 1) { nodes { id updatedAt } } since: enrollments(filter: { updatedSince: $since }) { totalCount } } }";
        let acme_id = id(&app, Kind::Business, "acme").await;
        let seen = async |since: &str| {
            let answer = app.ask_as(&acme, question, json!({ "id": place, "business": acme_id, "since": since })).await;
            assert!(answer.get("errors").is_none(), "{answer:#}");
            let newest = &answer["data"]["business"]["newest"]["nodes"][0];
            assert_eq!((&newest["id"], &newest["updatedAt"]), (&place, &answer["data"]["node"]["updatedAt"]));
            (answer["data"]["node"]["updatedAt"].as_str().expect("a time").to_owned(), answer["data"]["business"]["since"]["totalCount"].as_i64())
        };
        assert_eq!(seen("2027-01-15T12:00:30Z").await, ("2027-01-15T12:00:00Z".to_owned(), Some(0)));
        at(1).await;
        go(&app, &staff, json!({ "id": place, "to": "ACTIVE" })).await;
        assert_eq!(seen("2027-01-15T12:00:30Z").await, ("2027-01-15T12:01:00Z".to_owned(), Some(1)), "money has moved");
        at(2).await;
        go(&app, &staff, json!({ "id": place, "to": "COMPLETED" })).await;
        assert_eq!(seen("2027-01-15T12:01:30Z").await, ("2027-01-15T12:01:00Z".to_owned(), Some(0)), "it has not");
        agrees(&app).await;
        let grant = "mutation($input: ConsentGrantInput!) { consentGrant(input: $input) { userErrors { code } } }";
        for (scopes, since) in [(json!(["ENROLLMENT"]), "2027-01-15T12:01:30Z"), (json!(["CONTACT"]), "2027-01-15T12:02:00Z")] {
            app.ask_as(&pat, grant, json!({ "input": { "granteeId": acme_id, "scopes": scopes } })).await;
            assert_eq!(seen(since).await, ("2027-01-15T12:02:00Z".to_owned(), Some(1)), "what was shown stays: {scopes}");
        }
        agrees(&app).await;
        assert_eq!(app.store.breaches(), 0);
    }
}
