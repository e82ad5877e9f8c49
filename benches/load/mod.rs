//! Load over loopback, and the peer that it is compared with.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::Request;
use axum::http::header::CONTENT_TYPE;
use axum::routing::post;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use tokio::net::TcpListener;

/// Length of a round.
const ROUND: Duration = Duration::from_secs(1);

/// A client that keeps its connections.
pub type Http = Client<hyper_util::client::legacy::connect::HttpConnector, Full<Bytes>>;

/// The body of the answer to a request, which must succeed.
pub async fn send(client: &Http, address: SocketAddr, body: &Bytes) -> anyhow::Result<Bytes> {
    let request =
        Request::post(format!("http://{address}/graphql")).header(CONTENT_TYPE, "application/json").body(Full::new(body.clone()))?;
    let answer = client.request(request).await?;
    anyhow::ensure!(answer.status().is_success(), "status {}", answer.status());
    Ok(answer.into_body().collect().await?.to_bytes())
}

/// Requests a second over so many connections.
pub async fn rate(client: &Arc<Http>, address: SocketAddr, body: &Bytes, connections: usize) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let senders: Vec<_> = (0..connections)
        .map(|_| {
            let (client, body) = (Arc::clone(client), body.clone());
            tokio::spawn(async move {
                let mut number = 0_u32;
                while begun.elapsed() < ROUND {
                    send(&client, address, &body).await?;
                    number += 1;
                }
                anyhow::Ok(number)
            })
        })
        .collect();
    let mut number = 0;
    for sender in senders {
        number += sender.await??;
    }
    Ok(f64::from(number) / begun.elapsed().as_secs_f64())
}

/// A handler that sends the same bytes to everyone.
pub async fn peer(bytes: Bytes) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let router = Router::new().route("/graphql", post(move |_: Bytes| async move { ([(CONTENT_TYPE, "application/json")], bytes) }));
    let limits = concord::http::Limits {
        connections: 1_024,
        first_byte: Duration::from_secs(10),
        header: Duration::from_secs(30),
        write: Duration::from_secs(10),
        shutdown: Duration::from_secs(1),
    };
    tokio::spawn(concord::http::serve(listener, router, limits, std::future::pending::<()>()));
    Ok(address)
}
