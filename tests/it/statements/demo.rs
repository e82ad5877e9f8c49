//! What a portal and a notebook ask, on the invented state: their documents as they are, their answers not empty, their statements the same on both databases.

use serde_json::{Value, json};

use super::warm;
use crate::support::{Template, TestApp, both};

/// What a notebook asks of the catalog beside its metrics.
const NOTEBOOK_2: &str = "query NotebookSkillsGap { competencies(filter: { kinds: [TECHNICAL] }, first: 100) { nodes { id name alignments { framework code } } } }";
/// What a notebook of one college asks of the catalog beside its metrics.
const NOTEBOOK_3: &str = "query NotebookInstitutionFunnel($slug: String!) { ours: institution(by: { slug: $slug }) { id name } }";
/// What the roster of a section asks of the catalog beside its learners.
const PORTAL_5: &str =
    "query PortalRoster($offeringId: ID!) { offering(by: { id: $offeringId }) { id code status seats { capacity available waitlisted } } }";

/// An operation with its variables, the statements that it takes, and what must not be empty in its answer.
struct Operation {
    document: &'static str,
    variables: Value,
    statements: u64,
    filled: &'static [&'static str],
}

/// Text at a place of an answer.
fn text(answer: &Value, place: &str) -> String {
    answer.pointer(place).and_then(Value::as_str).unwrap_or_else(|| panic!("{place} in {answer:#}")).to_owned()
}

/// The operations with names that the demo has.
async fn operations(app: &TestApp) -> [Operation; 7] {
    let some = app
        .data(
            "{ programs(filter: { kinds: [MICRO_PATHWAY] }, first: 1) { nodes { id institution { id slug } components { course { id } } } } \
            offerings(filter: { hasSeats: true, statuses: [OPEN] }, first: 1) { nodes { id } } }",
        )
        .await;
    let (program, institution) = (text(&some, "/programs/nodes/0/id"), text(&some, "/programs/nodes/0/institution/id"));
    let slug = text(&some, "/programs/nodes/0/institution/slug");
    let offering = text(&some, "/offerings/nodes/0/id");
    // A course with everything that the page of a course shows, named by its college's own system.
    let key = "SELECT k.value FROM external_key k JOIN course c ON c.id = k.object_id JOIN credential d ON d.id = c.credential_id JOIN institution i ON i.id = c.tenant_id \
        WHERE k.system = 'banner' AND k.kind = 'course' AND i.slug = '{slug}' AND c.status = 'PUBLISHED' AND c.id IN (SELECT course_id FROM course_prerequisite) \
        AND c.id IN (SELECT course_id FROM offering WHERE is_public AND status = 'OPEN') AND d.id IN (SELECT credential_id FROM credit_articulation) ORDER BY 1 LIMIT 1";
    let key = app.rows(&key.replace("{slug}", &slug)).await.concat();
    [
        Operation {
            document: include_str!("../operations/portal_catalog_search.graphql"),
            variables: json!({
                "search": "networking",
                "filter": { "modalities": ["HYBRID", "ONLINE_LIVE", "IN_PERSON"], "priceAtMost": "750.00", "startsWithin": { "from": "2027-01-05", "through": "2027-12-31" }, "hasSeats": true },
                "first": 20,
            }),
            statements: 8,
            filled: &["/courses/nodes", "/courses/nodes/0/offerings/nodes", "/regions"],
        },
        Operation {
            document: include_str!("../operations/portal_course_page.graphql"),
            variables: json!({ "course": { "externalKey": { "tenantId": institution, "system": "banner", "value": key } } }),
            statements: 19,
            filled: &[
                "/course/competencies",
                "/course/prerequisites",
                "/course/credential/articulations",
                "/course/programs",
                "/course/offerings/nodes",
            ],
        },
        Operation {
            document: include_str!("../operations/portal_offering_sync.graphql"),
            variables: json!({ "slug": slug, "since": "2026-01-11T03:00:00Z", "after": null }),
            statements: 6,
            filled: &["/institution/terms", "/institution/offerings/nodes"],
        },
        Operation {
            document: include_str!("../operations/portal_micro_pathway.graphql"),
            variables: json!({ "id": program }),
            statements: 15,
            filled: &[
                "/program/components",
                "/program/industries",
                "/program/occupations",
                "/program/summativeAssessment/competencies",
                "/program/credential/stacksInto",
            ],
        },
        Operation {
            document: NOTEBOOK_2,
            variables: json!({}),
            statements: 2,
            filled: &["/competencies/nodes", "/competencies/nodes/99/alignments"],
        },
        Operation { document: NOTEBOOK_3, variables: json!({ "slug": slug }), statements: 1, filled: &["/ours/name"] },
        Operation {
            document: PORTAL_5,
            variables: json!({ "offeringId": offering }),
            statements: 1,
            filled: &["/offering/code", "/offering/seats/capacity"],
        },
    ]
}

both! {
    /// A portal and two notebooks ask what they ask every day of a state of full size: all of it is answered, with one statement for the root, each edge and each count.
    async fn answers_the_daily_questions(database) {
        let app = TestApp::start(database, Template::Demo, |settings| {
            settings.cost.anonymous = 1_000;
            settings.database.connections = 1;
        }).await;
        let operations = operations(&app).await;
        warm(&app, 1).await;
        for Operation { document, variables, statements, filled } in operations {
            let name = document.split("query ").nth(1).expect("a name").split(['(', ' ']).next().expect("a name");
            let (sent, answer) = app.statements(app.ask(document, variables)).await;
            assert!(answer.get("errors").is_none(), "{name}: {answer:#}");
            for place in filled {
                let found = answer["data"].pointer(place).unwrap_or_else(|| panic!("{name}: {place} in {answer:#}"));
                assert!(!found.is_null() && found.as_array().is_none_or(|items| !items.is_empty()), "{name}: nothing at {place}: {answer:#}");
            }
            assert_eq!(sent, statements, "{name}");
        }
    }
}
