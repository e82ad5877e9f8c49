//! The states of an enrollment and the one table of their transitions.

/// Where an enrollment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// Asked for, waiting for approval or payment.
    Requested,
    /// Waiting for a seat.
    Waitlisted,
    /// A seat is held for some time, twice at most.
    SeatOffered,
    /// Has a seat, not started.
    Enrolled,
    /// Started.
    Active,
    /// Finished and passed.
    Completed,
    /// Finished without passing.
    NotCompleted,
    /// Left after the start.
    Withdrawn,
    /// Ended before the start.
    Cancelled,
    /// Turned down by the institution.
    Declined,
}

/// As whom somebody moves an enrollment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum By {
    /// The learner.
    Learner,
    /// An administrator of the institution.
    Staff,
    /// Somebody who teaches the offering.
    Instructor,
    /// An administrator of the business that pays.
    Business,
    /// The program itself.
    System,
}

use By::{Business, Instructor, Learner, Staff, System};
use State::{Active, Cancelled, Completed, Declined, Enrolled, NotCompleted, Requested, SeatOffered, Waitlisted, Withdrawn};

/// Every transition that there is, with those who may make it.
pub const TRANSITIONS: &[(State, State, &[By])] = &[
    (Requested, Waitlisted, &[Staff, System]),
    (Requested, Enrolled, &[Staff, System]),
    (Requested, Declined, &[Staff]),
    (Requested, Cancelled, &[Learner, Staff, Business, System]),
    (Waitlisted, SeatOffered, &[System]),
    (Waitlisted, Cancelled, &[Learner, Staff, Business, System]),
    (SeatOffered, Enrolled, &[Learner, Staff]),
    (SeatOffered, Waitlisted, &[System]),
    (SeatOffered, Cancelled, &[Learner, Staff, Business, System]),
    (Enrolled, Active, &[Staff, Instructor, System]),
    (Enrolled, Cancelled, &[Learner, Staff, Business, System]),
    (Active, Completed, &[Staff, Instructor]),
    (Active, NotCompleted, &[Staff, Instructor]),
    (Active, Withdrawn, &[Learner, Staff, System]),
];

impl State {
    /// Every state, in the order of the schema.
    pub const ALL: [Self; 10] =
        [Requested, Waitlisted, SeatOffered, Enrolled, Active, Completed, NotCompleted, Withdrawn, Cancelled, Declined];

    /// As it stands in the schema and in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Requested => "REQUESTED",
            Waitlisted => "WAITLISTED",
            SeatOffered => "SEAT_OFFERED",
            Enrolled => "ENROLLED",
            Active => "ACTIVE",
            Completed => "COMPLETED",
            NotCompleted => "NOT_COMPLETED",
            Withdrawn => "WITHDRAWN",
            Cancelled => "CANCELLED",
            Declined => "DECLINED",
        }
    }

    /// The state of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether a seat of the offering is taken by it.
    #[must_use]
    pub const fn has_seat(self) -> bool {
        matches!(self, SeatOffered | Enrolled | Active | Completed | NotCompleted)
    }

    /// Whether the learner may ask for no other place in the offering meanwhile.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Requested | Waitlisted | SeatOffered | Enrolled | Active)
    }

    /// Where somebody may move it from here.
    pub fn allowed(self, by: By) -> impl Iterator<Item = Self> {
        TRANSITIONS.iter().filter(move |(from, _, who)| *from == self && who.contains(&by)).map(|(_, to, _)| *to)
    }

    /// Whether anybody at all can move it from here to there.
    #[must_use]
    pub fn leads_to(self, to: Self) -> bool {
        TRANSITIONS.iter().any(|(from, known, _)| *from == self && *known == to)
    }
}

/// The ticket of whoever does not wait.
pub const NO_TICKET: i64 = i64::MAX;

#[cfg(test)]
mod tests {
    use super::*;

    /// The table names each transition once, leads out of open states alone, and reaches every state.
    #[test]
    fn the_table_is_whole() {
        for (place, (from, to, who)) in TRANSITIONS.iter().enumerate() {
            assert!(from.is_open() && !who.is_empty() && from.leads_to(*to));
            assert!(!TRANSITIONS[..place].iter().any(|(a, b, _)| (a, b) == (from, to)), "{from:?} to {to:?} twice");
        }
        for state in State::ALL {
            assert!(state == Requested || TRANSITIONS.iter().any(|(_, to, _)| *to == state), "nothing leads to {state:?}");
            assert_eq!(State::named(state.name()), Some(state));
            assert_eq!(state.allowed(Staff).count() == 0, !state.is_open(), "{state:?}");
        }
    }
}
