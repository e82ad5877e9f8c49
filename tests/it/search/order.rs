//! Which match comes first, and how far matches can be paged through.

use concord::domain::id::GlobalId;
use concord::store::{derived, search};
use serde_json::json;
use uuid::Uuid;

use super::demo;
use crate::support::{Database, TestApp, both};
use crate::walk::List;

/// Writes the words of all courses anew, as their writers do.
async fn refresh(app: &TestApp) {
    let all = app.data("{ courses(first: 100, sort: TITLE) { nodes { id } } }").await;
    let ids: Vec<Uuid> = all["courses"]["nodes"]
        .as_array()
        .expect("courses")
        .iter()
        .map(|node| GlobalId::parse(node["id"].as_str().expect("an identifier")).expect("an identifier").uuid)
        .collect();
    let mut transaction = app.operator().await.begin().await.expect("a transaction");
    derived::words(&mut transaction.connection(), search::Noun::Course, &ids).await.expect("the words");
    transaction.commit().await.expect("the commit");
}

both! {
    /// A visitor looks for a word that one course has in its title, one in its summary and one in its description: they come in this order.
    async fn puts_titles_first(database) {
        let app = TestApp::twins(database).await;
        app.execute("UPDATE course SET title = 'Zymurgy', description = 'A long text that says nothing else of it, over and over: malt, hops, water, yeast, kettles, tanks, bottles, barrels, labels, taxes, and much more than that.' WHERE code = 'NET102'").await;
        app.execute("UPDATE course SET summary = 'About zymurgy.' WHERE code = 'HVA 101'").await;
        app.execute("UPDATE course SET description = 'Zymurgy bench; zymurgy, zymurgy, zymurgy, zymurgy, zymurgy, zymurgy, zymurgy, zymurgy, zymurgy, zymurgy.' WHERE code = 'HVA 112'").await;
        refresh(&app).await;
        let answer = app.data(r#"{ courses(search: "zymurgy") { nodes { code } } byTitle: courses(search: "zymurgy", sort: TITLE) { nodes { code } } }"#).await;
        let expected = json!({
            "courses": { "nodes": [{ "code": "NET102" }, { "code": "HVA 101" }, { "code": "HVA 112" }] },
            "byTitle": { "nodes": [{ "code": "HVA 112" }, { "code": "HVA 101" }, { "code": "NET102" }] },
        });
        assert_eq!(answer, expected);
    }

    /// A visitor searches with a filter and in each order, and pages through: it is the searched list cut down by the filter.
    async fn combines_with_filters_orders_and_cursors(database) {
        let app = demo(database).await;
        let searched = List::root("courses", "search: \"technician\"", "id").ids(&app, 100).await;
        assert!(searched.len() > 14, "{} courses", searched.len());
        for (filter, is_cut) in [("", false), ("isForCredit: false", true), ("hasSeats: true, modalities: [IN_PERSON, HYBRID]", true)] {
            let filtered = List::root("courses", &format!("filter: {{ {filter} }}"), "id").ids(&app, 100).await;
            let expected: Vec<&String> = searched.iter().filter(|id| filtered.contains(id)).collect();
            assert!(!expected.is_empty() && is_cut == (expected.len() < searched.len()), "{filter}: {} of {}", expected.len(), searched.len());
            for sort in ["RELEVANCE", "TITLE", "PRICE", "STARTS_SOONEST", "RECENTLY_UPDATED"] {
                let arguments = format!("search: \"technician\", sort: {sort}, filter: {{ {filter} }}");
                let list = List::root("courses", &arguments, "id");
                let whole = list.ids(&app, 100).await;
                assert_eq!(list.ids(&app, 7).await, whole, "{arguments}");
                if sort == "RELEVANCE" {
                    assert_eq!(whole.iter().collect::<Vec<_>>(), expected, "{arguments}");
                } else {
                    let mut found = whole.clone();
                    let mut expected: Vec<String> = expected.iter().map(|id| (*id).clone()).collect();
                    found.sort_unstable();
                    expected.sort_unstable();
                    assert_eq!(found, expected, "{arguments}");
                    let of_all: Vec<String> = List::root("courses", &format!("sort: {sort}"), "id").ids(&app, 100).await;
                    assert!(of_all.iter().filter(|id| whole.contains(id)).eq(whole.iter()), "{arguments}");
                }
            }
        }
    }

    /// A visitor searches the lists that hang on an institution, best match first, and pages through: they are its part of the whole.
    async fn searches_nested_lists(database) {
        let app = demo(database).await;
        let institution = app.data("{ institutions(first: 1) { nodes { id } } }").await["institutions"]["nodes"][0]["id"].clone();
        let around = format!("institution(by: {{ id: {institution} }}) {{ # }}");
        for (field, arguments, owner) in [
            ("courses", "search: \"safety\", sort: RELEVANCE", "institutionIds"),
            ("courses", "search: \"safety\"", "institutionIds"),
            ("programs", "search: \"technician\"", "institutionIds"),
            ("credentials", "search: \"technician\"", "issuerIds"),
        ] {
            let nested = List { around: &around, field, arguments, item: "id" };
            let ids = nested.ids(&app, 100).await;
            assert_eq!(nested.ids(&app, 1).await, ids, "{field}");
            let sort = if arguments.contains("sort") || field != "courses" { "" } else { ", sort: TITLE" };
            let whole = format!("{arguments}{sort}, filter: {{ {owner}: [{institution}] }}");
            assert_eq!(List::root(field, &whole, "id").ids(&app, 100).await, ids, "{field} {arguments}");
            assert!(!ids.is_empty(), "{field} {arguments}");
        }
    }

    /// A visitor pages through more than a thousand matches: the best thousand are there, the count tells of all, and another order shows all.
    async fn pages_through_the_best_thousand(database) {
        let app = TestApp::twins(database).await;
        let columns = "tenant_id, id, code, title, title_key, summary, status, is_for_credit, price_cents, languages, updated_at";
        app.execute(&match database {
            Database::Postgres => format!(
                "INSERT INTO course ({columns}) SELECT t.id, CAST('019b76da000070008000' || lpad(to_hex(g), 12, '0') AS uuid), 'B' || g, 'Bulk ' || g, 'bulk ' || g, '', 'PUBLISHED', FALSE, 100, 'en', \
                '2027-01-01T00:00:00Z' FROM institution t, generate_series(1, 1100) g WHERE t.slug = 'penasco'"
            ),
            Database::Sqlite => format!(
                "INSERT INTO course ({columns}) WITH RECURSIVE g (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM g WHERE n < 1100) \
                SELECT t.id, unhex('019b76da000070008000' || printf('%012x', n)), 'B' || n, 'Bulk ' || n, 'bulk ' || n, '', 'PUBLISHED', FALSE, 100, 'en', '2027-01-01T00:00:00+00:00' \
                FROM institution t, g WHERE t.slug = 'penasco'"
            ),
        })
        .await;
        let ids: Vec<Uuid> = (1..=1100_u128).map(|number| Uuid::from_u128(0x019b_76da_0000_7000_8000_0000_0000_0000 | number)).collect();
        let mut transaction = app.operator().await.begin().await.expect("a transaction");
        derived::words(&mut transaction.connection(), search::Noun::Course, &ids).await.expect("the words");
        transaction.commit().await.expect("the commit");
        let best = List::root("courses", "search: \"bulk\"", "id").ids(&app, 100).await;
        let by_sevens = List::root("courses", "search: \"bulk\"", "id").ids(&app, 70).await;
        assert_eq!((best.len(), &best), (1000, &by_sevens));
        let all = List::root("courses", "search: \"bulk\", sort: PRICE", "id").ids(&app, 100).await;
        assert_eq!(all.len(), 1100);
        let answer = app.data(r#"{ courses(search: "bulk") { totalCount } }"#).await;
        assert_eq!(answer["courses"]["totalCount"], 1100);
    }
}
