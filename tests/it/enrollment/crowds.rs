//! Crowds at few seats: parallel clients over many connections, and on two nodes where the database serves two. Nobody is lost, nobody passes those who wait.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Instant;

use axum::http::Method;
use concord::domain::id::Kind;
use concord::domain::role::Role;
use concord::service::enrollment::job::work;
use concord::store::sql::Dialect;
use futures_util::future::join_all;
use futures_util::stream::{StreamExt, iter};
use serde_json::{Value, json};
use uuid::Uuid;

use super::storms::crew;
use super::{MOVE, REQUEST, agrees, finished, learner, learns, once, seats};
use crate::enrollment_job::{list, send, sponsor, start};
use crate::roster::peopled;
use crate::support::people::{key, literal, person};
use crate::support::token::signed;
use crate::support::{Database, Node, TestApp, both};
use crate::tenant::{business, tenant};

/// Where a place stands is not the employer's to read.
const CREW: &str = "mutation($input: EnrollmentBulkRequestInput!) { enrollmentBulkRequest(input: $input) { results { enrollment { id } userErrors { code } } userErrors { code } } }";

/// Most requests that are under way at a time, each on a connection of its own.
const CONNECTIONS: usize = 256;

/// The tests' server, and a second node over the same database where that has room for one.
struct Nodes {
    app: TestApp,
    second: Option<Node>,
}

impl Nodes {
    async fn of(database: Database) -> Self {
        let app = peopled(database).await;
        let second = if database == Database::Postgres { Some(app.second(|_| {}).await) } else { None };
        Self { app, second }
    }

    /// Where the node is whose turn it is.
    fn address(&self, turn: usize) -> SocketAddr {
        self.second.as_ref().filter(|_| turn % 2 == 1).map_or(self.app.address, |node| node.address)
    }

    /// Lets both know whose tokens are good.
    async fn refresh(&self) {
        if let Some(node) = &self.second {
            node.app.identity().refresh().await.expect("what is registered");
        }
    }

    /// Asks the node whose turn it is; the payload.
    async fn ask(&self, turn: usize, token: &str, document: &str, input: Value) -> Value {
        let bearer = format!("Bearer {token}");
        let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
        let body = json!({ "query": document, "variables": { "input": input } }).to_string();
        let answer = self.app.send_to(self.address(turn), Method::POST, "/graphql", &headers, body).await.json();
        assert!(answer.get("errors").is_none(), "{answer:#}");
        answer["data"].as_object().and_then(|data| data.values().next()).cloned().unwrap_or_default()
    }

    /// Each learner asks for a place, as many at once as there are connections; the payloads in order.
    async fn request(&self, tokens: &[String], offering: &str) -> Vec<Value> {
        let asked = tokens.iter().enumerate().map(|(number, token)| {
            let input = json!({ "idempotencyKey": once(u32::try_from(number).expect("a number")), "offeringId": offering });
            self.ask(number, token, REQUEST, input)
        });
        iter(asked).buffered(CONNECTIONS).collect().await
    }
}

/// Tokens of so many learners, good on all nodes.
async fn learners(nodes: &Nodes, count: u32) -> Vec<String> {
    let north = tenant(&nodes.app, Kind::Institution, "north").await;
    // One of them makes the issuer known.
    learner(&nodes.app, 0).await;
    nodes.refresh().await;
    (0..count).map(|number| signed(&[Role::Learner], north, |claims| learns(claims, number))).collect()
}

/// Many learners ask for few seats at once: as many as there are get one, and the others wait in the order of their tickets. How many asked in a second.
async fn rush(database: Database, capacity: u32, count: u32) -> f64 {
    let nodes = Nodes::of(database).await;
    let offering = seats(&nodes.app, capacity, count).await;
    let tokens = learners(&nodes, count).await;
    let begun = Instant::now();
    let answers = nodes.request(&tokens, &offering).await;
    let rate = f64::from(count) / begun.elapsed().as_secs_f64();
    let states = |wanted: &str| answers.iter().filter(|answer| answer["enrollment"]["state"] == wanted).count() as u32;
    assert_eq!((states("ENROLLED"), states("WAITLISTED")), (capacity, count - capacity), "{:#}", answers[0]);
    agrees(&nodes.app).await;
    let tickets = nodes.app.rows("SELECT ticket FROM enrollment WHERE state = 'WAITLISTED' ORDER BY ticket").await;
    assert_eq!(tickets, (1..=count - capacity).map(|ticket| ticket.to_string()).collect::<Vec<_>>());
    rate
}

