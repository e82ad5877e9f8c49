//! An offering on which all act, with the model beside it: each answer is the model's, and in the end all rows are.

use concord::domain::enrollment::{By, State};
use concord::domain::id::Kind;
use concord::domain::role::Role;
use concord::service::enrollment::sweep;
use serde_json::{Value, json};

use super::super::{agrees, budget, go, request, seats};
use super::places::{Model, Place};
use super::{Act, CALLERS, Counts, LEARNERS, PRICE, Pays, VALUE, WAITLIST, way};
use crate::roster::peopled;
use crate::support::people::{VOUCHER, key, literal};
use crate::support::token::{Signer, claims, issuer_of};
use crate::support::{Database, TestApp};
use crate::tenant::{business, college, tenant};

/// An offering with those who act on it, and the model beside it.
pub(super) struct Walk {
    app: TestApp,
    offering: String,
    budget: Value,
    learners: Vec<String>,
    staff: String,
    instructor: String,
    business: String,
    model: Model,
    /// The last request that was not refused: its place, the key and who pays.
    last: Option<(usize, u32)>,
    key: u32,
}

impl Walk {
    pub(super) async fn start(database: Database, known: Option<usize>) -> Self {
        let app = peopled(database).await;
        let offering = seats(&app, known.unwrap_or(5) as u32, WAITLIST as u32).await;
        if known.is_none() {
            app.execute("UPDATE offering SET capacity = NULL WHERE code = 'HVA101-1'").await;
        }
        let north = tenant(&app, Kind::Institution, "north").await;
        let issuer = literal(&app, issuer_of(north));
        let mut learners = Vec::new();
        for number in 0..LEARNERS {
            let (learner, employee) =
                (literal(&app, key(Kind::Learner, 10 + number as u16)), literal(&app, key(Kind::Employee, 10 + number as u16)));
            app.execute(&format!(
                "INSERT INTO learner (id, display_name, name_key, updated_at) VALUES ({learner}, 'Learner {number}', 'learner {number}', '2027-01-10T00:00:00+00:00');
                 INSERT INTO learner_identity (issuer_id, subject, learner_id) VALUES ({issuer}, 'learner-{number}', {learner});
                 INSERT INTO employee (tenant_id, id, name, name_key, email, email_key, search_key, status, learner_id, updated_at) SELECT tenant_id, {employee}, 'Learner {number}', 'learner {number}',
                   'l{number}@larkspur.example', 'l{number}@larkspur.example', 'learner {number}', 'LINKED', {learner}, updated_at FROM employee WHERE email = 'pat@larkspur.example'"
            ))
            .await;
            let mut claims = claims(&[Role::Learner], north);
            claims["sub"] = format!("learner-{number}").into();
            learners.push(Signer::fixed().sign(&claims));
        }
        let (staff, instructor) = (college(&app, "north", Role::InstitutionAdmin).await, college(&app, "north", Role::Instructor).await);
        let (business, budget) = (business(&app, "acme").await, budget(&app, 1).await);
        let model = Model { seats: known, places: Vec::new(), waiting: Vec::new() };
        Self { app, offering, budget, learners, staff, instructor, business, model, last: None, key: 2 }
    }

    fn token(&self, who: usize, by: By) -> &str {
        match by {
            By::Learner => &self.learners[who],
            By::Instructor => &self.instructor,
            By::Business => &self.business,
            By::Staff | By::System => &self.staff,
        }
    }

    fn funding(&self, pays: Pays) -> Value {
        match pays {
            Pays::Own => Value::Null,
            Pays::Aid => json!({ "aidReference": "Workforce grant" }),
            Pays::Budget => json!({ "sponsorshipId": self.budget }),
            Pays::Voucher => json!({ "voucherCode": VOUCHER }),
        }
    }

    pub(super) async fn act(&mut self, act: &Act, counts: &mut Counts) {
        match *act {
            Act::Request(who, pays) => self.request(who, pays, counts).await,
            Act::Repeat => {
                let Some((place, key)) = self.last else { return };
                let Place { who, pays, ref id, .. } = self.model.places[place];
                let again = request(&self.app, &self.learners[who], key, &self.offering, self.funding(pays)).await;
                assert_eq!(&again["enrollment"]["id"], id, "{again:#}");
            }
            Act::Move(who, by, to) => self.go(who, by, to, false, counts).await,
            Act::Step(who, by, number, is_refunded) => {
                let Some(last) = self.model.last(who) else { return };
                let allowed: Vec<State> = self.model.places[last].state.allowed(by).collect();
                if let Some(to) = allowed.get(usize::from(number) % allowed.len().max(1)) {
                    self.go(who, by, *to, is_refunded && by == By::Staff && *to == State::Withdrawn, counts).await;
                }
            }
            Act::Probe(who) => {
                let Some(last) = self.model.last(who) else { return };
                let state = self.model.places[last].state;
                for by in CALLERS {
                    for to in State::ALL.into_iter().filter(|to| *to != state && !state.allowed(by).any(|allowed| allowed == *to)) {
                        self.go(who, by, to, false, counts).await;
                    }
                }
            }
            Act::Lapse => self.lapse(counts).await,
        }
    }

