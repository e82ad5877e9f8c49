//! Requests of one payer that stand in line for its buckets: the first is paid for at once, those who come meanwhile by one call after that.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::{Buckets, Taken};
use crate::config;

/// Names of a payer's buckets and their sizes.
type Purse = Vec<(String, config::Bucket)>;

/// All lines that somebody stands in.
#[derive(Debug, Default)]
pub(super) struct Lines(Mutex<HashMap<Purse, Vec<Waiting>>>);

/// One who stands behind a call that is under way.
#[derive(Debug)]
struct Waiting {
    points: u64,
    tell: oneshot::Sender<Taken>,
}

/// The place of a request in its line.
pub(super) enum Place {
    /// Nobody is before it: it is to make the call, and to let go of the line after that.
    First(Line),
    /// It is told what became of its points; nothing, when Redis did not tell.
    Behind(oneshot::Receiver<Taken>),
}

/// The head of a line. Letting go of it, whether its call was made or its caller has gone away, lets those behind go on.
pub(super) struct Line {
    all: Arc<Buckets>,
    purse: Purse,
    /// Whether nobody is to go on.
    is_closed: bool,
}

impl Line {
    /// Joins the line of a payer's buckets.
    pub(super) fn join(all: &Arc<Buckets>, names: Vec<String>, sizes: &[config::Bucket], points: u64) -> Place {
        let purse: Purse = names.into_iter().zip(sizes.iter().copied()).collect();
        match all.lines.lock().entry(purse) {
            Entry::Occupied(mut line) => {
                let (tell, told) = oneshot::channel();
                line.get_mut().push(Waiting { points, tell });
                Place::Behind(told)
            }
            Entry::Vacant(line) => {
                let head = Self { all: Arc::clone(all), purse: line.key().clone(), is_closed: false };
                line.insert(Vec::new());
                Place::First(head)
            }
        }
    }

    /// The buckets of this line by name, with their sizes.
    pub(super) fn buckets(&self) -> impl Iterator<Item = (&str, &config::Bucket)> {
        self.purse.iter().map(|(name, size)| (name.as_str(), size))
    }

    /// Sends away those who wait: Redis does not tell, and each has waited for as long as it may take.
    pub(super) fn close(&mut self) {
        self.is_closed = true;
    }

    /// Pays for those who wait, by one call. Those who have gone away since have paid like all others: their requests had begun. What is logged of it names no request: it is made for several.
    async fn serve(mut self, waiting: Vec<Waiting>) {
        let points: Vec<u64> = waiting.iter().map(|waiting| waiting.points).collect();
        let Some(outcomes) = self.all.call(&self, &points).await else {
            // They are dropped, which tells them so.
            self.close();
            return;
        };
        for (waiting, taken) in waiting.into_iter().zip(outcomes) {
            let _ = waiting.tell.send(taken);
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let mut lines = self.all.lines.lock();
        let Some(line) = lines.get_mut(&self.purse) else { return };
        let waiting = std::mem::take(line);
        // When the program ends there is nobody to go on.
        let runtime = tokio::runtime::Handle::try_current().ok().filter(|_| !waiting.is_empty() && !self.is_closed);
        let Some(runtime) = runtime else {
            lines.remove(&self.purse);
            return;
        };
        drop(lines);
        let next = Self { all: Arc::clone(&self.all), purse: std::mem::take(&mut self.purse), is_closed: false };
        runtime.spawn(next.serve(waiting));
    }
}

impl Lines {
    fn lock(&self) -> MutexGuard<'_, HashMap<Purse, Vec<Waiting>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
