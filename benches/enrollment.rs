//! What it costs that no seat is sold twice: two thousand learners who ask for two hundred seats at once, beside a handler that looks whether one is left and then writes. On
//! `PostgreSQL`; `scripts/bench` runs it.

mod demo;
mod issuer;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use bytes::Bytes;
use concord::app::{self, App, Purpose};
use concord::config::Settings;
use concord::domain::clock::{Clock, Ids};
use concord::domain::id::{GlobalId, Kind};
use futures_util::stream::{StreamExt, TryStreamExt, iter};
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};
use tokio::net::TcpListener;
use uuid::Uuid;

use demo::fill;
use issuer::Issuer;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A client that keeps its connections.
type Http = Client<hyper_util::client::legacy::connect::HttpConnector, Full<Bytes>>;

/// Rounds of a measurement, of which the middle one is told.
const ROUNDS: usize = 5;
/// Seats, those who ask for one, and connections over which they ask.
const SEATS: i64 = 200;
const LEARNERS: usize = 2_000;
const CONNECTIONS: usize = 256;

const REQUEST: &str =
    "mutation($input: EnrollmentRequestInput!) { enrollmentRequest(input: $input) { enrollment { state } userErrors { code } } }";

fn main() -> anyhow::Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let Ok(url) = std::env::var("CONCORD_TEST_POSTGRES") else {
            println!("enrollment is left out: CONCORD_TEST_POSTGRES does not name a server");
            return Ok(());
        };
        let mut server = PgConnection::connect(&url).await.context("the server that CONCORD_TEST_POSTGRES names")?;
        let name = format!("concord_bench_{}", std::process::id());
        sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut server).await?;
        let (base, _) = url.rsplit_once('/').context("an address with a database")?;
        let result = seats(&format!("{base}/{name}")).await;
        sqlx::query(AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"))).execute(&mut server).await?;
        result
    })
}

/// Prints requests a second of both, and how many seats each has sold.
async fn seats(url: &str) -> anyhow::Result<()> {
    let mut settings = Settings::read(None)?;
    settings.database.url = url.into();
    settings.cursors.secret = "a secret of the benches, long enough to sign".into();
    fill(&settings).await?;
    let database = PgPoolOptions::new().max_connections(settings.database.connections).connect(url).await?;
    let offerings: Vec<(Uuid, Uuid)> = sqlx::query_as(AssertSqlSafe(format!(
        "UPDATE offering SET capacity = {SEATS}, seats_taken = 0, waitlisted = 0, waitlist_capacity = {LEARNERS}, registration_opens_at = NULL, registration_closes_at = NULL
         WHERE id IN (SELECT o.id FROM offering o WHERE o.status = 'OPEN' AND o.is_public AND o.seats_here = 0 AND o.program_id IS NOT NULL
           AND o.reserved_for_business_id IS NULL AND o.tenant_id = (SELECT min(id::text)::uuid FROM institution) ORDER BY o.id LIMIT {ROUNDS}) RETURNING tenant_id, id"
    )))
    .fetch_all(&database)
    .await?;
    anyhow::ensure!(offerings.len() == ROUNDS, "{} offerings are open", offerings.len());
    let issuer = Issuer::new();
    let served = serve(settings, &issuer, GlobalId::new(Kind::Institution, offerings[0].0)).await?;
    let naive = naive(&database).await?;
    let client: Arc<Http> = Arc::new(Client::builder(TokioExecutor::new()).build_http());
    let tokens: Vec<String> =
        (0..LEARNERS).map(|number| format!("Bearer {}", issuer.token(&format!("learner-{number}"), "LEARNER"))).collect();
    let (mut own, mut other, mut oversold) = (Vec::new(), Vec::new(), Vec::new());
    for (round, (_, offering)) in offerings.into_iter().enumerate() {
        let offering = GlobalId::new(Kind::Offering, offering).to_string();
        let asked = |number: usize| {
            let input = json!({ "idempotencyKey": Uuid::from_u128((round * LEARNERS + number) as u128), "offeringId": offering });
            (served, "/graphql", json!({ "query": REQUEST, "variables": { "input": input } }).to_string())
        };
        let (rate, answers) = ask(&client, &tokens, asked).await?;
        own.push(rate);
        let states =
            |wanted: &str| answers.iter().filter(|answer| answer["data"]["enrollmentRequest"]["enrollment"]["state"] == wanted).count();
        let (enrolled, waiting) = (states("ENROLLED"), states("WAITLISTED"));
        anyhow::ensure!(
            enrolled == SEATS as usize && waiting == LEARNERS - enrolled,
            "{enrolled} enrolled, {waiting} wait: {}",
            answers[0]
        );
        sqlx::query("TRUNCATE naive_enrollment").execute(&database).await?;
        let (rate, _) = ask(&client, &tokens, |number| (naive, "/naive", json!({ "learner": number }).to_string())).await?;
        other.push(rate);
        let sold: i64 = sqlx::query_scalar("SELECT count(*) FROM naive_enrollment WHERE state = 'ENROLLED'").fetch_one(&database).await?;
        oversold.push(sold - SEATS);
    }
    let [own, other] = [own, other].map(|mut rates| {
        rates.sort_by(f64::total_cmp);
        rates[ROUNDS / 2]
    });
    println!(
        "enrollment: {LEARNERS} requests for {SEATS} seats over {CONNECTIONS} connections: {own:.0} a second, {:.3} of a naive read-then-write's {other:.0}; sold twice: none, the naive one {oversold:?}",
        own / other
    );
    Ok(())
}

