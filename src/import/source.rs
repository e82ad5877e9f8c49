//! A directory of files to import.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::format::Kind;
use super::layout::{Header, Layout};
use super::mapping::{DEFAULT_SYSTEM, Feed, FileFeed, Mapping, SYSTEM_FORM, is_system};
use super::reader::{Reader, RowError};
use super::report::Problem;
use super::rows::{Opened, Rows};

/// Why a directory or one of its files cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The path leads to no directory.
    #[error("{}: not a directory that can be read: {error}", path.display())]
    NoDirectory {
        /// The path.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The directory has none of the files of the documented format.
    #[error("{}: none of the files of the import format is there; looked for {looked_for}. Files of another format need a mapping (--map)", path.display())]
    NothingToRead {
        /// The directory.
        path: PathBuf,
        /// The names of the files.
        looked_for: String,
    },
    /// A source cannot be called so.
    #[error("the source cannot be called `{name}`: {reason}")]
    System {
        /// The name.
        name: String,
        /// Why not, and what to do.
        reason: String,
    },
    /// A file that the mapping names is not there.
    #[error("{file}: named by the mapping, but not in the directory")]
    MissingFile {
        /// The file.
        file: Arc<str>,
    },
    /// A file cannot be opened or read.
    #[error("{file}: cannot be read: {error}")]
    Unreadable {
        /// The file.
        file: Arc<str>,
        /// What the system said.
        error: io::Error,
    },
    /// A file has no usable header.
    #[error("{file}: {reason}")]
    BadHeader {
        /// The file.
        file: Arc<str>,
        /// What is wrong with its first row.
        reason: String,
    },
    /// A file lacks a column that it needs.
    #[error("{file}: the column `{column}` is missing{hint}")]
    MissingColumn {
        /// The file.
        file: Arc<str>,
        /// The column.
        column: String,
        /// What the header has instead.
        hint: String,
    },
}

impl SourceError {
    /// The error as a line of a report, so that the other files can still be imported.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let (file, column, reason) = match self {
            Self::NoDirectory { path, error } => {
                (path.display().to_string().into(), None, format!("not a directory that can be read ({error})"))
            }
            Self::NothingToRead { path, .. } => {
                (path.display().to_string().into(), None, "none of the files of the import format is there".to_owned())
            }
            Self::System { name, reason } => (name.as_str().into(), None, reason.clone()),
            Self::MissingFile { file } => (Arc::clone(file), None, "named by the mapping, but not in the directory".to_owned()),
            Self::Unreadable { file, error } => (Arc::clone(file), None, format!("cannot be read ({error})")),
            Self::BadHeader { file, reason } => (Arc::clone(file), None, reason.clone()),
            Self::MissingColumn { file, column, hint } => {
                (Arc::clone(file), Some(column.clone()), format!("the column is missing ({})", hint.trim_start_matches("; ")))
            }
        };
        Problem::rejected(&file, 1, column, reason, None)
    }
}

/// A directory of files, in the documented format or another one.
#[derive(Debug)]
pub struct Source {
    directory: PathBuf,
    mapping: Option<Mapping>,
    /// What it is called in external keys.
    system: String,
    /// Files that look as if they were meant, by their ending, but are none of the format.
    warnings: Vec<Problem>,
}

impl Source {
    /// Looks into a directory. Without a mapping its files must be those of the documented format; with one, each file that it names must be there.
    pub fn open(directory: &Path, mapping: Option<Mapping>) -> Result<Self, SourceError> {
        let unreadable = |error| SourceError::NoDirectory { path: directory.to_owned(), error };
        let mut names = Vec::new();
        for entry in std::fs::read_dir(directory).map_err(unreadable)? {
            names.push(entry.map_err(unreadable)?.file_name().to_string_lossy().into_owned());
        }
        names.sort_unstable();
        let system = mapping.as_ref().and_then(Mapping::system).unwrap_or(DEFAULT_SYSTEM).to_owned();
        let mut source = Self { directory: directory.to_owned(), mapping, system, warnings: Vec::new() };
        let known: Vec<_> = Kind::ALL.into_iter().map(Kind::file_name).collect();
        if source.mapping.is_none() {
            if !names.iter().any(|name| known.contains(name)) {
                return Err(SourceError::NothingToRead { path: directory.to_owned(), looked_for: known.join(", ") });
            }
            let is_odd = |name: &&String| name.to_ascii_lowercase().ends_with(".csv") && !known.contains(name);
            let warn = |name: &String| Problem::warning(&name.as_str().into(), 1, None, "not a file of the import format, ignored", None);
            source.warnings = names.iter().filter(is_odd).map(warn).collect();
        }
        for kind in Kind::ALL {
            for feed in source.mapping.iter().flat_map(|mapping| mapping.feeds(kind)) {
                if let Feed::File(feed) = feed
                    && !directory.join(&feed.file).exists()
                {
                    return Err(SourceError::MissingFile { file: feed.file.as_str().into() });
                }
            }
        }
        Ok(source)
    }

