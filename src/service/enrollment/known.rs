//! What may be told of a learner's own record by the reasons against a place: all of it to the learner and to institutions; to a business what it pays for itself, and what the
//! learner lets it see.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::super::user_error::{UserError, UserErrorCode};
use super::place::Place;
use crate::domain::consent::ConsentScope;
use crate::domain::enrollment::By;
use crate::domain::id::{GlobalId, Kind};
use crate::store::sql::Connection;
use crate::store::{StoreError, consent_grant, seat};

/// What of a learner's record may be told.
#[derive(Clone, Copy)]
struct Told {
    open: bool,
    results: bool,
}

/// The reasons that hang on the learner's record: an enrollment that is open already, and courses that are not passed. Those that may not be told apart are one.
pub(super) async fn reasons(
    connection: &mut Connection<'_>,
    place: &Place<'_>,
    open: Option<Uuid>,
    missing: &[Uuid],
    now: DateTime<Utc>,
) -> Result<Vec<UserError>, StoreError> {
    if open.is_none() && missing.is_empty() {
        return Ok(Vec::new());
    }
    let told = told(connection, place, open, now).await?;
    let at = |code, text: String| UserError::at(code, place.paths[0], text);
    let mut reasons = Vec::new();
    if open.is_some() && told.open {
        reasons.push(at(UserErrorCode::AlreadyEnrolled, "the learner has an open enrollment in it already".to_owned()));
    }
    if told.results {
        let courses = missing.iter().map(|course| GlobalId::new(Kind::Course, *course));
        reasons.extend(courses.map(|course| at(UserErrorCode::NotEligible, format!("the course {course} has to be passed first"))));
    }
    if (open.is_some() && !told.open) || (!missing.is_empty() && !told.results) {
        reasons.push(at(UserErrorCode::NotEligible, "the learner may not take it: ask them why".to_owned()));
    }
    Ok(reasons)
}

/// What may be told to whoever asks for a place.
async fn told(connection: &mut Connection<'_>, place: &Place<'_>, open: Option<Uuid>, now: DateTime<Utc>) -> Result<Told, StoreError> {
    if place.by != By::Business {
        return Ok(Told { open: true, results: true });
    }
    let Some(business) = place.payment.payer() else { return Ok(Told { open: false, results: false }) };
    let scopes = consent_grant::scopes(connection, business, place.learner, now).await?.unwrap_or_default();
    let is_shown = ConsentScope::Enrollment.is_in(&scopes);
    let is_paid = match open {
        Some(open) => seat::parts(connection, open).await?.iter().any(|part| part.payer.is_some_and(|(payer, _)| payer == business)),
        None => false,
    };
    Ok(Told { open: is_shown || is_paid, results: is_shown || ConsentScope::Results.is_in(&scopes) })
}
