//! What takes access away.

use async_graphql::{ID, InputObject, Object, OneofObject};

use super::scalars::DateTime;
use super::user_error::UserError;
use crate::service::access::{Access, Issued};

/// Input of `accessRevoke`.
#[derive(Debug, InputObject, Clone)]
pub struct AccessRevokeInput {
    /// What is taken away.
    pub access: AccessInput,
}

/// What is taken away: exactly one of these.
#[derive(Debug, OneofObject, Clone)]
pub enum AccessInput {
    /// Every token of a subject (the claim that names it) that was issued until now, or in the 30 seconds after, by which clocks may differ. It can sign in again then.
    Subject(IssuedInput),
    /// Every token for this institution or business that was issued until now, whoever issued it.
    TenantId(ID),
    /// Every token that a key (header `kid`) has signed or will sign.
    Key(IssuedInput),
    /// One token (claim `jti`).
    Token(IssuedInput),
}

/// A name that an issuer gave to a subject, a key or a token.
#[derive(Debug, InputObject, Clone)]
pub struct IssuedInput {
    /// Address of the issuer (claim `iss`), letter by letter. Null for Concord's own, whose service accounts are subjects of their tenant.
    pub issuer: Option<String>,
    /// The name, as it stands in the token; 1 to 255 characters.
    pub name: String,
}

impl From<IssuedInput> for Issued {
    fn from(input: IssuedInput) -> Self {
        Self { issuer: input.issuer, name: input.name }
    }
}

impl From<AccessInput> for Access {
    fn from(input: AccessInput) -> Self {
        match input {
            AccessInput::Subject(issued) => Self::Subject(issued.into()),
            AccessInput::TenantId(id) => Self::Tenant(id.0),
            AccessInput::Key(issued) => Self::Key(issued.into()),
            AccessInput::Token(issued) => Self::Token(issued.into()),
        }
    }
}

/// Result of `accessRevoke`. Visible to: staff, business, admins.
#[derive(Debug)]
pub struct AccessRevokePayload {
    pub(super) revoked_at: Option<chrono::DateTime<chrono::Utc>>,
    pub(super) errors: Vec<UserError>,
}

/// Result of `accessRevoke`. Visible to: staff, business, admins.
#[Object]
impl AccessRevokePayload {
    /// Instant from which on it is taken away; null when nothing was. Visible to: staff, business, admins.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.revoked_at.map(DateTime)
    }

    /// Problems the caller can fix; empty on success. Visible to: staff, business, admins.
    async fn user_errors(&self) -> Vec<UserError> {
        self.errors.clone()
    }
}
