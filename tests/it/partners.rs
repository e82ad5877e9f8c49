//! The operations of businesses and colleges that are about their own people, as they are, on the invented state: each by the caller for whom it is meant.

use concord::domain::id::{GlobalId, Kind};
use concord::domain::role::Role;
use concord::domain::tenant::{Tenant, TenantKind};
use concord::store::sql::Dialect;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::enrollment::{breaks, once};
use crate::support::{Database, TestApp, both, snapshot};

/// The demo with somebody who runs the first business of its list.
struct Partner {
    app: TestApp,
    business: Uuid,
    token: String,
}

impl Partner {
    async fn start(database: Database) -> Self {
        let app = TestApp::demo(database).await;
        let tenant = first(&app, TenantKind::Business).await;
        let token = app.token(&[Role::BusinessAdmin], tenant).await;
        Self { app, business: tenant.id().expect("a key"), token }
    }

    fn id(&self) -> String {
        GlobalId::new(Kind::Business, self.business).to_string()
    }

    /// Keys that a query gives, as identifiers of a kind.
    async fn ids(&self, kind: Kind, sql: &str) -> Vec<String> {
        ids(&self.app, kind, &sql.replace("{business}", &crate::support::people::literal(&self.app, self.business))).await
    }

    /// Runs an operation of a document; its answer, which has no errors but those that a learner's consent decides.
    async fn run(&self, document: &str, name: &str, variables: Value) -> Value {
        let answer =
            self.app.post_as(&self.token, &json!({ "query": document, "operationName": name, "variables": variables })).await.json();
        let errors = answer["errors"].as_array().cloned().unwrap_or_default();
        assert!(errors.iter().all(|error| error["extensions"]["code"] == "CONSENT_REQUIRED") && !answer["data"].is_null(), "{answer:#}");
        answer
    }
}

/// The first tenant of a sort.
async fn first(app: &TestApp, kind: TenantKind) -> Tenant {
    app.operator().await.first_tenants(kind, 1).await.expect("tenants").pop().expect("a tenant")
}

/// Keys that a query gives, as identifiers of a kind.
async fn ids(app: &TestApp, kind: Kind, sql: &str) -> Vec<String> {
    let sql = match app.store.dialect() {
        Dialect::Postgres => sql.to_owned(),
        Dialect::Sqlite => sql.replacen("SELECT t.id", "SELECT hex(t.id)", 1),
    };
    let read = |line: String| GlobalId::new(kind, Uuid::try_parse(&line).expect("a UUID")).to_string();
    app.rows(&sql).await.into_iter().map(read).collect()
}

/// Replaces what is another in each run.
fn hide(value: &mut Value, place: &str) {
    *value.pointer_mut(place).unwrap_or_else(|| panic!("nothing at {place}")) = json!("…");
}

