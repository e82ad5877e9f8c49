//! Input values in a document.

use super::document::Parser;
use super::fault::{Checked, Fault};
use super::lexer::Kind;
use super::limits::Limits;

/// A list or an object that is still open, in a document or in JSON.
pub(super) enum Open {
    /// A list and how many items it holds so far.
    List(usize),
    /// An object.
    Object,
}

impl Open {
    /// Counts new items, if this is a list, against the limit.
    pub(super) fn add_items(&mut self, added: usize, limits: &Limits) -> Checked<()> {
        if let Self::List(items) = self {
            *items = items.saturating_add(added);
            if *items > limits.list_items {
                return Err(Fault::limit("list_items", limits.list_items, *items));
            }
        }
        Ok(())
    }
}

impl Parser<'_> {
    /// Reads one value, however nested. In a constant one no variable may stand.
    pub(super) fn value(&mut self, is_constant: bool) -> Checked<()> {
        let mut open: Vec<Open> = Vec::new();
        loop {
            let is_closed = match open.last() {
                Some(Open::List(_)) => self.take(b']')?,
                Some(Open::Object) => self.take(b'}')?,
                None => false,
            };
            if is_closed {
                open.pop();
            } else {
                if let Some(Open::Object) = open.last() {
                    self.name()?;
                    self.mark(b':')?;
                }
                let items = self.items_in_current();
                if let Some(enclosing) = open.last_mut() {
                    enclosing.add_items(items, self.limits)?;
                }
                open.extend(self.value_start(is_constant)?);
            }
            if open.is_empty() {
                return Ok(());
            }
        }
    }

    /// Reads a scalar whole, or the opening bracket of a list or an object, which it gives.
    fn value_start(&mut self, is_constant: bool) -> Checked<Option<Open>> {
        let opened = match self.current.kind {
            Kind::Name(_) | Kind::Number | Kind::Text => None,
            Kind::Mark(b'[') => Some(Open::List(0)),
            Kind::Mark(b'{') => Some(Open::Object),
            Kind::Mark(b'$') if !is_constant => {
                self.advance()?;
                self.name()?;
                return Ok(None);
            }
            _ => return Err(self.unexpected()),
        };
        self.advance()?;
        Ok(opened)
    }

    /// The most items that any reader could make of the current token, each counted as visited. Parsers exist that split `truefalse` into two values, where the
    /// grammar has one name; counted as one, such a name could smuggle thousands of items past the limit.
    fn items_in_current(&mut self) -> usize {
        let mut items = 1_usize;
        if let Kind::Name(mut name) = self.current.kind {
            while let Some(rest) =
                ["true", "false", "null"].iter().find_map(|literal| name.strip_prefix(literal)).filter(|rest| !rest.is_empty())
            {
                name = rest;
                items = items.saturating_add(1);
            }
        }
        self.visited = self.visited.saturating_add(items as u64);
        items
    }
}
