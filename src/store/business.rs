//! Partner businesses.

use uuid::Uuid;

use super::audit_event::AUDIT_EVENT;
use super::business_site::BUSINESS_SITE;
use super::consortium_staff::CONSORTIUM_STAFF;
use super::employee::EMPLOYEE;
use super::enrollment::BUSINESS_ENROLLMENT;
use super::enrollment_job::ENROLLMENT_JOB;
use super::error::StoreError;
use super::external_key::KEYS;
use super::filter::{and_any, any_naics, texts};
use super::import_job::IMPORT_JOB;
use super::industry::INDUSTRY;
use super::noun::{Edge, List, Noun, OPEN, Sort, by, column, edge, plain};
use super::region::REGION;
use super::row::Cell;
use super::sponsorship::SPONSORSHIP;
use super::sql::{Connection, Sql, Type};
use super::wall::Wall;
use crate::domain::id::Kind;

/// Status of a business that takes part: no other spends.
pub(super) const PARTNER: &str = "ACTIVE";

/// A business, which is also a tenant.
pub static BUSINESS: Noun = Noun {
    name: "Business",
    kind: Some(Kind::Business),
    table: "business",
    columns: &[
        column("id", Type::Uuid),
        column("name", Type::Text),
        column("status", Type::Text),
        column("naics_code", Type::Text),
        column("region_code", Type::Text),
        column("website_url", Type::Text),
        column("partner_since", Type::Date),
        column("updated_at", Type::Instant),
        column("navigator_id", Type::Uuid),
    ],
    fields: &[
        plain(&["id"]),
        plain(&["name"]),
        plain(&["status"]),
        plain(&["website_url"]),
        plain(&["partner_since"]),
        plain(&["updated_at"]),
        edge("industry", &Edge::One { column: "naics_code", target: &INDUSTRY, key: "naics_code", named: true, always: true }),
        edge("region", &Edge::One { column: "region_code", target: &REGION, key: "code", named: true, always: true }),
        edge("external_keys", &KEYS),
        edge(
            "sites",
            &Edge::Many {
                target: &BUSINESS_SITE,
                column: "id",
                from: "business_site t",
                on: "t.tenant_id = p.id",
                order: &[by("t.name_key", Type::Text), by("t.id", Type::Uuid)],
                limit: 500,
            },
        ),
        edge(
            "corporate_navigator",
            &Edge::One { column: "navigator_id", target: &CONSORTIUM_STAFF, key: "id", named: true, always: false },
        ),
        edge("enrollment_jobs", &Edge::Page { target: &ENROLLMENT_JOB, column: "id", on: "t.tenant_id = p.id", private: true }),
        edge("import_jobs", &Edge::Page { target: &IMPORT_JOB, column: "id", on: "t.tenant_id = p.id", private: true }),
        edge("enrollments", &Edge::Page { target: &BUSINESS_ENROLLMENT, column: "id", on: "t.tenant_id = p.id", private: true }),
        edge("sponsorships", &Edge::Page { target: &SPONSORSHIP, column: "id", on: "t.tenant_id = p.id", private: true }),
        edge("employees", &Edge::Page { target: &EMPLOYEE, column: "id", on: "t.tenant_id = p.id", private: true }),
        edge("audit_events", &Edge::Page { target: &AUDIT_EVENT, column: "id", on: "t.tenant_id = p.id", private: true }),
    ],
    public: OPEN,
    wall: Wall::Members,
    list: Some(&List { sorts: &[Sort { name: "NAME", by: by("t.name_key", Type::Text), descending: false }], search: Some("business") }),
};

/// Whether a business takes part, as the transaction sees it.
pub async fn takes_part(connection: &mut Connection<'_>, id: Uuid) -> Result<bool, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.id FROM business t WHERE t.status = ").text(PARTNER).push(" AND t.id = ").bind(Type::Uuid, Cell::Uuid(id));
    Ok(!connection.fetch(sql, &[Type::Uuid]).await?.is_empty())
}

/// Conditions on businesses.
#[derive(Debug, Clone, Default)]
pub struct BusinessFilter {
    /// States, as the schema names them.
    pub statuses: Option<Vec<&'static str>>,
    /// NAICS codes, each standing for all that begins with it.
    pub naics: Option<Vec<String>>,
    /// Codes of regions.
    pub regions: Option<Vec<String>>,
}

impl BusinessFilter {
    pub(super) fn write(&self, sql: &mut Sql) {
        and_any(sql, "t.status", Type::Text, self.statuses.as_deref().map(texts));
        if let Some(codes) = &self.naics {
            sql.push(" AND ");
            any_naics(sql, "t.naics_code", codes);
        }
        and_any(sql, "t.region_code", Type::Text, self.regions.as_deref().map(texts));
    }
}
