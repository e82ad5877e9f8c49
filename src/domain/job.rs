//! What becomes of the rows of a list that is worked off in the background.

/// The outcome of a row. Each has one, and only one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The person has a seat.
    Enrolled,
    /// The person waits for a seat.
    Waitlisted,
    /// The institution has to approve.
    Requested,
    /// The person is not known yet.
    Pending,
    /// The person has an open enrollment there already, or stands in the list twice.
    Duplicate,
    /// There are reasons against it.
    Ineligible,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 6] = [Self::Enrolled, Self::Waitlisted, Self::Requested, Self::Pending, Self::Duplicate, Self::Ineligible];

    /// As the schema names it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enrolled => "ENROLLED",
            Self::Waitlisted => "WAITLISTED",
            Self::Requested => "REQUESTED",
            Self::Pending => "PENDING",
            Self::Duplicate => "DUPLICATE",
            Self::Ineligible => "INELIGIBLE",
        }
    }
}
