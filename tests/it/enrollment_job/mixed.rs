//! Lists whose rows go from one offering to another, of several institutions.

use std::fmt::Write as _;

use concord::domain::clock::Clock;
use concord::domain::id::Kind;
use concord::service::enrollment::job::work;
use futures_util::future::join_all;
use serde_json::json;
use uuid::Uuid;

use super::{finish, hired, read, send, sponsor, start};
use crate::enrollment::{agrees, seats};
use crate::support::{Database, TestApp, both, now};
use crate::tenant::business;
use crate::walk::id;

/// Two offerings, the first of `north` and the second of `south`, that so many find a seat in.
async fn offerings(app: &TestApp, capacity: u32) -> [String; 2] {
    let north = seats(app, capacity, 0).await;
    app.execute(&format!("UPDATE offering SET capacity = {capacity}, seats_taken = 0 WHERE code = 'NET101-A'")).await;
    [north, id(app, Kind::Offering, "s1").await]
}

/// A list of places for workers, each in the next of some offerings.
fn list(offerings: &[&String], workers: std::ops::Range<u16>) -> String {
    workers.zip(offerings.iter().cycle()).fold("offeringId,email\r\n".to_owned(), |mut text, (number, offering)| {
        let _ = write!(text, "{offering},worker-{number}@larkspur.example\r\n");
        text
    })
}

both! {
    /// A list goes to and fro between offerings: it takes no more transactions than one that does not, and where the money ends, nothing is written for whoever it does not reach.
    async fn takes_no_more_transactions(database) {
        let app = hired(database, 24, 50).await;
        let token = business(&app, "acme").await;
        let [north, south] = offerings(&app, 100).await;
        let mut counts = Vec::new();
        for (number, workers, mixed) in [(1, 0..6, false), (2, 6..12, true)] {
            let funding = sponsor(&app, &token, 10 + number, 5_000).await;
            let (middle, last) = (workers.start + 3, workers.end);
            let text = if mixed {
                list(&[&north, &south], workers)
            } else {
                list(&[&north], workers.start..middle) + &list(&[&south], middle..last).replace("offeringId,email\r\n", "")
            };
            start(&app, &token, number, &send(&app, &token, &text).await, &funding).await;
            let before = app.rows("SELECT count(*) FROM audit_event").await;
            let begun = app.store.statements();
            finish(&app).await;
            counts.push(app.store.statements() - begun);
            assert_ne!(app.rows("SELECT count(*) FROM audit_event").await, before);
        }
        // The mixed list goes on for another institution with each row, in the transaction that it has.
        let most = counts[0] + 6;
        assert!(counts[1] <= most, "{counts:?}");
        agrees(&app).await;

        // Two places of 95 dollars, and a rest that is enough for none.
        let poor = sponsor(&app, &token, 20, 250).await;
        let begun = start(&app, &token, 3, &send(&app, &token, &list(&[&north, &south], 12..24)).await, &poor).await;
        let kept = "SELECT count(*) FROM enrollment UNION ALL SELECT count(*) FROM funding UNION ALL SELECT count(*) FROM enrollment_transition UNION ALL SELECT count(*) FROM ledger_entry UNION ALL SELECT count(*) FROM business_enrollment";
        let count = async || app.rows(kept).await.iter().map(|count| count.parse::<i64>().expect("a number")).collect::<Vec<_>>();
        let before = count().await;
        finish(&app).await;
        let told = read(&app, &token, &begun["enrollmentJob"]["id"]).await;
        let enrolled = told["enrolledCount"].as_i64().expect("a number");
        assert!((1..12).contains(&enrolled) && told["ineligibleCount"] == json!(12 - enrolled), "{told:#}");
        assert_eq!(count().await.iter().zip(before).map(|(after, before)| after - before).collect::<Vec<_>>(), [enrolled; 5]);
        agrees(&app).await;
    }

    /// Two lists of the same offerings in opposite orders are worked off at once by two nodes: neither ever waits for what the other will not give before it has what the first holds.
    async fn opposite_orders_do_not_lock_each_other_out(database) {
        const ROWS: u16 = 40;
        let app = hired(database, 2 * ROWS, 10).await;
        let token = business(&app, "acme").await;
        let [north, south] = offerings(&app, 200).await;
        if database == Database::Postgres {
            // Nobody is freed from a ring of locks: it would stand until the statement's time is over, which fails the job.
            app.execute("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET deadlock_timeout = 600000', current_database()); END $$").await;
        }
        let mut jobs = Vec::new();
        for (number, order, workers) in [(1, [&north, &south], 0..ROWS), (2, [&south, &north], ROWS..2 * ROWS)] {
            let funding = sponsor(&app, &token, 10 + number, 20_000).await;
            let begun = start(&app, &token, number, &send(&app, &token, &list(&order, workers)).await, &funding).await;
            jobs.push(begun["enrollmentJob"]["id"].clone());
        }
        let fixed = || Clock::Fixed(now());
        let nodes = [
            app.beside(fixed(), |settings| settings.jobs.batch = 10).await,
            app.beside(fixed(), |settings| settings.jobs.batch = 10).await,
        ];
        let worker = async |node: &concord::app::App, owner: u128| {
            while work(&node.sweeper(), Uuid::from_u128(owner)).await.expect("rows are worked off") {}
        };
        join_all(nodes.iter().zip([1, 2]).map(|(node, owner)| Box::pin(worker(node, owner)))).await;
        finish(&app).await;
        for job in &jobs {
            let told = read(&app, &token, job).await;
            assert_eq!((&told["state"], &told["enrolledCount"]), (&json!("SUCCEEDED"), &json!(ROWS)), "{told:#}");
        }
        agrees(&app).await;
    }
}
