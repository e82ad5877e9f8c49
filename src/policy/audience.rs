//! Who may read a field: the words behind "Visible to:" in the schema's descriptions.

use uuid::Uuid;

use super::principal::{Member, Principal};
use crate::domain::consent::ConsentScope;
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
    /// The learner whom the record is about.
    Learner,
    /// Administrators of the business that pays.
    Payer,
    /// Administrators of a business, while the learner's consent to it covers the scope, or anything.
    Sponsor(Option<ConsentScope>),
}

/// What is known of a record beside what it holds: whose it is, whom it is about, and what that person lets the caller's tenant see.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// The tenant that owns it.
    pub owner: Tenant,
    /// An institution whose staff it is shown to beside its owner.
    pub partner: Option<Tenant>,
    /// The learner whom it is about.
    pub learner: Option<Uuid>,
    /// Whether its owner pays for what it is about.
    pub is_paid: bool,
    /// Names of the scopes of the consent that is in force.
    pub scopes: Option<&'a str>,
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
            Self::Learner => "learner",
            Self::Payer => "payer",
            Self::Sponsor(None | Some(ConsentScope::JobMatching)) => "sponsor",
            Self::Sponsor(Some(ConsentScope::Enrollment)) => "sponsor (ENROLLMENT)",
            Self::Sponsor(Some(ConsentScope::Progress)) => "sponsor (PROGRESS)",
            Self::Sponsor(Some(ConsentScope::Results)) => "sponsor (RESULTS)",
            Self::Sponsor(Some(ConsentScope::Awards)) => "sponsor (AWARDS)",
            Self::Sponsor(Some(ConsentScope::Contact)) => "sponsor (CONTACT)",
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
            Self::Business | Self::Payer | Self::Sponsor(_) => principal.has_any(&[Role::BusinessAdmin]),
            Self::Learner => principal.has_any(&[Role::Learner]),
            Self::Analysts => principal.has_any(&[Role::Analyst]),
            Self::Admins => principal.has_any(&[Role::ConsortiumAdmin]),
        }
    }

    /// Whether the principal belongs to it for a record.
    #[must_use]
    pub fn holds(self, principal: &Principal, record: &Record<'_>) -> bool {
        let is_own = principal.member().is_some_and(|member: &Member| member.tenant == record.owner);
        let is_partner = principal.member().is_some_and(|member| Some(member.tenant) == record.partner);
        match self {
            Self::Anyone | Self::Members | Self::Analysts | Self::Admins => self.may_hold(principal),
            Self::Payer => is_own && record.is_paid && self.may_hold(principal),
            Self::Learner => record.learner.is_some() && principal.member().and_then(Member::learner) == record.learner,
            Self::Sponsor(scope) => {
                is_own && self.may_hold(principal) && record.scopes.is_some_and(|names| scope.is_none_or(|scope| scope.is_in(names)))
            }
            Self::Staff => (is_own || is_partner) && self.may_hold(principal),
            Self::Instructors | Self::Navigators | Self::Business => is_own && self.may_hold(principal),
        }
    }
}
