//! Businesses that do not take part: they spend nothing more, and what they have set aside stays good.

use concord::domain::id::Kind;
use concord::domain::role::Role;
use serde_json::{Value, json};

use super::{BULK, agrees, budget, finished, go, learner, once, request, seats};
use crate::roster::peopled;
use crate::support::both;
use crate::support::people::{VOUCHER, person};
use crate::tenant::{business, college};
use crate::walk::id;

both! {
    /// A business has set a place aside, and then is suspended, leaves, and applies anew: nobody pays by it, its vouchers do not, and it sets nothing up, and neither does another that has only applied. The place
    /// goes its way. When it takes part again it pays again.
    async fn spend_nothing(database) {
        let app = peopled(database).await;
        finished(&app).await;
        let (offering, other) = (seats(&app, 9, 9).await, id(&app, Kind::Offering, "n2").await);
        app.execute("UPDATE offering SET capacity = 30, price_cents = 5000 WHERE code = 'HVA101-2'").await;
        let (pat, one, staff) = (college(&app, "north", Role::Learner).await, learner(&app, 1).await, college(&app, "north", Role::InstitutionAdmin).await);
        let (acme, funding) = (business(&app, "acme").await, json!({ "sponsorshipId": budget(&app, 1).await }));
        let place = request(&app, &pat, 2, &offering, funding.clone()).await["enrollment"]["id"].take();
        let written = async || app.rows("SELECT (SELECT count(*) FROM enrollment), (SELECT count(*) FROM ledger_entry), (SELECT count(*) FROM sponsorship), (SELECT count(*) FROM voucher)").await;
        let create = async |name: &str, key: u32| {
            let create = "mutation($input: SponsorshipCreateInput!) { sponsorshipCreate(input: $input) { userErrors { code path } } }";
            let fields = json!({ "name": "More", "kind": "BUDGET", "budget": "10.00", "startsOn": "2027-01-01", "endsOn": "2027-06-30" });
            let input = json!({ "idempotencyKey": once(key), "businessId": id(&app, Kind::Business, name).await, "fields": fields });
            app.ask_as(&business(&app, name).await, create, json!({ "input": input })).await["data"]["sponsorshipCreate"]["userErrors"].take()
        };
        let issue = async |key: u32| {
            let issue = "mutation($input: VouchersIssueInput!) { vouchersIssue(input: $input) { userErrors { code path } } }";
            let input = json!({ "idempotencyKey": once(key), "sponsorshipId": person(Kind::Sponsorship, 1), "count": 1, "value": "60.00", "expiresOn": "2027-06-30" });
            app.ask_as(&acme, issue, json!({ "input": input })).await["data"]["vouchersIssue"]["userErrors"].take()
        };
        let crew = async |key: u32| {
            let items = json!([{ "learner": { "employeeId": person(Kind::Employee, 1) }, "offeringId": other }]);
            let mut answer = app.ask_as(&acme, BULK, json!({ "input": { "idempotencyKey": once(key), "funding": funding, "items": items } })).await;
            answer["data"]["enrollmentBulkRequest"]["results"][0]["userErrors"].take()
        };
        let closed = |path: &str| json!([{ "code": "CLOSED", "path": ["input", path] }]);
        let before = written().await;
        for status in ["SUSPENDED", "LEFT", "PENDING"] {
            app.execute(&format!("UPDATE business SET status = '{status}' WHERE name LIKE 'Larkspur%'")).await;
            assert_eq!(request(&app, &pat, 3, &other, funding.clone()).await["userErrors"], closed("funding"), "{status}");
            assert_eq!(request(&app, &one, 4, &offering, json!({ "voucherCode": VOUCHER })).await["userErrors"], closed("funding"), "{status}");
            assert_eq!((crew(5).await, create("acme", 6).await, issue(7).await), (closed("funding"), closed("businessId"), closed("sponsorshipId")), "{status}");
        }
        assert_eq!(create("zeta", 8).await, closed("businessId"));
        assert_eq!(written().await, before);
        let begun = go(&app, &staff, json!({ "id": place, "to": "ACTIVE" })).await;
        assert_eq!(begun["enrollment"]["funding"], json!([{ "state": "CHARGED" }]), "{begun:#}");
        app.execute("UPDATE business SET status = 'ACTIVE' WHERE name LIKE 'Larkspur%'").await;
        let nothing = Value::Array(Vec::new());
        assert_eq!((crew(5).await, create("acme", 6).await, issue(7).await), (nothing.clone(), nothing.clone(), nothing));
        agrees(&app).await;
        assert_eq!(app.store.breaches(), 0);
    }
}
