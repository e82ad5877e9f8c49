//! Lists whose rows go from one offering to another, and from one institution to another.

use concord::domain::clock::Clock;
use concord::domain::id::{GlobalId, Kind};
use concord::domain::role::Role;
use concord::service::enrollment::job::work;
use futures_util::future::join_all;
use serde_json::json;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection};
use uuid::Uuid;

use super::{finish, hired, list, list_over, read, send, sponsor, start};
use crate::enrollment::storms::nobody_gave_way;
use crate::enrollment::{agrees, seats};
use crate::support::people::person;
use crate::support::{Database, TestApp, both, now};
use crate::tenant::{business, college};
use crate::walk::id;

/// Two offerings of `north`, for 95 and 110 dollars, and one of `south`, in which so many find a seat.
async fn offerings(app: &TestApp, capacity: u32) -> [String; 3] {
    let one = seats(app, capacity, 0).await;
    app.execute(&format!(
        "UPDATE offering SET capacity = {capacity}, seats_taken = 0, waitlisted = 0 WHERE code IN ('HVA101-2', 'NET101-A')"
    ))
    .await;
    [one, id(app, Kind::Offering, "n2").await, id(app, Kind::Offering, "s1").await]
}

/// Somebody who holds an offering, until they are let go.
async fn hold(app: &TestApp, offering: &str) -> PgConnection {
    let mut holder = PgConnection::connect(&app.url()).await.expect("a connection");
    let id = GlobalId::parse(offering).expect("an identifier").uuid;
    let held =
        sqlx::raw_sql(AssertSqlSafe(format!("BEGIN; SELECT id FROM offering WHERE id = '{id}' FOR UPDATE"))).execute(&mut holder).await;
    assert_eq!(held.expect("a row").rows_affected(), 1);
    holder
}

both! {
    /// A list goes to and fro between two offerings: it takes no more questions than one that has the one after the other. Where the money ends, nothing is written for whoever it does
    /// not reach.
    async fn takes_no_more_transactions(database) {
        let app = hired(database, 36, 50).await;
        let token = business(&app, "acme").await;
        let [one, other, _] = offerings(&app, 100).await;
        let mut counts = Vec::new();
        for (number, text) in [
            (1, list_over(&[&one, &other], 0..4)),
            (2, list(&one, 4..10) + &list(&other, 10..16).replace("offeringId,email\r\n", "")),
            (3, list_over(&[&one, &other], 16..28)),
        ] {
            let funding = sponsor(&app, &token, 10 + number, 5_000).await;
            let begun = start(&app, &token, number, &send(&app, &token, &text).await, &funding).await;
            let before = app.store.statements();
            finish(&app).await;
            counts.push(app.store.statements() - before);
            let told = read(&app, &token, &begun["enrollmentJob"]["id"]).await;
            assert_eq!(told["enrolledCount"], told["rowCount"], "{told:#}");
        }
        // What the first writes for the first time is behind the other two.
        assert_eq!(counts[1], counts[2], "{counts:?}");
        agrees(&app).await;

        // A place for 95 dollars, one for 110, and a rest that is enough for none.
        let poor = sponsor(&app, &token, 20, 250).await;
        let begun = start(&app, &token, 4, &send(&app, &token, &list_over(&[&one, &other], 28..36)).await, &poor).await;
        let kept = "SELECT count(*) FROM enrollment UNION ALL SELECT count(*) FROM funding UNION ALL SELECT count(*) FROM enrollment_transition UNION ALL SELECT count(*) FROM ledger_entry UNION ALL SELECT count(*) FROM business_enrollment";
        let count = async || app.rows(kept).await.iter().map(|count| count.parse::<i64>().expect("a number")).collect::<Vec<_>>();
        let before = count().await;
        finish(&app).await;
        let told = read(&app, &token, &begun["enrollmentJob"]["id"]).await;
        assert_eq!((&told["enrolledCount"], &told["ineligibleCount"]), (&json!(2), &json!(6)), "{told:#}");
        assert_eq!(count().await.iter().zip(before).map(|(after, before)| after - before).collect::<Vec<_>>(), [2; 5]);
        agrees(&app).await;
    }

    /// Lists of the same offerings in opposite orders, two of them of one institution alone and two that go from one institution to another, are worked off at once by four workers:
    /// none ever waits for what another will not give before it has what the first holds.
    async fn opposite_orders_do_not_lock_each_other_out(database) {
        const ROWS: u16 = 20;
        let app = hired(database, 4 * ROWS, 10).await;
        let token = business(&app, "acme").await;
        let [one, other, south] = offerings(&app, 200).await;
        let mut jobs = Vec::new();
        for (number, order) in (0..).zip([[one.as_str(), &other], [&other, &one], [&one, &south], [&south, &other]]) {
            let funding = sponsor(&app, &token, 10 + number, 20_000).await;
            let first = u16::try_from(number).expect("few") * ROWS;
            let begun = start(&app, &token, number, &send(&app, &token, &list_over(&order, first..first + ROWS)).await, &funding).await;
            jobs.push(begun["enrollmentJob"]["id"].clone());
        }
        let node = app.beside(Clock::Fixed(now()), |settings| settings.jobs.batch = 10).await;
        let worker = async |node: &concord::app::App, owner: u128| {
            while work(&node.sweeper(), Uuid::from_u128(owner)).await.expect("rows are worked off") {}
        };
        join_all([(app.app(), 1), (&node, 2), (app.app(), 3), (&node, 4)].map(|(node, owner)| Box::pin(worker(node, owner)))).await;
        finish(&app).await;
        for job in &jobs {
            let told = read(&app, &token, job).await;
            assert_eq!((&told["state"], &told["enrolledCount"]), (&json!("SUCCEEDED"), &json!(ROWS)), "{told:#}");
        }
        agrees(&app).await;
        nobody_gave_way(&app).await;
    }

    /// Staff of `north` list somebody for `south` too: that row alone is told that there is nothing, nothing is written there, and nobody waits for whoever has it.
    async fn staff_list_for_nobody_elses_offerings(database) {
        let app = hired(database, 0, 50).await;
        let token = college(&app, "north", Role::InstitutionAdmin).await;
        let [one, _, south] = offerings(&app, 100).await;
        let pat = person(Kind::Learner, 1);
        let text = format!("offeringId,learnerId\r\n{south},{pat}\r\n{one},{pat}\r\n");
        crate::enrollment::finished(&app).await;
        let begun = start(&app, &token, 1, &send(&app, &token, &text).await, &json!({ "aidReference": "PELL-1" })).await;
        let held = if database == Database::Postgres { Some(hold(&app, &south).await) } else { None };
        finish(&app).await;
        drop(held);
        let told = read(&app, &token, &begun["enrollmentJob"]["id"]).await;
        let rows: Vec<_> = told["items"]["nodes"].as_array().expect("rows").iter().map(|row| (&row["outcome"], &row["problems"][0]["code"])).collect();
        assert_eq!(rows, [(&json!("INELIGIBLE"), &json!("NOT_FOUND")), (&json!("REQUESTED"), &json!(null))], "{told:#}");
        assert_eq!(app.rows("SELECT count(*) FROM audit_event e JOIN institution i ON i.id = e.tenant_id WHERE i.slug <> 'penasco'").await, ["0"]);
        agrees(&app).await;
    }
}
