//! Requests of one payer that stand in line for its buckets: the first is paid for at once, those who come meanwhile by one call after that.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::{Buckets, Taken};
use crate::config;

/// The buckets of one payer by name, with their sizes, and whoever stands behind the call for them that is under way, if one is.
#[derive(Debug)]
pub struct Purse {
    pub(super) buckets: Vec<(String, config::Bucket)>,
    line: Mutex<Option<Vec<Waiting>>>,
}

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
    purse: Arc<Purse>,
    /// Whether nobody is to go on.
    is_closed: bool,
}

impl Purse {
    pub(super) const fn new(buckets: Vec<(String, config::Bucket)>) -> Self {
        Self { buckets, line: Mutex::new(None) }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Vec<Waiting>>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    /// Joins the line of a payer's buckets.
    pub(super) fn join(all: &Arc<Buckets>, purse: &Arc<Purse>, points: u64) -> Place {
        let mut line = purse.lock();
        let Some(waiting) = &mut *line else {
            *line = Some(Vec::new());
            return Place::First(Self { all: Arc::clone(all), purse: Arc::clone(purse), is_closed: false });
        };
        let (tell, told) = oneshot::channel();
        waiting.push(Waiting { points, tell });
        Place::Behind(told)
    }

    /// Sends away those who wait: Redis does not tell, and each has waited for as long as it may take.
    pub(super) fn close(&mut self) {
        self.is_closed = true;
    }

    /// Pays for those who wait, by one call. Those who have gone away since have paid like all others: their requests had begun. What is logged of it names no request: it is made for several.
    async fn serve(mut self, waiting: Vec<Waiting>) {
        let points: Vec<u64> = waiting.iter().map(|waiting| waiting.points).collect();
        let Some(outcomes) = self.all.call(&self.purse, &points).await else {
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
        let mut line = self.purse.lock();
        let waiting = line.take().unwrap_or_default();
        // When the program ends there is nobody to go on.
        let runtime = tokio::runtime::Handle::try_current().ok().filter(|_| !waiting.is_empty() && !self.is_closed);
        if let Some(runtime) = runtime {
            *line = Some(Vec::new());
            drop(line);
            let next = Self { all: Arc::clone(&self.all), purse: Arc::clone(&self.purse), is_closed: false };
            runtime.spawn(next.serve(waiting));
        }
    }
}
