//! Comma-separated rows as RFC 4180 has them, read one at a time.
//!
//! Written by hand for what a report needs and a general reader does not tell: the line of each row where cells span lines, the line of a quote that
//! is never closed, the place of a byte that is not UTF-8; and for a bound on the memory that one row may take, so that such a quote at the head of
//! a large file costs one row and not the file.

use std::io::{self, Read};

/// Most bytes of a row: several times what its longest columns may hold together.
pub(super) const ROW_BYTES: usize = 1 << 20;

/// Bytes that are asked for at once.
const CHUNK: usize = 1 << 16;

/// The cells of a row, without their quotes.
#[derive(Debug, Default)]
pub(super) struct Row {
    /// The line the row begins in.
    pub(super) line: u64,
    /// Whether the file ended in this row, without a line break.
    pub(super) is_cut: bool,
    text: String,
    ends: Vec<usize>,
}

impl Row {
    /// The cells in order.
    pub(super) fn cells(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|index| self.cell(index))
    }

    /// The cell at an index; empty beyond the last.
    pub(super) fn cell(&self, index: usize) -> &str {
        let Some(end) = self.ends.get(index) else { return "" };
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or_default();
        self.text.get(start..*end).unwrap_or_default()
    }

    /// How many cells there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }
}

/// Why a row cannot be read. Reading goes on behind it.
#[derive(Debug)]
pub(super) enum RowError {
    /// The quote that opened in this line is not closed before the end of the file or of what a row may hold.
    OpenQuote { line: u64 },
    /// A quote inside a quoted cell is not doubled, so that nobody knows where the cell ends.
    StrayQuote { line: u64 },
    /// The row is longer than a row may be.
    TooLong { line: u64 },
    /// A byte of the row is not UTF-8.
    NotUtf8 { line: u64, cell: usize, offset: u64 },
    /// The file cannot be read on; this is the last row.
    Broken { line: u64, error: io::Error },
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    /// At the first byte of a cell.
    Start,
    /// In a cell without quotes.
    Plain,
    /// Between quotes.
    Quoted,
    /// Behind a quote that either closes the cell or is the first of two.
    Closing,
}

/// A reader of rows.
pub(super) struct Reader<R> {
    input: R,
    /// What was read and not yet given out; begins `position` bytes into itself.
    buffer: Vec<u8>,
    position: usize,
    /// Bytes of the file before the buffer.
    before: u64,
    line: u64,
    is_drained: bool,
    is_done: bool,
}

impl<R: Read> Reader<R> {
    /// A reader at the beginning of a file; a byte order mark is passed over.
    pub(super) fn new(input: R) -> io::Result<Self> {
        let mut reader = Self { input, buffer: Vec::new(), position: 0, before: 0, line: 1, is_drained: false, is_done: false };
        while reader.buffer.len() < 3 && reader.fill()? {}
        if reader.buffer.starts_with(b"\xef\xbb\xbf") {
            reader.position = 3;
        }
        Ok(reader)
    }

    /// Whether the file begins as one in UTF-16 does.
    pub(super) fn is_utf16(&self) -> bool {
        self.buffer.starts_with(b"\xff\xfe") || self.buffer.starts_with(b"\xfe\xff")
    }

    /// The next row that is not blank; `None` at the end.
    pub(super) fn read(&mut self) -> Option<Result<Row, RowError>> {
        while !self.is_done {
            match self.row() {
                Ok(Some(row)) if row.cells().all(|cell| super::cell::trim(cell).is_empty()) => {}
                Ok(Some(row)) => return Some(Ok(row)),
                Ok(None) => self.is_done = true,
                Err(error) => {
                    self.is_done = matches!(error, RowError::Broken { .. });
                    return Some(Err(error));
                }
            }
        }
        None
    }

