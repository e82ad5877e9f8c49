//! Learners: as they are to themselves, and as a tenant knows them. Both are rows of one type; which of the two is read is told by whoever reads ([`super::seen_by`]).

use super::ask::Ask;
use super::award::AWARD;
use super::consent_grant::CONSENT_GRANT;
use super::disclosure::DISCLOSURE;
use super::employee::EMPLOYEE;
use super::enrollment::ENROLLMENT;
use super::external_key::KEYS;
use super::filter::containing;
use super::noun::{Column, Edge, Field, List, Noun, OPEN, Sort, by, column, edge, plain};
use super::region::REGION;
use super::sql::{Sql, Type};
use super::wall::Wall;
use crate::domain::id::Kind;

/// A learner, whom nobody but the learner and the consortium's administrators reads so.
pub static LEARNER: Noun = Noun {
    name: "Learner",
    kind: Some(Kind::Learner),
    table: "learner",
    columns: &[
        column("id", Type::Uuid),
        column("display_name", Type::Text),
        column("legal_name", Type::Text),
        column("email", Type::Text),
        column("region_code", Type::Text),
    ],
    fields: &FIELDS,
    public: OPEN,
    wall: Wall::Learner,
    list: None,
};

/// A learner whom a tenant knows, and what it reads of them.
pub static KNOWN_LEARNER: Noun = Noun {
    name: "Learner",
    kind: Some(Kind::Learner),
    table: "learner_tenant",
    columns: &[
        column("id", Type::Uuid),
        column("tenant_id", Type::Uuid),
        of_learner("display_name", "(SELECT l.display_name FROM learner l WHERE l.id = t.id)"),
        of_learner("legal_name", "(SELECT l.legal_name FROM learner l WHERE l.id = t.id)"),
        of_learner("email", "(SELECT l.email FROM learner l WHERE l.id = t.id)"),
        of_learner("region_code", "(SELECT l.region_code FROM learner l WHERE l.id = t.id)"),
        of_learner(
            "consent_scopes",
            "(SELECT c.scopes FROM consent_grant c WHERE c.learner_id = t.id AND coalesce(c.business_id, c.institution_id) = t.tenant_id AND c.revoked_at IS NULL)",
        ),
        Column {
            name: "consent_expires_at",
            of: Type::Instant,
            made: Some(
                "(SELECT c.expires_at FROM consent_grant c WHERE c.learner_id = t.id AND coalesce(c.business_id, c.institution_id) = t.tenant_id AND c.revoked_at IS NULL)",
            ),
        },
    ],
    fields: &FIELDS,
    public: OPEN,
    wall: Wall::Known,
    list: Some(&List { sorts: &[Sort { name: "NAME", by: by("t.name_key", Type::Text), descending: false }], search: None }),
};

const fn of_learner(name: &'static str, made: &'static str) -> Column {
    Column { name, of: Type::Text, made: Some(made) }
}

static FIELDS: [Field; 11] = [
    plain(&["id"]),
    plain(&["display_name"]),
    plain(&["legal_name"]),
    plain(&["email"]),
    edge("region", &REGION_OF),
    edge("external_keys", &KEYS),
    edge("employments", &EMPLOYMENTS),
    edge("consents", &CONSENTS),
    edge("enrollments", &ENROLLMENTS),
    edge("disclosures", &DISCLOSURES),
    edge("awards", &AWARDS),
];

static REGION_OF: Edge = Edge::One { column: "region_code", target: &REGION, key: "code", named: true, always: false };

static EMPLOYMENTS: Edge = Edge::Many {
    target: &EMPLOYEE,
    column: "id",
    from: "employee t",
    on: "t.learner_id = p.id AND t.status = 'LINKED'",
    order: &[by("t.name_key", Type::Text), by("t.id", Type::Uuid)],
    limit: 20,
};

static CONSENTS: Edge = Edge::Many {
    target: &CONSENT_GRANT,
    column: "id",
    from: "consent_grant t",
    on: "t.learner_id = p.id",
    order: &[by("CASE WHEN t.revoked_at IS NULL THEN 0 ELSE 1 END", Type::Integer), by("t.id", Type::Uuid)],
    limit: 100,
};

static ENROLLMENTS: Edge = Edge::Page { target: &ENROLLMENT, column: "id", on: "t.learner_id = p.id", private: false };
static AWARDS: Edge = Edge::Page { target: &AWARD, column: "id", on: "t.learner_id = p.id", private: false };
static DISCLOSURES: Edge = Edge::Page { target: &DISCLOSURE, column: "id", on: "t.learner_id = p.id", private: false };

/// Conditions on learners whom a tenant knows.
#[derive(Debug, Clone, Default)]
pub struct LearnerFilter {
    /// Words that the name must hold, folded, each with the word as it was written: the learner may go by it in the tenant's own systems.
    pub holds: Vec<(String, String)>,
}

impl LearnerFilter {
    pub(super) fn write(&self, sql: &mut Sql, ask: &Ask<'_>) {
        // What the tenant's own systems call a learner is told to whoever runs it, and to no administrator of the consortium.
        let is_own = ask.scope.runs().is_some();
        for (folded, word) in &self.holds {
            sql.push(" AND (t.name_key LIKE ").text(&containing(folded)).push(" ESCAPE '!'");
            if is_own {
                sql.push(" OR EXISTS (SELECT 1 FROM external_key k WHERE k.tenant_id = t.tenant_id AND k.kind = 'learner' AND k.object_id = t.id AND k.value = ");
                sql.text(word).push(")");
            }
            sql.push(")");
        }
    }
}
