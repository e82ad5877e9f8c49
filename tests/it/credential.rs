//! Credentials as a portal sees them.

use concord::domain::id::Kind;

use crate::support::{TestApp, both, snapshot};
use crate::walk::id;

both! {
    /// A visitor lists credentials by name, each with everything that hangs on it.
    async fn lists_credentials(database) {
        let app = TestApp::twins(database).await;
        let answer = app.query(include_str!("operations/credentials.graphql")).await;
        snapshot!("credentials", answer);
    }

    /// A visitor finds a credential by identifier and by external key, and nothing by a key of the other college or a draft's.
    async fn finds_a_credential(database) {
        let app = TestApp::twins(database).await;
        let (credential, draft) = (id(&app, Kind::Credential, "south-badge").await, id(&app, Kind::Credential, "north-draft").await);
        let (north, south) = (id(&app, Kind::Institution, "north").await, id(&app, Kind::Institution, "south").await);
        let answer = app
            .query(&format!(
                r#"{{ byId: credential(by: {{ id: "{credential}" }}) {{ id name }}
                byKey: credential(by: {{ externalKey: {{ tenantId: "{south}", system: "banner", value: "south-badge" }} }}) {{ id name }}
                otherCollege: credential(by: {{ externalKey: {{ tenantId: "{north}", system: "banner", value: "south-badge" }} }}) {{ id }}
                otherKind: credential(by: {{ externalKey: {{ tenantId: "{south}", system: "banner", value: "south-101" }} }}) {{ id }}
                draft: credential(by: {{ id: "{draft}" }}) {{ id }}
                draftByKey: credential(by: {{ externalKey: {{ tenantId: "{north}", system: "banner", value: "north-draft" }} }}) {{ id }}
                damaged: credential(by: {{ id: "crd_!" }}) {{ id }} }}"#
            ))
            .await;
        snapshot!("credential", answer);
    }
}
