//! Who is asking.

use async_graphql::{Enum, Object};

/// Who is asking, as read from the access token. Visible to: anyone.
#[derive(Debug, Clone, Copy)]
pub struct Viewer;

/// Who is asking, as read from the access token. Visible to: anyone.
#[Object]
impl Viewer {
    /// What sort of principal this is. Visible to: anyone.
    async fn kind(&self) -> PrincipalKind {
        PrincipalKind::Anonymous
    }

    /// Name to greet the caller with; "Anonymous" without a token. Visible to: anyone.
    async fn display_name(&self) -> &'static str {
        "Anonymous"
    }
}

/// The sort of principal behind a request.
#[derive(Debug, Enum, Copy, Clone, PartialEq, Eq)]
pub enum PrincipalKind {
    /// No token was sent.
    Anonymous,
    /// A signed-in person.
    Person,
    /// A machine client, for example a college portal or a notebook service account.
    Service,
}
