//! What `concord check` finds: nothing in what the acts have written, and each thing that a hand in the database broke.

use std::collections::BTreeSet;

use concord::domain::id::Kind;
use concord::store::Store;
use concord::store::check::INVARIANTS;
use concord::store::sql::{Dialect, Sql};
use serde_json::{Value, json};

use super::{agrees, breaks, budget, go, learner, request, seats};
use crate::roster::peopled;
use crate::support::people::{VOUCHER, key, literal};
use crate::support::{Database, TestApp, both};

/// Twins of which an offering is full: one place is paid by voucher, one is left again and offered to the next, one waits; and a budget of which nothing is used.
pub(crate) async fn busy(database: Database) -> TestApp {
    let app = peopled(database).await;
    let offering = seats(&app, 2, 5).await;
    let mut places = Vec::new();
    for number in 1..=4 {
        let funding = if number == 1 { json!({ "voucherCode": VOUCHER }) } else { Value::Null };
        let token = learner(&app, number).await;
        places.push(request(&app, &token, number, &offering, funding).await["enrollment"]["id"].take());
    }
    go(&app, &learner(&app, 2).await, json!({ "id": places[1], "to": "CANCELLED" })).await;
    budget(&app, 5).await;
    app
}

/// Statements that book an entry for a sponsorship, as it should be done but for what it says.
fn booked(key: &str, name: &str, postings: &[(&str, &str, i64)]) -> String {
    let of = format!("FROM sponsorship WHERE name = '{name}'");
    let entry = format!("INSERT INTO ledger_entry (tenant_id, id, at) SELECT tenant_id, {key}, created_at {of}");
    let each = postings.iter().map(|(unit, account, amount)| {
        format!(
            "INSERT INTO ledger_posting SELECT tenant_id, {key}, id, '{unit}', '{account}', {amount} {of}; \
             UPDATE ledger_account SET balance = balance + {amount} WHERE unit = '{unit}' AND name = '{account}' AND sponsorship_id = (SELECT id {of})"
        )
    });
    std::iter::once(entry).chain(each).collect::<Vec<_>>().join("; ")
}

/// Statements of which each list breaks one invariant and no other, with its name. What takes a wall of the database down comes last.
fn planted(app: &TestApp) -> Vec<(&'static str, String)> {
    [of_money(app), of_seats(app), of_sights(app), of_records(app), of_walls(app)].concat()
}

const SPRING: &str = "Spring upskilling";
const BUDGET: &str = "Budget";
const WAITING: &str = "(SELECT id FROM enrollment WHERE state = 'WAITLISTED')";
const ACME: &str = "(SELECT tenant_id FROM sponsorship WHERE name = 'Budget')";

/// Keys of rows that there are not.
fn unknown(app: &TestApp) -> (String, String) {
    (literal(app, key(Kind::Voucher, 101)), literal(app, key(Kind::Voucher, 102)))
}

fn plain(plants: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    plants.iter().map(|(name, sql)| (*name, (*sql).to_owned())).collect()
}

