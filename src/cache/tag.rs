//! Tags: names of what an answer was made of. A write moves the tags of what it changed.
//!
//! - `course`: any course was added, or changed in whatever way lists can show, filter or order by
//! - `course:ID`: that course changed
//! - `course:*`: courses changed, and it was not worth while to say which
//! - `seats:ID`: what changes with each seat that is taken, of that offering
//! - `seats`: whether an offering has seats left, of any
//!
//! Who changes a row moves the first two, who changes many the first and the third; so a list needs the first alone, and a row that was found by its key the other two.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use uuid::Uuid;

/// Most tags of one answer. More are made coarser.
pub const MOST: usize = 300;
/// What changes with the last seat that is taken, and the first that is free again, of any offering.
pub const SEATS: &str = "seats";

/// Any row of a table.
#[must_use]
pub fn any(table: &str) -> String {
    table.to_owned()
}

/// One row.
#[must_use]
pub fn row(table: &str, id: Uuid) -> String {
    format!("{table}:{id}")
}

/// Many rows at once.
#[must_use]
pub fn many(table: &str) -> String {
    format!("{table}:*")
}

/// What changes with each seat that is taken, of one offering.
#[must_use]
pub fn seats(offering: Uuid) -> String {
    row(SEATS, offering)
}

/// What the reads of one request saw.
#[derive(Debug, Default)]
pub struct Seen(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    tags: BTreeSet<String>,
    is_spoiled: bool,
}

impl Seen {
    /// Notes a tag.
    pub fn note(&self, tag: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).tags.insert(tag);
    }

    /// Notes that something was read which no tag stands for, or which is not for everyone: the answer is not to be kept.
    pub fn spoil(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_spoiled = true;
    }

    /// The tags, made coarser where they are too many; `None` when the answer is not to be kept, or when they are too many still.
    #[must_use]
    pub fn tags(&self) -> Option<Vec<String>> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.is_spoiled {
            return None;
        }
        if state.tags.len() <= MOST {
            return Some(state.tags.iter().cloned().collect());
        }
        // Whoever moves the tag of a row moves that of its table too; but a seat that is taken moves that of its offering alone.
        let coarse = |tag: &'_ str| match tag.split_once(':') {
            Some((table, _)) if table != SEATS => table.to_owned(),
            _ => tag.to_owned(),
        };
        let tags: BTreeSet<String> = state.tags.iter().map(|tag| coarse(tag)).collect();
        (tags.len() <= MOST).then(|| tags.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An answer is made of more rows than are worth naming: it hangs on their tables instead.
    #[test]
    fn too_many_tags_become_coarse() {
        let seen = Seen::default();
        for number in 0..MOST as u128 {
            seen.note(row("course", Uuid::from_u128(number)));
        }
        assert_eq!(seen.tags().map(|tags| tags.len()), Some(MOST));
        seen.note(seats(Uuid::nil()));
        seen.note(many("course"));
        seen.note(any("region"));
        assert_eq!(seen.tags(), Some(vec!["course".to_owned(), "region".to_owned(), seats(Uuid::nil())]));
        for number in 1..MOST as u128 {
            seen.note(seats(Uuid::from_u128(number)));
        }
        assert_eq!(seen.tags(), None, "seats have no coarser tag");
        seen.spoil();
        assert_eq!(seen.tags(), None);
    }
}
