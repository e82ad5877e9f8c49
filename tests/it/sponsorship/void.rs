//! Vouchers that are taken back, by their business or because their last day has passed.

use concord::domain::id::Kind;
use concord::service::sponsorship::sweep;
use serde_json::{Value, json};

use super::{CREATE, ISSUE, is_even, once};
use crate::enrollment::{agrees, learner, request, seats};
use crate::roster::peopled;
use crate::support::people::person;
use crate::support::{TestApp, both};
use crate::tenant::business;
use crate::walk::id;

const VOID: &str = "mutation($ids: [ID!]!) { vouchersVoid(input: { ids: $ids }) { vouchers { state } userErrors { code path } } }";

/// Takes vouchers back; the payload.
async fn void(app: &TestApp, token: &str, ids: Value) -> Value {
    let answer = app.ask_as(token, VOID, json!({ "ids": ids })).await;
    assert!(answer.get("errors").is_none(), "{answer:#}");
    answer["data"]["vouchersVoid"].clone()
}

/// Three vouchers of a new sponsorship of a business that has no more; identifiers and codes.
async fn three(app: &TestApp, name: &str, number: u32) -> Vec<Value> {
    let token = business(app, name).await;
    let fields =
        json!({ "name": "Three", "kind": "VOUCHERS", "startsOn": "2027-01-01", "endsOn": "2027-06-30", "seats": 3, "status": "ACTIVE" });
    let input = json!({ "idempotencyKey": once(number), "businessId": id(app, Kind::Business, name).await, "fields": fields });
    let made = app.ask_as(&token, CREATE, json!({ "input": input })).await["data"]["sponsorshipCreate"]["sponsorship"]["id"].take();
    let issued = issue(app, &token, number + 1, &made, 3).await;
    issued["vouchers"].as_array().expect("vouchers").iter().map(|voucher| json!([voucher["id"], voucher["code"], made])).collect()
}

/// Issues vouchers; the payload.
async fn issue(app: &TestApp, token: &str, number: u32, sponsorship: &Value, count: u32) -> Value {
    let input = json!({ "idempotencyKey": once(number), "sponsorshipId": sponsorship, "count": count, "value": "60.00", "expiresOn": "2027-06-30" });
    app.ask_as(token, ISSUE, json!({ "input": input })).await["data"]["vouchersIssue"].take()
}

/// What the accounts of a sponsorship hold.
async fn balances(app: &TestApp, name: &str) -> String {
    app.rows(&format!("SELECT a.unit || ' ' || a.name || ' ' || a.balance FROM ledger_account a JOIN sponsorship s ON s.id = a.sponsorship_id WHERE s.name = '{name}' ORDER BY a.unit, a.name")).await.join(", ")
}

