//! What one process at a time does to a database: migrations wait for each other, an import refuses to run beside another.
//!
//! On `PostgreSQL` a lock belongs to a session, on `SQLite` to an open file beside the database; either goes with the process should it die.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Postgres};

use super::connect::{Pool, sqlite_path};
use super::error::StoreError;

/// Key of the lock that `PostgreSQL` holds while migrations run ("concord" in base 36).
const MIGRATION: i64 = 27_559_003_273;
/// Key of the lock that it holds while an import runs.
const IMPORT: i64 = MIGRATION + 1;

/// What follows the name of a database's file in the names of its lock files. The files are empty, and stay.
pub const LOCK_FILES: [&str; 2] = [MIGRATION_FILE, IMPORT_FILE];
const MIGRATION_FILE: &str = ".lock";
const IMPORT_FILE: &str = ".import.lock";

/// A lock that is held until it is released, or dropped.
#[derive(Debug)]
pub struct Lock(Held);

#[derive(Debug)]
enum Held {
    /// A connection of its own.
    Session(PgConnection),
    File(File),
}

impl Lock {
    /// Lets others in, at once; when a lock is dropped they wait until `PostgreSQL` has noticed.
    pub async fn release(self) -> Result<(), StoreError> {
        match self.0 {
            Held::Session(mut session) => {
                sqlx::query::<Postgres>("SELECT pg_advisory_unlock_all()").execute(&mut session).await?;
                session.close().await?;
            }
            Held::File(file) => drop(file),
        }
        Ok(())
    }
}

/// Waits until no other process migrates the database.
pub(super) async fn for_migration(pool: &Pool, url: &str) -> Result<Lock, StoreError> {
    match pool {
        Pool::Postgres(pool) => {
            let mut session = pool.acquire().await?.detach();
            sqlx::query::<Postgres>("SELECT pg_advisory_lock($1)").bind(MIGRATION).execute(&mut session).await?;
            Ok(Lock(Held::Session(session)))
        }
        Pool::Sqlite(_) => {
            let path = beside(url, MIGRATION_FILE)?;
            // Waiting for it must not keep the holder, which may be a task of the same thread, from its work.
            let wait = move || {
                let file = open(&path).map_err(|error| fail(&path, &error))?;
                file.lock().map_err(|error| fail(&path, &error))?;
                Ok(Lock(Held::File(file)))
            };
            tokio::task::spawn_blocking(wait).await.map_err(std::io::Error::other).map_err(sqlx::Error::Io)?
        }
    }
}

/// The right to import into the database; `None` while another process has it.
pub(super) async fn for_import(pool: &Pool, url: &str) -> Result<Option<Lock>, StoreError> {
    match pool {
        Pool::Postgres(pool) => {
            let mut session = pool.acquire().await?.detach();
            let is_free: bool =
                sqlx::query_scalar::<Postgres, _>("SELECT pg_try_advisory_lock($1)").bind(IMPORT).fetch_one(&mut session).await?;
            Ok(is_free.then_some(Lock(Held::Session(session))))
        }
        Pool::Sqlite(_) => {
            let path = beside(url, IMPORT_FILE)?;
            let file = open(&path).map_err(|error| fail(&path, &error))?;
            match file.try_lock() {
                Ok(()) => Ok(Some(Lock(Held::File(file)))),
                Err(TryLockError::WouldBlock) => Ok(None),
                Err(TryLockError::Error(error)) => Err(fail(&path, &error)),
            }
        }
    }
}

/// A lock file of a database. The ending is added to the whole name: in the place of another it could be the database itself, or a stranger's file.
fn beside(url: &str, ending: &str) -> Result<PathBuf, StoreError> {
    let path = sqlite_path(url).ok_or_else(|| StoreError::Open("database.url does not name a file".to_owned()))?;
    let mut name = path.into_os_string();
    name.push(ending);
    Ok(name.into())
}

/// Opens a lock file, and leaves what may be in it.
fn open(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().create(true).truncate(false).write(true).open(path)
}

fn fail(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Open(format!("the lock file {} cannot be taken: {error}", path.display()))
}
