//! Acts whose client goes away at any point at which they wait: no transaction stays open, nothing is done by half, and the same request again does the rest.

use concord::domain::enrollment::State;
use concord::domain::id::{GlobalId, Kind};
use concord::service::Actor;
use concord::service::enrollment::{Funding, Item, Person, Step, Wanted, bulk, request, transition};
use concord::store::sql::Dialect;
use serde_json::json;
use uuid::Uuid;

use super::{agrees, finished, learner, once, seats};
use crate::roster::peopled;
use crate::support::people::{VOUCHER, key, literal, person};
use crate::support::{Database, TestApp, both, poll_at_most};
use crate::tenant::business;
use crate::walk::id;

/// How often acts were dropped, and came to their end.
#[derive(Debug, Default)]
struct Count {
    dropped: u32,
    finished: u32,
}

impl Count {
    /// Counts what a number of polls came to; whether the act was at its end.
    const fn is_over<T>(&mut self, done: Option<&T>) -> bool {
        match done {
            Some(_) => self.finished += 1,
            None => self.dropped += 1,
        }
        done.is_some()
    }
}

/// The program as whoever has a token uses it.
async fn actor(app: &TestApp, token: &str) -> Actor {
    let mut headers = axum::http::HeaderMap::new();
    headers.insert("authorization", format!("Bearer {token}").parse().expect("a header"));
    Actor { principal: app.identity().principal(&headers).await.expect("a principal"), ..app.app().sweeper() }
}

/// Waits until nobody is at work for what was dropped, and looks whether everything is whole.
async fn is_whole(app: &TestApp) {
    match app.store.dialect() {
        Dialect::Postgres => {
            let at_work = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'concord' AND state <> 'idle'";
            let over = async { while app.rows(at_work).await != ["0"] {} };
            tokio::time::timeout(std::time::Duration::from_mins(1), over).await.expect("no transaction stays open");
        }
        // Whoever still writes is waited for.
        Dialect::Sqlite => {
            app.execute("UPDATE setting SET value = value").await;
        }
    }
    agrees(app).await;
    let nobody = "SELECT l.display_name FROM learner l WHERE l.display_name = 'Pat' AND NOT EXISTS (SELECT 1 FROM learner_identity i WHERE i.learner_id = l.id)";
    assert_eq!(app.rows(nobody).await, Vec::<String>::new());
}

/// The twins, with so many seats; nobody has one yet.
async fn ready(database: Database, free: u32) -> (TestApp, String) {
    let app = peopled(database).await;
    finished(&app).await;
    let offering = seats(&app, free, 1_000).await;
    (app, offering)
}

/// Learners who were never here ask for places, a seat or one on the waitlist.
async fn requests(database: Database, stride: usize, count: &mut Count) {
    let (app, offering) = ready(database, 3).await;
    for (number, polls) in (1..).zip((1..).step_by(stride)) {
        let who = actor(&app, &learner(&app, number).await).await;
        let wanted = Wanted { learner: None, offering: offering.clone(), funding: Funding::Own };
        let key = Uuid::from_u128(u128::from(number));
        let done = poll_at_most(request(&who, key, &wanted), polls).await;
        is_whole(&app).await;
        let again = request(&who, key, &wanted).await.expect("a place");
        assert_eq!(app.rows("SELECT count(*) FROM enrollment").await, [(number + 1).to_string()], "after {polls} polls");
        let is_over = count.is_over(done.as_ref());
        assert!(done.is_none_or(|done| done.expect("a place") == again));
        if is_over {
            break;
        }
    }
}

/// Somebody whose seat is paid by voucher leaves, and the next who waits is offered it.
async fn transitions(database: Database, stride: usize, count: &mut Count) {
    let (app, offering) = ready(database, 1).await;
    let (one, other) = (actor(&app, &learner(&app, 1).await).await, actor(&app, &learner(&app, 2).await).await);
    let ask = async |who: &Actor, number: u128, funding: Funding| {
        let wanted = Wanted { learner: None, offering: offering.clone(), funding };
        request(who, Uuid::from_u128(number), &wanted).await.expect("a place")
    };
    let leaving = |id: GlobalId| Step { id: id.to_string(), to: State::Cancelled, reason: None, is_refunded: false };
    for (round, polls) in (1_u128..).zip((1..).step_by(stride)) {
        let first = ask(&one, round * 2, Funding::Voucher(VOUCHER.to_owned())).await;
        let next = ask(&other, round * 2 + 1, Funding::Own).await;
        let (step, back) = (leaving(first), leaving(next));
        let done = poll_at_most(transition(&one, &step), polls).await;
        is_whole(&app).await;
        transition(&one, &step).await.expect("a step");
        let offered = app.rows("SELECT state FROM enrollment WHERE state IN ('SEAT_OFFERED', 'WAITLISTED', 'ENROLLED')").await;
        assert_eq!(offered, ["SEAT_OFFERED"], "after {polls} polls");
        transition(&other, &back).await.expect("a step");
        if count.is_over(done.as_ref()) {
            break;
        }
    }
}

