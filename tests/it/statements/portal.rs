//! The operations of a college portal, with their answers and their statements.

use concord::domain::id::Kind;
use serde_json::{Value, json};

use super::warm;
use crate::support::{TestApp, both, snapshot};
use crate::walk::id;

/// Runs an operation once to warm up and once to count; the answer.
async fn run(app: &TestApp, document: &str, variables: Value, expected: u64) -> Value {
    warm(app, 1).await;
    let (statements, answer) = app.statements(app.ask(document, variables)).await;
    assert!(answer.get("errors").is_none(), "{answer:#}");
    assert_eq!(statements, expected);
    answer
}

both! {
    /// A portal fills its search page.
    async fn searches_the_catalog(database) {
        let app = TestApp::twins(database).await;
        // The courses and their number; institution and offerings; campuses with their regions; all regions. The only course leads to no credential.
        let variables = json!({
            "search": "heating",
            "filter": { "regionCodes": ["SOUTH"], "modalities": ["HYBRID", "ONLINE_LIVE"], "priceAtMost": "750.00", "startsWithin": { "from": "2027-01-05", "through": "2027-03-31" } },
            "sort": "TITLE",
            "first": 20,
        });
        let answer = run(&app, include_str!("../operations/portal_catalog_search.graphql"), variables, 2 + 2 + 2 + 1).await;
        snapshot!("portal_catalog_search", answer);
    }

    /// A portal shows the page of a course that its own system names.
    async fn shows_a_course(database) {
        let app = TestApp::twins(database).await;
        let north = id(&app, Kind::Institution, "north").await;
        let variables = json!({ "course": { "externalKey": { "tenantId": north, "system": "banner", "value": "north-112" } } });
        // The course; institution and region; competencies and alignments; prerequisites; assessments; credential with issuer, what it stacks into with
        // issuer and requirements, articulations with institution and program; programs; offerings. Its one offering was cancelled: no campus, no instructors.
        let expected = 1 + 2 + 2 + 1 + 1 + (1 + 1 + 3 + 3) + 1 + 1;
        let answer = run(&app, include_str!("../operations/portal_course_page.graphql"), variables, expected).await;
        snapshot!("portal_course_page", answer);
    }

    /// A portal synchronizes the offerings of its college.
    async fn synchronizes_offerings(database) {
        let app = TestApp::twins(database).await;
        let variables = json!({ "slug": "penasco", "since": "2026-01-11T03:00:00Z", "after": null });
        // The institution, its terms, the offerings with term, campus and either subject.
        let answer = run(&app, include_str!("../operations/portal_offering_sync.graphql"), variables, 1 + 1 + 1 + 4).await;
        snapshot!("portal_offering_sync", answer);
    }

    /// A portal shows the page of a pathway.
    async fn shows_a_pathway(database) {
        let app = TestApp::twins(database).await;
        let variables = json!({ "id": id(&app, Kind::Program, "north-path").await });
        // The program; institution, industries, occupations, components and their courses, assessment and its competencies; credential, what it stacks into,
        // articulations with institution and program; cohorts with campus.
        let expected = 1 + 3 + 2 + 2 + (1 + 1 + 3) + 2;
        let answer = run(&app, include_str!("../operations/portal_micro_pathway.graphql"), variables, expected).await;
        snapshot!("portal_micro_pathway", answer);
    }
}
