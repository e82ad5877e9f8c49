//! The writing half of an import: batches of records into the database, each row with one outcome.
//!
//! A row is known again by its key in the source. What it says is remembered as a digest, so that the same row again changes nothing and costs a look-up.

mod build;
mod links;
mod resolve;
mod tables;
mod values;

use std::collections::HashSet;

use anyhow::Context;
use uuid::Uuid;

use super::{Kind, Outcome, Problem, Record, Report, Source};
use crate::cache::tag;
use crate::config::Settings;
use crate::domain::clock::{Clock, Ids};
use crate::domain::tenant::Tenant;
use crate::policy::{Principal, Scope, background};
use crate::service::enrollment::{End, end_all};
use crate::service::{Actor, Reads, Refused};
use crate::store::sql::Connection;
use crate::store::{Store, StoreError, Transaction, seat};
use resolve::References;

/// Rows that are written together.
const BATCH: usize = 500;

/// How an import is carried out.
#[derive(Debug, Clone)]
pub struct Options {
    /// What the source is called in external keys.
    pub system: String,
    /// Whether nothing is kept, whatever the outcome.
    pub is_dry_run: bool,
    /// Whether one bad row takes everything back.
    pub is_strict: bool,
    /// The clock.
    pub clock: Clock,
    /// Where identifiers come from.
    pub ids: Ids,
}

/// What records come from: files, or the generator of the demo.
pub trait Records {
    /// The rows of a kind, one at a time; whatever keeps all of them from being read is the only row then.
    fn rows(&self, kind: Kind) -> Box<dyn Iterator<Item = Result<Record, Vec<Problem>>> + Send + '_>;

    /// What is odd about a kind without keeping rows out.
    fn warnings(&self, kind: Kind) -> Vec<Problem>;
}

impl Records for Source {
    fn rows(&self, kind: Kind) -> Box<dyn Iterator<Item = Result<Record, Vec<Problem>>> + Send + '_> {
        match Self::rows(self, kind) {
            Ok(rows) => Box::new(rows),
            Err(error) => Box::new(std::iter::once(Err(vec![error.problem()]))),
        }
    }

    fn warnings(&self, kind: Kind) -> Vec<Problem> {
        Self::rows(self, kind).map(|rows| rows.warnings().to_vec()).unwrap_or_default()
    }
}

/// Writes everything that a source holds. `progress` is told of each batch.
///
/// # Errors
/// When another import runs on the database, the source cannot be read or the database fails; what was written in the batch under way is taken back.
pub async fn write(
    store: &Store,
    source: &(impl Records + Sync),
    options: &Options,
    progress: impl FnMut(Kind, u64) + Send,
) -> anyhow::Result<Report> {
    let lock = store.lock_for_import().await?;
    let lock = lock.context("another import runs on this database; wait for its end, and start again")?;
    let report = write_all(store, source, options, progress).await;
    if let Err(error) = lock.release().await {
        tracing::warn!(%error, "the lock of the import was lost before its end");
    }
    report
}

/// Writes everything, with nobody else importing.
async fn write_all(
    store: &Store,
    source: &(impl Records + Sync),
    options: &Options,
    mut progress: impl FnMut(Kind, u64) + Send,
) -> anyhow::Result<Report> {
    let mut report = Report::new();
    let actor = actor(store, options)?;
    let mut importer = Importer { store, options, actor, open: None, left_out: HashSet::new(), ended: Vec::new() };
    for kind in Kind::ALL {
        report.tell(source.warnings(kind));
        for batch in Batches(source.rows(kind)) {
            let number = batch.len() as u64;
            importer.batch(kind, good(&mut report, kind, batch), &mut report).await?;
            progress(kind, number);
        }
        if kind == Kind::Courses {
            // Prerequisites may stand further down in the same file.
            for batch in Batches(source.rows(kind)) {
                let records = batch.into_iter().filter_map(Result::ok).collect();
                importer.prerequisites(records, &mut report).await?;
            }
        }
    }
    importer.finish(&report).await?;
    store.analyze().await?;
    Ok(report)
}

/// The program itself, which ends what is open in offerings that are cancelled, and what waits in those that are over. That hangs on no setting: none of their seats is offered to anybody.
fn actor(store: &Store, options: &Options) -> anyhow::Result<Actor> {
    let Settings { roster, enrollment, jobs, .. } = Settings::built_in()?;
    let (clock, ids) = (options.clock.clone(), options.ids.clone());
    let request_id = "import".to_owned();
    let (reads, store) = (Reads::default(), store.clone());
    Ok(Actor { principal: Principal::Anonymous, request_id, address: None, store, clock, ids, reads, roster, enrollment, jobs })
}

