//! Units of instruction in the catalogs of institutions.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::assessment::ASSESSMENT;
use super::competency::COMPETENCY;
use super::credential::CREDENTIAL;
use super::external_key::KEYS;
use super::filter::{and, and_any, texts, uuids};
use super::institution::INSTITUTION;
use super::noun::{CATALOG, Edge, List, Noun, Sort, by, column, edge, made, plain};
use super::offering::{HAS_SEATS, OFFERING};
use super::program::PROGRAM;
use super::row::Cell;
use super::sql::{Sql, Type};
use super::wall::Wall;
use crate::domain::id::Kind;

/// A course.
pub static COURSE: Noun = Noun {
    name: "Course",
    kind: Some(Kind::Course),
    table: "course",
    columns: &[
        column("id", Type::Uuid),
        column("tenant_id", Type::Uuid),
        column("code", Type::Text),
        column("title", Type::Text),
        column("summary", Type::Text),
        column("description", Type::Text),
        column("status", Type::Text),
        column("is_for_credit", Type::Boolean),
        column("credits", Type::Real),
        column("contact_hours", Type::Real),
        column("soft_skill_hours", Type::Real),
        column("price_cents", Type::Long),
        column("languages", Type::Text),
        column("credential_id", Type::Uuid),
        column("updated_at", Type::Instant),
    ],
    fields: &[
        plain(&["id"]),
        plain(&["code"]),
        plain(&["title"]),
        plain(&["summary"]),
        plain(&["description"]),
        plain(&["status"]),
        plain(&["is_for_credit"]),
        plain(&["credits"]),
        plain(&["contact_hours"]),
        plain(&["soft_skill_hours"]),
        made("price", &["price_cents"]),
        plain(&["languages"]),
        plain(&["updated_at"]),
        edge("external_keys", &KEYS),
        edge("institution", &Edge::One { column: "tenant_id", target: &INSTITUTION, key: "id", named: true, always: true }),
        edge("credential", &Edge::One { column: "credential_id", target: &CREDENTIAL, key: "id", named: false, always: false }),
        edge(
            "competencies",
            &Edge::Many {
                target: &COMPETENCY,
                column: "id",
                from: "course_competency l JOIN competency t ON t.id = l.competency_id",
                on: "l.course_id = p.id",
                order: &[by("l.position", Type::Integer)],
                limit: 30,
            },
        ),
        edge(
            "prerequisites",
            &Edge::Many {
                target: &COURSE,
                column: "id",
                from: "course_prerequisite l JOIN course t ON t.id = l.prerequisite_id",
                on: "l.course_id = p.id",
                order: &[by("l.position", Type::Integer)],
                limit: 10,
            },
        ),
        edge(
            "assessments",
            &Edge::Many {
                target: &ASSESSMENT,
                column: "id",
                from: "assessment t",
                on: "t.course_id = p.id",
                order: &[by("t.id", Type::Uuid)],
                limit: 30,
            },
        ),
        edge(
            "programs",
            &Edge::Many {
                target: &PROGRAM,
                column: "id",
                from: "program t",
                on: "t.id IN (SELECT l.program_id FROM program_component l WHERE l.course_id = p.id)",
                order: &[by("t.title_key", Type::Text), by("t.id", Type::Uuid)],
                limit: 30,
            },
        ),
        edge("offerings", &Edge::Page { target: &OFFERING, column: "id", on: "t.course_id = p.id", private: false }),
    ],
    public: CATALOG,
    wall: Wall::Catalog { listed: "t.status <> 'RETIRED'" },
    list: Some(&List {
        sorts: &[
            Sort { name: "TITLE", by: by("t.title_key", Type::Text), descending: false },
            Sort { name: "PRICE", by: by("t.price_cents", Type::Long), descending: false },
            Sort { name: "STARTS_SOONEST", by: by("t.next_starts_on", Type::Date), descending: false },
            Sort { name: "RECENTLY_UPDATED", by: by("t.updated_at", Type::Instant), descending: true },
        ],
        search: Some("course"),
    }),
};

/// Conditions on courses. Those on offerings must be met by one and the same offering.
#[derive(Debug, Clone, Default)]
pub struct CourseFilter {
    /// Institutions that own them.
    pub institutions: Option<Vec<Uuid>>,
    /// Competencies of which they teach one.
    pub competencies: Option<Vec<Uuid>>,
    /// With or without credit.
    pub is_for_credit: Option<bool>,
    /// How an open offering is taught.
    pub modalities: Option<Vec<&'static str>>,
    /// Regions of an open offering, unless it is online.
    pub regions: Option<Vec<String>>,
    /// First and last day on which an offering starts.
    pub starts_within: Option<(Option<NaiveDate>, Option<NaiveDate>)>,
    /// Whether an open offering has seats.
    pub has_seats: Option<bool>,
    /// Highest price in cents.
    pub price_at_most: Option<i64>,
    /// Changed at or after this.
    pub updated_since: Option<DateTime<Utc>>,
}

impl CourseFilter {
    pub(super) fn write(&self, sql: &mut Sql) {
        and_any(sql, "t.tenant_id", Type::Uuid, self.institutions.as_deref().map(uuids));
        if let Some(competencies) = &self.competencies {
            sql.push(" AND t.id IN (SELECT l.course_id FROM course_competency l WHERE ");
            sql.any("l.competency_id", Type::Uuid, uuids(competencies)).push(")");
        }
        and(sql, "t.is_for_credit =", Type::Boolean, self.is_for_credit.map(Cell::Boolean));
        and(sql, "t.price_cents <=", Type::Long, self.price_at_most.map(Cell::Integer));
        and(sql, "t.updated_at >=", Type::Instant, self.updated_since.map(Cell::Instant));
        self.write_offering(sql);
        if self.has_seats == Some(false) {
            sql.push(" AND NOT EXISTS (SELECT 1 FROM offering t2 WHERE t2.course_id = t.id AND t2.is_public AND t2.status = 'OPEN' AND ");
            sql.push(&HAS_SEATS.replace("t.", "t2.")).push(")");
        }
    }

    /// The offering that has to exist.
    fn write_offering(&self, sql: &mut Sql) {
        let needs_open = self.modalities.is_some() || self.regions.is_some() || self.has_seats == Some(true);
        let range = self.starts_within.filter(|range| *range != (None, None));
        if !needs_open && range.is_none() {
            return;
        }
        sql.push(" AND EXISTS (SELECT 1 FROM offering t2 WHERE t2.course_id = t.id AND t2.is_public");
        sql.push(if needs_open { " AND t2.status = 'OPEN'" } else { " AND t2.status <> 'CANCELLED'" });
        and_any(sql, "t2.modality", Type::Text, self.modalities.as_deref().map(texts));
        if let Some(regions) = &self.regions {
            // `[]` matches nothing, also not what is online.
            sql.push(" AND (EXISTS (SELECT 1 FROM campus c WHERE c.id = t2.campus_id AND ");
            sql.any("c.region_code", Type::Text, texts(regions)).push(")");
            if !regions.is_empty() {
                sql.push(" OR t2.modality IN ('ONLINE_LIVE', 'ONLINE_SELF_PACED')");
            }
            sql.push(")");
        }
        if let Some((from, through)) = range {
            and(sql, "t2.starts_on >=", Type::Date, from.map(Cell::Date));
            and(sql, "t2.starts_on <=", Type::Date, through.map(Cell::Date));
        }
        if self.has_seats == Some(true) {
            sql.push(" AND ").push(&HAS_SEATS.replace("t.", "t2."));
        }
        sql.push(")");
    }
}
