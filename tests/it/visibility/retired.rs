//! What hangs on courses and programs that were retired, or taken back.

use concord::domain::id::Kind;
use serde_json::json;

use crate::import_write::Folder;
use crate::process::{program, run};
use crate::support::{TestApp, both};
use crate::walk::id;

/// The rows of the twins with a status changed, imported by their own system.
fn import(app: &TestApp, file: &str, from: &str, to: &str) {
    let folder = Folder::twins();
    folder.change(file, from, to);
    folder.keep(&[file]);
    let path = folder.path().to_str().expect("UTF-8");
    let ended = run(&mut program(&["import", "catalog", path, "--database", &app.url(), "--system", "banner"]));
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
}

both! {
    /// A mirror asks for changes after a course was retired: its offerings are among them, and in no other list; when it is taken back to a draft they are in none.
    async fn offerings_of_what_is_retired_are_changes(database) {
        let app = TestApp::twins(database).await;
        app.execute("UPDATE offering SET updated_at = '2020-01-01T00:00:00+00:00'").await;
        let course = id(&app, Kind::Course, "south-101").await;
        let question = r#"{
            changes: offerings(filter: { updatedSince: "2020-06-01T00:00:00Z" }, first: 100) { totalCount nodes { code subject { ... on Course { code status } } } }
            all: offerings(first: 100) { nodes { code } }
            nested: course(by: { id: "COURSE" }) { offerings(filter: { updatedSince: "2020-06-01T00:00:00Z" }, first: 100) { totalCount } } }"#.replace("COURSE", &course);
        let question = question.as_str();
        assert_eq!(app.data(question).await["changes"]["totalCount"], 0);
        import(&app, "courses.csv", "Learn networking at a bench.,PUBLISHED", "Learn networking at a bench.,RETIRED");
        let answer = app.data(question).await;
        let changes = answer["changes"]["nodes"].as_array().expect("a list");
        assert!(!changes.is_empty(), "{answer:#}");
        for change in changes {
            assert_eq!(change["subject"], json!({ "code": "NET101", "status": "RETIRED" }), "{answer:#}");
            assert!(!answer["all"]["nodes"].as_array().expect("a list").iter().any(|node| node["code"] == change["code"]), "{answer:#}");
        }
        assert_eq!(answer["nested"]["offerings"]["totalCount"], changes.len());
        import(&app, "courses.csv", "Learn networking at a bench.,PUBLISHED", "Learn networking at a bench.,DRAFT");
        assert_eq!(app.data(question).await["changes"]["totalCount"], 0);
    }

    /// A visitor looks where a credential counts while the program is published, retired, a draft: there, there with its state, and not at all, never as general credit.
    async fn credit_for_a_program_never_looks_general(database) {
        let app = TestApp::twins(database).await;
        let some = "(SELECT program_id FROM credit_articulation WHERE program_id IS NOT NULL)";
        let question = "{ credentials(first: 100) { nodes { articulations { program { status } } } } }";
        let mut seen = Vec::new();
        for status in ["PUBLISHED", "RETIRED", "DRAFT"] {
            assert!(app.execute(&format!("UPDATE program SET status = '{status}' WHERE id IN {some}")).await > 0);
            let answer = app.data(question).await;
            let nodes = answer["credentials"]["nodes"].as_array().expect("a list").clone();
            let all: Vec<_> = nodes.iter().flat_map(|node| node["articulations"].as_array().expect("a list").clone()).collect();
            let (general, named): (Vec<_>, Vec<_>) = all.into_iter().partition(|articulation| articulation["program"].is_null());
            assert!(named.iter().all(|articulation| articulation["program"]["status"] == status), "{answer:#}");
            seen.push((general.len(), named.len()));
        }
        assert!(seen[0].1 > 0 && seen[1] == seen[0] && seen[2] == (seen[0].0, 0), "{seen:?}");
    }
}
