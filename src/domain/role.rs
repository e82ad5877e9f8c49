//! Roles: what a caller does for the tenant that it speaks for.

use super::tenant::TenantKind;

/// A role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Reads and manages their own record.
    Learner,
    /// Teaches offerings and records results.
    Instructor,
    /// Runs one institution's catalog, offerings and enrollments.
    InstitutionAdmin,
    /// Runs one business's roster, sponsorships and job postings.
    BusinessAdmin,
    /// Advises learners, for an institution or the consortium.
    CareerNavigator,
    /// Advises businesses, for the consortium.
    CorporateNavigator,
    /// Reads suppressed aggregates for the whole consortium.
    Analyst,
    /// Runs the consortium.
    ConsortiumAdmin,
}

impl Role {
    /// Every role, in the order of the schema.
    pub const ALL: [Self; 8] = [
        Self::Learner,
        Self::Instructor,
        Self::InstitutionAdmin,
        Self::BusinessAdmin,
        Self::CareerNavigator,
        Self::CorporateNavigator,
        Self::Analyst,
        Self::ConsortiumAdmin,
    ];

    /// As it stands in the schema, in tokens and in registrations.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Learner => "LEARNER",
            Self::Instructor => "INSTRUCTOR",
            Self::InstitutionAdmin => "INSTITUTION_ADMIN",
            Self::BusinessAdmin => "BUSINESS_ADMIN",
            Self::CareerNavigator => "CAREER_NAVIGATOR",
            Self::CorporateNavigator => "CORPORATE_NAVIGATOR",
            Self::Analyst => "ANALYST",
            Self::ConsortiumAdmin => "CONSORTIUM_ADMIN",
        }
    }

    /// The role of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// Whether an issuer that speaks for this sort of tenant may give the role. Every issuer may vouch for its own learners; the consortium's roles come from the
    /// consortium alone.
    #[must_use]
    pub const fn fits(self, kind: TenantKind) -> bool {
        match self {
            Self::Learner => true,
            Self::Instructor | Self::InstitutionAdmin => matches!(kind, TenantKind::Institution),
            Self::BusinessAdmin => matches!(kind, TenantKind::Business),
            Self::CareerNavigator => matches!(kind, TenantKind::Institution | TenantKind::Consortium),
            Self::CorporateNavigator | Self::Analyst | Self::ConsortiumAdmin => matches!(kind, TenantKind::Consortium),
        }
    }
}

/// A set of roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Roles(u8);

impl Roles {
    /// Whether the role is among them.
    #[must_use]
    pub const fn has(self, role: Role) -> bool {
        self.0 & 1 << role as u8 != 0
    }

    /// Whether one of these roles is among them.
    #[must_use]
    pub fn has_any(self, roles: &[Role]) -> bool {
        roles.iter().any(|role| self.has(*role))
    }

    /// With one more.
    #[must_use]
    pub const fn with(self, role: Role) -> Self {
        Self(self.0 | 1 << role as u8)
    }

    /// The roles, in the order of the schema.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |role| self.has(*role))
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<T: IntoIterator<Item = Role>>(roles: T) -> Self {
        roles.into_iter().fold(Self::default(), Self::with)
    }
}
