//! Working off lists: some rows at a time, those that follow each other for the same offering in one transaction, each with its outcome beside its enrollment.

use uuid::Uuid;

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
use crate::store::{StoreError, Transaction, consent_grant, seat};

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
    let mut rest: Vec<(Item, Found)> = items.into_iter().zip(found).collect();
    while !rest.is_empty() {
        let first = rest[0].0.cells[OFFERING].clone();
        let length = rest.iter().take_while(|(item, _)| item.cells[OFFERING] == first).count();
        let run: Vec<(Item, Found)> = rest.drain(..length).collect();
        if !repeated(|| work.run(&run)).await? {
            // Somebody else has the job, or it was stopped.
            return Ok(());
        }
        fail::point("job.committed");
    }
    Ok(())
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
    /// Works off rows that follow each other for the same offering; whether the job is still this worker's.
    async fn run(&self, rows: &[(Item, Found)]) -> Result<bool, Refused> {
        let institution = self.institution(rows).await?;
        let scope = background(self.tenant);
        let mut transaction = self.actor.store.begin_in(&scope).await?;
        if !keep(&mut transaction.connection(), Work::EnrollmentJob, self.job, self.owner, self.actor.jobs.lease_ms).await? {
            transaction.rollback().await?;
            return Ok(false);
        }
        self.hold(&mut transaction, institution, rows).await?;
        transaction.speak(&scope).await?;
        let mut counts = Counts::default();
        for (item, found) in rows {
            let (outcome, enrollment, problems) = match (found, institution) {
                (Err(missing), _) => (missing.outcome, None, vec![unnamed(missing)]),
                (Ok(_), None) => (Outcome::Ineligible, None, vec![Problem::hidden(OFFERING)]),
                (Ok(learner), Some((institution, offering))) => self.place(&mut transaction, institution, offering, *learner).await?,
            };
            fail::point("job.placed");
            let problems = Some(problems).filter(|problems| !problems.is_empty()).map(|problems| json(&problems));
            let rest = (enrollment, problems.as_deref());
            enrollment_job::settle(&mut transaction.connection(), self.key, item.id, outcome, rest).await?;
            tally(&mut counts, outcome);
        }
        self.actor.reads.record_in(&self.actor, &mut transaction).await?;
        transaction.speak(&scope).await?;
        enrollment_job::count(&mut transaction.connection(), self.key, self.job, &counts).await?;
        fail::point("job.counted");
        transaction.commit().await?;
        Ok(true)
    }

    /// Holds the offering of rows, and what their learners let others see, before the first of them writes anything that others wait for.
    async fn hold(
        &self,
        transaction: &mut Transaction,
        institution: Option<(Uuid, Uuid)>,
        rows: &[(Item, Found)],
    ) -> Result<(), StoreError> {
        let Some((institution, offering)) = institution else { return Ok(()) };
        let learners: Vec<Uuid> = rows.iter().filter_map(|(_, found)| found.as_ref().ok().copied()).collect();
        if learners.is_empty() {
            return Ok(());
        }
        transaction.speak(&background(Tenant::Institution(institution))).await?;
        seat::hold(&mut transaction.connection(), offering).await?;
        consent_grant::hold(&mut transaction.connection(), &learners).await
    }

    /// The institution of the rows' offering, and its key; `None` where it may not be seen.
    async fn institution(&self, rows: &[(Item, Found)]) -> Result<Option<(Uuid, Uuid)>, Refused> {
        let named = rows.first().and_then(|(item, _)| item.cells[OFFERING].as_deref()).and_then(GlobalId::parse);
        let Some(id) = named else { return Ok(None) };
        let row = self.actor.seen(&OFFERING_NOUN, id.uuid).await?;
        Ok(row.and_then(|row| row.uuid("tenant_id").ok().flatten()).map(|institution| (institution, id.uuid)))
    }

    /// Gives a place, or tells why there is none; then nothing of it is written.
    async fn place(&self, transaction: &mut Transaction, institution: Uuid, offering: Uuid, learner: Uuid) -> Result<Done, Refused> {
        let action = Action::Enroll { institution, learner, payer: self.payment.payer(), by: self.by };
        let scope: Scope = match decide(&self.actor.principal, action) {
            Ok(scope) => scope,
            Err(Denied::Hidden) => return Ok((Outcome::Ineligible, None, vec![Problem::hidden(OFFERING)])),
            Err(denied) => return Err(Refused::Denied(denied)),
        };
        let paths: [&[&str]; 2] = [&[COLUMNS[OFFERING]], &["funding"]];
        let reference = self.reference.as_deref();
        let place = Place { institution, offering, learner, payment: self.payment, reference, by: self.by, is_dry_run: false, paths };
        transaction.speak(&scope).await?;
        transaction.mark().await?;
        match place::place(&self.actor, transaction, &scope, &place).await {
            Ok(held) => {
                place::log(&self.actor, transaction, &scope, (&place, &held), "enrollmentJob").await?;
                transaction.keep().await?;
                let outcome = match held.state {
                    State::Enrolled => Outcome::Enrolled,
                    State::Waitlisted => Outcome::Waitlisted,
                    _ => Outcome::Requested,
                };
                Ok((outcome, Some(held.id), Vec::new()))
            }
            Err(Refused::User(errors)) => {
                transaction.take_back().await?;
                transaction.keep().await?;
                let is_double = errors.iter().any(|error| error.code == UserErrorCode::AlreadyEnrolled);
                let outcome = if is_double { Outcome::Duplicate } else { Outcome::Ineligible };
                Ok((outcome, None, errors.into_iter().map(problem).collect()))
            }
            Err(refused) => Err(refused),
        }
    }
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
