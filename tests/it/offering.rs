//! Offerings as a portal sees them.

use concord::domain::id::Kind;

use crate::support::{TestApp, both, snapshot};
use crate::walk::id;

both! {
    /// A visitor lists offerings by first day, each with everything that hangs on it.
    async fn lists_offerings(database) {
        let app = TestApp::twins(database).await;
        let answer = app.query(include_str!("operations/offerings.graphql")).await;
        snapshot!("offerings", answer);
    }

    /// A visitor finds an offering by identifier and by external key, and nothing by a key of the other college or a reserved one's.
    async fn finds_an_offering(database) {
        let app = TestApp::twins(database).await;
        let (offering, reserved) = (id(&app, Kind::Offering, "n1").await, id(&app, Kind::Offering, "n5").await);
        let (north, south) = (id(&app, Kind::Institution, "north").await, id(&app, Kind::Institution, "south").await);
        let answer = app
            .query(&format!(
                r#"{{ byId: offering(by: {{ id: "{offering}" }}) {{ id code }}
                byKey: offering(by: {{ externalKey: {{ tenantId: "{north}", system: "banner", value: "n1" }} }}) {{ id code }}
                otherCollege: offering(by: {{ externalKey: {{ tenantId: "{south}", system: "banner", value: "n1" }} }}) {{ id }}
                otherKind: offering(by: {{ externalKey: {{ tenantId: "{north}", system: "banner", value: "north-101" }} }}) {{ id }}
                reserved: offering(by: {{ id: "{reserved}" }}) {{ id }}
                reservedByKey: offering(by: {{ externalKey: {{ tenantId: "{north}", system: "banner", value: "n5" }} }}) {{ id }}
                damaged: offering(by: {{ id: "off" }}) {{ id }} }}"#
            ))
            .await;
        snapshot!("offering", answer);
    }
}
