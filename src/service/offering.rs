//! What can be set of an offering.

use chrono::{DateTime, Utc};

use super::input::Draft;
use super::shape::{Key, Of, Shape, Whose, optional, required};
use super::user_error::UserErrorCode;
use crate::domain::id::Kind;
use crate::store::offering::OFFERING;
use crate::store::sql::Type;
use crate::store::{Cell, Row, link};

/// An offering. What it teaches is decided when it is created.
pub static SHAPE: Shape = Shape {
    noun: &OFFERING,
    name: "offering",
    fields: &[
        required("code", Of::Text("code", 60, None)),
        optional("termId", Of::One("term_id", Kind::Term, Whose::Own)),
        optional("campusId", Of::One("campus_id", Kind::Campus, Whose::Own)),
        required("modality", Of::Choice("modality", None)),
        optional("status", Of::Choice("status", Some("SCHEDULED"))),
        required("startsOn", Of::Date("starts_on")),
        required("endsOn", Of::Date("ends_on")),
        optional("schedule", Of::Text("schedule", 500, None)),
        optional("registrationOpensAt", Of::Instant("registration_opens_at")),
        optional("registrationClosesAt", Of::Instant("registration_closes_at")),
        optional("price", Of::Money("price_cents")),
        required("capacity", Of::Integer("capacity", 0, 100_000)),
        optional("waitlistCapacity", Of::Integer("waitlist_capacity", 0, 100_000)),
        optional("instructorIds", Of::Many(&link::OFFERING_INSTRUCTOR, Kind::StaffMember, Whose::Own, 10)),
        optional("reservedForBusinessId", Of::One("reserved_for_business_id", Kind::Business, Whose::Any)),
    ],
    key: Some(&Key {
        columns: &[("course_id", Type::Uuid), ("program_id", Type::Uuid), ("term_id", Type::Uuid), ("code", Type::Text)],
        field: "code",
        fields: &["code", "termId"],
        past: &["FINISHED", "CANCELLED"],
        is_of_subject: true,
        message: "another offering of the same in this term has it: change that one, or choose another code",
    }),
    rules,
};

/// What holds between days, instants, seats and states.
fn rules(draft: &mut Draft, row: Option<&Row>, _: DateTime<Utc>) {
    let value = |draft: &Draft, column: &str| draft.column(column).cloned().or_else(|| row.and_then(|row| row.cell(column).cloned().ok()));
    if draft.column("waitlist_capacity").map_or(row.is_none(), |seats| *seats == Cell::Null) {
        draft.set("waitlist_capacity", Type::Integer, Cell::Integer(0));
    }
    if row.is_some() && draft.column("price_cents") == Some(&Cell::Null) {
        draft.complain(UserErrorCode::Required, &["price"], "it cannot be cleared");
    }
    if let (Some(Cell::Date(first)), Some(Cell::Date(last))) = (value(draft, "starts_on"), value(draft, "ends_on"))
        && first > last
    {
        draft.complain(UserErrorCode::Invalid, &["endsOn"], "the last day must not come before the first");
    }
    if let (Some(Cell::Instant(opens)), Some(Cell::Instant(closes))) =
        (value(draft, "registration_opens_at"), value(draft, "registration_closes_at"))
        && opens > closes
    {
        draft.complain(UserErrorCode::Invalid, &["registrationClosesAt"], "enrolling must not close before it opens");
    }
    let Some(row) = row else { return };
    let seats = |column| row.integer(column).ok().flatten().unwrap_or_default();
    let taken = seats("seats_taken") + seats("seats_here");
    if draft.column("capacity").and_then(Cell::integer).is_some_and(|capacity| capacity < taken) {
        draft.complain(UserErrorCode::Invalid, &["capacity"], format!("{taken} seats are taken already"));
    }
    let is_final = matches!(row.text("status"), Ok("FINISHED" | "CANCELLED"));
    if is_final && draft.column("status").is_some_and(|status| row.cell("status").ok() != Some(status)) {
        draft.complain(UserErrorCode::InvalidTransition, &["status"], "what is finished or cancelled stays so; create a new offering");
    }
}
