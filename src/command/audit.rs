//! `concord audit verify`: reads the log of every tenant again and tells where it was changed.

use std::path::Path;
use std::process::ExitCode;

use clap::Subcommand;

use super::run;
use crate::app::{self, Purpose};
use crate::config::Settings;
use crate::domain::clock::Clock;
use crate::service::audit;
use crate::telemetry;

/// What is done with the audit log.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Read every chain again: exit code 0 when all are whole, 2 when a line was changed or removed.
    Verify,
}

/// Works on the audit log of the database of the settings.
pub fn audit(config: Option<&Path>, audit: &Audit) -> anyhow::Result<ExitCode> {
    let Audit::Verify = audit;
    let settings = Settings::read(config)?;
    settings.check_database()?;
    telemetry::start(&settings.log)?;
    let verdict = run(async {
        let store = app::open_store(&settings, Purpose::Operating, Clock::System).await?;
        let verdict = audit::verify(&store).await?;
        store.close().await;
        Ok(verdict)
    })?;
    for told in &verdict.breaks {
        println!("{told}");
    }
    let outcome = if verdict.breaks.is_empty() { "all are whole" } else { "not all are whole" };
    println!("{} lines in {} logs were read: {outcome}.", verdict.lines, verdict.chains);
    Ok(if verdict.breaks.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(2) })
}
