//! Limits that the schema's descriptions publish for single arguments and fields of inputs.

use serde_json::{Value, json};

use super::{asked, generous};
use crate::support::{both, snapshot};

/// Field, where its limited value stands, and the most items of it: every "At most" of the schema's inputs.
const LISTS: [(&str, &str, usize); 14] = [
    ("nodes", "ids", 100),
    ("courses", "filter.competencyIds", 50),
    ("courses", "filter.institutionIds", 50),
    ("courses", "filter.regionCodes", 20),
    ("credentials", "filter.competencyIds", 50),
    ("credentials", "filter.issuerIds", 50),
    ("offerings", "filter.institutionIds", 50),
    ("offerings", "filter.regionCodes", 20),
    ("offerings", "filter.subjectIds", 50),
    ("offerings", "filter.termIds", 50),
    ("programs", "filter.competencyIds", 50),
    ("programs", "filter.institutionIds", 50),
    ("programs", "filter.naicsCodes", 20),
    ("institutions", "regionCodes", 250),
];

/// Root field, where its limited value stands, what it is a list of, and the most items: every "At most" of what mutations and private lists take.
const PRIVATE: [(&str, &str, &str, usize); 12] = [
    ("auditEvents", "filter.actions", "\"x\"", 20),
    ("businesses", "filter.naicsCodes", "\"23\"", 20),
    ("businesses", "filter.regionCodes", "\"NORTH\"", 20),
    ("courseCreate", "competencyIds", "\"x\"", 30),
    ("courseCreate", "prerequisiteIds", "\"x\"", 10),
    ("courseCreate", "languages", "\"en\"", 5),
    ("programCreate", "components", "{ courseId: \"x\", sequence: 1 }", 40),
    ("programCreate", "naicsCodes", "\"23\"", 10),
    ("offeringCreate", "instructorIds", "\"x\"", 10),
    ("credentialCreate", "competencyIds", "\"x\"", 30),
    ("credentialCreate", "requirements", "{ title: \"x\", choose: 1, optionIds: [] }", 10),
    ("credentialCreate", "optionIds", "\"x\"", 30),
];

/// What acts and lists of people and money take, by a variable of this type in the place of `$value`: an item, the name that is told, and the most items. Where it is as many as any list takes, the general limit comes first.
const ACTS: [(&str, &str, &str, &str, usize); 17] = [
    ("[ID!]", "{ business(by: { id: \"x\" }) { employees(filter: { siteIds: $value }) { totalCount } } }", "\"x\"", "siteIds", 50),
    (
        "[ID!]",
        "{ business(by: { id: \"x\" }) { enrollments(filter: { offeringIds: $value }) { totalCount } } }",
        "\"x\"",
        "offeringIds",
        50,
    ),
    ("[ID!]", "{ business(by: { id: \"x\" }) { enrollments(filter: { termIds: $value }) { totalCount } } }", "\"x\"", "termIds", 50),
    (
        "[ConsentScope!]!",
        "{ consentGrant(input: { granteeId: \"x\", scopes: $value }) { userErrors { code } } }",
        "\"CONTACT\"",
        "scopes",
        10,
    ),
    (
        "[ConsentScope!]!",
        "{ employmentConfirm(input: { invitationCode: \"x\", scopes: $value }) { userErrors { code } } }",
        "\"CONTACT\"",
        "scopes",
        10,
    ),
    (
        "[BusinessSiteItem!]",
        "{ businessUpdate(input: { id: \"x\", fields: { sites: $value } }) { userErrors { code } } }",
        "{ \"name\": \"x\", \"address\": { \"line1\": \"x\", \"city\": \"x\", \"state\": \"VR\", \"postalCode\": \"00001\" } }",
        "list_items",
        250,
    ),
    ("[ID!]!", "{ employeesInvite(input: { ids: $value }) { userErrors { code } } }", "\"x\"", "list_items", 250),
    ("[ID!]!", "{ employeesSeparate(input: { ids: $value }) { userErrors { code } } }", "\"x\"", "list_items", 250),
    ("[ID!]!", "{ vouchersVoid(input: { ids: $value }) { userErrors { code } } }", "\"x\"", "list_items", 250),
    (
        "[EmployeeItem!]!",
        "{ employeesUpsert(input: { businessId: \"x\", items: $value }) { userErrors { code } } }",
        "{ \"name\": \"x\", \"email\": \"x\" }",
        "list_items",
        250,
    ),
    (
        "[EnrollmentRequestItem!]!",
        "{ enrollmentBulkRequest(input: { idempotencyKey: \"1b4f0c52-7a54-4c0b-8a1d-000000000001\", funding: { voucherCode: \"x\" }, items: $value }) { userErrors { code } } }",
        "{ \"learner\": { \"learnerId\": \"x\" }, \"offeringId\": \"x\" }",
        "list_items",
        250,
    ),
    (
        "[AssessmentResultItem!]!",
        "{ assessmentResultsRecord(input: { idempotencyKey: \"1b4f0c52-7a54-4c0b-8a1d-000000000001\", items: $value }) { userErrors { code } } }",
        "{ \"enrollmentId\": \"x\", \"assessmentId\": \"x\", \"score\": 1 }",
        "list_items",
        250,
    ),
    ("[CompetencyRatingInput!]", RATED, "{ \"competencyId\": \"x\", \"level\": \"EMERGING\" }", "competencyRatings", 20),
    ("[ID!]", SPONSORSHIP_OF[0], "\"x\"", "coverIds", 100),
    ("[ID!]", SPONSORSHIP_OF[1], "\"x\"", "heldOfferingIds", 50),
    ("[ID!]", SPONSORSHIP_OF[2], "\"x\"", "institutionIds", 50),
    // A text of so many characters.
    (
        "String!",
        "{ enrollmentRequest(input: { idempotencyKey: \"1b4f0c52-7a54-4c0b-8a1d-000000000001\", offeringId: \"x\", funding: { aidReference: $value } }) { userErrors { code } } }",
        "x",
        "aidReference",
        100,
    ),
];

