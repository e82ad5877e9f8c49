//! Names, codes and addresses in which something cannot be seen.

use concord::domain::id::Kind;
use concord::domain::role::Role;
use concord::domain::text::{is_code, is_line};
use serde_json::{Value, json};

use super::{peopled, roster, upsert};
use crate::enrollment::once;
use crate::support::both;
use crate::tenant::{business, college};
use crate::walk::id;

/// Names of every script are lines; what shows nothing, turns what is beside it or is too long is none, and codes hide nothing at all.
#[test]
fn lines_show_what_they_are() {
    for name in ["Núñez", "الأمير", "نیم\u{200c}فاصله", "山田太郎", "👩\u{200d}🔧", "❤\u{fe0f}", "a\u{200e}b", "O'Neil – Ž.", " x "]
    {
        assert!(is_line(name, 20), "{name:?}");
    }
    let long = "123456789012345678901";
    for none in [
        "",
        " ",
        "\u{200b}",
        "\u{feff}\u{200b} ",
        "\u{3164}",
        "\u{2800}\u{2800}",
        "\u{e0041}",
        "\u{fe0f}",
        "a\u{202e}b",
        "\u{2066}a\u{2069}",
        "a\nb",
        "a\u{2028}b",
        "a\u{2029}",
        "a\0",
        long,
    ] {
        assert!(!is_line(none, 20), "{none:?}");
    }
    assert!(is_code("HVA 101-1", 20) && is_code("éa", 2));
    for none in ["a\u{200b}", "a\u{200d}b", "\u{feff}a", "a\u{ad}b", "a\u{fe0f}", "a\u{3164}", "a\u{200e}", "a\u{a0}b", "a\u{2003}b"] {
        assert!(!is_code(none, 20), "{none:?}");
    }
}

both! {
    /// A business and a college write names that show nothing or turn their neighbors, and codes and addresses that hide something: each is refused at its place, and nothing is written.
    async fn hide_nothing(database) {
        let app = peopled(database).await;
        let (acme, staff) = (business(&app, "acme").await, college(&app, "north", Role::InstitutionAdmin).await);
        let before = roster(&app).await;
        let items = json!([
            { "name": "\u{200b}\u{feff}", "email": "a@new.example" },
            { "name": "Ana \u{202e}ziuR", "email": "b\u{200b}@new.example" },
            { "name": "نیم\u{200c}فاصله", "email": "\u{feff}c@new.example", "number": "10\u{200d}042", "jobTitle": "\u{3164}" },
        ]);
        let wrong = |place: &str, field: &str| json!({ "code": "INVALID", "path": ["input", "items", place, field] });
        assert_eq!(
            upsert(&app, &acme, items).await["userErrors"],
            json!([wrong("0", "name"), wrong("1", "name"), wrong("1", "email"), wrong("2", "email"), wrong("2", "number"), wrong("2", "jobTitle")])
        );
        assert_eq!(roster(&app).await, before);
        let create = "mutation($input: SponsorshipCreateInput!) { sponsorshipCreate(input: $input) { sponsorship { id } userErrors { code path } } }";
        for name in ["\u{200b}", "\u{202e}gniniarT"] {
            let fields = json!({ "name": name, "kind": "BUDGET", "budget": "1.00", "startsOn": "2027-01-01", "endsOn": "2027-12-31" });
            let input = json!({ "idempotencyKey": once(1), "businessId": id(&app, Kind::Business, "acme").await, "fields": fields });
            let answer = app.ask_as(&acme, create, json!({ "input": input })).await;
            assert_eq!(answer["data"]["sponsorshipCreate"], json!({ "sponsorship": null, "userErrors": [{ "code": "INVALID", "path": ["input", "fields", "name"] }] }));
        }
        let update = "mutation($id: ID!, $code: String!) { offeringUpdate(input: { id: $id, fields: { code: $code } }) { offering { id } userErrors { code path } } }";
        let offering = id(&app, Kind::Offering, "n1").await;
        for code in ["\u{200b}", "HVA101\u{200b}-1", "\u{202e}1-101AVH", "\u{feff}HVA101-1"] {
            let answer = app.ask_as(&staff, update, json!({ "id": offering, "code": code })).await;
            assert_eq!(answer["data"]["offeringUpdate"], json!({ "offering": null, "userErrors": [{ "code": "INVALID", "path": ["input", "fields", "code"] }] }), "{code:?}: {answer:#}");
        }
        let rename = "mutation($id: ID!, $title: String!) { courseUpdate(input: { id: $id, fields: { title: $title } }) { course { title } userErrors { code path } } }";
        let course = app.query(&format!("{{ offering(by: {{ id: \"{offering}\" }}) {{ subject {{ ... on Course {{ id }} }} }} }}")).await["data"]["offering"]["subject"]["id"].take();
        for (title, is_fit) in [("\u{feff}\u{feff}", false), ("نیم\u{200c}فاصله", true)] {
            let answer = app.ask_as(&staff, rename, json!({ "id": course, "title": title })).await;
            let (shown, errors) = if is_fit { (json!({ "title": title }), json!([])) } else { (Value::Null, json!([{ "code": "INVALID", "path": ["input", "fields", "title"] }])) };
            assert_eq!(answer["data"]["courseUpdate"], json!({ "course": shown, "userErrors": errors }), "{answer:#}");
        }
    }
}
