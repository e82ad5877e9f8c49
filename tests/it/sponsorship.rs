//! What businesses pay for: set up through the ledger, once for each key, by nobody but themselves.

mod void;

use chrono::TimeDelta;
use concord::domain::id::{GlobalId, Kind};
use concord::domain::role::Role;
use concord::service::once::sweep;
use concord::store::ledger::{self, Account, Book, Movement, Unit};
use serde_json::{Value, json};

use crate::roster::peopled;
use crate::support::people::{key, person};
use crate::support::{TestApp, both, now, snapshot};
use crate::tenant::{business, college};
use crate::walk::id;

const CREATE: &str = "mutation($input: SponsorshipCreateInput!) { sponsorshipCreate(input: $input) { sponsorship { id name kind status budget spent reserved seats seatsUsed perLearnerCap startsOn endsOn institutions { slug } covers { __typename ... on Course { code } ... on Program { title } } heldOfferings { code } business { name } updatedAt } userErrors { code path } } }";
const UPDATE: &str = "mutation($input: SponsorshipUpdateInput!) { sponsorshipUpdate(input: $input) { sponsorship { status budget seats updatedAt } userErrors { code path } } }";
const ISSUE: &str = "mutation($input: VouchersIssueInput!) { vouchersIssue(input: $input) { vouchers { id code value expiresOn state } userErrors { code path } } }";

/// A key of an act, by its number.
fn once(number: u32) -> String {
    format!("0a4f0c52-7a54-4c0b-8a1d-{number:012x}")
}

/// What there is of everything that a sponsorship writes: sponsorships, vouchers, entries, lines of the log.
async fn counts(app: &TestApp) -> Vec<String> {
    app.rows("SELECT (SELECT count(*) FROM sponsorship), (SELECT count(*) FROM voucher), (SELECT count(*) FROM ledger_entry), (SELECT count(*) FROM audit_event)").await
}

/// Sums that must be nothing: postings of an entry, accounts of a sponsorship, and accounts that are not the fold of their postings.
pub(crate) async fn is_even(app: &TestApp) {
    for sql in [
        "SELECT entry_id FROM ledger_posting GROUP BY entry_id, unit HAVING sum(amount) <> 0",
        "SELECT sponsorship_id FROM ledger_account GROUP BY sponsorship_id, unit HAVING sum(balance) <> 0",
        "SELECT a.name FROM ledger_account a WHERE a.balance <> coalesce((SELECT sum(p.amount) FROM ledger_posting p WHERE p.tenant_id = a.tenant_id AND p.sponsorship_id = a.sponsorship_id AND p.unit = a.unit AND p.name = a.name), 0)",
    ] {
        assert_eq!(app.rows(sql).await, Vec::<String>::new(), "{sql}");
    }
}

