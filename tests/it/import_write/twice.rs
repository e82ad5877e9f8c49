//! Two imports at the same moment.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;

use concord::import::write::{Records, write};
use concord::import::{Kind, Problem, Record, Source};

use super::{Folder, later};
use crate::process::{Ended, program, run};
use crate::support::{TestApp, both};

/// The files of an import that has begun when another operator starts the program on them.
struct Interrupted {
    source: Source,
    folder: PathBuf,
    url: String,
    seen: Mutex<Vec<Ended>>,
}

/// The program on a folder and a database.
fn catalog(folder: &std::path::Path, url: &str, more: &[&str]) -> Command {
    let mut command = program(&["import", "catalog", folder.to_str().expect("UTF-8"), "--database", url]);
    command.args(more);
    command
}

impl Records for Interrupted {
    fn rows(&self, kind: Kind) -> Box<dyn Iterator<Item = Result<Record, Vec<Problem>>> + Send + '_> {
        if kind == Kind::Businesses {
            let others = [&[][..], &["--dry-run"]].map(|more| run(&mut catalog(&self.folder, &self.url, more)));
            self.seen.lock().expect("what was seen").extend(others);
        }
        Records::rows(&self.source, kind)
    }

    fn warnings(&self, kind: Kind) -> Vec<Problem> {
        Records::warnings(&self.source, kind)
    }
}

both! {
    /// Two operators import the same file at once: the second is told so in one line, nothing is there twice, and when the first has ended it can be done again.
    async fn refuses_a_second_at_once(database) {
        let app = TestApp::empty(database).await;
        let folder = Folder::of(&[("businesses.csv", "key,name\nb1,Acme Works\nb2,Blue Mill\n")]);
        let source = Source::open(folder.path(), None).expect("the folder");
        let url = app.url();
        let first = Interrupted { source, folder: folder.path().to_owned(), url: url.clone(), seen: Mutex::default() };
        let mut options = later();
        "import".clone_into(&mut options.system);
        let report = write(&app.operator().await, &first, &options, |_, _| {}).await.expect("an import that comes to its end");
        assert!(!report.has_rejections(), "{report}");
        let seen = first.seen.into_inner().expect("what was seen");
        assert_eq!(seen.len(), 2);
        for ended in seen {
            assert_eq!((ended.status.code(), ended.stdout.as_str()), (Some(1), ""), "{ended:?}");
            assert_eq!(ended.stderr, "concord: another import runs on this database; wait for its end, and start again\n");
        }
        let again = run(&mut catalog(folder.path(), &url, &[]));
        assert_eq!(again.status.code(), Some(0), "{again:?}");
        assert_eq!(app.rows("SELECT count(*) FROM business").await, ["2"]);
    }
}
