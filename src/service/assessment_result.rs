//! Recording what learners reached in assessments: attempts are counted here, and whether one passes is decided by what the assessment asks for at that moment.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde::Serialize;
use uuid::Uuid;

use super::actor::{Actor, Refused, repeated};
use super::audit::{self, Author, Event};
use super::once::{self, Once};
use super::user_error::{HIDDEN, UserError, UserErrorCode};
use crate::domain::enrollment::State;
use crate::domain::id::{GlobalId, Kind};
use crate::domain::role::Role;
use crate::domain::tenant::Tenant;
use crate::domain::text::{shows, turns};
use crate::policy::{Action, Denied, Member, Scope};
use crate::store::assessment_result::{self, MOST, New, Terms};
use crate::store::change::Hold;
use crate::store::enrollment::ENROLLMENT;
use crate::store::{Row, StoreError, Transaction, change};

/// Most characters of a comment.
const LONGEST_FEEDBACK: usize = 2_000;

/// How well a learner showed a competency, as it is to be recorded.
#[derive(Debug, Clone, Serialize)]
pub struct Rating {
    /// Identifier of the competency.
    pub competency: String,
    /// Level, as the schema names it.
    pub level: &'static str,
}

/// A result that is to be recorded.
#[derive(Debug, Clone, Serialize)]
pub struct Item {
    /// Identifier of the enrollment.
    pub enrollment: String,
    /// Identifier of the assessment.
    pub assessment: String,
    /// Score.
    pub score: f64,
    /// Ratings of competencies.
    pub ratings: Vec<Rating>,
    /// Comment for the learner.
    pub feedback: Option<String>,
}

impl Item {
    fn enrollment(&self) -> Option<Uuid> {
        GlobalId::parse(&self.enrollment).filter(|id| id.kind == Kind::Enrollment).map(|id| id.uuid)
    }

    fn assessment(&self) -> Option<Uuid> {
        GlobalId::parse(&self.assessment).filter(|id| id.kind == Kind::Assessment).map(|id| id.uuid)
    }

    fn feedback(&self) -> Option<&str> {
        self.feedback.as_deref().map(str::trim).filter(|feedback| !feedback.is_empty())
    }
}

/// An enrollment as it stands.
struct Place {
    offering: Uuid,
    learner: Uuid,
    state: Option<State>,
}

/// What is known of everything that the items name.
struct Known {
    places: HashMap<Uuid, Place>,
    subjects: HashMap<Uuid, assessment_result::Subject>,
    terms: HashMap<Uuid, Terms>,
    /// Results that there are already, by enrollment and assessment.
    counts: HashMap<(Uuid, Uuid), i64>,
}

/// Records results, all or none; their keys, in the order of the items.
///
/// # Errors
/// Every reason why nothing was recorded.
pub async fn record(actor: &Actor, key: Uuid, items: &[Item]) -> Result<Vec<Uuid>, Refused> {
    let once = Once::new(key, "assessmentResultsRecord", &items);
    repeated(|| record_once(actor, &once, items)).await
}

async fn record_once(actor: &Actor, once: &Once, items: &[Item]) -> Result<Vec<Uuid>, Refused> {
    actor.permitted(Action::RecordResults(Uuid::nil()))?;
    if items.is_empty() {
        return Ok(Vec::new());
    }
    if let Some(answer) = once.known(actor).await? {
        return Ok(once::ids(&answer)?);
    }
    let member = actor.principal.member().ok_or(Refused::Denied(Denied::Unauthenticated))?;
    let named: Vec<Uuid> = items.iter().filter_map(Item::enrollment).collect();
    let rows: Vec<Arc<Row>> = actor.seen_all(&ENROLLMENT, &named).await?.into_iter().flatten().collect();
    let own = if let Tenant::Institution(id) = member.tenant { Some(id) } else { None };
    let Some(institution) = own.or_else(|| rows.iter().find_map(|row| row.uuid("tenant_id").ok().flatten())) else {
        return Err(Refused::User(
            (0..items.len()).map(|place| UserError::hidden(&["items", &place.to_string(), "enrollmentId"])).collect(),
        ));
    };
    let scope = actor.may(Action::RecordResults(institution), || UserError::hidden(&["items"]))?;
    let by = recorder(actor, member, institution).await?;
    let mut transaction = actor.store.begin_in(&scope).await?;
    if let Some(answer) = once.claim(actor, &mut transaction).await? {
        transaction.rollback().await?;
        return Ok(once::ids(&answer)?);
    }
    let known = hold(actor, &mut transaction, &scope, (member, institution), &rows, items).await?;
    let results = match results(actor, institution, &known, items) {
        Ok(results) => results,
        Err(errors) => {
            transaction.rollback().await?;
            return Err(Refused::User(errors));
        }
    };
    let results: Vec<New> = results.into_iter().map(|new| New { by, ..new }).collect();
    assessment_result::add(&mut transaction.connection(), &results).await?;
    let ids: Vec<Uuid> = results.iter().map(|new| new.id).collect();
    once.settle(actor, &mut transaction, &ids.iter().map(Uuid::to_string).collect::<Vec<_>>().join(" ")).await?;
    let tenant = Tenant::Institution(institution);
    let subject = tenant.to_string();
    let event = Event {
        id: actor.ids.next(),
        tenant,
        action: "assessmentResultsRecord",
        subject: &subject,
        fields: &["items"],
        at: actor.clock.now(),
    };
    audit::append(&mut transaction, &Author::of(actor), &event).await?;
    transaction.commit().await?;
    Ok(ids)
}

