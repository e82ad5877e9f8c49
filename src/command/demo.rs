//! `concord demo`: an invented state in an embedded database, created once and served.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use chrono::TimeDelta;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::{listen, run, stop};
use crate::app::{self, App, Purpose};
use crate::config::{Bucket, Budget, Settings};
use crate::demo;
use crate::domain::clock::{Clock, Ids};
use crate::identity::own::rotate;
use crate::import::write::{Options, write};
use crate::store::{LOCK_FILES, Store};
use crate::telemetry;

/// Points that an operation may cost in the demo: the sample synchronization of a service costs 506.
const COST: u64 = 1_000;
/// Bucket of whoever tries the demo: as good as never empty, since it is all one address.
const BUDGET: Bucket = Bucket { capacity: 1_000_000, refill_per_second: 100_000 };
/// Most connections to the demo's file: each keeps pages and statements in memory, and a file is not read faster by more.
const CONNECTIONS: u32 = 4;
/// Name of the setting that holds the secret of the demo's cursors. Only a demo's database has it.
pub(super) const SECRET: &str = "cursors.secret";
/// Name of the setting that holds the secret of the demo's issuer.
pub(super) const IDENTITY_SECRET: &str = "identity.secret";
/// Name of the setting that holds the address of the demo's issuer, for `concord token`.
pub(super) const IDENTITY_URL: &str = "identity.url";
/// Folder of a demo that is not told another.
pub(super) const FOLDER: &str = "concord-data";

/// How the demo runs.
#[derive(Debug, Args)]
pub struct Demo {
    /// Folder of the demo's database.
    #[arg(long, value_name = "DIR", default_value = FOLDER)]
    data: PathBuf,
    /// Address and port to listen on, instead of server.listen.
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Create the state afresh.
    #[arg(long)]
    reset: bool,
}

/// Creates the state where it is missing, and serves it.
pub fn demo(config: Option<&Path>, demo: &Demo) -> anyhow::Result<ExitCode> {
    let mut settings = Settings::read(config)?;
    if let Some(listen) = &demo.listen {
        settings.server.listen.clone_from(listen);
    }
    settings.introspection.anonymous = true;
    settings.database.connections = settings.database.connections.min(CONNECTIONS);
    settings.cost.anonymous = settings.cost.anonymous.max(COST);
    // Whoever signs in is not to be poorer for it.
    settings.budget = Budget { anonymous: BUDGET, person: BUDGET, service: BUDGET, tenant: BUDGET, ..settings.budget };
    settings.check()?;
    telemetry::start(&settings.log)?;
    let folder = Folder::open(&demo.data)?;
    run(async {
        // The address first: nothing is created for a server that cannot start.
        let listener = listen(&settings).await?;
        if demo.reset {
            folder.clear()?;
        }
        if !folder.database().exists() {
            create(&folder, &settings).await?;
        }
        let store = open(&folder.database(), &settings, Purpose::Serving).await?;
        store.migrate().await?;
        let secret = store.setting(SECRET).await?.context("the demo's database is not one of a demo; start with --reset")?;
        settings.cursors.secret = secret.into();
        let address = listener.local_addr()?.to_string();
        be_issuer(&store, &mut settings, &address).await?;
        let app = App::build(settings, store, Ids::System).await?;
        // Before anybody is told: whoever is may send a signal at once. Until here a signal ends the program, and leaves nothing half done.
        let stop = stop()?;
        greet(&address, &demo.data);
        app.serve(listener, stop).await;
        println!("Stopped.");
        Ok(ExitCode::SUCCESS)
    })
}

/// The folder of the demo, held by one process at a time.
struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    fn open(path: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(path).with_context(|| format!("the folder {} cannot be made; choose another by --data", path.display()))?;
        let lock = path.join("running.lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock)
            .with_context(|| format!("the folder {} cannot be written to; choose another by --data", path.display()))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                anyhow::bail!("another demo runs on the folder {}; stop it, or choose another by --data", path.display())
            }
            Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("the folder {} cannot be locked", path.display())),
        }
    }

    fn database(&self) -> PathBuf {
        database(&self.path)
    }

    /// Where the state is created; it becomes the database when it is whole, so that a creation that breaks off leaves nothing behind.
    fn draft(&self) -> PathBuf {
        self.path.join("demo-being-created.db")
    }

    fn clear(&self) -> anyhow::Result<()> {
        remove(&self.database())
    }
}

/// The database in a demo's folder.
pub(super) fn database(folder: &Path) -> PathBuf {
    folder.join("demo.db")
}

/// Removes a database. The files beside it go first: a write-ahead log that is left behind would be replayed into the next database of that name.
fn remove(database: &Path) -> anyhow::Result<()> {
    ["-wal", "-shm", "-journal", ""].into_iter().try_for_each(|suffix| remove_beside(database, suffix))
}

