//! Requests of one payer that stand in line for its buckets: the first is paid for at once, those who come meanwhile by one call after that.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::{Buckets, Taken};
use crate::config;

/// The buckets of one payer by name, with their sizes, and whoever stands behind the call for them that is under way, if one is.
#[derive(Debug)]
pub struct Line {
    pub(super) buckets: Vec<(String, config::Bucket)>,
    waiting: Mutex<Option<Vec<Waiting>>>,
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
    First(Head),
    /// It is told what became of its points; nothing, when Redis did not tell.
    Behind(oneshot::Receiver<Taken>),
}

/// The head of a line. Letting go of it, whether its call was made or its caller has gone away, lets those behind go on.
pub(super) struct Head {
    all: Arc<Buckets>,
    line: Arc<Line>,
    /// Whether nobody is to go on.
    is_closed: bool,
}

impl Line {
    pub(super) const fn new(buckets: Vec<(String, config::Bucket)>) -> Self {
        Self { buckets, waiting: Mutex::new(None) }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Vec<Waiting>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Head {
    /// Joins the line of a payer's buckets.
    pub(super) fn join(all: &Arc<Buckets>, line: &Arc<Line>, points: u64) -> Place {
        let mut behind = line.lock();
        let Some(waiting) = &mut *behind else {
            *behind = Some(Vec::new());
            return Place::First(Self { all: Arc::clone(all), line: Arc::clone(line), is_closed: false });
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
        let Some(outcomes) = self.all.call(&self.line, &points).await else {
            // They are dropped, which tells them so.
            self.close();
            return;
        };
        for (waiting, taken) in waiting.into_iter().zip(outcomes) {
            let _ = waiting.tell.send(taken);
        }
    }
}

impl Drop for Head {
    fn drop(&mut self) {
        let mut behind = self.line.lock();
        let waiting = behind.take().unwrap_or_default();
        // When the program ends there is nobody to go on.
        let runtime = tokio::runtime::Handle::try_current().ok().filter(|_| !waiting.is_empty() && !self.is_closed);
        if let Some(runtime) = runtime {
            *behind = Some(Vec::new());
            drop(behind);
            let next = Self { all: Arc::clone(&self.all), line: Arc::clone(&self.line), is_closed: false };
            runtime.spawn(next.serve(waiting));
        }
    }
}
