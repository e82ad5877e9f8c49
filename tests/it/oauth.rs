//! Concord's own issuer: tokens for services, keys that follow each other, and the seal on their private halves.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use concord::config::Settings;
use concord::domain::clock::{Clock, Ids};
use concord::domain::role::{Role, Roles};
use concord::domain::tenant::Tenant;
use concord::identity::Identity;
use concord::identity::own::{LONGEST, Subject, rotate};
use concord::policy::MemberKind;
use concord::store::Store;
use concord::store::service_account::{ServiceAccount, put_service_account};
use concord::store::signing_key::put_signing_key;
use p256::elliptic_curve::sec1::ToEncodedPoint;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::clients::node;
use crate::identity::college;
use crate::support::token::{SEALED_WITH, operate};
use crate::support::{Database, TestApp, both, now};

/// A client's key of P-256, its private half last.
fn client_key() -> (Value, Value) {
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let key = p256::SecretKey::from_slice(&[7; 32]).expect("a key");
    let point = key.public_key().to_encoded_point(false);
    let (x, y) = (point.x().expect("x"), point.y().expect("y"));
    let public = json!({ "kty": "EC", "crv": "P-256", "kid": "client", "alg": "ES256", "x": encode(x), "y": encode(y) });
    let mut private = public.clone();
    private["d"] = encode(&key.to_bytes()).into();
    (public, private)
}

/// Adds a service account.
pub(crate) async fn account(store: &Store, tenant: Tenant, role: Role) -> Uuid {
    let account = ServiceAccount {
        id: Ids::System.next(),
        name: "Portal".to_owned(),
        tenant,
        roles: role.name().to_owned(),
        jwks: json!({ "keys": [client_key().0] }).to_string(),
        is_enabled: true,
        updated_at: now(),
    };
    let mut transaction = store.begin().await.expect("a transaction");
    put_service_account(&mut transaction.connection(), &account).await.expect("an account");
    transaction.commit().await.expect("a commit");
    account.id
}

/// A clock that is moved by hand.
fn moved() -> (Clock, Arc<AtomicI64>) {
    let hand = Arc::new(AtomicI64::new(now().timestamp_micros()));
    (Clock::Moved(Arc::clone(&hand)), hand)
}

/// Moves the clock, and lets the server read what is new.
async fn go(app: &TestApp, hand: &AtomicI64, to: DateTime<Utc>) {
    hand.store(to.timestamp_micros(), Ordering::Relaxed);
    app.identity().refresh().await.expect("what is new");
}

/// A token of the server for somebody, which lives for so long.
fn token(app: &TestApp, lifetime: TimeDelta) -> String {
    let roles = Roles::default().with(Role::Analyst);
    let subject = Subject { id: "ana".to_owned(), kind: MemberKind::Person, name: "Ana".to_owned(), tenant: Tenant::Consortium, roles };
    let own = app.identity().own().expect("an issuer");
    own.issue(&subject, lifetime, app.store.clock().now(), Ids::System.next()).expect("a token")
}

/// The key that a token names.
fn key_of(token: &str) -> String {
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next().expect("a header")).expect("base64url");
    serde_json::from_slice::<Value>(&header).expect("JSON")["kid"].as_str().expect("a name").to_owned()
}

/// Names of the published keys.
async fn published(app: &TestApp) -> Vec<String> {
    let answer = app.get("/.well-known/jwks.json").await;
    assert_eq!(answer.headers["cache-control"], "public, max-age=300");
    let keys = answer.json()["keys"].as_array().expect("keys").clone();
    assert!(keys.iter().all(|key| key.get("d").is_none()), "{keys:?}");
    keys.iter().map(|key| key["kid"].as_str().expect("a name").to_owned()).collect()
}

/// Who the server says that the holder of a token is; nothing when it refuses.
async fn greeted(app: &TestApp, token: &str) -> Option<String> {
    let answer = app.ask_as(token, "{ viewer { displayName } }", json!({})).await;
    answer.pointer("/data/viewer/displayName").and_then(Value::as_str).map(str::to_owned)
}

