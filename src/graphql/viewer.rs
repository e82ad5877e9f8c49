//! Who is asking.

use async_graphql::{Enum, Object, SimpleObject};

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

    /// Roles in force for this request. Empty for anonymous callers. At most 50. Visible to: anyone.
    async fn grants(&self) -> Vec<Grant> {
        Vec::new()
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

/// One role of the caller. Visible to: members.
#[derive(Debug, SimpleObject, Clone, Copy)]
pub struct Grant {
    /// The role. Visible to: members.
    role: Role,
}

/// A role carried by an access token.
#[derive(Debug, Enum, Copy, Clone, PartialEq, Eq)]
pub enum Role {
    /// Reads and manages their own record.
    Learner,
    /// Teaches offerings and records results.
    Instructor,
    /// Runs one institution's catalog, offerings and enrollments.
    InstitutionAdmin,
    /// Runs one business's roster, sponsorships and job postings.
    BusinessAdmin,
    /// Advises learners.
    CareerNavigator,
    /// Advises businesses.
    CorporateNavigator,
    /// Reads suppressed aggregates for the whole consortium.
    Analyst,
    /// Runs the consortium.
    ConsortiumAdmin,
}
