//! Who acts and what that caller may see, and why an act did not happen.

use std::net::IpAddr;
use std::sync::Arc;

use uuid::Uuid;

use super::reads::Reads;
use super::user_error::UserError;
use crate::config::{Enrollment, Jobs, Roster};
use crate::domain::clock::{Clock, Ids};
use crate::domain::role::Role;
use crate::policy::{Action, Denied, Principal, Scope, decide};
use crate::store::noun::Noun;
use crate::store::person::insert_learner;
use crate::store::{Row, Store, StoreError, Transaction, seen_by};

/// Who acts, in which request, with what.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Who.
    pub principal: Principal,
    /// Identifier of the request, as in the response header.
    pub request_id: String,
    /// Where the request came from.
    pub address: Option<IpAddr>,
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// Where identifiers come from.
    pub ids: Ids,
    /// What the caller was shown.
    pub reads: Reads,
    /// What the operator has set for rosters.
    pub roster: Roster,
    /// What the operator has set for places.
    pub enrollment: Enrollment,
    /// What the operator has set for work in the background.
    pub jobs: Jobs,
}

/// The learner that acts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Learning {
    /// Key, which a learner who acts for the first time has from then on.
    pub id: Uuid,
    is_new: bool,
}

impl Learning {
    /// Adds the learner who acts for the first time.
    pub(super) async fn be(self, actor: &Actor, transaction: &mut Transaction) -> Result<(), StoreError> {
        let Some(member) = actor.principal.member().filter(|_| self.is_new) else { return Ok(()) };
        let identity = (member.issuer, member.subject.as_str());
        insert_learner(&mut transaction.connection(), self.id, identity, &member.display_name, actor.clock.now()).await
    }
}

/// Why an act did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The caller can mend it.
    #[error("{0:?}")]
    User(Vec<UserError>),
    /// No role of the caller allows it.
    #[error("the policy does not allow it")]
    Denied(Denied),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<UserError> for Refused {
    fn from(error: UserError) -> Self {
        Self::User(vec![error])
    }
}

/// How often an act is done again.
const RETRIES: usize = 3;

/// Does an act, and again from its beginning when the database gave it up because others stood in its way.
pub(super) async fn repeated<T, F: Future<Output = Result<T, Refused>>>(act: impl Fn() -> F) -> Result<T, Refused> {
    for _ in 0..RETRIES {
        match act().await {
            Err(Refused::Store(error)) if error.is_conflict() => tracing::info!(%error, "an act is done again"),
            done => return done,
        }
    }
    act().await
}

impl Actor {
    /// The learner that the caller is, or becomes by acting.
    pub(super) async fn learner(&self) -> Result<Learning, Refused> {
        let member = self.principal.member().ok_or(Refused::Denied(Denied::Unauthenticated))?;
        if !member.roles.has(Role::Learner) {
            return Err(Refused::Denied(Denied::Forbidden));
        }
        if let Some(id) = member.learner() {
            return Ok(Learning { id, is_new: false });
        }
        // Somebody with the same token may have acted meanwhile.
        let known = self.store.learner_of(member.issuer, &member.subject).await?;
        Ok(known.map_or_else(|| Learning { id: self.ids.next(), is_new: true }, |id| Learning { id, is_new: false }))
    }

    /// Notes for the rest of the request which learner the caller has become.
    pub(super) fn is_learner(&self, id: Uuid) {
        if let Some(member) = self.principal.member() {
            let _ = member.learner.set(id);
        }
    }

    /// Refuses whoever may never do this, before anything is looked up.
    pub(super) fn permitted(&self, action: Action) -> Result<(), Refused> {
        match decide(&self.principal, action) {
            Ok(_) | Err(Denied::Hidden) => Ok(()),
            Err(denied) => Err(Refused::Denied(denied)),
        }
    }

    /// The scope of an act; `hidden` is what is said where the role allows it, but not for this tenant: the same as of a thing that is missing.
    pub(super) fn may(&self, action: Action, hidden: impl FnOnce() -> UserError) -> Result<Scope, Refused> {
        decide(&self.principal, action).map_err(|denied| match denied {
            Denied::Hidden => Refused::User(vec![hidden()]),
            Denied::Unauthenticated | Denied::Forbidden => Refused::Denied(denied),
        })
    }

    /// A row that the caller may see, as the caller reads it.
    pub(super) async fn seen(&self, noun: &'static Noun, id: Uuid) -> Result<Option<Arc<Row>>, Refused> {
        Ok(self.seen_all(noun, &[id]).await?.pop().flatten())
    }

    /// Rows of a noun, each as the caller reads it, if the caller may see it.
    pub(super) async fn seen_all(&self, noun: &'static Noun, ids: &[Uuid]) -> Result<Vec<Option<Arc<Row>>>, Refused> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let scope = decide(&self.principal, Action::Look).map_err(Refused::Denied)?;
        let mut transaction = self.store.look_in(&scope).await?;
        let rows = self.store.rows_in(&mut transaction, &scope, seen_by(&scope, noun), ids).await?;
        transaction.rollback().await?;
        Ok(rows)
    }
}
