//! Competencies as a portal sees them.

use crate::support::{TestApp, both, snapshot};

both! {
    /// A visitor lists competencies by name, each with the courses that teach it and the credentials that attest it.
    async fn lists_competencies(database) {
        let app = TestApp::twins(database).await;
        let answer = app.query(include_str!("operations/competencies.graphql")).await;
        snapshot!("competencies", answer);
    }
}
