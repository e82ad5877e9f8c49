//! The audit log: append-only, chained, and verified by whoever doubts it.

use concord::domain::id::Kind;
use concord::domain::role::Role;
use concord::service::audit::verify;
use serde_json::json;

use super::{college, consortium};
use crate::support::{Database, TestApp, both};
use crate::walk::id;

/// Gives a course another title.
const CHANGE: &str =
    "mutation($id: ID!, $title: String!) { courseUpdate(input: { id: $id, fields: { title: $title } }) { userErrors { code } } }";

/// Three changes of a course by its college.
async fn written(database: Database) -> TestApp {
    let app = TestApp::twins(database).await;
    let (north, course) = (college(&app, "north", Role::InstitutionAdmin).await, id(&app, Kind::Course, "north-101").await);
    for title in ["One", "Two", "Three"] {
        let answer = app.ask_as(&north, CHANGE, json!({ "id": course, "title": title })).await;
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
            // A line that was added before the first, by whoever may write into the table.
            (
                "INSERT INTO audit_event (tenant_id, id, number, at, actor_name, actor_issuer, actor_subject, action, subject_id, changed_fields, request_id, previous_hash, hash) \
                 SELECT tenant_id, tenant_id, -5, at, actor_name, actor_issuer, actor_subject, action, subject_id, changed_fields, request_id, previous_hash, hash FROM audit_event WHERE number = 1",
                "breaks at line 1",
            ),
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
    /// Somebody verifies while a college writes: what is written meanwhile is no break.
    async fn is_verified_while_it_grows(database) {
        let app = written(database).await;
        let (north, course) = (college(&app, "north", Role::InstitutionAdmin).await, id(&app, Kind::Course, "north-101").await);
        let store = app.operator().await;
        let writing = async {
            for number in 0..30 {
                let title = format!("Title {number}");
                let answer = app.ask_as(&north, CHANGE, json!({ "id": course, "title": title })).await;
                assert_eq!(answer["data"]["courseUpdate"]["userErrors"], json!([]), "{answer}");
            }
        };
        let (ended, has_ended) = tokio::sync::oneshot::channel::<()>();
        let verifying = async {
            let (mut has_ended, mut lines) = (has_ended, Vec::new());
            while has_ended.try_recv().is_err() {
                let verdict = verify(&store).await.expect("a verdict");
                assert_eq!(verdict.breaks, Vec::<String>::new());
                lines.push(verdict.lines);
            }
            lines
        };
        let ((), lines) = tokio::join!(async { writing.await; let _ = ended.send(()); }, verifying);
        assert!(lines.len() > 3 && lines.windows(2).all(|pair| pair[0] <= pair[1]), "{lines:?}");
        assert_eq!(verify(&store).await.expect("a verdict").lines, 33);
    }

    /// A consortium's administrator reads what is a college's own: a line in the college's log tells so, once a request; the college itself leaves none by reading.
    async fn tells_who_of_the_consortium_looked(database) {
        let app = TestApp::twins(database).await;
        let (admin, north) = (consortium(&app, Role::ConsortiumAdmin).await, college(&app, "north", Role::InstitutionAdmin).await);
        let question = "query($id: ID!) { institution(by: { id: $id }) { slug staffMembers { nodes { email } } again: staffMembers { totalCount } courses { nodes { externalKeys { value } } } } }";
        let variables = json!({ "id": id(&app, Kind::Institution, "north").await });
        assert!(app.ask_as(&north, question, variables.clone()).await.get("errors").is_none());
        let lines = "SELECT action, changed_fields, actor_name FROM audit_event ORDER BY number";
        assert_eq!(app.rows(lines).await, Vec::<String>::new());
        let answer = app.ask_as(&admin, question, variables.clone()).await;
        assert!(answer.get("errors").is_none(), "{answer}");
        assert_eq!(app.rows(lines).await, ["read Institution|staffMembers|Pat", "read StaffMember|email|Pat", "read Course|externalKeys|Pat"]);
        assert_eq!(verify(&app.operator().await).await.expect("a verdict").breaks, Vec::<String>::new());
        // Where it cannot be written down, it is not shown.
        app.execute("ALTER TABLE audit_event RENAME TO elsewhere").await;
        let answer = app.post_as(&admin, &json!({ "query": question, "variables": variables })).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str(), answer.json().get("data")), (500, "INTERNAL", None));
    }
}
