//! Access that callers take away.

use chrono::TimeDelta;
use concord::domain::clock::{Clock, Ids};
use concord::domain::id::Kind;
use concord::domain::role::Role;
use concord::domain::tenant::Tenant;
use concord::identity::own::Subject;
use concord::policy::MemberKind;
use concord::service::audit::verify;
use concord::store::sql::Dialect;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{business, college, consortium, tenant};
use crate::oauth::account;
use crate::support::token::issuer;
use crate::support::{TestApp, both, now};
use crate::walk::id;

const REVOKE: &str = "mutation($access: AccessInput!) { accessRevoke(input: { access: $access }) { revokedAt userErrors { code path } } }";

/// What became of taking something away: when, the code and path of what is wrong, or the code of the error.
async fn outcome(app: &TestApp, token: &str, access: &Value) -> (bool, Value) {
    let answer = app.ask_as(token, REVOKE, json!({ "access": access })).await;
    let payload = &answer["data"]["accessRevoke"];
    let wrong = if payload.is_null() { answer["errors"][0]["extensions"]["code"].clone() } else { payload["userErrors"].clone() };
    (payload["revokedAt"].is_string(), wrong)
}

/// Whether a token is taken.
async fn is_taken(app: &TestApp, token: &str) -> bool {
    app.post_as(token, &json!({ "query": "{ viewer { kind } }" })).await.status == 200
}

/// The lines of all logs that tell of access: tenant, what, which field, who.
async fn lines(app: &TestApp) -> Vec<String> {
    let key = if app.store.dialect() == Dialect::Postgres { "upper(replace(tenant_id::text, '-', ''))" } else { "hex(tenant_id)" };
    app.rows(&format!("SELECT {key} || ' ' || subject_id || ' ' || changed_fields || ' ' || actor_name FROM audit_event WHERE action = 'accessRevoke' ORDER BY at, number"))
        .await
}

/// A tenant's key as those lines have it.
fn key(tenant: Tenant) -> String {
    format!("{:X}", tenant.id().unwrap_or_default().simple())
}

