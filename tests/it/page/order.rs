//! Orders of lists over the whole demo.

use std::cmp::Ordering;

use concord::domain::text::sort_key;
use serde_json::Value;

use super::demo;
use crate::support::{TestApp, both};
use crate::walk::List;

/// What an order compares before identifiers.
#[derive(Debug, Clone, Copy)]
enum By {
    Text(&'static str),
    Money,
    NextStart,
    Day,
    Moment,
}

fn text<'a>(item: &'a Value, field: &str) -> &'a str {
    item[field].as_str().unwrap_or_else(|| panic!("no {field} in {item}"))
}

impl By {
    fn compare(self, one: &Value, other: &Value) -> Ordering {
        let cents = |item| text(item, "price").replace('.', "").parse::<i64>().expect("an amount");
        let moment = |item| chrono::DateTime::parse_from_rfc3339(text(item, "updatedAt")).expect("an instant");
        let next = |item: &Value| -> String {
            let open = item["offerings"]["nodes"].as_array().expect("offerings").first();
            open.map_or("9999-12-31", |offering| text(offering, "startsOn")).to_owned()
        };
        match self {
            Self::Text(field) => sort_key(text(one, field)).cmp(&sort_key(text(other, field))),
            Self::Money => cents(one).cmp(&cents(other)),
            Self::NextStart => next(one).cmp(&next(other)),
            Self::Day => text(one, "startsOn").cmp(text(other, "startsOn")),
            Self::Moment => moment(one).cmp(&moment(other)),
        }
    }
}

/// Every order that a list has: arguments, what is compared, whether the greatest comes first.
const COURSES: [(&str, By, bool); 5] = [
    ("sort: TITLE", By::Text("title"), false),
    ("sort: PRICE", By::Money, false),
    ("sort: STARTS_SOONEST", By::NextStart, false),
    ("sort: RECENTLY_UPDATED", By::Moment, true),
    ("sort: RELEVANCE", By::Text("title"), false),
];
const OFFERINGS: [(&str, By, bool); 4] = [
    ("sort: STARTS_SOONEST", By::Day, false),
    ("sort: STARTS_LATEST", By::Day, true),
    ("sort: PRICE", By::Money, false),
    ("sort: RECENTLY_UPDATED", By::Moment, true),
];
const COURSE: &str = "id title price updatedAt offerings(first: 1, filter: { statuses: [OPEN] }) { nodes { startsOn } }";
const OFFERING: &str = "id price startsOn updatedAt";

/// Holds a list to its order, and pages of seven to the list. How many items it has.
async fn hold(app: &TestApp, list: List<'_>, by: By, is_descending: bool) -> usize {
    let whole = list.walk(app, 100).await;
    for pair in whole.windows(2) {
        let order = by.compare(&pair[0], &pair[1]).then_with(|| text(&pair[0], "id").cmp(text(&pair[1], "id")));
        let expected = if is_descending { Ordering::Greater } else { Ordering::Less };
        assert_eq!(order, expected, "{list:?}: {} before {}", pair[0], pair[1]);
    }
    let ids: Vec<&str> = whole.iter().map(|item| text(item, "id")).collect();
    assert_eq!(List { item: "id", ..list }.ids(app, 7).await, ids, "{list:?}");
    whole.len()
}

/// Different moments of change, with many rows at each.
async fn change(app: &TestApp, table: &str, number: &str) {
    for (rest, moment) in [(0, "2027-01-10T00:00:00+00:00"), (1, "2027-01-11T12:30:00.500+00:00"), (2, "2027-01-11T12:30:00.500001+00:00")]
    {
        app.execute(&format!("UPDATE {table} SET updated_at = '{moment}' WHERE ({number}) % 4 = {rest}")).await;
    }
}

