//! What a kept answer costs beside a handler that sends the same bytes: out of the process, and out of Redis for each request. Also how fast nodes can be told of changes.
//! `scripts/bench` runs it.

mod demo;
mod issuer;
mod load;

use std::net::{SocketAddr, TcpListener as Ports};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use concord::app::{self, App, Purpose};
use concord::config::Settings;
use concord::domain::clock::{Clock, Ids};
use futures_util::StreamExt;
use hyper::header::HeaderValue;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use redis::cmd;
use serde_json::json;
use sqlx::Connection;
use sqlx::postgres::{PgConnection, PgListener};
use tokio::net::TcpListener;

use demo::fill;
use issuer::Issuer;
use load::{Http, Question, peer, rate, send};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Rounds of a measurement, of which the middle one is told: many and short, for a machine that is shared changes its speed every few seconds, and a share is taken within a round.
const ROUNDS: usize = 21;
const ROUND: Duration = Duration::from_millis(250);
/// Bytes that the client reads at once, more than any page has: left to itself it guesses, and is of two minds from 30 to 33 KB.
const READ: usize = 128 * 1024;
/// Messages of a measurement.
const MESSAGES: usize = 2_000;

fn main() -> anyhow::Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let redis = Redis::start().await?;
        kept(&redis.url).await?;
        told(&redis.url).await
    })
}

/// A server that ends with the bench.
struct Redis {
    child: Child,
    url: String,
}