both! {
    /// A college's portal gets tokens by a client of its own choice; assertions in which something is wrong are refused in the one way.
    async fn serves_clients(database) {
        let app = TestApp::issuing(database, Clock::Fixed(now())).await;
        let college = college(&app).await;
        let client = account(&app.operator().await, college, Role::InstitutionAdmin).await;
        let (url, at) = (format!("http://{}", app.address), now().timestamp().to_string());
        let told = node("oauth.mjs", &[&url, &client.to_string(), &client_key().1.to_string(), &at]).await;
        assert!(told.ends_with("\n0 failures\n") && told.lines().count() > 30, "{told}");
        // Each that was good once is remembered, and nothing of it but its name.
        let used = app.rows("SELECT count(*) FROM client_assertion").await;
        assert_eq!(used, ["5"], "{used:?}");
    }

    /// Somebody tries assertions without end from one address: refused with the time to wait, before anything is checked.
    async fn limits_an_address(database) {
        let small = |settings: &mut Settings| {
            settings.cost.anonymous = 20;
            settings.budget.anonymous = concord::config::Bucket { capacity: 20, refill_per_second: 2 };
        };
        let app = TestApp::issuing_with(database, Clock::Fixed(now()), small).await;
        let mut statuses = Vec::new();
        for _ in 0..3 {
            let answer = app.send(axum::http::Method::POST, "/oauth/token", &[("content-type", "application/x-www-form-urlencoded")], "a=b").await;
            statuses.push((answer.status.as_u16(), answer.headers.get("retry-after").map(|value| value.to_str().expect("text").to_owned())));
        }
        assert_eq!(statuses, [(400, None), (400, None), (429, Some("5".to_owned()))]);
    }

    /// Somebody widens an account by hand beyond what its tenant has: its tokens are no good.
    async fn holds_accounts_to_their_tenant(database) {
        let app = TestApp::issuing(database, Clock::Fixed(now())).await;
        let college = college(&app).await;
        let own = app.identity().own().expect("an issuer");
        let issue = |role| {
            let roles = Roles::default().with(role);
            let subject = Subject { id: "x".to_owned(), kind: MemberKind::Service, name: "X".to_owned(), tenant: college, roles };
            own.issue(&subject, TimeDelta::minutes(1), now(), Ids::System.next()).expect("a token")
        };
        assert_eq!(greeted(&app, &issue(Role::Instructor)).await.as_deref(), Some("X"));
        for role in [Role::ConsortiumAdmin, Role::BusinessAdmin, Role::Learner] {
            assert_eq!(greeted(&app, &issue(role)).await, None, "{role:?}");
        }
    }

    /// Staff rotate the key: the new one is published before it signs, and the old one until nothing that it signed is valid.
    async fn rotates_keys(database) {
        let (clock, hand) = moved();
        let app = TestApp::issuing(database, clock.clone()).await;
        let store = operate(&app.url(), clock).await;
        let first = published(&app).await.concat();
        let hour = TimeDelta::hours(1);
        let rotated = rotate(&store, &SEALED_WITH.into(), hour).await.expect("a rotation");
        let signs_from = now() + hour;
        assert_eq!((rotated.signs_from, rotated.follows.as_ref().map(|(id, _)| id)), (signs_from, Some(&first)));
        go(&app, &hand, now()).await;
        assert_eq!(published(&app).await, [first.clone(), rotated.id.clone()]);
        let again = rotate(&store, &SEALED_WITH.into(), hour).await.expect_err("one at a time").to_string();
        assert!(again.contains("is published already and signs from"), "{again}");

        go(&app, &hand, signs_from - TimeDelta::seconds(1)).await;
        let old = token(&app, LONGEST);
        go(&app, &hand, signs_from).await;
        let new = token(&app, LONGEST * 2);
        assert_eq!((key_of(&old), key_of(&new)), (first.clone(), rotated.id.clone()));
        go(&app, &hand, signs_from + LONGEST - TimeDelta::seconds(2)).await;
        assert_eq!((greeted(&app, &old).await.as_deref(), greeted(&app, &new).await.as_deref()), (Some("Ana"), Some("Ana")));
        assert_eq!(published(&app).await.len(), 2);
        go(&app, &hand, rotated.follows.expect("an old key").1).await;
        assert_eq!(published(&app).await, std::slice::from_ref(&rotated.id));
        assert_eq!(greeted(&app, &old).await, None);

        // At once: what waits is dropped, what signed stays, what has retired goes.
        let waiting = rotate(&store, &SEALED_WITH.into(), hour).await.expect("a rotation");
        let urgent = rotate(&store, &SEALED_WITH.into(), TimeDelta::zero()).await.expect("a rotation");
        app.identity().refresh().await.expect("what is new");
        assert_eq!(published(&app).await, [rotated.id, urgent.id.clone()]);
        assert_eq!(key_of(&token(&app, hour)), urgent.id);
        assert_eq!(app.rows("SELECT id FROM signing_key ORDER BY signs_from").await.len(), 2);
        assert!(waiting.id != urgent.id && urgent.follows.is_some_and(|(_, at)| at > waiting.signs_from));
    }

    /// Somebody who can write the table, and does not know the secret, adds a key and exchanges the names of others: none of them is believed.
    async fn believes_no_key_of_others(database) {
        let app = TestApp::issuing(database, Clock::Fixed(now())).await;
        let store = app.operator().await;
        let other = TestApp::issuing(database, Clock::Fixed(now())).await;
        rotate(&other.operator().await, &SEALED_WITH.into(), TimeDelta::zero()).await.expect("a second key");
        let theirs = other.store.signing_keys().await.expect("keys");
        let mut ours = app.store.signing_keys().await.expect("keys");
        let mut forged = theirs[1].clone();
        // Sealed with the same secret, but for another name; and a public half that is not that of the private one.
        forged.sealed_private_key.clone_from(&ours[0].sealed_private_key);
        let mut changed = theirs[0].clone();
        changed.public_key.clone_from(&forged.public_key);
        ours.extend([forged, changed]);
        let mut transaction = store.begin().await.expect("a transaction");
        for key in &ours {
            put_signing_key(&mut transaction.connection(), key).await.expect("a key");
        }
        transaction.commit().await.expect("a commit");
        app.identity().refresh().await.expect("what is new");
        assert_eq!(published(&app).await, [ours[0].id.clone()]);
        assert_eq!(greeted(&app, &token(&app, TimeDelta::minutes(1))).await.as_deref(), Some("Ana"));
    }

    /// A node starts with another secret, or before there is a key: it says so, and does not start.
    async fn starts_with_the_right_secret_only(database) {
        let app = TestApp::issuing(database, Clock::Fixed(now())).await;
        let mut settings = Settings::read(None).expect("the defaults");
        settings.identity.url = "https://concord.test".into();
        settings.identity.secret = "another secret of the tests, as long as it is".into();
        let told = Identity::open(app.store.clone(), &settings.identity, Ids::System).await.expect_err("another secret").to_string();
        let key = published(&app).await.concat();
        assert_eq!(told, format!("identity.secret does not open the signing key {key}: it was sealed with another secret"));
        app.execute("DELETE FROM signing_key").await;
        settings.identity.secret = SEALED_WITH.into();
        let told = Identity::open(app.store.clone(), &settings.identity, Ids::System).await.expect_err("no key").to_string();
        assert_eq!(told, "identity.url is set, but there is no key to sign with: run `concord key rotate`");
    }
}

/// A server that is no issuer is asked for tokens and keys: there is nothing at these addresses. The role of the application can make no keys.
#[tokio::test]
async fn is_no_issuer_by_itself() {
    let app = TestApp::twins(Database::Postgres).await;
    for path in ["/.well-known/jwks.json", "/.well-known/oauth-authorization-server", "/oauth/token"] {
        assert_eq!(app.get(path).await.status.as_u16(), 404, "{path}");
    }
    let told = rotate(&app.store, &SEALED_WITH.into(), TimeDelta::zero()).await.expect_err("a refusal").to_string();
    assert!(told.contains("permission denied"), "{told}");
}
