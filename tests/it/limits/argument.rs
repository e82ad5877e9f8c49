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
    assert_eq!(promises, LISTS.len() - 1 + PRIVATE.len(), "add the new limit to the table of this file");
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
