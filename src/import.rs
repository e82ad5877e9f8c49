//! Reads catalogs from files: the documented format (`docs/import-format.md`) or any other one by a mapping.
//!
//! Nothing here knows a database. Rows are read one at a time, whatever the size of the file, and become a [`Record`] of typed fields or the
//! [`Problem`]s that keep the row out, each with its file, line, column and reason. Whether a reference leads anywhere is for the caller to find.
//!
//! No input may panic: every test of this module that feeds odd bytes is there to keep that so.

mod cell;
mod columns;
pub mod format;
mod item;
mod layout;
pub mod list;
pub mod mapping;
mod mapping_document;
mod reader;
pub mod record;
pub mod report;
mod rows;
pub mod source;
mod template;
mod transform;
mod url;
pub mod value;
mod wording;
pub mod write;

pub use format::Kind;
pub use mapping::{Mapping, MappingError};
pub use record::Record;
pub use report::{Outcome, Problem, Report, Severity};
pub use rows::Rows;
pub use source::{Source, SourceError};
