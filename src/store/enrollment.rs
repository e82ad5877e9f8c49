//! Places in offerings: as the institution and the learner read them, and as a business does, which has rows of its own.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::ask::Ask;
use super::assessment_result::ASSESSMENT_RESULT;
use super::award::AWARD;
use super::enrollment_transition::ENROLLMENT_TRANSITION;
use super::filter::{and, and_any, texts, uuids};
use super::funding::FUNDING;
use super::learner::LEARNER;
use super::noun::{Column, Edge, Field, List, Noun, OPEN, Sort, by, column, edge, made, plain};
use super::offering::OFFERING;
use super::row::Cell;
use super::sql::{Sql, Type};
use super::wall::Wall;
use crate::domain::id::Kind;

/// An enrollment.
pub static ENROLLMENT: Noun = Noun {
    name: "Enrollment",
    kind: Some(Kind::Enrollment),
    table: "enrollment",
    columns: &[
        column("id", Type::Uuid),
        column("tenant_id", Type::Uuid),
        column("offering_id", Type::Uuid),
        column("learner_id", Type::Uuid),
        column("state", Type::Text),
        column("ticket", Type::Long),
        column("seat_offer_expires_at", Type::Instant),
        column("percent_complete", Type::Integer),
        column("soft_skill_hours", Type::Real),
        column("last_activity_at", Type::Instant),
        column("requested_at", Type::Instant),
        column("updated_at", Type::Instant),
        POSITION,
        AWARD_ID,
    ],
    fields: &FIELDS,
    public: OPEN,
    wall: Wall::Enrollment,
    list: Some(&LIST),
};

