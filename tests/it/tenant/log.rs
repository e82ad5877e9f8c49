//! The audit log: append-only, chained, and verified by whoever doubts it.

use concord::domain::id::Kind;
use concord::domain::role::Role;
use concord::service::audit::verify;
use serde_json::json;

use super::college;
use crate::support::{Database, TestApp, both};
use crate::walk::id;

/// Three changes of a course by its college.
async fn written(database: Database) -> TestApp {
    let app = TestApp::twins(database).await;
    let (north, course) = (college(&app, "north", Role::InstitutionAdmin).await, id(&app, Kind::Course, "north-101").await);
    let change =
        "mutation($id: ID!, $title: String!) { courseUpdate(input: { id: $id, fields: { title: $title } }) { userErrors { code } } }";
    for title in ["One", "Two", "Three"] {
        let answer = app.ask_as(&north, change, json!({ "id": course, "title": title })).await;
        assert_eq!(answer["data"]["courseUpdate"]["userErrors"], json!([]), "{answer}");
    }
    app
}

both! {
    /// Somebody changes a line, removes one in the middle, one at the end, or all of them beside the program: each is found, and the place is told.
    async fn tells_where_it_was_changed(database) {
        for (sql, told) in [
            ("UPDATE audit_event SET actor_name = 'Nobody' WHERE number = 2", "breaks at line 2"),
            ("DELETE FROM audit_event WHERE number = 2", "breaks at line 2"),
            ("DELETE FROM audit_event WHERE number = 3", "ends at line 2, and its chain at 3"),
            ("DELETE FROM audit_event", "ends at line 0, and its chain at 3"),
            ("DELETE FROM audit_chain", "has lines and no chain"),
        ] {
            let app = written(database).await;
            let store = app.operator().await;
            let whole = verify(&store).await.expect("a verdict");
            assert_eq!((whole.chains, whole.lines, whole.breaks.len()), (1, 3, 0), "{whole:?}");
            app.execute(sql).await;
            let broken = verify(&store).await.expect("a verdict");
            assert!(broken.breaks.len() == 1 && broken.breaks[0].contains(told), "{sql}: {broken:?}");
        }
    }
}
