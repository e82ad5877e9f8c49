//! What may be told of a learner's own record by the reasons against a place: all of it to the learner and to institutions; to a business what it pays for itself, and what the
//! learner lets it see.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::super::reads::Reads;
use super::super::user_error::{UserError, UserErrorCode};
use super::place::Place;
use crate::domain::consent::ConsentScope;
use crate::domain::enrollment::By;
use crate::domain::id::{GlobalId, Kind};
use crate::store::sql::Connection;
use crate::store::{StoreError, consent_grant, seat};

/// What of a learner's record may be told, and why.
#[derive(Clone, Copy, Default)]
struct Told {
    open: bool,
    results: bool,
    /// What of it is told by the learner's consent alone.
    by_consent: bool,
}

/// The reasons that hang on a learner's record.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Those that may be told apart.
    pub told: Vec<UserError>,
    /// The one that stands for all others. It is told only where nothing else is against a place that is meant: who could ask for it without wanting the place, or where the place
    /// cannot be had anyhow, would ask for one offering after another and learn where the learner is enrolled.
    pub untold: Option<UserError>,
}

/// The reasons that hang on the learner's record: an enrollment that is open already, and courses that are not passed. Those that may not be told apart are one.
pub(super) async fn reasons(
    reads: &Reads,
    connection: &mut Connection<'_>,
    place: &Place<'_>,
    (open, missing): (Option<Uuid>, &[Uuid]),
    now: DateTime<Utc>,
) -> Result<Known, StoreError> {
    let mut known = Known::default();
    if open.is_none() && missing.is_empty() {
        return Ok(known);
    }
    let told = told(connection, place, open, now).await?;
    let at = |code, text: String| UserError::at(code, place.paths[0], text);
    if open.is_some() && told.open {
        if told.by_consent {
            reads.disclose(place.learner, "Enrollment", "state", None);
        }
        known.told.push(at(UserErrorCode::AlreadyEnrolled, "the learner has an open enrollment in it already".to_owned()));
    }
    if told.results && !missing.is_empty() {
        if place.by == By::Business {
            reads.disclose(place.learner, "Enrollment", "results", None);
        }
        let courses = missing.iter().map(|course| GlobalId::new(Kind::Course, *course));
        known.told.extend(courses.map(|course| at(UserErrorCode::NotEligible, format!("the course {course} has to be passed first"))));
    }
    if (open.is_some() && !told.open) || (!missing.is_empty() && !told.results) {
        known.untold = Some(at(UserErrorCode::NotEligible, "the learner may not take it: ask them why".to_owned()));
    }
    Ok(known)
}

/// What may be told to whoever asks for a place.
async fn told(connection: &mut Connection<'_>, place: &Place<'_>, open: Option<Uuid>, now: DateTime<Utc>) -> Result<Told, StoreError> {
    if place.by != By::Business {
        return Ok(Told { open: true, results: true, by_consent: false });
    }
    let Some(business) = place.payment.payer() else { return Ok(Told::default()) };
    let scopes = consent_grant::scopes(connection, business, place.learner, now).await?.unwrap_or_default();
    let is_shown = ConsentScope::Enrollment.is_in(&scopes);
    let is_paid = match open {
        Some(open) => seat::parts(connection, open).await?.iter().any(|part| part.payer.is_some_and(|(payer, _)| payer == business)),
        None => false,
    };
    Ok(Told { open: is_shown || is_paid, results: is_shown || ConsentScope::Results.is_in(&scopes), by_consent: !is_paid })
}
