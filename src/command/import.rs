//! `concord import`: foreign files into the database of the settings.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use super::run;
use crate::app::{self, Purpose};
use crate::config::Settings;
use crate::domain::clock::{Clock, Ids};
use crate::import::write::{Options, write};
use crate::import::{Mapping, Report, Source};
use crate::telemetry;

/// What is imported.
#[derive(Debug, Subcommand)]
pub enum Import {
    /// Institutions, courses, programs, offerings and what belongs to them, from CSV files.
    Catalog(Catalog),
}

/// How a catalog is imported.
#[derive(Debug, Args)]
pub struct Catalog {
    /// Folder with the files; `docs/import-format.md` tells their form.
    directory: PathBuf,
    /// Mapping of files in any other form (TOML).
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// What the source is called: keys of sources with different names never meet. "import" unless said here or by the mapping.
    #[arg(long, value_name = "NAME")]
    system: Option<String>,
    /// Read and check everything, and keep nothing.
    #[arg(long)]
    dry_run: bool,
    /// Keep nothing if any row is bad.
    #[arg(long)]
    strict: bool,
    /// Database to import into, instead of database.url of the settings.
    #[arg(long, value_name = "URL")]
    database: Option<String>,
}

/// Imports; the exit code says whether every row was good.
pub fn import(config: Option<&Path>, import: &Import) -> anyhow::Result<ExitCode> {
    let Import::Catalog(catalog) = import;
    let mut settings = Settings::read(config)?;
    if let Some(url) = &catalog.database {
        settings.database.url = url.as_str().into();
    }
    settings.check_database()?;
    telemetry::start(&settings.log)?;
    let mapping = catalog.map.as_deref().map(Mapping::read).transpose()?;
    let mut source = Source::open(&catalog.directory, mapping)?;
    if let Some(system) = &catalog.system {
        source = source.called(system)?;
    }
    let report = run(async {
        let store = app::open_store(&settings, Purpose::Migrating, Clock::System).await?;
        store.migrate().await?;
        store.close().await;
        let store = app::open_store(&settings, Purpose::Operating, Clock::System).await?;
        let report = load(&store, &source, catalog).await;
        store.close().await;
        report
    })?;
    for problem in report.problems() {
        println!("{problem}");
    }
    println!("{report}");
    if report.has_rejections() && !catalog.dry_run {
        println!(
            "{}",
            if catalog.strict {
                "Nothing was kept: there are bad rows, and --strict was asked for."
            } else {
                "Bad rows were left out; the good ones are kept."
            }
        );
    }
    if catalog.dry_run {
        println!("Nothing was kept: this was a dry run.");
    }
    Ok(if report.has_rejections() { ExitCode::from(2) } else { ExitCode::SUCCESS })
}

async fn load(store: &crate::store::Store, source: &Source, catalog: &Catalog) -> anyhow::Result<Report> {
    let options = Options {
        system: source.system().to_owned(),
        is_dry_run: catalog.dry_run,
        is_strict: catalog.strict,
        clock: Clock::System,
        ids: Ids::System,
    };
    let bar = ProgressBar::new_spinner().with_style(ProgressStyle::with_template("{spinner} {pos} rows, {msg}")?);
    let mut report = write(store, source, &options, |kind, number| {
        bar.inc(number);
        bar.set_message(kind.name());
    })
    .await?;
    bar.finish_and_clear();
    report.tell(source.warnings().to_vec());
    Ok(report)
}
