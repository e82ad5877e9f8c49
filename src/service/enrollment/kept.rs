//! What a transaction that gives several places reads once, and writes once.

use std::collections::HashMap;

use uuid::Uuid;

use crate::store::ledger::{self, Book};
use crate::store::sponsorship::Terms;
use crate::store::sql::Connection;
use crate::store::{StoreError, Transaction, import};

/// What is kept from one place to the next of a transaction.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// The sponsorship that it holds, with its terms.
    pub paying: Option<(Book, Terms)>,
    /// Whether anything of that was moved.
    pub is_moved: bool,
    prerequisites: HashMap<Uuid, Vec<Uuid>>,
}

impl Kept {
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
            Some((book, _)) if self.is_moved => ledger::follow(&mut transaction.connection(), *book).await,
            _ => Ok(()),
        }
    }
}
