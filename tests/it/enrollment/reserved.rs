//! Offerings that are reserved for a business, or no longer: whose seats pay in them, and to whom seats are offered.

use concord::domain::id::Kind;
use concord::domain::role::Role;
use concord::service::enrollment::fill_all;
use serde_json::{Value, json};

use super::{BULK, REQUEST, agrees, finished, go, learner, once, request, seats};
use crate::enrollment_job::hire;
use crate::roster::peopled;
use crate::support::people::person;
use crate::support::{TestApp, both};
use crate::tenant::{business, college};
use crate::walk::id;

/// Changes an offering of `north`.
async fn change(app: &TestApp, offering: &str, fields: Value) {
    let update =
        "mutation($id: ID!, $fields: OfferingFields!) { offeringUpdate(input: { id: $id, fields: $fields }) { userErrors { code path } } }";
    let staff = college(app, "north", Role::InstitutionAdmin).await;
    let answer = app.ask_as(&staff, update, json!({ "id": offering, "fields": fields })).await;
    assert_eq!(answer["data"]["offeringUpdate"]["userErrors"], json!([]), "{answer:#}");
}

both! {
    /// A business has a block of seats in an offering that is reserved for it: they pay. Then the college reserves the offering for another business, and then for nobody: they pay no more, whoever asks, and
    /// the place that they paid for stays.
    async fn a_block_ends_with_the_reservation(database) {
        let app = peopled(database).await;
        hire(&app, 3).await;
        let offering = id(&app, Kind::Offering, "n5").await;
        app.execute("DELETE FROM course_prerequisite; UPDATE offering SET capacity = 20 WHERE code = 'HVA112-2'; INSERT INTO learner_tenant (tenant_id, id, name_key) SELECT i.id, l.id, l.name_key FROM institution i, learner l WHERE i.slug = 'penasco' AND l.display_name LIKE 'worker %'").await;
        let (acme, staff) = (business(&app, "acme").await, college(&app, "north", Role::InstitutionAdmin).await);
        let create = "mutation($input: SponsorshipCreateInput!) { sponsorshipCreate(input: $input) { sponsorship { id } userErrors { code path } } }";
        let fields = json!({ "name": "Block", "kind": "SEAT_BLOCK", "heldOfferingIds": [offering], "seats": 3, "startsOn": "2027-01-01", "endsOn": "2027-06-30", "status": "ACTIVE" });
        let input = json!({ "input": { "idempotencyKey": once(1), "businessId": id(&app, Kind::Business, "acme").await, "fields": fields } });
        let funding = json!({ "sponsorshipId": app.ask_as(&acme, create, input).await["data"]["sponsorshipCreate"]["sponsorship"]["id"].take() });
        let crew = async |key: u32, number: u16| {
            let items = json!([{ "learner": { "employeeId": person(Kind::Employee, number) }, "offeringId": offering }]);
            let mut answer = app.ask_as(&acme, BULK, json!({ "input": { "idempotencyKey": once(key), "funding": funding, "items": items } })).await;
            answer["data"]["enrollmentBulkRequest"]["results"][0].take()
        };
        let paid = json!([{ "state": "RESERVED", "amount": "0.00" }]);
        assert_eq!(crew(2, 1000).await["enrollment"]["funding"], paid);
        let worker = async |key: u32| {
            let input = json!({ "idempotencyKey": once(key), "learnerId": person(Kind::Learner, 1001), "offeringId": offering, "funding": funding });
            app.ask_as(&staff, REQUEST, json!({ "input": input })).await["data"]["enrollmentRequest"].take()
        };
        let no_seats = json!({ "code": "NOT_ELIGIBLE", "path": ["input", "funding"] });
        change(&app, &offering, json!({ "reservedForBusinessId": id(&app, Kind::Business, "zeta").await })).await;
        let for_zeta = json!([{ "code": "NOT_ELIGIBLE", "path": ["input", "offeringId"] }, no_seats]);
        assert_eq!(worker(3).await, json!({ "enrollment": null, "userErrors": for_zeta }));
        change(&app, &offering, json!({ "reservedForBusinessId": null })).await;
        assert_eq!(worker(4).await, json!({ "enrollment": null, "userErrors": [no_seats] }));
        assert_eq!(crew(5, 1001).await["userErrors"], json!([no_seats]));
        assert_eq!(app.rows("SELECT count(*) FROM funding WHERE source = 'SPONSORSHIP' AND state = 'RESERVED'").await, ["1"]);
        change(&app, &offering, json!({ "reservedForBusinessId": id(&app, Kind::Business, "acme").await })).await;
        assert_eq!(crew(6, 1001).await["enrollment"]["funding"], paid);
        agrees(&app).await;
        assert_eq!(app.store.breaches(), 0);
    }

    /// Two wait for an offering that is then reserved for the employer of the second: a seat that comes free goes to the second, and another one to nobody, until the reservation ends.
    async fn whoever_does_not_work_there_is_passed_over(database) {
        let app = peopled(database).await;
        finished(&app).await;
        let offering = seats(&app, 1, 10).await;
        let (one, two, pat) = (learner(&app, 0).await, learner(&app, 1).await, college(&app, "north", Role::Learner).await);
        let first = request(&app, &one, 1, &offering, Value::Null).await["enrollment"]["id"].take();
        for (token, key) in [(&two, 2), (&pat, 3)] {
            assert_eq!(request(&app, token, key, &offering, Value::Null).await["enrollment"]["state"], "WAITLISTED");
        }
        let waits = async || app.rows("SELECT e.state FROM enrollment e JOIN learner_identity i ON i.learner_id = e.learner_id WHERE i.subject IN ('learner-1', 'pat') AND e.state <> 'COMPLETED' ORDER BY i.subject").await.join(" ");
        change(&app, &offering, json!({ "reservedForBusinessId": id(&app, Kind::Business, "acme").await })).await;
        assert_eq!(go(&app, &one, json!({ "id": first, "to": "CANCELLED" })).await["userErrors"], json!([]));
        assert_eq!(waits().await, "WAITLISTED SEAT_OFFERED");
        change(&app, &offering, json!({ "capacity": 3 })).await;
        assert_eq!(fill_all(&app.app().sweeper()).await.expect("a sweep"), 0);
        assert_eq!(waits().await, "WAITLISTED SEAT_OFFERED");
        agrees(&app).await;
        change(&app, &offering, json!({ "reservedForBusinessId": null })).await;
        assert_eq!(waits().await, "SEAT_OFFERED SEAT_OFFERED");
        agrees(&app).await;
        assert_eq!(app.store.breaches(), 0);
    }
}
