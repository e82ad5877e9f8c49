//! Keys that are fetched: kept, fetched again when they have aged or when a token names one that is not known, and never more than once a minute.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::{Request, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::sync::Mutex;
use uuid::Uuid;

use super::address::Resolver;
use super::generation::Generation;
use super::key::{Algorithm, Key, KeySet};
use super::reason::Reason;
use crate::config::{self, milliseconds};
use crate::domain::clock::Clock;

/// Shortest time between two fetches of one issuer's keys.
const BETWEEN: TimeDelta = TimeDelta::minutes(1);
/// Longest time of a fetch.
const LIMIT: Duration = Duration::from_secs(3);
/// Most bytes of a set of keys.
const MOST_BYTES: usize = 64 * 1024;

/// What fetches keys. It follows no redirects, uses no proxy, and connects only to addresses that were checked.
#[derive(Debug, Clone)]
pub struct Fetcher {
    client: Client<HttpsConnector<HttpConnector<Resolver>>, Empty<Bytes>>,
    fresh: TimeDelta,
    stale: TimeDelta,
    clock: Clock,
    generation: Generation,
    /// Whether addresses of this machine and its network are asked.
    pub allow_private: bool,
}

impl Fetcher {
    /// With the settings' limits.
    #[must_use]
    pub fn new(settings: &config::Identity, clock: Clock, generation: Generation) -> Self {
        let allow_private = settings.allow_private_addresses;
        let mut connector = HttpConnector::new_with_resolver(Resolver { allow_private });
        connector.enforce_http(false);
        let builder = HttpsConnectorBuilder::new().with_webpki_roots();
        let builder = if allow_private { builder.https_or_http() } else { builder.https_only() };
        let client =
            Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(builder.enable_http1().wrap_connector(connector));
        let delta = |ms| TimeDelta::from_std(milliseconds(ms)).unwrap_or(TimeDelta::MAX);
        Self { client, fresh: delta(settings.keys_fresh_ms), stale: delta(settings.keys_stale_ms), clock, generation, allow_private }
    }

    /// Fetches a set of keys.
    async fn fetch(&self, address: &Uri, allowed: &[Algorithm]) -> Result<(KeySet, Vec<&'static str>), String> {
        let request = Request::get(address).header("accept", "application/jwk-set+json, application/json").body(Empty::new());
        let request = request.map_err(|error| error.to_string())?;
        let work = async {
            let answer = self.client.request(request).await.map_err(|error| {
                std::error::Error::source(&error).map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
            })?;
            if answer.status() != StatusCode::OK {
                return Err(format!("the answer has status {}", answer.status().as_u16()));
            }
            let body = Limited::new(answer.into_body(), MOST_BYTES).collect().await;
            Ok(body.map_err(|_| "the answer broke off, or is longer than 64 KiB".to_owned())?.to_bytes())
        };
        let bytes = tokio::time::timeout(LIMIT, work).await.map_err(|_| "no answer within 3 s".to_owned())??;
        let (keys, passed_over) = KeySet::read(&bytes, allowed)?;
        if keys.is_empty() { Err("none of its keys can be used".to_owned()) } else { Ok((keys, passed_over)) }
    }
}

/// An issuer's keys at an address. Clones are the same ones.
#[derive(Debug, Clone)]
pub struct Remote(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    issuer: Uuid,
    address: Uri,
    algorithms: Vec<Algorithm>,
    fetcher: Fetcher,
    state: RwLock<State>,
    /// Held while a fetch is under way.
    gate: Arc<Mutex<()>>,
}

/// What is known of the keys.
#[derive(Debug, Clone, Default)]
struct State {
    keys: Arc<KeySet>,
    fetched_at: Option<DateTime<Utc>>,
    tried_at: Option<DateTime<Utc>>,
}

impl Remote {
    /// The keys of an issuer, none of which is known yet.
    #[must_use]
    pub fn new(issuer: Uuid, address: Uri, algorithms: Vec<Algorithm>, fetcher: Fetcher) -> Self {
        let (state, gate) = (RwLock::default(), Arc::default());
        Self(Arc::new(Inner { issuer, address, algorithms, fetcher, state, gate }))
    }

    /// The key that a token names.
    ///
    /// # Errors
    /// When there is none of that name, or no keys can be had.
    pub async fn key(&self, id: Option<&str>) -> Result<Key, Reason> {
        let state = self.0.state();
        let now = self.0.fetcher.clock.now();
        let (is_usable, is_fresh) = (state.is_within(self.0.fetcher.stale, now), state.is_within(self.0.fetcher.fresh, now));
        match state.keys.find(id).filter(|_| is_usable) {
            Some(key) if is_fresh => return Ok(key.clone()),
            // Known, but aged: whoever comes while somebody else fetches goes on with what is known.
            Some(key) if self.0.gate.try_lock().is_err() => return Ok(key.clone()),
            _ => {}
        }
        self.refresh().await;
        let state = self.0.state();
        if !state.is_within(self.0.fetcher.stale, now) {
            return Err(Reason::KeysUnavailable);
        }
        state.keys.find(id).cloned().ok_or(Reason::Key)
    }

    /// Whether the key is still among those that are known.
    #[must_use]
    pub fn holds(&self, key: &Key) -> bool {
        self.0.state().keys.holds(key)
    }

    /// Fetches the keys, unless that was tried within the last minute. One fetch is under way at a time; who comes meanwhile waits for it.
    async fn refresh(&self) {
        let gate = Arc::clone(&self.0.gate).lock_owned().await;
        let now = self.0.fetcher.clock.now();
        if self.0.state().tried_at.is_some_and(|tried| (now - tried).abs() < BETWEEN) {
            return;
        }
        self.0.change(|state| state.tried_at = Some(now));
        let inner = Arc::clone(&self.0);
        // A task of its own: a caller who goes away must not take the fetch with it, and the minute would be lost.
        let fetch = tokio::spawn(async move {
            let _gate = gate;
            inner.fetch(now).await;
        });
        let _ = fetch.await;
    }
}

impl Inner {
    async fn fetch(&self, now: DateTime<Utc>) {
        match self.fetcher.fetch(&self.address, &self.algorithms).await {
            Ok((keys, passed_over)) => {
                for why in passed_over {
                    tracing::warn!(issuer = %self.issuer, why, "a key of an issuer is passed over");
                }
                let is_new = *self.state().keys != keys;
                self.change(|state| {
                    state.keys = Arc::new(keys);
                    state.fetched_at = Some(now);
                });
                if is_new {
                    self.fetcher.generation.advance();
                }
            }
            Err(why) => {
                tracing::warn!(issuer = %self.issuer, why, "the keys of an issuer cannot be fetched; those that are known are used");
            }
        }
    }

    fn state(&self) -> State {
        self.state.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.write().unwrap_or_else(PoisonError::into_inner));
    }
}

impl State {
    /// Whether the keys were fetched at most so long ago.
    fn is_within(&self, age: TimeDelta, now: DateTime<Utc>) -> bool {
        self.fetched_at.is_some_and(|fetched| now - fetched < age)
    }
}