/// A business enrolls its crew of three from a budget.
async fn crews(database: Database, stride: usize, count: &mut Count) {
    let (app, offering) = ready(database, 1_000).await;
    let acme = id(&app, Kind::Business, "acme").await;
    let tenant = literal(&app, GlobalId::parse(&acme).expect("an identifier").uuid);
    for number in [5_u16, 6] {
        let (learner, employee) = (literal(&app, key(Kind::Learner, number)), literal(&app, key(Kind::Employee, number)));
        let at = "'2027-01-10T00:00:00+00:00'";
        app.execute(&format!("INSERT INTO learner (id, display_name, name_key, updated_at) VALUES ({learner}, 'Crew', 'crew', {at}); INSERT INTO employee (tenant_id, id, name, name_key, email, email_key, search_key, status, learner_id, updated_at) VALUES ({tenant}, {employee}, 'Crew', 'crew', 'c{number}', 'c{number}', 'crew', 'LINKED', {learner}, {at})")).await;
    }
    let token = business(&app, "acme").await;
    let create = "mutation($input: SponsorshipCreateInput!) { sponsorshipCreate(input: $input) { sponsorship { id } } }";
    let fields = json!({ "name": "Budget", "kind": "BUDGET", "budget": "500.00", "startsOn": "2027-01-01", "endsOn": "2027-06-30", "status": "ACTIVE" });
    let made = app.ask_as(&token, create, json!({ "input": { "idempotencyKey": once(1), "businessId": acme, "fields": fields } })).await;
    let sponsorship = made["data"]["sponsorshipCreate"]["sponsorship"]["id"].as_str().expect("a sponsorship").to_owned();
    let (who, funding) = (actor(&app, &token).await, Funding::Sponsorship(sponsorship));
    let items: Vec<Item> = [1, 5, 6]
        .map(|number| Item { person: Person::Employee(person(Kind::Employee, number)), offering: offering.clone(), voucher: None })
        .into();
    for (round, polls) in (1_u128..).zip((1..).step_by(stride)) {
        let key = Uuid::from_u128(1_000_000 + round);
        let done = poll_at_most(bulk(&who, key, &items, &funding, false), polls).await;
        is_whole(&app).await;
        let all = bulk(&who, key, &items, &funding, false).await.expect("what became of each");
        assert_eq!(app.rows("SELECT count(*) FROM enrollment WHERE state = 'ENROLLED'").await, ["3"], "after {polls} polls");
        for id in all {
            let id = id.expect("a place").expect("an enrollment").to_string();
            transition(&who, &Step { id, to: State::Cancelled, reason: None, is_refunded: false }).await.expect("a step");
        }
        if count.is_over(done.as_ref()) {
            break;
        }
    }
}

/// Each act, dropped at every point at which it waits, or at every so many of them.
async fn sweep(database: Database, [request, transition, crew]: [usize; 3]) -> Count {
    let mut count = Count::default();
    requests(database, request, &mut count).await;
    transitions(database, transition, &mut count).await;
    crews(database, crew, &mut count).await;
    count
}

both! {
    /// Clients go away at some points of what they ask for: everything is whole, and asked again it is done.
    async fn leaves_nothing_by_half(database) {
        let count = sweep(database, [5, 8, 20]).await;
        assert!(count.dropped > 10 && count.finished == 3, "{count:?}");
    }
}

/// Every point at which any of them waits, on either database, five times.
#[tokio::test]
#[ignore = "the full counts, which scripts/prove enrollment runs"]
async fn prove_enrollment_cancellation() {
    for database in [Database::Sqlite, Database::Postgres] {
        for round in 1..=5 {
            let Count { dropped, finished } = sweep(database, [1, 1, 1]).await;
            println!("cancellation on {database:?}, round {round}: {dropped} acts dropped, {finished} finished, nothing by half");
            assert!(dropped > 100 && finished == 3, "{dropped} {finished}");
        }
    }
}
