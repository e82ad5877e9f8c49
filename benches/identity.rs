//! What a token costs: one that comes again, and one that is new. `scripts/bench` runs it.

use std::time::Instant;

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use concord::app::{self, Purpose};
use concord::config::Settings;
use concord::domain::clock::{Clock, Ids};
use concord::identity::Identity;
use ed25519_dalek::{Signer, SigningKey};
use hyper::HeaderMap;
use serde_json::json;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Rounds of a measurement, of which the middle one is told.
const ROUNDS: usize = 5;
/// Repeats of a known token in a round.
const REPEATS: u32 = 1_000_000;
/// New tokens in a round.
const TOKENS: usize = 2_000;

fn main() -> anyhow::Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(tokens())
}

/// A token of a subject, as long as those of real providers.
fn token(key: &SigningKey, subject: &str) -> String {
    let now = Clock::System.now().timestamp();
    let claims = json!({
        "iss": "https://id.test", "aud": "https://concord.test", "sub": subject, "name": "Pat", "roles": ["ANALYST"], "iat": now, "exp": now + 3_000,
        "scope": "openid profile offline_access ".repeat(8), "jti": subject, "session": "0123456789abcdef".repeat(8),
    });
    let [header, claims] =
        [json!({ "alg": "EdDSA", "kid": "k", "typ": "at+jwt" }), claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let signed = format!("{header}.{claims}");
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()).to_bytes()))
}

fn bearer(token: &str) -> anyhow::Result<HeaderMap> {
    Ok(std::iter::once((hyper::header::AUTHORIZATION, format!("Bearer {token}").parse()?)).collect())
}

/// The middle one.
fn median(mut times: Vec<f64>) -> Option<f64> {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied()
}

async fn tokens() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let key = SigningKey::from_bytes(&[7; 32]);
    let jwk =
        json!({ "kty": "OKP", "crv": "Ed25519", "kid": "k", "alg": "EdDSA", "x": URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes()) });
    let file = folder.path().join("concord.toml");
    let issuer = format!(
        "[[identity.issuers]]\nissuer = \"https://id.test\"\ntenant = \"CONSORTIUM\"\naudience = \"https://concord.test\"\nalgorithms = [\"EdDSA\"]\njwks = '{}'\n",
        json!({ "keys": [jwk] })
    );
    std::fs::write(&file, issuer)?;
    let mut settings = Settings::read(Some(&file))?;
    settings.database.url = format!("sqlite://{}", folder.path().join("bench.db").display()).into();
    let store = app::open_store(&settings, Purpose::Migrating, Clock::System).await?;
    store.migrate().await?;
    let identity = Identity::open(store, &settings.identity, Ids::System).await?;

    let known = token(&key, "known");
    let headers = bearer(&known)?;
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        // What is known must have been heard of within the last seconds.
        identity.refresh().await?;
        let begun = Instant::now();
        for _ in 0..REPEATS {
            std::hint::black_box(identity.principal(&headers).await.map_err(|rejected| anyhow::anyhow!(rejected.reason.word()))?);
        }
        times.push(begun.elapsed().as_secs_f64() * 1e9 / f64::from(REPEATS));
    }
    println!("identity: a known token of {} bytes: {:.0} ns", known.len(), median(times).context("no round")?);

    let mut times = Vec::new();
    for round in 0..ROUNDS {
        let headers = (0..TOKENS).map(|number| bearer(&token(&key, &format!("{round}-{number}")))).collect::<anyhow::Result<Vec<_>>>()?;
        identity.refresh().await?;
        let begun = Instant::now();
        for headers in &headers {
            identity.principal(headers).await.map_err(|rejected| anyhow::anyhow!(rejected.reason.word()))?;
        }
        times.push(begun.elapsed().as_secs_f64() * 1e6 / TOKENS as f64);
    }
    println!("identity: a new token (EdDSA): {:.1} us", median(times).context("no round")?);
    Ok(())
}
