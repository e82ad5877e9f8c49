//! The records of the demo, kept by kind, read by the importer like any source.

use std::collections::BTreeMap;

use crate::import::write::Records as Source;
use crate::import::{Kind, Problem, Record};

/// All records of the state.
#[derive(Debug, Default)]
pub struct Records {
    by_kind: BTreeMap<Kind, Vec<Record>>,
}

impl Records {
    /// Adds a record.
    pub(super) fn add(&mut self, kind: Kind, pairs: &[(&str, String)]) -> anyhow::Result<()> {
        let records = self.by_kind.entry(kind).or_default();
        let record = Record::from_pairs(kind, "demo", records.len() as u64 + 1, pairs).map_err(|problems| {
            let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
            anyhow::anyhow!("{}: {}", kind.name(), said.join("; "))
        })?;
        records.push(record);
        Ok(())
    }

    /// How many records there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.by_kind.values().map(|records| records.len() as u64).sum()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many records of a kind there are.
    #[must_use]
    pub fn count(&self, kind: Kind) -> usize {
        self.by_kind.get(&kind).map_or(0, Vec::len)
    }
}

impl Source for Records {
    fn rows(&self, kind: Kind) -> Box<dyn Iterator<Item = Result<Record, Vec<Problem>>> + Send + '_> {
        Box::new(self.by_kind.get(&kind).into_iter().flatten().cloned().map(Ok))
    }

    fn warnings(&self, _: Kind) -> Vec<Problem> {
        Vec::new()
    }
}
