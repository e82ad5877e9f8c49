//! Fields and objects for fewer readers: who gets them, and what everybody else gets.

use concord::domain::id::Kind;
use concord::domain::role::Role;
use serde_json::json;

use super::{business, college, consortium};
use crate::support::{TestApp, both, snapshot};
use crate::walk::id;

const DIRECTORY: &str = r"query($north: ID!, $acme: ID!, $draft: ID!, $reserved: ID!) {
    institution(by: { id: $north }) {
        slug staffMembers { totalCount nodes { name email } } auditEvents { totalCount }
        courses(filter: { updatedSince: null }) { nodes { code status externalKeys { system value } } }
    }
    businesses(first: 1) { nodes { name } }
    business(by: { id: $acme }) { name auditEvents { totalCount } externalKeys { value } }
    draft: node(id: $draft) { ... on Course { code status } }
    reserved: node(id: $reserved) { ... on Offering { code } }
    someone: node(id: $acme) { ... on Business { name } }
    courses(first: 50) { totalCount nodes { status } }
    auditEvents { totalCount }
}";

both! {
    /// A college's administrator lists its staff, with addresses; a page of them as of any list.
    async fn lists_its_staff(database) {
        let app = TestApp::twins(database).await;
        let north = college(&app, "north", Role::InstitutionAdmin).await;
        let answer = app.ask_as(&north, include_str!("../operations/staff.graphql"), json!({})).await;
        snapshot!("staff", answer);
    }

    /// Everybody asks the same question of one college and one business: each reads what the role and the tenant allow, and the rest is null with FORBIDDEN, or not there.
    async fn answers_each_by_role(database) {
        let app = TestApp::twins(database).await;
        let variables = json!({
            "north": id(&app, Kind::Institution, "north").await,
            "acme": id(&app, Kind::Business, "acme").await,
            "draft": id(&app, Kind::Course, "north-200").await,
            "reserved": id(&app, Kind::Offering, "n5").await,
        });
        let mut answers = serde_json::Map::new();
        answers.insert("anonymous".to_owned(), app.ask(DIRECTORY, variables.clone()).await);
        for (name, token) in [
            ("north admin", college(&app, "north", Role::InstitutionAdmin).await),
            ("south admin", college(&app, "south", Role::InstitutionAdmin).await),
            ("north instructor", college(&app, "north", Role::Instructor).await),
            ("north learner", college(&app, "north", Role::Learner).await),
            ("acme", business(&app, "acme").await),
            ("zeta", business(&app, "zeta").await),
            ("analyst", consortium(&app, Role::Analyst).await),
            ("corporate navigator", consortium(&app, Role::CorporateNavigator).await),
            ("consortium admin", consortium(&app, Role::ConsortiumAdmin).await),
        ] {
            answers.insert(name.to_owned(), app.ask_as(&token, DIRECTORY, variables.clone()).await);
        }
        snapshot!("tenant_directory", answers);
        assert_eq!(app.store.breaches(), 0, "no wall was needed");
    }
}