    /// What the source is called in external keys.
    #[must_use]
    pub fn system(&self) -> &str {
        &self.system
    }

    /// The same source under this name. Another one than that of its mapping is refused: one of the two is a mistake.
    pub fn called(mut self, name: &str) -> Result<Self, SourceError> {
        let refuse = |reason: String| SourceError::System { name: name.to_owned(), reason };
        if !is_system(name) {
            return Err(refuse(SYSTEM_FORM.to_owned()));
        }
        if let Some(own) = self.mapping.as_ref().and_then(Mapping::system).filter(|own| *own != name) {
            return Err(refuse(format!("its mapping calls it `{own}`; leave --system out, or change `system` of the mapping")));
        }
        name.clone_into(&mut self.system);
        Ok(self)
    }

    /// What is odd about the directory without being an error.
    #[must_use]
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }

    /// Whether there is anything to read of a kind.
    #[must_use]
    pub fn has(&self, kind: Kind) -> bool {
        match &self.mapping {
            Some(mapping) => !mapping.feeds(kind).is_empty(),
            None => self.directory.join(kind.file_name()).exists(),
        }
    }

    /// The rows of a kind, read one at a time; none when the source has no such file.
    pub fn rows(&self, kind: Kind) -> Result<Rows, SourceError> {
        let mut opened = Vec::new();
        match &self.mapping {
            None if self.has(kind) => opened.push(self.open_file(kind, &kind.file_name(), None)?),
            None => {}
            Some(mapping) => {
                for feed in mapping.feeds(kind) {
                    opened.push(match feed {
                        Feed::File(feed) => self.open_file(kind, &feed.file, Some(feed))?,
                        Feed::Inline(feed) => Opened::inline(feed),
                    });
                }
            }
        }
        Ok(Rows::new(kind, opened))
    }

    /// Opens a file and reads its header.
    fn open_file(&self, kind: Kind, name: &str, feed: Option<&Arc<FileFeed>>) -> Result<Opened, SourceError> {
        let file: Arc<str> = name.into();
        let unreadable = |error| SourceError::Unreadable { file: Arc::clone(&file), error };
        let bad = |reason: &str| SourceError::BadHeader { file: Arc::clone(&file), reason: reason.to_owned() };
        let input = File::open(self.directory.join(name)).map_err(unreadable)?;
        let mut reader = Reader::new(input).map_err(unreadable)?;
        if reader.is_utf16() {
            return Err(bad("the file is in UTF-16; save it as UTF-8"));
        }
        let row = match reader.read() {
            Some(Ok(row)) => row,
            None => return Err(bad("the file is empty; its first line must name the columns")),
            Some(Err(RowError::Broken { error, .. })) => return Err(unreadable(error)),
            Some(Err(RowError::NotUtf8 { offset, .. })) => {
                return Err(bad(&format!("the header is not UTF-8 (byte {offset} of the file)")));
            }
            Some(Err(RowError::OpenQuote { line } | RowError::StrayQuote { line } | RowError::TooLong { line })) => {
                return Err(bad(&format!("the header is not a row of comma-separated names (line {line})")));
            }
        };
        let (header, mut warnings) = Header::read(&file, &row);
        let layout = if let Some(feed) = feed {
            Layout::mapped(feed, &file, &header)?
        } else {
            let (layout, unknown) = Layout::documented(kind, &file, &header)?;
            warnings.extend(unknown);
            layout
        };
        Ok(Opened::file(file, reader, header, layout, warnings))
    }
}