both! {
    /// A college's administrator takes away a token, a colleague, a key and the whole college; each time a line is left in its log, and nobody else's token is touched.
    async fn is_taken_from_ones_own(database) {
        for (field, name, spares) in [("token", "a", true), ("subject", "sam", true), ("key", "test", false), ("tenantId", "", false)] {
            let app = TestApp::twins(database).await;
            let north = tenant(&app, Kind::Institution, "north").await;
            let admin = college(&app, "north", Role::InstitutionAdmin).await;
            let elsewhere = college(&app, "south", Role::InstitutionAdmin).await;
            let of_sam = |claims: &mut Value| {
                claims["sub"] = "sam".into();
                claims["jti"] = "a".into();
            };
            let colleague = app.token_with(&[Role::Instructor], north, of_sam).await;
            assert!(is_taken(&app, &colleague).await && is_taken(&app, &elsewhere).await);
            let access = if name.is_empty() {
                json!({ field: north.to_string() })
            } else {
                json!({ field: { "issuer": issuer(north).issuer, "name": name } })
            };
            assert_eq!(outcome(&app, &admin, &access).await, (true, json!([])), "{field}");
            let taken = [is_taken(&app, &colleague).await, is_taken(&app, &admin).await, is_taken(&app, &elsewhere).await];
            assert_eq!(taken, [false, spares, true], "{field}");
            let shown = if name.is_empty() { north.to_string() } else { format!("{}#{name}", issuer(north).issuer) };
            assert_eq!(lines(&app).await, [format!("{} {shown} {field} Pat", key(north))], "{field}");
            let verdict = verify(&app.operator().await).await.expect("a verdict");
            assert_eq!((verdict.lines, verdict.breaks.len()), (1, 0), "{verdict:?}");
        }
    }

    /// A business' administrator takes away a colleague and the whole business.
    async fn is_taken_from_ones_own_business(database) {
        let app = TestApp::twins(database).await;
        let acme = tenant(&app, Kind::Business, "acme").await;
        let admin = business(&app, "acme").await;
        let colleague = app.token_with(&[Role::BusinessAdmin], acme, |claims| claims["sub"] = "sam".into()).await;
        assert!(is_taken(&app, &colleague).await);
        let subject = json!({ "subject": { "issuer": issuer(acme).issuer, "name": "sam" } });
        assert_eq!(outcome(&app, &admin, &subject).await, (true, json!([])));
        assert!(!is_taken(&app, &colleague).await && is_taken(&app, &admin).await);
        assert_eq!(outcome(&app, &admin, &json!({ "tenantId": acme.to_string() })).await, (true, json!([])));
        assert!(!is_taken(&app, &admin).await);
    }

    /// A college's administrator takes away a service account of its own by a key in capitals: it is the account that loses its tokens, and a business' account is not touched.
    async fn is_taken_from_accounts(database) {
        let app = TestApp::issuing(database, Clock::Fixed(now())).await;
        let north = tenant(&app, Kind::Institution, "north").await;
        let acme = tenant(&app, Kind::Business, "acme").await;
        let operator = app.operator().await;
        let (mine, theirs) = (account(&operator, north, Role::InstitutionAdmin).await, account(&operator, acme, Role::BusinessAdmin).await);
        let token = |id: Uuid, tenant: Tenant, role: Role| {
            let subject = Subject { id: id.to_string(), kind: MemberKind::Service, name: "Portal".to_owned(), tenant, roles: [role].into_iter().collect() };
            app.identity().own().expect("an issuer").issue(&subject, TimeDelta::minutes(5), now(), Ids::System.next()).expect("a token")
        };
        let (my_token, their_token) = (token(mine, north, Role::InstitutionAdmin), token(theirs, acme, Role::BusinessAdmin));
        assert!(is_taken(&app, &my_token).await && is_taken(&app, &their_token).await);
        let admin = college(&app, "north", Role::InstitutionAdmin).await;
        let named = |id: Uuid| json!({ "subject": { "name": id.to_string().to_uppercase() } });
        assert_eq!(outcome(&app, &admin, &named(theirs)).await.1[0]["code"], "NOT_FOUND");
        assert_eq!(outcome(&app, &admin, &named(mine)).await, (true, json!([])));
        assert!(!is_taken(&app, &my_token).await && is_taken(&app, &their_token).await);
        assert_eq!(lines(&app).await, [format!("{} {mine} subject Pat", key(north))]);
    }

    /// Others try: whose tenant or issuer is another's hears what one hears of a thing that is missing, a role that never may hears so, and nothing is taken or written.
    async fn is_not_taken_from_others(database) {
        let app = TestApp::twins(database).await;
        let north = tenant(&app, Kind::Institution, "north").await;
        let acme = id(&app, Kind::Business, "acme").await;
        let admin = college(&app, "north", Role::InstitutionAdmin).await;
        let (south, other) = (college(&app, "south", Role::InstitutionAdmin).await, business(&app, "acme").await);
        let named = |name: &str| json!({ "issuer": issuer(north).issuer, "name": name });
        let missing = |field: &str| (false, json!([{ "code": "NOT_FOUND", "path": ["input", "access", field] }]));
        for token in [&south, &other] {
            for (field, access) in [
                ("subject", named("pat")),
                ("subject", json!({ "issuer": "https://nobody.test", "name": "pat" })),
                ("subject", json!({ "name": "pat" })),
                ("key", named("test")),
                ("key", json!({ "name": "test" })),
                ("token", named("a")),
                ("tenantId", json!(north.to_string())),
                ("tenantId", json!("ins_00000000000000000000000001")),
                ("tenantId", json!("consortium")),
                ("tenantId", json!("")),
            ] {
                assert_eq!(outcome(&app, token, &json!({ field: access })).await, missing(field), "{field} {access}");
            }
        }
        assert_eq!(outcome(&app, &admin, &json!({ "tenantId": acme })).await, missing("tenantId"));
        for name in ["", "a\nb", &"x".repeat(256)] {
            let wrong = json!([{ "code": "INVALID", "path": ["input", "access", "subject", "name"] }]);
            assert_eq!(outcome(&app, &admin, &json!({ "subject": named(name) })).await, (false, wrong));
        }
        for role in [Role::Learner, Role::Instructor, Role::CareerNavigator] {
            let token = college(&app, "north", role).await;
            assert_eq!(outcome(&app, &token, &json!({ "tenantId": north.to_string() })).await, (false, json!("FORBIDDEN")), "{role:?}");
        }
        for role in [Role::Analyst, Role::CorporateNavigator] {
            let token = consortium(&app, role).await;
            assert_eq!(outcome(&app, &token, &json!({ "subject": named("pat") })).await, (false, json!("FORBIDDEN")), "{role:?}");
        }
        let anonymous = app.ask(REVOKE, json!({ "access": { "tenantId": north.to_string() } })).await;
        assert_eq!(anonymous["errors"][0]["extensions"]["code"], "FORBIDDEN", "{anonymous}");
        assert_eq!(app.rows("SELECT value FROM revocation").await, Vec::<String>::new());
        assert_eq!(lines(&app).await, Vec::<String>::new());
        assert!(is_taken(&app, &admin).await);
    }

    /// A consortium's administrator takes away what is anybody's; what is the consortium's own stands in its own log.
    async fn is_taken_by_the_consortium(database) {
        let app = TestApp::twins(database).await;
        let (north, acme) = (tenant(&app, Kind::Institution, "north").await, tenant(&app, Kind::Business, "acme").await);
        let (admin, college) = (consortium(&app, Role::ConsortiumAdmin).await, college(&app, "north", Role::InstitutionAdmin).await);
        assert_eq!(outcome(&app, &admin, &json!({ "tenantId": "ins_00000000000000000000000001" })).await.1[0]["code"], "NOT_FOUND");
        for access in [
            json!({ "token": { "name": "of-concord" } }),
            json!({ "subject": { "issuer": issuer(north).issuer, "name": "pat" } }),
            json!({ "key": { "issuer": issuer(Tenant::Consortium).issuer, "name": "another" } }),
            json!({ "tenantId": acme.to_string() }),
        ] {
            assert_eq!(outcome(&app, &admin, &access).await, (true, json!([])), "{access}");
        }
        assert!(!is_taken(&app, &college).await && is_taken(&app, &admin).await);
        let mut told = lines(&app).await;
        told.sort_unstable();
        let nobody = key(Tenant::Consortium);
        let mut expected = [
            format!("{nobody} of-concord token Pat"),
            format!("{nobody} {}#another key Pat", issuer(Tenant::Consortium).issuer),
            format!("{} {}#pat subject Pat", key(north), issuer(north).issuer),
            format!("{} {acme} tenantId Pat", key(acme)),
        ];
        expected.sort_unstable();
        assert_eq!(told, expected);
        assert_eq!(verify(&app.operator().await).await.expect("a verdict").breaks, Vec::<String>::new());
    }
}
