//! Who asks: tokens that are taken, tokens that are refused, and what is taken away.

mod configured;
mod forged;
mod library;
mod revocation;

pub(crate) use revocation::revoke;

use concord::domain::role::Role;
use concord::domain::tenant::Tenant;
use serde_json::{Value, json};

use crate::support::{TestApp, both};

/// Asks who is asking.
const VIEWER: &str = "{ viewer { kind displayName } }";

/// The college of the tests.
pub(crate) async fn college(app: &TestApp) -> Tenant {
    let slug = "{ institution(by: { slug: \"penasco\" }) { id } }";
    let id = app.data(slug).await["institution"]["id"].as_str().expect("an identifier").to_owned();
    Tenant::Institution(concord::domain::id::GlobalId::parse(&id).expect("an identifier").uuid)
}

/// Who the server says that the holder of a token is.
async fn viewer(app: &TestApp, token: &str) -> Value {
    app.ask_as(token, VIEWER, json!({})).await["data"]["viewer"].clone()
}

both! {
    /// A college's administrator, its portal and a stranger ask who they are.
    async fn knows_who_asks(database) {
        let app = TestApp::twins(database).await;
        let college = college(&app).await;
        let person = app.token(&[Role::InstitutionAdmin], college).await;
        let service = app.service_token(&[Role::InstitutionAdmin], college).await;
        let staff = app.token_with(&[Role::ConsortiumAdmin], Tenant::Consortium, |claims| claims["name"] = Value::Null).await;
        assert_eq!(viewer(&app, &person).await, json!({ "kind": "PERSON", "displayName": "Pat" }));
        assert_eq!(viewer(&app, &service).await, json!({ "kind": "SERVICE", "displayName": "Portal" }));
        assert_eq!(viewer(&app, &staff).await, json!({ "kind": "PERSON", "displayName": "pat" }));
        assert_eq!(app.data(VIEWER).await["viewer"], json!({ "kind": "ANONYMOUS", "displayName": "Anonymous" }));
    }
}
