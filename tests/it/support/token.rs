//! Tokens for tests: an issuer for each tenant, all of them with one fixed key that is registered inline.

use axum::http::Method;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use concord::app::Purpose;
use concord::config::Settings;
use concord::domain::clock::Clock;
use concord::domain::role::Role;
use concord::domain::tenant::Tenant;
use concord::identity::own::rotate;
use concord::store::Store;
use concord::store::issuer::{Issuer, put_issuer};
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Answer, Database, Template, TestApp, now};

/// The claim `aud` of all tokens of the tests.
pub(crate) const AUDIENCE: &str = "https://concord.test";
/// Stands for the address that a test's server gets, where it is Concord's own issuer.
pub(crate) const HERE: &str = "http://here";
/// What the keys of Concord's own issuer are sealed with.
pub(crate) const SEALED_WITH: &str = "a secret of the tests, long enough to seal";
/// What the tests' issuers are named after.
const MARK: u128 = 0x7e57_7e57_7e57_4e57_8e57_7e57_7e57_7e57;

/// A key of Ed25519 that signs tokens.
pub(crate) struct Signer {
    key: SigningKey,
    id: String,
}

impl Signer {
    /// The key that all issuers of the tests have.
    pub(crate) fn fixed() -> Self {
        Self::of(7, "test")
    }

    /// A key made of one byte, under a name.
    pub(crate) fn of(byte: u8, id: &str) -> Self {
        Self { key: SigningKey::from_bytes(&[byte; 32]), id: id.to_owned() }
    }

    /// Its public half, as a JSON Web Key.
    pub(crate) fn jwk(&self) -> Value {
        json!({ "kty": "OKP", "crv": "Ed25519", "kid": self.id, "alg": "EdDSA", "use": "sig", "x": encode(self.key.verifying_key().as_bytes()) })
    }

    /// The header that goes with it.
    pub(crate) fn header(&self) -> Value {
        json!({ "alg": "EdDSA", "kid": self.id, "typ": "at+jwt" })
    }

    /// A token with these claims.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.sign_texts(&self.header().to_string(), &claims.to_string())
    }

    /// A token of a header and claims as they are written.
    pub(crate) fn sign_texts(&self, header: &str, claims: &str) -> String {
        self.sign_parts(&format!("{}.{}", encode(header.as_bytes()), encode(claims.as_bytes())))
    }

    /// A token of two parts that are encoded already.
    pub(crate) fn sign_parts(&self, parts: &str) -> String {
        format!("{parts}.{}", encode(&self.key.sign(parts.as_bytes()).to_bytes()))
    }
}

/// Base64url without padding.
fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Key of the tests' issuer for a tenant.
pub(crate) fn issuer_of(tenant: Tenant) -> Uuid {
    Uuid::from_u128(tenant.id().unwrap_or_default().as_u128() ^ MARK)
}

/// The issuer for a tenant as it is registered.
pub(crate) fn issuer(tenant: Tenant) -> Issuer {
    let id = issuer_of(tenant);
    Issuer {
        id,
        issuer: format!("https://id.test/{id}"),
        tenant,
        audience: AUDIENCE.to_owned(),
        token_type: "at+jwt".to_owned(),
        algorithms: "EdDSA".to_owned(),
        jwks_url: None,
        jwks: Some(json!({ "keys": [Signer::fixed().jwk()] }).to_string()),
        subject_claim: "sub".to_owned(),
        name_claim: "name".to_owned(),
        role_claim: "roles".to_owned(),
        role_map: "{}".to_owned(),
        max_lifetime_seconds: 3_600,
        is_enabled: true,
        updated_at: now(),
    }
}

/// Whose turn it is to register an issuer.
static REGISTERING: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Registers an issuer, or changes it.
pub(crate) async fn register(store: &Store, issuer: &Issuer) {
    let mut transaction = store.begin().await.expect("a transaction");
    put_issuer(&mut transaction.connection(), issuer).await.expect("an issuer");
    transaction.commit().await.expect("a commit");
}

/// Claims of a person with these roles, from ten minutes before the tests' instant to ten minutes after it.
pub(crate) fn claims(roles: &[Role], tenant: Tenant) -> Value {
    let roles: Vec<&str> = roles.iter().map(|role| role.name()).collect();
    let at = now().timestamp();
    json!({ "iss": issuer(tenant).issuer, "aud": AUDIENCE, "sub": "pat", "name": "Pat", "roles": roles, "iat": at - 600, "exp": at + 600 })
}

/// A database as the consortium's staff have it.
pub(crate) async fn operate(url: &str, clock: Clock) -> Store {
    let mut settings = Settings::read(None).expect("the defaults");
    settings.database.url = url.into();
    concord::app::open_store(&settings, Purpose::Operating, clock).await.expect("the database opens")
}

impl TestApp {
    /// The twins on a server that issues tokens itself, with one key.
    pub(crate) async fn issuing(database: Database, clock: Clock) -> Self {
        Self::issuing_with(database, clock, |_| {}).await
    }

    /// The same with other settings.
    pub(crate) async fn issuing_with(database: Database, clock: Clock, change: impl FnOnce(&mut Settings)) -> Self {
        let kept = super::database::copy(database, Template::Twins).await;
        let store = operate(&kept.url(), clock.clone()).await;
        rotate(&store, &SEALED_WITH.into(), TimeDelta::zero()).await.expect("a first key");
        let issue = |settings: &mut Settings| {
            settings.identity.url = HERE.into();
            settings.identity.secret = SEALED_WITH.into();
            change(settings);
        };
        Self::over(kept, clock, issue).await
    }

    /// A token of a person with these roles at a tenant, which gets an issuer if it has none yet.
    pub(crate) async fn token(&self, roles: &[Role], tenant: Tenant) -> String {
        self.token_with(roles, tenant, |_| {}).await
    }

    /// A token of a machine with these roles at a tenant.
    pub(crate) async fn service_token(&self, roles: &[Role], tenant: Tenant) -> String {
        let client = |claims: &mut Value| {
            claims["sub"] = "portal".into();
            claims["client_id"] = "portal".into();
            claims["name"] = "Portal".into();
        };
        self.token_with(roles, tenant, client).await
    }

    /// A token whose claims are changed before it is signed: another subject, other times.
    pub(crate) async fn token_with(&self, roles: &[Role], tenant: Tenant, change: impl FnOnce(&mut Value)) -> String {
        {
            // Two that register the same issuer at once would stand in each other's way.
            let _turn = REGISTERING.lock().await;
            register(&self.operator().await, &issuer(tenant)).await;
        }
        self.identity().refresh().await.expect("what is registered");
        signed(roles, tenant, change)
    }

    /// Asks a question as the holder of a token; the whole answer.
    pub(crate) async fn ask_as(&self, token: &str, document: &str, variables: Value) -> Value {
        self.post_as(token, &json!({ "query": document, "variables": variables })).await.json()
    }

    /// Posts a request as the holder of a token.
    pub(crate) async fn post_as(&self, token: &str, body: &Value) -> Answer {
        let bearer = format!("Bearer {token}");
        let headers =
            [("content-type", "application/json"), ("accept", "application/graphql-response+json"), ("authorization", bearer.as_str())];
        self.send(Method::POST, "/graphql", &headers, body.to_string()).await
    }
}

/// The same where the issuer is known already: nothing is asked of the database.
pub(crate) fn signed(roles: &[Role], tenant: Tenant, change: impl FnOnce(&mut Value)) -> String {
    let mut claims = claims(roles, tenant);
    change(&mut claims);
    Signer::fixed().sign(&claims)
}
