//! How bulk requests name people and payers.

use concord::domain::id::Kind;
use concord::domain::role::Role;
use serde_json::{Value, json};

use super::{agrees, finished, once, seats};
use crate::roster::peopled;
use crate::support::both;
use crate::support::people::{VOUCHER, person};
use crate::tenant::{business, college};

const BULK: &str = "mutation($input: EnrollmentBulkRequestInput!) { enrollmentBulkRequest(input: $input) { results { enrollment { state funding { source } } userErrors { code path } } userErrors { code path } } }";

both! {
    /// A business names one of its people by address in other letters, and pays by a voucher; then others by number and address, who are invited, another's, or nobody. A college cannot name anybody so.
    async fn by_address_number_and_voucher(database) {
        let app = peopled(database).await;
        finished(&app).await;
        let offering = seats(&app, 5, 5).await;
        let (acme, north) = (business(&app, "acme").await, college(&app, "north", Role::InstitutionAdmin).await);
        let bulk = async |token: &String, key: u32, items: Vec<(Value, Value)>| {
            let items: Vec<Value> = items.into_iter().map(|(learner, code)| json!({ "learner": learner, "offeringId": offering, "voucherCode": code })).collect();
            let mut answer = app.ask_as(token, BULK, json!({ "input": { "idempotencyKey": once(key), "items": items } })).await;
            assert!(answer.get("errors").is_none(), "{answer:#}");
            assert_eq!(answer["data"]["enrollmentBulkRequest"]["userErrors"], json!([]));
            answer["data"]["enrollmentBulkRequest"]["results"].take()
        };
        let wrong = |place: usize, code: &str, path: &[&str]| {
            let place = place.to_string();
            let path = [&["input", "items", place.as_str()][..], path].concat();
            json!({ "enrollment": null, "userErrors": [{ "code": code, "path": path }] })
        };
        let first = bulk(&acme, 1, vec![(json!({ "email": " PAT@Larkspur.example" }), json!(VOUCHER))]).await;
        assert_eq!(first, json!([{ "enrollment": { "state": "ENROLLED", "funding": [{ "source": "VOUCHER" }] }, "userErrors": [] }]));
        let rest = bulk(&acme, 2, vec![
            (json!({ "number": "10043" }), json!(VOUCHER)),
            (json!({ "email": "pat@zeta.example" }), json!(VOUCHER)),
            (json!({ "number": "010042" }), json!(VOUCHER)),
            (json!({ "number": "10042" }), json!("WWWW-WWWW-WWWW-WWWW")),
        ])
        .await;
        let expected = [
            wrong(0, "NOT_ELIGIBLE", &["learner", "number"]),
            wrong(1, "NOT_FOUND", &["learner", "email"]),
            wrong(2, "INVALID", &["learner", "number"]),
            wrong(3, "NOT_FOUND", &["voucherCode"]),
        ];
        assert_eq!(rest, json!(expected));
        let unpaid = bulk(&acme, 3, vec![(json!({ "number": "10042" }), Value::Null)]).await;
        assert_eq!(unpaid, json!([{ "enrollment": null, "userErrors": [{ "code": "REQUIRED", "path": ["input", "funding"] }] }]));
        let foreign = bulk(&north, 4, vec![(json!({ "number": "10042" }), Value::Null), (json!({ "employeeId": person(Kind::Employee, 1) }), Value::Null)]).await;
        assert_eq!(foreign, json!([wrong(0, "INVALID", &["learner", "number"]), wrong(1, "NOT_FOUND", &["learner", "employeeId"])]));
        agrees(&app).await;
        assert_eq!(app.store.breaches(), 0);
    }
}
