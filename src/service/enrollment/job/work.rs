//! Working off lists: some rows at a time, those that follow each other for offerings of the same institution in one transaction, each with its outcome beside its enrollment. The
//! offerings and what their learners let others see are held before the first of them. Rows of two institutions share none: each would come to the end of its institution's log in the order of the list.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use uuid::Uuid;

use super::super::kept::Kept;
use super::super::people::{self, Found, Missing};
use super::super::place::{self, Payment, Place};
use super::{COLUMNS, OFFERING, Problem, json};
use crate::domain::enrollment::{By, State};
use crate::domain::id::GlobalId;
use crate::domain::job::Outcome;
use crate::domain::tenant::Tenant;
use crate::policy::{Action, Denied, Scope, background, decide};
use crate::service::access;
use crate::service::actor::{Actor, Refused, repeated};
use crate::service::user_error::{UserError, UserErrorCode};
use crate::service::{fail, job};
use crate::store::enrollment_job::{self, Counts, Item, Job, tally};
use crate::store::job::{End, Work, keep};
use crate::store::offering::OFFERING as OFFERING_NOUN;
use crate::store::{Row, StoreError, Transaction, consent_grant, seat};

/// Why a job ends before its rows do, when its starter may do nothing any more.
const REVOKED: &str =
    "the access of whoever started it was taken away; whoever has access can start another job with the rows that have no outcome";

/// What is done with rows: as whom, for which job.
struct Batch {
    /// Whoever started the job.
    actor: Actor,
    tenant: Tenant,
    key: Uuid,
    job: Uuid,
    owner: Uuid,
    payment: Payment,
    /// What names the aid that pays.
    reference: Option<String>,
    by: By,
}

/// Works off some rows of a job, if there is one that nobody else works on; whether there was.
///
/// # Errors
/// When the database fails; the rows are worked off another time.
pub async fn work(actor: &Actor, owner: Uuid) -> Result<bool, StoreError> {
    let why = "rows could not be worked off again and again; start another job with those that have no outcome";
    job::take(actor, (Work::EnrollmentJob, owner), why, |tenant, job| batch(actor, owner, tenant, job)).await
}

async fn batch(actor: &Actor, owner: Uuid, tenant: Tenant, job: Uuid) -> Result<(), Refused> {
    let key = tenant.id().unwrap_or_default();
    let mut transaction = actor.store.look_in(&background(tenant)).await?;
    let open = enrollment_job::open(&mut transaction.connection(), key, job).await?;
    let items = enrollment_job::next(&mut transaction.connection(), job, actor.jobs.batch).await?;
    let Some(open) = open.filter(|_| !items.is_empty()) else {
        transaction.rollback().await?;
        return Ok(job::finish(actor, (Work::EnrollmentJob, owner), (tenant, job), End::Succeeded).await?);
    };
    let (issuer, subject, _) = &open.starter;
    if access::is_lost(&mut transaction, tenant, (*issuer, subject), open.at).await? {
        transaction.rollback().await?;
        return Ok(job::finish(actor, (Work::EnrollmentJob, owner), (tenant, job), End::Failed(REVOKED)).await?);
    }
    let (by, payment) = (if matches!(tenant, Tenant::Business(_)) { By::Business } else { By::Staff }, payment(&open));
    let work =
        Batch { actor: job::acting(actor, tenant, job, &open.starter), tenant, key, job, owner, payment, reference: open.reference, by };
    let look = decide(&work.actor.principal, Action::Look).map_err(Refused::Denied)?;
    let names: Vec<people::Names<'_>> = items.iter().map(|item| std::array::from_fn(|way| item.cells[way + 1].as_deref())).collect();
    let found = people::find(&work.actor, &mut transaction, (tenant, &look), &names).await?;
    transaction.rollback().await?;
    let places = work.places(&items).await?;
    let rows: Vec<Listed> = items.into_iter().zip(found).zip(places).map(|((item, found), place)| Listed { item, found, place }).collect();
    for run in rows.chunk_by(|one, next| one.institution() == next.institution()) {
        if !repeated(|| work.run(run)).await? {
            // Somebody else has the job, or it was stopped.
            return Ok(());
        }
        fail::point("job.committed");
    }
    Ok(())
}

/// A row of a list, with what it names.
struct Listed {
    item: Item,
    found: Found,
    /// Its offering's institution and its offering, if that may be seen, and the job may give places there.
    place: Option<(Uuid, Uuid)>,
}

impl Listed {
    fn institution(&self) -> Option<Uuid> {
        self.place.map(|(institution, _)| institution)
    }
}

fn payment(job: &Job) -> Payment {
    match (job.sponsorship, job.source.as_str()) {
        (Some((payer, sponsorship)), _) => Payment::Sponsorship { payer, sponsorship },
        (None, "FINANCIAL_AID") => Payment::Aid,
        _ => Payment::Own,
    }
}

/// What became of a row: the enrollment, and the problems.
type Done = (Outcome, Option<Uuid>, Vec<Problem>);

