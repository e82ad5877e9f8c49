//! What the consortium's administrators read of what is a tenant's own: each request leaves a line for each type in the tenant's log.

use std::sync::{Arc, Mutex, PoisonError};

use super::actor::{Actor, Refused};
use super::audit::{self, Author, Event};
use crate::domain::role::Role;
use crate::domain::tenant::Tenant;
use crate::policy::{Action, decide};

/// What was read in one request: whose, of which type, which fields.
#[derive(Debug, Clone, Default)]
pub struct Reads(Arc<Mutex<Vec<Read>>>);

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
        let mut reads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match reads.iter_mut().find(|read| read.tenant == tenant && read.of == of) {
            Some(read) if read.fields.contains(&field) => {}
            Some(read) => read.fields.push(field),
            None => reads.push(Read { tenant, of, fields: vec![field] }),
        }
    }

    /// Leaves the lines.
    ///
    /// # Errors
    /// When the database fails: then nothing that was read may be shown.
    pub async fn record(&self, actor: &Actor) -> Result<(), Refused> {
        let reads = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
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
        Ok(())
    }
}
