//! What is counted, for Prometheus to fetch. Nothing in it names a tenant, a person or a text of a client's.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use prometheus::core::Collector;
use prometheus::{Encoder, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry, TextEncoder, histogram_opts, opts};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

use super::budget::{self, Kind};
use super::peer::Peer;
use super::router::Context;
use crate::cache::{Answers, Counts, Memory, Reject, Remote, Weighed};
use crate::graphql::error::Code;
use crate::identity::Reason;

/// Upper bounds of the classes of time, in seconds: from a kept answer to the deadline.
const SECONDS: &[f64] = &[0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];
/// What an operation is counted as that was refused before it was known.
const UNREAD: &str = "unread";
/// What a figure is of, where several tiers have it.
const HITS: &str = "Answers that were kept, by where; parts are pages and objects of answers that are not kept as a whole.";
const BYTES: &str = "Bytes of what is kept in the process.";
const ENTRIES: &str = "Answers and parts that are kept in the process.";

/// What requests leave behind.
#[derive(Debug)]
pub struct Meter {
    registry: Registry,
    seconds: HistogramVec,
    refusals: IntCounterVec,
    tokens: IntCounterVec,
    planted: IntCounter,
}

impl Meter {
    /// With everything at 0.
    ///
    /// # Errors
    /// When two figures would have one name, which no test lets pass.
    pub fn new() -> Result<Self, prometheus::Error> {
        let seconds = histogram_opts!(
            "concord_request_duration_seconds",
            "Time to answer a request at /graphql, by its root field (several, when there are; unread, when it was refused before) and status.",
            SECONDS.to_vec()
        );
        let meter = Self {
            registry: Registry::new(),
            seconds: HistogramVec::new(seconds, &["operation", "status"])?,
            refusals: family("concord_refusals_total", "Requests that were refused before anything ran, by code.", "code")?,
            tokens: family("concord_token_refusals_total", "Tokens that were refused, by reason.", "reason")?,
            planted: IntCounter::new(
                "concord_document_rejects_total",
                "Texts in Redis that are not those of their names: somebody else writes there.",
            )?,
        };
        let all: [Box<dyn Collector>; 4] = [
            Box::new(meter.seconds.clone()),
            Box::new(meter.refusals.clone()),
            Box::new(meter.tokens.clone()),
            Box::new(meter.planted.clone()),
        ];
        all.into_iter().try_for_each(|figure| meter.registry.register(figure))?;
        Ok(meter)
    }

    /// A request was answered; `operation` is a name out of a bounded number, or nothing when none was read.
    pub fn answered(&self, operation: &str, status: StatusCode, time: Duration) {
        let operation = if operation.is_empty() { UNREAD } else { operation };
        self.seconds.with_label_values(&[operation, status.as_str()]).observe(time.as_secs_f64());
    }

    /// A request was refused.
    pub fn refused(&self, code: Code) {
        self.refusals.with_label_values(&[code.name()]).inc();
    }

    /// A text in Redis was another's.
    pub fn planted(&self) {
        self.planted.inc();
    }

    /// A token was refused.
    pub fn rejected(&self, reason: Reason) {
        self.tokens.with_label_values(&[reason.word()]).inc();
    }
}

/// A family of counters that one label tells apart.
fn family(name: &str, help: &str, label: &str) -> Result<IntCounterVec, prometheus::Error> {
    IntCounterVec::new(opts!(name, help), &[label])
}

