//! Working off imports: a file at a time, all of it in one transaction.

use uuid::Uuid;

use super::super::part;
use super::plan::plan;
use crate::domain::id::{GlobalId, Kind};
use crate::domain::tenant::Tenant;
use crate::policy::background;
use crate::service::actor::{Actor, Refused, repeated};
use crate::service::{access, fail, job};
use crate::store::employee::EMPLOYEE;
use crate::store::job::{End, Work, end, keep};
use crate::store::{StoreError, change, import_job, roster};

/// Why an import ends before it was written, when its starter may do nothing any more.
const REVOKED: &str =
    "the access of whoever started it was taken away; nothing was written, and whoever has access can start another import";

/// Works off an import, if there is one that nobody else works on; whether there was.
///
/// # Errors
/// When the database fails; it is worked off another time.
pub async fn work(actor: &Actor, owner: Uuid) -> Result<bool, StoreError> {
    let why = "the file could not be worked off again and again; nothing of it was written: start another import";
    job::take(actor, (Work::ImportJob, owner), why, |tenant, job| repeated(move || import(actor, owner, tenant, job))).await
}

async fn import(actor: &Actor, owner: Uuid, tenant: Tenant, job: Uuid) -> Result<(), Refused> {
    let business = tenant.id().unwrap_or_default();
    let mut transaction = actor.store.begin_in(&background(tenant)).await?;
    if !keep(&mut transaction.connection(), Work::ImportJob, job, owner, actor.jobs.lease_ms).await? {
        // Somebody else has the job, or it was stopped.
        transaction.rollback().await?;
        return Ok(());
    }
    let Some(open) = import_job::open(&mut transaction.connection(), business, job).await? else {
        transaction.rollback().await?;
        return Ok(job::finish(actor, (Work::ImportJob, owner), (tenant, job), End::Cancelled).await?);
    };
    let (issuer, subject, _) = &open.starter;
    if access::is_lost(&mut transaction, tenant, (*issuer, subject), open.at).await? {
        transaction.rollback().await?;
        return Ok(job::finish(actor, (Work::ImportJob, owner), (tenant, job), End::Failed(REVOKED)).await?);
    }
    let (actor, now) = (job::acting(actor, tenant, job, &open.starter), actor.clock.now());
    change::lock_names(&mut transaction.connection(), EMPLOYEE.table, business).await?;
    let rows = import_job::rows(&mut transaction.connection(), business, job).await?;
    let plan = plan(&actor, &mut transaction, business, &open, rows).await?;
    let does_write = plan.failure.is_none() && !open.terms.is_dry_run && !(plan.changed.is_empty() && plan.leaving.is_empty());
    if does_write {
        if !plan.leaving.is_empty() {
            part(&mut transaction, business, &plan.leaving, &plan.learners, now).await?;
        }
        roster::end_invitations(&mut transaction.connection(), business, &plan.invited_anew).await?;
        roster::put(&mut transaction.connection(), business, plan.changed, now).await?;
        fail::point("import.written");
    }
    let mut connection = transaction.connection();
    import_job::complain(&mut connection, (business, job), &open.file_name, plan.problems).await?;
    let ended = plan.failure.as_deref().map_or(End::Succeeded, End::Failed);
    end(&mut connection, Work::ImportJob, (business, job), ended, now).await?;
    import_job::count(&mut connection, job, plan.counts, open.rejected).await?;
    if does_write {
        // The log comes last: its chain is everybody's.
        job::log(&actor, &mut transaction, tenant, GlobalId::new(Kind::ImportJob, job), "importJob", &["employees"]).await?;
    }
    fail::point("import.counted");
    transaction.commit().await?;
    fail::point("import.committed");
    Ok(())
}
