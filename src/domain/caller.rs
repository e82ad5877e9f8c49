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
