//! Scalars at their edges, where the two databases would order differently.

use serde_json::json;

use crate::support::{TestApp, both};

both! {
    /// A portal sends days and moments outside of the years of four digits, and is told so before the database is asked.
    async fn refuses_odd_days_and_moments(database) {
        let app = TestApp::twins(database).await;
        let days = ["+12345-1-1", "-9999-1-01", "2026-1-05x", "2026-13-01", "0000-01-01", "2026-02-30"];
        for day in days {
            let answer = app.ask("query($d: Date) { offerings(filter: { startsWithin: { from: $d } }) { totalCount } }", json!({ "d": day })).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_VARIABLES", "{day}: {answer}");
        }
        for moment in ["9999-12-31T23:59:59-23:00", "0001-01-01T00:00:00+23:00", "9999-12-31T23:59:60Z", "2026-06-30T23:59:60Z", "2026-01-01", "2026-01-01T00:00:00"] {
            let answer = app.ask("query($m: DateTime) { offerings(filter: { updatedSince: $m }) { totalCount } }", json!({ "m": moment })).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_VARIABLES", "{moment}: {answer}");
        }
        let good = app.data(r#"{ offerings(filter: { startsWithin: { from: "2027-02-01", through: "9999-12-31" } }) { totalCount } }"#).await;
        assert_eq!(good["offerings"]["totalCount"], 5);
    }

    /// A section outlives its course's retirement: it leaves the lists, and is found by its identifier.
    async fn finds_sections_of_retired_courses(database) {
        let app = TestApp::twins(database).await;
        let before = app.data("{ offerings(first: 100) { nodes { id code } } }").await;
        let nodes = before["offerings"]["nodes"].as_array().cloned().unwrap_or_default();
        let section = nodes.iter().find(|node| node["code"] == "NET101-A").expect("the section is listed");
        app.execute("UPDATE course SET status = 'RETIRED' WHERE code = 'NET101'").await;
        app.execute("UPDATE offering SET is_public = FALSE, is_retired = TRUE WHERE code LIKE 'NET101-%'").await;
        let listed = app.data("{ offerings(first: 100) { nodes { code } } }").await;
        assert!(!listed.to_string().contains("NET101"), "{listed}");
        assert!(listed.to_string().contains("HVA101-1"), "{listed}");
        let found = app.ask("query($id: ID!) { offering(by: { id: $id }) { id subject { ... on Course { status } } } }", json!({ "id": section["id"] })).await;
        assert_eq!(found["data"]["offering"]["id"], section["id"]);
        assert_eq!(found["data"]["offering"]["subject"]["status"], "RETIRED");
    }
}
