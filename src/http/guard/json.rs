//! The JSON text of a request's variables: its nesting, its lists and its values.

use super::cursor::Cursor;
use super::fault::{Checked, Fault};
use super::limits::Limits;
use super::scalar::{self, Quoting};
use super::value::Open;

/// Reads one JSON value and nothing else, and adds the bytes read and the values seen to `steps`. Fails at text that is not JSON.
pub(super) fn scan(json: &str, limits: &Limits, steps: &mut u64) -> Checked<()> {
    let mut scanner = Scanner { cursor: Cursor::new(json), open: Vec::new(), limits, values: 0 };
    let outcome = scanner.document();
    *steps = steps.saturating_add(scanner.cursor.at() as u64).saturating_add(scanner.values);
    outcome
}

/// The reader of JSON.
struct Scanner<'a> {
    /// The place in the text.
    cursor: Cursor<'a>,
    /// The lists and objects that are open, outermost first.
    open: Vec<Open>,
    /// What is allowed.
    limits: &'a Limits,
    /// Values seen.
    values: u64,
}

impl Scanner<'_> {
    /// Reads the whole text.
    fn document(&mut self) -> Checked<()> {
        loop {
            self.skip_space();
            let opened = self.value()?;
            self.skip_space();
            // An empty list or object closes here; a filled one after its last item.
            let mut goes_on = opened && !self.close();
            while !goes_on && !self.open.is_empty() {
                self.skip_space();
                goes_on = self.cursor.take(",");
                if !goes_on && !self.close() {
                    return Err(self.cursor.complaint("Unexpected character"));
                }
            }
            self.skip_space();
            if !goes_on {
                break;
            }
            self.member_name()?;
        }
        match self.cursor.peek() {
            None => Ok(()),
            Some(_) => Err(self.cursor.complaint("Unexpected character")),
        }
    }

    /// Reads a scalar whole, or the opening bracket of a list or an object, and says whether it was the latter.
    fn value(&mut self) -> Checked<bool> {
        self.values = self.values.saturating_add(1);
        if self.values > self.limits.variable_values {
            return Err(Fault::Limit { name: "variable_values", max: self.limits.variable_values, actual: self.values });
        }
        if let Some(enclosing) = self.open.last_mut() {
            enclosing.add_items(1, self.limits)?;
        }
        match self.cursor.peek() {
            Some(b'[') => self.push(Open::List(0)),
            Some(b'{') => self.push(Open::Object),
            Some(b'"') => scalar::string(&mut self.cursor, Quoting::Json).map(|()| false),
            Some(b'-' | b'0'..=b'9') => scalar::number(&mut self.cursor).map(|()| false),
            _ if ["true", "false", "null"].iter().any(|literal| self.cursor.take(literal)) => Ok(false),
            _ => Err(self.cursor.complaint("Unexpected character")),
        }
    }

    /// Opens a list or an object, whose bracket is next.
    fn push(&mut self, opened: Open) -> Checked<bool> {
        self.cursor.skip(1);
        self.open.push(opened);
        if self.open.len() > self.limits.nesting {
            return Err(Fault::limit("nesting", self.limits.nesting, self.open.len()));
        }
        Ok(true)
    }

    /// Closes the innermost list or object if its bracket is next, and says whether it was.
    fn close(&mut self) -> bool {
        let bracket = match self.open.last() {
            Some(Open::List(_)) => "]",
            Some(Open::Object) => "}",
            None => return false,
        };
        let closed = self.cursor.take(bracket);
        if closed {
            self.open.pop();
        }
        closed
    }

    /// Reads the name and the colon that stand before a value in an object; in a list there is nothing to read.
    fn member_name(&mut self) -> Checked<()> {
        if let Some(Open::Object) = self.open.last() {
            scalar::string(&mut self.cursor, Quoting::Json)?;
            self.skip_space();
            self.cursor.require(":", "Expected \":\", found")?;
        }
        Ok(())
    }

    /// Moves past white space.
    fn skip_space(&mut self) {
        self.cursor.take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    }
}
