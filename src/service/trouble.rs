//! What goes wrong with some of many things that are due: the others are done all the same, and it is told in the end.

use uuid::Uuid;

use super::actor::Refused;
use crate::store::StoreError;

/// What went wrong so far.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    /// How often.
    pub(super) number: u32,
    last: Option<StoreError>,
}

impl Trouble {
    /// Notes why something cannot be done, and goes on.
    ///
    /// # Errors
    /// When nothing else can be done either: the database is out of reach.
    pub(super) fn note(&mut self, refused: Refused, id: Uuid, what: &str) -> Result<(), StoreError> {
        let error = match refused {
            Refused::Store(error) if error.is_out_of_reach() => return Err(error),
            Refused::Store(error) => error,
            refused => StoreError::Open(format!("it was refused: {refused}")),
        };
        tracing::warn!(%id, %error, "{what}");
        self.number += 1;
        self.last = Some(error);
        Ok(())
    }

    /// What was done, or the last of what went wrong.
    pub(super) fn end(self, done: usize) -> Result<usize, StoreError> {
        self.last.map_or(Ok(done), Err)
    }
}
