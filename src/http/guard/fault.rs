//! Why a document is refused: with byte offsets inside the guard, with lines and columns outside.

use std::fmt;

/// Why the guard refuses a document or its variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A published limit was exceeded. Answered with the code `LIMIT_EXCEEDED`.
    Limit {
        /// The limit's published name, as the field of [`super::Limits`] is called.
        name: &'static str,
        /// The most that is allowed.
        max: u64,
        /// What was found up to the point where the guard stopped, so often just one more than `max`.
        actual: u64,
    },
    /// The text is no executable document, or the variables no JSON. Answered with the code `PARSE_FAILED`.
    Syntax {
        /// What was found, in words for the writer of the document.
        message: String,
        /// The line, from 1.
        line: u32,
        /// The column in UTF-16 units, from 1.
        column: u32,
    },
    /// The document can be read but never executed: circular, unknown or repeated fragments, type definitions, no operation. Answered
    /// with the code `VALIDATION_FAILED`.
    Invalid {
        /// What was found, in words for the writer of the document.
        message: String,
        /// The line, from 1.
        line: u32,
        /// The column in UTF-16 units, from 1.
        column: u32,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Limit { name, max, actual } => {
                write!(f, "The limit {name} is {max}, and {actual} were found.")
            }
            Self::Syntax { message, .. } | Self::Invalid { message, .. } => f.write_str(message),
        }
    }
}

impl std::error::Error for Refusal {}

/// A result inside the guard.
pub(super) type Checked<T> = Result<T, Fault>;

/// A refusal whose place is still a byte offset.
#[derive(Debug)]
pub(super) enum Fault {
    /// As [`Refusal::Limit`].
    Limit {
        /// The limit's published name.
        name: &'static str,
        /// The most that is allowed.
        max: u64,
        /// What was found.
        actual: u64,
    },
    /// As [`Refusal::Syntax`].
    Syntax {
        /// What was found.
        message: String,
        /// Where, in bytes from the start of the text.
        offset: usize,
    },
    /// As [`Refusal::Invalid`].
    Invalid {
        /// What was found.
        message: String,
        /// Where, in bytes from the start of the text.
        offset: usize,
    },
}

impl Fault {
    /// A limit that was exceeded.
    pub(super) fn limit(name: &'static str, max: usize, actual: usize) -> Self {
        Self::Limit { name, max: max as u64, actual: actual as u64 }
    }

    /// Text that follows no grammar.
    pub(super) fn syntax(message: impl Into<String>, offset: usize) -> Self {
        Self::Syntax { message: message.into(), offset }
    }

    /// Well-formed text that can never be executed.
    pub(super) fn invalid(message: impl Into<String>, offset: usize) -> Self {
        Self::Invalid { message: message.into(), offset }
    }

    /// The steps that [`Self::into_refusal`] will take.
    pub(super) fn steps_to_locate(&self) -> u64 {
        match self {
            Self::Limit { .. } => 0,
            Self::Syntax { offset, .. } | Self::Invalid { offset, .. } => *offset as u64,
        }
    }

    /// The refusal for the outside, with line and column in `text`.
    pub(super) fn into_refusal(self, text: &str) -> Refusal {
        match self {
            Self::Limit { name, max, actual } => Refusal::Limit { name, max, actual },
            Self::Syntax { message, offset } => {
                let (line, column) = locate(text, offset);
                Refusal::Syntax { message, line, column }
            }
            Self::Invalid { message, offset } => {
                let (line, column) = locate(text, offset);
                Refusal::Invalid { message, line, column }
            }
        }
    }
}

/// The line and the column, in UTF-16 units, of a byte offset; both from 1. A carriage return with its line feed ends one line.
fn locate(text: &str, offset: usize) -> (u32, u32) {
    let mut line = 1_u32;
    let mut column = 1_u32;
    let mut previous = ' ';
    for (at, character) in text.char_indices() {
        if at >= offset {
            break;
        }
        match character {
            '\n' if previous == '\r' => {}
            '\n' | '\r' => {
                line = line.saturating_add(1);
                column = 1;
            }
            _ => column = column.saturating_add(character.len_utf16() as u32),
        }
        previous = character;
    }
    (line, column)
}

/// At most the first 40 characters of a name, so that an answer is never as long as the question.
pub(super) fn shortened(name: &str) -> &str {
    match name.char_indices().nth(40) {
        Some((end, _)) => name.get(..end).unwrap_or_default(),
        None => name,
    }
}
