//! Seats that come free while somebody waits, by anything but a step: a larger room, an offering that is opened again, an import.

use concord::domain::id::Kind;
use concord::domain::role::Role;
use concord::service::enrollment::fill_all;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{BULK, agrees, finished, go, learner, once, request, seats};
use crate::cache::keeping;
use crate::enrollment_job::sponsor;
use crate::roster::peopled;
use crate::support::people::{people, person};
use crate::support::{Template, TestApp, both};
use crate::tenant::{business, college};
use crate::walk::id;

const UPDATE: &str = "mutation($id: ID!, $fields: OfferingFields!) { offeringUpdate(input: { id: $id, fields: $fields }) { offering { status seats { available waitlisted } } userErrors { code path } } }";

/// Changes an offering; what is shown of it then.
async fn change(app: &TestApp, token: &str, offering: &str, fields: Value) -> Value {
    let mut answer = app.ask_as(token, UPDATE, json!({ "id": offering, "fields": fields })).await;
    assert_eq!(answer["data"]["offeringUpdate"]["userErrors"], json!([]), "{answer:#}");
    answer["data"]["offeringUpdate"]["offering"].take()
}

/// Where the learners' enrollments stand, in the order of their numbers.
async fn states(app: &TestApp) -> String {
    app.rows("SELECT e.state FROM enrollment e JOIN learner_identity i ON i.learner_id = e.learner_id WHERE i.subject LIKE 'learner-%' ORDER BY i.subject").await.join(" ")
}

both! {
    /// Three learners ask for one seat, and the college finds a larger room, while visitors' answers are kept: the two who wait are offered seats at once, and a newcomer waits.
    async fn more_seats_are_offered(database) {
        let app = TestApp::start(database, Template::Twins, keeping).await;
        people(&app).await;
        finished(&app).await;
        let offering = seats(&app, 1, 10).await;
        let staff = college(&app, "north", Role::InstitutionAdmin).await;
        let tokens = join_all((0..4).map(|number| learner(&app, number))).await;
        for (token, key) in tokens.iter().zip(0..3) {
            request(&app, token, key, &offering, Value::Null).await;
        }
        assert_eq!(states(&app).await, "ENROLLED WAITLISTED WAITLISTED");
        let shown = format!("{{ offering(by: {{ id: \"{offering}\" }}) {{ seats {{ available waitlisted }} }} }}");
        assert_eq!(app.query(&shown).await["data"]["offering"]["seats"], json!({ "available": 0, "waitlisted": 2 }));
        let full = json!({ "status": "OPEN", "seats": { "available": 0, "waitlisted": 0 } });
        assert_eq!(change(&app, &staff, &offering, json!({ "capacity": 4 })).await, full);
        assert_eq!(states(&app).await, "ENROLLED SEAT_OFFERED SEAT_OFFERED");
        assert_eq!(app.query(&shown).await["data"]["offering"]["seats"], json!({ "available": 0, "waitlisted": 0 }));
        assert_eq!(request(&app, &tokens[3], 3, &offering, Value::Null).await["enrollment"]["state"], "WAITLISTED");
        agrees(&app).await;
        assert_eq!(app.store.breaches(), 0);
    }

    /// Somebody leaves while an offering is closed, and again when enrolling has ended: nobody is offered the seat, until the college opens it again.
    async fn seats_are_offered_when_it_opens_again(database) {
        let app = peopled(database).await;
        finished(&app).await;
        let offering = seats(&app, 1, 10).await;
        let staff = college(&app, "north", Role::InstitutionAdmin).await;
        let tokens = join_all((0..3).map(|number| learner(&app, number))).await;
        let mut ids = Vec::new();
        for (token, key) in tokens.iter().zip(0..) {
            ids.push(request(&app, token, key, &offering, Value::Null).await["enrollment"]["id"].take());
        }
        change(&app, &staff, &offering, json!({ "status": "CLOSED" })).await;
        go(&app, &tokens[0], json!({ "id": ids[0], "to": "CANCELLED" })).await;
        assert_eq!(states(&app).await, "CANCELLED WAITLISTED WAITLISTED");
        let shown = change(&app, &staff, &offering, json!({ "status": "OPEN" })).await;
        assert_eq!(shown, json!({ "status": "OPEN", "seats": { "available": 0, "waitlisted": 1 } }));
        assert_eq!(states(&app).await, "CANCELLED SEAT_OFFERED WAITLISTED");
        change(&app, &staff, &offering, json!({ "registrationClosesAt": "2027-01-10T00:00:00Z" })).await;
        go(&app, &tokens[1], json!({ "id": ids[1], "to": "CANCELLED" })).await;
        assert_eq!(states(&app).await, "CANCELLED CANCELLED WAITLISTED");
        change(&app, &staff, &offering, json!({ "registrationClosesAt": "2027-01-20T00:00:00Z" })).await;
        assert_eq!(states(&app).await, "CANCELLED CANCELLED SEAT_OFFERED");
        agrees(&app).await;
    }

    /// More wait than one act offers seats to, and an offering that only a business' people see has a seat free that nobody offered: the sweep offers them, once, where enrolling has begun.
    async fn what_is_left_is_found_later(database) {
        let app = peopled(database).await;
        finished(&app).await;
        let offering = seats(&app, 0, 100).await;
        let staff = college(&app, "north", Role::InstitutionAdmin).await;
        let tokens = join_all((0..53).map(|number| learner(&app, number))).await;
        join_all(tokens.iter().zip(0..).map(|(token, key)| request(&app, token, key, &offering, Value::Null))).await;
        let shown = change(&app, &staff, &offering, json!({ "capacity": 54 })).await;
        assert_eq!(shown, json!({ "status": "OPEN", "seats": { "available": 3, "waitlisted": 3 } }));
        let reserved = id(&app, Kind::Offering, "n5").await;
        app.execute("DELETE FROM course_prerequisite; UPDATE offering SET capacity = 5, registration_opens_at = '2027-01-10T00:00:00.000000+00:00' WHERE code = 'HVA112-2'").await;
        let acme = business(&app, "acme").await;
        let funding = sponsor(&app, &acme, 100, 2_000).await;
        let items = json!([{ "learner": { "employeeId": person(Kind::Employee, 1) }, "offeringId": reserved }]);
        let waits = app.ask_as(&acme, BULK, json!({ "input": { "idempotencyKey": once(101), "funding": funding, "items": items } })).await;
        assert_eq!(waits["data"]["enrollmentBulkRequest"]["results"][0]["enrollment"]["state"], "WAITLISTED", "{waits:#}");
        app.execute("UPDATE offering SET capacity = 6, registration_opens_at = '2027-01-16T00:00:00.000000+00:00' WHERE code = 'HVA112-2'").await;
        let sweeper = app.app().sweeper();
        assert_eq!(fill_all(&sweeper).await.expect("a sweep"), 1);
        let left = "SELECT count(*) FROM enrollment WHERE state = 'WAITLISTED'";
        assert_eq!(app.rows(left).await, ["1"]);
        assert_eq!(fill_all(&sweeper).await.expect("a sweep"), 0);
        app.execute("UPDATE offering SET registration_opens_at = '2027-01-14T00:00:00.000000+00:00' WHERE code = 'HVA112-2'").await;
        assert_eq!(fill_all(&sweeper).await.expect("a sweep"), 1);
        assert_eq!(app.rows(left).await, ["0"]);
        assert_eq!(app.rows("SELECT count(*) FROM audit_event WHERE action = 'seatsOffer'").await, ["2"]);
        agrees(&app).await;
        assert_eq!(app.store.breaches(), 0);
    }
}