/// The good rows of a batch; the others are told.
fn good(report: &mut Report, kind: Kind, batch: Vec<Result<Record, Vec<Problem>>>) -> Vec<Record> {
    let mut records = Vec::with_capacity(batch.len());
    for row in batch {
        match row {
            Ok(record) => records.push(record),
            Err(problems) => report.reject(kind, problems),
        }
    }
    records
}

/// Cuts rows into batches.
struct Batches<I>(I);

impl<I: Iterator> Iterator for Batches<I> {
    type Item = Vec<I::Item>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch: Vec<I::Item> = self.0.by_ref().take(BATCH).collect();
        (!batch.is_empty()).then_some(batch)
    }
}

/// Writes batches, each in a transaction of its own unless all stand or fall together.
struct Importer<'a> {
    store: &'a Store,
    options: &'a Options,
    actor: Actor,
    open: Option<Transaction>,
    /// Keys of courses whose rows were left out: their prerequisites are too.
    left_out: HashSet<String>,
    /// Offerings that the open transaction has cancelled or finished.
    ended: Vec<(Scope, Uuid, End)>,
}

impl Importer<'_> {
    const fn is_whole(&self) -> bool {
        self.options.is_dry_run || self.options.is_strict
    }

    async fn transaction(&mut self) -> Result<Transaction, StoreError> {
        match self.open.take() {
            Some(transaction) => Ok(transaction),
            None => self.store.begin().await,
        }
    }

    async fn end_of_batch(&mut self, transaction: Transaction) -> Result<(), StoreError> {
        if self.is_whole() {
            self.open = Some(transaction);
            return Ok(());
        }
        self.commit(transaction).await
    }

    /// Keeps what was written, and ends what is open in the offerings that have ended: now that no more of them are held, in the order in which everybody holds things.
    async fn commit(&mut self, mut transaction: Transaction) -> Result<(), StoreError> {
        let mut ended = std::mem::take(&mut self.ended);
        let ids: Vec<Uuid> = ended.iter().map(|(_, id, _)| *id).collect();
        // Most of them ended long ago.
        let open = seat::with_open(&mut transaction.connection(), &ids).await?;
        ended.retain(|(_, id, _)| open.contains(id));
        match end_all(&self.actor, &mut transaction, &ended).await {
            Ok(()) => transaction.commit().await,
            Err(Refused::Store(error)) => Err(error),
            Err(refused) => Err(StoreError::Open(format!("what is open in an offering that has ended cannot be ended: {refused}"))),
        }
    }

    /// Writes the rows of a batch; should the database refuse one, they are written one by one so that the others stay.
    async fn batch(&mut self, kind: Kind, records: Vec<Record>, report: &mut Report) -> Result<(), StoreError> {
        let mut transaction = self.transaction().await?;
        transaction.mark().await?;
        match self.rows(&mut transaction.connection(), kind, &records).await {
            Ok((outcomes, ended)) => {
                transaction.keep().await?;
                moves(&mut transaction, kind, &outcomes);
                self.ended.extend(ended);
                self.tell(report, kind, records, outcomes);
            }
            Err(error) if !error.is_refusal_of_rows() => return Err(error),
            Err(_) => {
                transaction.take_back().await?;
                transaction.keep().await?;
                self.one_by_one(&mut transaction, kind, records, report).await?;
            }
        }
        self.end_of_batch(transaction).await
    }

    async fn one_by_one(
        &mut self,
        transaction: &mut Transaction,
        kind: Kind,
        records: Vec<Record>,
        report: &mut Report,
    ) -> Result<(), StoreError> {
        for record in records {
            transaction.mark().await?;
            let rows = std::slice::from_ref(&record);
            match self.rows(&mut transaction.connection(), kind, rows).await {
                Ok((outcomes, ended)) => {
                    transaction.keep().await?;
                    moves(transaction, kind, &outcomes);
                    self.ended.extend(ended);
                    self.tell(report, kind, vec![record], outcomes);
                }
                Err(error) if error.is_refusal_of_rows() => {
                    transaction.take_back().await?;
                    transaction.keep().await?;
                    tracing::warn!(%error, file = %record.file, line = record.line, "the database refused a row");
                    let problem = refused(&record, kind.key_column());
                    self.tell(report, kind, vec![record], vec![Err(vec![problem])]);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Reports what became of the records.
    fn tell(&mut self, report: &mut Report, kind: Kind, records: Vec<Record>, outcomes: Vec<Written>) {
        for (record, outcome) in records.into_iter().zip(outcomes) {
            match outcome {
                Ok(outcome) => report.accept(kind, outcome, record.warnings),
                Err(problems) => {
                    if kind == Kind::Courses {
                        self.left_out.insert(record.key().to_owned());
                    }
                    report.reject(kind, problems);
                }
            }
        }
    }

    /// What becomes of each of the records, and the offerings that they cancel or finish.
    async fn rows(
        &self,
        connection: &mut Connection<'_>,
        kind: Kind,
        records: &[Record],
    ) -> Result<(Vec<Written>, Vec<(Scope, Uuid, End)>), StoreError> {
        let now = self.options.clock.now();
        if matches!(kind, Kind::Regions | Kind::Industries) {
            return Ok((tables::write_codes(connection, kind, records).await?, Vec::new()));
        }
        if matches!(kind, Kind::Institutions | Kind::Businesses)
            && records.iter().any(|record| record.text("region") == Some(build::NO_REGION))
        {
            tables::ensure_no_region(connection).await?;
        }
        let references = References::load(connection, &self.options.system, kind, records).await?;
        let mut outcomes = Vec::with_capacity(records.len());
        let mut changed = Vec::new();
        for record in records {
            match build::row(record, &references, &self.options.ids) {
                Err(problems) => outcomes.push(Err(problems)),
                Ok(row) if row.is_unchanged() => outcomes.push(Ok(Outcome::Unchanged)),
                Ok(row) => {
                    outcomes.push(Ok(if row.was_known() { Outcome::Updated } else { Outcome::Created }));
                    changed.push(row);
                }
            }
        }
        let ended = tables::ended(kind, &changed);
        tables::write_rows(connection, kind, &self.options.system, changed, now).await?;
        Ok((outcomes, ended.into_iter().map(|(tenant, id, end)| (background(Tenant::Institution(tenant)), id, end)).collect()))
    }

    /// Puts the prerequisites of courses in place, now that all courses are there.
    async fn prerequisites(&mut self, records: Vec<Record>, report: &mut Report) -> Result<(), StoreError> {
        let mut transaction = self.transaction().await?;
        let records: Vec<Record> = records.into_iter().filter(|record| !self.left_out.contains(record.key())).collect();
        match self.try_prerequisites(&mut transaction, &records).await? {
            Some(problems) => report.tell(problems),
            None => {
                for record in records {
                    let problems = self.try_prerequisites(&mut transaction, std::slice::from_ref(&record)).await?;
                    report.tell(problems.unwrap_or_else(|| vec![refused(&record, "prerequisites")]));
                }
            }
        }
        self.end_of_batch(transaction).await
    }

    /// Puts the prerequisites of some courses in place; `None`, and nothing done, when the database refuses them.
    async fn try_prerequisites(&self, transaction: &mut Transaction, records: &[Record]) -> Result<Option<Vec<Problem>>, StoreError> {
        let Options { system, is_strict, clock, .. } = self.options;
        transaction.mark().await?;
        let problems = match links::prerequisites(&mut transaction.connection(), system, records, *is_strict, clock.now()).await {
            Ok((problems, is_changed)) => {
                if is_changed {
                    move_tables(transaction, &["course"]);
                }
                Some(problems)
            }
            Err(error) if error.is_refusal_of_rows() => {
                tracing::warn!(%error, rows = records.len(), "the database refused prerequisites");
                transaction.take_back().await?;
                None
            }
            Err(error) => return Err(error),
        };
        transaction.keep().await?;
        Ok(problems)
    }

    /// Keeps or takes back what stands or falls together.
    async fn finish(&mut self, report: &Report) -> Result<(), StoreError> {
        let Some(transaction) = self.open.take() else { return Ok(()) };
        if self.options.is_dry_run || report.has_rejections() { transaction.rollback().await } else { self.commit(transaction).await }
    }
}

/// Notes which answers no longer hold after rows of a kind were written.
fn moves(transaction: &mut Transaction, kind: Kind, outcomes: &[Written]) {
    if outcomes.iter().any(|outcome| matches!(outcome, Ok(Outcome::Created | Outcome::Updated))) {
        move_tables(transaction, tables::moved(kind));
    }
}

/// Notes that many rows of tables have changed.
fn move_tables(transaction: &mut Transaction, tables: &[&str]) {
    for table in tables {
        transaction.moves(tag::any(table));
        transaction.moves(tag::many(table));
    }
}

/// That the database does not take a row.
fn refused(record: &Record, column: &str) -> Problem {
    record.problem(column, "the database refused the row: it contradicts another one", Some(record.key()))
}

/// What became of a row: an outcome, or why it was left out.
type Written = Result<Outcome, Vec<Problem>>;

/// The tenant of what has none.
const NO_TENANT: Uuid = Uuid::nil();
