//! Acts that meet at the same vouchers and seats: nobody waits for each other.

use concord::domain::id::Kind;
use concord::store::sql::Dialect;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{agrees, finished, go, learner, once, request, seats};
use crate::roster::peopled;
use crate::support::people::person;
use crate::support::{TestApp, both};
use crate::tenant::business;
use crate::walk::id;

const ISSUE: &str = "mutation($input: VouchersIssueInput!) { vouchersIssue(input: $input) { vouchers { code } userErrors { code } } }";

/// Does something that is not refused.
async fn done(app: &TestApp, token: &str, document: &str, variables: Value) -> Value {
    let answer = app.ask_as(token, document, variables).await;
    assert!(answer.get("errors").is_none(), "{answer:#}");
    let payload = answer["data"].as_object().and_then(|data| data.values().next()).cloned().unwrap_or_default();
    assert_eq!(payload["userErrors"], json!([]), "{answer:#}");
    payload
}

/// No transaction was given up for another one. What a connection has counted it tells at its end.
async fn nobody_gave_way(app: &TestApp) {
    if app.store.dialect() != Dialect::Postgres {
        return;
    }
    let served = "FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'concord'";
    app.rows(&format!("SELECT pg_terminate_backend(pid) {served}")).await;
    let over = async { while app.rows(&format!("SELECT count(*) {served}")).await != ["0"] {} };
    tokio::time::timeout(std::time::Duration::from_mins(1), over).await.expect("the connections end");
    assert_eq!(app.rows("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").await, ["0"]);
}

both! {
    /// Learners pay with the same few vouchers in two offerings, and leave again, all at once: each is refused or has a place, and no voucher pays twice.
    async fn few_vouchers_go_round(database) {
        let app = peopled(database).await;
        finished(&app).await;
        let offerings = [seats(&app, 20, 0).await, id(&app, Kind::Offering, "n2").await];
        app.execute("UPDATE offering SET capacity = 50 WHERE code = 'HVA101-2'").await;
        let issue = json!({ "idempotencyKey": once(1), "sponsorshipId": person(Kind::Sponsorship, 1), "count": 2, "value": "60.00", "expiresOn": "2027-06-30" });
        let issued = done(&app, &business(&app, "acme").await, ISSUE, json!({ "input": issue })).await;
        let codes: Vec<&Value> = issued["vouchers"].as_array().expect("a list").iter().map(|voucher| &voucher["code"]).collect();
        let tokens = join_all((0..8).map(|number| learner(&app, number))).await;
        let placed = join_all(tokens.iter().enumerate().map(async |(number, token)| {
            let mut placed = 0;
            for round in 0..8 {
                let key = u32::try_from(100 + number * 10 + round).expect("a number");
                let paid = json!({ "voucherCode": codes[(number / 2 + round) % 2] });
                let payload = request(&app, token, key, &offerings[number % 2], paid).await;
                if payload["enrollment"].is_object() {
                    placed += 1;
                    let left = go(&app, token, json!({ "id": payload["enrollment"]["id"], "to": "CANCELLED" })).await;
                    assert_eq!(left["enrollment"]["state"], "CANCELLED", "{left:#}");
                } else {
                    assert_eq!(payload["userErrors"][0]["code"], "NOT_ELIGIBLE", "{payload:#}");
                }
            }
            placed
        }))
        .await;
        assert!(placed.iter().sum::<u32>() > 0);
        agrees(&app).await;
        nobody_gave_way(&app).await;
    }
}
