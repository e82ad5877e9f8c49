//! Coded errors. Whatever leaves without a code is a fault of ours: it is logged, and the client learns nothing but INTERNAL.

use async_graphql::{Error, ErrorExtensions};

/// The closed list of top-level codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// No token, or one that is not valid.
    Unauthenticated,
    /// The caller may never do or read this, whether or not it exists.
    Forbidden,
    /// The learner whom this is about has not given the consent that it needs.
    ConsentRequired,
    /// The request is not well formed.
    BadRequest,
    /// The document cannot be read.
    ParseFailed,
    /// The document does not fit the schema.
    ValidationFailed,
    /// The variables do not fit their types.
    BadVariables,
    /// No document of the hash is known here.
    DocumentNotFound,
    /// Callers of this sort may only run documents that were registered.
    DocumentRequired,
    /// A published limit of size, count or depth was passed.
    LimitExceeded,
    /// The operation costs more than one operation may.
    CostExceeded,
    /// The caller's bucket of points is too empty.
    RateLimited,
    /// A cursor is damaged, or belongs to another list, filter, sort or search.
    BadCursor,
    /// It took longer than the deadline.
    Timeout,
    /// A fault of ours.
    Internal,
}

impl Code {
    /// As it stands in `extensions.code`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::ConsentRequired => "CONSENT_REQUIRED",
            Self::BadRequest => "BAD_REQUEST",
            Self::ParseFailed => "PARSE_FAILED",
            Self::ValidationFailed => "VALIDATION_FAILED",
            Self::BadVariables => "BAD_VARIABLES",
            Self::DocumentNotFound => "DOCUMENT_NOT_FOUND",
            Self::DocumentRequired => "DOCUMENT_REQUIRED",
            Self::LimitExceeded => "LIMIT_EXCEEDED",
            Self::CostExceeded => "COST_EXCEEDED",
            Self::RateLimited => "RATE_LIMITED",
            Self::BadCursor => "BAD_CURSOR",
            Self::Timeout => "TIMEOUT",
            Self::Internal => "INTERNAL",
        }
    }
}

/// An error of a field, with its code.
#[must_use]
pub fn coded(code: Code, message: impl Into<String>) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("code", code.name()))
}

/// A published limit that was passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excess {
    /// Name of the limit.
    pub name: String,
    /// The most that is allowed.
    pub max: u64,
    /// What was asked for; where counting stops early, the first number that is too many. Sizes of pages can also be too small.
    pub actual: i64,
}

impl Excess {
    /// What to say of it.
    #[must_use]
    pub fn message(&self) -> String {
        let Self { name, max, actual } = self;
        if *actual < 1 {
            format!("{name} must be 1 to {max}, and this is {actual}")
        } else {
            format!("{name} is limited to {max}, and this is {actual}")
        }
    }
}
