//! What was charged to somebody who has left, given back later.

use concord::domain::role::Role;
use serde_json::{Value, json};

use super::{agrees, budget, finished, go, request, seats};
use crate::roster::peopled;
use crate::support::both;
use crate::tenant::{business, college};

both! {
    /// A learner withdraws from a place that a business pays for, and the college gives the money back afterwards, twice: it goes back once and without a step. Before, the learner, the business and
    /// another college ask for the same: nothing moves.
    async fn are_made_after_the_learner_has_left(database) {
        let app = peopled(database).await;
        finished(&app).await;
        let offering = seats(&app, 5, 5).await;
        let (pat, acme) = (college(&app, "north", Role::Learner).await, business(&app, "acme").await);
        let (staff, other) = (college(&app, "north", Role::InstitutionAdmin).await, college(&app, "south", Role::InstitutionAdmin).await);
        let funding = json!({ "sponsorshipId": budget(&app, 1).await });
        let place = request(&app, &pat, 2, &offering, funding).await["enrollment"]["id"].take();
        for (token, to) in [(&staff, "ACTIVE"), (&pat, "WITHDRAWN")] {
            let moved = go(&app, token, json!({ "id": place, "to": to, "reason": "moved away" })).await;
            assert_eq!(moved["enrollment"]["funding"], json!([{ "state": "CHARGED" }]), "{moved:#}");
        }
        let money = async || app.rows("SELECT a.name || a.balance FROM ledger_account a JOIN sponsorship s ON s.id = a.sponsorship_id WHERE s.kind = 'BUDGET' ORDER BY a.name").await;
        let back = json!({ "id": place, "to": "WITHDRAWN", "reason": "ours to give back", "isRefunded": true });
        for (token, code, path) in [(&pat, "INVALID", "isRefunded"), (&acme, "INVALID", "isRefunded"), (&other, "NOT_FOUND", "id")] {
            let refused = go(&app, token, back.clone()).await;
            assert_eq!(refused, json!({ "enrollment": null, "userErrors": [{ "code": code, "path": ["input", path] }] }));
        }
        assert_eq!(money().await, ["FREE10500", "GRANTED-20000", "RESERVED0", "SPENT9500"]);
        for _ in 0..2 {
            let given = go(&app, &staff, back.clone()).await;
            assert_eq!((&given["enrollment"]["state"], &given["enrollment"]["funding"]), (&json!("WITHDRAWN"), &json!([{ "state": "RELEASED" }])), "{given:#}");
            assert_eq!(money().await, ["FREE20000", "GRANTED-20000", "RESERVED0", "SPENT0"]);
        }
        assert_eq!(app.rows("SELECT count(*) FROM enrollment_transition h JOIN enrollment e ON e.id = h.enrollment_id WHERE e.state = 'WITHDRAWN'").await, ["3"]);
        assert_eq!(app.rows("SELECT actor_name FROM audit_event WHERE changed_fields = 'isRefunded'").await.len(), 1);
        let plain = go(&app, &pat, json!({ "id": place, "to": "WITHDRAWN", "reason": "as before", "isRefunded": false })).await;
        assert_eq!(plain["userErrors"], Value::Array(Vec::new()));
        agrees(&app).await;
        assert_eq!(app.store.breaches(), 0);
    }
}
