//! Acts that end with a look: they wait for nobody who writes.

use concord::domain::id::Kind;
use concord::domain::role::Role;
use concord::service::enrollment::job::work;
use concord::store::sql::Sql;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{agrees, budget, request, seats};
use crate::enrollment_job::{finish, hire, list, send, start};
use crate::roster::peopled;
use crate::support::both;
use crate::support::people::person;
use crate::tenant::{business, college};
use crate::walk::id;

both! {
    /// While somebody writes and does not come to an end, a learner asks for a place that is hidden, and for one paid by a sponsorship of somebody else's employer; a college moves a place that is another's, and changes a
    /// course that is: each is told at once that there is none. A list is worked off afterwards as any.
    async fn wait_for_nobody(database) {
        let app = peopled(database).await;
        let (offering, hidden) = (seats(&app, 5, 5).await, id(&app, Kind::Offering, "n7").await);
        let (pat, south) = (college(&app, "north", Role::Learner).await, college(&app, "south", Role::InstitutionAdmin).await);
        let sponsorship = budget(&app, 1).await;
        let store = app.operator().await;
        let mut writer = store.begin().await.expect("a transaction");
        let mut sql = Sql::new(writer.connection().dialect());
        sql.push("UPDATE setting SET value = value");
        writer.connection().execute(sql).await.expect("a write");
        let none = |path: &[&str]| json!([{ "code": "NOT_FOUND", "path": path }]);
        assert_eq!(request(&app, &pat, 2, &hidden, Value::Null).await["userErrors"], none(&["input", "offeringId"]));
        let other = json!({ "sponsorshipId": person(Kind::Sponsorship, 77) });
        assert_eq!(request(&app, &pat, 3, &offering, other).await["userErrors"], none(&["input", "funding", "sponsorshipId"]));
        let step = "mutation($id: ID!) { enrollmentTransition(input: { id: $id, to: CANCELLED }) { userErrors { code path } } }";
        let moved = app.ask_as(&south, step, json!({ "id": person(Kind::Enrollment, 1) })).await;
        assert_eq!(moved["data"]["enrollmentTransition"]["userErrors"], none(&["input", "id"]));
        let update = "mutation($id: ID!) { courseUpdate(input: { id: $id, fields: { title: \"Mine\" } }) { userErrors { code path } } }";
        let changed = app.ask_as(&south, update, json!({ "id": id(&app, Kind::Course, "north-200").await })).await;
        assert_eq!(changed["data"]["courseUpdate"]["userErrors"], none(&["input", "id"]), "{changed:#}");
        writer.rollback().await.expect("an end");
        store.close().await;
        hire(&app, 2).await;
        let acme = business(&app, "acme").await;
        start(&app, &acme, 4, &send(&app, &acme, &list(&offering, 0..2)).await, &json!({ "sponsorshipId": sponsorship })).await;
        assert!(work(&app.app().sweeper(), Uuid::from_u128(1)).await.expect("rows are worked off"));
        finish(&app).await;
        assert_eq!(app.rows("SELECT count(*) FROM enrollment WHERE state = 'ENROLLED'").await, ["2"]);
        agrees(&app).await;
        assert_eq!(app.store.breaches(), 0);
    }
}
