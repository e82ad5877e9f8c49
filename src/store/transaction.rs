//! Transactions for writing. One that is dropped is rolled back.

use sqlx::{Postgres, Sqlite};

use super::connect::Pool;
use super::error::StoreError;
use super::sql::{Connection, Sql};

/// An open transaction.
#[derive(Debug)]
pub struct Transaction(Inner);

#[derive(Debug)]
enum Inner {
    Postgres(sqlx::Transaction<'static, Postgres>),
    Sqlite(sqlx::Transaction<'static, Sqlite>),
}

pub(super) async fn begin(pool: &Pool) -> Result<Transaction, StoreError> {
    Ok(Transaction(match pool {
        Pool::Postgres(pool) => Inner::Postgres(pool.begin().await?),
        // Taking the write lock at once: a reader that turns into a writer later can be refused.
        Pool::Sqlite(pool) => Inner::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await?),
    }))
}

impl Transaction {
    /// The connection on which the transaction runs.
    pub fn connection(&mut self) -> Connection<'_> {
        match &mut self.0 {
            Inner::Postgres(transaction) => Connection::Postgres(transaction),
            Inner::Sqlite(transaction) => Connection::Sqlite(transaction),
        }
    }

    /// Makes what was written last.
    pub async fn commit(self) -> Result<(), StoreError> {
        let _: () = match self.0 {
            Inner::Postgres(transaction) => transaction.commit().await?,
            Inner::Sqlite(transaction) => transaction.commit().await?,
        };
        Ok(())
    }

    /// Takes back what was written.
    pub async fn rollback(self) -> Result<(), StoreError> {
        let _: () = match self.0 {
            Inner::Postgres(transaction) => transaction.rollback().await?,
            Inner::Sqlite(transaction) => transaction.rollback().await?,
        };
        Ok(())
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
