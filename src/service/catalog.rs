//! Creating and changing courses, programs, offerings, credentials and businesses: one way for all, over their shapes.

mod check;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::actor::{Actor, Refused, repeated};
use super::audit::{self, Author, Event};
use super::input::{Draft, Requirement};
use super::shape::{Of, Shape};
use super::user_error::{UserError, UserErrorCode};
use crate::cache::tag;
use crate::domain::id::{GlobalId, Kind};
use crate::domain::tenant::Tenant;
use crate::policy::{Action, Denied, Reach, Scope, decide};
use crate::store::change::Hold;
use crate::store::link::{self, REQUIREMENT_OPTION};
use crate::store::sql::Type;
use crate::store::{Cell, Row, StoreError, Transaction, change, derived, noun, search, tags};

/// Creates an object of an institution, which `owner` names at that path below `input`; its identifier.
///
/// # Errors
/// Why nothing was written.
pub async fn create(actor: &Actor, shape: &'static Shape, owner: (&str, &str), fields: &Map<String, Value>) -> Result<GlobalId, Refused> {
    repeated(|| create_once(actor, shape, owner, fields)).await
}

async fn create_once(actor: &Actor, shape: &'static Shape, owner: (&str, &str), fields: &Map<String, Value>) -> Result<GlobalId, Refused> {
    let (path, id) = owner;
    let hidden = || UserError::hidden(&[path]);
    actor.permitted(Action::WriteCatalog(Uuid::nil()))?;
    let named = GlobalId::parse(id);
    let (institution, subject) = match (named, shape.noun.kind) {
        (Some(id), Some(Kind::Offering)) if matches!(id.kind, Kind::Course | Kind::Program) => {
            let row = actor.seen(noun(id.kind), id.uuid).await?.ok_or_else(hidden)?;
            (row.uuid("tenant_id")?.ok_or_else(hidden)?, Some(id))
        }
        (Some(id), Some(kind)) if id.kind == Kind::Institution && kind != Kind::Offering => (id.uuid, None),
        _ => return Err(hidden().into()),
    };
    let scope = actor.may(Action::WriteCatalog(institution), hidden)?;
    let mut work = Work::begin(actor, shape, scope, institution).await?;
    let mut draft = Draft::read(shape, fields, true);
    work.subject = subject;
    work.hold(&draft, None).await?;
    work.tie(&mut draft).await?;
    work.insert(draft).await
}

/// Adds a partner business; its identifier.
///
/// # Errors
/// Why nothing was written.
pub async fn create_business(actor: &Actor, fields: &Map<String, Value>) -> Result<GlobalId, Refused> {
    repeated(|| create_business_once(actor, fields)).await
}

async fn create_business_once(actor: &Actor, fields: &Map<String, Value>) -> Result<GlobalId, Refused> {
    let id = actor.ids.next();
    let hidden = || UserError::at(UserErrorCode::NotFound, &[], "it may not be added by you");
    let scope = actor.may(Action::CreateBusiness(id), hidden)?;
    let mut draft = Draft::read(&super::business::SHAPE, fields, true);
    if draft.given.contains(&"status") {
        may_admit(actor, &mut draft, id)?;
    }
    may_assign(actor, &mut draft, None, id);
    let work = Work::begin(actor, &super::business::SHAPE, scope, id).await?;
    work.insert(draft).await
}

/// Changes an object that `id` names.
///
/// # Errors
/// Why nothing was written.
pub async fn update(
    actor: &Actor,
    shape: &'static Shape,
    id: &str,
    expected: Option<DateTime<Utc>>,
    fields: &Map<String, Value>,
) -> Result<GlobalId, Refused> {
    repeated(|| update_once(actor, shape, id, expected, fields)).await
}

