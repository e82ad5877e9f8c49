//! Load over loopback, and the peer that it is compared with.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderValue, Request};
use axum::routing::post;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::service::TowerToHyperService;
use serde_json::Value;
use tokio::net::TcpListener;

/// A client that keeps its connections.
pub type Http = Client<hyper_util::client::legacy::connect::HttpConnector, Full<Bytes>>;

/// What is sent.
#[derive(Clone)]
pub struct Question {
    /// The body.
    pub body: Bytes,
    /// What stands in `Authorization`, if anything does.
    pub token: Option<HeaderValue>,
}

impl From<Value> for Question {
    /// Without a token.
    fn from(body: Value) -> Self {
        Self { body: body.to_string().into(), token: None }
    }
}

/// The body of the answer to a request, which must succeed.
pub async fn send(client: &Http, address: SocketAddr, question: &Question) -> anyhow::Result<Bytes> {
    let mut request = Request::post(format!("http://{address}/graphql")).header(CONTENT_TYPE, "application/json");
    if let Some(token) = &question.token {
        request = request.header(AUTHORIZATION, token);
    }
    let answer = client.request(request.body(Full::new(question.body.clone()))?).await?;
    anyhow::ensure!(answer.status().is_success(), "status {}", answer.status());
    Ok(answer.into_body().collect().await?.to_bytes())
}

/// Requests a second over so many connections, for so long.
pub async fn rate(
    client: &Arc<Http>,
    address: SocketAddr,
    question: &Question,
    connections: usize,
    round: Duration,
) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let senders: Vec<_> = (0..connections)
        .map(|_| {
            let (client, question) = (Arc::clone(client), question.clone());
            tokio::spawn(async move {
                let mut number = 0_u32;
                while begun.elapsed() < round {
                    send(&client, address, &question).await?;
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
    tokio::spawn(concord::http::serve(listener, TowerToHyperService::new(router), limits, std::future::pending::<()>()));
    Ok(address)
}
