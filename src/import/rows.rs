//! The rows of one kind, from all the files that feed it.

use std::collections::HashMap;
use std::collections::VecDeque;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::format::Kind;
use super::layout::{Cells, Header, Layout};
use super::mapping::InlineFeed;
use super::reader::{Reader, Row, RowError};
use super::record::Record;
use super::report::Problem;

/// A source whose rows can be read.
pub(super) enum Opened {
    File(Box<OpenedFile>),
    Inline { label: Arc<str>, feed: Arc<InlineFeed>, next: usize },
}

pub(super) struct OpenedFile {
    name: Arc<str>,
    reader: Reader<File>,
    header: Header,
    layout: Layout,
    warnings: Vec<Problem>,
}

impl Opened {
    /// A file behind its header.
    pub(super) fn file(name: Arc<str>, reader: Reader<File>, header: Header, layout: Layout, warnings: Vec<Problem>) -> Self {
        Self::File(Box::new(OpenedFile { name, reader, header, layout, warnings }))
    }

    /// Rows that stand in a mapping.
    pub(super) fn inline(feed: &Arc<InlineFeed>) -> Self {
        Self::Inline { label: feed.label.as_str().into(), feed: Arc::clone(feed), next: 0 }
    }

    /// The next row that the mapping wants, and whether it is passed over when its key was seen before.
    fn read(&mut self, kind: Kind, passed_over: &mut u64) -> Option<(Result<Record, Vec<Problem>>, bool)> {
        match self {
            Self::Inline { label, feed, next } => {
                let (line, pairs) = feed.rows.get(*next)?;
                *next += 1;
                Some((Record::from_pairs(kind, label, *line, pairs), false))
            }
            Self::File(file) => loop {
                let row = match file.reader.read()? {
                    Ok(row) => row,
                    Err(error) => return Some((Err(vec![file.problem(&error)]), false)),
                };
                if let Some(problem) = file.wrong_width(&row) {
                    return Some((Err(vec![problem]), false));
                }
                let cells = Cells { header: &file.header, row: &row };
                if file.layout.wants(cells) {
                    return Some((file.layout.record(kind, &file.name, cells), file.layout.is_distinct()));
                }
                *passed_over += 1;
            },
        }
    }
}

impl OpenedFile {
    /// A row that cannot be read, as a line of the report.
    fn problem(&self, error: &RowError) -> Problem {
        let (line, column, reason) = match error {
            RowError::OpenQuote { line } => (*line, None, "a quote opens here and is never closed".to_owned()),
            RowError::StrayQuote { line } => (*line, None, "a quote inside a quoted cell is not doubled".to_owned()),
            RowError::TooLong { line } => (*line, None, "longer than a row may be".to_owned()),
            RowError::NotUtf8 { line, cell, offset } => (*line, self.header.name(*cell), format!("not UTF-8 (byte {offset} of the file)")),
            RowError::Broken { line, error } => (*line, None, format!("cannot be read on ({error})")),
        };
        Problem::rejected(&self.name, line, column, reason, None)
    }

    /// What is wrong with the number of cells. Empty ones at the end are what spreadsheets leave behind.
    fn wrong_width(&self, row: &Row) -> Option<Problem> {
        let (found, wanted) = (row.len(), self.header.len());
        let cut = if row.is_cut { "; the file ends inside this row" } else { "" };
        let (reason, value) = if found < wanted {
            (format!("too few cells ({found} where the header has {wanted}{cut})"), None)
        } else if let Some(extra) = row.cells().skip(wanted).find(|cell| !super::cell::trim(cell).is_empty()) {
            (format!("too many cells ({found} where the header has {wanted}; is a comma not quoted?)"), Some(extra))
        } else {
            return None;
        };
        Some(Problem::rejected(&self.name, row.line, None, reason, value))
    }
}

/// An iterator over the rows of a kind: records, or the problems that keep a row out. A problem never ends it; only the end of the last file does.
pub struct Rows {
    kind: Kind,
    opened: VecDeque<Opened>,
    warnings: Vec<Problem>,
    /// The files, as far as a key of theirs was accepted.
    files: Vec<Arc<str>>,
    /// For the digest of each accepted key, the number of its file and its line.
    seen: HashMap<(u64, u64), (u16, u32)>,
    passed_over: u64,
}

impl Rows {
    pub(super) fn new(kind: Kind, mut opened: Vec<Opened>) -> Self {
        let mut warnings = Vec::new();
        for source in &mut opened {
            if let Opened::File(file) = source {
                warnings.append(&mut file.warnings);
            }
        }
        Self { kind, opened: opened.into(), warnings, files: Vec::new(), seen: HashMap::new(), passed_over: 0 }
    }

    /// What is odd about the headers without being an error.
    #[must_use]
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }

    /// Keeps where a key was first accepted. Numbers too large to keep only make a later message less exact.
    fn remember(&mut self, digest: (u64, u64), record: &Record) {
        if self.files.last().is_none_or(|file| *file != record.file) {
            self.files.push(Arc::clone(&record.file));
        }
        let file = u16::try_from(self.files.len() - 1).unwrap_or(u16::MAX);
        self.seen.insert(digest, (file, u32::try_from(record.line).unwrap_or(u32::MAX)));
    }

    /// How many rows the mapping's conditions left out so far.
    #[must_use]
    pub fn passed_over(&self) -> u64 {
        self.passed_over
    }
}

impl Iterator for Rows {
    type Item = Result<Record, Vec<Problem>>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let source = self.opened.front_mut()?;
            let Some((row, is_distinct)) = source.read(self.kind, &mut self.passed_over) else {
                self.opened.pop_front();
                continue;
            };
            let Ok(record) = row else { return Some(row) };
            let digest = digest(record.key());
            let Some((file, line)) = self.seen.get(&digest) else {
                self.remember(digest, &record);
                return Some(Ok(record));
            };
            if is_distinct {
                self.passed_over += 1;
                continue;
            }
            let first = match self.files.get(usize::from(*file)) {
                Some(file) if *file != record.file => format!("{file}, line {line}"),
                _ => format!("line {line}"),
            };
            let problem = record.problem(self.kind.key_column(), format!("duplicate key (first in {first})"), Some(record.key()));
            return Some(Err(vec![problem]));
        }
    }
}

/// 128 bits of a key. Keys themselves are not kept, so that a long file of long keys takes little memory; by chance no two of a billion keys meet.
fn digest(key: &str) -> (u64, u64) {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, key).hash(&mut hasher);
        hasher.finish()
    };
    (half(0), half(1))
}
