//! An issuer that servers believe, and its tokens.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use concord::config::Settings;
use concord::domain::clock::Clock;
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};

/// The issuer `https://id.test` for the audience `https://concord.test`.
pub struct Issuer(SigningKey);

impl Issuer {
    /// With the same key in every run.
    pub fn new() -> Self {
        Self(SigningKey::from_bytes(&[7; 32]))
    }

    /// Lets a server believe it for a tenant.
    pub fn believe(&self, settings: &mut Settings, tenant: &str) -> anyhow::Result<()> {
        let public = URL_SAFE_NO_PAD.encode(self.0.verifying_key().as_bytes());
        let keys = json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": "k", "alg": "EdDSA", "x": public }] });
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("concord.toml");
        let issuer = format!(
            "[[identity.issuers]]\nissuer = \"https://id.test\"\ntenant = \"{tenant}\"\naudience = \"https://concord.test\"\nalgorithms = [\"EdDSA\"]\njwks = '{keys}'\n"
        );
        std::fs::write(&file, issuer)?;
        settings.identity = Settings::read(Some(&file))?.identity;
        Ok(())
    }

    /// A token of a subject in a role, as long as those of real providers.
    pub fn token(&self, subject: &str, role: &str) -> String {
        let now = Clock::System.now().timestamp();
        let claims = json!({
            "iss": "https://id.test", "aud": "https://concord.test", "sub": subject, "name": "Pat", "roles": [role], "iat": now, "exp": now + 3_000,
            "scope": "openid profile offline_access ".repeat(8), "jti": subject, "session": "0123456789abcdef".repeat(8),
        });
        let encoded = |part: Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let signed = format!("{}.{}", encoded(json!({ "alg": "EdDSA", "kid": "k", "typ": "at+jwt" })), encoded(claims));
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(self.0.sign(signed.as_bytes()).to_bytes()))
    }
}
