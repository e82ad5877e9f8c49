//! What an act asks of the database before it writes: whether what is named is there, whether a key is free, and what is so already.

use std::collections::HashMap;

use uuid::Uuid;

use super::Work;
use crate::domain::id::Kind;
use crate::service::actor::Refused;
use crate::service::business;
use crate::service::input::Draft;
use crate::service::shape::Whose;
use crate::service::user_error::{HIDDEN, UserError, UserErrorCode};
use crate::store::consortium_staff::CONSORTIUM_STAFF;
use crate::store::{Cell, Row, StoreError, award, change, import, link, noun};

impl Work<'_> {
    /// Leaves lists as they are that hold already what is asked for.
    pub(super) async fn leave_lists(&mut self, draft: &mut Draft, id: Uuid) -> Result<(), StoreError> {
        let mut connection = self.transaction.connection();
        for (table, rows) in std::mem::take(&mut draft.lists) {
            if link::rows(&mut connection, table, id).await? != rows {
                draft.lists.push((table, rows));
            }
        }
        if let Some(options) = draft.options()
            && link::requirements(&mut connection, id).await? == options
        {
            draft.requirements = None;
        }
        business::sites::compare(&mut self.transaction, draft, id).await
    }

    /// Complains of a key that another row has, unless it was this row's before.
    pub(super) async fn check_key(&mut self, draft: &mut Draft, known: Option<(Uuid, &Row)>) -> Result<(), StoreError> {
        let Some(key) = self.shape.key else { return Ok(()) };
        let before = |column: &str| known.and_then(|(_, row)| row.cell(column).ok());
        let value = |column: &str| draft.column(column).or_else(|| before(column)).unwrap_or(&Cell::Null);
        let is_past = |status: &Cell| status.text().is_some_and(|status| key.past.contains(&status));
        let is_kept = key.columns.iter().all(|(column, _)| before(column) == Some(value(column)));
        let was_kept = before("status").is_some_and(|status| !is_past(status));
        let is_named = key.columns.last().is_some_and(|(column, _)| *value(column) != Cell::Null);
        if !is_named || is_past(value("status")) || (is_kept && was_kept) {
            return Ok(());
        }
        let values = key.columns.iter().map(|(column, of)| (*column, *of, value(column).clone())).collect();
        let own = known.map(|(id, _)| id);
        if change::is_taken(&mut self.transaction.connection(), self.shape.noun.table, self.tenant, own, values, key.past).await? {
            draft.complain(UserErrorCode::Taken, &[key.field], key.message);
        }
        Ok(())
    }

    /// Complains of what would change what awards attest that learners hold already: of a draft nobody could see it any more, and under another name or of another kind it would be
    /// something else.
    pub(super) async fn check_awarded(&mut self, draft: &mut Draft, id: Uuid, row: &Row) -> Result<(), StoreError> {
        if self.shape.noun.kind != Some(Kind::Credential) {
            return Ok(());
        }
        let is_draft = draft.column("status").and_then(Cell::text) == Some("DRAFT");
        let is_other = |column: &&str| draft.column(column).is_some_and(|value| row.cell(column).is_ok_and(|before| before != value));
        let others: Vec<&str> = ["name", "kind"].into_iter().filter(is_other).collect();
        let is_touched = is_draft || !others.is_empty();
        if !is_touched || !award::is_issued(&mut self.transaction.connection(), id).await? {
            return Ok(());
        }
        if is_draft {
            draft.complain(UserErrorCode::Invalid, &["status"], "awards of it were issued: make it RETIRED instead");
        }
        for column in others {
            let text = "awards of it were issued, and say this: make it RETIRED, and another credential for those to come";
            draft.complain(UserErrorCode::Invalid, &[column], text);
        }
        Ok(())
    }

    /// Looks up everything that is named, and refuses with all that is wrong.
    pub(super) async fn check(&mut self, draft: &mut Draft) -> Result<(), Refused> {
        let mut by_kind: HashMap<Kind, Vec<Uuid>> = HashMap::new();
        for reference in &draft.references {
            by_kind.entry(reference.kind).or_default().push(reference.id);
        }
        let mut found: HashMap<Uuid, Option<Uuid>> = HashMap::new();
        for (kind, ids) in by_kind {
            // Whom a business names is no staff of an institution.
            let is_navigator = kind == Kind::StaffMember && self.shape.noun.kind == Some(Kind::Business);
            let noun = if is_navigator { &CONSORTIUM_STAFF } else { noun(kind) };
            let rows = self.actor.store.rows_in(&mut self.transaction, &self.scope, noun, &ids).await?;
            found.extend(ids.into_iter().zip(rows).filter_map(|(id, row)| Some((id, row?.uuid("tenant_id").ok().flatten()))));
        }
        let is_there = |id, whose| match found.get(&id) {
            None => false,
            Some(owner) => whose != Whose::Own || *owner == Some(self.tenant),
        };
        let mut missing: Vec<Vec<String>> =
            draft.references.iter().filter(|named| !is_there(named.id, named.whose)).map(|named| named.path.clone()).collect();
        for named in &draft.codes {
            let there = import::codes(
                &mut self.transaction.connection(),
                named.table,
                named.column,
                named.column,
                std::slice::from_ref(&named.value),
            )
            .await?;
            if there.is_empty() {
                missing.push(named.path.clone());
            }
        }
        draft.errors.extend(missing.into_iter().map(|path| UserError { code: UserErrorCode::NotFound, message: HIDDEN.to_owned(), path }));
        if draft.errors.is_empty() { Ok(()) } else { Err(Refused::User(std::mem::take(&mut draft.errors))) }
    }
}
