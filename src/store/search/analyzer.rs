//! Text to search terms, the same for both databases.
//!
//! A text is folded (Unicode NFKD, lower case, no accents) and cut into runs of letters and digits. Each run gives its stem (Snowball, English) and, behind an
//! underscore, itself, which is what the beginning of a word is matched against. Runs of letters and digits also give their parts, and characters of scripts
//! that do not part words by spaces stand alone.

use std::fmt::Write as _;

use rust_stemmers::{Algorithm, Stemmer};

use crate::domain::text::fold;

/// Longer runs are cut: nobody types them, and `PostgreSQL` takes no term above 2 KB.
const TERM_LENGTH: usize = 64;
/// `PostgreSQL` keeps no position above this.
const LAST_POSITION: usize = 16_383;
/// More words than this add nothing to a search of at most 100 characters.
const QUERY_WORDS: usize = 32;

/// The words of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// Folded runs; every one must be found, the last one as the beginning of a word.
    runs: Vec<String>,
}

impl Words {
    /// Reads a search text; `None` when it is blank, which is no search. A text without a letter or digit finds nothing.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.trim().is_empty() {
            return None;
        }
        let mut runs = runs(text);
        runs.truncate(QUERY_WORDS);
        Some(Self { runs })
    }

    /// Whether nothing can match.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// As `PostgreSQL`'s tsquery. Terms hold letters, digits and the underscore only, so that nothing needs escaping.
    pub(super) fn tsquery(&self) -> String {
        self.write(" & ", |stem| format!("'{stem}'"), |stem, run| format!("('{stem}' | '_{run}':*)"))
    }

    /// As a query of `SQLite`'s FTS5.
    pub(super) fn fts5(&self) -> String {
        self.write(" AND ", |stem| format!("\"{stem}\""), |stem, run| format!("(\"{stem}\" OR \"_{run}\"*)"))
    }

    fn write(&self, and: &str, whole: impl Fn(&str) -> String, beginning: impl Fn(&str, &str) -> String) -> String {
        let stemmer = Stemmer::create(Algorithm::English);
        let last = self.runs.len().saturating_sub(1);
        let terms = self.runs.iter().enumerate().map(|(place, run)| {
            let stem = stemmer.stem(run);
            if place == last { beginning(&stem, run) } else { whole(&stem) }
        });
        terms.collect::<Vec<_>>().join(and)
    }
}

/// The four texts of a document by weight: title, names beside it, summary, description.
#[derive(Debug, Default, Clone)]
pub(super) struct Document(pub [String; 4]);

impl Document {
    /// The terms of each weight, parted by spaces.
    pub(super) fn terms(&self) -> [String; 4] {
        let stemmer = Stemmer::create(Algorithm::English);
        self.0.each_ref().map(|text| {
            let mut terms = String::new();
            for run in runs_with_parts(text) {
                let _ = write!(terms, "{} _{run} ", stemmer.stem(&run));
            }
            terms
        })
    }

    /// As the text of `PostgreSQL`'s tsvector.
    pub(super) fn tsvector(&self) -> String {
        let mut vector = String::new();
        let mut position = 0;
        for (terms, weight) in self.terms().iter().zip(['A', 'B', 'C', 'D']) {
            for term in terms.split_whitespace() {
                position = LAST_POSITION.min(position + 1);
                let _ = write!(vector, "'{term}':{position}{weight} ");
            }
        }
        vector
    }
}

/// The runs of a text, and the parts of runs that mix letters with digits; neighbors of such kinds are also joined, so that `CIS 101` and `CIS101` find each other.
fn runs_with_parts(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut previous: Option<String> = None;
    for run in runs(text) {
        let parts = parts(&run);
        if parts.len() > 1 {
            all.extend(parts);
        }
        let is_number = run.bytes().all(|byte| byte.is_ascii_digit());
        if let Some(letters) = previous.take().filter(|_| is_number) {
            all.push(format!("{letters}{run}"));
        }
        let is_code = run.len() <= 6 && run.bytes().all(|byte| byte.is_ascii_alphabetic());
        previous = is_code.then(|| run.clone());
        all.push(run);
    }
    all
}

/// The folded runs of letters and digits of a text, in order.
fn runs(text: &str) -> Vec<String> {
    let mut runs = Vec::new();
    let mut run = String::new();
    for letter in fold(text).chars() {
        if stands_alone(letter) {
            runs.extend(take(&mut run));
            runs.push(letter.to_string());
        } else if is_inside_word(letter) {
            // Asked first: the ʻokina is a letter to Unicode, and is left out by many who type.
        } else if letter.is_alphanumeric() {
            run.push(letter);
        } else {
            runs.extend(take(&mut run));
        }
    }
    runs.extend(take(&mut run));
    runs
}

fn take(run: &mut String) -> Option<String> {
    let cut: String = std::mem::take(run).chars().take(TERM_LENGTH).collect();
    (!cut.is_empty()).then_some(cut)
}

/// The parts of a run where letters and ASCII digits meet.
fn parts(run: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut was_digit = None;
    for letter in run.chars() {
        let is_digit = letter.is_ascii_digit();
        if was_digit == Some(is_digit)
            && let Some(part) = parts.last_mut()
        {
            part.push(letter);
        } else {
            parts.push(letter.to_string());
        }
        was_digit = Some(is_digit);
    }
    parts
}

/// Apostrophes do not part a word and are no part of it: `don't`, `Hawaiʻi`.
const fn is_inside_word(letter: char) -> bool {
    matches!(letter, '\'' | '’' | 'ʻ' | 'ʼ')
}

/// Characters of scripts written without spaces: Han, Hiragana, Katakana, Thai, Lao, Khmer, Myanmar.
const fn stands_alone(letter: char) -> bool {
    matches!(letter as u32, 0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x3040..=0x30FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}
