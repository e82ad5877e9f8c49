//! Filters of courses.

use super::expect::{cents, changed, holds, holds_any, starts};
use super::*;

const ITEM: &str = "id price isForCredit updatedAt status institution { id } competencies { id } \
    offerings(first: 100) { totalCount nodes { modality status startsOn campus { region { code } } seats { available } } }";

/// Whether one open offering meets all that is asked of one, or, where only its start is, any that was not cancelled.
fn has_offering(course: &Value, filter: &Value) -> bool {
    let needs_open = !filter["modalities"].is_null() || !filter["regionCodes"].is_null() || filter["hasSeats"] == true;
    let is_ranged = !filter["startsWithin"]["from"].is_null() || !filter["startsWithin"]["through"].is_null();
    if !needs_open && !is_ranged {
        return true;
    }
    items(&course["offerings"]["nodes"]).any(|offering| {
        let is_online = matches!(text(&offering["modality"]), "ONLINE_LIVE" | "ONLINE_SELF_PACED");
        let in_region = match &filter["regionCodes"] {
            Value::Null => true,
            Value::Array(codes) if codes.is_empty() => false,
            _ => is_online || holds(filter, "regionCodes", &offering["campus"]["region"]["code"]),
        };
        let is_open = if needs_open { offering["status"] == "OPEN" } else { offering["status"] != "CANCELLED" };
        is_open
            && in_region
            && holds(filter, "modalities", &offering["modality"])
            && starts(filter, &offering["startsOn"])
            && (filter["hasSeats"] != true || offering["seats"]["available"].as_i64().is_some_and(|seats| seats > 0))
    })
}

fn meets(course: &Value, filter: &Value) -> bool {
    let has_seats = items(&course["offerings"]["nodes"])
        .any(|offering| offering["status"] == "OPEN" && offering["seats"]["available"].as_i64().is_some_and(|seats| seats > 0));
    holds(filter, "institutionIds", &course["institution"]["id"])
        && holds_any(filter, "competencyIds", items(&course["competencies"]).map(|competency| &competency["id"]))
        && holds(filter, "isForCredit", &course["isForCredit"])
        && (filter["priceAtMost"].is_null() || cents(&course["price"]) <= cents(&filter["priceAtMost"]))
        && changed(filter, course)
        && has_offering(course, filter)
        && (filter["hasSeats"] != false || !has_seats)
}

both! {
    /// A visitor filters courses by each field alone and by several together.
    async fn filters_courses(database) {
        let app = demo(database).await;
        let courses = download(&app, "courses", ITEM, true).await;
        assert!(courses.iter().all(|course| items(&course["offerings"]["nodes"]).count() as u64 == course["offerings"]["totalCount"].as_u64().unwrap_or(101)));
        let all = |pointer: &str| -> BTreeSet<String> { courses.iter().map(|course| text(course.pointer(pointer).expect("a value")).to_owned()).collect() };
        let competencies = courses.iter().flat_map(|course| items(&course["competencies"])).map(|competency| text(&competency["id"]).to_owned()).collect();
        let regions = courses.iter().flat_map(|course| items(&course["offerings"]["nodes"])).filter_map(|offering| offering["campus"]["region"]["code"].as_str()).map(str::to_owned).collect();
        let modalities = ["HYBRID", "IN_PERSON", "ONLINE_LIVE", "ONLINE_SELF_PACED"];
        let choices = [
            ("institutionIds", lists(&all("/institution/id"), "ins_7zzzzzzzzzzzzzzzzzzzzzzzzz")),
            ("competencyIds", lists(&competencies, "cmp_7zzzzzzzzzzzzzzzzzzzzzzzzz")),
            ("isForCredit", vec![json!(true), json!(false)]),
            ("modalities", modalities.iter().map(|modality| json!([modality])).chain([json!(["HYBRID", "ONLINE_LIVE"]), json!([])]).collect()),
            ("regionCodes", lists(&regions, "NOWHERE")),
            ("startsWithin", vec![json!({ "from": "2027-02-01" }), json!({ "through": "2027-01-31" }), json!({ "from": "2027-02-01", "through": "2027-03-01" }), json!({ "from": "2027-03-01", "through": "2027-02-01" }), json!({}), json!({ "from": null, "through": null })]),
            ("hasSeats", vec![json!(true), json!(false)]),
            ("priceAtMost", vec![json!("0.00"), json!("99.99"), json!("250.00"), json!("100000.00")]),
            ("updatedSince", vec![json!("2027-01-10T00:00:00Z"), json!("2027-01-10T00:00:00.000001Z"), json!("2027-01-11T13:30:00.5+01:00"), json!("2027-01-15T12:00:00Z"), json!("2100-01-01T00:00:00Z")]),
        ];
        hold(&app, "courses", &courses, &filters(&choices, 60), meets).await;
    }

    /// A visitor filters the courses of one institution: they are those of all that are its own.
    async fn filters_nested_courses_as_all(database) {
        let app = demo(database).await;
        let answer = app.data("{ institutions(first: 3) { nodes { id } } }").await;
        for institution in items(&answer["institutions"]["nodes"]) {
            let id = text(&institution["id"]);
            for filter in ["isForCredit: false, hasSeats: true", "modalities: [HYBRID, ONLINE_LIVE]", r#"updatedSince: "2027-01-11T00:00:00Z""#] {
                let around = format!("institution(by: {{ id: \"{id}\" }}) {{ # }}");
                let arguments = format!("sort: PRICE, filter: {{ {filter} }}");
                let nested = List { around: &around, field: "courses", arguments: &arguments, item: "id" }.ids(&app, 100).await;
                let whole = format!("sort: PRICE, filter: {{ {filter}, institutionIds: [\"{id}\"] }}");
                let whole = List::root("courses", &whole, "id").ids(&app, 100).await;
                assert_eq!(nested, whole, "{id} {filter}");
            }
        }
    }
}
