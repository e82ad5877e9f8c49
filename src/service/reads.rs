//! What is written down of reads: what the consortium's administrators read of what is a tenant's own leaves a line for each type in the tenant's log, and what others than the
//! learner are shown of a learner's record by consent or by their office leaves a line for each learner, which the learner reads.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use super::actor::{Actor, Refused};
use super::audit::{self, Author, Event};
use crate::domain::role::Role;
use crate::domain::tenant::Tenant;
use crate::policy::{Action, Denied, Member, Scope, decide};
use crate::store::{Cell, StoreError, Transaction, consent_grant, disclosure};

/// What is written as the purpose where the consortium looks.
const OFFICE: &str = "Administration of the consortium.";

/// What was read in one request.
#[derive(Debug, Clone, Default)]
pub struct Reads(Arc<Mutex<Noted>>);

/// Whose, of which type, which fields.
#[derive(Debug, Default)]
struct Noted {
    reads: Vec<Read>,
    /// Of which learners, by type and field.
    shown: BTreeMap<Uuid, BTreeSet<String>>,
    /// Where in the answer it is shown.
    places: Places,
}

/// Where in an answer something is shown of which learners are to know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// Root field and the field below it, by which the answer names them.
    pub fields: BTreeSet<(String, String)>,
    /// Whether it may be anywhere: in the reasons of an act, say.
    pub is_anywhere: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Read {
    tenant: Tenant,
    of: &'static str,
    fields: Vec<&'static str>,
}

impl Reads {
    /// Notes that a caller was shown a field for few readers.
    pub fn note(&self, actor: &Actor, tenant: Tenant, of: &'static str, field: &'static str) {
        // Others only get this far for their own tenant.
        if tenant == Tenant::Consortium || !actor.principal.has_any(&[Role::ConsortiumAdmin]) {
            return;
        }
        let reads = &mut self.noted().reads;
        match reads.iter_mut().find(|read| read.tenant == tenant && read.of == of) {
            Some(read) if read.fields.contains(&field) => {}
            Some(read) => read.fields.push(field),
            None => reads.push(Read { tenant, of, fields: vec![field] }),
        }
    }

    /// Notes that a caller was shown a field of a learner's record, of which the learner is to know, and where in the answer that is.
    pub fn disclose(&self, learner: Uuid, of: &str, field: &str, place: Option<(String, String)>) {
        let mut noted = self.noted();
        noted.shown.entry(learner).or_default().insert(format!("{of}.{field}"));
        match place {
            Some(place) => drop(noted.places.fields.insert(place)),
            None => noted.places.is_anywhere = true,
        }
    }

    /// Where it is shown what is to be written down.
    #[must_use]
    pub fn places(&self) -> Places {
        self.noted().places.clone()
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves the lines.
    ///
    /// # Errors
    /// When the database fails: then nothing that was read may be shown.
    pub async fn record(&self, actor: &Actor) -> Result<(), Refused> {
        let Noted { reads, shown, .. } = std::mem::take(&mut *self.noted());
        for read in reads {
            let scope = decide(&actor.principal, Action::ReadFor(read.tenant)).map_err(Refused::Denied)?;
            let mut transaction = actor.store.begin_in(&scope).await?;
            let event = Event {
                id: actor.ids.next(),
                tenant: read.tenant,
                action: &format!("read {}", read.of),
                subject: &read.tenant.to_string(),
                fields: &read.fields,
                at: actor.clock.now(),
            };
            audit::append(&mut transaction, &Author::of(actor), &event).await?;
            transaction.commit().await?;
        }
        if shown.is_empty() || actor.store.faults().has_no_disclosure() {
            return Ok(());
        }
        let scope = decide(&actor.principal, Action::Disclose).map_err(Refused::Denied)?;
        let mut transaction = actor.store.begin_in(&scope).await?;
        tell(actor, &mut transaction, &scope, shown).await?;
        Ok(transaction.commit().await?)
    }

    /// Leaves the lines that learners read in the transaction of an act, which ends in another scope than it was in.
    pub(super) async fn record_in(&self, actor: &Actor, transaction: &mut Transaction) -> Result<(), Refused> {
        let Noted { shown, .. } = std::mem::take(&mut *self.noted());
        if shown.is_empty() || actor.store.faults().has_no_disclosure() {
            return Ok(());
        }
        let scope = decide(&actor.principal, Action::Disclose).map_err(Refused::Denied)?;
        transaction.speak(&scope).await?;
        tell(actor, transaction, &scope, shown).await
    }
}

/// Leaves the lines that learners read, all of them or none.
async fn tell(actor: &Actor, transaction: &mut Transaction, scope: &Scope, shown: BTreeMap<Uuid, BTreeSet<String>>) -> Result<(), Refused> {
    let member: &Member = actor.principal.member().ok_or(Refused::Denied(Denied::Unauthenticated))?;
    let business = scope.reach().tenant();
    let learners: Vec<Uuid> = shown.keys().copied().collect();
    let mut purposes = match business {
        Some(business) => consent_grant::purposes(&mut transaction.connection(), business, &learners).await?,
        None => learners.iter().map(|learner| (*learner, OFFICE.to_owned())).collect(),
    };
    let text = |text: &str| Cell::Text(text.into());
    let mut lines = Vec::with_capacity(shown.len());
    for (learner, fields) in shown {
        // Nobody is shown anything without a consent that says what for.
        let purpose = purposes.remove(&learner).ok_or(StoreError::Moved)?;
        lines.push(vec![
            Cell::Uuid(learner),
            Cell::Uuid(actor.ids.next()),
            business.map_or(Cell::Null, Cell::Uuid),
            Cell::Instant(actor.clock.now()),
            text(&member.display_name),
            Cell::Uuid(member.issuer),
            text(&member.subject),
            text(&fields.into_iter().collect::<Vec<_>>().join(" ")),
            text(&purpose),
            text(&actor.request_id),
        ]);
    }
    Ok(disclosure::append(&mut transaction.connection(), lines).await?)
}
