//! Offerings that are cancelled, with everything that is open in them.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use concord::domain::clock::Clock;
use concord::domain::id::Kind;
use concord::domain::role::Role;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{agrees, budget, finished, go, learner, request, seats};
use crate::cache::keeping;
use crate::support::people::{VOUCHER, people};
use crate::support::{Template, TestApp, both, now};
use crate::tenant::college;
use crate::walk::id;

const CANCEL: &str = "mutation($id: ID!) { offeringUpdate(input: { id: $id, fields: { status: CANCELLED } }) { offering { status seats { available waitlisted } } userErrors { code path } } }";

both! {
    /// A business pays for two places that it may not see, while the clock goes on: one begins, then their offering is cancelled. What the business is shown is never from after it.
    async fn times_agree_while_the_clock_goes_on(database) {
        let clock = Clock::Ticking(Arc::new(AtomicI64::new(now().timestamp_micros())));
        let app = TestApp::at(database, Template::Twins, clock, |_| {}).await;
        people(&app).await;
        finished(&app).await;
        app.execute("UPDATE consent_grant SET scopes = 'CONTACT' WHERE business_id IS NOT NULL").await;
        let (offering, other) = (seats(&app, 3, 10).await, id(&app, Kind::Offering, "n2").await);
        app.execute("UPDATE offering SET capacity = 30, price_cents = 5000 WHERE code = 'HVA101-2'").await;
        let (staff, pat) = (college(&app, "north", Role::InstitutionAdmin).await, college(&app, "north", Role::Learner).await);
        let funding = json!({ "sponsorshipId": budget(&app, 1).await });
        for (key, offering) in [(2, &offering), (3, &other)] {
            let placed = request(&app, &pat, key, offering, funding.clone()).await;
            if key == 2 {
                assert_eq!(go(&app, &staff, json!({ "id": placed["enrollment"]["id"], "to": "ACTIVE" })).await["enrollment"]["state"], "ACTIVE");
            }
            agrees(&app).await;
            let answer = app.ask_as(&staff, CANCEL, json!({ "id": offering })).await;
            assert_eq!(answer["data"]["offeringUpdate"]["userErrors"], json!([]), "{answer:#}");
            agrees(&app).await;
        }
        assert_eq!(app.rows("SELECT DISTINCT f.state FROM funding f JOIN enrollment e ON e.id = f.enrollment_id WHERE e.state <> 'COMPLETED'").await, ["RELEASED"]);
    }

    /// A college cancels an offering in which somebody has begun, somebody has a seat, one is offered and others wait, while visitors' answers are kept: all of it ends at once,
    /// all money goes back, nobody is offered anything, everybody reads why, and the next answer says so.
    async fn ends_all_that_is_open(database) {
        let app = TestApp::start(database, Template::Twins, keeping).await;
        people(&app).await;
        finished(&app).await;
        let offering = seats(&app, 3, 10).await;
        let staff = college(&app, "north", Role::InstitutionAdmin).await;
        let tokens = join_all((0..6).map(|number| learner(&app, number))).await;
        let mut ids = Vec::new();
        for (token, key) in tokens.iter().zip(0..) {
            let funding = if key == 0 { json!({ "voucherCode": VOUCHER }) } else { Value::Null };
            ids.push(request(&app, token, key, &offering, funding).await["enrollment"]["id"].take());
        }
        go(&app, &staff, json!({ "id": ids[0], "to": "ACTIVE" })).await;
        go(&app, &tokens[1], json!({ "id": ids[1], "to": "CANCELLED" })).await;
        let states = async || app.rows("SELECT e.state FROM enrollment e JOIN learner_identity i ON i.learner_id = e.learner_id WHERE i.subject LIKE 'learner-%' ORDER BY i.subject").await.join(" ");
        assert_eq!(states().await, "ACTIVE CANCELLED ENROLLED SEAT_OFFERED WAITLISTED WAITLISTED");
        assert_eq!(app.rows("SELECT balance FROM ledger_account WHERE unit = 'MONEY' AND name = 'SPENT'").await, ["6000"]);
        let shown = format!("{{ offering(by: {{ id: \"{offering}\" }}) {{ status seats {{ waitlisted }} }} }}");
        assert_eq!(app.query(&shown).await["data"]["offering"], json!({ "status": "OPEN", "seats": { "waitlisted": 2 } }));
        let answer = app.ask_as(&staff, CANCEL, json!({ "id": offering })).await;
        assert_eq!(answer["data"]["offeringUpdate"], json!({ "offering": { "status": "CANCELLED", "seats": { "available": 3, "waitlisted": 0 } }, "userErrors": [] }), "{answer:#}");
        assert_eq!(states().await, "WITHDRAWN CANCELLED CANCELLED CANCELLED CANCELLED CANCELLED");
        agrees(&app).await;
        assert_eq!(app.rows("SELECT name || balance FROM ledger_account WHERE unit = 'MONEY' ORDER BY name").await, ["FREE6000", "GRANTED-6000", "RESERVED0", "SPENT0"]);
        assert_eq!(app.rows("SELECT state FROM voucher").await, ["UNUSED"]);
        let why = "SELECT count(*) FROM enrollment_transition WHERE reason = 'The offering was cancelled.' AND actor_name = 'Pat'";
        assert_eq!(app.rows(why).await, ["5"]);
        assert_eq!(app.query(&shown).await["data"]["offering"], json!({ "status": "CANCELLED", "seats": { "waitlisted": 0 } }));
        // Once more changes nothing, and nobody gets in.
        app.ask_as(&staff, CANCEL, json!({ "id": offering })).await;
        assert_eq!(app.rows(why).await, ["5"]);
        assert_eq!(request(&app, &tokens[1], 9, &offering, Value::Null).await["userErrors"][0]["code"], "CLOSED");
        assert_eq!(app.store.breaches(), 0);
    }

    /// A college says that an offering is over in which one has begun, one has a seat, and others are offered one, wait for one or for an approval: what waits ends and its money goes
    /// back, and how it went is recorded for those who had seats. In one that was cancelled behind everybody's back nobody begins.
    async fn ends_what_waits_when_it_is_over(database) {
        let app = TestApp::start(database, Template::Twins, |_| {}).await;
        people(&app).await;
        finished(&app).await;
        let offering = seats(&app, 3, 10).await;
        let staff = college(&app, "north", Role::InstitutionAdmin).await;
        let tokens = join_all((0..6).map(|number| learner(&app, number))).await;
        let funding = |key| match key {
            4 => json!({ "voucherCode": VOUCHER }),
            5 => json!({ "aidReference": "Workforce grant" }),
            _ => Value::Null,
        };
        let mut ids = Vec::new();
        for (token, key) in tokens.iter().zip(0..) {
            ids.push(request(&app, token, key, &offering, funding(key)).await["enrollment"]["id"].take());
        }
        go(&app, &staff, json!({ "id": ids[0], "to": "ACTIVE" })).await;
        go(&app, &tokens[1], json!({ "id": ids[1], "to": "CANCELLED" })).await;
        let states = async || app.rows("SELECT e.state FROM enrollment e JOIN learner_identity i ON i.learner_id = e.learner_id WHERE i.subject LIKE 'learner-%' ORDER BY i.subject").await.join(" ");
        assert_eq!(states().await, "ACTIVE CANCELLED ENROLLED SEAT_OFFERED WAITLISTED REQUESTED");
        app.execute("UPDATE offering SET status = 'CANCELLED' WHERE code = 'HVA101-1'").await;
        for (place, to) in [(2, "ACTIVE"), (3, "ENROLLED"), (5, "ENROLLED"), (5, "WAITLISTED")] {
            let refused = go(&app, &staff, json!({ "id": ids[place], "to": to })).await;
            assert_eq!(refused["userErrors"], json!([{ "code": "CLOSED", "path": ["input", "to"] }]), "{to}: {refused:#}");
        }
        app.execute("UPDATE offering SET status = 'OPEN' WHERE code = 'HVA101-1'").await;
        let finish = "mutation($id: ID!) { offeringUpdate(input: { id: $id, fields: { status: FINISHED } }) { offering { status seats { waitlisted } } userErrors { code } } }";
        let answer = app.ask_as(&staff, finish, json!({ "id": offering })).await;
        assert_eq!(answer["data"]["offeringUpdate"], json!({ "offering": { "status": "FINISHED", "seats": { "waitlisted": 0 } }, "userErrors": [] }), "{answer:#}");
        assert_eq!(states().await, "ACTIVE CANCELLED ENROLLED CANCELLED CANCELLED CANCELLED");
        assert_eq!(app.rows("SELECT state FROM voucher").await, ["UNUSED"]);
        assert_eq!(app.rows("SELECT name || balance FROM ledger_account WHERE unit = 'MONEY' ORDER BY name").await, ["FREE6000", "GRANTED-6000", "RESERVED0", "SPENT0"]);
        assert_eq!(app.rows("SELECT count(*) FROM enrollment_transition WHERE reason = 'The offering is over.' AND actor_name = 'Pat'").await, ["3"]);
        for (place, to) in [(2, "ACTIVE"), (2, "COMPLETED"), (0, "NOT_COMPLETED")] {
            assert_eq!(go(&app, &staff, json!({ "id": ids[place], "to": to })).await["userErrors"], json!([]), "{to}");
        }
        agrees(&app).await;
    }

    /// An offering is cancelled while learners ask for its seats and leave them: whoever came first, nothing stays open in it.
    async fn ends_it_whoever_comes_first(database) {
        let app = TestApp::twins(database).await;
        people(&app).await;
        finished(&app).await;
        let offering = seats(&app, 2, 10).await;
        let staff = college(&app, "north", Role::InstitutionAdmin).await;
        let tokens = join_all((0..8).map(|number| learner(&app, number))).await;
        let asking = join_all(tokens.iter().zip(0..).map(|(token, key)| request(&app, token, key, &offering, Value::Null)));
        let cancelling = app.ask_as(&staff, CANCEL, json!({ "id": offering }));
        let (asked, cancelled) = tokio::join!(asking, cancelling);
        assert_eq!(cancelled["data"]["offeringUpdate"]["userErrors"], json!([]), "{cancelled:#}");
        let placed = asked.iter().filter(|payload| payload["enrollment"].is_object()).count();
        assert_eq!(app.rows("SELECT count(*) FROM enrollment WHERE state = 'CANCELLED'").await, [placed.to_string()]);
        agrees(&app).await;
    }
}
