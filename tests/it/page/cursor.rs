//! Cursors belong to one list with its filter, sort and search.

use serde_json::{Value, json};

use crate::support::{TestApp, both, snapshot};

/// The last cursor of a page of courses with these arguments.
async fn cursor(app: &TestApp, list: &str) -> String {
    let answer = app.query(&format!("{{ {list} {{ pageInfo {{ endCursor }} }} }}")).await;
    let field = list.split('(').next().expect("a field");
    answer["data"][field]["pageInfo"]["endCursor"].as_str().unwrap_or_else(|| panic!("no cursor in {answer:#}")).to_owned()
}

both! {
    /// A visitor goes on with cursors that are damaged or of another list: each list fails alone at its own path, and the one beside it answers.
    async fn refuses_cursors_of_other_lists(database) {
        let app = TestApp::twins(database).await;
        let good = cursor(&app, "courses(first: 1)").await;
        let damaged = good.replacen(&good[30..31], if &good[30..31] == "A" { "B" } else { "A" }, 1);
        let cases = [
            ("damaged", damaged),
            ("truncated", good[..good.len() - 4].to_owned()),
            ("signatureOnly", good[..22].to_owned()),
            ("longer", format!("{good}AAAA")),
            ("padded", format!("{good}==")),
            ("blank", String::new()),
            ("words", "not a cursor".to_owned()),
            ("endless", "A".repeat(20_000)),
            ("otherList", cursor(&app, "offerings(first: 1)").await),
            ("otherNoun", cursor(&app, "programs(first: 1)").await),
            ("otherSort", cursor(&app, "courses(first: 1, sort: PRICE)").await),
            ("otherFilter", cursor(&app, "courses(first: 1, filter: { isForCredit: false })").await),
            ("otherSearch", cursor(&app, "courses(first: 1, search: \"heating\")").await),
            ("searchByTitle", cursor(&app, "courses(first: 1, search: \"heating\", sort: TITLE)").await),
        ];
        for (name, after) in cases {
            let question = "query ($after: String) { courses(first: 1, after: $after) { nodes { code } } programs(first: 1) { nodes { title } } }";
            let answer = app.ask(question, json!({ "after": after })).await;
            assert_eq!(answer["data"], json!({ "courses": null, "programs": { "nodes": [{ "title": "Bachelor of Network Science" }] } }), "{name}");
            let errors = answer["errors"].as_array().expect("errors");
            assert_eq!((errors.len(), &errors[0]["path"], &errors[0]["extensions"]), (1, &json!(["courses"]), &json!({ "code": "BAD_CURSOR" })), "{name}");
        }
    }

    /// A visitor goes on in a list that hangs on an object, with a cursor of the list of all: the object is there, its list alone is not.
    async fn refuses_a_nested_cursor_alone(database) {
        let app = TestApp::twins(database).await;
        let after = cursor(&app, "courses(first: 1, sort: TITLE)").await;
        let question = "query ($after: String) { institution(by: { slug: \"penasco\" }) { name courses(first: 1, after: $after) { nodes { code } } programs(first: 1) { nodes { title } } } }";
        let one = app.ask(question, json!({ "after": after })).await;
        let all = app.query("{ institutions { nodes { slug offerings(first: 1, after: \"damaged\") { nodes { id } } } } }").await;
        snapshot!("cursor_nested", json!([one, all]));
    }

    /// A visitor goes on with the same question written in another order, and with variables in the place of values.
    async fn takes_a_cursor_of_an_equal_question(database) {
        let app = TestApp::twins(database).await;
        let after = cursor(&app, "courses(first: 1, search: \"heating\", filter: { hasSeats: false, priceAtMost: \"500.00\", isForCredit: true }, sort: TITLE)").await;
        let same = [
            "courses(after: $after, sort: TITLE, filter: { isForCredit: true, priceAtMost: \"500.00\", hasSeats: false }, search: \"heating\", first: 3)",
            "courses(search: $search, filter: $filter, sort: $sort, first: 2, after: $after)",
            "courses(search: $search, filter: { priceAtMost: $price, isForCredit: true, hasSeats: false }, sort: TITLE, after: $after)",
        ];
        for list in same {
            let used = |name: &str, of: &str| if list.contains(&format!("${name}")) { format!(", ${name}: {of}") } else { String::new() };
            let declared = format!("$after: String{}{}{}{}", used("search", "String"), used("filter", "CourseFilter"), used("sort", "CourseSort"), used("price", "Money"));
            let variables = json!({ "after": after, "search": "heating", "sort": "TITLE", "price": "500.00", "filter": { "isForCredit": true, "hasSeats": false, "priceAtMost": "500.00" } });
            let answer = app.ask(&format!("query ({declared}) {{ {list} {{ nodes {{ code }} }} }}"), variables).await;
            assert_eq!(answer.get("errors"), None::<&Value>, "{list}: {answer:#}");
        }
    }

    /// A visitor goes on after an item that was removed, and after one that was put behind: the list goes on at that place.
    async fn goes_on_where_an_item_was(database) {
        let app = TestApp::twins(database).await;
        let after = cursor(&app, "courses(first: 2)").await;
        app.execute("UPDATE course SET status = 'DRAFT' WHERE code = 'HVA 101'").await;
        app.execute("UPDATE course SET title_key = 'zzz' WHERE code = 'HVA 112'").await;
        let answer = app.ask("query ($after: String) { courses(after: $after) { pageInfo { hasPreviousPage } nodes { code } } }", json!({ "after": after })).await;
        assert_eq!(answer["data"]["courses"], json!({ "pageInfo": { "hasPreviousPage": true }, "nodes": [{ "code": "NET102" }, { "code": "NET101" }, { "code": "HVA 112" }] }));
    }

    /// A visitor goes on in the courses of all institutions with a cursor of one of them: that one goes on, in the one statement that reads them all, and every other list refuses it.
    async fn belongs_to_the_list_of_one_object(database) {
        let app = TestApp::twins(database).await;
        let list = |first: u32, after: &str| format!("{{ institutions {{ nodes {{ slug courses(first: {first}, sort: TITLE{after}) {{ pageInfo {{ endCursor }} nodes {{ code }} }} }} }} }}");
        let all = app.query(&list(100, "")).await;
        let (plain, one) = app.statements(app.query(&list(1, ""))).await;
        let nodes = |answer: &Value| answer["data"]["institutions"]["nodes"].as_array().expect("institutions").clone();
        let (all, one) = (nodes(&all), nodes(&one));
        let place = all.iter().position(|node| node["courses"]["nodes"].as_array().is_some_and(|courses| courses.len() > 1)).expect("an institution with courses");
        assert!(all.len() > 1);
        let cursors: std::collections::HashSet<String> = one.iter().map(|node| node["courses"]["pageInfo"]["endCursor"].to_string()).collect();
        assert_eq!(cursors.len(), one.len(), "each has its own: {one:#?}");
        let after = format!(", after: {}", one[place]["courses"]["pageInfo"]["endCursor"]);
        let (statements, rest) = app.statements(app.query(&list(1, &after))).await;
        assert_eq!(statements, plain, "all are read together");
        for (number, node) in nodes(&rest).iter().enumerate() {
            let expected = if number == place { all[place]["courses"]["nodes"][1]["code"].clone() } else { Value::Null };
            assert_eq!(node["courses"]["nodes"][0]["code"], expected, "{node:#}");
        }
        let errors: Vec<(Value, Value)> = rest["errors"].as_array().expect("errors").iter().map(|error| (error["path"].clone(), error["extensions"]["code"].clone())).collect();
        let expected: Vec<(Value, Value)> = (0..all.len()).filter(|number| *number != place).map(|number| (json!(["institutions", "nodes", number, "courses"]), json!("BAD_CURSOR"))).collect();
        assert_eq!(errors, expected);
    }

    /// A business goes on in its roster with a cursor of another's: its list fails alone, and nothing of the other's is told by what the cursor holds.
    async fn belongs_to_one_business(database) {
        let app = crate::roster::peopled(database).await;
        let question = "query($id: ID!, $after: String) { business(by: { id: $id }) { name employees(first: 1, after: $after) { pageInfo { endCursor } nodes { name } } } }";
        let ask = async |name: &str, after: Value| {
            let id = crate::walk::id(&app, concord::domain::id::Kind::Business, name).await;
            app.ask_as(&crate::tenant::business(&app, name).await, question, json!({ "id": id, "after": after })).await
        };
        let (acme, zeta) = (ask("acme", Value::Null).await, ask("zeta", Value::Null).await);
        let cursor = |answer: &Value| answer["data"]["business"]["employees"]["pageInfo"]["endCursor"].clone();
        let own = ask("acme", cursor(&acme)).await;
        assert_eq!(own["data"]["business"]["employees"]["nodes"], json!([{ "name": "Old Hand" }]), "{own:#}");
        let foreign = ask("acme", cursor(&zeta)).await;
        assert_eq!(foreign["data"], json!({ "business": { "name": "Larkspur Heating LLC", "employees": null } }));
        let error = &foreign["errors"][0];
        assert_eq!((&error["path"], &error["extensions"]), (&json!(["business", "employees"]), &json!({ "code": "BAD_CURSOR" })));
    }
}
