//! The proofs at their full counts: how often an answer is kept where it matters, and that none is ever stale.

use std::time::{Duration, Instant};

use concord::domain::id::Kind;
use concord::domain::role::Role;
use concord::domain::tenant::Tenant;
use serde_json::{Value, json};

use super::{counts, data, keeping, post_to};
use crate::support::{Database, Template, TestApp, both};
use crate::tenant::consortium;
use crate::walk::named;

/// Numbers that look random and are the same in every run.
struct Chance(u64);

impl Chance {
    /// A number from 0 to 1.
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Places that are asked for as often as people ask: the second half as often as the first, the third a third.
struct Zipf(Vec<f64>);

impl Zipf {
    fn new(number: usize) -> Self {
        let mut sum = 0.0;
        let sums = (1..=number).map(|place| {
            sum += 1.0 / place as f64;
            sum
        });
        Self(sums.collect())
    }

    fn pick(&self, chance: &mut Chance) -> usize {
        let at = chance.next() * self.0.last().copied().unwrap_or_default();
        self.0.partition_point(|sum| *sum < at).min(self.0.len() - 1)
    }
}

const SALE: &str = "mutation($id: ID!, $seats: Int!) { offeringUpdate(input: { id: $id, fields: { capacity: $seats } }) { offering { seats { capacity } } userErrors { message } } }";

/// So many pages, asked so often by Zipf, of which one question in a hundred is followed by the sale of a seat on the same page; the share of answers that were kept.
async fn hit_rate(database: Database, pages: usize, questions: usize) -> f64 {
    let app = TestApp::start(database, Template::Demo, keeping).await;
    let seller = app.token(&[Role::ConsortiumAdmin], Tenant::Consortium).await;
    let courses: Vec<String> = named(&app, Kind::Course).await.into_iter().map(|(_, id)| id).collect();
    let page = |number: usize| {
        let first = 1 + number / courses.len();
        let document = "query Page($id: ID!, $first: Int!) { course(by: { id: $id }) { code title summary institution { name } competencies { name } offerings(first: $first) { nodes { id code startsOn seats { capacity available } } } } }";
        (document, json!({ "id": courses[number % courses.len()], "first": first }))
    };
    // Every page once: what is measured is what sales undo, not how long it takes to get to know the pages.
    for number in 0..pages {
        let (document, variables) = page(number);
        app.ask(document, variables).await;
    }
    let (zipf, mut chance) = (Zipf::new(pages), Chance(7));
    let (hits, misses) = (counts(&app).hits(), counts(&app).misses());
    let mut sales = 0;
    for number in 0..questions {
        let (document, variables) = page(zipf.pick(&mut chance));
        let answer = app.ask(document, variables).await;
        let offering = answer.pointer("/data/course/offerings/nodes/0").cloned().unwrap_or_default();
        if number % 100 == 99
            && let Some(seats) = offering.pointer("/seats/capacity").and_then(Value::as_i64)
        {
            let sold = app.ask_as(&seller, SALE, json!({ "id": offering["id"], "seats": seats + 1 })).await;
            assert_eq!(sold["data"]["offeringUpdate"]["offering"]["seats"]["capacity"], seats + 1, "{sold:#}");
            sales += 1;
        }
    }
    assert!(sales * 150 > questions, "{sales} sales");
    let (hits, misses) = (counts(&app).hits() - hits, counts(&app).misses() - misses);
    let rate = hits as f64 / (hits + misses) as f64;
    println!("{database:?}: {pages} pages, {questions} questions, {sales} sales on them: {:.1} % of the answers were kept", rate * 100.0);
    rate
}

both! {
    /// Visitors ask for 60 pages as people do, and seats are sold on them: nine answers in ten are kept.
    async fn sales_do_not_empty_the_catalog(database) {
        assert!(hit_rate(database, 60, 400).await >= 0.9);
    }
}

/// Visitors ask for 1,000 pages 20,000 times, and 200 seats are sold on them: nine answers in ten are kept.
#[tokio::test]
#[ignore = "the full counts, which scripts/prove cache runs"]
async fn prove_cache_hit_rate() {
    for database in [Database::Sqlite, Database::Postgres] {
        assert!(hit_rate(database, 1_000, 20_000).await >= 0.9);
    }
}

#[cfg(feature = "faults")]
mod truth {
    use super::super::redis::{connected, sharing};
    use super::super::server::Server;
    use super::*;
    use crate::support::copy;

    /// So many writes that race reads on two nodes, with a pause between each read and its being kept: after each the node that wrote answers rightly at once, and the other soon.
    async fn race(rounds: usize) {
        let server = Server::start().await;
        let set = |settings: &mut concord::config::Settings| {
            sharing(settings, &server.url());
            settings.cache.listen = true;
            settings.cache.poll_ms = 500;
            settings.database.connections = 6;
        };
        let kept = copy(Database::Postgres, Template::Twins).await;
        let app = TestApp::with_faults_and(kept, set, |faults| faults.slow_fill = 15).await;
        let staff = consortium(&app, Role::ConsortiumAdmin).await;
        let other = app.second(set).await;
        connected(app.app()).await;
        connected(&other.app).await;
        let section = crate::walk::id(&app, Kind::Offering, "n1").await;
        let look = "query($id: ID!) { offering(by: { id: $id }) { seats { capacity } } }";
        let seats = async |address| {
            let answer = post_to(&app, address, None, look, json!({ "id": section })).await;
            answer.json().pointer("/data/offering/seats/capacity").and_then(Value::as_u64).unwrap_or_else(|| panic!("{}", data(&answer)))
        };
        let mut delays = Vec::with_capacity(rounds);
        for round in 0..rounds {
            let sold = 100 + (round % 1_000) as u64;
            // What is kept ends first, so that the reads have something to make.
            app.ask_as(&staff, SALE, json!({ "id": section, "seats": 99 })).await;
            let write = app.ask_as(&staff, SALE, json!({ "id": section, "seats": sold }));
            let (_, _, written) = tokio::join!(seats(app.address), seats(other.address), write);
            assert_eq!(written["data"]["offeringUpdate"]["offering"]["seats"]["capacity"], sold, "{written:#}");
            let acknowledged = Instant::now();
            assert_eq!(seats(app.address).await, sold, "round {round}: at once where it was written");
            while seats(other.address).await != sold {
                assert!(acknowledged.elapsed() < Duration::from_secs(30), "round {round}: stale for good");
            }
            delays.push(acknowledged.elapsed());
        }
        delays.sort_unstable();
        let at = |share: f64| delays[((rounds - 1) as f64 * share) as usize];
        println!(
            "{rounds} writes: the other node is right after {:?} (median), {:?} (99 %), {:?} (99.9 %), {:?} at the latest",
            at(0.5),
            at(0.99),
            at(0.999),
            at(1.0)
        );
        println!("first node: {:?}", counts(&app));
        assert!(counts(&app).races() > 0, "writes did come between reads and their being kept");
    }

    /// Forty writes race reads on two nodes with Redis between them.
    #[tokio::test]
    async fn no_race_leaves_a_stale_answer() {
        race(40).await;
    }

    /// Ten thousand writes race reads on two nodes with Redis between them.
    #[tokio::test]
    #[ignore = "the full counts, which scripts/prove cache runs"]
    async fn prove_cache_truth() {
        race(10_000).await;
    }
}
