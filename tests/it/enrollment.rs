//! Places in offerings: no seat, dollar or person is lost or counted twice, whoever asks at once, and whoever leaves.

mod again;
mod aid;
mod barred;
mod cancelled;
mod colleges;
mod consented;
mod crowds;
mod dropped;
mod freed;
mod lapses;
mod lists;
mod looks;
mod model;
mod named;
pub(crate) mod planted;
mod refunds;
mod reserved;
mod shown;
pub(crate) mod storms;
mod untold;

use concord::domain::id::Kind;
use concord::domain::role::Role;
use concord::service::enrollment::sweep;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::roster::peopled;
use crate::support::people::{VOUCHER, person};
use crate::support::{TestApp, both, snapshot};
use crate::tenant::{business, college, tenant};
use crate::walk::id;

const REQUEST: &str = "mutation($input: EnrollmentRequestInput!) { enrollmentRequest(input: $input) { enrollment { id state waitlistPosition allowedTransitions funding { source state amount } learner { displayName } } userErrors { code path } } }";
const MOVE: &str = "mutation($input: EnrollmentTransitionInput!) { enrollmentTransition(input: $input) { enrollment { id state seatOfferExpiresAt funding { state } } userErrors { code path } } }";
const BULK: &str = "mutation($input: EnrollmentBulkRequestInput!) { enrollmentBulkRequest(input: $input) { results { index enrollment { id state funding { state amount } } userErrors { code path } } userErrors { code path } } }";

/// A key of an act, by its number.
pub(crate) fn once(number: u32) -> String {
    format!("1b4f0c52-7a54-4c0b-8a1d-{number:012x}")
}

/// The token of a learner of `north`, by number.
pub(crate) async fn learner(app: &TestApp, number: u32) -> String {
    let north = tenant(app, Kind::Institution, "north").await;
    app.token_with(&[Role::Learner], north, |claims| learns(claims, number)).await
}

/// The claims of a learner with a number.
pub(crate) fn learns(claims: &mut Value, number: u32) {
    claims["sub"] = format!("learner-{number}").into();
}

/// Asks for a place; the payload.
pub(crate) async fn request(app: &TestApp, token: &str, key: u32, offering: &str, funding: Value) -> Value {
    let answer =
        app.ask_as(token, REQUEST, json!({ "input": { "idempotencyKey": once(key), "offeringId": offering, "funding": funding } })).await;
    assert!(answer.get("errors").is_none(), "{answer:#}");
    answer["data"]["enrollmentRequest"].clone()
}

/// Moves an enrollment; the payload.
async fn go(app: &TestApp, token: &str, input: Value) -> Value {
    let answer = app.ask_as(token, MOVE, json!({ "input": input })).await;
    assert!(!answer["data"].is_null(), "{answer:#}");
    answer["data"]["enrollmentTransition"].clone()
}

/// Sets the seats of HVA101-1, from which nobody is away yet.
pub(crate) async fn seats(app: &TestApp, capacity: u32, waitlist: u32) -> String {
    app.execute(&format!(
        "UPDATE offering SET capacity = {}, seats_taken = 0, waitlisted = 0, waitlist_capacity = {waitlist} WHERE code = 'HVA101-1'",
        capacity + 1
    ))
    .await;
    id(app, Kind::Offering, "n1").await
}

/// Whoever had begun has finished: nobody is in anything.
pub(crate) async fn finished(app: &TestApp) {
    let step = "INSERT INTO enrollment_transition SELECT tenant_id, enrollment_id, 3, learner_id, 'ACTIVE', 'COMPLETED', at, reason, actor_name FROM enrollment_transition WHERE number = 2";
    app.execute(&format!("UPDATE enrollment SET state = 'COMPLETED'; UPDATE business_enrollment SET state = 'COMPLETED'; {step}")).await;
}