both! {
    /// A business takes two of three vouchers back, twice, one of which nobody used: as many can be issued again, and their codes pay nothing. One that was used is not taken back, nor by another business; when its
    /// place has been given up it is.
    async fn is_taken_back_unused(database) {
        let app = peopled(database).await;
        let (acme, zeta, offering) = (business(&app, "acme").await, business(&app, "zeta").await, seats(&app, 9, 9).await);
        let all = three(&app, "acme", 10).await;
        let ids: Vec<&Value> = all.iter().map(|voucher| &voucher[0]).collect();
        let (one, two) = (learner(&app, 1).await, learner(&app, 2).await);
        let pays = |voucher: &Value| json!({ "voucherCode": voucher[1] });
        let place = request(&app, &one, 1, &offering, pays(&all[0])).await["enrollment"]["id"].take();
        assert!(place.is_string());
        let refused = |code: &str| json!({ "vouchers": null, "userErrors": [{ "code": code, "path": ["input", "ids", "0"] }] });
        assert_eq!(void(&app, &acme, json!([ids[0], ids[1]])).await, refused("INVALID_TRANSITION"));
        assert_eq!(void(&app, &zeta, json!([ids[1]])).await, refused("NOT_FOUND"));
        assert_eq!(void(&app, &acme, json!([person(Kind::Voucher, 77)])).await, refused("NOT_FOUND"));
        assert_eq!(balances(&app, "Three").await, "MONEY FREE 12000, MONEY GRANTED -18000, MONEY RESERVED 6000, MONEY SPENT 0, SEAT FREE 0, SEAT GRANTED -3, SEAT RESERVED 2, SEAT SPENT 1");
        for _ in 0..2 {
            assert_eq!(void(&app, &acme, json!([ids[1], ids[2], ids[1]])).await, json!({ "vouchers": [{ "state": "VOID" }, { "state": "VOID" }, { "state": "VOID" }], "userErrors": [] }));
        }
        assert_eq!(balances(&app, "Three").await, "MONEY FREE 0, MONEY GRANTED -6000, MONEY RESERVED 6000, MONEY SPENT 0, SEAT FREE 2, SEAT GRANTED -3, SEAT RESERVED 0, SEAT SPENT 1");
        assert_eq!(app.rows("SELECT actor_name || ' ' || changed_fields FROM audit_event WHERE action = 'vouchersVoid'").await, ["Pat state"]);
        assert_eq!(request(&app, &two, 2, &offering, pays(&all[1])).await["userErrors"], json!([{ "code": "NOT_ELIGIBLE", "path": ["input", "funding"] }]));
        agrees(&app).await;
        assert_eq!(issue(&app, &acme, 20, &all[0][2], 2).await["userErrors"], json!([]));
        let cancel = "mutation($id: ID!) { enrollmentTransition(input: { id: $id, to: CANCELLED }) { userErrors { code } } }";
        app.ask_as(&one, cancel, json!({ "id": place })).await;
        assert_eq!(void(&app, &acme, json!([ids[0]])).await["vouchers"], json!([{ "state": "VOID" }]));
        agrees(&app).await;
        is_even(&app).await;
        assert_eq!(app.store.breaches(), 0);
    }

    /// The last day of a voucher passes: the sweep takes it back, once, and it is shown as expired. One that was used, and those of another business whose day has not passed, stay.
    async fn is_taken_back_after_its_last_day(database) {
        let app = peopled(database).await;
        app.execute("UPDATE business SET status = 'ACTIVE'").await;
        let (acme, offering) = (business(&app, "acme").await, seats(&app, 9, 9).await);
        let (all, others) = (three(&app, "acme", 10).await, three(&app, "zeta", 20).await);
        request(&app, &learner(&app, 1).await, 1, &offering, json!({ "voucherCode": all[0][1] })).await;
        let sweeper = app.app().sweeper();
        assert_eq!(sweep(&sweeper).await.expect("a sweep"), 0);
        for table in ["voucher", "voucher_end"] {
            let column = if table == "voucher" { "tenant_id" } else { "business" };
            app.execute(&format!("UPDATE {table} SET expires_on = '2027-01-14' WHERE {column} IN (SELECT id FROM business WHERE name LIKE 'Larkspur%')")).await;
        }
        assert_eq!(sweep(&sweeper).await.expect("a sweep"), 3);
        assert_eq!(sweep(&sweeper).await.expect("a sweep"), 0);
        assert_eq!(balances(&app, "Spring upskilling").await, "MONEY FREE 0, MONEY GRANTED 0, MONEY RESERVED 0, MONEY SPENT 0, SEAT FREE 5, SEAT GRANTED -5, SEAT RESERVED 0, SEAT SPENT 0");
        assert_eq!(app.rows("SELECT state, is_expired, count(*) FROM voucher GROUP BY state, is_expired ORDER BY state").await.len(), 3);
        let question = "query($id: ID!) { node(id: $id) { ... on Sponsorship { all: vouchers { nodes { state } } expired: vouchers(state: EXPIRED) { totalCount } void: vouchers(state: VOID) { totalCount } unused: vouchers(state: UNUSED) { totalCount } } } }";
        let shown = app.ask_as(&acme, question, json!({ "id": all[0][2] })).await["data"]["node"].take();
        let count = |number: u32| json!({ "totalCount": number });
        assert_eq!((&shown["expired"], &shown["void"], &shown["unused"]), (&count(2), &count(0), &count(0)), "{shown:#}");
        let mut states: Vec<&str> = shown["all"]["nodes"].as_array().expect("vouchers").iter().filter_map(|voucher| voucher["state"].as_str()).collect();
        states.sort_unstable();
        assert_eq!(states, ["EXPIRED", "EXPIRED", "REDEEMED"]);
        assert_eq!(app.rows("SELECT DISTINCT actor_name || ' ' || actor_subject FROM audit_event WHERE action = 'vouchersVoid'").await, ["Operator Concord"]);
        assert_eq!(void(&app, &business(&app, "zeta").await, json!([others[0][0]])).await["vouchers"], json!([{ "state": "VOID" }]));
        agrees(&app).await;
        is_even(&app).await;
        assert_eq!(app.store.breaches(), 0);
    }
}
