//! What can go wrong below the store.

use sqlx::error::ErrorKind;
use sqlx::postgres::PgDatabaseError;

/// PostgreSQL's codes of a statement that ran out of its time, and of one that could not wait for a lock; and `SQLite`'s of both.
const BUSY: [&str; 4] = ["57014", "55P03", "9", "5"];

/// PostgreSQL's codes of a transaction that was given up in favor of another one, and `SQLite`'s of one that read what another has written over since (`SQLITE_BUSY_SNAPSHOT`).
const CONFLICTS: [&str; 3] = ["40001", "40P01", "517"];

/// A failure of the database or of what is asked of it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or could not be reached.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// A value could not be sent.
    #[error("a value cannot be sent to the database: {0}")]
    Encode(#[source] sqlx::error::BoxDynError),
    /// A column could not be read.
    #[error("column {0}: {1}")]
    Column(String, #[source] sqlx::Error),
    /// A column or edge was read that the wanted tree did not ask for. Never an empty answer: it is a mistake of the program.
    #[error("{noun} was loaded without {slot}")]
    Slot {
        /// Name of the noun.
        noun: &'static str,
        /// What is missing.
        slot: String,
    },
    /// A row of this noun came through that its scope does not let through.
    #[error("a row of {0} was stopped on its way out of the store")]
    Breach(&'static str),
    /// A row went elsewhere between being read and being held.
    #[error("a row was moved while it was about to be changed")]
    Moved,
    /// The database cannot be opened or brought up to date; the text says why and what to do.
    #[error("{0}")]
    Open(String),
}

impl StoreError {
    /// Whether others stood in the way of a transaction: the same once more may well succeed.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        match self {
            Self::Moved => true,
            Self::Database(sqlx::Error::Database(error)) => error.code().is_some_and(|code| CONFLICTS.contains(&&*code)),
            _ => false,
        }
    }

    /// Whether no connection came free in time, a statement ran out of its time or waited for a lock too long, or others stood in the way: nothing is broken.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        match self {
            error if error.is_conflict() => true,
            Self::Database(sqlx::Error::PoolTimedOut) => true,
            Self::Database(sqlx::Error::Database(error)) => error.code().is_some_and(|code| BUSY.contains(&&*code)),
            _ => false,
        }
    }

    /// Whether no connection is to be had: what else is asked of the database fails too.
    #[must_use]
    pub const fn is_out_of_reach(&self) -> bool {
        matches!(
            self,
            Self::Database(
                sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::WorkerCrashed
            )
        )
    }

    /// Whether the database refused the rows that it was given, and not to work at all: written one by one, the others can be kept.
    #[must_use]
    pub fn is_refusal_of_rows(&self) -> bool {
        let Self::Database(sqlx::Error::Database(error)) = self else { return false };
        // On PostgreSQL also a value that it cannot take (class 22) or that is too large for it (class 54).
        let is_class = |class| error.try_downcast_ref::<PgDatabaseError>().is_some_and(|error| error.code().starts_with(class));
        is_class("22") || is_class("54") || !matches!(error.kind(), ErrorKind::Other)
    }
}
