//! Transactions for writing. One that is dropped is taken back.

use std::collections::{BTreeSet, HashMap};

use uuid::Uuid;

use super::Store;
use super::error::StoreError;
use super::generation;
use super::held::{Held, Mode};
use super::sql::{Connection, Sql};
use crate::policy::Scope;

/// An open transaction.
#[derive(Debug)]
pub struct Transaction {
    held: Held,
    store: Store,
    moves: BTreeSet<String>,
    /// Ends of the audit log's chains that it holds, by tenant.
    chains: HashMap<Uuid, (i64, String)>,
}

pub(super) async fn begin(store: &Store, mode: Mode, scope: Option<&Scope>) -> Result<Transaction, StoreError> {
    let mut held = Held::take(store).await?;
    held.begin(mode, scope).await?;
    Ok(Transaction { held, store: store.clone(), moves: BTreeSet::new(), chains: HashMap::new() })
}

impl Transaction {
    /// The connection on which the transaction runs.
    pub fn connection(&mut self) -> Connection<'_> {
        self.held.connection()
    }

    /// Goes on in another scope of the same act: about another learner, or with another payer.
    pub async fn speak(&mut self, scope: &Scope) -> Result<(), StoreError> {
        self.held.speak(scope).await
    }

    /// Notes that answers which hang on a tag are to be read anew once this is committed.
    pub fn moves(&mut self, tag: String) {
        self.moves.insert(tag);
    }

    /// The end of a tenant's chain of the audit log, if it is held here.
    pub(super) fn chain(&self, tenant: Uuid) -> Option<&(i64, String)> {
        self.chains.get(&tenant)
    }

    /// Notes the end of a chain that is held until the transaction ends.
    pub(super) fn chained(&mut self, tenant: Uuid, end: (i64, String)) {
        self.chains.insert(tenant, end);
    }

    /// Makes what was written last. When this returns, no answer from before is given any more on this node.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        let mut moved = Vec::new();
        if !self.moves.is_empty() && !self.store.faults().has_no_move() {
            let tags: Vec<String> = std::mem::take(&mut self.moves).into_iter().collect();
            moved = generation::advance(&mut self.held.connection(), &tags).await?;
        }
        self.held.end("COMMIT").await?;
        self.store.generations.apply(&moved);
        Ok(())
    }

    /// Takes back what was written.
    pub async fn rollback(mut self) -> Result<(), StoreError> {
        self.held.end("ROLLBACK").await
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
        self.held.forget();
        self.chains.clear();
        self.run("ROLLBACK TO SAVEPOINT mark").await
    }

    async fn run(&mut self, statement: &str) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let mut sql = Sql::new(connection.dialect());
        sql.push(statement);
        connection.execute(sql).await.map(|_| ())
    }
}