/// The figures of this node, in the text format 0.0.4 of Prometheus. With `metrics.token` for whoever sends it, without one for this machine only.
pub async fn metrics(State(context): State<Arc<Context>>, request: Request) -> Response {
    match permitted(&context, &request.into_parts().0) {
        Ok(()) => {}
        Err(StatusCode::UNAUTHORIZED) => return (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, "Bearer")]).into_response(),
        Err(status) => return status.into_response(),
    }
    match gather(&context) {
        Ok(text) => ([(CONTENT_TYPE, prometheus::TEXT_FORMAT), (CACHE_CONTROL, "no-store")], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the figures cannot be gathered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Whether somebody may see the figures; else the status that says no. What a proxy passes on comes from elsewhere, whatever it or its client says.
fn permitted(context: &Context, parts: &Parts) -> Result<(), StatusCode> {
    let headers = &parts.headers;
    let token = context.settings.metrics.token.expose_secret();
    if token.is_empty() {
        let is_loopback = parts.extensions.get::<Peer>().is_some_and(|peer| peer.0.ip().to_canonical().is_loopback());
        let is_direct = ["forwarded", "x-forwarded-for", "via"].iter().all(|name| !headers.contains_key(*name));
        return if is_loopback && is_direct { Ok(()) } else { Err(StatusCode::NOT_FOUND) };
    }
    let sent = headers.get(AUTHORIZATION).and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    // By their hashes: how long the comparison takes tells nothing of the token.
    let is_it = sent.is_some_and(|sent| Sha256::digest(sent) == Sha256::digest(token));
    if is_it { Ok(()) } else { Err(StatusCode::UNAUTHORIZED) }
}

/// What the requests have left behind, with what the other parts of the program have counted by themselves.
fn gather(context: &Context) -> Result<Vec<u8>, prometheus::Error> {
    let figures = Figures(Registry::new());
    let store = &context.store;
    figures.count("concord_statements_total", "Statements run in the database.", &[], store.statements())?;
    figures.count(
        "concord_wall_breaches_total",
        "Rows that were stopped on their way to a caller that they do not belong to. Anything above 0 is a fault.",
        &[],
        store.breaches(),
    )?;
    let connections = store.connections();
    for (state, number) in [("busy", connections.busy), ("idle", connections.idle)] {
        figures.gauge("concord_database_connections", "Connections to the database for requests.", &[("state", state)], number as u64)?;
    }
    figures.of_budget(context.budget.counts())?;
    if let Some(answers) = &context.answers {
        figures.of_answers(answers)?;
    }
    if let Some(parts) = context.store.parts() {
        figures.of_tier("part", parts.counts(), parts.memory())?;
    }
    if let Some(remote) = &context.remote {
        figures.of_redis(remote)?;
    }
    let mut families = context.meter.registry.gather();
    families.extend(figures.0.gather());
    families.sort_by(|one, other| one.name().cmp(other.name()));
    let mut text = Vec::new();
    TextEncoder::new().encode(&families, &mut text)?;
    Ok(text)
}

/// Figures as they stand at one moment.
struct Figures(Registry);

impl Figures {
    fn count(&self, name: &str, help: &str, labels: &[(&str, &str)], number: u64) -> Result<(), prometheus::Error> {
        let counter = IntCounter::with_opts(labeled(name, help, labels))?;
        counter.inc_by(number);
        self.0.register(Box::new(counter))
    }

    fn gauge(&self, name: &str, help: &str, labels: &[(&str, &str)], number: u64) -> Result<(), prometheus::Error> {
        let gauge = IntGauge::with_opts(labeled(name, help, labels))?;
        gauge.set(i64::try_from(number).unwrap_or(i64::MAX));
        self.0.register(Box::new(gauge))
    }

    /// What callers paid, and when they could not.
    fn of_budget(&self, counts: &budget::Counts) -> Result<(), prometheus::Error> {
        let help = "Requests that were charged, to the buckets that all nodes share or to those of this node.";
        self.count("concord_budget_charges_total", help, &[("buckets", "shared")], counts.shared())?;
        self.count("concord_budget_charges_total", help, &[("buckets", "local")], counts.local())?;
        for kind in Kind::ALL {
            let help = "Requests for which a bucket of points was too empty, by sort of bucket.";
            self.count("concord_budget_refusals_total", help, &[("bucket", kind.word())], counts.refusals(kind))?;
        }
        Ok(())
    }

    /// What nodes share.
    fn of_redis(&self, remote: &Remote) -> Result<(), prometheus::Error> {
        let calls = remote.calls();
        self.count("concord_redis_unreached_total", "Times that no connection to Redis could be made.", &[], remote.unreached())?;
        self.gauge("concord_redis_connected", "1 while Redis is used, 0 while it is given up.", &[], remote.is_connected().into())?;
        self.count("concord_redis_calls_total", "Calls to Redis.", &[], calls.all)?;
        self.count("concord_redis_failures_total", "Calls to Redis that failed or took too long.", &[], calls.failed)?;
        self.count("concord_redis_microseconds_total", "Time that calls to Redis took together, in microseconds.", &[], calls.microseconds)
    }

    /// What became of questions whose answers are kept.
    fn of_answers(&self, answers: &Answers) -> Result<(), prometheus::Error> {
        self.count("concord_cache_hits_total", HITS, &[("tier", "redis")], answers.counts().shared_hits())?;
        self.of_tier("process", answers.counts(), answers.memory())
    }

    /// What became of questions in one tier.
    fn of_tier<V: Weighed>(&self, tier: &str, counts: &Counts, memory: &Memory<V>) -> Result<(), prometheus::Error> {
        let tier = ("tier", tier);
        self.count("concord_cache_hits_total", HITS, &[tier], counts.hits())?;
        self.count("concord_cache_misses_total", "Answers and parts that had to be made.", &[tier], counts.misses())?;
        self.count("concord_cache_fills_total", "Answers and parts that were kept after they were made.", &[tier], counts.fills())?;
        let help = "Answers and parts that were not kept because what they were made of changed meanwhile.";
        self.count("concord_cache_races_total", help, &[tier], counts.races())?;
        let help = "Times that nothing kept was given because the node had not heard of changes for five seconds.";
        self.count("concord_cache_silences_total", help, &[tier], counts.silences())?;
        for reject in Reject::ALL {
            let help = "What was found and not given, by reason. Any but moved and ended: somebody else writes to Redis.";
            self.count("concord_cache_rejects_total", help, &[tier, ("reason", reject.word())], counts.rejects(reject))?;
        }
        self.gauge("concord_cache_bytes", BYTES, &[tier], memory.bytes())?;
        self.gauge("concord_cache_entries", ENTRIES, &[tier], memory.entries())
    }
}

fn labeled(name: &str, help: &str, labels: &[(&str, &str)]) -> Opts {
    labels.iter().fold(Opts::new(name, help), |opts, (name, value)| opts.const_label(*name, *value))
}
