//! What a college is not told of its learners' employers, and what a business is told when a college sets its money aside.

use concord::domain::id::Kind;
use concord::domain::role::Role;
use concord::store::sql::Dialect;
use serde_json::{Value, json};

use super::{REQUEST, agrees, once, seats};
use crate::enrollment_job::{finish, hire, send, start};
use crate::roster::peopled;
use crate::support::people::person;
use crate::support::{TestApp, both};
use crate::tenant::{business, college, tenant};
use crate::walk::id;

const BULK: &str = "mutation($input: EnrollmentBulkRequestInput!) { enrollmentBulkRequest(input: $input) { results { userErrors { code message path } } userErrors { code path } } }";

/// Who set money aside by which act, in the log of a business.
async fn lines(app: &TestApp, name: &str) -> Vec<String> {
    let key = tenant(app, Kind::Business, name).await.id().unwrap_or_default().simple().to_string();
    let column = if app.store.dialect() == Dialect::Postgres { "replace(tenant_id::text, '-', '')" } else { "lower(hex(tenant_id))" };
    app.rows(&format!("SELECT actor_name || ' ' || action || ' ' || changed_fields FROM audit_event WHERE {column} = '{key}' AND action LIKE 'enrollment%' ORDER BY number")).await
}

both! {
    /// A college tries to have places paid by a business for a learner who works there and for whom it pays at another college what it pays at most, and for one who does not: it is told one and the same. Of one
    /// for whom it pays here it is told which. What it has set aside for a third stands in the log of that business, by one act and by a list, and in no other's.
    async fn are_not_told_who_works_where(database) {
        let app = peopled(database).await;
        hire(&app, 5).await;
        app.execute("INSERT INTO learner_tenant (tenant_id, id, name_key) SELECT i.id, l.id, l.name_key FROM institution i, learner l WHERE l.display_name LIKE 'worker %'").await;
        app.execute("UPDATE employee SET status = 'INVITED', learner_id = NULL WHERE name = 'worker 1'").await;
        let (offering, elsewhere) = (seats(&app, 9, 9).await, id(&app, Kind::Offering, "s1").await);
        let (acme, north, south) = (business(&app, "acme").await, college(&app, "north", Role::InstitutionAdmin).await, college(&app, "south", Role::InstitutionAdmin).await);
        let create = "mutation($input: SponsorshipCreateInput!) { sponsorshipCreate(input: $input) { sponsorship { id } userErrors { code path } } }";
        let fields = json!({ "name": "Capped", "kind": "BUDGET", "budget": "2000.00", "perLearnerCap": "90.00", "startsOn": "2027-01-01", "endsOn": "2027-06-30", "status": "ACTIVE" });
        let input = json!({ "input": { "idempotencyKey": once(1), "businessId": id(&app, Kind::Business, "acme").await, "fields": fields } });
        let funding = json!({ "sponsorshipId": app.ask_as(&acme, create, input).await["data"]["sponsorshipCreate"]["sponsorship"]["id"].take() });
        let ask = async |token: &str, key: u32, worker: u16, offering: &str, funding: &Value| {
            let input = json!({ "idempotencyKey": once(key), "learnerId": person(Kind::Learner, 1000 + worker), "offeringId": offering, "funding": funding });
            app.ask_as(token, REQUEST, json!({ "input": input })).await["data"]["enrollmentRequest"].take()
        };
        let tried = async |worker: u16, offering: &str| {
            let items = json!([{ "learner": { "learnerId": person(Kind::Learner, 1000 + worker) }, "offeringId": offering }]);
            let input = json!({ "idempotencyKey": once(2), "isDryRun": true, "funding": funding, "items": items });
            let mut answer = app.ask_as(&north, BULK, json!({ "input": input })).await;
            answer["data"]["enrollmentBulkRequest"]["results"][0]["userErrors"].take()
        };
        assert_eq!(ask(&south, 3, 0, &elsewhere, &funding).await["enrollment"]["state"], "ENROLLED");
        let (employee, stranger) = (tried(0, &offering).await, tried(1, &offering).await);
        assert_eq!(employee, json!([{ "code": "NOT_ELIGIBLE", "message": "the sponsorship does not pay for the learner: ask them, or the business", "path": ["input", "funding"] }]));
        assert_eq!(stranger, employee);
        assert_eq!(lines(&app, "acme").await, ["Pat enrollmentRequest state"]);
        assert_eq!(ask(&north, 4, 2, &offering, &funding).await["enrollment"]["state"], "ENROLLED");
        app.execute("UPDATE offering SET capacity = 30, price_cents = 5000 WHERE code = 'HVA101-2'").await;
        let here = tried(2, &id(&app, Kind::Offering, "n2").await).await;
        assert_eq!(here[0]["message"], "the sponsorship has paid for the learner what it pays at most", "{here:#}");
        let rows = format!("offeringId,learnerId\r\n{offering},{}\r\n", person(Kind::Learner, 1003));
        start(&app, &north, 5, &send(&app, &north, &rows).await, &funding).await;
        finish(&app).await;
        assert_eq!(ask(&north, 6, 4, &offering, &Value::Null).await["enrollment"]["state"], "ENROLLED");
        let each = ["Pat enrollmentRequest state", "Pat enrollmentRequest state", "Pat enrollmentJob state"];
        assert_eq!((lines(&app, "acme").await, lines(&app, "zeta").await), (each.map(str::to_owned).to_vec(), Vec::new()));
        agrees(&app).await;
        assert_eq!(app.store.breaches(), 0);
    }
}
