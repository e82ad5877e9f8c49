//! Random acts against a model that is kept beside: who has a seat, who waits, who is offered one. Failing seeds are printed.

use std::collections::BTreeMap;

use concord::domain::enrollment::{By, State, TRANSITIONS};
use concord::domain::role::Role;
use concord::service::enrollment::sweep;
use serde_json::{Value, json};

use super::{agrees, go, learner, request, seats};
use crate::roster::peopled;
use crate::support::{Database, TestApp, both};
use crate::tenant::college;

/// Seats of the model, and learners.
const SEATS: usize = 2;
const LEARNERS: u32 = 5;

/// What the model knows: the enrollment of each learner, and those who wait, in order.
#[derive(Debug, Default)]
struct Model {
    states: BTreeMap<u32, (String, State)>,
    waiting: Vec<u32>,
    /// Seats of those who have finished, and have another enrollment by now.
    finished: usize,
}

impl Model {
    fn taken(&self) -> usize {
        self.finished + self.states.values().filter(|(_, state)| state.has_seat()).count()
    }

    /// A free seat goes to whoever waits longest.
    fn offer(&mut self) {
        while self.taken() < SEATS && !self.waiting.is_empty() {
            let next = self.waiting.remove(0);
            if let Some((_, state)) = self.states.get_mut(&next) {
                *state = State::SeatOffered;
            }
        }
    }

    fn leave(&mut self, who: u32, to: State) {
        self.waiting.retain(|waiting| *waiting != who);
        if let Some((_, state)) = self.states.get_mut(&who) {
            *state = to;
        }
    }
}

/// One walk of so many acts; how often each transition was made, and was refused.
async fn walk(app: &TestApp, seed: u64, acts: u32, tokens: &[String], staff: &str, hit: &mut BTreeMap<String, u64>) {
    let offering = seats(app, SEATS as u32, LEARNERS).await;
    let mut model = Model::default();
    let mut random = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut draw = |below: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random % below
    };
    for act in 0..acts {
        let who = draw(u64::from(LEARNERS)) as u32;
        let token = &tokens[who as usize];
        let known = model.states.get(&who).cloned();
        if draw(4) == 0 {
            let payload = request(app, token, seed as u32 * 1_000 + act, &offering, Value::Null).await;
            if known.as_ref().is_some_and(|(_, state)| state.is_open()) {
                assert_eq!(payload["userErrors"][0]["code"], "ALREADY_ENROLLED", "seed {seed}, act {act}");
                continue;
            }
            let state = if model.taken() < SEATS && model.waiting.is_empty() { State::Enrolled } else { State::Waitlisted };
            assert_eq!(payload["enrollment"]["state"], state.name(), "seed {seed}, act {act}: {payload:#} {model:?}");
            if state == State::Waitlisted {
                model.waiting.push(who);
            }
            model.finished += usize::from(known.is_some_and(|(_, state)| state.has_seat()));
            model.states.insert(who, (payload["enrollment"]["id"].as_str().unwrap_or_default().to_owned(), state));
        } else if draw(8) == 0 {
            app.execute("UPDATE seat_offer SET expires_at = '2020-01-01T00:00:00.000000+00:00'").await;
            let lapsed: Vec<u32> = app
                .rows("SELECT substr(i.subject, 9) FROM seat_offer s JOIN enrollment e ON e.id = s.enrollment JOIN learner_identity i ON i.learner_id = e.learner_id ORDER BY s.enrollment")
                .await
                .iter()
                .filter_map(|number| number.parse().ok())
                .collect();
            sweep(&app.app().sweeper()).await.expect("a sweep");
            for who in lapsed {
                model.leave(who, State::Waitlisted);
                model.waiting.push(who);
                model.offer();
                *hit.entry("SEAT_OFFERED to WAITLISTED".to_owned()).or_default() += 1;
            }
        } else if let Some((id, state)) = known {
            let to = State::ALL[draw(10) as usize];
            let (by, token) = if draw(2) == 0 { (By::Learner, token.as_str()) } else { (By::Staff, staff) };
            let payload = go(app, token, json!({ "id": id, "to": to.name(), "reason": "as it goes" })).await;
            let way = format!("{} to {}", state.name(), to.name());
            if state == to {
                assert_eq!(payload["userErrors"], json!([]), "seed {seed}, act {act}: {way}");
            } else if state.allowed(by).any(|allowed| allowed == to) {
                assert_eq!(payload["enrollment"]["state"], to.name(), "seed {seed}, act {act}: {way} by {by:?}: {payload:#}");
                model.leave(who, to);
                if state.has_seat() && !to.has_seat() {
                    model.offer();
                }
                *hit.entry(way).or_default() += 1;
            } else {
                assert_eq!(payload["userErrors"][0]["code"], "INVALID_TRANSITION", "seed {seed}, act {act}: {way} by {by:?}");
                *hit.entry(format!("{way} refused")).or_default() += 1;
            }
        }
    }
    let expected: Vec<String> = model.waiting.iter().map(|who| format!("learner-{who}")).collect();
    let waiting = app.rows("SELECT i.subject FROM enrollment e JOIN learner_identity i ON i.learner_id = e.learner_id WHERE e.state = 'WAITLISTED' ORDER BY e.ticket").await;
    assert_eq!(waiting, expected, "seed {seed}: {model:?}");
    agrees(app).await;
}

/// Walks of so many seeds.
async fn walks(database: Database, seeds: u64, acts: u32) {
    let mut seen = BTreeMap::new();
    for seed in 1..=seeds {
        let app = peopled(database).await;
        let mut tokens = Vec::new();
        for number in 0..LEARNERS {
            tokens.push(learner(&app, number).await);
        }
        let staff = college(&app, "north", Role::InstitutionAdmin).await;
        walk(&app, seed, acts, &tokens, &staff, &mut seen).await;
    }
    let missed: Vec<String> = TRANSITIONS
        .iter()
        .filter(|(from, _, who)| *from != State::Requested && who.iter().any(|by| matches!(by, By::Learner | By::Staff)))
        .map(|(from, to, _)| format!("{} to {}", from.name(), to.name()))
        .filter(|way| !seen.contains_key(way))
        .collect();
    let refused = seen.keys().filter(|way| way.ends_with("refused")).count();
    println!(
        "walks on {database:?}: {seeds} seeds of {acts} acts, {} transitions made, {refused} refused, not hit: {missed:?}",
        seen.len() - refused
    );
    assert!(refused > 10 && missed.len() < 5, "{missed:?} {seen:?}");
}

both! {
    /// A few random walks agree with the model, whatever happens in them.
    async fn agrees_with_the_model(database) {
        walks(database, if database == Database::Sqlite { 6 } else { 2 }, 120).await;
    }
}

/// All seeds, on either database.
#[tokio::test]
#[ignore = "the full counts, which scripts/prove enrollment runs"]
async fn prove_enrollment_walks() {
    walks(Database::Sqlite, 2_000, 60).await;
    walks(Database::Postgres, 200, 60).await;
}
