//! The model: every enrollment, and those who wait, in order. All else follows.

use concord::domain::enrollment::State;
use serde_json::Value;

use super::{BUDGET, Counts, PRICE, Pays, WAITLIST, way};

/// An enrollment as the model knows it.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) id: Value,
    pub(super) who: usize,
    pub(super) state: State,
    pub(super) pays: Pays,
    pub(super) is_refunded: bool,
    /// Whether it has let an offer pass.
    pub(super) has_lapsed: bool,
}

impl Place {
    /// Where its money is.
    pub(super) fn settled(&self) -> &'static str {
        match self.state {
            State::Cancelled | State::Declined => "RELEASED",
            State::Withdrawn if self.is_refunded => "RELEASED",
            State::Active | State::Completed | State::NotCompleted | State::Withdrawn => "CHARGED",
            _ => "RESERVED",
        }
    }
}

/// What the model knows: every enrollment, and those who wait, in order. All else follows.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) seats: Option<usize>,
    pub(super) places: Vec<Place>,
    pub(super) waiting: Vec<usize>,
}

impl Model {
    fn taken(&self) -> usize {
        self.places.iter().filter(|place| place.state.has_seat()).count()
    }

    pub(super) fn has_free(&self) -> bool {
        self.seats.is_some_and(|seats| self.taken() < seats)
    }

    /// The last enrollment of a learner.
    pub(super) fn last(&self, who: usize) -> Option<usize> {
        self.places.iter().rposition(|place| place.who == who)
    }

    /// Cents that somebody pays and that are in a state.
    pub(super) fn money(&self, pays: Pays, each: i64, settled: &str) -> i64 {
        self.places.iter().filter(|place| place.pays == pays && place.settled() == settled).map(|_| each).sum()
    }

    pub(super) fn free(&self) -> i64 {
        BUDGET - self.money(Pays::Budget, PRICE, "RESERVED") - self.money(Pays::Budget, PRICE, "CHARGED")
    }

    pub(super) fn is_used(&self) -> bool {
        self.places.iter().any(|place| place.pays == Pays::Voucher && place.settled() != "RELEASED")
    }

    /// To which state a request leads, or every reason against it.
    pub(super) fn request(&self, who: usize, pays: Pays) -> Result<State, Vec<&'static str>> {
        let mut codes = Vec::new();
        if self.last(who).is_some_and(|last| self.places[last].state.is_open()) {
            codes.push("ALREADY_ENROLLED");
        }
        if pays == Pays::Voucher && self.is_used() {
            codes.push("NOT_ELIGIBLE");
        }
        let state = match self.seats {
            None => State::Requested,
            Some(_) if pays == Pays::Aid => State::Requested,
            Some(_) if self.has_free() && self.waiting.is_empty() => State::Enrolled,
            Some(_) => State::Waitlisted,
        };
        if state == State::Waitlisted && self.waiting.len() >= WAITLIST {
            codes.push("FULL");
        }
        if codes.is_empty() && pays == Pays::Budget && self.free() < PRICE {
            codes.push("INSUFFICIENT_FUNDS");
        }
        if codes.is_empty() { Ok(state) } else { Err(codes) }
    }

    /// Moves an enrollment, and offers what comes free to those who wait longest.
    pub(super) fn go(&mut self, place: usize, to: State, counts: &mut Counts) {
        let from = self.places[place].state;
        self.waiting.retain(|waiting| *waiting != place);
        self.places[place].state = to;
        counts.reached.insert(to);
        if to == State::Waitlisted {
            self.waiting.push(place);
        }
        if from.has_seat() && !to.has_seat() {
            while self.has_free() && !self.waiting.is_empty() {
                let next = self.waiting.remove(0);
                self.places[next].state = State::SeatOffered;
                counts.reached.insert(State::SeatOffered);
                *counts.made.entry(way(State::Waitlisted, State::SeatOffered, "System")).or_default() += 1;
            }
        }
    }
}