/// A result with ratings.
const RATED: &str = "{ assessmentResultsRecord(input: { idempotencyKey: \"1b4f0c52-7a54-4c0b-8a1d-000000000001\", items: [{ enrollmentId: \"x\", assessmentId: \"x\", score: 1, competencyRatings: $value }] }) { userErrors { code } } }";

/// Sponsorships with each of their lists.
const SPONSORSHIP_OF: [&str; 3] = [
    "{ sponsorshipCreate(input: { idempotencyKey: \"1b4f0c52-7a54-4c0b-8a1d-000000000001\", businessId: \"x\", fields: { coverIds: $value } }) { userErrors { code } } }",
    "{ sponsorshipCreate(input: { idempotencyKey: \"1b4f0c52-7a54-4c0b-8a1d-000000000001\", businessId: \"x\", fields: { heldOfferingIds: $value } }) { userErrors { code } } }",
    "{ sponsorshipCreate(input: { idempotencyKey: \"1b4f0c52-7a54-4c0b-8a1d-000000000001\", businessId: \"x\", fields: { institutionIds: $value } }) { userErrors { code } } }",
];

/// A request of an act or list with so many items.
fn act((of, document, item): (&str, &str, &str), count: usize) -> Value {
    let kind = if document.starts_with("{ business(") { "query" } else { "mutation" };
    // An enum's value is a text among variables; what is no JSON is the letter of a text.
    let value = serde_json::from_str(item).map_or_else(|_| json!(item.repeat(count)), |item: Value| json!(vec![item; count]));
    json!({ "query": format!("{kind}($value: {of}) {document}"), "variables": { "value": value } })
}

/// A document with a list of so many items.
fn private(field: &str, place: &str, item: &str, count: usize) -> String {
    let list = format!("[{}]", vec![item; count].join(", "));
    if let Some((argument, inner)) = place.split_once('.') {
        return format!("{{ {field}({argument}: {{ {inner}: {list} }}) {{ totalCount }} }}");
    }
    let fields = if place == "optionIds" {
        format!("requirements: [{{ title: \"x\", choose: 1, optionIds: {list} }}]")
    } else {
        format!("{place}: {list}")
    };
    let owner = match field {
        "offeringCreate" => "subjectId",
        "credentialCreate" => "issuerId",
        _ => "institutionId",
    };
    format!("mutation {{ {field}(input: {{ {owner}: \"x\", fields: {{ {fields} }} }}) {{ userErrors {{ code }} }} }}")
}

/// A request with a list of so many items, as a literal or by a variable that holds the whole argument.
fn request(field: &str, place: &str, count: usize, is_variable: bool) -> Value {
    let value = if place.ends_with("Codes") { "NORTH" } else { "" };
    let (argument, inner) = place.split_once('.').map_or((place, None), |(argument, inner)| (argument, Some(inner)));
    let selection = if field == "nodes" { "{ id }" } else { "{ totalCount }" };
    let items = vec![value; count];
    if is_variable {
        let of = match (field, inner) {
            ("nodes", _) => "[ID!]!",
            (_, None) => "[String!]",
            ("courses", _) => "CourseFilter",
            ("credentials", _) => "CredentialFilter",
            ("offerings", _) => "OfferingFilter",
            _ => "ProgramFilter",
        };
        let value = inner.map_or_else(|| json!(items), |inner| json!({ inner: items }));
        return json!({ "query": format!("query($value: {of}) {{ {field}({argument}: $value) {selection} }}"), "variables": { "value": value } });
    }
    let list = json!(items);
    let value = inner.map_or_else(|| list.to_string(), |inner| format!("{{ {inner}: {list} }}"));
    json!({ "query": format!("{{ {field}({argument}: {value}) {selection} }}") })
}