/// An enrollment as a business reads it that pays for it, or to which the learner shows it.
pub static BUSINESS_ENROLLMENT: Noun = Noun {
    name: "Enrollment",
    kind: Some(Kind::Enrollment),
    table: "business_enrollment",
    columns: &[
        column("id", Type::Uuid),
        column("tenant_id", Type::Uuid),
        column("offering_id", Type::Uuid),
        column("learner_id", Type::Uuid),
        column("institution_id", Type::Uuid),
        column("is_paid", Type::Boolean),
        column("state", Type::Text),
        column("ticket", Type::Long),
        column("seat_offer_expires_at", Type::Instant),
        column("percent_complete", Type::Integer),
        column("soft_skill_hours", Type::Real),
        column("last_activity_at", Type::Instant),
        column("requested_at", Type::Instant),
        column("updated_at", Type::Instant),
        POSITION,
        AWARD_ID,
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
    fields: &FIELDS,
    public: OPEN,
    wall: Wall::Shown,
    list: Some(&LIST),
};

/// The place on the waitlist, counted by the tickets before it.
const POSITION: Column = Column {
    name: "waitlist_position",
    of: Type::Long,
    made: Some(
        "(CASE WHEN t.state = 'WAITLISTED' THEN (SELECT count(*) FROM waitlist_ticket w WHERE w.offering = t.offering_id AND w.ticket <= t.ticket) END)",
    ),
};

/// The award that came from it: the last that is not revoked, else the last.
const AWARD_ID: Column = Column {
    name: "award_id",
    of: Type::Uuid,
    made: Some(
        "(SELECT a.id FROM award a WHERE a.enrollment_id = t.id ORDER BY CASE WHEN a.revoked_at IS NULL THEN 0 ELSE 1 END, a.issued_on DESC, a.id DESC LIMIT 1)",
    ),
};

static FIELDS: [Field; 14] = [
    plain(&["id"]),
    plain(&["state"]),
    made("allowed_transitions", &["state"]),
    plain(&["waitlist_position"]),
    plain(&["seat_offer_expires_at"]),
    made("progress", &["state", "percent_complete", "soft_skill_hours", "last_activity_at"]),
    plain(&["requested_at"]),
    plain(&["updated_at"]),
    edge("offering", &TAUGHT),
    edge("learner", &WHO),
    edge("funding", &PAID),
    edge("transitions", &HISTORY),
    edge("results", &RESULTS),
    edge("award", &EARNED),
];

static TAUGHT: Edge = Edge::One { column: "offering_id", target: &OFFERING, key: "id", named: true, always: true };
static WHO: Edge = Edge::One { column: "learner_id", target: &LEARNER, key: "id", named: true, always: false };
static PAID: Edge = Edge::Many {
    target: &FUNDING,
    column: "id",
    from: "funding t",
    on: "t.enrollment_id = p.id",
    order: &[by("t.position", Type::Integer)],
    limit: 10,
};
static HISTORY: Edge = Edge::Many {
    target: &ENROLLMENT_TRANSITION,
    column: "id",
    from: "enrollment_transition t",
    on: "t.enrollment_id = p.id",
    order: &[by("t.number", Type::Integer)],
    limit: 50,
};

static EARNED: Edge = Edge::One { column: "award_id", target: &AWARD, key: "id", named: true, always: false };
static RESULTS: Edge = Edge::Many {
    target: &ASSESSMENT_RESULT,
    column: "id",
    from: "assessment_result t",
    on: "t.enrollment_id = p.id",
    order: &[by("t.recorded_at", Type::Instant), by("t.id", Type::Uuid)],
    limit: 100,
};

static LIST: List = List {
    sorts: &[
        Sort { name: "NEWEST", by: by("t.requested_at", Type::Instant), descending: true },
        Sort { name: "OLDEST", by: by("t.requested_at", Type::Instant), descending: false },
        Sort { name: "RECENTLY_UPDATED", by: by("t.updated_at", Type::Instant), descending: true },
        Sort { name: "WAITLIST_POSITION", by: by("t.ticket", Type::Long), descending: false },
    ],
    search: None,
};

/// Conditions on enrollments.
#[derive(Debug, Clone, Default)]
pub struct EnrollmentFilter {
    /// States, as the schema names them.
    pub states: Option<Vec<&'static str>>,
    /// Offerings.
    pub offerings: Option<Vec<Uuid>>,
    /// Terms of the offerings.
    pub terms: Option<Vec<Uuid>>,
    /// First and last day on which they were requested.
    pub requested_within: Option<(Option<NaiveDate>, Option<NaiveDate>)>,
    /// Changed at or after this.
    pub updated_since: Option<DateTime<Utc>>,
}

impl EnrollmentFilter {
    pub(super) fn write(&self, sql: &mut Sql, ask: &Ask<'_>, noun: &Noun) {
        if let Some(states) = &self.states {
            sql.push(" AND ").any("t.state", Type::Text, texts(states));
            // Of rows whose state a business may not see, nothing is told by whether they match.
            if std::ptr::eq(noun, &raw const BUSINESS_ENROLLMENT) {
                sql.push(" AND EXISTS (SELECT 1 FROM consent_grant c WHERE c.learner_id = t.learner_id AND c.business_id = t.tenant_id AND c.revoked_at IS NULL AND coalesce(c.expires_at > ");
                sql.bind(Type::Instant, Cell::Instant(ask.now)).push(", TRUE) AND (' ' || c.scopes || ' ') LIKE '% ENROLLMENT %')");
            }
        }
        and_any(sql, "t.offering_id", Type::Uuid, self.offerings.as_deref().map(uuids));
        if let Some(terms) = &self.terms {
            sql.push(" AND t.offering_id IN (SELECT o.id FROM offering o WHERE ").any("o.term_id", Type::Uuid, uuids(terms)).push(")");
        }
        let start = |day: NaiveDate| Cell::Instant(day.and_time(chrono::NaiveTime::MIN).and_utc());
        if let Some((from, through)) = self.requested_within {
            and(sql, "t.requested_at >=", Type::Instant, from.map(start));
            and(sql, "t.requested_at <", Type::Instant, through.and_then(|day| day.succ_opt()).map(start));
        }
        and(sql, "t.updated_at >=", Type::Instant, self.updated_since.map(Cell::Instant));
    }
}
