//! Catalogs written to the database: what a college sends again changes what it says and nothing else, and what cannot be kept is told.

mod cancelled;
mod command;
mod follow;
mod kill;
mod reference;
mod repeat;
mod slug;
mod source;
mod twice;
mod whole;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use concord::domain::clock::{Clock, Ids};
use concord::import::write::{Options, write};
use concord::import::{Problem, Report, Source};
use tempfile::TempDir;

use crate::support::TestApp;

/// A folder of files to import.
pub(crate) struct Folder(TempDir);

impl Folder {
    /// With these files and no other.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().expect("a temporary folder"));
        for (name, text) in files {
            folder.write(name, text);
        }
        folder
    }

    /// With the files that the twins were made from.
    pub(crate) fn twins() -> Self {
        let folder = Self::of(&[]);
        for entry in std::fs::read_dir(twins_path()).expect("the fixture") {
            let path = entry.expect("the fixture can be listed").path();
            std::fs::copy(&path, folder.path().join(path.file_name().expect("a name"))).expect("a copy");
        }
        folder
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Puts a file in.
    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).expect("a file in the folder");
    }

    /// Puts a row behind the others of a file.
    pub(crate) fn append(&self, name: &str, row: &str) {
        let text = std::fs::read_to_string(self.path().join(name)).expect("the file");
        self.write(name, &format!("{}\n{row}\n", text.trim_end()));
    }

    /// Changes a text that stands in a file once.
    pub(crate) fn change(&self, name: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.path().join(name)).expect("the file");
        assert_eq!(text.matches(from).count(), 1, "{from:?} stands once in {name}");
        self.write(name, &text.replace(from, to));
    }

    /// Takes all files out but these.
    pub(crate) fn keep(&self, names: &[&str]) {
        for entry in std::fs::read_dir(self.path()).expect("the folder") {
            let path = entry.expect("the folder can be listed").path();
            if !names.iter().any(|name| path.ends_with(name)) {
                std::fs::remove_file(path).expect("a file that can go");
            }
        }
    }
}

/// The fixture of the twins.
pub(crate) fn twins_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/twins")
}

/// An import a month after the twins were made, from the same source.
fn later() -> Options {
    Options {
        system: "banner".to_owned(),
        is_dry_run: false,
        is_strict: false,
        clock: Clock::Fixed("2027-02-15T08:30:00Z".parse().expect("an instant")),
        ids: Ids::Counted(Arc::new(AtomicU64::new(1_000_000))),
    }
}

/// Imports a folder.
async fn import(app: &TestApp, folder: &Folder, options: &Options) -> Report {
    let source = Source::open(folder.path(), None).expect("a folder that can be read");
    write(&app.operator().await, &source, options, |_, _| {}).await.expect("an import that comes to its end")
}

/// The lines of a report: its problems, then its table.
fn told(report: &Report) -> Vec<String> {
    let problems = report.problems().iter().map(Problem::to_string);
    problems.chain(report.to_string().lines().map(str::to_owned)).collect()
}
