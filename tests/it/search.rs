//! Search: the same rows on both databases, whatever is typed, and the best match first.

mod order;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::support::{Database, Template, TestApp, both, snapshot};

/// Lists that can be searched.
const LISTS: [&str; 5] = ["courses", "programs", "credentials", "competencies", "institutions"];

/// What people type. Behind it: whether at least one list must find something.
const QUERIES: [(&str, bool); 65] = [
    ("welding", true),
    ("Welding", true),
    ("WELDING", true),
    ("weld", true),
    ("welded", true),
    ("welds", true),
    ("wel", true),
    ("networking", true),
    ("network", true),
    ("networks", true),
    ("netw", true),
    ("nursing assistant", true),
    ("assistant nursing", true),
    ("nursing assist", true),
    ("nurse", true),
    ("introduction to", true),
    ("wireless networking", true),
    ("accounting  bookkeeping", true),
    ("community college", true),
    ("university", true),
    ("technician certificate", true),
    ("communication", true),
    ("teamwork", true),
    ("data analysis", true),
    ("spreadsheet", true),
    ("customer service", true),
    ("HVA 101", true),
    ("HVA101", true),
    ("hva101", true),
    ("hva-101", true),
    ("101", true),
    ("C++", true),
    ("c", true),
    ("a", true),
    ("Río Seco", true),
    ("Rio Seco", true),
    ("seco rí", true),
    ("RI\u{0301}O SECO", true),
    ("Nāhoʻalu", true),
    ("nahoalu", true),
    ("nahoʼal", true),
    ("ﬁnance", true),
    ("résumé", false),
    ("carpenter's toolbox", true),
    ("carpenter’s", true),
    ("O'Brien", false),
    ("王", false),
    ("Оксана", false),
    ("𞤀𞤣𞤤𞤢𞤥", false),
    ("Ꭰꭱ", false),
    ("ᲐᲑ", false),
    ("𠀀", false),
    ("😀", false),
    ("welding AND networking", false),
    ("welding OR networking", false),
    ("NOT welding", false),
    ("NEAR(welding networking)", false),
    ("title:welding", false),
    ("%", false),
    ("_", false),
    ("weld*", true),
    ("\"welding", true),
    ("' OR '1'='1", false),
    ("^welding - & | ! <-> ( ) : ~ @ \\ /", true),
    ("\u{0}welding\u{0}", true),
];

async fn demo(database: Database) -> TestApp {
    TestApp::start(database, Template::Demo, |settings| {
        settings.cost.anonymous = 1_000_000_000;
        settings.server.deadline_ms = 60_000;
    })
    .await
}

/// Identifiers that each list finds, the best thousand at most.
async fn found(app: &TestApp, search: &str) -> BTreeMap<&'static str, BTreeSet<String>> {
    let mut all = BTreeMap::new();
    for list in LISTS {
        let sort = if list == "courses" { ", sort: RELEVANCE" } else { "" };
        let question = format!(
            "query ($search: String, $after: String) {{ {list}(search: $search, first: 100, after: $after{sort}) {{ totalCount nodes {{ id }} pageInfo {{ hasNextPage endCursor }} }} }}"
        );
        let mut ids = BTreeSet::new();
        let mut after = Value::Null;
        loop {
            let answer = app.ask(&question, json!({ "search": search, "after": after })).await;
            assert!(answer.get("errors").is_none(), "{search:?}: {answer:#}");
            let page = &answer["data"][list];
            ids.extend(page["nodes"].as_array().expect("nodes").iter().map(|node| node["id"].as_str().expect("an identifier").to_owned()));
            if page["pageInfo"]["hasNextPage"] == false {
                assert_eq!(page["totalCount"], json!(ids.len()), "{list} {search:?}");
                break;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
        all.insert(list, ids);
    }
    all
}

/// A visitor types words, parts of words, other scripts, codes, and what other search engines take for commands: both databases find the same rows.
#[tokio::test]
async fn finds_the_same_on_both_databases() {
    let (sqlite, postgres) = (demo(Database::Sqlite).await, demo(Database::Postgres).await);
    let mut barren = Vec::new();
    let mut numbers: BTreeMap<&str, Value> = BTreeMap::new();
    for (search, must_find) in QUERIES {
        let (one, other) = (found(&sqlite, search).await, found(&postgres, search).await);
        assert_eq!(one, other, "{search:?}");
        let sum: usize = one.values().map(BTreeSet::len).sum();
        if must_find && sum == 0 {
            barren.push(search);
        }
        numbers.insert(search, one.into_iter().map(|(list, ids)| (list.to_owned(), json!(ids.len()))).collect());
    }
    assert_eq!(barren, [""; 0], "these find nothing");
    snapshot!("search_numbers", numbers);
}

both! {
    /// A visitor types nothing but space, which is no search, and nothing but signs, which finds nothing.
    async fn tells_no_search_from_no_match(database) {
        let app = TestApp::twins(database).await;
        for (search, expected) in [("", 4), ("  \t ", 4), ("!?", 0), ("+", 0), ("-", 0), ("\"\"", 0), ("\u{0}", 0)] {
            let answer = app.ask("query ($search: String) { courses(search: $search) { totalCount nodes { id } } }", json!({ "search": search })).await;
            assert_eq!(answer["data"]["courses"]["totalCount"], expected, "{search:?}");
            assert_eq!(answer["data"]["courses"]["nodes"].as_array().map(Vec::len), Some(expected), "{search:?}");
        }
    }

    /// A visitor types a hundred characters, which is allowed, and one more, which is not; characters are counted, not bytes.
    async fn bounds_the_text(database) {
        let app = TestApp::twins(database).await;
        let question = "query ($search: String) { courses(search: $search) { totalCount } }";
        for letter in ["h", "王", "é "] {
            let answer = app.ask(question, json!({ "search": letter.repeat(100 / letter.chars().count()) })).await;
            assert_eq!(answer["data"]["courses"]["totalCount"], 0, "{answer:#}");
        }
        let long = "h".repeat(101);
        let (statements, literal) = app.statements(app.query(&format!("{{ courses(search: \"{long}\") {{ totalCount }} }}"))).await;
        let variable = app.ask(question, json!({ "search": long })).await;
        assert_eq!((statements, &literal["errors"]), (0, &variable["errors"]));
        snapshot!("search_too_long", variable);
    }

    /// A visitor finds every course by each word of its title, whole or but for its end.
    async fn finds_each_course_by_its_title(database) {
        let app = demo(database).await;
        let answer = app.data("{ courses(first: 25, sort: PRICE) { nodes { id title code } } }").await;
        for course in answer["courses"]["nodes"].as_array().expect("courses") {
            let title = course["title"].as_str().expect("a title");
            let cut: String = title.chars().take(title.chars().count() - 1).collect();
            for search in [title, &cut, &title.to_uppercase(), course["code"].as_str().expect("a code")] {
                let search: String = search.chars().take(100).collect();
                let found = found(&app, &search).await;
                assert!(found["courses"].contains(course["id"].as_str().expect("an identifier")), "{search:?} does not find {course}");
            }
        }
    }
}
