//! Offers that nobody takes, and sweeps that come upon a row with which nothing can be done.

use concord::domain::id::Kind;
use concord::domain::role::Role;
use concord::service::enrollment::{fill_all, sweep};
use serde_json::{Value, json};

use super::{agrees, budget, finished, go, learner, request, seats};
use crate::roster::peopled;
use crate::support::people::{key, literal};
use crate::support::{TestApp, both};
use crate::tenant::college;
use crate::walk::id;

/// The states of places in an offering that somebody asked for here, the first first.
async fn states(app: &TestApp, code: &str) -> String {
    app.rows(&format!("SELECT e.state FROM enrollment e JOIN offering o ON o.id = e.offering_id WHERE o.code = '{code}' AND e.state NOT IN ('COMPLETED', 'ACTIVE') ORDER BY e.requested_at, e.id")).await.join(" ")
}

both! {
    /// A learner for whom a business pays waits alone, and lets one offer pass: it is offered again. The second passes too: the place ends, the money is free, and the seat is the next one's who asks. An offer of
    /// another college is not touched.
    async fn end_a_place_at_the_second_time(database) {
        let app = peopled(database).await;
        finished(&app).await;
        let (offering, elsewhere) = (seats(&app, 1, 5).await, id(&app, Kind::Offering, "s1").await);
        app.execute("UPDATE offering SET waitlist_capacity = 5 WHERE code = 'NET101-A'").await;
        let (one, two, pat) = (learner(&app, 1).await, learner(&app, 2).await, college(&app, "north", Role::Learner).await);
        let funding = json!({ "sponsorshipId": budget(&app, 1).await });
        for (key, offering, funding) in [(2, &offering, funding), (10, &elsewhere, Value::Null)] {
            let first = request(&app, &one, key, offering, Value::Null).await["enrollment"]["id"].take();
            assert_eq!(request(&app, &pat, key + 1, offering, funding).await["enrollment"]["state"], "WAITLISTED");
            go(&app, &one, json!({ "id": first, "to": "CANCELLED" })).await;
        }
        let until = app.rows("SELECT o.expires_at FROM seat_offer o JOIN institution i ON i.id = o.institution WHERE i.slug <> 'penasco'").await;
        let sweeper = app.app().sweeper();
        for expected in ["CANCELLED SEAT_OFFERED", "CANCELLED CANCELLED"] {
            app.execute("UPDATE seat_offer SET expires_at = '2020-01-01T00:00:00.000000+00:00' WHERE institution IN (SELECT id FROM institution WHERE slug = 'penasco')").await;
            assert_eq!(sweep(&sweeper).await.expect("a sweep"), 1);
            assert_eq!((states(&app, "HVA101-1").await.as_str(), states(&app, "NET101-A").await.as_str()), (expected, "CANCELLED SEAT_OFFERED"));
        }
        assert_eq!(app.rows("SELECT o.expires_at FROM seat_offer o").await, until);
        assert_eq!(app.rows("SELECT reason, actor_name FROM enrollment_transition WHERE reason IS NOT NULL AND actor_name = 'Concord' ORDER BY number").await, ["the offer has lapsed|Concord", "two offers have lapsed|Concord"]);
        assert_eq!(app.rows("SELECT a.name || a.balance FROM ledger_account a JOIN sponsorship s ON s.id = a.sponsorship_id WHERE s.kind = 'BUDGET' ORDER BY a.name").await, ["FREE20000", "GRANTED-20000", "RESERVED0", "SPENT0"]);
        assert_eq!(request(&app, &two, 20, &offering, Value::Null).await["enrollment"]["state"], "ENROLLED");
        agrees(&app).await;
        assert_eq!(app.store.breaches(), 0);
    }

    /// An offer of one college cannot be moved on, for its seats are wrongly counted, and one is nobody's: the sweep says so, and yet moves on another college's, as it offers what is free there.
    async fn do_not_stand_in_the_way_of_others(database) {
        let app = peopled(database).await;
        finished(&app).await;
        let (offering, elsewhere) = (seats(&app, 1, 5).await, id(&app, Kind::Offering, "s1").await);
        app.execute("UPDATE offering SET waitlist_capacity = 5 WHERE code = 'NET101-A'").await;
        assert_eq!(app.rows("SELECT code FROM offering WHERE code IN ('HVA101-1', 'NET101-A') ORDER BY id").await, ["HVA101-1", "NET101-A"]);
        let (one, two, three) = (learner(&app, 1).await, learner(&app, 2).await, learner(&app, 3).await);
        for (number, offering) in [(1, &offering), (10, &elsewhere)] {
            let first = request(&app, &one, number, offering, Value::Null).await["enrollment"]["id"].take();
            for (token, number) in [(&two, number + 1), (&three, number + 2)] {
                assert_eq!(request(&app, token, number, offering, Value::Null).await["enrollment"]["state"], "WAITLISTED");
            }
            go(&app, &one, json!({ "id": first, "to": "CANCELLED" })).await;
        }
        let (stray, at) = (literal(&app, key(Kind::Enrollment, 999)), "'2019-01-01T00:00:00.000000+00:00'");
        app.execute(&format!("UPDATE seat_offer SET expires_at = {at}; INSERT INTO seat_offer (enrollment, institution, expires_at) SELECT {stray}, id, {at} FROM institution WHERE slug = 'penasco'")).await;
        let count = app.rows("SELECT seats_here FROM offering WHERE code = 'HVA101-1'").await.concat();
        app.execute("UPDATE offering SET seats_here = 0 WHERE code = 'HVA101-1'").await;
        let sweeper = app.app().sweeper();
        sweep(&sweeper).await.expect_err("what cannot be moved on");
        assert_eq!((states(&app, "HVA101-1").await.as_str(), states(&app, "NET101-A").await.as_str()), ("CANCELLED SEAT_OFFERED WAITLISTED", "CANCELLED WAITLISTED SEAT_OFFERED"));
        assert_eq!(app.rows("SELECT count(*) FROM seat_offer").await, ["2"]);
        app.execute(&format!("UPDATE offering SET seats_here = {count}, capacity = capacity + 1, waiting_here = 0 WHERE code = 'HVA101-1'; UPDATE offering SET capacity = capacity + 1 WHERE code = 'NET101-A'")).await;
        fill_all(&sweeper).await.expect_err("what cannot be offered");
        assert_eq!((states(&app, "HVA101-1").await.as_str(), states(&app, "NET101-A").await.as_str()), ("CANCELLED SEAT_OFFERED WAITLISTED", "CANCELLED SEAT_OFFERED SEAT_OFFERED"));
        app.execute("UPDATE offering SET waiting_here = 1 WHERE code = 'HVA101-1'").await;
        assert_eq!(fill_all(&sweeper).await.expect("a sweep"), 1);
        assert_eq!(sweep(&sweeper).await.expect("a sweep"), 1);
        agrees(&app).await;
        assert_eq!(app.store.breaches(), 0);
    }
}