/// A budget of 200 dollars of `acme`; its identifier.
pub(crate) async fn budget(app: &TestApp, key: u32) -> Value {
    let create =
        "mutation($input: SponsorshipCreateInput!) { sponsorshipCreate(input: $input) { sponsorship { id } userErrors { code path } } }";
    let fields = json!({ "name": "Budget", "kind": "BUDGET", "budget": "200.00", "startsOn": "2027-01-01", "endsOn": "2027-06-30", "status": "ACTIVE" });
    let input = json!({ "input": { "idempotencyKey": once(key), "businessId": id(app, Kind::Business, "acme").await, "fields": fields } });
    let mut made = app.ask_as(&business(app, "acme").await, create, input).await;
    made["data"]["sponsorshipCreate"]["sponsorship"]["id"].take()
}

/// Every invariant holds, as `concord check` looks at it, and no offering has given more seats than there are.
pub(crate) async fn agrees(app: &TestApp) {
    assert_eq!(breaks(app).await, Vec::<String>::new());
    assert_eq!(app.rows("SELECT code FROM offering WHERE capacity < seats_taken + seats_here").await, Vec::<String>::new());
}

/// The invariants that do not hold.
pub(crate) async fn breaks(app: &TestApp) -> Vec<String> {
    let store = app.operator().await;
    let found = store.breaks().await.expect("a look at everything");
    store.close().await;
    found.iter().map(|found| format!("{} ({}, {})", found.invariant.name, found.number, found.example)).collect()
}

