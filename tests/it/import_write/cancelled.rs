//! Offerings that a college's own system changes, cancels or finishes, with everything that is open in them.

use concord::domain::id::Kind;
use concord::service::enrollment::fill_all;
use serde_json::{Value, json};

use super::{Folder, import, later};
use crate::cache::keeping;
use crate::enrollment::{agrees, finished, learner, request, seats};
use crate::support::people::{VOUCHER, people};
use crate::support::{Template, TestApp, both};
use crate::walk::id;

both! {
    /// A college's system cancels an offering in which somebody has a seat that a business pays for, and somebody waits: tried, nothing happens; imported, all of it ends, the money goes
    /// back, and visitors are told.
    async fn ends_what_is_open(database) {
        let app = TestApp::start(database, Template::Twins, keeping).await;
        people(&app).await;
        finished(&app).await;
        let offering = seats(&app, 1, 10).await;
        for (number, funding) in [(0, json!({ "voucherCode": VOUCHER })), (1, Value::Null)] {
            request(&app, &learner(&app, number).await, number, &offering, funding).await;
        }
        let states = async || app.rows("SELECT state FROM enrollment WHERE state <> 'COMPLETED' ORDER BY requested_at, state").await.join(" ");
        let shown = format!("{{ offering(by: {{ id: \"{offering}\" }}) {{ status seats {{ waitlisted }} }} }}");
        assert_eq!(app.query(&shown).await["data"]["offering"], json!({ "status": "OPEN", "seats": { "waitlisted": 1 } }));
        let folder = Folder::twins();
        folder.change("offerings.csv", "north-main,IN_PERSON,OPEN,2027-02-01", "north-main,IN_PERSON,CANCELLED,2027-02-01");
        let mut options = later();
        options.is_dry_run = true;
        import(&app, &folder, &options).await;
        assert_eq!(states().await, "ENROLLED WAITLISTED");
        for is_strict in [true, false] {
            options = later();
            options.is_strict = is_strict;
            import(&app, &folder, &options).await;
            assert_eq!(states().await, "CANCELLED CANCELLED");
            agrees(&app).await;
            let why = "SELECT count(*) FROM enrollment_transition WHERE reason = 'The offering was cancelled.' AND actor_name = 'Concord'";
            assert_eq!(app.rows(why).await, ["2"], "once, however often it is imported");
        }
        assert_eq!(app.rows("SELECT state FROM voucher").await, ["UNUSED"]);
        assert_eq!(app.rows("SELECT name || balance FROM ledger_account WHERE unit = 'MONEY' ORDER BY name").await, ["FREE6000", "GRANTED-6000", "RESERVED0", "SPENT0"]);
        // The import ran elsewhere, as another process would.
        app.app().hear().await.expect("what was moved");
        assert_eq!(app.query(&shown).await["data"]["offering"], json!({ "status": "CANCELLED", "seats": { "waitlisted": 0 } }));
        // Another one, in a batch of its own.
        let other = id(&app, Kind::Offering, "n2").await;
        app.execute("UPDATE offering SET capacity = 21 WHERE code = 'HVA101-2'").await;
        request(&app, &learner(&app, 1).await, 7, &other, Value::Null).await;
        assert_eq!(states().await, "CANCELLED CANCELLED ENROLLED");
        folder.change("offerings.csv", "north-far,HYBRID,OPEN", "north-far,HYBRID,CANCELLED");
        import(&app, &folder, &later()).await;
        assert_eq!(states().await, "CANCELLED CANCELLED CANCELLED");
        agrees(&app).await;
    }

    /// A college's system knows of a larger room, and later that the offering is over: whoever waits is offered the seats that there are, and what still waits in the end gets its money back.
    async fn follows_rooms_and_ends(database) {
        let app = TestApp::start(database, Template::Twins, |_| {}).await;
        people(&app).await;
        finished(&app).await;
        let offering = seats(&app, 1, 10).await;
        for (number, funding) in [(0, Value::Null), (1, Value::Null), (2, json!({ "voucherCode": VOUCHER }))] {
            request(&app, &learner(&app, number).await, number, &offering, funding).await;
        }
        let states = async || app.rows("SELECT state FROM enrollment WHERE state <> 'COMPLETED' ORDER BY state").await.join(" ");
        assert_eq!(states().await, "ENROLLED WAITLISTED WAITLISTED");
        let folder = Folder::twins();
        folder.change("offerings.csv", "2027-01-29T23:00:00Z,,20,12,0,5", "2027-01-29T23:00:00Z,,4,1,0,5");
        import(&app, &folder, &later()).await;
        assert_eq!(fill_all(&app.app().sweeper()).await.expect("a sweep"), 1);
        assert_eq!(states().await, "ENROLLED SEAT_OFFERED WAITLISTED");
        folder.change("offerings.csv", "north-main,IN_PERSON,OPEN,2027-02-01", "north-main,IN_PERSON,FINISHED,2027-02-01");
        import(&app, &folder, &later()).await;
        assert_eq!(states().await, "CANCELLED CANCELLED ENROLLED");
        assert_eq!(app.rows("SELECT state FROM voucher").await, ["UNUSED"]);
        agrees(&app).await;
    }
}
