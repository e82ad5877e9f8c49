//! Selection sets, with the fields, spreads, arguments and directives in them.

use super::document::{Definition, Parser};
use super::fault::{Checked, Fault};
use super::lexer::Kind;
use super::place::Place;
use super::totals::Spread;

/// A selection set that is still open.
#[derive(Clone, Copy)]
struct Open {
    /// What encloses it in this definition.
    place: Place,
    /// Whether nothing has been selected in it yet.
    is_empty: bool,
}

impl<'a> Parser<'a> {
    /// Reads a definition's selection set with all that lies in it. The open sets are kept in a list of their own, never on the stack.
    pub(super) fn selection_set(&mut self, definition: &mut Definition<'a>) -> Checked<()> {
        self.mark(b'{')?;
        let mut open = vec![Open { place: Place::TOP, is_empty: true }];
        while let Some(set) = open.last_mut() {
            let inner = match self.current.kind {
                Kind::Mark(b'}') if !set.is_empty => {
                    self.advance()?;
                    open.pop();
                    continue;
                }
                Kind::Name(_) => self.field(definition, *set)?,
                Kind::Spread => self.spread(definition, *set)?,
                _ => return Err(self.unexpected()),
            };
            set.is_empty = false;
            self.visited = self.visited.saturating_add(1);
            definition.own.selections = definition.own.selections.saturating_add(1);
            open.extend(inner);
        }
        Ok(())
    }

    /// Reads a field up to its selection set, which it gives if there is one.
    fn field(&mut self, definition: &mut Definition<'a>, set: Open) -> Checked<Option<Open>> {
        let mut name = self.name()?;
        if self.current.kind == Kind::Mark(b':') {
            self.aliases = self.aliases.saturating_add(1);
            if self.aliases > self.limits.aliases {
                return Err(Fault::limit("aliases", self.limits.aliases, self.aliases));
            }
            self.advance()?;
            name = self.name()?;
        }
        self.arguments(false)?;
        self.directives(false)?;

        definition.own.add_field(set.place, name);
        definition.own.is_introspection |= set.place.opens_introspection(name);

        let has_selections = self.take(b'{')?;
        Ok(has_selections.then_some(Open { place: set.place.inside(name), is_empty: true }))
    }

    /// Reads a fragment spread whole, or an inline fragment up to its selection set, which it gives.
    fn spread(&mut self, definition: &mut Definition<'a>, set: Open) -> Checked<Option<Open>> {
        let start = self.current.start;
        let mut place = set.place;
        self.spreads = self.spreads.saturating_add(1);
        if self.spreads > self.limits.spreads {
            return Err(Fault::limit("spreads", self.limits.spreads, self.spreads));
        }
        self.advance()?;
        match self.current.kind {
            Kind::Name("on") => {
                self.advance()?;
                // Parsers exist that know `on` only with white space alone behind it, and else read a spread named `on` and a field. The
                // fragment then counts as that field too, so that no reader finds more than was counted.
                let is_after_comment = self.current.is_after_comment;
                let name = self.name()?;
                if is_after_comment {
                    definition.own.add_field(place, name);
                    place = place.inside(name);
                }
            }
            Kind::Name(name) => {
                self.advance()?;
                self.directives(false)?;
                definition.spreads.push(Spread { name, start, place });
                return Ok(None);
            }
            _ => {}
        }
        self.directives(false)?;
        self.mark(b'{')?;
        Ok(Some(Open { place, is_empty: true }))
    }

    /// Reads directives, if any. In constant ones no variable may stand.
    pub(super) fn directives(&mut self, is_constant: bool) -> Checked<()> {
        while self.current.kind == Kind::Mark(b'@') {
            self.directives = self.directives.saturating_add(1);
            if self.directives > self.limits.directives {
                return Err(Fault::limit("directives", self.limits.directives, self.directives));
            }
            self.advance()?;
            self.name()?;
            self.arguments(is_constant)?;
        }
        Ok(())
    }

    /// Reads arguments in parentheses, if any.
    fn arguments(&mut self, is_constant: bool) -> Checked<()> {
        if !self.take(b'(')? {
            return Ok(());
        }
        loop {
            self.name()?;
            self.mark(b':')?;
            self.value(is_constant)?;
            if self.take(b')')? {
                return Ok(());
            }
        }
    }
}
