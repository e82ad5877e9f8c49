//! What a token costs: one that comes again, and one that is new. `scripts/bench` runs it.

mod issuer;

use std::time::Instant;

use anyhow::Context;
use concord::app::{self, Purpose};
use concord::config::Settings;
use concord::domain::clock::{Clock, Ids};
use concord::identity::Identity;
use hyper::HeaderMap;

use issuer::Issuer;

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
    let issuer = Issuer::new();
    let mut settings = Settings::read(None)?;
    issuer.believe(&mut settings, "CONSORTIUM")?;
    settings.database.url = format!("sqlite://{}", folder.path().join("bench.db").display()).into();
    let store = app::open_store(&settings, Purpose::Migrating, Clock::System).await?;
    store.migrate().await?;
    let identity = Identity::open(store, &settings.identity, Ids::System).await?;

    let known = issuer.token("known", "ANALYST");
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
        let headers =
            (0..TOKENS).map(|number| bearer(&issuer.token(&format!("{round}-{number}"), "ANALYST"))).collect::<anyhow::Result<Vec<_>>>()?;
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
