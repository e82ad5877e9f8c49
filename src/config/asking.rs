//! Cursors of lists, and questions about the schema.

use secrecy::SecretString;
use serde::Deserialize;

/// Cursors.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cursors {
    /// What they are signed with.
    pub secret: SecretString,
}

/// Introspection.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Introspection {
    /// Whether callers without a token may use it.
    pub anonymous: bool,
}
