//! Histories of enrollments.

use super::noun::{Noun, OPEN, column, made, plain};
use super::sql::Type;
use super::wall::Wall;

/// A step of an enrollment's history.
pub static ENROLLMENT_TRANSITION: Noun = Noun {
    name: "EnrollmentTransition",
    kind: None,
    table: "enrollment_transition",
    columns: &[
        column("tenant_id", Type::Uuid),
        column("learner_id", Type::Uuid),
        column("from_state", Type::Text),
        column("to_state", Type::Text),
        column("at", Type::Instant),
        column("reason", Type::Text),
        column("actor_name", Type::Text),
    ],
    fields: &[made("from", &["from_state"]), made("to", &["to_state"]), plain(&["at"]), plain(&["reason"]), plain(&["actor_name"])],
    public: OPEN,
    wall: Wall::History,
    list: None,
};