async fn update_once(
    actor: &Actor,
    shape: &'static Shape,
    id: &str,
    expected: Option<DateTime<Utc>>,
    fields: &Map<String, Value>,
) -> Result<GlobalId, Refused> {
    let hidden = || UserError::hidden(&["id"]);
    let action =
        |tenant| if shape.noun.kind == Some(Kind::Business) { Action::UpdateBusiness(tenant) } else { Action::WriteCatalog(tenant) };
    actor.permitted(action(Uuid::nil()))?;
    let id = GlobalId::parse(id).filter(|id| Some(id.kind) == shape.noun.kind).ok_or_else(hidden)?;
    let row = actor.seen(noun(id.kind), id.uuid).await?.ok_or_else(hidden)?;
    let tenant = if id.kind == Kind::Business { id.uuid } else { row.uuid("tenant_id")?.ok_or_else(hidden)? };
    let scope = actor.may(action(tenant), hidden)?;
    let mut draft = Draft::read(shape, fields, false);
    let mut work = Work::begin(actor, shape, scope, tenant).await?;
    work.subject = subject_of(&row);
    work.hold(&draft, Some(id.uuid)).await?;
    let Some(row) = work.row(shape.noun.kind, id.uuid).await? else { return Err(hidden().into()) };
    if subject_of(&row) != work.subject {
        return Err(StoreError::Moved.into());
    }
    let before = row.instant("updated_at").map_err(Refused::from)?;
    if expected.is_some() && expected != before {
        return Err(
            UserError::at(UserErrorCode::Stale, &["expectedUpdatedAt"], "it changed since you read it; read it again and retry").into()
        );
    }
    if shape.noun.kind == Some(Kind::Business) && draft.column("status").is_some_and(|status| row.cell("status").ok() != Some(status)) {
        may_admit(actor, &mut draft, id.uuid)?;
    }
    if shape.noun.kind == Some(Kind::Business) {
        may_assign(actor, &mut draft, Some(row.as_ref()), id.uuid);
    }
    // Two changes within one tick of the clock must not look like one.
    let next = before.map(|before| before + TimeDelta::microseconds(1));
    work.now = work.now.max(next.unwrap_or(work.now));
    work.change(id.uuid, &row, draft).await
}

/// Whether a business takes part is for the consortium to say.
fn may_admit(actor: &Actor, draft: &mut Draft, business: Uuid) -> Result<(), Refused> {
    match decide(&actor.principal, Action::AdmitBusiness(business)) {
        Ok(_) => {}
        Err(Denied::Forbidden | Denied::Hidden) => {
            draft.complain(UserErrorCode::Invalid, &["status"], "only the consortium's administrators may change it; leave it out");
        }
        Err(Denied::Unauthenticated) => return Err(Refused::Denied(Denied::Unauthenticated)),
    }
    Ok(())
}

/// Who advises a business is for the consortium's navigators and administrators to say.
fn may_assign(actor: &Actor, draft: &mut Draft, row: Option<&Row>, business: Uuid) {
    let before = row.and_then(|row| row.cell("navigator_id").ok());
    let is_changed = draft.given.contains(&super::business::NAVIGATOR) && draft.column("navigator_id") != before;
    if is_changed && decide(&actor.principal, Action::CreateBusiness(business)).is_err() {
        let text = "only the consortium's navigators and administrators may change it; leave it out";
        draft.complain(UserErrorCode::Invalid, &[super::business::NAVIGATOR], text);
    }
}

/// What an offering teaches; `None` for anything else.
fn subject_of(row: &Row) -> Option<GlobalId> {
    let named = |column, kind| row.uuid(column).ok().flatten().map(|id| GlobalId::new(kind, id));
    if row.noun().kind != Some(Kind::Offering) {
        return None;
    }
    named("course_id", Kind::Course).or_else(|| named("program_id", Kind::Program))
}

/// What an act changes of what others see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moves {
    /// Nothing but the seats of an offering.
    Seats,
    /// A row with what hangs on it.
    Row,
    /// A row, and with it which offerings are public.
    WithOfferings,
}

/// An act under way.
struct Work<'a> {
    actor: &'a Actor,
    shape: &'static Shape,
    scope: Scope,
    tenant: Uuid,
    /// What an offering teaches.
    subject: Option<GlobalId>,
    transaction: Transaction,
    /// Columns of what was there that are changed.
    changed: Vec<change::Value>,
    now: DateTime<Utc>,
}

impl<'a> Work<'a> {
    async fn begin(actor: &'a Actor, shape: &'static Shape, scope: Scope, tenant: Uuid) -> Result<Self, Refused> {
        debug_assert!(scope.reach().tenant() == Some(tenant) && scope.reach() != Reach::Consortium, "an act is for one tenant");
        let (transaction, now) = (actor.store.begin_in(&scope).await?, actor.clock.now());
        Ok(Self { actor, shape, scope, tenant, subject: None, transaction, changed: Vec::new(), now })
    }

    /// Keeps others from what the act changes and goes by, in the order in which every act does: names, courses, programs, then offerings.
    async fn hold(&mut self, draft: &Draft, id: Option<Uuid>) -> Result<(), StoreError> {
        let mut connection = self.transaction.connection();
        let noun_of = self.shape.noun;
        if self.shape.key.is_some_and(|key| !key.is_of_subject && key.fields.iter().any(|field| draft.given.contains(field))) {
            change::lock_names(&mut connection, noun_of.table, self.tenant).await?;
        }
        if noun_of.kind == Some(Kind::Program) {
            // Hours and words of a program are those of its courses.
            let courses = draft.references.iter().filter(|named| named.kind == Kind::Course).map(|named| named.id);
            change::lock(&mut connection, "course", &courses.collect::<Vec<_>>(), Hold::Still).await?;
        }
        if let Some(subject) = self.subject {
            change::lock(&mut connection, noun(subject.kind).table, &[subject.uuid], Hold::Change).await?;
        }
        change::lock(&mut connection, noun_of.table, id.as_slice(), Hold::Change).await
    }

