//! Text to tokens, by the grammar of the GraphQL specification of September 2025. The limits on tokens and nesting are kept here, so that
//! nothing behind the lexer ever sees more.

use super::cursor::Cursor;
use super::fault::{Checked, Fault, shortened};
use super::limits::Limits;
use super::scalar::{self, Quoting};

/// The sort of a token. The values of numbers and strings are nobody's business here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    /// A punctuator of one byte.
    Mark(u8),
    /// `...`
    Spread,
    /// A name or a keyword.
    Name(&'a str),
    /// An integer or a float.
    Number,
    /// A string or a block string.
    Text,
    /// The end of the document.
    End,
}

impl Kind<'_> {
    /// The token in the words of an error message.
    pub(super) fn describe(self) -> String {
        match self {
            Self::Mark(byte) => format!("\"{}\"", char::from(byte)),
            Self::Spread => String::from("\"...\""),
            Self::Name(name) => format!("Name \"{}\"", shortened(name)),
            Self::Number => String::from("a number"),
            Self::Text => String::from("a string"),
            Self::End => String::from("<EOF>"),
        }
    }
}

/// A token and where it starts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'a> {
    /// Its sort.
    pub(super) kind: Kind<'a>,
    /// Bytes from the start of the document.
    pub(super) start: usize,
    /// Whether a comment stands between the token before and this one.
    pub(super) is_after_comment: bool,
}

/// The reader of tokens.
pub(super) struct Lexer<'a> {
    /// The place in the document.
    cursor: Cursor<'a>,
    /// What is allowed.
    limits: &'a Limits,
    /// Tokens read.
    tokens: usize,
    /// Brackets open. That they match is the parser's to see.
    nesting: usize,
}

impl<'a> Lexer<'a> {
    /// A lexer at the start of a document.
    pub(super) fn new(document: &'a str, limits: &'a Limits) -> Self {
        Self { cursor: Cursor::new(document), limits, tokens: 0, nesting: 0 }
    }

    /// Bytes and tokens read so far.
    pub(super) fn steps(&self) -> u64 {
        (self.cursor.at() as u64).saturating_add(self.tokens as u64)
    }

    /// Tokens read so far.
    pub(super) fn tokens(&self) -> usize {
        self.tokens
    }

    /// The next token; at the end, [`Kind::End`] as often as asked.
    pub(super) fn next(&mut self) -> Checked<Token<'a>> {
        let is_after_comment = self.skip_ignored();
        let start = self.cursor.at();
        let Some(byte) = self.cursor.peek() else {
            return Ok(Token { kind: Kind::End, start, is_after_comment });
        };
        self.tokens = self.tokens.saturating_add(1);
        if self.tokens > self.limits.tokens {
            return Err(Fault::limit("tokens", self.limits.tokens, self.tokens));
        }
        let kind = match byte {
            b'!' | b'$' | b'&' | b':' | b'=' | b'@' | b'|' => self.mark(byte),
            b'(' | b'[' | b'{' => {
                self.nesting = self.nesting.saturating_add(1);
                if self.nesting > self.limits.nesting {
                    return Err(Fault::limit("nesting", self.limits.nesting, self.nesting));
                }
                self.mark(byte)
            }
            b')' | b']' | b'}' => {
                self.nesting = self.nesting.saturating_sub(1);
                self.mark(byte)
            }
            b'.' if self.cursor.take("...") => Kind::Spread,
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => Kind::Name(self.cursor.take_while(|byte| byte == b'_' || byte.is_ascii_alphanumeric())),
            b'-' | b'0'..=b'9' => self.number()?,
            b'"' => self.text()?,
            _ => return Err(self.cursor.complaint("Unexpected character")),
        };
        Ok(Token { kind, start, is_after_comment })
    }

    /// Moves past white space, line ends, commas, byte order marks and comments, and says whether there was one of the last.
    fn skip_ignored(&mut self) -> bool {
        let mut has_comment = false;
        loop {
            match self.cursor.peek() {
                Some(b' ' | b'\t' | b'\n' | b'\r' | b',') => self.cursor.skip(1),
                Some(b'#') => {
                    self.skip_comment();
                    has_comment = true;
                }
                Some(0xEF) if self.cursor.take("\u{FEFF}") => {}
                _ => return has_comment,
            }
        }
    }

    /// Moves to the end of the line.
    fn skip_comment(&mut self) {
        while !matches!(self.cursor.peek(), None | Some(b'\n' | b'\r')) {
            self.cursor.skip(1);
        }
    }

    /// Moves past a punctuator of one byte.
    fn mark(&mut self, byte: u8) -> Kind<'a> {
        self.cursor.skip(1);
        Kind::Mark(byte)
    }

    /// Moves past a number, which no name and no dot may touch.
    fn number(&mut self) -> Checked<Kind<'a>> {
        scalar::number(&mut self.cursor)?;
        match self.cursor.peek() {
            Some(b'.' | b'_' | b'a'..=b'z' | b'A'..=b'Z') => Err(self.cursor.complaint("Invalid number, expected digit but got")),
            _ => Ok(Kind::Number),
        }
    }

    /// Moves past a string of either sort.
    fn text(&mut self) -> Checked<Kind<'a>> {
        if self.cursor.sees("\"\"\"") {
            scalar::block_string(&mut self.cursor)?;
        } else {
            scalar::string(&mut self.cursor, Quoting::GraphQl)?;
        }
        Ok(Kind::Text)
    }
}
