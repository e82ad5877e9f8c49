//! Aid that pays for a place, and what the learner calls it.

use concord::domain::id::Kind;
use concord::domain::role::Role;
use serde_json::{Value, json};

use super::{REQUEST, agrees, learner, once, request, seats};
use crate::roster::peopled;
use crate::support::people::person;
use crate::support::{TestApp, both};
use crate::tenant::college;

/// What is kept of aid: what each part of a price is called, the earliest first.
async fn kept(app: &TestApp) -> Vec<String> {
    app.rows("SELECT f.aid_reference || ' ' || f.state FROM funding f WHERE f.source = 'FINANCIAL_AID' ORDER BY f.aid_reference").await
}

both! {
    /// A learner and a college name the aid that pays: it is kept with the place, the log says that it was given, and the same key with another one is a conflict.
    async fn is_kept_by_its_name(database) {
        let app = peopled(database).await;
        let offering = seats(&app, 5, 5).await;
        let (one, staff) = (learner(&app, 1).await, college(&app, "north", Role::InstitutionAdmin).await);
        let aid = |name: &str| json!({ "aidReference": name });
        let first = request(&app, &one, 1, &offering, aid(" WIOA 2027-118 ")).await;
        assert_eq!(first["enrollment"]["funding"], json!([{ "source": "FINANCIAL_AID", "state": "RESERVED", "amount": "95.00" }]), "{first:#}");
        let again = request(&app, &one, 1, &offering, aid(" WIOA 2027-118 ")).await;
        assert_eq!(again["enrollment"]["id"], first["enrollment"]["id"]);
        let other = request(&app, &one, 1, &offering, aid("WIOA 2027-119")).await;
        assert_eq!(other, json!({ "enrollment": null, "userErrors": [{ "code": "IDEMPOTENCY_CONFLICT", "path": ["input", "idempotencyKey"] }] }));
        app.execute("UPDATE enrollment SET state = 'COMPLETED' WHERE state = 'ACTIVE'; UPDATE business_enrollment SET state = 'COMPLETED'; INSERT INTO enrollment_transition SELECT tenant_id, enrollment_id, 3, learner_id, 'ACTIVE', 'COMPLETED', at, reason, actor_name FROM enrollment_transition WHERE number = 2").await;
        let bulk = "mutation($input: EnrollmentBulkRequestInput!) { enrollmentBulkRequest(input: $input) { results { userErrors { code path message } } userErrors { code path } } }";
        let ask = async |key: u32, name: &str| {
            let items = json!([{ "learner": { "learnerId": person(Kind::Learner, 1) }, "offeringId": offering }]);
            app.ask_as(&staff, bulk, json!({ "input": { "idempotencyKey": once(key), "funding": aid(name), "items": items } })).await["data"]["enrollmentBulkRequest"].take()
        };
        assert_eq!(ask(2, "Pell").await, json!({ "results": [{ "userErrors": [] }], "userErrors": [] }));
        assert_eq!(ask(2, "Poll").await["userErrors"][0]["code"], "IDEMPOTENCY_CONFLICT");
        assert_eq!(kept(&app).await, ["Pell RESERVED", "WIOA 2027-118 RESERVED"]);
        let read = format!("{{ node(id: {}) {{ ... on Enrollment {{ funding {{ aidReference }} }} }} }}", first["enrollment"]["id"]);
        let south = college(&app, "south", Role::InstitutionAdmin).await;
        for (token, told) in [(&one, json!({ "funding": [{ "aidReference": "WIOA 2027-118" }] })), (&staff, json!({ "funding": [{ "aidReference": "WIOA 2027-118" }] })), (&south, Value::Null)] {
            assert_eq!(app.ask_as(token, &read, json!({})).await["data"]["node"], told);
        }
        assert_eq!(app.rows("SELECT DISTINCT changed_fields FROM audit_event WHERE action LIKE 'enrollment%equest'").await, ["state aidReference"]);
        agrees(&app).await;
    }

    /// A learner calls the aid what cannot be: nothing is written.
    async fn is_named_in_one_line(database) {
        let app = peopled(database).await;
        let (offering, one) = (seats(&app, 5, 5).await, learner(&app, 1).await);
        for name in ["", "  ", "a\nb", "\u{200b}", "\u{202e}8711", "WIOA\u{200b}118"] {
            let payload = request(&app, &one, 1, &offering, json!({ "aidReference": name })).await;
            assert_eq!(payload, json!({ "enrollment": null, "userErrors": [{ "code": "INVALID", "path": ["input", "funding", "aidReference"] }] }), "{name:?}");
        }
        let long = json!({ "input": { "idempotencyKey": once(1), "offeringId": offering, "funding": { "aidReference": "a".repeat(101) } } });
        assert_eq!(app.ask_as(&one, REQUEST, long).await["errors"][0]["extensions"]["code"], "LIMIT_EXCEEDED");
        assert_eq!(kept(&app).await, Vec::<String>::new());
        assert_eq!(request(&app, &one, 1, &offering, Value::Null).await["userErrors"], json!([]));
    }
}
