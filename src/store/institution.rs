//! Member colleges, universities and other providers.

use super::alignment;
use super::audit_event::AUDIT_EVENT;
use super::campus::CAMPUS;
use super::course::COURSE;
use super::credential::CREDENTIAL;
use super::enrollment::ENROLLMENT;
use super::enrollment_job::ENROLLMENT_JOB;
use super::filter::{and_any, texts};
use super::learner::KNOWN_LEARNER;
use super::noun::{Edge, List, Noun, OPEN, Sort, by, column, edge, plain};
use super::offering::OFFERING;
use super::program::PROGRAM;
use super::region::REGION;
use super::sql::{Sql, Type};
use super::staff_member::STAFF_MEMBER;
use super::term::{RUNNING_TERMS, TERM};
use super::wall::Wall;
use crate::domain::id::Kind;

/// An institution, which is also a tenant.
pub static INSTITUTION: Noun = Noun {
    name: "Institution",
    kind: Some(Kind::Institution),
    table: "institution",
    columns: &[
        column("id", Type::Uuid),
        column("slug", Type::Text),
        column("name", Type::Text),
        column("kind", Type::Text),
        column("region_code", Type::Text),
        column("website_url", Type::Text),
        column("logo_url", Type::Text),
        column("updated_at", Type::Instant),
    ],
    fields: &[
        plain(&["id"]),
        plain(&["slug"]),
        plain(&["name"]),
        plain(&["kind"]),
        plain(&["website_url"]),
        plain(&["logo_url"]),
        edge("region", &Edge::One { column: "region_code", target: &REGION, key: "code", named: true, always: true }),
        edge(
            "alignments",
            &Edge::Many {
                target: &alignment::OF_INSTITUTION,
                column: "id",
                from: "institution_alignment t",
                on: "t.tenant_id = p.id",
                order: alignment::ORDER,
                limit: 20,
            },
        ),
        edge(
            "campuses",
            &Edge::Many {
                target: &CAMPUS,
                column: "id",
                from: "campus t",
                on: "t.tenant_id = p.id",
                order: &[by("t.name_key", Type::Text), by("t.id", Type::Uuid)],
                limit: 100,
            },
        ),
        edge(
            "terms",
            &Edge::Many { target: &TERM, column: "id", from: "term t", on: "t.tenant_id = p.id", order: super::term::ORDER, limit: 60 },
        ),
        edge(
            "running_terms",
            &Edge::Many { target: &TERM, column: "id", from: "term t", on: RUNNING_TERMS, order: super::term::ORDER, limit: 60 },
        ),
        edge("courses", &Edge::Page { target: &COURSE, column: "id", on: "t.tenant_id = p.id", private: false }),
        edge("programs", &Edge::Page { target: &PROGRAM, column: "id", on: "t.tenant_id = p.id", private: false }),
        edge("offerings", &Edge::Page { target: &OFFERING, column: "id", on: "t.tenant_id = p.id", private: false }),
        edge("enrollments", &Edge::Page { target: &ENROLLMENT, column: "id", on: "t.tenant_id = p.id", private: true }),
        edge(
            "learners",
            &Edge::Page {
                target: &KNOWN_LEARNER,
                column: "id",
                on: "t.tenant_id = p.id AND EXISTS (SELECT 1 FROM enrollment e WHERE e.learner_id = t.id AND e.tenant_id = t.tenant_id)",
                private: true,
            },
        ),
        edge("enrollment_jobs", &Edge::Page { target: &ENROLLMENT_JOB, column: "id", on: "t.tenant_id = p.id", private: true }),
        edge("staff_members", &Edge::Page { target: &STAFF_MEMBER, column: "id", on: "t.tenant_id = p.id", private: true }),
        edge("audit_events", &Edge::Page { target: &AUDIT_EVENT, column: "id", on: "t.tenant_id = p.id", private: true }),
        edge("credentials", &Edge::Page { target: &CREDENTIAL, column: "id", on: "t.tenant_id = p.id", private: false }),
    ],
    public: OPEN,
    wall: Wall::Open,
    list: Some(&List { sorts: &[Sort { name: "NAME", by: by("t.name_key", Type::Text), descending: false }], search: Some("institution") }),
};

/// Conditions on institutions.
#[derive(Debug, Clone, Default)]
pub struct InstitutionFilter {
    /// Codes of regions.
    pub regions: Option<Vec<String>>,
}

impl InstitutionFilter {
    pub(super) fn write(&self, sql: &mut Sql) {
        and_any(sql, "t.region_code", Type::Text, self.regions.as_deref().map(texts));
    }
}
