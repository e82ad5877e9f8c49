//! What a caller can mend.

/// Stable reasons, as the schema names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserErrorCode {
    /// The value is not acceptable.
    Invalid,
    /// A value is missing for this case.
    Required,
    /// More items than the documented limit.
    TooMany,
    /// The referenced object does not exist or may not be seen by the caller.
    NotFound,
    /// The value must be unique and is already used.
    Taken,
    /// The object changed since it was read.
    Stale,
    /// The state machine does not allow this step from the current state.
    InvalidTransition,
    /// A prerequisite, an eligibility rule or a sponsorship rule is not met.
    NotEligible,
    /// No seat is left and the waitlist is closed.
    Full,
    /// The learner already has an open enrollment in this offering.
    AlreadyEnrolled,
    /// The sponsorship has not enough budget or seats left.
    InsufficientFunds,
    /// The registration window, agreement or case is closed.
    Closed,
    /// The idempotency key was used before with different input.
    IdempotencyConflict,
}

impl UserErrorCode {
    /// As the schema names it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invalid => "INVALID",
            Self::Required => "REQUIRED",
            Self::TooMany => "TOO_MANY",
            Self::NotFound => "NOT_FOUND",
            Self::Taken => "TAKEN",
            Self::Stale => "STALE",
            Self::InvalidTransition => "INVALID_TRANSITION",
            Self::NotEligible => "NOT_ELIGIBLE",
            Self::Full => "FULL",
            Self::AlreadyEnrolled => "ALREADY_ENROLLED",
            Self::InsufficientFunds => "INSUFFICIENT_FUNDS",
            Self::Closed => "CLOSED",
            Self::IdempotencyConflict => "IDEMPOTENCY_CONFLICT",
        }
    }
}

/// What is said of something that is not there, and of what is not for the caller: nobody can tell them apart.
pub(super) const HIDDEN: &str = "it does not exist, or may not be seen by you";

/// One thing that a caller can mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserError {
    /// The reason.
    pub code: UserErrorCode,
    /// A sentence for a person, with the remedy.
    pub message: String,
    /// The field at fault, from `input` on; empty when no single field is.
    pub path: Vec<String>,
}

impl UserError {
    /// At a field below `input`.
    #[must_use]
    pub fn at(code: UserErrorCode, path: &[&str], message: impl Into<String>) -> Self {
        let path = std::iter::once("input").chain(path.iter().copied()).map(str::to_owned).collect();
        Self { code, message: message.into(), path }
    }

    /// That what a field below `input` names is not there, or is not for the caller.
    #[must_use]
    pub fn hidden(path: &[&str]) -> Self {
        Self::at(UserErrorCode::NotFound, path, HIDDEN)
    }
}
