//! Filters of offerings.

use super::expect::{changed, holds, starts};
use super::*;

const ITEM: &str = "id modality status startsOn updatedAt institution { id } subject { ... on Course { id subjectStatus: status } ... on Program { id subjectStatus: status } } \
    term { id } campus { region { code } } seats { capacity available }";

fn meets(offering: &Value, filter: &Value) -> bool {
    let has_seats = offering["seats"]["available"].as_i64().is_some_and(|seats| seats > 0);
    holds(filter, "institutionIds", &offering["institution"]["id"])
        && holds(filter, "subjectIds", &offering["subject"]["id"])
        && holds(filter, "termIds", &offering["term"]["id"])
        && holds(filter, "statuses", &offering["status"])
        && holds(filter, "modalities", &offering["modality"])
        && holds(filter, "regionCodes", &offering["campus"]["region"]["code"])
        && starts(filter, &offering["startsOn"])
        && holds(filter, "hasSeats", &json!(has_seats))
        && changed(filter, offering)
        && (!filter["updatedSince"].is_null() || offering["subject"]["subjectStatus"] == "PUBLISHED")
}

both! {
    /// A visitor filters offerings by each field alone and by several together.
    async fn filters_offerings(database) {
        let app = demo(database).await;
        let retired = "UPDATE offering SET is_public = FALSE WHERE course_id IN (SELECT id FROM course WHERE status = 'RETIRED') OR program_id IN (SELECT id FROM program WHERE status = 'RETIRED')";
        assert!(app.execute(retired).await > 0);
        let offerings = download(&app, "offerings", ITEM, true).await;
        let all = |pointer: &str| -> BTreeSet<String> {
            offerings.iter().filter_map(|offering| offering.pointer(pointer)).filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let each = |values: BTreeSet<String>| values.into_iter().map(|value| json!([value])).chain([json!([])]).collect::<Vec<_>>();
        let choices = [
            ("institutionIds", lists(&all("/institution/id"), "ins_7zzzzzzzzzzzzzzzzzzzzzzzzz")),
            ("subjectIds", lists(&all("/subject/id"), "prg_7zzzzzzzzzzzzzzzzzzzzzzzzz")),
            ("termIds", lists(&all("/term/id"), "trm_7zzzzzzzzzzzzzzzzzzzzzzzzz")),
            ("statuses", each(all("/status"))),
            ("modalities", each(all("/modality"))),
            ("regionCodes", lists(&all("/campus/region/code"), "NOWHERE")),
            ("startsWithin", vec![json!({ "from": "2027-02-01" }), json!({ "through": "2027-01-31" }), json!({ "from": "2027-01-10", "through": "2027-03-01" }), json!({})]),
            ("hasSeats", vec![json!(true), json!(false)]),
            ("updatedSince", vec![json!("2027-01-10T00:00:00Z"), json!("2027-01-11T12:30:00.5Z"), json!("2027-01-15T12:00:00Z"), json!("2100-01-01T00:00:00Z")]),
        ];
        hold(&app, "offerings", &offerings, &filters(&choices, 60), meets).await;
    }
}
