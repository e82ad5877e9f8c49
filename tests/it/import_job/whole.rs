//! Files that name everybody: who is not in them leaves, unless that looks like a mistake.

use serde_json::{Value, json};

use super::{finish, import, rosters, start};
use crate::enrollment::agrees;
use crate::enrollment_job::{hire, send};
use crate::roster::peopled;
use crate::support::{TestApp, both};
use crate::tenant::business;

/// A roster of these workers, as they are known, and of Ben Ortiz.
fn file(workers: std::ops::Range<u16>) -> String {
    let rows = workers.map(|number| format!("worker {number},worker-{number}@larkspur.example,{:06}\n", 100 + u32::from(number)));
    "name,email,number\nBen Ortiz,ben@larkspur.example,10043\n".to_owned() + &rows.collect::<String>()
}

/// A complete roster, which is meant or only checked, and confirmed or not.
fn complete(is_dry_run: bool, is_confirmed: bool) -> Value {
    json!({ "isComplete": true, "isDryRun": is_dry_run, "isConfirmed": is_confirmed })
}

/// State, and how many were added, changed, separated and refused.
fn told(job: &Value) -> String {
    let counts = ["rowsCreated", "rowsUpdated", "rowsSeparated", "rowsRejected"].map(|name| job[name].to_string());
    format!("{} {}", job["state"].as_str().unwrap_or_default(), counts.join(" "))
}

/// How many of `acme` have not left.
async fn present(app: &TestApp) -> String {
    app.rows("SELECT count(*) FROM employee WHERE status <> 'SEPARATED' AND email LIKE '%larkspur%'").await.remove(0)
}

both! {
    /// A complete roster names a few of twenty-two people: it fails with the numbers until that is confirmed, checked or not; then the others leave, their consents end, and whoever stays is as before.
    async fn separates_whoever_is_not_in_it(database) {
        let app = peopled(database).await;
        hire(&app, 20).await;
        let token = business(&app, "acme").await;
        let (before, text) = (rosters(&app).await, file(0..4));
        for (number, is_dry_run) in [(1, true), (2, false)] {
            let job = import(&app, &token, number, &text, complete(is_dry_run, false)).await;
            assert_eq!(told(&job), "FAILED 0 0 0 0");
            assert_eq!(job["failure"], "this separates 17 of 22 people, which is more than 20 percent: give `isConfirmed: true` if that is meant; nothing was written");
        }
        let checked = import(&app, &token, 3, &text, complete(true, true)).await;
        assert_eq!((told(&checked).as_str(), &checked["failure"]), ("SUCCEEDED 0 0 17 0", &Value::Null));
        assert_eq!(rosters(&app).await, before);
        let done = import(&app, &token, 4, &text, complete(false, true)).await;
        assert_eq!(told(&done), "SUCCEEDED 0 0 17 0");
        assert_eq!(present(&app).await, "5");
        assert_eq!(app.rows("SELECT count(*) FROM consent_grant WHERE business_id IS NOT NULL AND revoked_at IS NULL").await, ["0"]);
        assert_eq!(app.rows("SELECT count(*) FROM employee e WHERE e.name LIKE 'worker%' AND e.status = 'LINKED' AND e.separated_at IS NULL").await, ["4"]);
        agrees(&app).await;
        // Whoever comes back has the same entry, and has to confirm it again.
        let back = import(&app, &token, 5, &file(0..5), complete(false, false)).await;
        assert_eq!(told(&back), "SUCCEEDED 0 1 0 0");
        assert_eq!(app.rows("SELECT status, count(*) FROM employee WHERE email LIKE 'worker-%' GROUP BY status ORDER BY status").await, ["INVITED|1", "LINKED|4", "SEPARATED|15"]);
        assert_eq!(app.store.breaches(), 0);
    }

    /// A complete roster has one row that is refused, by what it says or because it cannot be read: the good rows go in, and nobody leaves. A file that is not said to be complete separates nobody.
    async fn separates_nobody_while_a_row_is_refused(database) {
        let app = peopled(database).await;
        let token = business(&app, "acme").await;
        for (number, bad) in [(1, "Some Body,no address,\n"), (2, "Some Body,\"some@new.example\n")] {
            let text = format!("name,email,number\nNew {number},new-{number}@larkspur.example,n{number}\n{bad}");
            let job = import(&app, &token, number, &text, complete(false, true)).await;
            assert_eq!(told(&job), "SUCCEEDED 1 0 0 1");
            let problems = job["problems"]["nodes"].as_array().expect("problems");
            let lines: Vec<_> = problems.iter().map(|problem| (problem["line"].as_u64(), problem["code"].as_str())).collect();
            assert_eq!(lines, [(Some(1), Some("NOT_ELIGIBLE")), (Some(3), Some("INVALID"))]);
        }
        let few = import(&app, &token, 3, "name,email\nNew 3,new-3@larkspur.example\n", json!({ "isDryRun": false, "isConfirmed": true })).await;
        assert_eq!(told(&few), "SUCCEEDED 1 0 0 0");
        assert_eq!(present(&app).await, "5");
        agrees(&app).await;
    }

    /// A roster of twenty people and one of four hundred take as many statements: rows are not written one by one.
    async fn takes_no_more_statements_for_more_rows(database) {
        let app = peopled(database).await;
        let token = business(&app, "acme").await;
        let mut counts = Vec::new();
        for (number, rows) in [(1, 20_u16), (2, 400)] {
            let rows: Vec<String> = (0..rows).map(|row| format!("P {row},p-{number}-{row}@new.example,{number}-{row},Main shop\n")).collect();
            start(&app, &token, number, &send(&app, &token, &format!("name,email,number,site\n{}", rows.concat())).await, json!({ "isDryRun": false })).await;
            let (statements, times) = Box::pin(app.statements(finish(&app))).await;
            assert_eq!(times, 1);
            counts.push(statements);
        }
        assert_eq!(counts[0], counts[1]);
        assert_eq!(app.rows("SELECT count(*) FROM employee WHERE email LIKE 'p-%' AND status = 'INVITED' AND site_id IS NOT NULL").await, ["420"]);
    }
}