impl Redis {
    async fn start() -> anyhow::Result<Self> {
        let port = Ports::bind("127.0.0.1:0")?.local_addr()?.port().to_string();
        let program = std::env::var("CONCORD_TEST_REDIS").unwrap_or_else(|_| "redis-server".to_owned());
        let arguments = ["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
        let child = Command::new(program).args(arguments).stdout(Stdio::null()).spawn().context("redis-server")?;
        let redis = Self { child, url: format!("redis://127.0.0.1:{port}") };
        let begun = Instant::now();
        while redis::Client::open(redis.url.as_str())?.get_multiplexed_async_connection().await.is_err() {
            anyhow::ensure!(begun.elapsed() < Duration::from_secs(10), "redis-server does not answer");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(redis)
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The value at a share of a list.
fn at(list: &mut [f64], share: f64) -> f64 {
    list.sort_by(f64::total_cmp);
    list[((list.len() - 1) as f64 * share) as usize]
}

/// Serves a database that is there; the program and its address.
async fn serve(settings: &Settings) -> anyhow::Result<(App, SocketAddr)> {
    let store = app::open_store(settings, Purpose::Serving, Clock::System).await?;
    let app = App::build(settings.clone(), store, Ids::System).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let served = app.clone();
    tokio::spawn(async move { served.serve(listener, std::future::pending::<()>()).await });
    Ok((app, address))
}

/// The three ways in which a node is set up.
fn ways(base: &Settings, redis: &str) -> [(&'static str, Settings); 3] {
    let (memory, mut shared, mut alone) = (base.clone(), base.clone(), base.clone());
    for settings in [&mut shared, &mut alone] {
        settings.redis.url = redis.into();
        settings.redis.timeout_ms = 1_000;
    }
    // Too little for any answer: each is fetched.
    alone.cache.answer_bytes = 1;
    alone.cache.part_bytes = 0;
    [("in process", memory), ("in process, budgets in Redis", shared), ("through Redis alone", alone)]
}

/// Courses of a page, for answers of about 9, 20, 30 and 77 KB, and over how many connections each is asked for.
const PAGES: [(u32, &[usize]); 4] = [(9, &[64]), (20, &[1, 64]), (30, &[64]), (100, &[64])];
/// Points that the largest of them may cost.
const POINTS: u64 = 20_000;

/// Prints, for a portal's first question by somebody with a token, each size and each way, requests a second and their share of the peer's.
async fn kept(redis: &str) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let mut settings = Settings::read(None)?;
    settings.database.url = format!("sqlite://{}", folder.path().join("bench.db").display()).into();
    settings.cursors.secret = "a secret of the benches, long enough to sign".into();
    settings.cost.person = POINTS;
    for bucket in [&mut settings.budget.person, &mut settings.budget.tenant] {
        bucket.capacity = 1_000_000_000;
    }
    let issuer = Issuer::new();
    issuer.believe(&mut settings, "CONSORTIUM")?;
    fill(&settings).await?;
    let mut token = HeaderValue::try_from(format!("Bearer {}", issuer.token("known", "ANALYST")))?;
    token.set_sensitive(true);
    let operation = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/operations/portal_catalog_search.graphql");
    let operation = std::fs::read_to_string(operation)?;
    let client: Arc<Http> = Arc::new(Client::builder(TokioExecutor::new()).http1_read_buf_exact_size(READ).build_http());
    let mut nodes = Vec::new();
    for (way, settings) in ways(&settings, redis) {
        let (app, address) = serve(&settings).await?;
        while app.remote().is_some_and(|remote| !remote.is_connected()) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        nodes.push((way, app, address));
    }
    for (first, places) in PAGES {
        let variables = json!({ "search": "data", "filter": { "hasSeats": true }, "first": first });
        let question = Question { token: Some(token.clone()), ..json!({ "query": operation, "variables": variables }).into() };
        for (_, _, address) in &nodes {
            // Once to make it, and until it is where it is to be.
            for _ in 0..100 {
                send(&client, *address, &question).await?;
            }
        }
        let answer = send(&client, nodes[0].2, &question).await?;
        let peer = peer(answer.clone()).await?;
        for connections in places {
            let addresses = nodes.iter().map(|(way, _, address)| (*way, *address));
            compare(&client, &question, &addresses.collect::<Vec<_>>(), peer, *connections, answer.len()).await?;
        }
    }
    for (way, app, _) in &nodes {
        let answers = app.answers().context("kept answers")?;
        let counts = answers.counts();
        // Those who ask at the same moment share one fetch, which counts as a hit for all but the first.
        let (hits, others) =
            if way.ends_with("alone") { (counts.shared_hits(), answers.memory().bytes()) } else { (counts.hits(), counts.shared_hits()) };
        anyhow::ensure!(hits > 1_000 && hits > 100 * (others + counts.misses()), "{way}: not out of where it says: {counts:?}");
        println!(
            "portal_1 kept {way}: budgets charged in Redis {}, on the node {}",
            app.budget().counts().shared(),
            app.budget().counts().local()
        );
    }
    Ok(())
}

/// Prints requests a second of each node and their share of the peer's, each after the other in every round.
async fn compare(
    client: &Arc<Http>,
    question: &Question,
    nodes: &[(&'static str, SocketAddr)],
    peer: SocketAddr,
    connections: usize,
    bytes: usize,
) -> anyhow::Result<()> {
    let mut rates = vec![Vec::new(); nodes.len() + 1];
    for _ in 0..ROUNDS {
        for (place, (_, address)) in nodes.iter().enumerate() {
            rates[place].push(rate(client, *address, question, connections, ROUND).await?);
        }
        rates[nodes.len()].push(rate(client, peer, question, connections, ROUND).await?);
    }
    let other = rates.pop().unwrap_or_default();
    for ((way, _), own) in nodes.iter().zip(rates) {
        // Each round beside the peer's in the same: a machine that is shared is faster at one time than at another.
        let mut shares: Vec<f64> = own.iter().zip(&other).map(|(own, other)| own / other).collect();
        let [own, other] = [own, other.clone()].map(|mut rates| at(&mut rates, 0.5));
        println!(
            "portal_1 kept {way}, {connections:>2} connections, {bytes} bytes: {own:>6.0} a second, {:.3} of a static handler's {other:.0}",
            at(&mut shares, 0.5)
        );
    }
    Ok(())
}

/// Prints how long a message takes from one connection to another by a channel of Redis, by its word that a tracked key has changed, and by `PostgreSQL`'s NOTIFY.
async fn told(url: &str) -> anyhow::Result<()> {
    let client = redis::Client::open(url)?;
    let mut sender = client.get_multiplexed_async_connection().await?;
    let mut channel = client.get_async_pubsub().await?;
    channel.subscribe("bench").await?;
    let mut messages = channel.into_on_message();
    let mut times = Vec::with_capacity(MESSAGES);
    for _ in 0..MESSAGES {
        let begun = Instant::now();
        let publish = async { cmd("PUBLISH").arg("bench").arg("course:1 2 3").query_async::<()>(&mut sender).await };
        let (sent, heard) = tokio::join!(publish, messages.next());
        sent?;
        heard.context("a message")?;
        times.push(begun.elapsed().as_secs_f64() * 1e6);
    }
    print("a channel of Redis", &mut times);

    let (teller, mut pushes) = tokio::sync::mpsc::unbounded_channel();
    let config = redis::AsyncConnectionConfig::new().set_push_sender(teller);
    let mut tracking = redis::Client::open(format!("{url}/?protocol=resp3"))?.get_multiplexed_async_connection_with_config(&config).await?;
    cmd("CLIENT").arg("TRACKING").arg("ON").query_async::<()>(&mut tracking).await?;
    let mut times = Vec::with_capacity(MESSAGES);
    for number in 0..MESSAGES {
        cmd("GET").arg("generation").query_async::<Option<String>>(&mut tracking).await?;
        let begun = Instant::now();
        let write = async { cmd("SET").arg("generation").arg(number).query_async::<()>(&mut sender).await };
        let heard = async {
            loop {
                let push = pushes.recv().await.context("a push")?;
                if push.kind == redis::PushKind::Invalidate {
                    return anyhow::Ok(());
                }
            }
        };
        let (sent, heard) = tokio::join!(write, heard);
        sent?;
        heard?;
        times.push(begun.elapsed().as_secs_f64() * 1e6);
    }
    print("tracking by Redis (RESP3)", &mut times);

    let Ok(url) = std::env::var("CONCORD_TEST_POSTGRES") else {
        println!("NOTIFY is left out: CONCORD_TEST_POSTGRES does not name a server");
        return Ok(());
    };
    let mut sender = PgConnection::connect(&url).await?;
    let mut listener = PgListener::connect(&url).await?;
    let channel = format!("concord_bench_{}", std::process::id());
    listener.listen(&channel).await?;
    let mut times = Vec::with_capacity(MESSAGES);
    for _ in 0..MESSAGES {
        let begun = Instant::now();
        let notify = sqlx::query("SELECT pg_notify($1, 'course:1 2 3')").bind(&channel).execute(&mut sender);
        let (sent, heard) = tokio::join!(notify, listener.recv());
        sent?;
        heard?;
        times.push(begun.elapsed().as_secs_f64() * 1e6);
    }
    print("NOTIFY of PostgreSQL", &mut times);
    Ok(())
}

fn print(way: &str, times: &mut [f64]) {
    let [median, most] = [0.5, 0.99].map(|share| at(times, share));
    println!("a message from one connection to another by {way}: {median:.0} µs (median), {most:.0} µs (99 %)");
}
