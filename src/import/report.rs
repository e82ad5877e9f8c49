//! What an import tells: one line for each problem, counts for each kind.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::cell;
use super::format::Kind;

/// Most problems that a report keeps; the rest are counted only, so that a file of a million bad rows does not fill the memory.
pub const KEPT_PROBLEMS: usize = 1_000;

/// Most characters of a value in a problem.
const VALUE_LENGTH: usize = 60;

/// Most distinct reasons that are counted apart.
const KEPT_REASONS: usize = 200;

/// What became of the row that a problem tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The row is left out.
    Rejected,
    /// The row is kept; a value or a column is dropped.
    Warning,
}

/// One thing wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, relative to the directory of the import.
    pub file: Arc<str>,
    /// The line that the row begins in; the header is line 1.
    pub line: u64,
    /// The column; for a mapped source `source column -> field`.
    pub column: Option<String>,
    /// What is wrong. Details that vary from row to row stand in parentheses at the end.
    pub reason: String,
    /// The beginning of the value.
    pub value: Option<String>,
    /// What became of the row.
    pub severity: Severity,
}

impl Problem {
    /// A problem that keeps the row out.
    #[must_use]
    pub fn rejected(file: &Arc<str>, line: u64, column: Option<String>, reason: impl Into<String>, value: Option<&str>) -> Self {
        let value = value.map(|value| cell::excerpt(value, VALUE_LENGTH));
        Self { file: Arc::clone(file), line, column, reason: reason.into(), value, severity: Severity::Rejected }
    }

    /// A problem that is only told.
    #[must_use]
    pub fn warning(file: &Arc<str>, line: u64, column: Option<String>, reason: impl Into<String>, value: Option<&str>) -> Self {
        Self { severity: Severity::Warning, ..Self::rejected(file, line, column, reason, value) }
    }

    /// Column and reason without the details of this row.
    fn summary(&self) -> String {
        let reason = self.reason.split(" (").next().unwrap_or_default();
        match &self.column {
            Some(column) => format!("{}: {column}: {reason}", self.file),
            None => format!("{}: {reason}", self.file),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: ", self.file, self.line)?;
        if self.severity == Severity::Warning {
            formatter.write_str("warning: ")?;
        }
        if let Some(column) = &self.column {
            write!(formatter, "{column}: ")?;
        }
        formatter.write_str(&self.reason)?;
        match &self.value {
            Some(value) => write!(formatter, " (\"{value}\")"),
            None => Ok(()),
        }
    }
}

/// What became of a good row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is new.
    Created,
    /// It changed an object that was there.
    Updated,
    /// It says what is there already.
    Unchanged,
}

/// Rows of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows found in the files, good and bad.
    pub read: u64,
    /// Rows that made an object.
    pub created: u64,
    /// Rows that changed an object.
    pub updated: u64,
    /// Rows that changed nothing.
    pub unchanged: u64,
    /// Rows left out.
    pub rejected: u64,
}

/// The account of an import. Its display is a table for the terminal.
#[derive(Debug, Clone, Default)]
pub struct Report {
    kinds: BTreeMap<Kind, Counts>,
    problems: Vec<Problem>,
    reasons: BTreeMap<(Severity, String), u64>,
    warnings: u64,
    told: u64,
}

impl Report {
    /// An account of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts a good row, and tells its warnings.
    pub fn accept(&mut self, kind: Kind, outcome: Outcome, warnings: Vec<Problem>) {
        let counts = self.kinds.entry(kind).or_default();
        counts.read += 1;
        match outcome {
            Outcome::Created => counts.created += 1,
            Outcome::Updated => counts.updated += 1,
            Outcome::Unchanged => counts.unchanged += 1,
        }
        self.tell(warnings);
    }

    /// Counts a row that is left out, and tells why.
    pub fn reject(&mut self, kind: Kind, problems: Vec<Problem>) {
        let counts = self.kinds.entry(kind).or_default();
        counts.read += 1;
        counts.rejected += 1;
        self.tell(problems);
    }

    /// Tells problems that belong to no row, such as unknown columns.
    pub fn tell(&mut self, problems: impl IntoIterator<Item = Problem>) {
        for problem in problems {
            self.told += 1;
            self.warnings += u64::from(problem.severity == Severity::Warning);
            let mut reason = (problem.severity, problem.summary());
            if self.reasons.len() >= KEPT_REASONS && !self.reasons.contains_key(&reason) {
                reason = (problem.severity, "other reasons".to_owned());
            }
            *self.reasons.entry(reason).or_default() += 1;
            if self.problems.len() < KEPT_PROBLEMS {
                self.problems.push(problem);
            }
        }
    }

    /// Counts of a kind.
    #[must_use]
    pub fn counts(&self, kind: Kind) -> Counts {
        self.kinds.get(&kind).copied().unwrap_or_default()
    }

    /// The first problems, in the order of reading.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// How many problems there were, kept or not, warnings included.
    #[must_use]
    pub fn told(&self) -> u64 {
        self.told
    }

    /// How many of the problems were warnings.
    #[must_use]
    pub fn warnings(&self) -> u64 {
        self.warnings
    }

    /// Rows left out, of all kinds.
    #[must_use]
    pub fn rejected(&self) -> u64 {
        self.kinds.values().map(|counts| counts.rejected).sum()
    }

    /// Whether something was refused: a row, or a file as a whole. What an all-or-nothing import asks.
    #[must_use]
    pub fn has_rejections(&self) -> bool {
        self.told > self.warnings || self.rejected() > 0
    }

    /// How often each reason occurred, most frequent first.
    #[must_use]
    pub fn reasons(&self) -> Vec<(Severity, &str, u64)> {
        let mut reasons: Vec<_> = self.reasons.iter().map(|((severity, reason), count)| (*severity, reason.as_str(), *count)).collect();
        reasons.sort_by_key(|(severity, _, count)| (*severity, std::cmp::Reverse(*count)));
        reasons
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{:<14}{:>10}{:>10}{:>10}{:>11}{:>10}", "", "read", "created", "updated", "unchanged", "rejected")?;
        for (kind, counts) in &self.kinds {
            let Counts { read, created, updated, unchanged, rejected } = counts;
            writeln!(formatter, "{:<14}{read:>10}{created:>10}{updated:>10}{unchanged:>11}{rejected:>10}", kind.name())?;
        }
        for (severity, reason, count) in self.reasons() {
            let word = if severity == Severity::Warning { "warning: " } else { "" };
            writeln!(formatter, "{count:>10} x {word}{reason}")?;
        }
        if self.told > self.problems.len() as u64 {
            writeln!(formatter, "{} of {} problems are listed", self.problems.len(), self.told)?;
        }
        Ok(())
    }
}