/// One learner is asked for at once by themselves, by the employer, and by lists of the employer, each so many times and each time anew; how often each answer was given.
async fn meet(database: Database, [own, bulk, lists]: [u32; 3]) -> BTreeMap<String, usize> {
    let nodes = Nodes::of(database).await;
    let app = &nodes.app;
    finished(app).await;
    let tokens = crew(app).await;
    let (offering, employer) = (seats(app, 20, 20).await, business(app, "acme").await);
    nodes.refresh().await;
    let funding = sponsor(app, &employer, 1, 2_000).await;
    let upload = send(app, &employer, &list(&offering, 0..1)).await;
    for number in 0..lists {
        assert!(start(app, &employer, 10_000 + number, &upload, &funding).await["enrollmentJob"].is_object());
    }
    let alone = join_all((0..own).map(async |number| {
        let input = json!({ "idempotencyKey": once(20_000 + number), "offeringId": offering });
        nodes.ask(number as usize, &tokens[0], REQUEST, input).await
    }));
    let crews = join_all((0..bulk).map(async |number| {
        let items = json!([{ "learner": { "employeeId": person(Kind::Employee, 1_000) }, "offeringId": offering }]);
        let input = json!({ "idempotencyKey": once(30_000 + number), "funding": funding, "items": items });
        nodes.ask(number as usize, &employer, CREW, input).await["results"][0].take()
    }));
    let workers = join_all([Some(app.app()), nodes.second.as_ref().map(|node| &node.app)].into_iter().flatten().zip(1..).map(
        async |(app, owner)| {
            while work(&app.sweeper(), Uuid::from_u128(owner)).await.expect("rows are worked off") {}
        },
    ));
    let (alone, crews, _) = tokio::join!(alone, crews, workers);
    // Whose rows another worker held when this one looked for the last time.
    crate::enrollment_job::finish(app).await;
    let mut told = BTreeMap::new();
    for answer in alone.iter().chain(&crews) {
        let is_there = answer["enrollment"]["id"].is_string().then_some("ENROLLED");
        let said = is_there.or(answer["userErrors"][0]["code"].as_str()).unwrap_or("nothing");
        *told.entry(said.to_owned()).or_default() += 1;
    }
    for outcome in app
        .rows("SELECT i.outcome FROM enrollment_job_item i JOIN enrollment_job j ON j.id = i.job_id WHERE j.file_name = 'list.csv'")
        .await
    {
        *told.entry(format!("a row {outcome}")).or_default() += 1;
    }
    let open = format!("SELECT count(*) FROM enrollment WHERE learner_id = {}", literal(app, key(Kind::Learner, 1_000)));
    assert_eq!(app.rows(&open).await, ["1"], "{told:?}");
    assert_eq!(told.get("ENROLLED").unwrap_or(&0) + told.get("a row ENROLLED").unwrap_or(&0), 1, "{told:?}");
    assert_eq!(told.values().sum::<usize>(), (own + bulk + lists) as usize, "{told:?}");
    let known = ["ENROLLED", "ALREADY_ENROLLED", "NOT_ELIGIBLE", "a row ENROLLED", "a row DUPLICATE", "a row INELIGIBLE"];
    assert!(told.keys().all(|said| known.contains(&said.as_str())), "{told:?}");
    agrees(app).await;
    told
}

/// Notes, in the database and at the moment of each offer, whose turn it was not.
async fn watch(app: &TestApp) {
    let earlier = "SELECT 1 FROM enrollment w WHERE w.offering_id = NEW.offering_id AND w.state = 'WAITLISTED' AND w.ticket < OLD.ticket";
    let note = "INSERT INTO offer_seen (ticket, is_early)";
    app.execute("CREATE TABLE offer_seen (ticket bigint, is_early boolean)").await;
    match app.store.dialect() {
        Dialect::Postgres => {
            app.execute("GRANT INSERT ON offer_seen TO concord_app").await;
            app.execute(&format!(
                "CREATE FUNCTION see_offer() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {note} VALUES (OLD.ticket, EXISTS ({earlier})); RETURN NEW; END $$"
            ))
            .await;
            app.execute("CREATE TRIGGER see_offer AFTER UPDATE ON enrollment FOR EACH ROW WHEN (OLD.state = 'WAITLISTED' AND NEW.state = 'SEAT_OFFERED') EXECUTE FUNCTION see_offer()").await;
        }
        Dialect::Sqlite => {
            app.execute(&format!(
                "CREATE TRIGGER see_offer AFTER UPDATE ON enrollment WHEN OLD.state = 'WAITLISTED' AND NEW.state = 'SEAT_OFFERED' BEGIN {note} VALUES (OLD.ticket, EXISTS ({earlier})); END"
            ))
            .await;
        }
    }
}

