//! The accept loop: a cap on connections, time limits on the first byte and the head of a request, and a stop that lets requests under way end.

use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::http::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_io_timeout::TimeoutStream;

use super::peer::Peer;

/// Longest head of a request in bytes: a document in an address, percent-encoded.
const HEAD_BYTES: usize = 128 * 1024;
/// After a failure to accept (too many open files, say) it is tried again after this.
const AFTER_FAILURE: Duration = Duration::from_millis(100);

/// Limits on connections.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Most at a time.
    pub connections: usize,
    /// Time for the first byte.
    pub first_byte: Duration,
    /// Time for the head of a request.
    pub header: Duration,
    /// Time in which a client must take some of an answer.
    pub write: Duration,
    /// Time for requests under way after the stop.
    pub shutdown: Duration,
}

/// Serves until `stop` is ready, then until the requests under way have ended or their time is over. Each request carries its [`Peer`].
pub async fn serve<S>(listener: TcpListener, site: S, limits: Limits, stop: impl Future<Output = ()>)
where
    S: Service<Request<Incoming>, Response = Response, Error = Infallible, Future: Send> + Clone + Send + Sync + 'static,
{
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(limits.connections));
    // Connections that have not said anything are not the graceful end's to wait for: browsers open them ahead of need.
    let (stopping, stopped) = watch::channel(());
    let mut stop = pin!(stop);
    loop {
        let accepted = async {
            // Beyond the cap connections wait in the system's queue.
            let place = Arc::clone(&places).acquire_owned().await.ok()?;
            Some((listener.accept().await, place))
        };
        let (stream, peer, place) = tokio::select! {
            () = &mut stop => break,
            accepted = accepted => match accepted {
                Some((Ok((stream, peer)), place)) => (stream, Peer(peer), place),
                Some((Err(error), _)) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(AFTER_FAILURE).await;
                    continue;
                }
                None => break,
            },
        };
        let watcher = graceful.watcher();
        let site = site.clone();
        let mut stopped = stopped.clone();
        tokio::spawn(async move {
            let _place = place;
            tokio::select! {
                biased;
                is_silent = is_silent(&stream, limits.first_byte) => if is_silent { return },
                _ = stopped.changed() => return,
            }
            let mut builder = hyper::server::conn::http1::Builder::new();
            builder.timer(TokioTimer::new()).header_read_timeout(limits.header).max_buf_size(HEAD_BYTES);
            // A client that does not read its answer would keep its place for ever.
            let mut stream = TimeoutStream::new(stream);
            stream.set_write_timeout(Some(limits.write));
            let answering = service_fn(move |mut request: Request<Incoming>| {
                request.extensions_mut().insert(peer);
                site.call(request)
            });
            let connection = builder.serve_connection(TokioIo::new(Box::pin(stream)), answering);
            if let Err(error) = watcher.watch(connection).await {
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }
    drop(listener);
    drop(stopping);
    if tokio::time::timeout(limits.shutdown, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests under way were cut off at the end of server.shutdown_ms");
    }
}

/// Whether no byte came in time.
async fn is_silent(stream: &TcpStream, limit: Duration) -> bool {
    // Small answers leave at once.
    let _ = stream.set_nodelay(true);
    // A look at the byte itself: a stream may be called readable before anything has come.
    !matches!(tokio::time::timeout(limit, stream.peek(&mut [0])).await, Ok(Ok(1..)))
}
