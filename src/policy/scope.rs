//! Whose rows a query may see.

use uuid::Uuid;

use crate::domain::tenant::Tenant;

/// The rows that a query may see. Only the policy can make one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scope {
    reach: Reach,
    view: View,
    person: Person,
    partner: Option<Uuid>,
    proof: Option<Uuid>,
}

/// Who looks, beside the tenant that is spoken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Person {
    /// The learner whose own record is seen.
    pub learner: Option<Uuid>,
    /// The member of the staff who sees the rosters of what they teach.
    pub teacher: Option<Uuid>,
    /// Whether they run the tenant that is reached, and see all that is its own.
    pub runs: bool,
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
    pub(super) const fn new(reach: Reach, view: View, person: Person) -> Self {
        Self { reach, view, person, partner: None, proof: None }
    }

    /// For an act that is done for a tenant.
    pub(super) const fn act(reach: Reach) -> Self {
        Self { reach, view: View::Own, person: Person { learner: None, teacher: None, runs: true }, partner: None, proof: None }
    }

    /// For an act that names a learner too.
    pub(super) const fn with_learner(mut self, learner: Option<Uuid>) -> Self {
        self.person.learner = learner;
        self
    }

    /// For an act that names a second tenant.
    pub(super) const fn with_partner(mut self, partner: Option<Uuid>) -> Self {
        self.partner = partner;
        self
    }

    /// For whoever holds the verification code of an award.
    pub(super) const fn with_proof(mut self, code: Uuid) -> Self {
        self.proof = Some(code);
        self
    }

    /// The scope of an act for the same tenant, about another learner and another payer: what follows from an act for those who wait.
    #[must_use]
    pub const fn about(self, learner: Uuid, payer: Option<Uuid>) -> Self {
        Self::act(self.reach).with_learner(Some(learner)).with_partner(payer)
    }

    /// The learner whose own record is seen.
    #[must_use]
    pub const fn learner(&self) -> Option<Uuid> {
        self.person.learner
    }

    /// The member of the staff who sees the rosters of what they teach.
    #[must_use]
    pub const fn teacher(&self) -> Option<Uuid> {
        self.person.teacher
    }

    /// The reached tenant, where whoever looks runs it.
    #[must_use]
    pub const fn runs(&self) -> Option<Uuid> {
        if self.person.runs { self.reach.tenant() } else { None }
    }

    /// The second tenant of an act that names two.
    #[must_use]
    pub const fn partner(&self) -> Option<Uuid> {
        self.partner
    }

    /// The verification code of the award that is shown to whoever holds it.
    #[must_use]
    pub const fn proof(&self) -> Option<Uuid> {
        self.proof
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