/// Every "At most" of the schema's inputs is in the table above: the rest of them stand on outputs.
#[test]
fn knows_every_published_limit() {
    let sdl = concord::graphql::schema::sdl();
    let promises = sdl.lines().filter(|line| line.contains("At most ") && !line.contains("Visible to:")).count();
    // The last line of the table is the general limit of lists.
    assert_eq!(promises, LISTS.len() - 1 + PRIVATE.len() + ACTS.len(), "add the new limit to the table of this file");
}

both! {
    /// A client gives mutations and private lists as many items as they take, and one more, which is refused under the argument's name before anybody is asked who it is.
    async fn limits_private_lists(database) {
        let app = generous(database).await;
        for (field, place, item, most) in PRIVATE {
            let within = app.query(&private(field, place, item, most)).await;
            assert_eq!(within["errors"][0]["extensions"]["code"], "FORBIDDEN", "{field} {place}: {within}");
            let above = app.query(&private(field, place, item, most + 1)).await;
            let name = place.rsplit('.').next();
            assert_eq!(above["errors"][0]["extensions"]["limit"], json!({ "name": name, "max": most, "actual": most + 1 }), "{field} {place}: {above}");
        }
    }

    /// The same with what acts and lists of people and money take.
    async fn limits_acts(database) {
        let app = generous(database).await;
        for (of, document, item, name, most) in ACTS {
            let within = app.post(&act((of, document, item), most)).await.json();
            assert_eq!(within["errors"][0]["extensions"]["code"], "FORBIDDEN", "{document}: {within}");
            let above = app.post(&act((of, document, item), most + 1)).await.json();
            assert_eq!(above["errors"][0]["extensions"]["limit"], json!({ "name": name, "max": most, "actual": most + 1 }), "{document}: {above}");
        }
    }

    /// A client names as many items as an argument takes, which is no excess, and one more, which is refused under the argument's name without a statement.
    async fn limits_lists(database) {
        let app = generous(database).await;
        let mut outcomes = serde_json::Map::new();
        for (field, place, most) in LISTS {
            for is_variable in [false, true] {
                let at = asked(&app, &request(field, place, most, is_variable)).await;
                assert!(at.pointer("/error/extensions/code") != Some(&json!("LIMIT_EXCEEDED")), "{field} {place}: {at}");
                let above = asked(&app, &request(field, place, most + 1, is_variable)).await;
                let known = outcomes.insert(format!("{field} {place}"), above.clone());
                assert!(known.is_none_or(|known| known == above), "{field} {place}: a variable is told otherwise than a literal");
            }
        }
        snapshot!("limits_of_lists", outcomes);
    }

    /// A client asks for pages of sizes at the limits and beyond, at the root, inside of a page, and by a variable.
    async fn limits_pages(database) {
        let app = generous(database).await;
        let mut outcomes = serde_json::Map::new();
        for size in [-1, 0, 1, 100, 101] {
            let root = asked(&app, &json!({ "query": format!("{{ courses(first: {size}) {{ nodes {{ id }} }} }}") })).await;
            let inner = format!("{{ institutions(first: 1) {{ nodes {{ courses(first: {size}) {{ totalCount }} }} }} }}");
            assert_eq!(asked(&app, &json!({ "query": inner })).await, root, "inside of a page");
            let variable = json!({ "query": "query($size: Int) { courses(first: $size) { nodes { id } } }", "variables": { "size": size } });
            assert_eq!(asked(&app, &variable).await, root, "by a variable");
            outcomes.insert(size.to_string(), root);
        }
        snapshot!("limits_of_pages", outcomes);
    }

    /// A client searches with a hundred characters, which are counted as characters, and with one more.
    async fn limits_search(database) {
        let app = generous(database).await;
        let mut outcomes = serde_json::Map::new();
        for field in ["institutions", "courses", "programs", "credentials", "competencies"] {
            let ask = |length: usize| json!({ "query": format!("query($words: String) {{ {field}(search: $words) {{ totalCount }} }}"), "variables": { "words": "é".repeat(length) } });
            outcomes.insert(field.to_owned(), json!({ "at": asked(&app, &ask(100)).await, "above": asked(&app, &ask(101)).await }));
        }
        snapshot!("limits_of_search", outcomes);
    }

    /// A notebook sends whole numbers as floats, as JSON libraries do; a fraction, or more than 32 bits, is refused.
    async fn reads_whole_numbers(database) {
        let app = generous(database).await;
        let mut outcomes = serde_json::Map::new();
        for size in ["1.0", "1e1", "2.5", "2147483647", "2147483648", "-2147483649", "1e300"] {
            let body = format!(r#"{{"query":"query($size: Int) {{ viewer {{ kind }} courses(first: $size) {{ totalCount }} }}","variables":{{"size":{size}}}}}"#);
            let value: Value = serde_json::from_str(&body).expect("JSON");
            outcomes.insert(size.to_owned(), asked(&app, &value).await);
        }
        snapshot!("whole_numbers", outcomes);
    }
}
