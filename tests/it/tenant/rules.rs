//! What holds between the things of a catalog, whoever writes them: names of their own, no loops, sums in step, and nothing written that is so already.

use concord::domain::id::Kind;
use concord::domain::role::Role;
use serde_json::{Value, json};

use super::{college, consortium};
use crate::support::{TestApp, both};
use crate::walk::id;

/// Creates or changes something; its payload.
async fn act(app: &TestApp, token: &str, field: &str, input: Value, selection: &str) -> Value {
    let of = format!("{}{}", field[..1].to_uppercase(), &field[1..]);
    let document = format!("mutation($input: {of}Input!) {{ {field}(input: $input) {{ {selection} userErrors {{ code path }} }} }}");
    let answer = app.ask_as(token, &document, json!({ "input": input })).await;
    assert!(answer.get("errors").is_none(), "{answer}");
    answer["data"][field].clone()
}

/// The code and the place below `fields` of the first thing that is wrong; empty when nothing is.
async fn wrong(app: &TestApp, token: &str, field: &str, input: Value) -> String {
    let errors = act(app, token, field, input, "").await["userErrors"].take();
    let Some(first) = errors.get(0) else { return String::new() };
    let path = first["path"].as_array().map_or(&[][..], Vec::as_slice).iter().skip(2).filter_map(Value::as_str);
    format!("{} {}", first["code"].as_str().unwrap_or_default(), path.collect::<Vec<_>>().join("."))
}

