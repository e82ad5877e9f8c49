//! Whose a thing is, and for whom a caller speaks.

use std::fmt;

use uuid::Uuid;

use super::id::{GlobalId, Kind};

/// The consortium, which has no identifier, where a tenant is named.
const CONSORTIUM: &str = "consortium";

/// A member of the consortium whose data nobody else sees, or the consortium itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tenant {
    /// A member college or university.
    Institution(Uuid),
    /// A partner business.
    Business(Uuid),
    /// The consortium itself.
    Consortium,
}

/// The three sorts of tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TenantKind {
    /// Member colleges and universities.
    Institution,
    /// Partner businesses.
    Business,
    /// The consortium itself.
    Consortium,
}

impl Tenant {
    /// Its sort.
    #[must_use]
    pub const fn kind(self) -> TenantKind {
        match self {
            Self::Institution(_) => TenantKind::Institution,
            Self::Business(_) => TenantKind::Business,
            Self::Consortium => TenantKind::Consortium,
        }
    }

    /// Its key; `None` for the consortium, which is no row.
    #[must_use]
    pub const fn id(self) -> Option<Uuid> {
        match self {
            Self::Institution(id) | Self::Business(id) => Some(id),
            Self::Consortium => None,
        }
    }

    /// The tenant of a sort and key; `None` where the two do not fit.
    #[must_use]
    pub const fn of(kind: TenantKind, id: Option<Uuid>) -> Option<Self> {
        match (kind, id) {
            (TenantKind::Institution, Some(id)) => Some(Self::Institution(id)),
            (TenantKind::Business, Some(id)) => Some(Self::Business(id)),
            (TenantKind::Consortium, None) => Some(Self::Consortium),
            _ => None,
        }
    }
}

impl Tenant {
    /// The tenant that a text names: an institution's or business's identifier, or `consortium`.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        if text == CONSORTIUM {
            return Some(Self::Consortium);
        }
        let id = GlobalId::parse(text)?;
        match id.kind {
            Kind::Institution => Some(Self::Institution(id.uuid)),
            Kind::Business => Some(Self::Business(id.uuid)),
            _ => None,
        }
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Institution(id) => GlobalId::new(Kind::Institution, *id).fmt(formatter),
            Self::Business(id) => GlobalId::new(Kind::Business, *id).fmt(formatter),
            Self::Consortium => formatter.write_str(CONSORTIUM),
        }
    }
}

impl TenantKind {
    /// Every sort.
    pub const ALL: [Self; 3] = [Self::Institution, Self::Business, Self::Consortium];

    /// As it is kept and configured.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Institution => "INSTITUTION",
            Self::Business => "BUSINESS",
            Self::Consortium => "CONSORTIUM",
        }
    }

    /// The sort of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}
