//! Requests that are made again with their key, when what they asked for has changed.

use concord::domain::id::Kind;
use concord::domain::role::Role;
use serde_json::{Value, json};

use super::{agrees, budget, finished, go, once, request, seats};
use crate::roster::peopled;
use crate::support::both;
use crate::support::people::person;
use crate::tenant::{business, college};
use crate::walk::id;

const BULK: &str = "mutation($input: EnrollmentBulkRequestInput!) { enrollmentBulkRequest(input: $input) { results { enrollment { id } userErrors { code } } userErrors { code } } }";
/// Places, entries of ledgers, and lines of logs but those of bulk requests.
const COUNTS: &str = "SELECT (SELECT count(*) FROM enrollment), (SELECT count(*) FROM ledger_entry), (SELECT count(*) FROM audit_event WHERE action <> 'enrollmentBulkRequest')";

both! {
    /// A learner and a business ask for places that the business pays for; then the learner leaves it, and the offerings close. Asked again with their keys, both get the answer that they got,
    /// and for something else a conflict.
    async fn gets_the_first_answer(database) {
        let app = peopled(database).await;
        finished(&app).await;
        let (offering, other) = (seats(&app, 5, 5).await, id(&app, Kind::Offering, "n2").await);
        app.execute("UPDATE offering SET capacity = 30, price_cents = 5000 WHERE code = 'HVA101-2'").await;
        let (pat, acme) = (college(&app, "north", Role::Learner).await, business(&app, "acme").await);
        let funding = json!({ "sponsorshipId": budget(&app, 1).await });
        let bulk = async |key: u32, offering: &str| {
            let items = json!([{ "learner": { "employeeId": person(Kind::Employee, 1) }, "offeringId": offering }]);
            let input = json!({ "idempotencyKey": once(key), "funding": funding, "items": items });
            let mut answer = app.ask_as(&acme, BULK, json!({ "input": input })).await["data"]["enrollmentBulkRequest"].take();
            if answer["results"].is_null() { answer } else { answer["results"][0].take() }
        };
        let first = request(&app, &pat, 2, &offering, funding.clone()).await;
        assert_eq!(first["enrollment"]["state"], "ENROLLED", "{first:#}");
        let crew = bulk(3, &other).await;
        assert!(crew["enrollment"]["id"].is_string(), "{crew:#}");
        let separate = "mutation($ids: [ID!]!) { employeesSeparate(input: { ids: $ids, isConfirmed: true }) { userErrors { code } } }";
        let gone = app.ask_as(&acme, separate, json!({ "ids": [person(Kind::Employee, 1)] })).await;
        assert_eq!(gone["data"]["employeesSeparate"]["userErrors"], json!([]), "{gone:#}");
        app.execute("UPDATE offering SET status = 'CLOSED'").await;
        let before = app.rows(COUNTS).await;
        assert_eq!(request(&app, &pat, 2, &offering, funding.clone()).await["enrollment"]["id"], first["enrollment"]["id"]);
        assert_eq!(bulk(3, &other).await, crew);
        let conflict = |payload: &Value| payload["userErrors"][0]["code"] == "IDEMPOTENCY_CONFLICT";
        assert!(conflict(&request(&app, &pat, 2, &other, funding.clone()).await) && conflict(&bulk(3, &offering).await));
        // With another key it is another request.
        assert_eq!(request(&app, &pat, 4, &offering, funding.clone()).await["userErrors"][0]["code"], "NOT_FOUND");
        assert_eq!(bulk(5, &other).await["userErrors"][0]["code"], "NOT_ELIGIBLE");
        assert_eq!(app.rows("SELECT changed_fields FROM audit_event WHERE action = 'enrollmentBulkRequest' AND changed_fields = 'items'").await, ["items"; 2], "who enrolls, and who is refused, leaves a line, and who asks again none");
        assert_eq!(app.rows(COUNTS).await, before);
        let cancelled = go(&app, &acme, json!({ "id": crew["enrollment"]["id"], "to": "CANCELLED" })).await;
        assert_eq!(cancelled["userErrors"], json!([]), "{cancelled:#}");
        assert_eq!(app.rows("SELECT count(*) FROM audit_event WHERE action = 'enrollmentTransition'").await, ["2"], "in the log of the institution, and in its own");
    }

    /// A business asks for one place, and with the same key for that one and another: a conflict, and nothing is done. The same list again gets what it got.
    async fn a_key_is_for_one_list(database) {
        let app = peopled(database).await;
        finished(&app).await;
        let (offering, other) = (seats(&app, 5, 5).await, id(&app, Kind::Offering, "n2").await);
        app.execute("UPDATE offering SET capacity = 30, price_cents = 5000 WHERE code = 'HVA101-2'").await;
        let (acme, funding) = (business(&app, "acme").await, json!({ "sponsorshipId": budget(&app, 1).await }));
        let bulk = async |offerings: &[&String]| {
            let items: Vec<Value> = offerings.iter().map(|offering| json!({ "learner": { "employeeId": person(Kind::Employee, 1) }, "offeringId": offering })).collect();
            app.ask_as(&acme, BULK, json!({ "input": { "idempotencyKey": once(2), "funding": funding, "items": items } })).await["data"]["enrollmentBulkRequest"].take()
        };
        let first = bulk(&[&offering]).await;
        assert!(first["results"][0]["enrollment"]["id"].is_string(), "{first:#}");
        assert_eq!(bulk(&[&offering, &other]).await, json!({ "results": null, "userErrors": [{ "code": "IDEMPOTENCY_CONFLICT" }] }));
        assert_eq!(app.rows("SELECT count(*) FROM enrollment").await, ["2"]);
        assert_eq!(bulk(&[&offering]).await, first);
        agrees(&app).await;
    }
}
