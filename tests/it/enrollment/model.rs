//! Random acts on one offering against a model of it in memory: who has a seat, who waits, what is paid. Failing seeds are printed, with the fewest acts that fail.

mod acting;
mod places;
mod tour;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use concord::domain::enrollment::{By, State, TRANSITIONS};
use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof};
use proptest::sample::select;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};

use crate::support::{Database, both};
use acting::Walk;

/// Learners, all of them employees of `acme`; places on the waitlist; cents that a place costs, that a voucher pays, and that there are in the budget.
const LEARNERS: usize = 5;
const WAITLIST: usize = 3;
const PRICE: i64 = 9_500;
const VALUE: i64 = 6_000;
const BUDGET: i64 = 20_000;

/// Who pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pays {
    Own,
    Aid,
    Budget,
    Voucher,
}

/// Something that is done.
#[derive(Debug, Clone)]
enum Act {
    Request(usize, Pays),
    /// The same request as the last one, under its key.
    Repeat,
    /// To any state.
    Move(usize, By, State),
    /// To one of the states that are allowed, by its number; whether what was charged is given back.
    Step(usize, By, u8, bool),
    /// To every state to which the caller may not move it, each caller once.
    Probe(usize),
    /// All offers lapse.
    Lapse,
}

const CALLERS: [By; 4] = [By::Learner, By::Staff, By::Instructor, By::Business];

/// Seats of the offering, `None` when nobody knows how many, and what is done.
fn walks() -> impl Strategy<Value = (Option<usize>, Vec<Act>)> {
    let pays = || select(&[Pays::Own, Pays::Aid, Pays::Budget, Pays::Voucher][..]);
    let act = prop_oneof![
        8 => (0..LEARNERS, pays()).prop_map(|(who, pays)| Act::Request(who, pays)),
        1 => Just(Act::Repeat),
        5 => (0..LEARNERS, select(&CALLERS[..]), select(&State::ALL[..])).prop_map(|(who, by, to)| Act::Move(who, by, to)),
        20 => (0..LEARNERS, select(&CALLERS[..]), any::<u8>(), any::<bool>()).prop_map(|(who, by, number, back)| Act::Step(who, by, number, back)),
        2 => Just(Act::Lapse),
    ];
    (prop_oneof![3 => Just(Some(2)), 1 => Just(None)], vec(act, 40..=60))
}

/// How often each transition was made, and was refused, by whom; and the states that were reached.
#[derive(Debug, Default)]
struct Counts {
    made: BTreeMap<String, u64>,
    refused: BTreeMap<String, u64>,
    reached: BTreeSet<State>,
}

fn way(from: State, to: State, by: &str) -> String {
    format!("{} to {} by {by}", from.name(), to.name())
}

/// Walks once, and compares at the end.
async fn walk(database: Database, known: Option<usize>, acts: &[Act], counts: &Mutex<Counts>) {
    let mut walk = Walk::start(database, known).await;
    let mut own = Counts::default();
    for act in acts {
        walk.act(act, &mut own).await;
    }
    walk.compare().await;
    let mut counts = counts.lock().expect("the counts");
    let counts = &mut *counts;
    for (all, some) in [(&mut counts.made, own.made), (&mut counts.refused, own.refused)] {
        for (way, number) in some {
            *all.entry(way).or_default() += number;
        }
    }
    counts.reached.extend(own.reached);
}

/// The tour, on which everything is met once, and then random walks of so many seeds.
async fn prove(database: Database, seeds: u64) {
    let counts = Arc::new(Mutex::new(Counts::default()));
    for (known, acts) in tour::tours() {
        walk(database, known, &acts, &counts).await;
    }
    let kept = Arc::clone(&counts);
    let run = move || {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        for seed in 1..=seeds {
            let mut bytes = [0; 32];
            bytes[..8].copy_from_slice(&seed.to_le_bytes());
            let config = ProptestConfig { cases: 1, failure_persistence: None, max_shrink_iters: 200, ..ProptestConfig::default() };
            let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
            let result = runner.run(&walks(), |(known, acts)| {
                runtime.block_on(walk(database, known, &acts, &kept));
                Ok(())
            });
            result.unwrap_or_else(|error| panic!("seed {seed} on {database:?}: {error}"));
        }
    };
    tokio::task::spawn_blocking(run).await.expect("every walk agrees with the model");
    let counts = counts.lock().expect("the counts");
    told(database, seeds, &counts);
}

/// Prints what was met; everything must have been.
fn told(database: Database, seeds: u64, counts: &Counts) {
    let callers = |from: State, to: State| {
        CALLERS.into_iter().map(move |by| (from.allowed(by).any(|allowed| allowed == to), way(from, to, &format!("{by:?}"))))
    };
    let all: Vec<(bool, String)> = State::ALL
        .into_iter()
        .flat_map(|from| State::ALL.into_iter().filter(move |to| *to != from).flat_map(move |to| callers(from, to)))
        .collect();
    let system = [
        way(State::Waitlisted, State::SeatOffered, "System"),
        way(State::SeatOffered, State::Waitlisted, "System"),
        way(State::SeatOffered, State::Cancelled, "System"),
    ];
    let (allowed, refused): (Vec<_>, Vec<_>) = all.into_iter().partition(|(is_allowed, _)| *is_allowed);
    let allowed: Vec<String> = allowed.into_iter().map(|(_, way)| way).chain(system).collect();
    let refused: Vec<String> = refused.into_iter().map(|(_, way)| way).collect();
    let missed: Vec<&String> = allowed
        .iter()
        .filter(|way| !counts.made.contains_key(*way))
        .chain(refused.iter().filter(|way| !counts.refused.contains_key(*way)))
        .collect();
    let pairs: BTreeSet<&str> = counts.made.keys().filter_map(|way| way.split(" by ").next()).collect();
    println!(
        "enrollments on {database:?}: {seeds} seeds; {} of {} states, {} of {} transitions; as somebody may make them {} of {}, {} times; refused {} of {}, {} times; not met: {missed:?}",
        counts.reached.len(),
        State::ALL.len(),
        pairs.len(),
        TRANSITIONS.len(),
        counts.made.len(),
        allowed.len(),
        counts.made.values().sum::<u64>(),
        counts.refused.len(),
        refused.len(),
        counts.refused.values().sum::<u64>(),
    );
    for (way, number) in &counts.made {
        println!("  {number:>7} {way}");
    }
    assert!(missed.is_empty() && counts.reached.len() == State::ALL.len() && pairs.len() == TRANSITIONS.len(), "{missed:?}");
}

both! {
    /// Five learners, a college, somebody who teaches and a business do what they like with two seats: the database agrees with the model, whatever happens.
    async fn agrees_with_the_model(database) {
        prove(database, if database == Database::Sqlite { 20 } else { 5 }).await;
    }
}

/// All seeds, on either database.
#[tokio::test]
#[ignore = "the full counts, which scripts/prove enrollment runs"]
async fn prove_enrollment_model() {
    prove(Database::Sqlite, 2_000).await;
    prove(Database::Postgres, 200).await;
}
