//! Who may read a field: the words behind "Visible to:" in the schema's descriptions.

use super::principal::{Member, Principal};
use crate::domain::role::Role;
use crate::domain::tenant::Tenant;

/// A word of the vocabulary that `Query` describes. A test holds the descriptions to the constants that the code checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audience {
    /// No access token needed.
    Anyone,
    /// Every signed-in principal.
    Members,
    /// Administrators of the institution that owns the record.
    Staff,
    /// Those who teach for the institution that owns the record.
    Instructors,
    /// Navigators of the tenant that owns the record.
    Navigators,
    /// Administrators of the business that owns the record.
    Business,
    /// Analysts of the consortium.
    Analysts,
    /// Administrators of the consortium.
    Admins,
}

impl Audience {
    /// As it stands in descriptions.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Anyone => "anyone",
            Self::Members => "members",
            Self::Staff => "staff",
            Self::Instructors => "instructors",
            Self::Navigators => "navigators",
            Self::Business => "business",
            Self::Analysts => "analysts",
            Self::Admins => "admins",
        }
    }

    /// Whether the principal belongs to it for some record or other: by its role alone.
    #[must_use]
    pub fn may_hold(self, principal: &Principal) -> bool {
        match self {
            Self::Anyone => true,
            Self::Members => principal.member().is_some(),
            Self::Staff => principal.has_any(&[Role::InstitutionAdmin]),
            Self::Instructors => principal.has_any(&[Role::Instructor]),
            Self::Navigators => principal.has_any(&[Role::CareerNavigator, Role::CorporateNavigator]),
            Self::Business => principal.has_any(&[Role::BusinessAdmin]),
            Self::Analysts => principal.has_any(&[Role::Analyst]),
            Self::Admins => principal.has_any(&[Role::ConsortiumAdmin]),
        }
    }

    /// Whether the principal belongs to it for a record of this owner.
    #[must_use]
    pub fn holds(self, principal: &Principal, owner: Tenant) -> bool {
        let is_own = principal.member().is_some_and(|member: &Member| member.tenant == owner);
        match self {
            Self::Anyone | Self::Members | Self::Analysts | Self::Admins => self.may_hold(principal),
            Self::Staff | Self::Instructors | Self::Navigators | Self::Business => is_own && self.may_hold(principal),
        }
    }
}
