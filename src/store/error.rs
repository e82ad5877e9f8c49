//! What can go wrong below the store.

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
    /// The database cannot be opened or brought up to date; the text says why and what to do.
    #[error("{0}")]
    Open(String),
}