both! {
    /// A visitor walks all courses in each order, seven at a time.
    async fn walks_courses(database) {
        let app = demo(database).await;
        change(&app, "course", "price_cents / 100").await;
        for (arguments, by, is_descending) in COURSES {
            let number = hold(&app, List::root("courses", arguments, COURSE), by, is_descending).await;
            assert!(number > 100, "{number} courses");
        }
        hold(&app, List::root("courses", "", COURSE), By::Text("title"), false).await;
        hold(&app, List::root("courses", "filter: { isForCredit: false, hasSeats: true }, sort: PRICE", COURSE), By::Money, false).await;
    }

    /// A visitor walks all offerings in each order, seven at a time.
    async fn walks_offerings(database) {
        let app = demo(database).await;
        change(&app, "offering", "length(code) + seats_taken").await;
        for (arguments, by, is_descending) in OFFERINGS {
            let arguments = format!("{arguments}, filter: {{ modalities: [HYBRID, ONLINE_LIVE] }}");
            let number = hold(&app, List::root("offerings", &arguments, OFFERING), by, is_descending).await;
            assert!(number > 100, "{number} offerings");
        }
        let all = List::root("offerings", "", OFFERING).walk(&app, 100).await.len();
        assert_eq!(hold(&app, List::root("offerings", "sort: STARTS_SOONEST", OFFERING), By::Day, false).await, all);
    }

    /// A visitor walks the lists that have one order each, seven at a time.
    async fn walks_other_lists(database) {
        let app = demo(database).await;
        for (field, name) in [("institutions", "name"), ("programs", "title"), ("credentials", "name"), ("competencies", "name")] {
            let item = format!("id {name}");
            assert!(hold(&app, List::root(field, "", &item), By::Text(name), false).await > 10, "{field}");
        }
    }

    /// A visitor walks the lists that hang on objects, seven at a time; all objects of a page are asked at once, and each keeps its own list.
    async fn walks_nested_lists(database) {
        let app = demo(database).await;
        change(&app, "course", "price_cents / 100").await;
        let institution = app.data("{ institutions(first: 1) { nodes { id } } }").await["institutions"]["nodes"][0]["id"].clone();
        let around = format!("institution(by: {{ id: {institution} }}) {{ # }}");
        for (arguments, by, is_descending) in COURSES {
            hold(&app, List { around: &around, field: "courses", arguments, item: COURSE }, by, is_descending).await;
        }
        for (arguments, by, is_descending) in OFFERINGS {
            hold(&app, List { around: &around, field: "offerings", arguments, item: OFFERING }, by, is_descending).await;
        }
        hold(&app, List { around: &around, field: "programs", arguments: "", item: "id title" }, By::Text("title"), false).await;
        hold(&app, List { around: &around, field: "credentials", arguments: "", item: "id name" }, By::Text("name"), false).await;
        let answer = app.data("{ competencies(first: 100) { nodes { id courses(first: 1) { totalCount } } } courses(first: 100) { nodes { id offerings(first: 1) { totalCount } } } \
            offerings(first: 100) { nodes { instructors { id } } } }").await;
        let largest = |list: &str, inner: &str| -> String {
            let nodes = answer[list]["nodes"].as_array().expect("nodes").iter();
            let largest = nodes.max_by_key(|node| node[inner]["totalCount"].as_i64()).expect("a node");
            text(largest, "id").to_owned()
        };
        let competency = format!("node(id: {:?}) {{ ... on Competency {{ # }} }}", largest("competencies", "courses"));
        assert!(hold(&app, List { around: &competency, field: "courses", arguments: "", item: COURSE }, By::Text("title"), false).await > 7);
        hold(&app, List { around: &competency, field: "credentials", arguments: "", item: "id name" }, By::Text("name"), false).await;
        let course = format!("course(by: {{ id: {:?} }}) {{ # }}", largest("courses", "offerings"));
        for (arguments, by, is_descending) in OFFERINGS {
            hold(&app, List { around: &course, field: "offerings", arguments, item: OFFERING }, by, is_descending).await;
        }
        let instructor = answer.pointer("/offerings/nodes").and_then(Value::as_array).expect("offerings").iter().find_map(|offering| offering.pointer("/instructors/0/id"));
        let staff = format!("node(id: {}) {{ ... on StaffMember {{ # }} }}", instructor.expect("an instructor"));
        hold(&app, List { around: &staff, field: "teaching", arguments: "", item: OFFERING }, By::Day, false).await;
    }

    /// A visitor asks for the first courses of every institution at once: each has those that it has when it is asked alone.
    async fn parts_nested_lists_by_parent(database) {
        let app = demo(database).await;
        let question = "{ nodes { id courses(first: 3, sort: PRICE) { totalCount pageInfo { hasNextPage endCursor } nodes { id } } offerings(first: 2) { totalCount nodes { id } } } }";
        let all = app.data(&format!("{{ institutions(first: 100) {question} }}")).await;
        let all = all["institutions"]["nodes"].as_array().expect("institutions");
        assert!(all.len() > 10);
        for together in all {
            let one = question.trim_start_matches("{ nodes ").strip_suffix(" }").expect("the end of the list");
            let alone = app.data(&format!("{{ institution(by: {{ id: {} }}) {one} }}", together["id"])).await;
            assert_eq!(&alone["institution"], together);
        }
    }
}