/// Removes the file whose name is that of a database with something behind it, if there is one.
fn remove_beside(database: &Path, suffix: &str) -> anyhow::Result<()> {
    let mut path = database.as_os_str().to_owned();
    path.push(suffix);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{} cannot be removed", path.display()))
        }
        _ => Ok(()),
    }
}

/// Opens a demo's database.
pub(super) async fn open(database: &Path, settings: &Settings, purpose: Purpose) -> anyhow::Result<Store> {
    let mut settings = settings.clone();
    settings.database.url = format!("sqlite://{}", database.display()).into();
    app::open_store(&settings, purpose, Clock::System).await
}

/// Creates the state.
async fn create(folder: &Folder, settings: &Settings) -> anyhow::Result<()> {
    remove(&folder.draft())?;
    let store = open(&folder.draft(), settings, Purpose::Migrating).await?;
    let result = fill(&store).await.context("the demo cannot be created");
    // Closing writes everything into the one file that is moved.
    store.close().await;
    // Nobody else works on the draft: the folder is held.
    LOCK_FILES.into_iter().try_for_each(|ending| remove_beside(&folder.draft(), ending))?;
    if let Err(error) = result {
        remove(&folder.draft())?;
        return Err(error);
    }
    remove(&folder.database())?;
    std::fs::rename(folder.draft(), folder.database()).context("the demo's database cannot be put in place")?;
    remove(&folder.draft())
}

async fn fill(store: &Store) -> anyhow::Result<()> {
    store.migrate().await?;
    let records = demo::records(Clock::System.today())?;
    let style = ProgressStyle::with_template("Creating the state of Verrano {bar:40} {pos}/{len} {msg}")?;
    let bar = ProgressBar::new(records.len()).with_style(style);
    let options =
        Options { system: demo::SYSTEM.to_owned(), is_dry_run: false, is_strict: true, clock: Clock::System, ids: Ids::counted() };
    let report = write(store, &records, &options, |kind, number| {
        bar.inc(number);
        bar.set_message(kind.name());
    })
    .await?;
    bar.finish_and_clear();
    anyhow::ensure!(!report.has_rejections(), "the demo's content contradicts itself:\n{report}");
    let people = demo::rosters::write(store, &options.ids, Clock::System.now()).await?;
    demo::sponsorships::write(store, &options.ids, Clock::System.now()).await?;
    let places = demo::enrollments::write(store, &options.ids, Clock::System.now()).await?;
    store.put_setting(SECRET, &secret()).await?;
    println!("Created {} records, {people} people on rosters, and {places} enrollments.", records.len());
    Ok(())
}

/// A secret: two random identifiers hold more than the 128 bits of a cursor's signature.
fn secret() -> String {
    format!("{}{}", Ids::System.next().simple(), Ids::System.next().simple())
}

/// Makes the demo an issuer of tokens under its own address: with a secret and a key that are made once, also for a demo of an older program.
async fn be_issuer(store: &Store, settings: &mut Settings, address: &str) -> anyhow::Result<()> {
    let secret = if let Some(kept) = store.setting(IDENTITY_SECRET).await? {
        kept
    } else {
        let new = secret();
        store.put_setting(IDENTITY_SECRET, &new).await?;
        new
    };
    settings.identity.secret = secret.into();
    if !settings.identity.is_issuer() {
        settings.identity.url = format!("http://{address}");
    }
    if store.setting(IDENTITY_URL).await?.as_ref() != Some(&settings.identity.url) {
        store.put_setting(IDENTITY_URL, &settings.identity.url).await?;
    }
    if store.signing_keys().await?.is_empty() {
        rotate(store, &settings.identity.secret, TimeDelta::zero()).await?;
    }
    Ok(())
}

/// Tells where the demo is and what to ask it.
fn greet(address: &str, folder: &Path) {
    let program = std::env::args().next().unwrap_or_else(|| "concord".to_owned());
    let data = if folder == Path::new(FOLDER) { String::new() } else { format!(" --data '{}'", folder.display()) };
    println!(
        r#"
Concord serves the invented state of Verrano.

  Browse and query   http://{address}/
  Endpoint           http://{address}/graphql
  Schema             http://{address}/schema.graphql
  Health             http://{address}/health/ready

Three queries to paste:

  {{ courses(search: "networking", first: 5) {{ totalCount nodes {{ title price institution {{ name }} }} }} }}

  {{ programs(filter: {{ kinds: [MICRO_PATHWAY] }}, first: 3) {{ nodes {{ title durationWeeks credential {{ name stacksInto {{ name }} }} }} }} }}

  {{ offerings(filter: {{ hasSeats: true, statuses: [OPEN] }}, first: 5) {{ nodes {{ startsOn modality seats {{ available }} subject {{ ... on Course {{ title }} ... on Program {{ title }} }} }} }} }}

Ask as somebody by the token of `{program} token --as college-admin{data}`, sent as the header `Authorization: Bearer TOKEN`.

Ctrl-C ends it."#
    );
}