/// Offers that were made, and those of them that passed somebody by.
async fn seen(app: &TestApp) -> (usize, usize) {
    let number = async |of: &str| app.rows(&format!("SELECT count(*) FROM offer_seen{of}")).await[0].parse().expect("a number");
    (number("").await, number(" WHERE is_early").await)
}

/// So many wait for a few seats, and most of all go away in an order that nobody chose, or take what they are offered: every offer goes to whoever waits longest at that moment. How
/// many offers there were.
async fn wait(database: Database, capacity: u32, waiting: u32, seed: u64) -> usize {
    let nodes = Nodes::of(database).await;
    let app = &nodes.app;
    let offering = seats(app, capacity, waiting).await;
    let tokens = learners(&nodes, capacity + waiting).await;
    let placed = nodes.request(&tokens, &offering).await;
    watch(app).await;
    let mut state = seed;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut order: Vec<(u64, usize)> = (0..placed.len()).map(|place| (random(), place)).collect();
    order.sort_unstable();
    // Whoever has a seat goes away, and four fifths of the others.
    let has_seat = |place: usize| placed[place]["enrollment"]["state"] == "ENROLLED";
    let leaving = order.iter().enumerate().filter(|(turn, (_, place))| *turn < placed.len() * 4 / 5 || has_seat(*place));
    let leaving = leaving.map(async |(turn, (luck, place))| {
        let input = |to: &str| json!({ "id": placed[*place]["enrollment"]["id"], "to": to });
        // A third of those who wait take the seat, should there be one for them by now.
        if luck % 3 > 0 || has_seat(*place) || nodes.ask(turn, &tokens[*place], MOVE, input("ENROLLED")).await["enrollment"].is_null() {
            let left = nodes.ask(turn, &tokens[*place], MOVE, input("CANCELLED")).await;
            assert_eq!(left["enrollment"]["state"], "CANCELLED", "{left:#}");
        }
    });
    iter(leaving).buffer_unordered(64).collect::<Vec<_>>().await;
    agrees(app).await;
    let (offers, early) = seen(app).await;
    assert!(offers > 0 && early == 0, "{early} of {offers} passed somebody by");
    assert_eq!(
        app.rows("SELECT seats_here FROM offering WHERE code = 'HVA101-1' AND seats_here = capacity").await.len(),
        1,
        "every seat is somebody's while others wait"
    );
    // What looks for it finds it.
    app.execute("UPDATE enrollment SET state = 'SEAT_OFFERED', seat_offer_expires_at = requested_at, ticket = 9223372036854775807 WHERE ticket = (SELECT max(ticket) FROM enrollment WHERE state = 'WAITLISTED')").await;
    assert_eq!(seen(app).await, (offers + 1, 1));
    offers
}

both! {
    /// Sixty learners ask for twenty seats at once: twenty have one, forty wait in order, and nobody is lost.
    async fn sells_each_seat_once(database) {
        rush(database, 20, 60).await;
    }

    /// One learner is asked for by themselves, by the employer and by its lists, all at once: one enrollment, and everybody else is told why not.
    async fn enrolls_nobody_twice_by_any_way(database) {
        meet(database, [6, 6, 4]).await;
    }

    /// Forty wait for four seats, and most go away in no order: each offer goes to whoever waits longest at that moment.
    async fn nobody_passes_who_waits(database) {
        wait(database, 4, 40, 0x9E37_79B9).await;
    }
}

/// All rounds, on either database.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "the full counts, which scripts/prove enrollment runs"]
async fn prove_enrollment_rush() {
    for database in [Database::Sqlite, Database::Postgres] {
        let mut rates = Vec::new();
        for _ in 1..=20 {
            rates.push(rush(database, 200, 2_000).await);
        }
        rates.sort_by(f64::total_cmp);
        println!(
            "rush on {database:?}: 20 rounds of 2,000 requests over {CONNECTIONS} connections, each 200 enrolled and 1,800 waiting in order; {:.0} a second (median; {:.0} to {:.0})",
            rates[10], rates[0], rates[19]
        );
    }
}

/// One hundred times, on either database.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "the full counts, which scripts/prove enrollment runs"]
async fn prove_enrollment_one_learner() {
    for database in [Database::Sqlite, Database::Postgres] {
        let told = meet(database, [40, 40, 20]).await;
        println!("one learner on {database:?}: asked for 100 times at once, {told:?}, one enrollment");
    }
}

/// Five hundred who wait, five times, on either database.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "the full counts, which scripts/prove enrollment runs"]
async fn prove_enrollment_waitlist() {
    for database in [Database::Sqlite, Database::Postgres] {
        for round in 1..=5 {
            let offers = wait(database, 20, 500, 0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(round)).await;
            println!("waitlist on {database:?}, round {round}: 500 waited for 20 seats, {offers} offers, none out of order");
        }
    }
}
