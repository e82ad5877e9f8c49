//! The sorts of caller, which limits and rules are told apart by.

use serde::Deserialize;

/// A sort of caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CallerKind {
    /// Without a token.
    Anonymous,
    /// A signed-in person.
    Person,
    /// A machine client.
    Service,
}

impl CallerKind {
    /// Every sort.
    pub const ALL: [Self; 3] = [Self::Anonymous, Self::Person, Self::Service];

    /// As it stands in settings and metrics.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Person => "person",
            Self::Service => "service",
        }
    }
}