/// The ledger and vouchers.
fn of_money(app: &TestApp) -> Vec<(&'static str, String)> {
    let (one, two) = unknown(app);
    let sponsorship = |id: &str, rest: &str, seats: &str| {
        format!(
            "INSERT INTO sponsorship SELECT tenant_id, {id}, {rest}, TRUE, starts_on, ends_on, {seats}, NULL, created_at, updated_at FROM sponsorship WHERE name = 'Budget'"
        )
    };
    let block = format!(
        "{}; INSERT INTO ledger_account SELECT tenant_id, {two}, 'SEAT', name, 0 FROM ledger_account WHERE sponsorship_id = (SELECT id FROM sponsorship WHERE name = 'Budget'); {}",
        sponsorship(&two, "'Block', 'SEAT_BLOCK', 'EXHAUSTED'", "1"),
        booked(&one, "Block", &[("SEAT", "GRANTED", -1), ("SEAT", "RESERVED", 1)])
    );
    let used = format!(
        "INSERT INTO voucher SELECT tenant_id, {two}, sponsorship_id, 'REDEEMED', 100, expires_on, issued_at, FALSE FROM voucher; \
         INSERT INTO voucher_code SELECT 'no hash', tenant_id, {two} FROM sponsorship WHERE name = 'Budget'; {}",
        booked(&one, SPRING, &[("SEAT", "FREE", -1), ("SEAT", "SPENT", 1)])
    );
    let booked = [
        ("empty_entries", booked(&one, BUDGET, &[])),
        ("reserved_money", booked(&one, BUDGET, &[("MONEY", "FREE", -100), ("MONEY", "RESERVED", 100)])),
        ("spent_money", booked(&one, BUDGET, &[("MONEY", "FREE", -100), ("MONEY", "SPENT", 100)])),
        ("voucher_seats", booked(&one, SPRING, &[("SEAT", "FREE", -1), ("SEAT", "RESERVED", 1)])),
        ("voucher_money", booked(&one, SPRING, &[("MONEY", "GRANTED", -100), ("MONEY", "FREE", 100)])),
        ("accounts", sponsorship(&one, "'Empty', 'BUDGET', 'DRAFT'", "NULL")),
        ("block_seats", block),
        ("vouchers", used),
        ("strays", format!("UPDATE ledger_entry SET about = {one} WHERE about IS NOT NULL")),
    ];
    let by_hand = plain(&[
        (
            "entries",
            "UPDATE ledger_posting SET amount = 5 WHERE unit = 'SEAT' AND name = 'FREE' AND amount = 4; UPDATE ledger_account SET balance = balance + 1 WHERE unit = 'SEAT' AND name = 'FREE'",
        ),
        ("balances", "UPDATE ledger_account SET balance = balance + 1 WHERE unit = 'SEAT' AND name = 'FREE'"),
        ("granted_seats", "UPDATE sponsorship SET seats = seats + 1 WHERE kind = 'VOUCHERS'"),
        ("voucher_codes", "DELETE FROM voucher_code"),
        ("voucher_ends", "INSERT INTO voucher_end SELECT id, tenant_id, expires_on FROM voucher WHERE state = 'REDEEMED'"),
        ("exhausted", "UPDATE sponsorship SET status = 'EXHAUSTED' WHERE name = 'Budget'"),
        ("answers", "UPDATE idempotency_key SET answer = NULL"),
        ("imports", "UPDATE import_job SET rows_rejected = 0 WHERE rows_rejected = 1"),
        ("imports", "INSERT INTO import_row (tenant_id, job_id, line) SELECT tenant_id, id, 2 FROM import_job WHERE state = 'CANCELLED'"),
        ("imports", "UPDATE import_job SET state = 'QUEUED', finished_at = NULL WHERE state = 'CANCELLED'"),
    ]);
    booked.into_iter().chain(by_hand).collect()
}

/// Seats, waitlists, histories and parts of prices.
fn of_seats(app: &TestApp) -> Vec<(&'static str, String)> {
    let pat = literal(app, key(Kind::Learner, 1));
    let zeta = "(SELECT tenant_id FROM employee WHERE email = 'pat@zeta.example')";
    let mut plants = plain(&[
        ("seats", "UPDATE offering SET seats_here = seats_here - 1 WHERE code = 'HVA101-1'"),
        ("waiting", "UPDATE offering SET waiting_here = waiting_here + 1 WHERE code = 'HVA101-1'"),
        ("tickets", "DELETE FROM waitlist_ticket"),
        ("tickets", "INSERT INTO waitlist_ticket SELECT id, 1 FROM offering WHERE code = 'HVA101-1'"),
        ("tickets", "UPDATE offering SET next_ticket = 1 WHERE code = 'HVA101-1'"),
        ("offers", "DELETE FROM seat_offer"),
        ("offers", "INSERT INTO seat_offer SELECT id, tenant_id, updated_at FROM enrollment WHERE state = 'WAITLISTED'"),
        ("offers", "UPDATE seat_offer SET expires_at = '2020-01-01T00:00:00.000000+00:00'"),
        ("ended", "UPDATE offering SET status = 'CANCELLED' WHERE code = 'HVA101-1'"),
        ("ended", "UPDATE offering SET status = 'FINISHED' WHERE code = 'HVA101-1'"),
        ("history", "DELETE FROM enrollment_transition WHERE to_state = 'CANCELLED'"),
        ("history", "UPDATE enrollment_transition SET from_state = 'WAITLISTED' WHERE to_state = 'CANCELLED'"),
        (
            "history",
            "INSERT INTO enrollment_transition SELECT tenant_id, enrollment_id, 3, learner_id, 'CANCELLED', 'CANCELLED', at, NULL, actor_name FROM enrollment_transition WHERE to_state = 'CANCELLED'",
        ),
        ("settled", "UPDATE funding SET state = 'RESERVED' WHERE state = 'RELEASED'"),
    ]);
    plants.extend([
        ("prices", format!("DELETE FROM funding WHERE enrollment_id = {WAITING}")),
        ("settled", format!("UPDATE funding SET state = 'CHARGED' WHERE enrollment_id = {WAITING}")),
        ("owners", format!("UPDATE funding SET learner_id = {pat} WHERE enrollment_id = {WAITING}")),
        ("owners", format!("UPDATE enrollment_transition SET learner_id = {pat} WHERE enrollment_id = {WAITING}")),
        ("owners", format!("UPDATE funding SET payer_id = {zeta} WHERE source = 'VOUCHER'; UPDATE business_enrollment SET tenant_id = {zeta} WHERE state = 'ENROLLED'")),
    ]);
    plants
}

