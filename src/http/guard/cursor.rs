//! A place in a text that only moves forward.

use super::fault::{Checked, Fault};

/// A text and how much of it has been read.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    /// The whole text.
    text: &'a str,
    /// Bytes read. Never beyond the text's length, which is why small sums with it cannot overflow.
    at: usize,
}

impl<'a> Cursor<'a> {
    /// A cursor at the start of a text.
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Bytes read so far, which is also the offset of the next byte.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The next byte, or none at the end.
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Whether the text goes on with these bytes.
    pub(super) fn sees(&self, expected: &str) -> bool {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        rest.starts_with(expected.as_bytes())
    }

    /// Moves past `count` bytes, or to the end if there are fewer.
    pub(super) fn skip(&mut self, count: usize) {
        self.at = self.at.saturating_add(count).min(self.text.len());
    }

    /// Moves past these bytes if they are next, and says whether they were.
    pub(super) fn take(&mut self, expected: &str) -> bool {
        let seen = self.sees(expected);
        if seen {
            self.skip(expected.len());
        }
        seen
    }

    /// Moves past all bytes that belong, and gives them. Only ASCII may belong.
    pub(super) fn take_while(&mut self, belongs: impl Fn(u8) -> bool) -> &'a str {
        let start = self.at;
        while self.peek().is_some_and(&belongs) {
            self.skip(1);
        }
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// A syntax error about the character that is next, such as `Unexpected character: "?".`
    pub(super) fn complaint(&self, before: &str) -> Fault {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let found = match rest.chars().next() {
            None => String::from("<EOF>"),
            Some('"') => String::from("'\"'"),
            Some(character) if character == ' ' || character.is_ascii_graphic() => {
                format!("\"{character}\"")
            }
            Some(character) => format!("U+{:04X}", u32::from(character)),
        };
        Fault::syntax(format!("{before}: {found}."), self.at)
    }

    /// Moves past a byte that must be next, or fails with [`Self::complaint`].
    pub(super) fn require(&mut self, expected: &str, before: &str) -> Checked<()> {
        if self.take(expected) { Ok(()) } else { Err(self.complaint(before)) }
    }
}
