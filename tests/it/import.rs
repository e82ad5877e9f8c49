//! Catalogs read from files: what is refused is told with file, line, column and reason, and the good rows around it are kept.

mod mapping;
mod reader;
mod value;

use std::path::Path;

use concord::import::{Kind, Mapping, Problem, Record, Source};
use tempfile::TempDir;

/// A directory with these files.
pub(crate) fn directory(files: &[(&str, &[u8])]) -> TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory");
    for (name, bytes) in files {
        std::fs::write(directory.path().join(name), bytes).expect("a file in it");
    }
    directory
}

/// The records of a kind and every problem as a line of the report, warnings included.
pub(crate) fn read(source: &Source, kind: Kind) -> (Vec<Record>, Vec<String>) {
    let rows = source.rows(kind).expect("rows");
    let mut problems = rows.warnings().to_vec();
    let mut records = Vec::new();
    for row in rows {
        match row {
            Ok(record) => {
                problems.extend(record.warnings.clone());
                records.push(record);
            }
            Err(several) => problems.extend(several),
        }
    }
    (records, problems.iter().map(Problem::to_string).collect())
}

/// What is read from one file of the documented format.
pub(crate) fn read_file(kind: Kind, bytes: &[u8]) -> (Vec<Record>, Vec<String>) {
    let directory = directory(&[(&kind.file_name(), bytes)]);
    let source = Source::open(directory.path(), None).expect("a source");
    read(&source, kind)
}

/// A small generator of numbers that are the same in each run.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number below a bound.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % bound
    }
}

/// A mapping of this text.
pub(crate) fn parse(text: &str) -> Result<Mapping, String> {
    Mapping::parse(Path::new("map.toml"), text).map_err(|error| error.to_string())
}

/// The keys of records.
pub(crate) fn keys(records: &[Record]) -> Vec<&str> {
    records.iter().map(Record::key).collect()
}