both! {
    /// A college gives codes that are in use: they are taken among what is not past, and only of its own things.
    async fn takes_each_code_once(database) {
        let app = TestApp::twins(database).await;
        let north = college(&app, "north", Role::InstitutionAdmin).await;
        let institution = id(&app, Kind::Institution, "north").await;
        let (first, draft, retired) = (id(&app, Kind::Course, "north-101").await, id(&app, Kind::Course, "north-200").await, id(&app, Kind::Course, "north-099").await);
        let new = |code: &str| json!({ "institutionId": institution, "fields": { "code": code, "title": "T", "summary": "S", "price": "1.00" } });
        let change = |id: &str, fields: Value| json!({ "id": id, "fields": fields });
        for (field, input, expected) in [
            ("courseCreate", new("HVA 101"), "TAKEN code"),
            ("courseCreate", new(" HVA 200 "), "TAKEN code"),
            ("courseCreate", new("NET101"), ""),
            ("courseCreate", new("HVA 099"), ""),
            ("courseUpdate", change(&retired, json!({ "title": "Still retired" })), ""),
            ("courseUpdate", change(&retired, json!({ "status": "PUBLISHED" })), "TAKEN code"),
            ("courseUpdate", change(&retired, json!({ "status": "PUBLISHED", "code": "HVA 098" })), ""),
            ("courseUpdate", change(&draft, json!({ "code": "HVA 101" })), "TAKEN code"),
            ("courseUpdate", change(&draft, json!({ "code": "HVA 200", "title": "Its own" })), ""),
        ] {
            assert_eq!(wrong(&app, &north, field, input.clone()).await, expected, "{field} {input}");
        }
        let (second, term) = (id(&app, Kind::Course, "north-112").await, id(&app, Kind::Term, "north-27sp").await);
        let new = |subject: &str, code: &str, term: Option<&str>| {
            let fields = json!({ "code": code, "termId": term, "modality": "HYBRID", "startsOn": "2027-03-01", "endsOn": "2027-05-01", "capacity": 1 });
            json!({ "subjectId": subject, "fields": fields })
        };
        let section = id(&app, Kind::Offering, "n3").await;
        for (field, input, expected) in [
            ("offeringCreate", new(&first, "HVA101-1", Some(&term)), "TAKEN code"),
            ("offeringCreate", new(&first, "HVA101-1", None), ""),
            ("offeringCreate", new(&first, "HVA101-1", None), "TAKEN code"),
            ("offeringCreate", new(&second, "HVA101-1", Some(&term)), ""),
            ("offeringCreate", new(&second, "HVA112-1", Some(&term)), ""),
            ("offeringUpdate", change(&section, json!({ "code": "HVA101-1" })), "TAKEN code"),
            ("offeringUpdate", change(&section, json!({ "code": "HVA101-1", "status": "CANCELLED" })), ""),
        ] {
            assert_eq!(wrong(&app, &north, field, input.clone()).await, expected, "{field} {input}");
        }
    }

    /// A college names a thing as what it asks for itself, or twice: each place is told.
    async fn refuses_loops_and_repetitions(database) {
        let app = TestApp::twins(database).await;
        let north = college(&app, "north", Role::InstitutionAdmin).await;
        let (course, badge) = (id(&app, Kind::Course, "north-101").await, id(&app, Kind::Credential, "north-badge").await);
        let own = json!({ "id": course, "fields": { "prerequisiteIds": [course] } });
        assert_eq!(wrong(&app, &north, "courseUpdate", own).await, "INVALID prerequisiteIds.0");
        let any = |options: Value| json!({ "id": badge, "fields": { "requirements": [{ "title": "Any", "choose": 1, "optionIds": options }] } });
        assert_eq!(wrong(&app, &north, "credentialUpdate", any(json!([course, badge]))).await, "INVALID requirements.0.optionIds.1");
        assert_eq!(wrong(&app, &north, "credentialUpdate", any(json!([course, course]))).await, "INVALID requirements.0.optionIds.1");
        assert_eq!(wrong(&app, &north, "credentialUpdate", any(json!([course]))).await, "");
    }

    /// A college clears the languages of a course: it is taught in English, as one of which nothing was said.
    async fn clears_languages(database) {
        let app = TestApp::twins(database).await;
        let (north, course) = (college(&app, "north", Role::InstitutionAdmin).await, id(&app, Kind::Course, "north-101").await);
        let cleared = act(&app, &north, "courseUpdate", json!({ "id": course, "fields": { "languages": null } }), "course { languages }").await;
        assert_eq!(cleared, json!({ "course": { "languages": ["en"] }, "userErrors": [] }));
    }

    /// A college sends values, lists among them, that its things have already: nothing is written, not even the time.
    async fn leaves_what_is_so_already(database) {
        let app = TestApp::twins(database).await;
        let north = college(&app, "north", Role::InstitutionAdmin).await;
        let (first, second) = (id(&app, Kind::Course, "north-101").await, id(&app, Kind::Course, "north-112").await);
        let (brazing, teamwork) = (id(&app, Kind::Competency, "brazing").await, id(&app, Kind::Competency, "teamwork").await);
        let badge = id(&app, Kind::Credential, "north-badge").await;
        let requirements = json!([{ "title": "One", "choose": 1, "optionIds": [first, second] }, { "title": "One", "choose": 1, "optionIds": [second] }]);
        assert_eq!(wrong(&app, &north, "credentialUpdate", json!({ "id": badge, "fields": { "requirements": requirements } })).await, "");
        let before = crate::support::sorted_tables(&app).await;
        let path = id(&app, Kind::Program, "north-path").await;
        let steps = json!([{ "courseId": first, "sequence": 1 }, { "courseId": second, "sequence": 2 }, { "courseId": id(&app, Kind::Course, "north-200").await, "sequence": 3, "isRequired": false }]);
        let (ana, wang) = (id(&app, Kind::StaffMember, "north-ana").await, id(&app, Kind::StaffMember, "north-wang").await);
        let section = id(&app, Kind::Offering, "n1").await;
        for (field, id, fields) in [
            ("courseUpdate", &first, json!({ "prerequisiteIds": null, "competencyIds": [brazing, teamwork], "languages": ["en", "es"], "credentialId": null })),
            ("courseUpdate", &first, json!({ "prerequisiteIds": [] })),
            ("courseUpdate", &second, json!({ "prerequisiteIds": [first] })),
            ("programUpdate", &path, json!({ "components": steps, "naicsCodes": ["238220"] })),
            ("offeringUpdate", &section, json!({ "instructorIds": [ana, wang] })),
            ("credentialUpdate", &badge, json!({ "requirements": requirements })),
        ] {
            assert_eq!(wrong(&app, &north, field, json!({ "id": id, "fields": fields })).await, "", "{field} {fields}");
        }
        assert!(before == crate::support::sorted_tables(&app).await, "nothing was written");
        assert_eq!(wrong(&app, &north, "courseUpdate", json!({ "id": first, "fields": { "competencyIds": [teamwork, brazing] } })).await, "");
        assert!(before != crate::support::sorted_tables(&app).await, "another order is another list");
    }

    /// A college changes hours and credits of a course: the programs that it is a step of follow, in sums and time, and others stay.
    async fn programs_follow_their_courses(database) {
        let app = TestApp::twins(database).await;
        let north = college(&app, "north", Role::InstitutionAdmin).await;
        let (course, path) = (id(&app, Kind::Course, "north-101").await, id(&app, Kind::Program, "north-path").await);
        let program = format!(r#"{{ program(by: {{ id: "{path}" }}) {{ contactHours isForCredit }} }}"#);
        let mut seen = vec![app.data(&program).await["program"].take()];
        for fields in [json!({ "contactHours": 40.5 }), json!({ "credits": 2 }), json!({ "contactHours": null, "credits": null })] {
            assert_eq!(wrong(&app, &north, "courseUpdate", json!({ "id": course, "fields": fields })).await, "");
            seen.push(app.data(&program).await["program"].take());
        }
        assert_eq!(wrong(&app, &north, "programUpdate", json!({ "id": path, "fields": { "components": [] } })).await, "");
        seen.push(app.data(&program).await["program"].take());
        let of = |hours: Option<f64>, is_for_credit: bool| json!({ "contactHours": hours, "isForCredit": is_for_credit });
        assert_eq!(seen, [of(Some(78.5), false), of(Some(89.0), false), of(Some(89.0), true), of(Some(48.5), false), of(None, false)]);
    }

    /// A corporate navigator changes a business, but does not say whether it takes part; the business' log tells who it was.
    async fn navigators_change_businesses(database) {
        let app = TestApp::twins(database).await;
        let navigator = consortium(&app, Role::CorporateNavigator).await;
        let acme = id(&app, Kind::Business, "acme").await;
        let renamed = act(&app, &navigator, "businessUpdate", json!({ "id": acme, "fields": { "name": "Acme & Daughters" } }), "business { name }").await;
        assert_eq!(renamed, json!({ "business": { "name": "Acme & Daughters" }, "userErrors": [] }));
        assert_eq!(wrong(&app, &navigator, "businessUpdate", json!({ "id": acme, "fields": { "status": "LEFT" } })).await, "INVALID status");
        let lines = app.rows(&format!("SELECT action, subject_id, changed_fields FROM audit_event WHERE subject_id = '{acme}'")).await;
        assert_eq!(lines, [format!("businessUpdate|{acme}|name")]);
    }
}
