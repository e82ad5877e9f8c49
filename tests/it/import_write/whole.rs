//! Imports that keep all or nothing.

use super::{Folder, import, later, told};
use crate::support::{TestApp, both, sorted_tables};

/// The twins with good rows, changed rows, and bad rows at the beginning and at the end.
fn mixed() -> Folder {
    let folder = Folder::twins();
    folder.change("courses.csv", "HVA 101,Heating Basics", "HVA 101,Winter Comfort");
    folder.append("institutions.csv", "third,Third College,UNIVERSITY,,GONE,,,");
    folder.append("offerings.csv", "x9,north,north-101,,X-9,,,HYBRID,OPEN,2027-05-01,2027-06-01,,,,,,,,,,");
    folder.append("offerings.csv", "x8,north,nowhere,,X-8,,,HYBRID,OPEN,2027-05-01,2027-06-01,,,,,,,,,,");
    folder
}

both! {
    /// An operator asks for all or nothing, and two rows are bad: nothing is kept, not even search words.
    async fn strict_takes_all_back(database) {
        let app = TestApp::twins(database).await;
        let before = sorted_tables(&app).await;
        let mut options = later();
        options.is_strict = true;
        let report = import(&app, &mixed(), &options).await;
        assert_eq!(report.rejected(), 2, "{report}");
        assert_eq!(before, sorted_tables(&app).await);
        let found = app.data(r#"{ courses(search: "winter comfort") { totalCount } }"#).await;
        assert_eq!(found["courses"]["totalCount"], 0);
    }

    /// An operator asks for all or nothing, and every row is good: everything is kept, as without asking.
    async fn strict_keeps_what_is_good(database) {
        let app = TestApp::empty(database).await;
        let mut options = later();
        options.is_strict = true;
        let report = import(&app, &Folder::twins(), &options).await;
        assert!(!report.has_rejections(), "{report}");
        let other = TestApp::empty(database).await;
        import(&other, &Folder::twins(), &later()).await;
        assert_eq!(without_steps(sorted_tables(&app).await), without_steps(sorted_tables(&other).await));
    }

    /// An operator tries an import out: nothing is kept, and the report is that of the real one, line for line.
    async fn a_dry_run_tells_the_same(database) {
        let app = TestApp::twins(database).await;
        let before = sorted_tables(&app).await;
        let mut options = later();
        options.is_dry_run = true;
        let tried = told(&import(&app, &mixed(), &options).await);
        assert_eq!(before, sorted_tables(&app).await);
        let real = told(&import(&app, &mixed(), &later()).await);
        assert_eq!(tried, real);
        assert_ne!(before, sorted_tables(&app).await);
    }
}

/// Tables without that of the migrations, which holds the time of their running.
fn without_steps(tables: Vec<(String, Vec<String>)>) -> Vec<(String, Vec<String>)> {
    tables.into_iter().filter(|(name, _)| name != "seaql_migrations").collect()
}