/// Serves the database, and believes an issuer of learners; the address.
async fn serve(mut settings: Settings, issuer: &Issuer, institution: GlobalId) -> anyhow::Result<SocketAddr> {
    issuer.believe(&mut settings, &institution.to_string())?;
    for bucket in [&mut settings.budget.person, &mut settings.budget.tenant] {
        bucket.capacity = 1_000_000_000;
    }
    settings.server.deadline_ms = 60_000;
    settings.database.acquire_ms = 60_000;
    let store = app::open_store(&settings, Purpose::Serving, Clock::System).await?;
    let app = App::build(settings, store, Ids::System).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { app.serve(listener, std::future::pending::<()>()).await });
    Ok(address)
}

/// Looks whether a seat is left, and then writes.
async fn enroll(State((database, ids)): State<(PgPool, Ids)>, body: Bytes) -> Result<String, StatusCode> {
    let failed = |_| StatusCode::INTERNAL_SERVER_ERROR;
    let asked: Value = serde_json::from_slice(&body).map_err(|_| StatusCode::BAD_REQUEST)?;
    let taken = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM naive_enrollment WHERE state = 'ENROLLED'");
    let taken = taken.fetch_one(&database).await.map_err(failed)?;
    let state = if taken < SEATS { "ENROLLED" } else { "WAITLISTED" };
    let write = sqlx::query("INSERT INTO naive_enrollment (id, learner, state) VALUES ($1, $2, $3)");
    write.bind(ids.next()).bind(asked["learner"].to_string()).bind(state).execute(&database).await.map_err(failed)?;
    Ok(json!({ "state": state }).to_string())
}

/// The peer: it counts, and writes what it found, over as many connections to the database.
async fn naive(database: &PgPool) -> anyhow::Result<SocketAddr> {
    sqlx::query("CREATE TABLE naive_enrollment (id uuid PRIMARY KEY, learner text NOT NULL, state text NOT NULL)")
        .execute(database)
        .await?;
    sqlx::query("CREATE INDEX naive_enrollment_state ON naive_enrollment (state)").execute(database).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let router = Router::new().route("/naive", post(enroll)).with_state((database.clone(), Ids::System));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

/// Each learner asks once, as many at a time as there are connections; requests a second, and the answers.
async fn ask(
    client: &Arc<Http>,
    tokens: &[String],
    request: impl Fn(usize) -> (SocketAddr, &'static str, String),
) -> anyhow::Result<(f64, Vec<Value>)> {
    let sent: Vec<_> = tokens
        .iter()
        .enumerate()
        .map(|(number, token)| {
            let (address, path, body) = request(number);
            let request = Request::post(format!("http://{address}{path}")).header(CONTENT_TYPE, "application/json");
            Ok((Arc::clone(client), request.header(AUTHORIZATION, token).body(Full::new(Bytes::from(body)))?))
        })
        .collect::<anyhow::Result<_>>()?;
    let begun = Instant::now();
    let answers = iter(sent.into_iter().map(|(client, request)| async move {
        let answer = client.request(request).await?;
        anyhow::ensure!(answer.status().is_success(), "status {}", answer.status());
        anyhow::Ok(serde_json::from_slice::<Value>(&answer.into_body().collect().await?.to_bytes())?)
    }));
    let answers = answers.buffered(CONNECTIONS).try_collect().await?;
    Ok((tokens.len() as f64 / begun.elapsed().as_secs_f64(), answers))
}
