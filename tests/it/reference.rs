//! What all nouns refer to: regions and industries; and who asks.

use crate::support::{TestApp, both, snapshot};

both! {
    /// A visitor lists regions and sectors, and learns that nobody signed in.
    async fn lists_reference_data(database) {
        let app = TestApp::twins(database).await;
        let answer = app.query(include_str!("operations/reference.graphql")).await;
        snapshot!("reference", answer);
    }
}
