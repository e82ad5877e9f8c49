//! What stands between a visitor and the server may keep answers too, and asks whether they still hold.

use axum::http::{Method, StatusCode};
use concord::domain::id::Kind;
use concord::domain::role::Role;
use concord::domain::tenant::Tenant;
use serde_json::json;

use super::{keeping, twins};
use crate::support::{Answer, Template, TestApp, both};
use crate::walk::id;

const LIST: &str = "/graphql?query=%7B%20courses%20%7B%20nodes%20%7B%20code%20%7D%20%7D%20%7D";
const VIEWER: &str = "/graphql?query=%7B%20viewer%20%7B%20kind%20%7D%20%7D";

/// A header as text.
fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers.get(name).map_or("", |value| value.to_str().expect("text"))
}

both! {
    /// A visitor's browser asks by an address, and again with the name of what it has: nothing is sent twice until something changes.
    async fn say_what_is_there(database) {
        let app = twins(database).await;
        for media in ["application/json", "application/graphql-response+json"] {
            let ask = async |etag: &str| app.send(Method::GET, LIST, &[("accept", media), ("if-none-match", etag)], "").await;
            let first = ask("\"x\"").await;
            assert_eq!(first.status, StatusCode::OK);
            assert_eq!(header(&first, "cache-control"), "public, max-age=0, must-revalidate");
            assert!(header(&first, "vary").contains("accept, authorization"), "{:?}", first.headers);
            assert!(header(&first, "ratelimit").starts_with("\"cost\";r="), "{:?}", first.headers);
            assert_eq!(first.json().as_object().map(serde_json::Map::len), Some(1), "nothing but data: {}", first.text());
            let etag = header(&first, "etag").to_owned();
            for named in [etag.clone(), format!("W/{etag}"), format!("\"other\", {etag}"), "*".to_owned()] {
                let again = ask(&named).await;
                assert_eq!((again.status, again.text().as_str()), (StatusCode::NOT_MODIFIED, ""), "{named}");
                assert_eq!((header(&again, "etag"), header(&again, "content-type")), (etag.as_str(), ""));
                assert!(header(&again, "ratelimit").starts_with("\"cost\";r="), "it was paid for: {:?}", again.headers);
            }
            let mut fields = serde_json::Map::new();
            fields.insert("code".to_owned(), json!(format!("NEW {}", media.len())));
            let course = id(&app, Kind::Course, "north-101").await;
            let north = crate::tenant::college(&app, "north", Role::InstitutionAdmin).await;
            let change = "mutation($id: ID!, $f: CourseFields!) { courseUpdate(input: { id: $id, fields: $f }) { course { code } userErrors { message } } }";
            let answer = app.ask_as(&north, change, json!({ "id": course, "f": fields })).await;
            assert_eq!(answer["data"]["courseUpdate"]["userErrors"], json!([]), "{answer:#}");
            let changed = ask(&etag).await;
            assert_eq!(changed.status, StatusCode::OK, "it is another answer now");
            assert_ne!(header(&changed, "etag"), etag);
        }
    }

    /// Everything else is the caller's own: what is posted, asked with a token, about the caller, refused, or failed.
    async fn keep_what_is_private(database) {
        let app = TestApp::start(database, Template::Twins, keeping).await;
        let token = app.token(&[Role::Analyst], Tenant::Consortium).await;
        let bearer = format!("Bearer {token}");
        let mut answers = vec![
            app.post(&json!({ "query": "{ courses { nodes { code } } }" })).await,
            app.send(Method::GET, LIST, &[("authorization", &bearer)], "").await,
            app.get(VIEWER).await,
            app.get("/graphql?query=%7B").await,
            app.get("/graphql?query=%7B%20courses(after%3A%20%22x%22)%20%7B%20nodes%20%7B%20code%20%7D%20%7D%20%7D").await,
            app.send(Method::GET, LIST, &[("authorization", "Bearer x")], "").await,
        ];
        // The same once more, now that the list is kept.
        app.get(LIST).await;
        answers.push(app.send(Method::GET, LIST, &[("authorization", &bearer), ("if-none-match", "*")], "").await);
        for answer in answers {
            assert_ne!(answer.status, StatusCode::NOT_MODIFIED);
            assert_eq!(header(&answer, "cache-control"), "private, no-store", "{}", answer.text());
            assert_eq!(header(&answer, "etag"), "", "{}", answer.text());
        }
    }
}
