//! The database that is measured.

use concord::app::{self, Purpose};
use concord::config::Settings;
use concord::demo;
use concord::domain::clock::{Clock, Ids};
use concord::import::write::{Options, write};

/// Makes a database and fills it with the demo.
pub async fn fill(settings: &Settings) -> anyhow::Result<()> {
    let store = app::open_store(settings, Purpose::Migrating, Clock::System).await?;
    store.migrate().await?;
    store.close().await;
    let store = app::open_store(settings, Purpose::Operating, Clock::System).await?;
    let options =
        Options { system: demo::SYSTEM.to_owned(), is_dry_run: false, is_strict: true, clock: Clock::System, ids: Ids::counted() };
    let report = write(&store, &demo::records(Clock::System.today())?, &options, |_, _| {}).await?;
    anyhow::ensure!(!report.has_rejections(), "{report}");
    store.close().await;
    Ok(())
}
