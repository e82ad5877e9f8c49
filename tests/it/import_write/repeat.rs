//! The same files again, and one row that differs.

use concord::import::Kind;
use concord::import::write::Options;
use serde_json::json;

use super::{Folder, import, later, told};
use crate::support::{TestApp, both, snapshot, sorted_tables};

both! {
    /// A consortium imports the catalogs of two colleges into an empty database.
    async fn imports_two_colleges(database) {
        let app = TestApp::empty(database).await;
        let report = import(&app, &Folder::twins(), &later()).await;
        snapshot!("import_twins", told(&report));
    }

    /// A college sends its files a second time: nothing changes, not even a time of change.
    async fn again_changes_nothing(database) {
        let app = TestApp::twins(database).await;
        let before = sorted_tables(&app).await;
        let report = import(&app, &Folder::twins(), &later()).await;
        assert_eq!(before, sorted_tables(&app).await);
        snapshot!("import_twins_again", told(&report));
    }

    /// A college corrects a title and cancels a section: one course and one offering change, and what follows from them.
    async fn one_row_changes(database) {
        let app = TestApp::twins(database).await;
        let folder = Folder::twins();
        folder.change("courses.csv", "HVA 101,Heating Basics", "HVA 101,Winter Comfort");
        folder.change("offerings.csv", "north-main,IN_PERSON,OPEN,2027-02-01,2027-03-12,Mon", "north-main,IN_PERSON,CANCELLED,2027-02-01,2027-03-12,Mon");
        let report = import(&app, &folder, &later()).await;
        let counts = [Kind::Courses, Kind::Offerings].map(|kind| report.counts(kind));
        let data = app.data(
            r#"{ old: courses(search: "heating basics") { nodes { code } } new: courses(search: "winter comfort") { nodes { code title } }
                 bySoonest: courses(sort: STARTS_SOONEST) { nodes { code updatedAt offerings { nodes { code status updatedAt } } } }
                 changed: courses(filter: { updatedSince: "2027-02-01T00:00:00Z" }) { nodes { code } }
                 changedOfferings: offerings(filter: { updatedSince: "2027-02-01T00:00:00Z" }) { nodes { code } } }"#,
        ).await;
        let expected = counts.map(|counts| (counts.created, counts.updated, counts.rejected));
        assert_eq!(expected, [(0, 1, 0), (0, 1, 0)], "{report}");
        snapshot!("import_one_row_changed", data);
    }

    /// A college adds an instructor to a section and takes a skill away from a course: the lists are put in the place of the old ones.
    async fn lists_are_replaced(database) {
        let app = TestApp::twins(database).await;
        let folder = Folder::twins();
        folder.change("offerings.csv", "3,3,north-ana,", "3,3,north-wang;north-ana,");
        folder.change("courses.csv", "en;es,brazing;teamwork,,", "es,teamwork,,");
        import(&app, &folder, &later()).await;
        let data = app.data(
            r#"{ courses(search: "HVA 101") { nodes { languages competencies { name } offerings(sort: STARTS_LATEST) { nodes { code instructors { name } } } } }
                 brazing: courses(search: "brazing") { nodes { code } } }"#,
        ).await;
        snapshot!("import_lists_replaced", data);
    }

    /// A row names its institution anew: it stays where it was, and says so.
    async fn a_row_cannot_move(database) {
        let app = TestApp::twins(database).await;
        let before = sorted_tables(&app).await;
        let folder = Folder::twins();
        folder.keep(&["terms.csv"]);
        folder.change("terms.csv", "north-26fa,north,", "north-26fa,south,");
        let report = import(&app, &folder, &later()).await;
        assert_eq!(before, sorted_tables(&app).await);
        snapshot!("import_row_moves", told(&report));
    }

    /// Another system calls its rows by the same keys: they are others, and the first ones stay.
    async fn keys_belong_to_their_system(database) {
        let app = TestApp::twins(database).await;
        let folder = Folder::of(&[("institutions.csv", "key,name,kind\nnorth,Third College,UNIVERSITY\n")]);
        import(&app, &folder, &Options { system: "registrar".to_owned(), ..later() }).await;
        let data = app.data("{ institutions { nodes { name slug } } }").await;
        assert_eq!(
            data,
            json!({ "institutions": { "nodes": [
                { "name": "Colegio Peñasco", "slug": "penasco" },
                { "name": "South Twin University", "slug": "south-twin-university" },
                { "name": "Third College", "slug": "third-college" },
            ] } })
        );
    }
}