both! {
    /// A business opens its portal: who it is, what is left, and who waits.
    async fn a_business_looks_around(database) {
        let partner = Partner::start(database).await;
        let mut answer = partner.run(include_str!("operations/business_overview.graphql"), "BusinessOverview", json!({ "businessId": partner.id() })).await;
        assert!(answer["data"]["viewer"]["rateLimit"]["remaining"].is_number(), "{answer:#}");
        hide(&mut answer, "/data/viewer/rateLimit/remaining");
        assert!(answer["data"]["business"]["waiting"]["totalCount"].as_u64() > Some(0), "{answer:#}");
        snapshot!("business_overview", answer);
    }

    /// The personnel system of a business sends what changed on its roster.
    async fn a_business_sends_its_roster(database) {
        let partner = Partner::start(database).await;
        let token = partner.app.service_token(&[Role::BusinessAdmin], Tenant::Business(partner.business)).await;
        let partner = Partner { token, ..partner };
        let site = partner.ids(Kind::BusinessSite, "SELECT t.id FROM business_site t WHERE t.tenant_id = {business} ORDER BY t.id LIMIT 1").await;
        let items = json!([
            { "number": "10042", "name": "Ana Ruiz", "email": "ana.ruiz@employer.example", "jobTitle": "Line technician", "onetCode": "17-3024.00", "siteId": site[0] },
            { "number": "10043", "name": "Ben Ortiz", "email": "ben.ortiz@employer.example" },
        ]);
        let answer = partner.run(include_str!("operations/business_roster_upsert.graphql"), "BusinessRosterUpsert", json!({ "input": { "businessId": partner.id(), "items": items } })).await;
        snapshot!("business_roster_upsert", answer);
        assert_eq!(breaks(&partner.app).await, Vec::<String>::new());
    }

    /// A business tries to enroll a crew from its budget, and then does.
    async fn a_business_enrolls_a_crew(database) {
        let partner = Partner::start(database).await;
        let sponsorship = partner.ids(Kind::Sponsorship, "SELECT t.id FROM sponsorship t WHERE t.tenant_id = {business} AND t.kind = 'BUDGET'").await;
        let offering = partner.ids(Kind::Offering, "SELECT t.id FROM offering t WHERE t.is_public AND t.status = 'OPEN' AND t.capacity >= t.seats_taken + t.seats_here + 2 AND t.waiting_here = 0 AND t.waitlist_capacity > t.waitlisted AND t.registration_opens_at <= '2027-01-15T00:00:00+00:00' AND t.course_id NOT IN (SELECT course_id FROM course_prerequisite) ORDER BY t.price_cents, t.id LIMIT 1").await;
        // Two on the roster, and a learner who lets the business know of it.
        let taken = crate::support::people::literal(&partner.app, GlobalId::parse(&offering[0]).expect("an identifier").uuid);
        let free = format!("t.status = 'LINKED' AND t.tenant_id = {{business}} AND t.learner_id NOT IN (SELECT learner_id FROM enrollment WHERE offering_id = {taken})");
        let crew = partner.ids(Kind::Employee, &format!("SELECT t.id FROM employee t WHERE {free} ORDER BY t.id LIMIT 2")).await;
        let known = format!("SELECT t.id FROM learner_tenant t WHERE t.tenant_id = {{business}} AND t.id IN (SELECT t.learner_id FROM employee t WHERE {free} AND t.id NOT IN (SELECT t.id FROM employee t WHERE {free} ORDER BY t.id LIMIT 2)) ORDER BY t.id LIMIT 1");
        let known = partner.ids(Kind::Learner, &known).await;
        let items = json!([
            { "learner": { "employeeId": crew[0] }, "offeringId": offering[0] },
            { "learner": { "employeeId": crew[1] }, "offeringId": offering[0] },
            { "learner": { "learnerId": known[0] }, "offeringId": offering[0] },
        ]);
        let input = |key, is_dry| json!({ "input": { "idempotencyKey": once(key), "isDryRun": is_dry, "funding": { "sponsorshipId": sponsorship[0] }, "items": items } });
        let document = include_str!("operations/business_bulk_enroll.graphql");
        let tried = partner.run(document, "BusinessBulkEnroll", input(1, true)).await;
        let done = partner.run(document, "BusinessBulkEnroll", input(2, false)).await;
        snapshot!("business_bulk_enroll", json!({ "tried": tried, "done": done }));
        assert_eq!(breaks(&partner.app).await, Vec::<String>::new());
    }

    /// A business reads how its own people get on: what they let it see, and of the others that they work there.
    async fn a_business_reads_progress(database) {
        let partner = Partner::start(database).await;
        let document = include_str!("operations/business_employee_progress.graphql");
        let answer = partner.run(document, "BusinessEmployeeProgress", json!({ "businessId": partner.id(), "after": null })).await;
        let employees = answer["data"]["business"]["employees"]["nodes"].as_array().expect("people");
        let enrollments = || employees.iter().filter_map(|employee| employee["enrollments"]["nodes"].as_array()).flatten();
        assert!(enrollments().any(|enrollment| enrollment["progress"].is_object()), "{answer:#}");
        assert!(answer["errors"].as_array().is_some_and(|errors| !errors.is_empty()), "somebody lets it see nothing");
        snapshot!("business_employee_progress", answer);
    }

    /// A business sets up vouchers for a pathway and prints their codes.
    async fn a_business_prints_vouchers(database) {
        let partner = Partner::start(database).await;
        let document = include_str!("operations/business_sponsor_and_vouchers.graphql");
        let program = ids(&partner.app, Kind::Program, "SELECT t.id FROM program t WHERE t.kind = 'MICRO_PATHWAY' AND t.status = 'PUBLISHED' ORDER BY t.id LIMIT 1").await;
        let institution = ids(&partner.app, Kind::Institution, "SELECT t.id FROM institution t WHERE t.id IN (SELECT p.tenant_id FROM program p) ORDER BY t.id LIMIT 1").await;
        let fields = json!({ "name": "Spring upskilling", "kind": "VOUCHERS", "institutionIds": institution, "coverIds": program, "startsOn": "2027-01-15", "endsOn": "2027-06-30", "seats": 40, "perLearnerCap": "1200.00", "status": "ACTIVE" });
        let create = json!({ "create": { "idempotencyKey": once(1), "businessId": partner.id(), "fields": fields } });
        let created = partner.run(document, "BusinessSponsorship", create).await;
        let id = created["data"]["sponsorshipCreate"]["sponsorship"]["id"].clone();
        let issue = json!({ "issue": { "idempotencyKey": once(2), "sponsorshipId": id, "count": 40, "value": "1200.00", "expiresOn": "2027-06-30" } });
        let mut issued = partner.run(document, "BusinessVouchers", issue).await;
        let vouchers = issued["data"]["vouchersIssue"]["vouchers"].as_array_mut().expect("vouchers");
        assert_eq!(vouchers.len(), 40);
        assert!(vouchers.iter().all(|voucher| voucher["code"].as_str().is_some_and(|code| code.len() > 10)), "{vouchers:?}");
        vouchers.truncate(1);
        hide(&mut issued, "/data/vouchersIssue/vouchers/0/code");
        snapshot!("business_sponsor_and_vouchers", json!({ "created": created, "issued": issued }));
        assert_eq!(breaks(&partner.app).await, Vec::<String>::new());
    }

    /// The portal of a college, a service, takes over what changed of its offerings, page by page.
    async fn a_college_synchronizes_its_offerings(database) {
        let app = TestApp::demo(database).await;
        let college = first(&app, TenantKind::Institution).await;
        let portal = app.service_token(&[Role::InstitutionAdmin], college).await;
        let key = crate::support::people::literal(&app, college.id().expect("a key"));
        let slug = app.rows(&format!("SELECT slug FROM institution WHERE id = {key}")).await.concat();
        let all = app.rows(&format!("SELECT count(*) FROM offering WHERE tenant_id = {key}")).await.concat();
        let (mut after, mut seen, mut pages) = (Value::Null, 0, Vec::new());
        loop {
            let variables = json!({ "slug": slug, "since": "2026-01-11T03:00:00Z", "after": after });
            let mut answer = app.ask_as(&portal, include_str!("operations/portal_offering_sync.graphql"), variables).await;
            assert!(answer.get("errors").is_none(), "{answer:#}");
            let offerings = &mut answer["data"]["institution"]["offerings"];
            after = offerings["pageInfo"]["endCursor"].take();
            let has_next = offerings["pageInfo"]["hasNextPage"] == true;
            let nodes = offerings["nodes"].as_array_mut().expect("offerings");
            seen += nodes.len();
            nodes.truncate(2);
            pages.push(answer);
            if !has_next {
                break;
            }
        }
        assert_eq!(seen.to_string(), all, "every offering, those reserved for businesses too");
        snapshot!("portal_offering_sync_demo", pages);
    }

    /// The staff of a college read the roster and the waitlist of a section; whoever teaches it reads them too, and another college's staff the section alone.
    async fn a_college_reads_a_roster(database) {
        let app = TestApp::demo(database).await;
        let college = first(&app, TenantKind::Institution).await;
        let key = crate::support::people::literal(&app, college.id().expect("a key"));
        let waiting = format!("SELECT t.id FROM offering t WHERE t.tenant_id = {key} AND t.waiting_here > 0 ORDER BY t.seats_here DESC, t.id LIMIT 1");
        let offering = ids(&app, Kind::Offering, &waiting).await;
        let document = include_str!("operations/portal_roster.graphql");
        let staff = app.token(&[Role::InstitutionAdmin], college).await;
        let answer = app.ask_as(&staff, document, json!({ "offeringId": offering[0], "after": null })).await;
        assert!(answer.get("errors").is_none(), "{answer:#}");
        // Of those who have begun somewhere, results are there.
        let begun = format!("SELECT t.id FROM offering t WHERE t.tenant_id = {key} AND t.id IN (SELECT r.offering_id FROM assessment_result r) ORDER BY t.id LIMIT 1");
        let begun = ids(&app, Kind::Offering, &begun).await;
        let results = app.ask_as(&staff, document, json!({ "offeringId": begun[0], "after": null })).await;
        let nodes = results["data"]["offering"]["roster"]["nodes"].as_array().expect("a roster");
        assert!(nodes.iter().any(|node| node["results"][0]["assessment"]["title"].is_string()), "{results:#}");
        for list in ["roster", "waitlist"] {
            assert!(answer["data"]["offering"][list]["nodes"].as_array().is_some_and(|nodes| !nodes.is_empty()), "{list}: {answer:#}");
        }
        let others = app.operator().await.first_tenants(TenantKind::Institution, 2).await.expect("tenants");
        let stranger = app.token(&[Role::InstitutionAdmin], others[1]).await;
        let refused = app.ask_as(&stranger, document, json!({ "offeringId": offering[0], "after": null })).await;
        snapshot!("portal_roster", json!({ "own": answer, "one that has begun": results, "another college's": refused }));
        assert_eq!(app.store.breaches(), 0);
    }
}
