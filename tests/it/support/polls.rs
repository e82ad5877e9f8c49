//! Futures that are dropped in the middle.

use std::task::Poll;

/// Polls a future so often, giving way in between; then it is dropped.
pub(crate) async fn poll_at_most<T>(future: impl Future<Output = T>, polls: usize) -> Option<T> {
    let mut future = std::pin::pin!(future);
    let mut left = polls;
    std::future::poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(value) => Poll::Ready(Some(value)),
            // Woken for each poll: between two of them something has happened.
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}