/// The member of the institution's staff that the caller is, where the institution's own systems tell.
async fn recorder(actor: &Actor, member: &Member, institution: Uuid) -> Result<Option<Uuid>, StoreError> {
    match member.teacher {
        Some(teacher) => Ok(Some(teacher)),
        None if member.tenant == Tenant::Institution(institution) => actor.store.staff_member_of(institution, &member.subject).await,
        None => Ok(None),
    }
}

/// Keeps others from recording in the same offerings, and reads what is there.
async fn hold(
    actor: &Actor,
    transaction: &mut Transaction,
    scope: &Scope,
    (member, institution): (&Member, Uuid),
    rows: &[Arc<Row>],
    items: &[Item],
) -> Result<Known, StoreError> {
    let of = |row: &Row, column: &str| row.uuid(column).ok().flatten();
    let offerings: HashSet<Uuid> = rows.iter().filter_map(|row| of(row, "offering_id")).collect();
    let mut offerings: Vec<Uuid> = offerings.into_iter().collect();
    change::lock(&mut transaction.connection(), "offering", &offerings, Hold::Change).await?;
    if !member.roles.has_any(&[Role::InstitutionAdmin, Role::ConsortiumAdmin]) {
        // Whoever teaches may also learn here: of that they record nothing.
        let teacher = member.teacher.unwrap_or_default();
        offerings = assessment_result::taught_by(&mut transaction.connection(), teacher, &offerings).await?.into_iter().collect();
    }
    let ids: Vec<Uuid> = rows.iter().filter_map(|row| of(row, "id")).collect();
    let mut places = HashMap::new();
    for row in actor.store.rows_in(transaction, scope, &ENROLLMENT, &ids).await?.iter().flatten() {
        let (Some(id), Some(offering), Some(learner)) = (of(row, "id"), of(row, "offering_id"), of(row, "learner_id")) else { continue };
        if of(row, "tenant_id") == Some(institution) && offerings.contains(&offering) {
            places.insert(id, Place { offering, learner, state: State::named(row.text("state")?) });
        }
    }
    let mut connection = transaction.connection();
    let tests: Vec<Uuid> = items.iter().filter_map(Item::assessment).collect();
    Ok(Known {
        subjects: assessment_result::subjects(&mut connection, &offerings).await?,
        terms: assessment_result::terms(&mut connection, institution, &tests).await?,
        counts: assessment_result::counts(&mut connection, &ids).await?,
        places,
    })
}

