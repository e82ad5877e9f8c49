//! Filters of lists: what a list answers under each filter is what a reader finds who has downloaded everything and sorts it out by himself.

mod course;
mod expect;
mod offering;
mod others;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::import::Dice;
use crate::support::{Database, Template, TestApp, both, snapshot};
use crate::walk::List;

/// The demo with different moments of change, and something retired and cancelled.
async fn demo(database: Database) -> TestApp {
    let app = TestApp::start(database, Template::Demo, |settings| {
        settings.cost.anonymous = 1_000_000_000;
        settings.server.deadline_ms = 60_000;
    })
    .await;
    // Rows of an import have the same moment: some were changed since, by their own numbers.
    for (table, number) in [("course", "price_cents / 100"), ("program", "length(title)"), ("offering", "length(code) + seats_taken")] {
        for (rest, moment) in [(0, "2027-01-10T00:00:00+00:00"), (1, "2027-01-11T12:30:00.500+00:00")] {
            app.execute(&format!("UPDATE {table} SET updated_at = '{moment}' WHERE ({number}) % 3 = {rest}")).await;
        }
    }
    app.execute("UPDATE course SET status = 'RETIRED' WHERE length(title) % 11 = 0").await;
    app.execute("UPDATE program SET status = 'RETIRED' WHERE length(summary) % 7 = 0").await;
    app.execute("UPDATE offering SET status = 'CANCELLED' WHERE seats_taken % 13 = 1").await;
    app.execute("UPDATE offering SET capacity = NULL WHERE seats_taken % 17 = 2").await;
    app
}

