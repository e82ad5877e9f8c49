//! Lists whose starters lose their access while they are worked off.

use concord::domain::id::Kind;
use concord::domain::role::Role;
use concord::service::enrollment::job::work;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{finish, hired, list, send, sponsor, start};
use crate::enrollment::{agrees, seats};
use crate::support::token::issuer;
use crate::support::{TestApp, both};
use crate::tenant::{business, consortium, tenant};

/// Takes access away.
async fn revoke(app: &TestApp, access: Value) {
    let revoke = "mutation($access: AccessInput!) { accessRevoke(input: { access: $access }) { revokedAt userErrors { code } } }";
    let answer = app.ask_as(&consortium(app, Role::ConsortiumAdmin).await, revoke, json!({ "access": access })).await;
    assert!(answer["data"]["accessRevoke"]["revokedAt"].is_string(), "{answer:#}");
}

both! {
    /// A business has a list worked off, and meanwhile another business and a colleague lose their access: it goes on. Then whoever started it does, or the whole business: it ends, and what is done
    /// stays done.
    async fn ends_with_the_access_of_its_starter(database) {
        for is_whole in [false, true] {
            let app = hired(database, 6, 2).await;
            let (acme, zeta) = (tenant(&app, Kind::Business, "acme").await, tenant(&app, Kind::Business, "zeta").await);
            // Somebody of the other business has asked for something before.
            business(&app, "zeta").await;
            let (pat, sam) = (business(&app, "acme").await, app.token_with(&[Role::BusinessAdmin], acme, |claims| claims["sub"] = "sam".into()).await);
            let (offering, funding) = (seats(&app, 10, 5).await, sponsor(&app, &pat, 1, 5_000).await);
            start(&app, &sam, 2, &send(&app, &sam, &list(&offering, 0..6)).await, &funding).await;
            let rows = async || app.rows("SELECT state, done_count, enrolled_count FROM enrollment_job WHERE file_name = 'list.csv'").await.concat();
            let some = async || work(&app.app().sweeper(), Uuid::from_u128(1)).await.expect("some rows");
            assert!(some().await);
            revoke(&app, json!({ "tenantId": zeta.to_string() })).await;
            for (of, name) in [(zeta, "sam"), (acme, "pat")] {
                revoke(&app, json!({ "subject": { "issuer": issuer(of).issuer, "name": name } })).await;
            }
            assert!(some().await);
            assert_eq!(rows().await, "RUNNING|4|4");
            let access = if is_whole { json!({ "tenantId": acme.to_string() }) } else { json!({ "subject": { "issuer": issuer(acme).issuer, "name": "sam" } }) };
            revoke(&app, access).await;
            finish(&app).await;
            assert_eq!(rows().await, "FAILED|4|4");
            let failure = app.rows("SELECT failure FROM enrollment_job WHERE file_name = 'list.csv'").await.concat();
            assert!(failure.starts_with("the access of whoever started it was taken away"), "{failure}");
            agrees(&app).await;
            assert_eq!(app.store.breaches(), 0);
        }
    }
}