    async fn request(&mut self, who: usize, pays: Pays, counts: &mut Counts) {
        self.key += 1;
        let payload = request(&self.app, &self.learners[who], self.key, &self.offering, self.funding(pays)).await;
        match self.model.request(who, pays) {
            Err(expected) => {
                let errors = payload["userErrors"].as_array().expect("a list");
                let codes: Vec<&str> = errors.iter().filter_map(|error| error["code"].as_str()).collect();
                assert_eq!(codes, expected, "{who} asks, {pays:?} pays: {payload:#}");
            }
            Ok(state) => {
                assert_eq!(payload["enrollment"]["state"], state.name(), "{who} asks, {pays:?} pays: {payload:#}");
                let place = self.model.places.len();
                self.model.places.push(Place {
                    id: payload["enrollment"]["id"].clone(),
                    who,
                    state,
                    pays,
                    is_refunded: false,
                    has_lapsed: false,
                });
                if state == State::Waitlisted {
                    self.model.waiting.push(place);
                    assert_eq!(payload["enrollment"]["waitlistPosition"], self.model.waiting.len());
                }
                counts.reached.insert(state);
                self.last = Some((place, self.key));
            }
        }
    }

    async fn go(&mut self, who: usize, by: By, to: State, is_refunded: bool, counts: &mut Counts) {
        let Some(last) = self.model.last(who) else { return };
        let Place { ref id, state, pays, .. } = self.model.places[last];
        let input = json!({ "id": id, "to": to.name(), "reason": "as it goes", "isRefunded": is_refunded });
        let payload = go(&self.app, self.token(who, by), input).await;
        let told = way(state, to, &format!("{by:?}"));
        let code = &payload["userErrors"][0]["code"];
        // A business sees what it pays for, and nothing else without a consent.
        if by == By::Business && !matches!(pays, Pays::Budget | Pays::Voucher) {
            assert_eq!(code, "NOT_FOUND", "{told}: {payload:#}");
        } else if state == to && (by != By::Business || to == State::Cancelled) {
            // A business is not told by an answer where it may not look: it learns only that what it wants is so.
            assert_eq!(payload["userErrors"], json!([]), "{told}");
        } else if !state.allowed(by).any(|allowed| allowed == to) {
            assert_eq!(code, "INVALID_TRANSITION", "{told}: {payload:#}");
            // Where it is already is no way from one state to another.
            if state != to {
                *counts.refused.entry(told).or_default() += 1;
            }
        } else if (state, to) == (State::Requested, State::Enrolled) && self.model.seats.is_some() && !self.model.has_free() {
            assert_eq!(code, "FULL", "{told}: {payload:#}");
        } else {
            assert_eq!(payload["userErrors"], json!([]), "{told}");
            if by != By::Business {
                assert_eq!(payload["enrollment"]["state"], to.name(), "{told}: {payload:#}");
            }
            self.model.places[last].is_refunded = is_refunded;
            self.model.go(last, to, counts);
            *counts.made.entry(told).or_default() += 1;
        }
    }

    /// Every offer lapses by the database's clock; the sweep goes through them in the order of their keys.
    async fn lapse(&mut self, counts: &mut Counts) {
        self.app.execute("UPDATE seat_offer SET expires_at = '2020-01-01T00:00:00.000000+00:00'").await;
        let offered: Vec<usize> =
            (0..self.model.places.len()).filter(|place| self.model.places[*place].state == State::SeatOffered).collect();
        let swept = sweep(&self.app.app().sweeper()).await.expect("a sweep");
        assert_eq!(swept, offered.len());
        for place in offered {
            // At the second time it ends.
            let is_second = std::mem::replace(&mut self.model.places[place].has_lapsed, true);
            let to = if is_second { State::Cancelled } else { State::Waitlisted };
            self.model.go(place, to, counts);
            *counts.made.entry(way(State::SeatOffered, to, "System")).or_default() += 1;
        }
    }

    /// The database and the model say the same.
    pub(super) async fn compare(&self) {
        let of = "FROM enrollment e JOIN learner_identity i ON i.learner_id = e.learner_id";
        let mut expected = Vec::new();
        for place in &self.model.places {
            let parts = if place.pays == Pays::Voucher { 2 } else { 1 };
            expected.extend((0..parts).map(|_| format!("learner-{} {} {}", place.who, place.state.name(), place.settled())));
        }
        // Keys grow with time.
        let places = format!(
            "SELECT i.subject || ' ' || e.state || ' ' || f.state {of} JOIN funding f ON f.enrollment_id = e.id WHERE i.subject LIKE 'learner-%' ORDER BY e.id, f.position"
        );
        assert_eq!(self.app.rows(&places).await, expected);
        let expected: Vec<String> = self.model.waiting.iter().map(|place| format!("learner-{}", self.model.places[*place].who)).collect();
        assert_eq!(self.app.rows(&format!("SELECT i.subject {of} WHERE e.state = 'WAITLISTED' ORDER BY e.ticket")).await, expected);
        let money = |pays, each| ["RESERVED", "CHARGED"].map(|settled| self.model.money(pays, each, settled));
        let ([reserved, spent], [held, used]) = (money(Pays::Budget, PRICE), money(Pays::Voucher, VALUE));
        let unused = if self.model.is_used() { 0 } else { VALUE };
        let expected = [self.model.free(), reserved, spent, unused, held, used].map(|cents| cents.to_string());
        let balances = "SELECT a.balance FROM ledger_account a JOIN sponsorship s ON s.id = a.sponsorship_id WHERE a.unit = 'MONEY' AND a.name <> 'GRANTED' ORDER BY s.kind, a.name";
        assert_eq!(self.app.rows(balances).await, expected, "free, reserved and spent of the budget and of the vouchers");
        assert_eq!(self.app.store.breaches(), 0);
        agrees(&self.app).await;
    }
}