both! {
    /// A business sets up a budget and vouchers, prints codes, and asks again with the same keys: one effect, the same answer without the codes, and another input is a conflict.
    async fn is_set_up_once(database) {
        let app = peopled(database).await;
        let token = business(&app, "acme").await;
        let (acme, north, course) = (id(&app, Kind::Business, "acme").await, id(&app, Kind::Institution, "north").await, id(&app, Kind::Course, "north-101").await);
        let vouchers = json!({ "name": " Fall ", "kind": "VOUCHERS", "institutionIds": [north], "coverIds": [course], "startsOn": "2027-01-15", "endsOn": "2027-06-30", "seats": 3, "perLearnerCap": "1200.00", "status": "ACTIVE" });
        let input = json!({ "input": { "idempotencyKey": once(1), "businessId": acme, "fields": vouchers } });
        let first = app.ask_as(&token, CREATE, input.clone()).await;
        let held = json!({ "name": "Block", "kind": "SEAT_BLOCK", "heldOfferingIds": [id(&app, Kind::Offering, "n5").await], "startsOn": "2027-01-15", "endsOn": "2027-06-30", "seats": 2 });
        let block = app.ask_as(&token, CREATE, json!({ "input": { "idempotencyKey": once(2), "businessId": acme, "fields": held } })).await;
        let mut shown = json!([first["data"], block["data"]]);
        for place in 0..2 {
            shown[place]["sponsorshipCreate"]["sponsorship"]["id"] = json!("…");
        }
        snapshot!("sponsorship_created", shown);
        let before = counts(&app).await;
        assert_eq!(app.ask_as(&token, CREATE, input.clone()).await["data"], first["data"]);
        let (mut capitals, mut word) = (input.clone(), input.clone());
        (capitals["input"]["idempotencyKey"], word["input"]["idempotencyKey"]) = (json!(once(1).to_uppercase()), json!("my-key"));
        assert_eq!(app.ask_as(&token, CREATE, capitals).await["data"], first["data"], "the same key in capitals");
        let refused = &app.ask_as(&token, CREATE, word).await["errors"][0];
        assert_eq!((&refused["extensions"]["code"], &refused["message"]), (&json!("BAD_VARIABLES"), &json!("$input.idempotencyKey must be a value of type UUID, a text such as \"6a3f9d0e-9d57-4b1c-8a1f-3f0f6a5f0c11\"")));
        assert_eq!(counts(&app).await, before);
        let mut other = input;
        other["input"]["fields"]["seats"] = json!(4);
        let conflict = json!([{ "code": "IDEMPOTENCY_CONFLICT", "path": ["input", "idempotencyKey"] }]);
        assert_eq!(app.ask_as(&token, CREATE, other).await["data"]["sponsorshipCreate"]["userErrors"], conflict);
        let sponsorship = first["data"]["sponsorshipCreate"]["sponsorship"]["id"].clone();
        let issue = |key: u32, count: i32| json!({ "input": { "idempotencyKey": once(key), "sponsorshipId": sponsorship, "count": count, "value": "60.00", "expiresOn": "2027-06-30" } });
        let issued = app.ask_as(&token, ISSUE, issue(3, 2)).await["data"]["vouchersIssue"].take();
        let codes: Vec<&Value> = issued["vouchers"].as_array().expect("a list").iter().map(|voucher| &voucher["code"]).collect();
        assert!(codes.len() == 2 && codes.iter().all(|code| code.as_str().is_some_and(|code| code.len() == 19)) && codes[0] != codes[1], "{issued:#}");
        let again = app.ask_as(&token, ISSUE, issue(3, 2)).await["data"]["vouchersIssue"].take();
        assert_eq!((&again["vouchers"][0]["id"], &again["vouchers"][0]["code"]), (&issued["vouchers"][0]["id"], &Value::Null));
        let few = json!([{ "code": "INSUFFICIENT_FUNDS", "path": ["input", "count"] }]);
        assert_eq!(app.ask_as(&token, ISSUE, issue(4, 2)).await["data"]["vouchersIssue"]["userErrors"], few);
        // What was refused has used no key up.
        assert_eq!(app.ask_as(&token, ISSUE, issue(4, 1)).await["data"]["vouchersIssue"]["userErrors"], json!([]));
        let codes = app.rows("SELECT code_hash FROM voucher_code").await.concat();
        assert!(!codes.contains(issued["vouchers"][0]["code"].as_str().expect("a code")));
        is_even(&app).await;
    }

    /// Of two keys one is from eight days ago: the sweep forgets it, and leaves the other, whose answer stands.
    async fn keys_end_after_seven_days(database) {
        let app = peopled(database).await;
        let token = business(&app, "acme").await;
        let acme = id(&app, Kind::Business, "acme").await;
        let create = async |key: u32| {
            let fields = json!({ "name": format!("Number {key}"), "kind": "BUDGET", "budget": "500.00", "startsOn": "2027-01-15", "endsOn": "2027-06-30" });
            let input = json!({ "idempotencyKey": once(key), "businessId": acme, "fields": fields });
            app.ask_as(&token, CREATE, json!({ "input": input })).await["data"]["sponsorshipCreate"]["sponsorship"]["id"].clone()
        };
        let first = [create(1).await, create(2).await];
        let sweeper = app.app().sweeper();
        assert_eq!(sweep(&sweeper).await.expect("a sweep"), 0);
        let first_uuid = GlobalId::parse(first[0].as_str().expect("an identifier")).expect("an identifier").uuid;
        let old = (now() - TimeDelta::days(8)).format("%Y-%m-%dT%H:%M:%S.000000+00:00");
        assert_eq!(app.rows("SELECT count(*) FROM idempotency_key").await, ["2"]);
        app.execute(&format!("UPDATE idempotency_key SET created_at = '{old}' WHERE answer LIKE '%{first_uuid}%'")).await;
        assert_eq!(sweep(&sweeper).await.expect("a sweep"), 1);
        assert_eq!(sweep(&sweeper).await.expect("a sweep"), 0);
        assert_eq!(create(2).await, first[1]);
        assert_ne!(create(1).await, first[0]);
    }

    /// Twenty copies of one request arrive at once: one sponsorship, and everybody gets the same answer.
    async fn twins_have_one_effect(database) {
        let app = peopled(database).await;
        let token = business(&app, "acme").await;
        let fields = json!({ "name": "Twin", "kind": "BUDGET", "budget": "500.00", "startsOn": "2027-01-15", "endsOn": "2027-06-30" });
        let input = json!({ "input": { "idempotencyKey": once(1), "businessId": id(&app, Kind::Business, "acme").await, "fields": fields } });
        let answers = futures_util::future::join_all((0..20).map(|_| app.ask_as(&token, CREATE, input.clone()))).await;
        assert!(answers.iter().all(|answer| answer["data"] == answers[0]["data"] && answer["data"]["sponsorshipCreate"]["sponsorship"]["budget"] == "500.00"), "{:#}", answers[0]);
        assert_eq!(app.rows("SELECT count(*) FROM sponsorship WHERE name = 'Twin'").await, ["1"]);
        is_even(&app).await;
    }

    /// A business asks for what cannot be, and for what is another's: all that is wrong is told at once, and nothing is written.
    async fn refuses_what_cannot_be(database) {
        let app = peopled(database).await;
        let token = business(&app, "acme").await;
        let before = counts(&app).await;
        let acme = id(&app, Kind::Business, "acme").await;
        let fields = json!({ "name": "", "kind": "BUDGET", "seats": 3, "startsOn": "2027-06-30", "endsOn": "2027-01-01", "perLearnerCap": "-1.00", "status": "ENDED",
            "institutionIds": ["x", acme], "coverIds": [id(&app, Kind::Course, "north-200").await], "heldOfferingIds": [id(&app, Kind::Offering, "n1").await] });
        let answer = app.ask_as(&token, CREATE, json!({ "input": { "idempotencyKey": once(1), "businessId": acme, "fields": fields } })).await;
        snapshot!("sponsorship_refused", answer["data"]["sponsorshipCreate"]["userErrors"]);
        let zeta = business(&app, "zeta").await;
        let answer = app.ask_as(&zeta, CREATE, json!({ "input": { "idempotencyKey": once(1), "businessId": acme, "fields": {} } })).await;
        assert_eq!(answer["data"]["sponsorshipCreate"]["userErrors"], json!([{ "code": "NOT_FOUND", "path": ["input", "businessId"] }]));
        let update = json!({ "input": { "id": person(Kind::Sponsorship, 1), "fields": { "seats": 1 } } });
        assert_eq!(app.ask_as(&zeta, UPDATE, update.clone()).await["data"]["sponsorshipUpdate"]["userErrors"], json!([{ "code": "NOT_FOUND", "path": ["input", "id"] }]));
        let staff = college(&app, "north", Role::InstitutionAdmin).await;
        assert_eq!(app.ask_as(&staff, UPDATE, update).await["errors"][0]["extensions"]["code"], "FORBIDDEN");
        assert_eq!(counts(&app).await, before);
    }

    /// A business changes a sponsorship: more and less are granted through the ledger, never less than is used; what has ended stays so.
    async fn is_changed_within_what_is_used(database) {
        let app = peopled(database).await;
        let token = business(&app, "acme").await;
        let update = async |fields: Value| app.ask_as(&token, UPDATE, json!({ "input": { "id": person(Kind::Sponsorship, 1), "fields": fields } })).await["data"]["sponsorshipUpdate"].take();
        assert_eq!(update(json!({ "seats": 1 })).await["sponsorship"]["seats"], 1);
        let used = json!([{ "code": "INSUFFICIENT_FUNDS", "path": ["input", "fields", "seats"] }]);
        assert_eq!(update(json!({ "seats": 0 })).await["userErrors"], used);
        assert_eq!(update(json!({ "seats": 9, "kind": "VOUCHERS", "status": "ACTIVE" })).await["sponsorship"]["seats"], 9);
        let wrong = update(json!({ "kind": "BUDGET", "status": "DRAFT", "name": null })).await;
        let codes: Vec<_> = wrong["userErrors"].as_array().expect("a list").iter().map(|error| error["code"].as_str().unwrap_or_default()).collect();
        assert_eq!(codes, ["REQUIRED", "INVALID", "INVALID_TRANSITION"]);
        let stale = json!({ "input": { "id": person(Kind::Sponsorship, 1), "expectedUpdatedAt": "2020-01-01T00:00:00Z", "fields": {} } });
        assert_eq!(app.ask_as(&token, UPDATE, stale).await["data"]["sponsorshipUpdate"]["userErrors"][0]["code"], "STALE");
        assert_eq!(update(json!({ "status": "ENDED" })).await["sponsorship"]["status"], "ENDED");
        assert_eq!(update(json!({ "status": "ACTIVE" })).await["userErrors"][0]["code"], "INVALID_TRANSITION");
        let issue = json!({ "input": { "idempotencyKey": once(1), "sponsorshipId": person(Kind::Sponsorship, 1), "count": 1, "value": "1.00", "expiresOn": "2027-05-01" } });
        assert_eq!(app.ask_as(&token, ISSUE, issue).await["data"]["vouchersIssue"]["userErrors"][0]["code"], "CLOSED");
        is_even(&app).await;
    }

    /// Sixteen clients move money and seats at random, some of them giving up half-way: sums stay zero, nothing is negative, nothing overspent.
    async fn ledger_survives_a_storm(database) {
        let app = peopled(database).await;
        storm(&app, 60).await;
    }
}

