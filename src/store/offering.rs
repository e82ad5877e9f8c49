//! Scheduled sections of courses and cohorts of programs.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::campus::CAMPUS;
use super::course::COURSE;
use super::enrollment::ENROLLMENT;
use super::external_key::KEYS;
use super::filter::{and, and_any, texts, uuids};
use super::institution::INSTITUTION;
use super::noun::{Edge, List, Noun, Public, Sort, by, column, edge, made, plain};
use super::program::PROGRAM;
use super::row::Cell;
use super::sql::{Sql, Type};
use super::staff_member::STAFF_MEMBER;
use super::term::TERM;
use super::wall::Wall;
use crate::domain::id::Kind;

/// An offering.
pub static OFFERING: Noun = Noun {
    name: "Offering",
    kind: Some(Kind::Offering),
    table: "offering",
    columns: &[
        column("id", Type::Uuid),
        column("tenant_id", Type::Uuid),
        column("course_id", Type::Uuid),
        column("program_id", Type::Uuid),
        column("code", Type::Text),
        column("term_id", Type::Uuid),
        column("campus_id", Type::Uuid),
        column("modality", Type::Text),
        column("status", Type::Text),
        column("starts_on", Type::Date),
        column("ends_on", Type::Date),
        column("schedule", Type::Text),
        column("registration_opens_at", Type::Instant),
        column("registration_closes_at", Type::Instant),
        column("price_cents", Type::Long),
        column("capacity", Type::Integer),
        column("seats_taken", Type::Integer),
        column("waitlisted", Type::Integer),
        column("waitlist_capacity", Type::Integer),
        column("seats_here", Type::Integer),
        column("waiting_here", Type::Integer),
        column("reserved_for_business_id", Type::Uuid),
        column("is_public", Type::Boolean),
        column("is_retired", Type::Boolean),
        column("updated_at", Type::Instant),
    ],
    fields: &[
        plain(&["id"]),
        plain(&["code"]),
        plain(&["modality"]),
        plain(&["status"]),
        plain(&["starts_on"]),
        plain(&["ends_on"]),
        plain(&["schedule"]),
        plain(&["registration_opens_at"]),
        plain(&["registration_closes_at"]),
        made("price", &["price_cents"]),
        made("seats", &["capacity", "seats_taken", "waitlisted", "waitlist_capacity", "seats_here", "waiting_here"]),
        plain(&["updated_at"]),
        edge("external_keys", &KEYS),
        edge("enrollments", &Edge::Page { target: &ENROLLMENT, column: "id", on: "t.offering_id = p.id", private: false }),
        edge("institution", &Edge::One { column: "tenant_id", target: &INSTITUTION, key: "id", named: true, always: true }),
        edge("subject", &Edge::Either { branches: &[("course_id", &COURSE), ("program_id", &PROGRAM)], named: true, always: true }),
        edge("term", &Edge::One { column: "term_id", target: &TERM, key: "id", named: true, always: false }),
        edge("campus", &Edge::One { column: "campus_id", target: &CAMPUS, key: "id", named: true, always: false }),
        edge(
            "instructors",
            &Edge::Many {
                target: &STAFF_MEMBER,
                column: "id",
                from: "offering_instructor l JOIN staff_member t ON t.tenant_id = l.tenant_id AND t.id = l.staff_member_id",
                on: "l.offering_id = p.id",
                order: &[by("l.position", Type::Integer)],
                limit: 10,
            },
        ),
    ],
    public: Public { listed: "t.is_public", named: NAMED },
    wall: Wall::Reserved,
    list: Some(&List {
        sorts: &[
            Sort { name: "STARTS_SOONEST", by: by("t.starts_on", Type::Date), descending: false },
            Sort { name: "STARTS_LATEST", by: by("t.starts_on", Type::Date), descending: true },
            Sort { name: "PRICE", by: by("t.price_cents", Type::Long), descending: false },
            Sort { name: "RECENTLY_UPDATED", by: by("t.updated_at", Type::Instant), descending: true },
        ],
        search: None,
    }),
};

/// An unreserved offering of something retired is found by its identifier and in lists of changes, or a mirror would keep it as it was for ever.
const NAMED: &str = "(t.is_public OR t.is_retired)";

/// A seat can be taken now. An offering of unknown capacity has none to promise.
pub(super) const HAS_SEATS: &str = "coalesce(t.capacity > t.seats_taken + t.seats_here, FALSE)";

/// Conditions on offerings.
#[derive(Debug, Clone, Default)]
pub struct OfferingFilter {
    /// Institutions that run them.
    pub institutions: Option<Vec<Uuid>>,
    /// Courses or programs that they teach.
    pub subjects: Option<Vec<Uuid>>,
    /// Terms that they belong to.
    pub terms: Option<Vec<Uuid>>,
    /// States, as the schema names them.
    pub statuses: Option<Vec<&'static str>>,
    /// How they are taught.
    pub modalities: Option<Vec<&'static str>>,
    /// Regions of their campus.
    pub regions: Option<Vec<String>>,
    /// First and last day on which they start.
    pub starts_within: Option<(Option<NaiveDate>, Option<NaiveDate>)>,
    /// Whether a seat is left.
    pub has_seats: Option<bool>,
    /// Changed at or after this.
    pub updated_since: Option<DateTime<Utc>>,
}

impl OfferingFilter {
    pub(super) fn write(&self, sql: &mut Sql) {
        and_any(sql, "t.tenant_id", Type::Uuid, self.institutions.as_deref().map(uuids));
        if let Some(subjects) = &self.subjects {
            sql.push(" AND (").any("t.course_id", Type::Uuid, uuids(subjects));
            sql.push(" OR ").any("t.program_id", Type::Uuid, uuids(subjects)).push(")");
        }
        and_any(sql, "t.term_id", Type::Uuid, self.terms.as_deref().map(uuids));
        and_any(sql, "t.status", Type::Text, self.statuses.as_deref().map(texts));
        and_any(sql, "t.modality", Type::Text, self.modalities.as_deref().map(texts));
        if let Some(regions) = &self.regions {
            sql.push(" AND t.campus_id IN (SELECT c.id FROM campus c WHERE ").any("c.region_code", Type::Text, texts(regions)).push(")");
        }
        if let Some((from, through)) = self.starts_within {
            and(sql, "t.starts_on >=", Type::Date, from.map(Cell::Date));
            and(sql, "t.starts_on <=", Type::Date, through.map(Cell::Date));
        }
        if let Some(has_seats) = self.has_seats {
            sql.push(if has_seats { " AND " } else { " AND NOT " }).push(HAS_SEATS);
        }
        and(sql, "t.updated_at >=", Type::Instant, self.updated_since.map(Cell::Instant));
    }
}