    /// Reads on, dropping what was given out. False at the end of the file.
    fn fill(&mut self) -> io::Result<bool> {
        if self.is_drained {
            return Ok(false);
        }
        let length = self.buffer.len();
        self.buffer.resize(length + CHUNK, 0);
        let found = loop {
            match self.input.read(&mut self.buffer[length..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                found => break found,
            }
        };
        self.buffer.truncate(length + *found.as_ref().unwrap_or(&0));
        self.is_drained = !matches!(found, Ok(1..));
        found.map(|found| found > 0)
    }

    /// The byte at an index of the buffer; `None` at the end of the file.
    fn byte(&mut self, index: usize) -> io::Result<Option<u8>> {
        while index >= self.buffer.len() {
            if !self.fill()? {
                return Ok(None);
            }
        }
        Ok(self.buffer.get(index).copied())
    }

    /// The row at the position, blank or not.
    fn row(&mut self) -> Result<Option<Row>, RowError> {
        if self.position >= CHUNK {
            self.buffer.drain(..self.position);
            self.before += self.position as u64;
            self.position = 0;
        }
        let (start, first_line) = (self.position, self.line);
        let mut bytes = Vec::new();
        let mut row = Row { line: first_line, ..Row::default() };
        let (mut state, mut stray) = (State::Start, None);
        // Where the last quote opened: its line, and its place in the buffer.
        let mut quote = (first_line, start);
        let mut index = start;
        loop {
            let byte = self.byte(index).map_err(|error| RowError::Broken { line: first_line, error })?;
            if byte.is_none() && index == start {
                return Ok(None);
            }
            if byte.is_none() && state != State::Quoted {
                row.is_cut = true;
                break;
            }
            let Some(byte) = byte.filter(|_| index - start < ROW_BYTES) else {
                return Err(self.give_up(state, quote, first_line, index));
            };
            index += 1;
            match (state, byte) {
                (State::Quoted, b'"') => state = State::Closing,
                (State::Closing, b'"') => {
                    bytes.push(byte);
                    state = State::Quoted;
                }
                (State::Start, b'"') => {
                    quote = (self.line, index);
                    state = State::Quoted;
                }
                (State::Quoted, _) => {
                    bytes.push(byte);
                    // A carriage return before a line feed is counted at the line feed.
                    let is_pair = byte == b'\r' && matches!(self.byte(index), Ok(Some(b'\n')));
                    self.line += u64::from(matches!(byte, b'\r' | b'\n') && !is_pair);
                }
                (_, b',') => {
                    row.ends.push(bytes.len());
                    state = State::Start;
                }
                (_, b'\r' | b'\n') => {
                    if byte == b'\r' && matches!(self.byte(index), Ok(Some(b'\n'))) {
                        index += 1;
                    }
                    self.line += 1;
                    break;
                }
                // Blanks between a closing quote and the comma are harmless.
                (State::Closing, b' ' | b'\t') => {}
                (State::Closing, _) => {
                    stray.get_or_insert(self.line);
                    bytes.push(byte);
                    state = State::Plain;
                }
                (State::Start | State::Plain, _) => {
                    bytes.push(byte);
                    state = State::Plain;
                }
            }
        }
        row.ends.push(bytes.len());
        self.position = index;
        if let Some(line) = stray {
            return Err(RowError::StrayQuote { line });
        }
        match String::from_utf8(bytes) {
            Ok(text) => row.text = text,
            Err(error) => return Err(self.not_utf8(&row, error.utf8_error().valid_up_to(), start, index)),
        }
        Ok(Some(row))
    }

    /// Leaves a row that does not end. What follows the line of an open quote may be good rows that it swallowed, so reading goes on there.
    fn give_up(&mut self, state: State, quote: (u64, usize), first_line: u64, index: usize) -> RowError {
        if matches!(state, State::Quoted | State::Closing) {
            self.line = quote.0;
            self.skip_line(quote.1);
            return RowError::OpenQuote { line: quote.0 };
        }
        self.skip_line(index);
        RowError::TooLong { line: first_line }
    }

    /// Goes behind the next line break at or behind an index, holding no more than a chunk of what lies between.
    fn skip_line(&mut self, mut index: usize) {
        while let Ok(Some(byte)) = self.byte(index) {
            index += 1;
            if matches!(byte, b'\r' | b'\n') {
                if byte == b'\r' && matches!(self.byte(index), Ok(Some(b'\n'))) {
                    index += 1;
                }
                self.line += 1;
                break;
            }
            if index == self.buffer.len() {
                self.before += index as u64;
                self.buffer.clear();
                index = 0;
            }
        }
        self.position = index;
    }

    /// Tells the cell and the place in the file of the first byte that is not UTF-8.
    fn not_utf8(&self, row: &Row, valid: usize, start: usize, end: usize) -> RowError {
        let raw = self.buffer.get(start..end).unwrap_or_default();
        let place = std::str::from_utf8(raw).err().map_or(0, |error| error.valid_up_to());
        let cell = row.ends.iter().position(|end| valid < *end).unwrap_or_default();
        RowError::NotUtf8 { line: row.line, cell, offset: self.before + (start + place) as u64 }
    }
}