    /// A row that the scope lets through.
    async fn row(&mut self, kind: Option<Kind>, id: Uuid) -> Result<Option<Arc<Row>>, Refused> {
        let Some(kind) = kind else { return Ok(None) };
        Ok(self.actor.store.rows_in(&mut self.transaction, &self.scope, noun(kind), &[id]).await?.pop().flatten())
    }

    /// Ties a new offering to what it teaches, whose price it has unless it says one.
    async fn tie(&mut self, draft: &mut Draft) -> Result<(), Refused> {
        let Some(subject) = self.subject else { return Ok(()) };
        let row = self.row(Some(subject.kind), subject.uuid).await?;
        let column = if subject.kind == Kind::Course { "course_id" } else { "program_id" };
        draft.set(column, Type::Uuid, Cell::Uuid(subject.uuid));
        if draft.column("price_cents").is_none_or(|price| *price == Cell::Null) {
            let price = row.map(|row| row.cell("price_cents").cloned()).transpose()?;
            match price.filter(|price| *price != Cell::Null) {
                Some(price) => draft.set("price_cents", Type::Long, price),
                None => draft.complain(UserErrorCode::Required, &["price"], "what it teaches has no list price: give one"),
            }
        }
        draft.set("is_public", Type::Boolean, Cell::Boolean(false));
        Ok(())
    }

    /// Notes which answers no longer hold.
    fn moves(&mut self, kind: Kind, id: Uuid, moves: Moves) {
        let table = noun(kind).table;
        let offering = noun(Kind::Offering).table;
        let tags = match moves {
            Moves::Seats => vec![tag::SEATS.to_owned(), tag::seats(id)],
            Moves::Row => vec![tag::any(table), tag::row(table, id)],
            Moves::WithOfferings => vec![tag::any(table), tag::row(table, id), tag::any(offering), tag::many(offering)],
        };
        for tag in tags {
            self.transaction.moves(tag);
        }
    }

    async fn insert(mut self, mut draft: Draft) -> Result<GlobalId, Refused> {
        (self.shape.rules)(&mut draft, None, self.now);
        self.check_key(&mut draft, None).await?;
        self.check(&mut draft).await?;
        let kind = self.shape.noun.kind.unwrap_or(Kind::Business);
        // A business is a tenant of its own.
        let (id, own) = if kind == Kind::Business { (self.tenant, None) } else { (self.actor.ids.next(), Some(Cell::Uuid(self.tenant))) };
        let mut values = std::mem::take(&mut draft.columns);
        values.push(("id", Type::Uuid, Cell::Uuid(id)));
        values.push(("updated_at", Type::Instant, Cell::Instant(self.now)));
        values.extend(own.map(|tenant| ("tenant_id", Type::Uuid, tenant)));
        change::insert(&mut self.transaction.connection(), self.shape.noun.table, values).await?;
        self.moves(kind, id, Moves::Row);
        self.finish(id, draft, "Create").await
    }

