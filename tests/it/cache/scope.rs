//! Several callers ask the same by turns: each gets its own answer.

use concord::domain::id::Kind;
use concord::domain::role::Role;
use serde_json::json;

use super::{counts, data, plain, post_to, twins};
use crate::support::both;
use crate::tenant::{business, college, consortium};
use crate::walk::id;

both! {
    /// A visitor, the staff of two colleges, an instructor, a business and the consortium ask for drafts, reserved seats and fields for fewer by the same texts, interleaved: each is answered as by a server that keeps nothing.
    async fn nobody_gets_what_is_anothers(database) {
        let app = twins(database).await;
        let principals = [
            None,
            Some(college(&app, "north", Role::InstitutionAdmin).await),
            Some(college(&app, "south", Role::InstitutionAdmin).await),
            Some(college(&app, "north", Role::Instructor).await),
            Some(business(&app, "acme").await),
            Some(consortium(&app, Role::ConsortiumAdmin).await),
        ];
        let fresh = app.second(plain).await;
        let (draft, north) = (id(&app, Kind::Course, "north-200").await, id(&app, Kind::Institution, "north").await);
        let ids: Vec<String> = crate::walk::named(&app, Kind::Offering).await.into_iter().map(|(_, id)| id).collect();
        let documents = [
            ("query { courses { nodes { code status } } }", json!({})),
            ("query($draft: ID!) { course(by: { id: $draft }) { code title status } }", json!({ "draft": draft })),
            ("query($draft: ID!) { node(id: $draft) { ... on Course { code status } } }", json!({ "draft": draft })),
            ("query($draft: ID!) { node(id: $draft) { id } }", json!({ "draft": draft })),
            ("query($ids: [ID!]!) { nodes(ids: $ids) { ... on Offering { code status seats { available } } } }", json!({ "ids": ids })),
            ("query($north: ID!) { institution(by: { id: $north }) { name courses { totalCount nodes { code status } } offerings { nodes { code } } programs { nodes { title } } credentials { nodes { name } } } }", json!({ "north": north })),
            ("query { institutions { nodes { name courses { totalCount nodes { code } } staffMembers { nodes { name email } } } } }", json!({})),
            ("query { offerings(first: 50) { totalCount nodes { code subject { ... on Course { code status } } } } }", json!({})),
            ("query { viewer { kind displayName } regions { code } }", json!({})),
        ];
        let mut answers = std::collections::BTreeSet::new();
        for round in 0..3 {
            for (document, variables) in &documents {
                for turn in 0..principals.len() {
                    let principal = principals[(turn + round) % principals.len()].as_deref();
                    let expected = data(&post_to(&app, fresh.address, principal, document, variables.clone()).await);
                    let answer = data(&post_to(&app, app.address, principal, document, variables.clone()).await);
                    assert_eq!(answer, expected, "{document} for {turn} in round {round}");
                    answers.insert((*document, answer));
                }
            }
        }
        assert!(answers.len() > documents.len() * 2, "the callers do see different things: {} answers", answers.len());
        assert!(counts(&app).hits() > 20, "{} hits", counts(&app).hits());
    }
}