/// Random movements by sixteen clients, each so many times.
async fn storm(app: &TestApp, each: u64) {
    let book = Book {
        tenant: GlobalId::parse(&id(app, Kind::Business, "acme").await).expect("an identifier").uuid,
        sponsorship: key(Kind::Sponsorship, 1),
    };
    let store = app.operator().await;
    let client = async |seed: u64| {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut random = move |below: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % below
        };
        let mut done = 0_u64;
        for _ in 0..each {
            let (from, to) = [
                (Account::Free, Account::Reserved),
                (Account::Reserved, Account::Spent),
                (Account::Reserved, Account::Free),
                (Account::Spent, Account::Free),
            ][random(4) as usize];
            let mut transaction = store.begin().await.expect("a transaction");
            let movement = Movement {
                id: uuid::Uuid::from_u128(u128::from(seed) << 64 | u128::from(random(u64::MAX))),
                unit: Unit::Money,
                from,
                to,
                amount: 1 + random(900) as i64,
                about: None,
                at: now(),
            };
            ledger::hold(&mut transaction.connection(), book).await.expect("a sponsorship");
            let is_moved = ledger::transfer(&mut transaction.connection(), book, movement).await.expect("a movement or none");
            // Some fail after they have written, and some are dropped as they stand.
            match random(8) {
                0 => transaction.rollback().await.expect("an end"),
                1 => drop(transaction),
                _ => {
                    transaction.commit().await.expect("a commit");
                    done += u64::from(is_moved);
                }
            }
        }
        done
    };
    let done: u64 = futures_util::future::join_all((0..16).map(client)).await.iter().sum();
    is_even(app).await;
    assert_eq!(app.rows("SELECT count(*) FROM ledger_account WHERE (name = 'GRANTED') <> (balance < 0) AND balance <> 0").await, ["0"]);
    assert_eq!(app.rows("SELECT balance FROM ledger_account WHERE unit = 'MONEY' AND name = 'GRANTED'").await, ["-6000"]);
    assert!(done > each, "{done} movements");
    assert_eq!(app.rows("SELECT count(*) FROM ledger_entry").await, [(done + 2).to_string()]);
    println!("ledger: {} tries by 16 clients on {:?}, {done} moved something, sums zero", 16 * each, app.store.dialect());
}

/// All of them, on either database.
#[tokio::test]
#[ignore = "the full counts, which scripts/prove enrollment runs"]
async fn prove_enrollment_ledger() {
    for database in [crate::support::Database::Sqlite, crate::support::Database::Postgres] {
        storm(&peopled(database).await, 100_000 / 16).await;
    }
}