both! {
    /// One learner asks twenty times at once for the same place, each time anew: one enrollment.
    async fn enrolls_nobody_twice(database) {
        let app = peopled(database).await;
        let offering = seats(&app, 20, 20).await;
        let token = learner(&app, 1).await;
        let answers = join_all((0..20).map(|key| request(&app, &token, key, &offering, Value::Null))).await;
        let done = answers.iter().filter(|answer| answer["enrollment"]["state"] == "ENROLLED").count();
        let refused = answers.iter().filter(|answer| answer["userErrors"] == json!([{ "code": "ALREADY_ENROLLED", "path": ["input", "offeringId"] }])).count();
        assert_eq!((done, refused), (1, 19), "{:#}", answers[0]);
        let again = join_all((0..5).map(|_| request(&app, &token, 0, &offering, Value::Null))).await;
        assert!(again.iter().all(|answer| answer["userErrors"] == answers[0]["userErrors"]));
        agrees(&app).await;
    }

    /// A learner pays by voucher, leaves, and pays with it again; it cannot be used twice, and begins to be spent with the course.
    async fn vouchers_pay_once(database) {
        let app = peopled(database).await;
        let offering = seats(&app, 5, 5).await;
        let (one, two, staff) = (learner(&app, 1).await, learner(&app, 2).await, college(&app, "north", Role::InstitutionAdmin).await);
        let by_voucher = json!({ "voucherCode": VOUCHER });
        let first = request(&app, &one, 1, &offering, by_voucher.clone()).await;
        let parts = json!([{ "source": "VOUCHER", "state": "RESERVED", "amount": "60.00" }, { "source": "SELF_PAY", "state": "RESERVED", "amount": "35.00" }]);
        assert_eq!(first["enrollment"]["funding"], parts, "{first:#}");
        assert_eq!(first["enrollment"]["allowedTransitions"], json!(["CANCELLED"]));
        assert_eq!(request(&app, &two, 2, &offering, by_voucher.clone()).await["userErrors"][0]["code"], "NOT_ELIGIBLE");
        agrees(&app).await;
        let left = go(&app, &one, json!({ "id": first["enrollment"]["id"], "to": "CANCELLED" })).await;
        assert_eq!(left["enrollment"]["funding"], json!([{ "state": "RELEASED" }, { "state": "RELEASED" }]), "{left:#}");
        agrees(&app).await;
        let second = request(&app, &two, 3, &offering, by_voucher).await["enrollment"].take();
        let begun = go(&app, &staff, json!({ "id": second["id"], "to": "ACTIVE" })).await;
        assert_eq!(begun["enrollment"]["funding"], json!([{ "state": "CHARGED" }, { "state": "CHARGED" }]), "{begun:#}");
        assert_eq!(app.rows("SELECT balance FROM ledger_account WHERE unit = 'MONEY' AND name = 'SPENT'").await, ["6000"]);
        let no_reason = go(&app, &staff, json!({ "id": second["id"], "to": "WITHDRAWN", "isRefunded": true })).await;
        assert_eq!(no_reason["userErrors"], json!([{ "code": "REQUIRED", "path": ["input", "reason"] }]));
        let gone = go(&app, &staff, json!({ "id": second["id"], "to": "WITHDRAWN", "reason": "moved away", "isRefunded": true })).await;
        assert_eq!(gone["enrollment"]["state"], "WITHDRAWN", "{gone:#}");
        assert_eq!(app.rows("SELECT name || balance FROM ledger_account WHERE unit = 'MONEY' ORDER BY name").await, ["FREE6000", "GRANTED-6000", "RESERVED0", "SPENT0"]);
        agrees(&app).await;
    }

    /// Somebody asks for a place against which there is everything: every reason is told at once, and nothing is written.
    async fn tells_every_reason(database) {
        let app = peopled(database).await;
        let offering = seats(&app, 0, 0).await;
        app.execute("UPDATE offering SET status = 'CLOSED', registration_closes_at = '2027-01-10T00:00:00+00:00' WHERE code = 'HVA101-1'").await;
        app.execute("INSERT INTO course_prerequisite SELECT c.tenant_id, c.id, 7, p.id FROM course c JOIN course p ON p.code = 'HVA 112' WHERE c.code = 'HVA 101'").await;
        app.execute("UPDATE sponsorship SET ends_on = '2027-01-02', is_anywhere = FALSE; UPDATE voucher SET expires_on = '2027-01-03'").await;
        let before = app.rows("SELECT (SELECT count(*) FROM enrollment), (SELECT count(*) FROM ledger_entry), (SELECT count(*) FROM learner)").await;
        let payload = request(&app, &learner(&app, 1).await, 1, &offering, json!({ "voucherCode": VOUCHER })).await;
        snapshot!("enrollment_refused", payload);
        assert_eq!(app.rows("SELECT (SELECT count(*) FROM enrollment), (SELECT count(*) FROM ledger_entry), (SELECT count(*) FROM learner)").await, before);
        let hidden = request(&app, &learner(&app, 1).await, 2, &id(&app, Kind::Offering, "n7").await, Value::Null).await;
        assert_eq!(hidden["userErrors"], json!([{ "code": "NOT_FOUND", "path": ["input", "offeringId"] }]));
    }

    /// Seats come free one after the other: each is offered to whoever waits longest; an offer that lapses goes on to the next, and who let it pass waits behind the others.
    async fn waits_in_order(database) {
        let app = peopled(database).await;
        let offering = seats(&app, 2, 10).await;
        let tokens = join_all((0..6).map(|number| learner(&app, number))).await;
        let mut enrollments = Vec::new();
        for (token, key) in tokens.iter().zip(0..) {
            enrollments.push(request(&app, token, key, &offering, Value::Null).await["enrollment"].take());
        }
        let positions: Vec<&Value> = enrollments.iter().map(|enrollment| &enrollment["waitlistPosition"]).collect();
        assert_eq!(json!(positions), json!([null, null, 1, 2, 3, 4]));
        let states = async || app.rows("SELECT e.state FROM enrollment e JOIN learner_identity i ON i.learner_id = e.learner_id WHERE i.subject LIKE 'learner-%' ORDER BY i.subject").await.join(" ");
        // The first who waits leaves, then one who has a seat.
        go(&app, &tokens[2], json!({ "id": enrollments[2]["id"], "to": "CANCELLED" })).await;
        go(&app, &tokens[0], json!({ "id": enrollments[0]["id"], "to": "CANCELLED" })).await;
        assert_eq!(states().await, "CANCELLED ENROLLED CANCELLED SEAT_OFFERED WAITLISTED WAITLISTED");
        agrees(&app).await;
        let sweeper = app.app().sweeper();
        assert_eq!(sweep(&sweeper).await.expect("a sweep"), 0);
        app.execute("UPDATE seat_offer SET expires_at = '2020-01-01T00:00:00.000000+00:00'").await;
        let late = go(&app, &tokens[3], json!({ "id": enrollments[3]["id"], "to": "ENROLLED" })).await;
        assert_eq!(late["userErrors"], json!([{ "code": "CLOSED", "path": ["input", "to"] }]));
        assert_eq!(sweep(&sweeper).await.expect("a sweep"), 1);
        assert_eq!(states().await, "CANCELLED ENROLLED CANCELLED WAITLISTED SEAT_OFFERED WAITLISTED");
        let taken = go(&app, &tokens[4], json!({ "id": enrollments[4]["id"], "to": "ENROLLED" })).await;
        assert_eq!(taken["enrollment"]["state"], "ENROLLED", "{taken:#}");
        go(&app, &tokens[1], json!({ "id": enrollments[1]["id"], "to": "CANCELLED" })).await;
        assert_eq!(states().await, "CANCELLED CANCELLED CANCELLED WAITLISTED ENROLLED SEAT_OFFERED");
        agrees(&app).await;
        let staff = college(&app, "north", Role::InstitutionAdmin).await;
        let stolen = go(&app, &tokens[1], json!({ "id": enrollments[5]["id"], "to": "CANCELLED" })).await;
        assert_eq!(stolen["userErrors"], json!([{ "code": "NOT_FOUND", "path": ["input", "id"] }]));
        let impossible = go(&app, &staff, json!({ "id": enrollments[4]["id"], "to": "COMPLETED" })).await;
        assert_eq!(impossible["userErrors"], json!([{ "code": "INVALID_TRANSITION", "path": ["input", "to"] }]));
    }

    /// A business tries a crew and then enrolls it: each item stands alone, money goes as far as it goes, and the same request again changes nothing. It reads what it pays for.
    async fn crews_are_enrolled(database) {
        let app = peopled(database).await;
        let offering = seats(&app, 5, 5).await;
        let acme = business(&app, "acme").await;
        let sponsorship = budget(&app, 1).await;
        let other = id(&app, Kind::Offering, "n6").await;
        let employee = |number: u16| json!({ "employeeId": person(Kind::Employee, number) });
        let items = json!([
            { "learner": employee(1), "offeringId": offering },
            { "learner": employee(2), "offeringId": offering },
            { "learner": employee(4), "offeringId": offering },
            { "learner": { "learnerId": person(Kind::Learner, 2) }, "offeringId": offering },
            { "learner": employee(1), "offeringId": other },
            { "learner": employee(1), "offeringId": "x" },
        ]);
        finished(&app).await;
        let bulk = async |key: u32, dry: bool| app.ask_as(&acme, BULK, json!({ "input": { "idempotencyKey": once(key), "isDryRun": dry, "funding": { "sponsorshipId": sponsorship }, "items": items } })).await;
        let tried = bulk(2, true).await;
        assert_eq!(app.rows("SELECT count(*) FROM enrollment").await, ["1"]);
        let mut done = bulk(3, false).await;
        let again = bulk(3, false).await;
        assert_eq!(again["data"], done["data"]);
        for result in done["data"]["enrollmentBulkRequest"]["results"].as_array_mut().expect("a list") {
            if result["enrollment"]["id"].is_string() {
                result["enrollment"]["id"] = json!("…");
            }
        }
        snapshot!("enrollment_bulk", json!({ "tried": tried["data"], "done": done["data"] }));
        agrees(&app).await;
        let question = "query($id: ID!) { business(by: { id: $id }) { enrollments(sort: OLDEST) { nodes { state offering { code } learner { displayName } funding { source amount } progress { percentComplete } } } open: enrollments(filter: { states: [ENROLLED] }) { totalCount } sponsorships { nodes { name budget reserved spent } } } }";
        let read = app.ask_as(&acme, question, json!({ "id": id(&app, Kind::Business, "acme").await })).await;
        snapshot!("enrollment_of_business", read);
        assert_eq!(app.store.breaches(), 0);
    }

    /// A business names people who are not there, one and forty: they are looked for together, so that forty cost the database what one does.
    async fn items_are_looked_up_together(database) {
        let app = peopled(database).await;
        let offering = seats(&app, 5, 5).await;
        let (acme, sponsorship) = (business(&app, "acme").await, budget(&app, 1).await);
        let ask = async |key: u32, count: u16| {
            let item = |number: u16| json!({ "learner": { "employeeId": person(Kind::Employee, 900 + number) }, "offeringId": offering });
            let items: Vec<_> = (0..count).map(item).collect();
            let input = json!({ "idempotencyKey": once(key), "funding": { "sponsorshipId": sponsorship }, "items": items });
            let (statements, answer) = app.statements(app.ask_as(&acme, BULK, json!({ "input": input }))).await;
            let results = answer["data"]["enrollmentBulkRequest"]["results"].as_array().unwrap_or_else(|| panic!("{answer:#}"));
            assert!(results.iter().all(|result| result["userErrors"][0]["code"] == "NOT_FOUND") && results.len() == usize::from(count), "{answer:#}");
            statements
        };
        // The first one also asks who is known to be whom.
        ask(2, 1).await;
        assert_eq!(ask(3, 40).await, ask(4, 1).await);
    }

    /// A budget pays for what costs nothing: the place is taken, begun, left and given back as any other.
    async fn what_costs_nothing_is_paid_for(database) {
        let app = peopled(database).await;
        let offering = seats(&app, 5, 5).await;
        app.execute("UPDATE offering SET price_cents = 0 WHERE code = 'HVA101-1'").await;
        let (pat, staff) = (college(&app, "north", Role::Learner).await, college(&app, "north", Role::InstitutionAdmin).await);
        go(&app, &staff, json!({ "id": person(Kind::Enrollment, 1), "to": "COMPLETED" })).await;
        let sponsorship = budget(&app, 1).await;
        let placed = request(&app, &pat, 2, &offering, json!({ "sponsorshipId": sponsorship })).await;
        assert_eq!(placed["enrollment"]["funding"], json!([{ "source": "SPONSORSHIP", "state": "RESERVED", "amount": "0.00" }]), "{placed:#}");
        for (to, state) in [("ACTIVE", "CHARGED"), ("WITHDRAWN", "RELEASED")] {
            let input = json!({ "id": placed["enrollment"]["id"], "to": to, "reason": "as it goes", "isRefunded": to == "WITHDRAWN" });
            let moved = go(&app, &staff, input).await;
            assert_eq!(moved["enrollment"]["funding"], json!([{ "state": state }]), "{moved:#}");
        }
        agrees(&app).await;
    }

    /// A college reads its roster; those who teach read theirs and no other, and another college nothing.
    async fn rosters_are_read(database) {
        let app = peopled(database).await;
        let question = "query($id: ID!, $other: ID!) { offering(by: { id: $id }) { code seats { capacity available waitlisted }
            roster: enrollments(filter: { states: [ENROLLED, ACTIVE, COMPLETED, NOT_COMPLETED] }, sort: OLDEST, first: 50) { nodes { state allowedTransitions learner { displayName email externalKeys { system value } } funding { source state amount } progress { percentComplete lastActivityAt } } }
            waitlist: enrollments(filter: { states: [WAITLISTED, SEAT_OFFERED] }, sort: WAITLIST_POSITION, first: 25) { nodes { state waitlistPosition seatOfferExpiresAt requestedAt learner { displayName } } } }
            other: offering(by: { id: $other }) { enrollments { totalCount } } }";
        let variables = json!({ "id": id(&app, Kind::Offering, "n1").await, "other": id(&app, Kind::Offering, "s1").await });
        let mut answers = serde_json::Map::new();
        for (name, token) in [
            ("north admin", college(&app, "north", Role::InstitutionAdmin).await),
            ("north instructor", college(&app, "north", Role::Instructor).await),
            ("south instructor", college(&app, "south", Role::Instructor).await),
            ("the learner", college(&app, "north", Role::Learner).await),
        ] {
            answers.insert(name.to_owned(), app.ask_as(&token, question, variables.clone()).await);
        }
        app.execute("DELETE FROM offering_instructor").await;
        let teacher = college(&app, "north", Role::Instructor).await;
        answers.insert("north instructor of something else".to_owned(), app.ask_as(&teacher, question, variables).await);
        snapshot!("enrollment_rosters", answers);
        let own = "{ viewer { learner { enrollments { nodes { state offering { code } } } } } }";
        let answer = app.ask_as(&college(&app, "north", Role::Learner).await, own, json!({})).await;
        assert_eq!(answer["data"]["viewer"]["learner"]["enrollments"]["nodes"], json!([{ "state": "ACTIVE", "offering": { "code": "HVA101-1" } }]));
        assert_eq!(app.store.breaches(), 0);
    }
}
