//! What the subcommands do. Part of the same layer as the program itself.

mod audit;
mod check;
mod demo;
mod documents;
mod import;
mod issuer;
mod key;
mod revoke;
mod service_account;
mod token;

use std::future::Future;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

pub use audit::{Audit, audit};
pub use check::check;
pub use demo::{Demo, demo};
pub use documents::{Documents, documents};
pub use import::{Import, import};
pub use issuer::{Issuer, issuer};
pub use key::{Key, key};
pub use revoke::{Revoke, revoke};
pub use service_account::{ServiceAccount, service_account};
pub use token::{Token, token};

use crate::app::{self, App, Purpose};
use crate::config::Settings;
use crate::domain::clock::{Clock, Ids};
use crate::domain::tenant::Tenant;
use crate::graphql::schema::sdl;
use crate::service::audit::{Author, Event, append};
use crate::store::{Store, StoreError, Transaction};
use crate::telemetry;

/// Serves the database of the settings.
pub fn serve(config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let settings = Settings::read(config)?;
    settings.check_for_production()?;
    telemetry::start(&settings.log)?;
    run(async {
        if settings.database.migrate_on_start {
            let store = app::open_store(&settings, Purpose::Migrating, Clock::System).await?;
            store.migrate().await?;
            store.close().await;
        }
        let store = app::open_store(&settings, Purpose::Serving, Clock::System).await?;
        if !store.is_current().await? {
            anyhow::bail!("the database is older than this program: run `concord migrate`, or set database.migrate_on_start");
        }
        let listener = listen(&settings).await?;
        let app = App::build(settings, store, Ids::System).await?;
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
        let store = app::open_store(&settings, Purpose::Migrating, Clock::System).await?;
        store.migrate().await?;
        store.close().await;
        println!("The database is up to date.");
        Ok(ExitCode::SUCCESS)
    })
}

/// Prints the schema's text, or as much of it as is read.
pub fn schema() -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    match out.write_all(sdl().as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error).context("the schema cannot be printed"),
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// Runs a command to its end.
fn run<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("the runtime cannot start")?;
    runtime.block_on(work)
}

/// Does the work of the consortium's staff on the database of the settings, and prints what it has to say.
fn operate(config: Option<&Path>, work: impl AsyncFnOnce(&Settings, &Store) -> anyhow::Result<String>) -> anyhow::Result<ExitCode> {
    let settings = Settings::read(config)?;
    settings.check_database()?;
    telemetry::start(&settings.log)?;
    run(async {
        let store = app::open_store(&settings, Purpose::Operating, Clock::System).await?;
        anyhow::ensure!(store.is_current().await?, "the database is older than this program: run `concord migrate`");
        let told = work(&settings, &store).await;
        store.close().await;
        println!("{}", told?.trim_end());
        Ok(ExitCode::SUCCESS)
    })
}

/// The tenant that an argument names, which must be there.
async fn tenant(store: &Store, text: &str) -> anyhow::Result<Tenant> {
    let tenant = Tenant::named(text).with_context(|| {
        format!("\"{text}\" names no tenant: give the identifier of an institution or business (ins_…, biz_…), or consortium")
    })?;
    anyhow::ensure!(store.has_tenant(tenant).await?, "there is no tenant {tenant}");
    Ok(tenant)
}

/// Leaves a line in the audit log, in the transaction of what was done.
async fn record(transaction: &mut Transaction, tenant: Tenant, action: &str, subject: &str) -> Result<(), StoreError> {
    let account = ["SUDO_USER", "LOGNAME", "USER"].into_iter().find_map(|name| std::env::var(name).ok()).unwrap_or_default();
    let event = Event { id: Ids::System.next(), tenant, action, subject, fields: &[], at: Clock::System.now() };
    append(transaction, &Author::operator(&account), &event).await
}

/// The public keys in a file.
fn jwks(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("the file {} cannot be read", file.display()))
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
