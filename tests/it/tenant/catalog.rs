//! Creating and changing a catalog: PATCH semantics, what is refused, what it leaves in the log.

use concord::domain::id::Kind;
use concord::domain::role::Role;
use serde_json::{Value, json};

use super::{business, college, consortium};
use crate::support::{TestApp, both, snapshot};
use crate::walk::id;

const CREATE: &str = r"mutation($input: CourseCreateInput!) { courseCreate(input: $input) { course { id code title status isForCredit credits price languages updatedAt competencies { name } } userErrors { code message path } } }";
const UPDATE: &str = r"mutation($input: CourseUpdateInput!) { courseUpdate(input: $input) { course { code title status summary description credits isForCredit price updatedAt competencies { name } } userErrors { code message path } } }";

both! {
    /// A college creates a course as a draft, publishes it, changes one field, clears another: each step is seen by those who may, and stands in the log.
    async fn lives_through_a_course(database) {
        let app = TestApp::twins(database).await;
        let north = college(&app, "north", Role::InstitutionAdmin).await;
        let institution = id(&app, Kind::Institution, "north").await;
        let brazing = id(&app, Kind::Competency, "brazing").await;
        let fields = json!({ "code": "NEW 1", "title": "Brand New Course", "summary": "About it.", "description": "Long.", "credits": 3, "price": "120.00", "competencyIds": [brazing] });
        let created = app.ask_as(&north, CREATE, json!({ "input": { "institutionId": institution, "fields": fields } })).await;
        let course = created["data"]["courseCreate"]["course"]["id"].as_str().expect("a course").to_owned();
        let search = r#"{ courses(search: "brand new") { totalCount } }"#;
        let mut seen = serde_json::Map::new();
        seen.insert("created".to_owned(), created);
        seen.insert("draft in the public list".to_owned(), app.query(search).await);
        let change = |fields: Value, expected: Value| json!({ "input": { "id": course, "expectedUpdatedAt": expected, "fields": fields } });
        let published = app.ask_as(&north, UPDATE, change(json!({ "status": "PUBLISHED" }), Value::Null)).await;
        let stamp = published["data"]["courseUpdate"]["course"]["updatedAt"].clone();
        seen.insert("published".to_owned(), published);
        seen.insert("published in the public list".to_owned(), app.query(search).await);
        seen.insert("patched".to_owned(), app.ask_as(&north, UPDATE, change(json!({ "description": null, "credits": null, "competencyIds": [] }), stamp.clone())).await);
        seen.insert("stale".to_owned(), app.ask_as(&north, UPDATE, change(json!({ "title": "Too late" }), stamp)).await);
        seen.insert("nothing changes".to_owned(), app.ask_as(&north, UPDATE, change(json!({ "status": "PUBLISHED" }), Value::Null)).await);
        let left_out = "mutation($id: ID!, $summary: String, $title: String) { courseUpdate(input: { id: $id, fields: { summary: $summary, title: $title } }) { course { title summary } userErrors { path } } }";
        seen.insert("left out".to_owned(), app.ask_as(&north, left_out, json!({ "id": course, "title": "Renamed" })).await);
        let log = "query($id: ID!, $course: ID!) { institution(by: { id: $id }) { auditEvents(filter: { subjectId: $course }) { totalCount nodes { actorName action changedFields } } } }";
        seen.insert("log".to_owned(), app.ask_as(&north, log, json!({ "id": institution, "course": course })).await);
        snapshot!("course_life", seen);
    }

    /// Everybody else tries to create and change a college's course: nothing is written, and a hidden course is told as a missing one.
    async fn refuses_others(database) {
        let app = TestApp::twins(database).await;
        let (institution, draft) = (id(&app, Kind::Institution, "north").await, id(&app, Kind::Course, "north-200").await);
        let fields = json!({ "code": "X", "title": "X", "summary": "X", "price": "1.00" });
        let before = crate::support::sorted_tables(&app).await;
        let mut answers = serde_json::Map::new();
        for (name, token) in [
            ("south admin", college(&app, "south", Role::InstitutionAdmin).await),
            ("north instructor", college(&app, "north", Role::Instructor).await),
            ("north learner", college(&app, "north", Role::Learner).await),
            ("acme", business(&app, "acme").await),
            ("analyst", consortium(&app, Role::Analyst).await),
        ] {
            let created = app.ask_as(&token, CREATE, json!({ "input": { "institutionId": institution, "fields": fields } })).await;
            let changed = app.ask_as(&token, UPDATE, json!({ "input": { "id": draft, "fields": { "title": "Mine" } } })).await;
            let missing = app.ask_as(&token, UPDATE, json!({ "input": { "id": "crs_7zzzzzzzzzzzzzzzzzzzzzzzzz", "fields": { "title": "Mine" } } })).await;
            assert_eq!(changed, missing, "{name}");
            answers.insert(name.to_owned(), json!([created, changed]));
        }
        answers.insert("anonymous".to_owned(), app.ask(UPDATE, json!({ "input": { "id": draft, "fields": { "title": "Mine" } } })).await);
        snapshot!("course_refused", answers);
        let tables = crate::support::sorted_tables(&app).await;
        let of = |tables: &[(String, Vec<String>)]| tables.iter().filter(|(name, _)| name != "issuer").cloned().collect::<Vec<_>>();
        assert!(of(&before) == of(&tables), "nothing was written");
    }

    /// A college sends values that cannot be: each is told with its code and place, all at once, and nothing is written.
    async fn tells_all_that_is_wrong(database) {
        let app = TestApp::twins(database).await;
        let north = college(&app, "north", Role::InstitutionAdmin).await;
        let (institution, foreign) = (id(&app, Kind::Institution, "north").await, id(&app, Kind::Course, "south-101").await);
        let fields = json!({ "code": " ", "title": "a\u{0}b", "price": "-1.00", "credits": 1e9, "languages": ["not a tag"], "prerequisiteIds": [foreign, "crs_7zzzzzzzzzzzzzzzzzzzzzzzzz", "x"],
            "competencyIds": [institution] });
        let answer = app.ask_as(&north, CREATE, json!({ "input": { "institutionId": institution, "fields": fields } })).await;
        snapshot!("course_invalid", answer);
    }

    /// Programs, offerings, credentials and businesses are created and changed by those who may.
    async fn writes_the_others(database) {
        let app = TestApp::twins(database).await;
        let north = college(&app, "north", Role::InstitutionAdmin).await;
        let admin = consortium(&app, Role::ConsortiumAdmin).await;
        let (institution, course) = (id(&app, Kind::Institution, "north").await, id(&app, Kind::Course, "north-101").await);
        let (acme, brazing) = (id(&app, Kind::Business, "acme").await, id(&app, Kind::Competency, "brazing").await);
        let mut seen = serde_json::Map::new();
        let program = "mutation($i: ProgramCreateInput!) { programCreate(input: $i) { program { id title status contactHours isForCredit components { sequence course { code } } industries { naicsCode } } userErrors { code path } } }";
        let fields = json!({ "kind": "MICRO_PATHWAY", "title": "New Path", "summary": "S.", "components": [{ "courseId": course, "sequence": 1 }], "naicsCodes": ["23"], "status": "PUBLISHED" });
        let created = app.ask_as(&north, program, json!({ "i": { "institutionId": institution, "fields": fields } })).await;
        let path = created["data"]["programCreate"]["program"]["id"].clone();
        seen.insert("program".to_owned(), created);
        let offering = "mutation($i: OfferingCreateInput!) { offeringCreate(input: $i) { offering { id code status price seats { capacity available } subject { ... on Course { code } ... on Program { title } } } userErrors { code message path } } }";
        let times = json!({ "code": "S-1", "modality": "HYBRID", "startsOn": "2027-03-01", "endsOn": "2027-05-01", "capacity": 12, "reservedForBusinessId": acme });
        let created = app.ask_as(&north, offering, json!({ "i": { "subjectId": course, "fields": times } })).await;
        let section = created["data"]["offeringCreate"]["offering"]["id"].clone();
        seen.insert("offering".to_owned(), created);
        seen.insert("offering of a program without a price".to_owned(), app.ask_as(&north, offering, json!({ "i": { "subjectId": path, "fields": times } })).await);
        let hidden = json!({ "id": section });
        let look = "query($id: ID!) { offering(by: { id: $id }) { code } }";
        seen.insert("reserved, to the public".to_owned(), app.ask(look, hidden.clone()).await);
        let acme_token = business(&app, "acme").await;
        seen.insert("reserved, to its business".to_owned(), app.ask_as(&acme_token, look, hidden.clone()).await);
        let change = "mutation($i: OfferingUpdateInput!) { offeringUpdate(input: $i) { offering { status seats { capacity } } userErrors { code message path } } }";
        let update = |fields: Value| json!({ "i": { "id": section, "fields": fields } });
        seen.insert("opened to all".to_owned(), app.ask_as(&north, change, update(json!({ "reservedForBusinessId": null, "status": "OPEN" }))).await);
        seen.insert("open, to the public".to_owned(), app.ask(look, hidden).await);
        seen.insert("wrong days".to_owned(), app.ask_as(&north, change, update(json!({ "endsOn": "2027-02-01" }))).await);
        seen.insert("cancelled".to_owned(), app.ask_as(&north, change, update(json!({ "status": "CANCELLED" }))).await);
        seen.insert("opened again".to_owned(), app.ask_as(&north, change, update(json!({ "status": "OPEN" }))).await);
        let credential = "mutation($i: CredentialCreateInput!) { credentialCreate(input: $i) { credential { name status requirements { title choose options { ... on Course { code } } } competencies { name } } userErrors { code path } } }";
        let fields = json!({ "kind": "CERTIFICATE", "name": "New Badge", "description": "D.", "criteria": "C.", "status": "PUBLISHED", "competencyIds": [brazing],
            "requirements": [{ "title": "Any", "choose": 1, "optionIds": [course] }] });
        seen.insert("credential".to_owned(), app.ask_as(&north, credential, json!({ "i": { "issuerId": institution, "fields": fields } })).await);
        let add = "mutation($i: BusinessCreateInput!) { businessCreate(input: $i) { business { id name status partnerSince industry { naicsCode } region { code } } userErrors { code path } } }";
        let fields = json!({ "name": "Night Shift Bakery", "naicsCode": "44-45", "regionCode": "NORTH" });
        let added = app.ask_as(&admin, add, json!({ "i": { "fields": fields } })).await;
        let bakery = added["data"]["businessCreate"]["business"]["id"].clone();
        seen.insert("business".to_owned(), added);
        let rename = "mutation($i: BusinessUpdateInput!) { businessUpdate(input: $i) { business { name status partnerSince } userErrors { code message path } } }";
        seen.insert("admitted".to_owned(), app.ask_as(&admin, rename, json!({ "i": { "id": bakery, "fields": { "status": "ACTIVE" } } })).await);
        seen.insert("own name".to_owned(), app.ask_as(&acme_token, rename, json!({ "i": { "id": acme, "fields": { "name": "Acme Renamed" } } })).await);
        seen.insert("own status".to_owned(), app.ask_as(&acme_token, rename, json!({ "i": { "id": acme, "fields": { "status": "LEFT" } } })).await);
        seen.insert("another's name".to_owned(), app.ask_as(&acme_token, rename, json!({ "i": { "id": bakery, "fields": { "name": "Mine" } } })).await);
        seen.insert("found".to_owned(), app.ask_as(&admin, r#"{ businesses(search: "night bakery") { totalCount nodes { name status } } }"#, json!({})).await);
        snapshot!("writes", seen);
        assert_eq!(app.store.breaches(), 0);
        let verdict = concord::service::audit::verify(&app.operator().await).await.expect("a verdict");
        assert!(verdict.breaks.is_empty() && verdict.lines > 5, "{verdict:?}");
    }
}
