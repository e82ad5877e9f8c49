//! Whose rows a query may see.

use uuid::Uuid;

use crate::domain::tenant::Tenant;

/// The rows that a query may see. Only the policy can make one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scope {
    reach: Reach,
    view: View,
}

/// Whose private rows a scope reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Nobody's: what anyone may see.
    Public,
    /// Nobody's either, but what every member may see.
    Members,
    /// Those of one institution.
    Institution(Uuid),
    /// Those of one business.
    Business(Uuid),
    /// Those of every tenant: the consortium's administrators.
    Consortium,
}

/// What a scope shows of a catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum View {
    /// Published, unreserved rows, whoever asks: the same question has the same answer.
    Public,
    /// Those, and what is the reached tenant's own: drafts, retired rows, offerings reserved for it.
    Own,
}

impl Scope {
    pub(super) const fn new(reach: Reach, view: View) -> Self {
        Self { reach, view }
    }

    /// Whose private rows it reaches.
    #[must_use]
    pub const fn reach(&self) -> Reach {
        self.reach
    }

    /// Whether drafts and reserved rows of the reached tenants are seen.
    #[must_use]
    pub const fn shows_own(&self) -> bool {
        matches!(self.view, View::Own)
    }

    /// Whether only what anyone may see is seen.
    #[must_use]
    pub const fn is_public(&self) -> bool {
        matches!(self.reach, Reach::Public)
    }
}

impl Reach {
    /// The tenant that is reached, if it is one alone.
    #[must_use]
    pub const fn tenant(self) -> Option<Uuid> {
        match self {
            Self::Institution(id) | Self::Business(id) => Some(id),
            Self::Public | Self::Members | Self::Consortium => None,
        }
    }

    /// What speaking for a tenant reaches.
    #[must_use]
    pub const fn of(tenant: Tenant) -> Self {
        match tenant {
            Tenant::Institution(id) => Self::Institution(id),
            Tenant::Business(id) => Self::Business(id),
            Tenant::Consortium => Self::Members,
        }
    }
}
