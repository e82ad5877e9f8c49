//! Programs as a portal sees them.

use concord::domain::id::Kind;

use crate::support::{TestApp, both, snapshot};
use crate::walk::id;

both! {
    /// A visitor lists programs by title, each with everything that hangs on it.
    async fn lists_programs(database) {
        let app = TestApp::twins(database).await;
        let answer = app.query(include_str!("operations/programs.graphql")).await;
        snapshot!("programs", answer);
    }

    /// A visitor finds a program by identifier and by external key, and nothing by a key of the other college or a draft's.
    async fn finds_a_program(database) {
        let app = TestApp::twins(database).await;
        let (program, draft) = (id(&app, Kind::Program, "north-path").await, id(&app, Kind::Program, "north-hidden").await);
        let (north, south) = (id(&app, Kind::Institution, "north").await, id(&app, Kind::Institution, "south").await);
        let answer = app
            .query(&format!(
                r#"{{ byId: program(by: {{ id: "{program}" }}) {{ id title }}
                byKey: program(by: {{ externalKey: {{ tenantId: "{north}", system: "banner", value: "north-path" }} }}) {{ id title }}
                otherCollege: program(by: {{ externalKey: {{ tenantId: "{south}", system: "banner", value: "north-path" }} }}) {{ id }}
                otherKind: program(by: {{ externalKey: {{ tenantId: "{north}", system: "banner", value: "north-101" }} }}) {{ id }}
                draft: program(by: {{ id: "{draft}" }}) {{ id }}
                draftByKey: program(by: {{ externalKey: {{ tenantId: "{north}", system: "banner", value: "north-hidden" }} }}) {{ id }}
                damaged: program(by: {{ id: "prg_" }}) {{ id }} }}"#
            ))
            .await;
        snapshot!("program", answer);
    }
}
