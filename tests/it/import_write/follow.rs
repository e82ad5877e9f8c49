//! What follows from rows: search words, next starts, what is public, prerequisites, defaults.

use serde_json::{Value, json};

use super::{Folder, import, later, told};
use crate::support::{TestApp, both, snapshot, sorted_tables};

/// The courses that a visitor finds by these words, by code.
async fn found(app: &TestApp, words: &str) -> Vec<String> {
    let data =
        app.ask("query Q($words: String) { courses(search: $words, sort: TITLE) { nodes { code } } }", json!({ "words": words })).await;
    list(&data, "/data/courses/nodes", "code")
}

/// One field of each item of a list.
fn list(data: &Value, path: &str, field: &str) -> Vec<String> {
    let items = data.pointer(path).and_then(Value::as_array).unwrap_or_else(|| panic!("a list at {path} of {data:#}"));
    items.iter().map(|item| item[field].as_str().unwrap_or_default().to_owned()).collect()
}

/// The public offerings, by code.
async fn offerings(app: &TestApp) -> Vec<String> {
    list(&app.query("{ offerings { nodes { code } } }").await, "/data/offerings/nodes", "code")
}

both! {
    /// A college takes another name: its courses are found by the new name, no longer by the old one.
    async fn courses_are_found_by_a_new_name(database) {
        let app = TestApp::twins(database).await;
        assert_eq!(found(&app, "twin").await, ["NET102", "NET101"]);
        let folder = Folder::twins();
        folder.keep(&["institutions.csv"]);
        folder.change("institutions.csv", "South Twin University", "Salter State");
        import(&app, &folder, &later()).await;
        assert_eq!(found(&app, "salter state").await, ["NET102", "NET101"]);
        assert_eq!(found(&app, "twin").await, [""; 0]);
    }

    /// A skill takes another name: the courses that teach it are found by the new one, no longer by the old one.
    async fn courses_are_found_by_a_new_skill(database) {
        let app = TestApp::twins(database).await;
        assert_eq!(found(&app, "brazing").await, ["HVA 112", "HVA 101"]);
        let folder = Folder::twins();
        folder.change("competencies.csv", "brazing,Brazing,", "brazing,Silver Soldering,");
        folder.change("courses.csv", "Brazing lines and folding duct.", "Lines and ducts.");
        import(&app, &folder, &later()).await;
        assert_eq!(found(&app, "soldering").await, ["HVA 112", "HVA 101"]);
        assert_eq!(found(&app, "brazing").await, [""; 0]);
    }

    /// A draft is published and taken back: its offerings come to light as changed ones, count for its next start, and go again.
    async fn a_draft_is_published_and_taken_back(database) {
        let app = TestApp::twins(database).await;
        let before = sorted_tables(&app).await;
        assert!(!offerings(&app).await.contains(&"DRAFT-1".to_owned()));
        let folder = Folder::twins();
        folder.keep(&["courses.csv"]);
        folder.change("courses.csv", "Not announced.,,DRAFT", "Not announced.,,PUBLISHED");
        import(&app, &folder, &later()).await;
        let seen = app.data(
            r#"{ courses(search: "secret", sort: STARTS_SOONEST) { nodes { code offerings { nodes { code } } } }
                 soonest: courses(sort: STARTS_SOONEST, first: 2) { nodes { code } }
                 new: offerings(filter: { updatedSince: "2027-02-01T00:00:00Z" }) { nodes { code updatedAt } } }"#,
        ).await;
        snapshot!("import_draft_published", seen);
        folder.change("courses.csv", "Not announced.,,PUBLISHED", "Not announced.,,DRAFT");
        import(&app, &folder, &later()).await;
        assert!(!offerings(&app).await.contains(&"DRAFT-1".to_owned()));
        assert_eq!(without_times(before), without_times(sorted_tables(&app).await));
    }

    /// A college reserves a section for a business: the public sees neither it nor its start, until it is free again.
    async fn a_section_is_reserved(database) {
        let app = TestApp::twins(database).await;
        let before = sorted_tables(&app).await;
        let folder = Folder::twins();
        folder.keep(&["offerings.csv"]);
        folder.change("offerings.csv", "north-ana;north-wang,", "north-ana;north-wang,acme");
        import(&app, &folder, &later()).await;
        let codes = offerings(&app).await;
        assert!(!codes.contains(&"HVA101-1".to_owned()) && codes.contains(&"HVA101-2".to_owned()), "{codes:?}");
        let next = app.rows("SELECT next_starts_on FROM course WHERE code = 'HVA 101'").await;
        assert_eq!(next, ["2027-02-15"]);
        folder.change("offerings.csv", "north-ana;north-wang,acme", "north-ana;north-wang,");
        import(&app, &folder, &later()).await;
        assert_eq!(without_times(before), without_times(sorted_tables(&app).await));
    }

    /// A college moves a section to another of its courses: the next start of both follows.
    async fn a_section_changes_its_course(database) {
        let app = TestApp::twins(database).await;
        let folder = Folder::twins();
        folder.change("offerings.csv", "n1,north,north-101,", "n1,north,north-112,");
        import(&app, &folder, &later()).await;
        let next = app.rows("SELECT code, next_starts_on FROM course WHERE code LIKE 'HVA 1%' ORDER BY code").await;
        assert_eq!(next, ["HVA 101|2027-02-15", "HVA 112|2027-02-01"]);
    }

    /// Prerequisites stand further down in the same file, name the course itself, another college's, or nothing: the good ones are kept, in their order.
    async fn prerequisites_of_every_sort(database) {
        let app = TestApp::twins(database).await;
        let folder = Folder::twins();
        folder.keep(&["courses.csv"]);
        folder.change("courses.csv", "en;es,brazing;teamwork,,", "en;es,brazing;teamwork,north-300;north-101;south-101;nowhere;north-112,");
        folder.append("courses.csv", "north-300,north,HVA 300,Further Down,Stands last.,,PUBLISHED,false,,,,60.00,en,,north-112,");
        let report = import(&app, &folder, &later()).await;
        let data = app.data("{ courses(sort: TITLE) { nodes { code updatedAt prerequisites { code } } } }").await;
        snapshot!("import_prerequisites", json!({ "report": told(&report), "data": data }));
        let again = import(&app, &folder, &later()).await;
        assert_eq!(again.counts(concord::import::Kind::Courses).unchanged, 7, "{again}");
    }

    /// Offerings without a price cost what their course or program costs, nothing where that says nothing; campuses lie in their college's region, or in none.
    async fn defaults_come_from_what_a_row_hangs_on(database) {
        let app = TestApp::twins(database).await;
        let folder = Folder::of(&[
            ("institutions.csv", "key,name,kind\nthird,Third College,UNIVERSITY\n"),
            ("campuses.csv", "key,institution,name,line1,city,state,postal_code\nc1,south,Annex,1 Way,Salter,VR,69601\nc2,third,Yard,1 Way,Salter,VR,69601\n"),
            (
                "offerings.csv",
                "key,institution,course,program,code,modality,status,starts_on,ends_on,price\n\
                 p1,north,north-101,,P-1,ONLINE_LIVE,OPEN,2027-05-01,2027-06-01,\n\
                 p2,north,,north-path,P-2,ONLINE_LIVE,OPEN,2027-05-01,2027-06-01,\n\
                 p3,south,,south-degree,P-3,ONLINE_LIVE,OPEN,2027-05-01,2027-06-01,\n\
                 p4,north,north-101,,P-4,ONLINE_LIVE,OPEN,2027-05-01,2027-06-01,0\n",
            ),
        ]);
        let report = import(&app, &folder, &later()).await;
        assert!(!report.has_rejections(), "{:?}", told(&report));
        assert_eq!(
            app.rows("SELECT code, price_cents FROM offering WHERE code LIKE 'P-%' ORDER BY code").await,
            ["P-1|9500", "P-2|39900", "P-3|0", "P-4|0"]
        );
        assert_eq!(
            app.rows("SELECT name, region_code FROM campus WHERE name IN ('Annex', 'Yard') ORDER BY name").await,
            ["Annex|SOUTH", "Yard|unassigned"]
        );
        assert_eq!(app.rows("SELECT region_code FROM institution WHERE name = 'Third College'").await, ["unassigned"]);
    }
}

/// Tables with the times of change of the two imports made one.
fn without_times(tables: Vec<(String, Vec<String>)>) -> Vec<(String, Vec<String>)> {
    let hide = |row: &String| {
        let is_time = |cell: &&str| cell.starts_with("2027-01-15") || cell.starts_with("2027-02-15") && cell.len() > 10;
        row.split('|').filter(|cell| !is_time(cell)).collect::<Vec<_>>().join("|")
    };
    // Words are written anew under other numbers.
    let tables = tables.into_iter().filter(|(name, _)| !name.ends_with("_search") && !name.starts_with("seaql"));
    tables
        .map(|(name, rows)| {
            let mut rows: Vec<String> = rows.iter().map(hide).collect();
            rows.sort_unstable();
            (name, rows)
        })
        .collect()
}