/// Everything that a list of the root holds, without a filter; with what is retired where an old enough moment is given.
async fn download(app: &TestApp, field: &str, item: &str, with_retired: bool) -> Vec<Value> {
    let arguments = if with_retired { r#"filter: { updatedSince: "2000-01-01T00:00:00Z" }"# } else { "" };
    List::root(field, arguments, item).walk(app, 100).await
}

/// Identifiers that a list of the root answers under a filter, and whether its count agrees.
async fn matching(app: &TestApp, field: &str, filter: &Value) -> BTreeSet<String> {
    let of = match field {
        "courses" => "CourseFilter",
        "programs" => "ProgramFilter",
        "offerings" => "OfferingFilter",
        "credentials" => "CredentialFilter",
        _ => "CompetencyFilter",
    };
    let question = format!(
        "query ($filter: {of}, $after: String) {{ {field}(filter: $filter, first: 100, after: $after) {{ totalCount nodes {{ id }} pageInfo {{ hasNextPage endCursor }} }} }}"
    );
    let mut found = BTreeSet::new();
    let mut after = Value::Null;
    loop {
        let answer = app.ask(&question, json!({ "filter": filter, "after": after })).await;
        assert!(answer.get("errors").is_none(), "{filter}: {answer:#}");
        let page = &answer["data"][field];
        found.extend(page["nodes"].as_array().expect("nodes").iter().map(|node| text(&node["id"]).to_owned()));
        if page["pageInfo"]["hasNextPage"] == false {
            assert_eq!(page["totalCount"], json!(found.len()), "{field} {filter}");
            return found;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().expect("a list").iter()
}

/// Each value of each field alone, then so many combinations of several fields.
fn filters(choices: &[(&str, Vec<Value>)], combinations: usize) -> Vec<Value> {
    let mut filters = vec![Value::Null, json!({})];
    for (field, values) in choices {
        filters.push(json!({ *field: null }));
        filters.extend(values.iter().map(|value| json!({ *field: value })));
    }
    let mut dice = Dice(7);
    for _ in 0..combinations {
        let mut filter = Map::new();
        for _ in 0..2 + dice.below(3) {
            let (field, values) = &choices[dice.below(choices.len())];
            filter.insert((*field).to_owned(), values[dice.below(values.len())].clone());
        }
        filters.push(Value::Object(filter));
    }
    filters
}

/// Lists to filter by: each of the first values alone, some together, one that nothing has, and none.
fn lists(values: &BTreeSet<String>, unknown: &str) -> Vec<Value> {
    let values: Vec<&String> = values.iter().collect();
    assert!(values.len() > 1, "too few values to choose from: {values:?}");
    let step = (values.len() / 4).max(1);
    let some: Vec<&&String> = values.iter().step_by(step).collect();
    let mut lists: Vec<Value> = some.iter().take(4).map(|value| json!([value])).collect();
    lists.push(json!(some));
    lists.push(json!([values[0], values[0], unknown]));
    lists.push(json!([unknown]));
    lists.push(json!([]));
    lists
}

/// Holds a list to what is expected of it under each filter; how many filters found something.
async fn hold(app: &TestApp, field: &str, rows: &[Value], filters: &[Value], expected: impl Fn(&Value, &Value) -> bool) {
    let mut fruitful = 0;
    for filter in filters {
        let expected: BTreeSet<String> = rows.iter().filter(|row| expected(row, filter)).map(|row| text(&row["id"]).to_owned()).collect();
        let found = matching(app, field, filter).await;
        let missing: Vec<_> = expected.difference(&found).take(3).collect();
        let wrong: Vec<_> = found.difference(&expected).take(3).collect();
        assert!(missing.is_empty() && wrong.is_empty(), "{field} {filter}: missing {missing:?}, wrong {wrong:?}");
        fruitful += usize::from(!found.is_empty() && found.len() < rows.len());
    }
    assert!(fruitful * 3 >= filters.len(), "only {fruitful} of {} filters choose anything", filters.len());
}

both! {
    /// A visitor asks for a hybrid course with seats: one whose hybrid section is full and whose open seats are elsewhere is none.
    async fn asks_one_offering_for_all_conditions(database) {
        let app = TestApp::twins(database).await;
        let answer = app
            .query(
                r#"{ hybrid: courses(filter: { modalities: [HYBRID] }) { nodes { code } }
                withSeats: courses(filter: { hasSeats: true }) { nodes { code } }
                hybridWithSeats: courses(filter: { modalities: [HYBRID], hasSeats: true }) { nodes { code } }
                hybridInTheNorth: courses(filter: { modalities: [HYBRID], regionCodes: ["NORTH"] }) { nodes { code } }
                hybridInTheSouth: courses(filter: { modalities: [HYBRID], regionCodes: ["SOUTH"] }) { nodes { code } }
                startsLate: courses(filter: { startsWithin: { from: "2027-02-15", through: "2027-02-15" } }) { nodes { code } }
                startsLateWithSeats: courses(filter: { startsWithin: { from: "2027-02-15", through: "2027-02-15" }, hasSeats: true }) { nodes { code } }
                startsEarlyWithSeats: courses(filter: { startsWithin: { from: "2027-02-01", through: "2027-02-01" }, hasSeats: true }) { nodes { code } }
                full: courses(filter: { hasSeats: false }) { nodes { code } } }"#,
            )
            .await;
        snapshot!("filter_one_offering", answer);
    }

    /// A visitor filters by identifiers of another kind, or by none at all: he is told so, and the list beside answers.
    async fn refuses_identifiers_of_another_kind(database) {
        let app = TestApp::twins(database).await;
        let course = crate::walk::id(&app, concord::domain::id::Kind::Course, "north-101").await;
        let answer = app
            .query(&format!(
                r#"{{ courses(filter: {{ institutionIds: ["{course}"] }}) {{ totalCount }}
                offerings(filter: {{ subjectIds: ["nonsense"] }}) {{ totalCount }}
                institution(by: {{ slug: "penasco" }}) {{ slug credentials(filter: {{ competencyIds: [""] }}) {{ totalCount }} }}
                programs {{ totalCount }} }}"#
            ))
            .await;
        snapshot!("filter_wrong_kind", answer);
    }

    /// A visitor filters by odd texts: they are compared as they stand, and match nothing.
    async fn takes_odd_texts_as_they_stand(database) {
        let app = TestApp::twins(database).await;
        for odd in ["%", "_", "NORTH' OR '1'='1", "\u{0}", "NORTH\u{0}", "north", "", "🔥", "{NORTH}", "NORTH,SOUTH", "\"", "\\"] {
            let question = "query ($odd: String!) { institutions(regionCodes: [$odd]) { totalCount } programs(filter: { naicsCodes: [$odd] }) { totalCount } \
                courses(filter: { regionCodes: [$odd], modalities: [IN_PERSON] }) { totalCount } offerings(filter: { regionCodes: [$odd] }) { totalCount } \
                competencies(filter: { alignment: { framework: ONET, code: $odd } }) { totalCount } institution(by: { slug: $odd }) { id } }";
            let answer = app.ask(question, json!({ "odd": odd })).await;
            let none = json!({ "totalCount": 0 });
            let expected = json!({ "institutions": none, "programs": none, "courses": none, "offerings": none, "competencies": none, "institution": null });
            assert_eq!(answer["data"], expected, "{odd:?}: {answer:#}");
            assert!(answer.get("errors").is_none(), "{odd:?}: {answer:#}");
        }
    }

    /// A visitor gives more values than a filter takes.
    async fn refuses_too_many_values(database) {
        let app = TestApp::twins(database).await;
        let regions = vec!["NORTH"; 21];
        let answer = app.ask("query ($filter: CourseFilter) { courses(filter: $filter) { totalCount } }", json!({ "filter": { "regionCodes": regions } })).await;
        snapshot!("filter_too_many", answer);
    }
}
