//! Roster entries of businesses.

use uuid::Uuid;

use super::alignment::OF_EMPLOYEE;
use super::ask::Ask;
use super::business::BUSINESS;
use super::business_site::BUSINESS_SITE;
use super::consent_grant::CONSENT_GRANT;
use super::enrollment::BUSINESS_ENROLLMENT;
use super::filter::{and_any, containing, texts, uuids};
use super::learner::LEARNER;
use super::noun::{Column, Edge, List, Noun, OPEN, Sort, by, column, edge, plain};
use super::row::Cell;
use super::sql::{Sql, Type};
use super::wall::Wall;
use crate::domain::id::Kind;

/// A roster entry.
pub static EMPLOYEE: Noun = Noun {
    name: "Employee",
    kind: Some(Kind::Employee),
    table: "employee",
    columns: &[
        column("id", Type::Uuid),
        column("tenant_id", Type::Uuid),
        column("name", Type::Text),
        column("email", Type::Text),
        column("number", Type::Text),
        column("job_title", Type::Text),
        column("onet_code", Type::Text),
        column("site_id", Type::Uuid),
        column("status", Type::Text),
        column("learner_id", Type::Uuid),
        column("updated_at", Type::Instant),
        Column { name: "with_occupation", of: Type::Uuid, made: Some("(CASE WHEN t.onet_code IS NOT NULL THEN t.id END)") },
        Column {
            name: "consent_id",
            of: Type::Uuid,
            made: Some(
                "(SELECT c.id FROM consent_grant c WHERE c.learner_id = t.learner_id AND c.business_id = t.tenant_id AND c.revoked_at IS NULL)",
            ),
        },
        Column {
            name: "consent_scopes",
            of: Type::Text,
            made: Some(
                "(SELECT c.scopes FROM consent_grant c WHERE c.learner_id = t.learner_id AND c.business_id = t.tenant_id AND c.revoked_at IS NULL)",
            ),
        },
        Column {
            name: "consent_expires_at",
            of: Type::Instant,
            made: Some(
                "(SELECT c.expires_at FROM consent_grant c WHERE c.learner_id = t.learner_id AND c.business_id = t.tenant_id AND c.revoked_at IS NULL)",
            ),
        },
    ],
    fields: &[
        plain(&["id"]),
        plain(&["name"]),
        plain(&["email"]),
        plain(&["number"]),
        plain(&["job_title"]),
        plain(&["status"]),
        edge("business", &Edge::One { column: "tenant_id", target: &BUSINESS, key: "id", named: true, always: true }),
        edge("occupation", &Edge::One { column: "with_occupation", target: &OF_EMPLOYEE, key: "id", named: true, always: false }),
        edge("site", &Edge::One { column: "site_id", target: &BUSINESS_SITE, key: "id", named: true, always: false }),
        edge("learner", &Edge::One { column: "learner_id", target: &LEARNER, key: "id", named: true, always: false }),
        edge("enrollments", &Edge::Page { target: &BUSINESS_ENROLLMENT, column: "learner_id", on: "t.learner_id = p.id", private: false }),
        edge("consent", &Edge::One { column: "consent_id", target: &CONSENT_GRANT, key: "id", named: true, always: false }),
    ],
    public: OPEN,
    wall: Wall::Roster,
    list: Some(&List { sorts: &[Sort { name: "NAME", by: by("t.name_key", Type::Text), descending: false }], search: None }),
};

/// Conditions on roster entries.
#[derive(Debug, Clone, Default)]
pub struct EmployeeFilter {
    /// States, as the schema names them.
    pub statuses: Option<Vec<&'static str>>,
    /// Sites where they work.
    pub sites: Option<Vec<Uuid>>,
    /// Whether the learner lets the business see anything.
    pub has_consent: Option<bool>,
    /// Texts that name, address or number must hold, folded.
    pub holds: Vec<String>,
}

impl EmployeeFilter {
    pub(super) fn write(&self, sql: &mut Sql, ask: &Ask<'_>) {
        and_any(sql, "t.status", Type::Text, self.statuses.as_deref().map(texts));
        and_any(sql, "t.site_id", Type::Uuid, self.sites.as_deref().map(uuids));
        for text in &self.holds {
            sql.push(" AND t.search_key LIKE ").text(&containing(text)).push(" ESCAPE '!'");
        }
        if let Some(has_consent) = self.has_consent {
            sql.push(if has_consent { " AND " } else { " AND NOT " });
            sql.push("EXISTS (SELECT 1 FROM consent_grant c WHERE c.learner_id = t.learner_id AND c.business_id = t.tenant_id AND c.revoked_at IS NULL AND coalesce(c.expires_at > ");
            sql.bind(Type::Instant, Cell::Instant(ask.now)).push(", TRUE))");
        }
    }
}
