//! What a caller can mend.

use async_graphql::{Enum, Object};

use crate::service;

/// A problem the caller can fix, found while a mutation ran. When `userErrors` is not empty, nothing was changed unless the mutation says otherwise. Visible to: members.
#[derive(Debug, Clone)]
pub struct UserError(pub service::UserError);

/// A problem the caller can fix, found while a mutation ran. When `userErrors` is not empty, nothing was changed unless the mutation says otherwise. Visible to: members.
#[Object]
impl UserError {
    /// Stable machine-readable reason. Branch on this, never on `message`. Visible to: members.
    async fn code(&self) -> UserErrorCode {
        self.0.code.into()
    }

    /// Explanation for a person, in English. Its wording may change. Visible to: members.
    async fn message(&self) -> &str {
        &self.0.message
    }

    /// Path of the input field at fault, starting at `input`, with list positions as decimal strings. Null when no single field is at fault. Visible to: members.
    async fn path(&self) -> Option<&Vec<String>> {
        Some(&self.0.path).filter(|path| !path.is_empty())
    }
}

/// Why a mutation was refused. New codes may be added; treat an unknown one as INVALID.
#[derive(Debug, Enum, Copy, Clone, PartialEq, Eq)]
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
    /// The object changed since it was read; read it again and retry.
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

impl From<service::UserErrorCode> for UserErrorCode {
    fn from(code: service::UserErrorCode) -> Self {
        match code {
            service::UserErrorCode::Invalid => Self::Invalid,
            service::UserErrorCode::Required => Self::Required,
            service::UserErrorCode::TooMany => Self::TooMany,
            service::UserErrorCode::NotFound => Self::NotFound,
            service::UserErrorCode::Taken => Self::Taken,
            service::UserErrorCode::Stale => Self::Stale,
            service::UserErrorCode::InvalidTransition => Self::InvalidTransition,
            service::UserErrorCode::NotEligible => Self::NotEligible,
            service::UserErrorCode::Full => Self::Full,
            service::UserErrorCode::AlreadyEnrolled => Self::AlreadyEnrolled,
            service::UserErrorCode::InsufficientFunds => Self::InsufficientFunds,
            service::UserErrorCode::Closed => Self::Closed,
            service::UserErrorCode::IdempotencyConflict => Self::IdempotencyConflict,
        }
    }
}
