//! The harness behind the published ratios of the catalog: what the guard costs, and what a portal's questions cost beside a handler that sends the same bytes.
//!
//! Absolute figures depend on the machine and the hour; ratios of one run do not. `scripts/bench` runs it.

mod demo;
mod load;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use concord::app::{self, App, Purpose};
use concord::config::Settings;
use concord::domain::clock::{Clock, Ids};
use concord::http::guard::{Limits, check};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::net::TcpListener;

use demo::fill;
use load::{Http, Question, peer, rate, send};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Rounds of a measurement, of which the middle one is told.
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(1);

fn main() -> anyhow::Result<()> {
    guard()?;
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(catalog())
}

fn folder(of: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(of)
}

/// Prints what checking each document of the corpus costs.
fn guard() -> anyhow::Result<()> {
    let limits = Limits::default();
    let mut times = Vec::new();
    for entry in std::fs::read_dir(folder("tests/corpus/guard"))? {
        let path = entry?.path();
        let text = std::fs::read_to_string(&path)?;
        let run = || {
            let begun = Instant::now();
            (std::hint::black_box(check(&text, &limits)).is_ok(), begun.elapsed())
        };
        let (passes, time) = (0..50).map(|_| run()).min_by_key(|(_, time)| *time).context("no run")?;
        times.push((passes, time, path.file_name().unwrap_or_default().to_string_lossy().into_owned()));
    }
    for (passes, word) in [(true, "passing"), (false, "refusing")] {
        let mut some: Vec<_> = times.iter().filter(|(known, ..)| *known == passes).map(|(_, time, name)| (*time, name)).collect();
        some.sort();
        if let Some((worst, name)) = some.last() {
            println!("guard: {word} {} documents: median {:?}, worst {worst:?} ({name})", some.len(), some[some.len() / 2].0);
        }
    }
    Ok(())
}

/// A portal's questions, with variables that fit the demo.
async fn operations(address: SocketAddr, client: &Http) -> anyhow::Result<Vec<(&'static str, Question)>> {
    let text = |name: &str| std::fs::read_to_string(folder("tests/it/operations").join(name));
    let ask = async |body: Value| anyhow::Ok(serde_json::from_slice::<Value>(&send(client, address, &body.into()).await?)?);
    let some = "{ courses(search: \"technician\", first: 1) { nodes { id institution { slug } } } programs(filter: { kinds: [MICRO_PATHWAY] }, first: 1) { nodes { id } } }";
    let some = ask(json!({ "query": some })).await?;
    let (course, program) = (&some["data"]["courses"]["nodes"][0], &some["data"]["programs"]["nodes"][0]);
    anyhow::ensure!(course.is_object() && program.is_object(), "the demo has courses and programs: {some}");
    let list = [
        ("portal_1", "portal_catalog_search.graphql", json!({ "search": "technician", "filter": { "hasSeats": true }, "first": 20 })),
        ("portal_2", "portal_course_page.graphql", json!({ "course": { "id": course["id"] } })),
        ("portal_3", "portal_offering_sync.graphql", json!({ "slug": course["institution"]["slug"], "since": "2020-01-01T00:00:00Z" })),
        ("portal_4", "portal_micro_pathway.graphql", json!({ "id": program["id"] })),
    ];
    let mut found = Vec::new();
    for (name, file, variables) in list {
        let body = json!({ "query": text(file)?, "variables": variables });
        let answer = ask(body.clone()).await?;
        // A question that is left out would look as if all were well.
        anyhow::ensure!(answer.get("errors").is_none(), "{name} is not answered: {}", answer["errors"]);
        found.push((name, body.into()));
    }
    Ok(found)
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

/// Statements that a database on the server was sent so far; none are counted on an embedded one.
async fn statements(server: Option<&mut PgConnection>, name: &str) -> anyhow::Result<i64> {
    let Some(server) = server else { return Ok(0) };
    let sum =
        "SELECT coalesce(sum(s.calls), 0)::bigint FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid WHERE d.datname = $1";
    Ok(sqlx::query_scalar(sum).bind(name).fetch_one(server).await?)
}

/// Serves the demo out of a database; the address.
async fn serve(url: &str) -> anyhow::Result<SocketAddr> {
    let mut settings = Settings::read(None)?;
    settings.database.url = url.into();
    settings.cursors.secret = "a secret of the benches, long enough to sign".into();
    settings.cost.anonymous = 5_000;
    settings.budget.anonymous.capacity = 1_000_000_000;
    // Reads are measured, not what is kept of them.
    (settings.cache.answer_bytes, settings.cache.part_bytes) = (0, 0);
    fill(&settings).await?;
    let store = app::open_store(&settings, Purpose::Serving, Clock::System).await?;
    let app = App::build(settings, store, Ids::System).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { app.serve(listener, std::future::pending::<()>()).await });
    Ok(address)
}

/// Prints, for each of a portal's questions on both databases, requests a second and their share of the peer's.
async fn catalog() -> anyhow::Result<()> {
    let filter = std::env::args().skip(1).find(|argument| !argument.starts_with("--")).unwrap_or_default();
    let folder = tempfile::tempdir()?;
    let embedded = serve(&format!("sqlite://{}", folder.path().join("bench.db").display())).await?;
    measure("SQLite", embedded, None, "", &filter).await?;
    let Ok(url) = std::env::var("CONCORD_TEST_POSTGRES") else {
        println!("PostgreSQL is left out: CONCORD_TEST_POSTGRES does not name a server");
        return Ok(());
    };
    let mut server = PgConnection::connect(&url).await.context("the server that CONCORD_TEST_POSTGRES names")?;
    sqlx::query("CREATE EXTENSION IF NOT EXISTS pg_stat_statements").execute(&mut server).await?;
    let name = format!("concord_bench_{}", std::process::id());
    sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut server).await?;
    let (base, _) = url.rsplit_once('/').context("an address with a database")?;
    let result = match serve(&format!("{base}/{name}")).await {
        Ok(address) => measure("PostgreSQL", address, Some(&mut server), &name, &filter).await,
        Err(error) => Err(error),
    };
    sqlx::query(AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"))).execute(&mut server).await?;
    result
}

async fn measure(of: &str, address: SocketAddr, mut server: Option<&mut PgConnection>, name: &str, filter: &str) -> anyhow::Result<()> {
    let client: Arc<Http> = Arc::new(Client::builder(TokioExecutor::new()).build_http());
    for (operation, question) in operations(address, &client).await?.into_iter().filter(|(name, _)| name.contains(filter)) {
        let before = statements(server.as_deref_mut(), name).await?;
        let answer = send(&client, address, &question).await?;
        let sent = statements(server.as_deref_mut(), name).await? - before;
        let told = if server.is_some() { format!(", {sent} statements") } else { String::new() };
        let peer = peer(answer.clone()).await?;
        for connections in [1, 16] {
            let (mut own, mut other) = (Vec::new(), Vec::new());
            for _ in 0..ROUNDS {
                own.push(rate(&client, address, &question, connections, ROUND).await?);
                other.push(rate(&client, peer, &question, connections, ROUND).await?);
            }
            let (own, other) = (median(own), median(other));
            println!(
                "{operation} on {of}, {connections:>2} connections, {} bytes{told}: {own:>6.0} a second, {:.3} of a static handler's {other:.0}",
                answer.len(),
                own / other
            );
        }
    }
    Ok(())
}