/// What others see, know and call by a name.
fn of_sights(app: &TestApp) -> Vec<(&'static str, String)> {
    let ((one, _), pat) = (unknown(app), literal(app, key(Kind::Learner, 1)));
    let copied = "offering_id, learner_id, state, ticket, seat_offer_expires_at, percent_complete, soft_skill_hours, last_activity_at, requested_at, updated_at";
    let row = |values: &str, from: &str| {
        format!("INSERT INTO business_enrollment (tenant_id, id, institution_id, is_paid, {copied}) SELECT {values}, {copied} FROM {from}")
    };
    let known = format!("INSERT INTO learner_tenant SELECT {ACME}, e.learner_id, 'x' FROM enrollment e WHERE e.id = {WAITING}");
    let waiting = format!("enrollment WHERE id = {WAITING}");
    let mut plants = plain(&[
        ("shown", "UPDATE business_enrollment SET percent_complete = 99 WHERE state = 'ACTIVE'"),
        ("shown", "UPDATE business_enrollment SET updated_at = '2027-02-01T00:00:00+00:00' WHERE state = 'ACTIVE'"),
        ("payers", "UPDATE business_enrollment SET is_paid = FALSE WHERE state = 'ENROLLED'"),
        ("payers", "DELETE FROM business_enrollment WHERE state = 'ENROLLED'"),
        ("known", "DELETE FROM learner_tenant WHERE tenant_id IN (SELECT id FROM institution)"),
        ("known", "DELETE FROM learner_tenant WHERE tenant_id IN (SELECT id FROM business)"),
        ("names", "UPDATE external_key SET kind = 'course' WHERE kind = 'learner' AND value = 'S-100'"),
    ]);
    plants.extend([
        ("shown", row(&format!("tenant_id, {one}, institution_id, TRUE"), "business_enrollment WHERE state = 'ACTIVE'")),
        ("payers", row(&format!("{ACME}, id, tenant_id, TRUE"), &waiting)),
        ("consents", row(&format!("{ACME}, id, tenant_id, FALSE"), &waiting)),
        ("consents", format!("INSERT INTO consent_grant SELECT e.learner_id, {one}, NULL, {ACME}, 'ENROLLMENT', 'None.', '1', e.updated_at, NULL, NULL FROM enrollment e WHERE e.id = {WAITING}; {known}")),
        ("known", known),
        ("names", format!("UPDATE external_key SET object_id = {one} WHERE kind = 'learner' AND value = 'S-100'")),
        ("strays", format!("INSERT INTO learner_tenant VALUES ({one}, {pat}, 'x')")),
    ]);
    plants
}

