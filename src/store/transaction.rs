//! Transactions for writing. One that is dropped is taken back.

use super::connect::Pool;
use super::error::StoreError;
use super::held::{Held, Mode};
use super::sql::{Connection, Sql};
use crate::policy::Scope;

/// An open transaction.
#[derive(Debug)]
pub struct Transaction(Held);

pub(super) async fn begin(pool: &Pool, scope: Option<&Scope>) -> Result<Transaction, StoreError> {
    let mut held = Held::take(pool).await?;
    held.begin(Mode::Write, scope).await?;
    Ok(Transaction(held))
}

/// Begins to read what stands at one instant.
pub(super) async fn snapshot(pool: &Pool) -> Result<Transaction, StoreError> {
    let mut held = Held::take(pool).await?;
    held.begin(Mode::Snapshot, None).await?;
    Ok(Transaction(held))
}

impl Transaction {
    /// The connection on which the transaction runs.
    pub fn connection(&mut self) -> Connection<'_> {
        self.0.connection()
    }

    /// Makes what was written last.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        self.0.end("COMMIT").await
    }

    /// Takes back what was written.
    pub async fn rollback(mut self) -> Result<(), StoreError> {
        self.0.end("ROLLBACK").await
    }

    /// Marks a point to which [`Self::take_back`] returns.
    pub async fn mark(&mut self) -> Result<(), StoreError> {
        self.run("SAVEPOINT mark").await
    }

    /// Keeps what was written since the mark.
    pub async fn keep(&mut self) -> Result<(), StoreError> {
        self.run("RELEASE SAVEPOINT mark").await
    }

    /// Undoes what was written since the mark.
    pub async fn take_back(&mut self) -> Result<(), StoreError> {
        self.run("ROLLBACK TO SAVEPOINT mark").await
    }

    async fn run(&mut self, statement: &str) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let mut sql = Sql::new(connection.dialect());
        sql.push(statement);
        connection.execute(sql).await.map(|_| ())
    }
}
