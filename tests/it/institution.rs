//! Institutions as a portal sees them.

use crate::support::{TestApp, both, snapshot};

both! {
    /// A visitor lists institutions by name, each with everything that hangs on it.
    async fn lists_institutions(database) {
        let app = TestApp::twins(database).await;
        let answer = app.query(include_str!("operations/institutions.graphql")).await;
        snapshot!("institutions", answer);
    }

    /// A visitor finds one institution by slug and by identifier, and nothing where there is none.
    async fn finds_an_institution(database) {
        let app = TestApp::twins(database).await;
        let answer = app.query(r#"{ bySlug: institution(by: { slug: "penasco" }) { id name } missing: institution(by: { slug: "nowhere" }) { id } damaged: institution(by: { id: "ins_x" }) { id } }"#).await;
        snapshot!("institution", answer);
    }
}
