//! What can be set of a course.

use chrono::{DateTime, Utc};

use super::input::Draft;
use super::shape::{Key, Of, Shape, Whose, optional, required};
use crate::domain::id::Kind;
use crate::store::course::COURSE;
use crate::store::sql::Type;
use crate::store::{Cell, Row, link};

/// A course.
pub static SHAPE: Shape = Shape {
    noun: &COURSE,
    name: "course",
    fields: &[
        required("code", Of::Text("code", 40, None)),
        required("title", Of::Text("title", 200, Some("title_key"))),
        required("summary", Of::Text("summary", 1_000, None)),
        optional("description", Of::Prose("description", 20_000)),
        optional("status", Of::Choice("status", Some("DRAFT"))),
        optional("credits", Of::Real("credits", 1_000.0)),
        optional("contactHours", Of::Real("contact_hours", 10_000.0)),
        optional("softSkillHours", Of::Real("soft_skill_hours", 10_000.0)),
        required("price", Of::Money("price_cents")),
        optional("languages", Of::Languages("languages")),
        optional("competencyIds", Of::Many(&link::COURSE_COMPETENCY, Kind::Competency, Whose::Nobody, 30)),
        optional("prerequisiteIds", Of::Many(&link::COURSE_PREREQUISITE, Kind::Course, Whose::Own, 10)),
        optional("credentialId", Of::One("credential_id", Kind::Credential, Whose::Own)),
    ],
    key: Some(&Key {
        columns: &[("code", Type::Text)],
        field: "code",
        fields: &["code", "status"],
        past: &["RETIRED"],
        is_of_subject: false,
        message: "another course of the institution has it: change that one, or choose another code",
    }),
    rules,
};

/// A course with credit hours is one for credit.
fn rules(draft: &mut Draft, row: Option<&Row>, _: DateTime<Utc>) {
    let credits = draft.column("credits").cloned();
    if row.is_none() || credits.is_some() {
        draft.set("is_for_credit", Type::Boolean, Cell::Boolean(credits.is_some_and(|credits| credits != Cell::Null)));
    }
}
