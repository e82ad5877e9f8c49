//! Work in the background, whatever it is: who takes it, as whom it is done, and how it is given up or stopped.

use std::sync::Arc;

use uuid::Uuid;

use super::actor::{Actor, Refused, repeated};
use super::audit::{self, Author, Event};
use super::fail;
use super::reads::Reads;
use super::upload;
use super::user_error::{UserError, UserErrorCode};
use crate::domain::id::{GlobalId, Kind};
use crate::domain::role::Role;
use crate::domain::tenant::Tenant;
use crate::policy::{Member, MemberKind, Principal, background};
use crate::store::job::{self, End, Work};
use crate::store::{StoreError, Transaction, change, noun};

/// A job is given up after so many failures in a row, which is some four minutes after the first. Being busy is none.
const MOST_FAILURES: i64 = 10;

/// Refuses another job of a sort to a tenant that has so many already.
///
/// # Errors
/// When there is no room, or the database fails.
pub(super) async fn room(actor: &Actor, transaction: &mut Transaction, work: Work, tenant: Uuid) -> Result<(), Refused> {
    let (mut connection, most) = (transaction.connection(), actor.jobs.open);
    change::lock_names(&mut connection, work.jobs(), tenant).await?;
    if job::count(&mut connection, work, tenant).await? < most {
        return Ok(());
    }
    let text = format!("{most} of them have not ended yet: wait for one, or cancel it by jobCancel");
    Err(UserError::at(UserErrorCode::TooMany, &[], text).into())
}

/// Takes a job of a sort, if there is one that nobody else works on, and does some of it; whether there was one. `why` is said of one that is given up.
pub(super) async fn take<F: Future<Output = Result<(), Refused>>>(
    actor: &Actor,
    (work, owner): (Work, Uuid),
    why: &str,
    part: impl FnOnce(Tenant, Uuid) -> F,
) -> Result<bool, StoreError> {
    let Some((tenant, job)) = actor.store.claim_job(work, owner, actor.jobs.lease_ms).await? else { return Ok(false) };
    fail::point("job.claimed");
    match part(tenant, job).await {
        Ok(()) => Ok(true),
        Err(refused) => {
            let error = match refused {
                Refused::Store(error) => error,
                refused => StoreError::Open(format!("a job was refused as a whole: {refused}")),
            };
            // Others stand in the way, and nothing is wrong with the work.
            if error.is_busy() {
                return Err(error);
            }
            if actor.store.failed_job(work, job, owner, MOST_FAILURES).await? >= MOST_FAILURES {
                tracing::error!(%job, %error, "a job is given up");
                finish(actor, (work, owner), (tenant, job), End::Failed(why)).await?;
            }
            Err(error)
        }
    }
}

/// Ends a job, if its worker still has it.
pub(super) async fn finish(
    actor: &Actor,
    (work, owner): (Work, Uuid),
    (tenant, job): (Tenant, Uuid),
    end: End<'_>,
) -> Result<(), StoreError> {
    let mut transaction = actor.store.begin_in(&background(tenant)).await?;
    let mut connection = transaction.connection();
    if job::keep(&mut connection, work, job, owner, actor.jobs.lease_ms).await? {
        job::end(&mut connection, work, (tenant.id().unwrap_or_default(), job), end, actor.clock.now()).await?;
    }
    transaction.commit().await
}

/// Whoever started a job, as far as the job needs their role.
pub(super) fn acting(actor: &Actor, tenant: Tenant, job: Uuid, starter: &(Uuid, String, String)) -> Actor {
    let role = if matches!(tenant, Tenant::Business(_)) { Role::BusinessAdmin } else { Role::InstitutionAdmin };
    let (issuer, subject, display_name) = starter.clone();
    let member = Member {
        issuer,
        subject,
        kind: MemberKind::Service,
        display_name,
        tenant,
        roles: [role].into_iter().collect(),
        learner: Arc::default(),
        teacher: None,
    };
    Actor { principal: Principal::Member(Arc::new(member)), request_id: format!("job {job}"), reads: Reads::default(), ..actor.clone() }
}

/// A line about a job in the log of its tenant.
pub(super) async fn log(
    actor: &Actor,
    transaction: &mut Transaction,
    tenant: Tenant,
    job: GlobalId,
    action: &str,
    fields: &[&'static str],
) -> Result<(), StoreError> {
    let event = Event { id: actor.ids.next(), tenant, action, subject: &job.to_string(), fields, at: actor.clock.now() };
    audit::append(transaction, &Author::of(actor), &event).await
}

/// Stops a job of either sort. What is done stays done.
///
/// # Errors
/// Why it was not stopped.
pub async fn cancel(actor: &Actor, id: &str) -> Result<GlobalId, Refused> {
    repeated(|| cancel_once(actor, id)).await
}

async fn cancel_once(actor: &Actor, id: &str) -> Result<GlobalId, Refused> {
    let (tenant, key, scope) = upload::tenant(actor)?;
    let unknown = || UserError::hidden(&["id"]);
    let id = GlobalId::parse(id).ok_or_else(unknown)?;
    let work = match id.kind {
        Kind::EnrollmentJob => Work::EnrollmentJob,
        Kind::ImportJob => Work::ImportJob,
        _ => return Err(unknown().into()),
    };
    let row = actor.seen(noun(id.kind), id.uuid).await?.ok_or_else(unknown)?;
    if row.text("state")? == "CANCELLED" {
        return Ok(id);
    }
    let mut transaction = actor.store.begin_in(&scope).await?;
    if job::end(&mut transaction.connection(), work, (key, id.uuid), End::Cancelled, actor.clock.now()).await? {
        log(actor, &mut transaction, tenant, id, "jobCancel", &["state"]).await?;
        transaction.commit().await?;
        return Ok(id);
    }
    transaction.rollback().await?;
    let row = actor.seen(noun(id.kind), id.uuid).await?.ok_or_else(unknown)?;
    match row.text("state")? {
        "CANCELLED" => Ok(id),
        state => Err(UserError::at(UserErrorCode::InvalidTransition, &["id"], format!("it has ended already: it is {state}")).into()),
    }
}
