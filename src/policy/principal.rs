//! Who asks.

use std::sync::{Arc, OnceLock};

use uuid::Uuid;

use crate::domain::caller::CallerKind;
use crate::domain::role::{Role, Roles};
use crate::domain::tenant::Tenant;

/// Who is asking. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// No token was sent.
    Anonymous,
    /// A valid token was sent.
    Member(Arc<Member>),
}

/// Whoever a valid token speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Registration of the issuer that vouched for it.
    pub issuer: Uuid,
    /// What the issuer calls it; unique for the issuer.
    pub subject: String,
    /// A person or a machine.
    pub kind: MemberKind,
    /// Name to greet it with.
    pub display_name: String,
    /// The one tenant that it speaks for.
    pub tenant: Tenant,
    /// What it does there.
    pub roles: Roles,
    /// The learner that it is, once it is known as one: an act can make it so.
    pub learner: Arc<OnceLock<Uuid>>,
    /// The member of the staff that it is, if it teaches.
    pub teacher: Option<Uuid>,
}

impl Member {
    /// The learner that it is, if it holds the role and is known as one.
    #[must_use]
    pub fn learner(&self) -> Option<Uuid> {
        self.learner.get().copied().filter(|_| self.roles.has(Role::Learner))
    }
}

/// The sorts of member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberKind {
    /// A signed-in person.
    Person,
    /// A machine client.
    Service,
}

impl Principal {
    /// The member, if a token was sent.
    #[must_use]
    pub fn member(&self) -> Option<&Member> {
        match self {
            Self::Anonymous => None,
            Self::Member(member) => Some(member),
        }
    }

    /// Which sort of caller it is.
    #[must_use]
    pub fn caller(&self) -> CallerKind {
        match self.member().map(|member| member.kind) {
            None => CallerKind::Anonymous,
            Some(MemberKind::Person) => CallerKind::Person,
            Some(MemberKind::Service) => CallerKind::Service,
        }
    }

    /// Whether it holds one of the roles.
    #[must_use]
    pub fn has_any(&self, roles: &[Role]) -> bool {
        self.member().is_some_and(|member| member.roles.has_any(roles))
    }
}
