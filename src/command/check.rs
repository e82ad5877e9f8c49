//! `concord check`: asks a live database whether all holds that must hold between people, seats and money.

use std::path::Path;
use std::process::ExitCode;

use super::run;
use crate::app::{self, Purpose};
use crate::config::Settings;
use crate::domain::clock::Clock;
use crate::store::check::INVARIANTS;
use crate::telemetry;

/// Checks the database of the settings: exit code 0 when all holds, 2 when something does not.
pub fn check(config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let settings = Settings::read(config)?;
    settings.check_database()?;
    telemetry::start(&settings.log)?;
    let breaks = run(async {
        let store = app::open_store(&settings, Purpose::Operating, Clock::System).await?;
        anyhow::ensure!(store.is_current().await?, "the database is older than this program: run `concord migrate`");
        let breaks = store.breaks().await?;
        store.close().await;
        Ok(breaks)
    })?;
    for found in &breaks {
        let times = if found.number == 1 { "once".to_owned() } else { format!("{} times", found.number) };
        println!("{}: {}; {times}, for example {}", found.invariant.name, found.invariant.told, found.example);
    }
    let outcome = if breaks.is_empty() { "all hold".to_owned() } else { format!("{} do not hold", breaks.len()) };
    println!("{} invariants were checked: {outcome}.", INVARIANTS.len());
    Ok(if breaks.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(2) })
}
