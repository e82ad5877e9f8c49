//! Issuers of the configuration.

use concord::config::Settings;
use concord::domain::clock::{Clock, Ids};
use concord::domain::role::Role;
use concord::domain::tenant::Tenant;
use concord::identity::Identity;

use super::revocation::verdict;
use crate::process::folder;
use crate::support::token::{Signer, claims, issuer, register};
use crate::support::{Database, TestApp, now, snapshot};

/// An issuer as an operator writes it, of the consortium.
fn written() -> String {
    let jwks = serde_json::json!({ "keys": [Signer::fixed().jwk()] });
    format!(
        "[[identity.issuers]]\nissuer = \"{}\"\ntenant = \"CONSORTIUM\"\naudience = \"https://concord.test\"\nalgorithms = [\"EdDSA\"]\njwks = '{jwks}'\nrole_map = {{ Boss = \"CONSORTIUM_ADMIN\", \"urn:x/Y.z\" = \"ANALYST\" }}\n",
        issuer(Tenant::Consortium).issuer
    )
}

/// The settings of a file with this text.
fn read(text: &str) -> Result<Settings, String> {
    let folder = folder();
    let file = folder.path().join("concord.toml");
    std::fs::write(&file, text).expect("a file");
    Settings::read(Some(&file))
        .map_err(|error| error.to_string().rsplit_once(" in ").map_or(error.to_string(), |(what, _)| what.to_owned()))
}

/// An operator configures an issuer: its tokens are taken with the roles of its map, and a row of the same name in the database changes nothing.
#[tokio::test]
async fn believes_the_configuration() {
    let app = TestApp::empty(Database::Sqlite).await;
    register(&app.operator().await, &issuer(Tenant::Consortium)).await;
    let configured = read(&written()).expect("settings").identity.issuers;
    let node = app.beside(Clock::Fixed(now()), |settings| settings.identity.issuers = configured).await;
    for (role, is_taken) in [("Boss", true), ("urn:x/Y.z", true), ("boss", false), ("CONSORTIUM_ADMIN", false)] {
        let mut claims = claims(&[Role::ConsortiumAdmin], Tenant::Consortium);
        claims["roles"] = role.into();
        assert_eq!(verdict(&node, &Signer::fixed().sign(&claims)).await.is_none(), is_taken, "{role}");
    }
}

/// An operator contradicts himself in an issuer: the server does not start, and the answer names which and why.
#[tokio::test]
async fn refuses_contradictions() {
    let app = TestApp::empty(Database::Sqlite).await;
    let jwks_line = written().lines().find(|line| line.starts_with("jwks")).expect("a line").to_owned();
    let mut answers = serde_json::Map::new();
    for (name, from, to) in [
        ("a tenant that is none", "CONSORTIUM", "crs_00000000000000000000000000"),
        ("an audience that is empty", "https://concord.test", ""),
        ("an algorithm that is not taken", "[\"EdDSA\"]", "[\"HS256\"]"),
        ("no algorithm", "[\"EdDSA\"]", "[]"),
        ("a key of another algorithm", "[\"EdDSA\"]", "[\"RS256\"]"),
        ("no keys", jwks_line.as_str(), ""),
        ("keys by address beside", "audience", "jwks_url = \"https://id.test/keys\"\naudience"),
        ("an address without TLS", jwks_line.as_str(), "jwks_url = \"http://id.test/keys\""),
        ("an address inside", jwks_line.as_str(), "jwks_url = \"https://10.0.0.1/keys\""),
        ("a role that does not exist", "\"ANALYST\"", "\"DEAN\""),
        ("a role of colleges", "\"ANALYST\"", "\"INSTITUTION_ADMIN\""),
        ("another type", "audience", "token_type = \"jwt\"\naudience"),
        ("too long a lifetime", "audience", "max_lifetime_seconds = 86401\naudience"),
        ("no lifetime", "audience", "max_lifetime_seconds = 0\naudience"),
        ("a key that is mistyped", "audience", "aud = \"x\"\naudience"),
    ] {
        let text = written().replacen(from, to, 1);
        assert_ne!(text, written(), "{name}");
        let told = match read(&text) {
            Ok(settings) => {
                let opened = Identity::open(app.store.clone(), &settings.identity, Ids::System).await;
                format!("{:#}", opened.expect_err(name))
            }
            Err(told) => told,
        };
        answers.insert(name.to_owned(), told.into());
    }
    let twice = read(&format!("{}{}", written(), written())).expect("settings");
    let opened = Identity::open(app.store.clone(), &twice.identity, Ids::System).await;
    answers.insert("twice".to_owned(), format!("{:#}", opened.expect_err("twice")).into());
    snapshot!("contradictory_issuers", answers);
}