/// The results that are to be written, but for who records them; or everything that is wrong with them.
fn results(actor: &Actor, institution: Uuid, known: &Known, items: &[Item]) -> Result<Vec<New>, Vec<UserError>> {
    let (mut errors, mut results) = (Vec::new(), Vec::new());
    let mut listed = HashSet::new();
    let mut new: HashMap<Uuid, i64> = HashMap::new();
    for (number, item) in items.iter().enumerate() {
        let number = number.to_string();
        let mut complain = |code, path: &[&str], text: &str| {
            errors.push(UserError::at(code, &[&["items", number.as_str()], path].concat(), text));
        };
        let place = item.enrollment().and_then(|id| Some((id, known.places.get(&id)?)));
        let terms = item.assessment().and_then(|id| Some((id, known.terms.get(&id)?)));
        match place {
            None => complain(UserErrorCode::NotFound, &["enrollmentId"], HIDDEN),
            Some((_, place)) if !place.state.is_some_and(has_results) => {
                let text =
                    format!("it is {}: results are recorded of who has a seat, or has finished", place.state.map_or("", State::name));
                complain(UserErrorCode::NotEligible, &["enrollmentId"], &text);
            }
            Some((id, _)) => {
                let more = new.entry(id).or_default();
                *more += 1;
                let before: i64 = known.counts.iter().filter(|((of, _), _)| *of == id).map(|(_, count)| count).sum();
                if before + *more > MOST {
                    complain(UserErrorCode::TooMany, &["enrollmentId"], "it has 100 results, and takes no more");
                }
            }
        }
        match (place, terms) {
            (_, None) => complain(UserErrorCode::NotFound, &["assessmentId"], HIDDEN),
            (Some((_, place)), Some((_, terms))) if known.subjects.get(&place.offering) != Some(&terms.of) => {
                complain(UserErrorCode::Invalid, &["assessmentId"], "it is no assessment of what the offering teaches");
            }
            (Some((enrollment, _)), Some((assessment, _))) if !listed.insert((enrollment, assessment)) => {
                complain(
                    UserErrorCode::Invalid,
                    &["assessmentId"],
                    "it is listed twice for the enrollment: record another attempt by itself",
                );
            }
            _ => {}
        }
        if let Some((_, terms)) = terms {
            if !(0.0..=terms.max).contains(&item.score) {
                complain(UserErrorCode::Invalid, &["score"], &format!("it must be 0 to {}", terms.max));
            }
            check_ratings(item, terms, &mut complain);
        }
        if item.feedback().is_some_and(|feedback| !is_prose(feedback)) {
            let text = format!("give at most {LONGEST_FEEDBACK} characters, none of them a control character");
            complain(UserErrorCode::Invalid, &["feedback"], &text);
        }
        if let (Some((enrollment, place)), Some((assessment, terms))) = (place, terms) {
            let ratings = item.ratings.iter().filter_map(|rating| Some((competency(rating)?, rating.level))).collect();
            results.push(New {
                institution,
                id: actor.ids.next(),
                enrollment,
                offering: place.offering,
                learner: place.learner,
                assessment,
                attempt: known.counts.get(&(enrollment, assessment)).copied().unwrap_or_default() + 1,
                score: item.score,
                bounds: (terms.max, terms.pass),
                ratings,
                feedback: item.feedback().map(str::to_owned),
                at: actor.clock.now(),
                by: None,
            });
        }
    }
    if errors.is_empty() { Ok(results) } else { Err(errors) }
}

/// Complains of ratings of what the assessment does not measure.
fn check_ratings(item: &Item, terms: &Terms, complain: &mut impl FnMut(UserErrorCode, &[&str], &str)) {
    let mut rated = HashSet::new();
    for (number, rating) in item.ratings.iter().enumerate() {
        let number = number.to_string();
        let path = ["competencyRatings", number.as_str(), "competencyId"];
        match competency(rating).filter(|id| terms.competencies.contains(id)) {
            None => complain(UserErrorCode::NotFound, &path, "it is no competency of the assessment, nor of what it belongs to"),
            Some(id) if !rated.insert(id) => complain(UserErrorCode::Invalid, &path, "it is rated twice"),
            Some(_) => {}
        }
    }
}

fn competency(rating: &Rating) -> Option<Uuid> {
    GlobalId::parse(&rating.competency).filter(|id| id.kind == Kind::Competency).map(|id| id.uuid)
}

/// Whether results are recorded of an enrollment in a state.
const fn has_results(state: State) -> bool {
    matches!(state, State::Enrolled | State::Active | State::Completed | State::NotCompleted)
}

/// Whether a comment, which may have several lines, shows what it is.
fn is_prose(text: &str) -> bool {
    let is_odd = |letter: char| turns(letter) || (letter.is_control() && !matches!(letter, '\n' | '\r' | '\t'));
    text.chars().count() <= LONGEST_FEEDBACK && shows(text) && !text.chars().any(is_odd)
}
