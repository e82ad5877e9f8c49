//! What the subcommands do. Part of the same layer as the program itself.

mod demo;
mod import;

use std::future::Future;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

pub use demo::{Demo, demo};
pub use import::{Import, import};

use crate::app::{self, App, Purpose};
use crate::config::Settings;
use crate::domain::clock::{Clock, Ids};
use crate::graphql::schema::sdl;
use crate::telemetry;

/// Serves the database of the settings.
pub fn serve(config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let settings = Settings::read(config)?;
    settings.check_for_production()?;
    telemetry::start(&settings.log)?;
    run(async {
        if settings.database.migrate_on_start {
            let store = app::open_store(&settings, Purpose::Loading, Clock::System).await?;
            store.migrate().await?;
            store.close().await;
        }
        let store = app::open_store(&settings, Purpose::Serving, Clock::System).await?;
        if !store.is_current().await? {
            anyhow::bail!("the database is older than this program: run `concord migrate`, or set database.migrate_on_start");
        }
        let listener = listen(&settings).await?;
        let app = App::build(settings, store, Ids::System)?;
        // Before anybody is told: whoever is may send a signal at once.
        let stop = stop()?;
        tracing::info!(address = %listener.local_addr()?, "serving");
        app.serve(listener, stop).await;
        Ok(ExitCode::SUCCESS)
    })
}

/// Brings the schema of the database of the settings up to date.
pub fn migrate(config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let settings = Settings::read(config)?;
    settings.check_database()?;
    telemetry::start(&settings.log)?;
    run(async {
        let store = app::open_store(&settings, Purpose::Loading, Clock::System).await?;
        store.migrate().await?;
        store.close().await;
        println!("The database is up to date.");
        Ok(ExitCode::SUCCESS)
    })
}

/// Prints the schema's text.
pub fn schema() -> anyhow::Result<ExitCode> {
    print!("{}", sdl());
    Ok(ExitCode::SUCCESS)
}

/// Runs a command to its end.
fn run<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("the runtime cannot start")?;
    runtime.block_on(work)
}

/// Takes the address of the settings.
async fn listen(settings: &Settings) -> anyhow::Result<TcpListener> {
    let address = settings.address()?;
    TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen on {address}; is another program there? Choose another address by server.listen or --listen")
    })
}

/// Ready when the process is asked to end.
fn stop() -> anyhow::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
