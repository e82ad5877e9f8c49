//! Pages and objects below answers that are not kept as a whole.

use concord::domain::id::Kind;
use concord::domain::role::Role;
use serde_json::{Value, json};

use super::{counts, keeping, twins};
use crate::support::{Template, TestApp, both};
use crate::tenant::college;
use crate::walk::id;

/// A page that everyone sees, in an answer that is the caller's own.
const PAGE: &str = "{ viewer { grants { tenant { ... on Institution { name } } } } courses(first: 50) { totalCount nodes { title institution { name } } } }";

/// The page of an answer, which is whole.
fn page(answer: &Value) -> &Value {
    assert!(answer.get("errors").is_none(), "{answer:#}");
    &answer["data"]["courses"]
}

/// How many statements the answer took.
async fn cost(app: &TestApp, token: &str, document: &str) -> (u64, Value) {
    let before = app.store.statements();
    let answer = app.ask_as(token, document, json!({})).await;
    (app.store.statements() - before, answer)
}

both! {
    /// Staff of two colleges ask for themselves and for the same page, also in another document: it is read once, until one of them changes what stands on it.
    async fn pages_are_read_once(database) {
        let app = twins(database).await;
        let north = college(&app, "north", Role::InstitutionAdmin).await;
        let south = college(&app, "south", Role::InstitutionAdmin).await;
        let (first, made) = cost(&app, &north, PAGE).await;
        let (again, kept) = cost(&app, &south, PAGE).await;
        assert_eq!(page(&made), page(&kept));
        assert_ne!(made["data"]["viewer"], kept["data"]["viewer"]);
        // Three for the page, the number of its items and their institutions.
        assert_eq!(first - again, 3);
        let other = "query Other { courses(first: 50) { totalCount nodes { title institution { name } } } viewer { kind } }";
        let (_, elsewhere) = cost(&app, &south, other).await;
        assert_eq!(page(&made), page(&elsewhere));
        let parts = app.app().parts().expect("a server that keeps parts").counts();
        assert_eq!((parts.hits(), parts.fills()), (2, 1));
        // Another page, and the same with less of it, stand elsewhere.
        for document in [PAGE.replace("50", "49"), PAGE.replace("title ", "summary "), PAGE.replace("nodes { title", "nodes { code title")] {
            let (number, _) = cost(&app, &south, &document).await;
            assert_eq!(number, first, "{document}");
        }
        let course = id(&app, Kind::Course, "north-101").await;
        let document = "mutation($id: ID!) { courseUpdate(input: { id: $id, fields: { title: \"Renamed at once\" } }) { course { title } userErrors { code } } }";
        app.ask_as(&north, document, json!({ "id": course })).await;
        let (number, changed) = cost(&app, &south, PAGE).await;
        assert!(page(&changed).to_string().contains("Renamed at once"), "{changed:#}");
        assert_eq!(number, first);
    }

    /// An owner looks a draft up, and what only owners may read: nothing of it is kept, and another college that asks by the same text finds nothing.
    async fn owners_views_are_not_kept(database) {
        let app = twins(database).await;
        let north = college(&app, "north", Role::InstitutionAdmin).await;
        let south = college(&app, "south", Role::InstitutionAdmin).await;
        let draft = id(&app, Kind::Course, "north-200").await;
        let document = format!("{{ viewer {{ displayName }} course(by: {{ id: \"{draft}\" }}) {{ title status }} node(id: \"{draft}\") {{ id }} }}");
        let (first, own) = cost(&app, &north, &document).await;
        assert_eq!(own["data"]["course"]["status"], "DRAFT", "{own:#}");
        let (again, _) = cost(&app, &north, &document).await;
        assert_eq!(first, again);
        let (_, foreign) = cost(&app, &south, &document).await;
        assert_eq!((&foreign["data"]["course"], &foreign["data"]["node"]), (&Value::Null, &Value::Null));
        let visitor = app.query(&document).await;
        assert_eq!((&visitor["data"]["course"], &visitor["data"]["node"]), (&Value::Null, &Value::Null));
        // What a visitor does not find may come to be, and is kept as nothing; what is published then is found.
        let fields = json!({ "id": draft, "fields": { "status": "PUBLISHED" } });
        let publish = "mutation($id: ID!, $fields: CourseFields!) { courseUpdate(input: { id: $id, fields: $fields }) { userErrors { code } } }";
        app.ask_as(&north, publish, fields).await;
        assert_eq!(app.query(&document).await["data"]["course"]["status"], "PUBLISHED");
    }

    /// A whole answer of two pages is made of what is left of it: only the page that was changed is read again.
    async fn whole_answers_are_made_of_parts(database) {
        let app = twins(database).await;
        let north = college(&app, "north", Role::InstitutionAdmin).await;
        let document = "{ courses(first: 50) { nodes { title } } credentials(first: 50) { nodes { name } } }";
        let ask = async || {
            let before = app.store.statements();
            let answer = app.query(document).await;
            (app.store.statements() - before, answer)
        };
        assert_eq!(ask().await.0, 2);
        assert_eq!(ask().await.0, 0);
        let credential = id(&app, Kind::Credential, "north-badge").await;
        let rename = "mutation($id: ID!) { credentialUpdate(input: { id: $id, fields: { name: \"Another badge\" } }) { userErrors { code } } }";
        app.ask_as(&north, rename, json!({ "id": credential })).await;
        let (number, answer) = ask().await;
        assert_eq!(number, 1);
        assert!(answer.to_string().contains("Another badge"), "{answer:#}");
        assert_eq!((counts(&app).fills(), ask().await.0), (2, 0));
    }

    /// A server that keeps whole answers and no parts reads the page for each caller.
    async fn parts_can_be_turned_off(database) {
        let app = TestApp::start(database, Template::Twins, |settings| {
            keeping(settings);
            settings.cache.part_bytes = 0;
        }).await;
        let north = college(&app, "north", Role::InstitutionAdmin).await;
        let (first, _) = cost(&app, &north, PAGE).await;
        let (again, _) = cost(&app, &north, PAGE).await;
        assert_eq!((first, app.app().parts().is_none()), (again, true));
    }
}