/// What learners achieved.
fn of_records(app: &TestApp) -> Vec<(&'static str, String)> {
    let ((one, two), lou) = (unknown(app), literal(app, key(Kind::Learner, 2)));
    let award = |id: &str, learner: &str, from: &str| {
        format!(
            "INSERT INTO award SELECT e.tenant_id, {id}, {id}, d.id, {learner}, {from}, '2027-01-10', NULL, NULL, NULL \
             FROM enrollment e JOIN credential d ON d.tenant_id = e.tenant_id AND d.name = 'Refrigerant Technician' WHERE e.state = 'ACTIVE'"
        )
    };
    let nothing = "CAST(NULL AS {uuid}), CAST(NULL AS {uuid})"
        .replace("{uuid}", if app.store.dialect() == Dialect::Postgres { "uuid" } else { "BLOB" });
    let result = |of: &str, assessment: &str, attempt: u8, score: u8, is_passed: &str| {
        format!(
            "INSERT INTO assessment_result SELECT e.tenant_id, {one}, e.id, e.offering_id, e.learner_id, a.id, {attempt}, {score}, 50, 35, {is_passed}, NULL, e.updated_at, NULL \
             FROM enrollment e JOIN assessment a ON a.tenant_id = e.tenant_id AND a.title = '{assessment}' WHERE e.state = '{of}'"
        )
    };
    let check = "Label a split system";
    let rating = format!(
        "INSERT INTO competency_rating SELECT tenant_id, id, 0, offering_id, {lou}, (SELECT id FROM competency WHERE name = 'Brazing'), 'EMERGING' FROM assessment_result"
    );
    vec![
        ("awards", award(&one, "e.learner_id", "e.id, e.offering_id")),
        ("awards", award(&one, &lou, &nothing)),
        ("held_twice", format!("{}; {}", award(&one, "e.learner_id", &nothing), award(&two, "e.learner_id", &nothing))),
        ("results", result("ACTIVE", check, 1, 51, "TRUE")),
        ("results", result("ACTIVE", check, 1, 34, "TRUE")),
        ("attempts", result("ACTIVE", check, 2, 40, "TRUE")),
        ("records", result("WAITLISTED", check, 1, 40, "TRUE")),
        ("records", result("ACTIVE", "Install and charge a system", 1, 40, "TRUE")),
        ("records", format!("{}; UPDATE assessment_result SET learner_id = {lou}", result("ACTIVE", check, 1, 40, "TRUE"))),
        ("records", format!("{}; {rating}", result("ACTIVE", check, 1, 40, "TRUE"))),
    ]
}

/// What the database itself would refuse.
fn of_walls(app: &TestApp) -> Vec<(&'static str, String)> {
    let (one, _) = unknown(app);
    let unchecked = match app.store.dialect() {
        Dialect::Postgres => "ALTER TABLE ledger_account DROP CONSTRAINT ledger_account_check",
        Dialect::Sqlite => "PRAGMA ignore_check_constraints = ON",
    };
    let twice = format!(
        "DROP INDEX enrollment_open; INSERT INTO enrollment SELECT tenant_id, {one}, offering_id, learner_id, 'REQUESTED', 9223372036854775807, NULL, 0, 0, NULL, requested_at, updated_at FROM enrollment WHERE id = {WAITING}; \
         INSERT INTO enrollment_transition SELECT tenant_id, {one}, 1, learner_id, NULL, 'REQUESTED', at, NULL, actor_name FROM enrollment_transition WHERE enrollment_id = {WAITING}; \
         INSERT INTO funding (tenant_id, enrollment_id, position, learner_id, source, state, amount_cents) SELECT tenant_id, {one}, position, learner_id, source, state, amount_cents FROM funding WHERE enrollment_id = {WAITING}"
    );
    let overdrawn = format!(
        "{unchecked}; UPDATE sponsorship SET status = 'EXHAUSTED' WHERE name = 'Budget'; {}",
        booked(&one, BUDGET, &[("MONEY", "FREE", -30_000), ("MONEY", "GRANTED", 30_000)])
    );
    vec![("twice", twice), ("overspent", overdrawn)]
}

/// What is found after some statements, which are taken back.
async fn found_after(store: &Store, statements: &str) -> Vec<(&'static str, i64, String)> {
    let mut transaction = store.begin().await.expect("a transaction");
    for statement in statements.split("; ") {
        let mut connection = transaction.connection();
        let mut sql = Sql::new(connection.dialect());
        sql.push(statement);
        connection.execute(sql).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    let found = transaction.breaks().await.expect("a look at everything");
    transaction.rollback().await.expect("an end");
    found.into_iter().map(|found| (found.invariant.name, found.number, found.example)).collect()
}

both! {
    /// An operator breaks one invariant after the other by hand: each is reported, with an example, and nothing else is.
    async fn each_break_is_found(database) {
        let app = busy(database).await;
        agrees(&app).await;
        let store = app.operator().await;
        let mut seen = BTreeSet::new();
        for (name, statements) in planted(&app) {
            let found = found_after(&store, &statements).await;
            assert!(matches!(found.as_slice(), [(is, 1.., example)] if *is == name && !example.is_empty()), "{name}: {found:?} by {statements}");
            seen.insert(name);
        }
        let all: BTreeSet<&str> = INVARIANTS.iter().map(|invariant| invariant.name).collect();
        assert_eq!(seen, all, "each invariant was broken once");
        agrees(&app).await;
    }

    /// An operator looks at the invented state as it was created: everything holds.
    async fn the_demo_holds(database) {
        let app = TestApp::demo(database).await;
        assert_eq!(breaks(&app).await, Vec::<String>::new());
    }
}