impl Batch {
    /// Works off rows of one institution; whether the job is still this worker's.
    async fn run(&self, rows: &[Listed]) -> Result<bool, Refused> {
        let scope = background(self.tenant);
        let mut transaction = self.actor.store.begin_in(&scope).await?;
        if !keep(&mut transaction.connection(), Work::EnrollmentJob, self.job, self.owner, self.actor.jobs.lease_ms).await? {
            transaction.rollback().await?;
            return Ok(false);
        }
        hold(&mut transaction, rows).await?;
        transaction.speak(&scope).await?;
        let (mut counts, mut kept) = (Counts::default(), Kept::default());
        for Listed { item, found, place } in rows {
            let (outcome, enrollment, problems) = match (found, place) {
                (Err(missing), _) => (missing.outcome, None, vec![unnamed(missing)]),
                (Ok(_), None) => (Outcome::Ineligible, None, vec![Problem::hidden(OFFERING)]),
                (Ok(learner), Some(place)) => self.place(&mut transaction, *place, *learner, &mut kept).await?,
            };
            fail::point("job.placed");
            let problems = Some(problems).filter(|problems| !problems.is_empty()).map(|problems| json(&problems));
            let rest = (enrollment, problems.as_deref());
            enrollment_job::settle(&mut transaction.connection(), self.key, item.id, outcome, rest).await?;
            tally(&mut counts, outcome);
        }
        // In the scope of the last row that was to be paid for.
        kept.follow(&mut transaction).await?;
        self.actor.reads.record_in(&self.actor, &mut transaction).await?;
        transaction.speak(&scope).await?;
        enrollment_job::count(&mut transaction.connection(), self.key, self.job, &counts).await?;
        fail::point("job.counted");
        transaction.commit().await?;
        Ok(true)
    }

    /// The offerings that rows name, each with its institution first; those alone that may be seen, and in which the job may give places.
    async fn places(&self, items: &[Item]) -> Result<Vec<Option<(Uuid, Uuid)>>, Refused> {
        let named = |item: &Item| item.cells[OFFERING].as_deref().and_then(GlobalId::parse).map(|id| id.uuid);
        let ids: Vec<Uuid> = items.iter().filter_map(named).collect::<HashSet<_>>().into_iter().collect();
        let rows = self.actor.seen_all(&OFFERING_NOUN, &ids).await?;
        let institution = |row: Option<Arc<Row>>| row.and_then(|row| row.uuid("tenant_id").ok().flatten());
        let seen = ids.into_iter().zip(rows).filter_map(|(id, row)| Some((id, institution(row)?)));
        // Where it may not, nothing is held: it would keep others waiting at another's offerings.
        let open: HashMap<Uuid, Uuid> =
            seen.filter(|(_, institution)| self.scope(*institution, Uuid::nil()) != Err(Denied::Hidden)).collect();
        Ok(items.iter().map(|item| named(item).and_then(|id| Some((*open.get(&id)?, id)))).collect())
    }

    /// The scope in which a place is given, or why none is.
    fn scope(&self, institution: Uuid, learner: Uuid) -> Result<Scope, Denied> {
        let action = Action::Enroll { institution, learner, payer: self.payment.payer(), by: self.by };
        decide(&self.actor.principal, action)
    }

    /// Gives a place in an offering of an institution, both of which are held, or tells why there is none; then nothing of it is written.
    async fn place(
        &self,
        transaction: &mut Transaction,
        (institution, offering): (Uuid, Uuid),
        learner: Uuid,
        kept: &mut Kept,
    ) -> Result<Done, Refused> {
        let scope = match self.scope(institution, learner) {
            Ok(scope) => scope,
            Err(Denied::Hidden) => return Ok((Outcome::Ineligible, None, vec![Problem::hidden(OFFERING)])),
            Err(denied) => return Err(Refused::Denied(denied)),
        };
        let paths: [&[&str]; 2] = [&[COLUMNS[OFFERING]], &["funding"]];
        let reference = self.reference.as_deref();
        let place = Place { institution, offering, learner, payment: self.payment, reference, by: self.by, is_dry_run: false, paths };
        transaction.speak(&scope).await?;
        match place::give(&self.actor, transaction, &scope, &place, kept).await {
            Ok(held) => {
                place::log(&self.actor, transaction, &scope, (&place, &held), "enrollmentJob").await?;
                let outcome = match held.state {
                    State::Enrolled => Outcome::Enrolled,
                    State::Waitlisted => Outcome::Waitlisted,
                    _ => Outcome::Requested,
                };
                Ok((outcome, Some(held.id), Vec::new()))
            }
            Err(Refused::User(errors)) => {
                let is_double = errors.iter().any(|error| error.code == UserErrorCode::AlreadyEnrolled);
                let outcome = if is_double { Outcome::Duplicate } else { Outcome::Ineligible };
                Ok((outcome, None, errors.into_iter().map(problem).collect()))
            }
            Err(refused) => Err(refused),
        }
    }
}

/// Holds the offerings of rows of one institution, and what their learners let others see, before the first of them writes anything that others wait for.
async fn hold(transaction: &mut Transaction, rows: &[Listed]) -> Result<(), StoreError> {
    let Some(institution) = rows.first().and_then(Listed::institution) else { return Ok(()) };
    let named = |row: &Listed| Some((row.place?.1, *row.found.as_ref().ok()?));
    let (offerings, learners): (Vec<_>, Vec<_>) = rows.iter().filter_map(named).unzip();
    transaction.speak(&background(Tenant::Institution(institution))).await?;
    seat::hold(&mut transaction.connection(), &offerings).await?;
    consent_grant::hold(&mut transaction.connection(), &learners).await
}

/// Why a row names nobody.
fn unnamed(missing: &Missing) -> Problem {
    Problem { code: missing.code.name(), column: Some(missing.way.to_owned()), message: missing.message.clone() }
}

/// A reason against a place, of a row.
fn problem(error: UserError) -> Problem {
    let column = error.path.last().filter(|name| COLUMNS.contains(&name.as_str())).cloned();
    Problem { code: error.code.name(), column, message: error.message }
}