    async fn change(mut self, id: Uuid, row: &Row, mut draft: Draft) -> Result<GlobalId, Refused> {
        self.leave_lists(&mut draft, id).await?;
        (self.shape.rules)(&mut draft, Some(row), self.now);
        draft.forbid(id);
        self.check_key(&mut draft, Some((id, row))).await?;
        self.check_awarded(&mut draft, id, row).await?;
        self.check(&mut draft).await?;
        draft.columns.retain(|(name, _, cell)| row.cell(name).map_or(true, |known| known != cell));
        let is_changed = |name: &str| {
            let of = self.shape.fields.iter().find(|field| field.name == name).map(|field| field.of);
            match (of.and_then(Of::column), of.and_then(Of::list)) {
                (Some(column), _) => draft.column(column).is_some(),
                (_, Some(list)) => draft.lists.iter().any(|(table, _)| table.target.table == list.target.table),
                (None, None) => draft.requirements.is_some() || draft.sites.is_some(),
            }
        };
        let changed = draft.given.iter().copied().filter(|name| is_changed(name)).collect();
        draft.given = changed;
        let is_idle = draft.columns.is_empty() && draft.lists.is_empty() && draft.requirements.is_none() && draft.sites.is_none();
        if is_idle {
            // What was asked for is so already.
            self.transaction.rollback().await?;
            return Ok(GlobalId::new(self.shape.noun.kind.unwrap_or(Kind::Business), id));
        }
        let is_quiet = draft.lists.is_empty() && draft.requirements.is_none();
        let moves = match self.shape.noun.kind {
            Some(Kind::Offering) if is_quiet && draft.columns.iter().all(|(name, ..)| tags::SEATS.contains(name)) => Moves::Seats,
            Some(Kind::Course | Kind::Program) if draft.column("status").is_some() => Moves::WithOfferings,
            _ => Moves::Row,
        };
        self.moves(self.shape.noun.kind.unwrap_or(Kind::Business), id, moves);
        // Programs have the hours and the credit of their courses.
        if self.shape.noun.kind == Some(Kind::Course) && ["contact_hours", "is_for_credit"].iter().any(|name| draft.column(name).is_some())
        {
            let program = noun(Kind::Program).table;
            self.transaction.moves(tag::any(program));
            self.transaction.moves(tag::many(program));
        }
        let mut values = std::mem::take(&mut draft.columns);
        self.changed.clone_from(&values);
        values.push(("updated_at", Type::Instant, Cell::Instant(self.now)));
        change::update(&mut self.transaction.connection(), self.shape.noun.table, id, values).await?;
        self.finish(id, draft, "Update").await
    }

    /// Writes what hangs on the row and what follows from it, leaves the line in the log, and makes it last.
    async fn finish(mut self, id: Uuid, draft: Draft, verb: &str) -> Result<GlobalId, Refused> {
        let kind = self.shape.noun.kind.unwrap_or(Kind::Business);
        for (table, rows) in draft.lists {
            link::put(&mut self.transaction.connection(), table, self.tenant, id, rows).await?;
        }
        if let Some(requirements) = draft.requirements {
            self.requirements(id, requirements).await?;
        }
        if let Some(sites) = draft.sites {
            super::business::sites::put(self.actor, &mut self.transaction, id, sites, self.now).await?;
        }
        self.follow(kind, id).await?;
        if kind == Kind::Offering {
            let changed = std::mem::take(&mut self.changed);
            super::enrollment::follow(self.actor, &mut self.transaction, &self.scope, id, &changed).await?;
        }
        let subject = GlobalId::new(kind, id);
        let action = format!("{}{verb}", self.shape.name);
        let tenant = if kind == Kind::Business { Tenant::Business(self.tenant) } else { Tenant::Institution(self.tenant) };
        let event =
            Event { id: self.actor.ids.next(), tenant, action: &action, subject: &subject.to_string(), fields: &draft.given, at: self.now };
        audit::append(&mut self.transaction, &Author::of(self.actor), &event).await?;
        self.transaction.commit().await?;
        Ok(subject)
    }

    async fn requirements(&mut self, credential: Uuid, requirements: Vec<Requirement>) -> Result<(), Refused> {
        let mut connection = self.transaction.connection();
        // Their options go with them.
        change::remove_of(&mut connection, "credential_requirement", "credential_id", credential).await?;
        for requirement in requirements {
            let id = self.actor.ids.next();
            let values = vec![
                ("tenant_id", Type::Uuid, Cell::Uuid(self.tenant)),
                ("id", Type::Uuid, Cell::Uuid(id)),
                ("credential_id", Type::Uuid, Cell::Uuid(credential)),
                ("title", Type::Text, Cell::Text(requirement.title.into())),
                ("choose", Type::Integer, Cell::Integer(requirement.choose)),
                ("updated_at", Type::Instant, Cell::Instant(self.now)),
            ];
            change::insert(&mut connection, "credential_requirement", values).await?;
            link::put(&mut connection, &REQUIREMENT_OPTION, self.tenant, id, requirement.options).await?;
        }
        Ok(())
    }

    /// Keeps in step what follows from the row.
    async fn follow(&mut self, kind: Kind, id: Uuid) -> Result<(), StoreError> {
        let mut connection = self.transaction.connection();
        let searched = |kind| match kind {
            Kind::Course => Some(search::Noun::Course),
            Kind::Program => Some(search::Noun::Program),
            Kind::Credential => Some(search::Noun::Credential),
            Kind::Business => Some(search::Noun::Business),
            _ => None,
        };
        if let Some(noun) = searched(kind) {
            return derived::follow(&mut connection, noun, &[id], self.now).await;
        }
        // An offering is as public as what it teaches.
        match self.subject.and_then(|subject| Some((searched(subject.kind)?, subject.uuid))) {
            Some((noun, subject)) => derived::public_offerings(&mut connection, noun, &[subject], self.now).await,
            None => Ok(()),
        }
    }
}
