//! Pages of lists: walked to the end they are the whole list in its order, cursors belong to one list, and what is not asked for is not counted.

mod cursor;
mod order;

use serde_json::json;

use crate::support::{Database, Template, TestApp, both, snapshot};

/// The demo, with room for pages of a hundred with all that hangs on them.
async fn demo(database: Database) -> TestApp {
    TestApp::start(database, Template::Demo, |settings| {
        settings.cost.anonymous = 1_000_000_000;
        settings.server.deadline_ms = 60_000;
    })
    .await
}

/// Lists by where they hang: what stands around the list, and its field.
const LISTS: [(&str, &str); 8] = [
    ("#", "institutions"),
    ("#", "courses"),
    ("#", "programs"),
    ("#", "offerings"),
    ("#", "credentials"),
    ("#", "competencies"),
    ("institution(by: { slug: \"penasco\" }) { # }", "courses"),
    ("competencies { nodes { # } }", "credentials"),
];

both! {
    /// A visitor asks for pages that are too small, too large and absurd, in every place where a number can stand: each is refused before anything runs.
    async fn refuses_page_sizes(database) {
        let app = TestApp::twins(database).await;
        for (around, field) in LISTS {
            for first in [0_i64, -1, 101, 2_147_483_647] {
                let literal = json!({ "query": format!("{{ {} }}", around.replace('#', &format!("{field}(first: {first}) {{ totalCount }}"))) });
                let question = |default: &str| format!("query ($first: Int{default}) {{ {} }}", around.replace('#', &format!("{field}(first: $first) {{ totalCount }}")));
                let variable = json!({ "query": question(""), "variables": { "first": first } });
                let default = json!({ "query": question(&format!(" = {first}")) });
                for request in [literal, variable, default] {
                    let (statements, answer) = app.statements(app.post(&request)).await;
                    assert_eq!((answer.status.as_u16(), answer.code().as_str(), statements), (400, "LIMIT_EXCEEDED", 0), "{request}: {}", answer.text());
                    let limit = answer.json()["errors"][0]["extensions"]["limit"].clone();
                    assert_eq!(limit, json!({ "name": "first", "max": 100, "actual": first }), "{request}");
                }
            }
        }
    }

    /// A visitor asks for the smallest and the largest page, leaves the size out, and says that it is null.
    async fn takes_page_sizes(database) {
        let app = demo(database).await;
        let question = "query ($null: Int, $none: Int) { one: courses(first: 1) { nodes { id } } most: courses(first: 100) { nodes { id } } \
            plain: courses { nodes { id } } literal: courses(first: null) { nodes { id } } null: courses(first: $null) { nodes { id } } none: courses(first: $none) { nodes { id } } }";
        let answer = app.ask(question, json!({ "null": null })).await;
        let sizes: Vec<_> = ["one", "most", "plain", "literal", "null", "none"].map(|key| answer["data"][key]["nodes"].as_array().map(Vec::len)).into();
        assert_eq!(sizes, [1, 100, 20, 20, 20, 20].map(Some));
    }

    /// A visitor looks at the pages of a list of four by two: what they say of their neighbors is true, and so is what an empty page says.
    async fn tells_where_pages_end(database) {
        let app = TestApp::twins(database).await;
        let question = "query ($after: String) { courses(first: 2, after: $after) { totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { code } } } }";
        let first = app.ask(question, json!({})).await;
        let second = app.ask(question, json!({ "after": first["data"]["courses"]["pageInfo"]["endCursor"] })).await;
        let third = app.ask(question, json!({ "after": second["data"]["courses"]["pageInfo"]["endCursor"] })).await;
        let none = app.query("{ courses(search: \"nowhere\") { totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor } nodes { id } } }").await;
        snapshot!("pages", json!([first["data"], second["data"], third["data"], none["data"]]));
    }

    /// A visitor looks at the first pages of the lists of one institution, by way of edges, nodes and fragments.
    async fn tells_where_nested_pages_end(database) {
        let app = TestApp::twins(database).await;
        let answer = app.ask(include_str!("operations/connections.graphql"), json!({ "slug": "penasco" })).await;
        snapshot!("pages_nested", answer);
    }

    /// A visitor begins in the middle: a page after any cursor of a page goes on behind that item.
    async fn goes_on_behind_any_item(database) {
        let app = demo(database).await;
        let question = "query ($after: String) { offerings(first: 9, after: $after, sort: PRICE) { edges { cursor node { id } } } }";
        let whole = app.ask(question, json!({})).await;
        let edges = whole["data"]["offerings"]["edges"].as_array().expect("edges");
        for (place, edge) in edges.iter().enumerate().take(8) {
            let next = app.ask(question, json!({ "after": edge["cursor"] })).await;
            assert_eq!(next["data"]["offerings"]["edges"][0], edges[place + 1]);
        }
    }

    /// A visitor asks for a number alone, for items alone, and for both: only what is asked for is looked up.
    async fn counts_when_asked(database) {
        let app = TestApp::twins(database).await;
        let _warm = app.query("{ courses { totalCount nodes { id } } institutions { nodes { courses { totalCount nodes { id } } } } }").await;
        for (document, expected) in [
            ("{ courses { totalCount } }", 1),
            ("{ courses { nodes { id } } }", 1),
            ("{ courses { pageInfo { hasNextPage } } }", 1),
            ("{ courses { totalCount nodes { id } } }", 2),
            ("{ courses { __typename } }", 0),
            ("{ courses(search: \"!?\") { totalCount nodes { id } } }", 0),
            ("{ institutions { nodes { courses { totalCount } } } }", 2),
            ("{ institutions { nodes { courses { nodes { id } } } } }", 2),
            ("{ institutions { nodes { courses { totalCount nodes { id } } } } }", 3),
            ("{ institutions { nodes { courses(search: \"!?\") { totalCount nodes { id } } } } }", 1),
        ] {
            let (statements, answer) = app.statements(app.query(document)).await;
            assert!(answer.get("errors").is_none(), "{document}: {answer:#}");
            assert_eq!(statements, expected, "{document}");
        }
    }

    /// A visitor counts a list of more than ten thousand: 10001 stands for more, and ten thousand is told exactly.
    async fn counts_up_to_a_bound(database) {
        let app = TestApp::twins(database).await;
        let insert = |from: u32, through: u32| match database {
            Database::Postgres => format!(
                "INSERT INTO course (tenant_id, id, code, title, title_key, summary, status, is_for_credit, price_cents, languages, updated_at) \
                SELECT t.id, CAST('019b76da000070008000' || lpad(to_hex(g), 12, '0') AS uuid), 'B' || g, 'Bulk ' || g, 'bulk ' || g, '', 'PUBLISHED', FALSE, 100, 'en', '2027-01-01T00:00:00Z' \
                FROM institution t, generate_series({from}, {through}) g WHERE t.slug = 'penasco'"
            ),
            Database::Sqlite => format!(
                "INSERT INTO course (tenant_id, id, code, title, title_key, summary, status, is_for_credit, price_cents, languages, updated_at) \
                WITH RECURSIVE g (n) AS (SELECT {from} UNION ALL SELECT n + 1 FROM g WHERE n < {through}) \
                SELECT t.id, unhex('019b76da000070008000' || printf('%012x', n)), 'B' || n, 'Bulk ' || n, 'bulk ' || n, '', 'PUBLISHED', FALSE, 100, 'en', '2027-01-01T00:00:00+00:00' \
                FROM institution t, g WHERE t.slug = 'penasco'"
            ),
        };
        let question = "{ courses { totalCount } institutions { nodes { slug courses { totalCount } } } }";
        let mut seen = Vec::new();
        // Four courses are there already, two of them at the college that gets more.
        for (from, through) in [(1, 9_996), (9_997, 9_997), (9_998, 10_050)] {
            app.execute(&insert(from, through)).await;
            seen.push(app.data(question).await);
        }
        snapshot!("pages_counted", json!(seen));
    }
}
