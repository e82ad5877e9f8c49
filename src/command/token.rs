//! `concord token`: a token for the demo. It refuses every other database: there tokens come from issuers.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, ensure};
use chrono::TimeDelta;
use clap::Args;

use super::demo::{FOLDER, IDENTITY_SECRET, IDENTITY_URL, SECRET, database, open};
use super::run;
use crate::app::Purpose;
use crate::config::Settings;
use crate::demo::identities;
use crate::domain::clock::Ids;
use crate::identity::Identity;
use crate::identity::own::LONGEST;
use crate::store::Store;
use crate::telemetry;

/// Whose token is printed.
#[derive(Debug, Args)]
pub struct Token {
    /// Who: college-portal, college-admin, instructor, business-admin, learner, career-navigator, corporate-navigator, analyst, consortium-admin; with @2 at a second tenant.
    #[arg(long = "as", value_name = "NAME")]
    called: String,
    /// How long it lives, such as 90s, 30m or 8h; at most 24h.
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = lifetime)]
    lifetime: TimeDelta,
    /// Folder of the demo's database.
    #[arg(long, value_name = "DIR", default_value = FOLDER)]
    data: PathBuf,
}

/// Prints a token.
pub fn token(config: Option<&Path>, token: &Token) -> anyhow::Result<ExitCode> {
    let settings = Settings::read(config)?;
    telemetry::start(&settings.log)?;
    let file = database(&token.data);
    ensure!(file.exists(), "there is no demo in {}: start it by `concord demo --data {0}`", token.data.display());
    run(async {
        let store = open(&file, &settings, Purpose::Serving).await?;
        let text = issue(&store, settings, token, &file).await;
        store.close().await;
        println!("{}", text?);
        Ok(ExitCode::SUCCESS)
    })
}

async fn issue(store: &Store, mut settings: Settings, token: &Token, file: &Path) -> anyhow::Result<String> {
    // A database of something else may have no such table at all.
    let is_demo = matches!(store.setting(SECRET).await, Ok(Some(_)));
    ensure!(is_demo, "the database {} is not a demo's: tokens are printed for demos only", file.display());
    let kept = async |name| store.setting(name).await?.context("the demo has no issuer yet: start it once by `concord demo`");
    settings.identity.secret = kept(IDENTITY_SECRET).await?.into();
    settings.identity.url = kept(IDENTITY_URL).await?;
    let subject = identities::subject(store, &token.called).await?;
    let identity = Identity::open(store.clone(), &settings.identity, Ids::System).await?;
    let issued = identity.own().and_then(|own| own.issue(&subject, token.lifetime, store.clock().now(), Ids::System.next()));
    issued.context("the demo has no key to sign with")
}

/// A time such as `90s`, `30m` or `8h`.
fn lifetime(text: &str) -> Result<TimeDelta, String> {
    let wrong = || "give a number of seconds, minutes or hours, such as 90s, 30m or 8h, and at most 24h".to_owned();
    let split = text.len().checked_sub(1).filter(|place| text.is_char_boundary(*place)).ok_or_else(wrong)?;
    let (number, unit) = text.split_at(split);
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        _ => return Err(wrong()),
    };
    let number: i64 = number.parse::<u32>().map_err(|_| wrong())?.into();
    let lifetime = TimeDelta::seconds(number * seconds);
    if lifetime > TimeDelta::zero() && lifetime <= LONGEST { Ok(lifetime) } else { Err(wrong()) }
}
