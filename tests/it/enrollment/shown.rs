//! What others are shown of places: the public how many are left, and a business what its consent covers.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use concord::domain::clock::Clock;
use concord::domain::id::Kind;
use serde_json::{Value, json};

use super::{go, learner, request, seats};
use crate::cache::keeping;
use crate::support::people::people;
use crate::support::{Template, TestApp, both, now};
use crate::tenant::business;
use crate::walk::id;

both! {
    /// A visitor asks again and again, of a server that keeps answers, which offerings have seats left, while learners take the last one, wait, and leave: each answer is the truth.
    async fn seats_in_kept_answers_are_true(database) {
        let app = TestApp::start(database, Template::Twins, keeping).await;
        people(&app).await;
        let offering = seats(&app, 1, 5).await;
        let list = "{ offerings(filter: { hasSeats: true }, first: 100) { nodes { code } } courses(filter: { hasSeats: true }) { totalCount } }";
        let one = format!("{{ offering(by: {{ id: \"{offering}\" }}) {{ seats {{ available waitlisted }} }} }}");
        let ask = async || {
            let (list, one) = (app.query(list).await, app.query(&one).await);
            let is_listed = list["data"]["offerings"]["nodes"].as_array().expect("a list").contains(&json!({ "code": "HVA101-1" }));
            let seats = &one["data"]["offering"]["seats"];
            (is_listed, seats["available"].as_i64(), seats["waitlisted"].as_i64())
        };
        let tokens = [learner(&app, 1).await, learner(&app, 2).await];
        let leave = async |who: usize, enrollment: &Value| go(&app, &tokens[who], json!({ "id": enrollment["enrollment"]["id"], "to": "CANCELLED" })).await;
        assert_eq!(ask().await, (true, Some(1), Some(0)));
        let first = request(&app, &tokens[0], 1, &offering, Value::Null).await;
        assert_eq!(ask().await, (false, Some(0), Some(0)));
        let second = request(&app, &tokens[1], 2, &offering, Value::Null).await;
        assert_eq!(ask().await, (false, Some(0), Some(1)));
        leave(0, &first).await;
        assert_eq!(ask().await, (false, Some(0), Some(0)), "it is offered to the next");
        leave(1, &second).await;
        assert_eq!(ask().await, (true, Some(1), Some(0)));
        let hits = app.app().answers().expect("a server that keeps answers").counts().hits();
        ask().await;
        assert_eq!(app.app().answers().expect("a server that keeps answers").counts().hits(), hits + 2, "they were kept");
    }

    /// A consent to show where enrollments stand ends by itself: the business that pays filters by the state, and finds nothing from then on.
    async fn states_are_filtered_while_consented(database) {
        let moved = Arc::new(AtomicI64::new(now().timestamp_micros()));
        let app = TestApp::at(database, Template::Twins, Clock::Moved(Arc::clone(&moved)), |_| {}).await;
        people(&app).await;
        app.execute("UPDATE consent_grant SET expires_at = '2027-01-15T12:05:00+00:00'").await;
        let acme = business(&app, "acme").await;
        let question = "query($id: ID!) { business(by: { id: $id }) { enrollments { nodes { state } } active: enrollments(filter: { states: [ACTIVE] }) { totalCount } } }";
        let variables = json!({ "id": id(&app, Kind::Business, "acme").await });
        let answer = app.ask_as(&acme, question, variables.clone()).await;
        assert_eq!(answer["data"]["business"], json!({ "enrollments": { "nodes": [{ "state": "ACTIVE" }] }, "active": { "totalCount": 1 } }));
        moved.store(now().timestamp_micros() + 5 * 60 * 1_000_000, Ordering::Relaxed);
        app.identity().refresh().await.expect("what is new");
        let answer = app.ask_as(&acme, question, variables).await;
        assert_eq!(answer["data"]["business"], json!({ "enrollments": { "nodes": [{ "state": null }] }, "active": { "totalCount": 0 } }));
    }

    /// A business asks for its enrollments in the order of the waitlist, which would tell who waits: that list is refused, and the one beside it is not.
    async fn places_are_not_shown_by_their_order(database) {
        let app = TestApp::twins(database).await;
        people(&app).await;
        let acme = business(&app, "acme").await;
        let question = "query($id: ID!) { business(by: { id: $id }) { newest: enrollments { totalCount } waiting: enrollments(sort: WAITLIST_POSITION) { nodes { id } } } }";
        let answer = app.ask_as(&acme, question, json!({ "id": id(&app, Kind::Business, "acme").await })).await;
        assert_eq!(answer["data"]["business"], json!({ "newest": { "totalCount": 1 }, "waiting": null }), "{answer:#}");
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_REQUEST", "{answer:#}");
        assert_eq!(answer["errors"][0]["path"], json!(["business", "waiting"]), "{answer:#}");
    }
}
