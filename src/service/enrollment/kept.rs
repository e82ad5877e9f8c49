//! What a transaction that gives several places reads once, and writes once.

use std::collections::HashMap;

use uuid::Uuid;

use crate::store::ledger::{self, Book};
use crate::store::sponsorship::Terms;
use crate::store::sql::Connection;
use crate::store::{StoreError, Transaction, import, sponsorship};

/// What is kept from one place to the next of a transaction.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// The sponsorship that pays for all of them, if one does.
    paying: Option<Paying>,
    prerequisites: HashMap<Uuid, Vec<Uuid>>,
}

/// A sponsorship that a transaction holds.
#[derive(Debug)]
struct Paying {
    book: Book,
    terms: Terms,
    /// Whether anything was set aside from it.
    is_moved: bool,
}

impl Kept {
    /// Holds the sponsorship that pays, unless it is held; its terms, or nothing where there is none.
    pub(super) async fn terms(&mut self, connection: &mut Connection<'_>, book: Book) -> Result<Option<&Terms>, StoreError> {
        if self.paying.as_ref().is_none_or(|paying| paying.book != book) {
            debug_assert!(self.paying.is_none(), "one sponsorship pays for what a transaction gives");
            let terms = sponsorship::terms(connection, book).await?;
            self.paying = terms.map(|terms| Paying { book, terms, is_moved: false });
        }
        Ok(self.paying.as_ref().map(|paying| &paying.terms))
    }

    /// Notes that something was set aside from the sponsorship that pays, if one does.
    pub(super) fn moved(&mut self) {
        if let Some(paying) = &mut self.paying {
            paying.is_moved = true;
        }
    }

    /// The courses that are to be passed before a course.
    pub(super) async fn prerequisites(&mut self, connection: &mut Connection<'_>, course: Uuid) -> Result<Vec<Uuid>, StoreError> {
        if let Some(known) = self.prerequisites.get(&course) {
            return Ok(known.clone());
        }
        let found = import::prerequisites(connection, &[course]).await?.remove(&course).unwrap_or_default();
        self.prerequisites.insert(course, found.clone());
        Ok(found)
    }

    /// Keeps in step what is said of the sponsorship from which something was set aside, in the scope of an act that it pays for.
    pub(super) async fn follow(&self, transaction: &mut Transaction) -> Result<(), StoreError> {
        match &self.paying {
            Some(paying) if paying.is_moved => ledger::follow(&mut transaction.connection(), paying.book).await,
            _ => Ok(()),
        }
    }
}
