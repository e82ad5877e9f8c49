//! Where the document of a request comes from: its text, or a hash of one that is known here, to the other nodes, or to the consortium.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;

use super::front::Document;
use super::refused::Refused;
use super::request::{Source, sha256};
use super::router::Context;
use crate::cache::Hash;
use crate::config::milliseconds;
use crate::domain::caller::CallerKind;
use crate::domain::hex::hex;
use crate::graphql::error::Code;
use crate::policy::Principal;
use crate::store::{Store, StoreError};

/// For how long a node goes by what it knows of a registered document: that long it still runs one that was removed.
const KNOWN: Duration = Duration::from_secs(10);
/// Most registered documents that a node remembers.
const MOST: u64 = 10_000;
/// Bytes of a text that is kept for the other nodes for which a point is taken.
const BYTES_A_POINT: u64 = 1024;
/// What callers learn who may run registered documents only.
const REQUIRED: &str =
    "callers of this sort may run registered documents only, by their exact text or its SHA-256; have the consortium register it";
/// What clients with automatic persisted queries wait for before they send the text.
const NOT_FOUND: &str = "PersistedQueryNotFound";

/// The documents that the consortium has registered, and who may run no others.
#[derive(Debug)]
pub struct Registered {
    bound: Vec<CallerKind>,
    known: Cache<Hash, Arc<str>>,
}

impl Registered {
    /// For callers of these sorts no others.
    #[must_use]
    pub fn new(bound: Vec<CallerKind>) -> Self {
        Self { bound, known: Cache::builder().max_capacity(MOST).time_to_live(KNOWN).build() }
    }

    /// Whether a caller may run no others.
    #[must_use]
    pub fn binds(&self, principal: &Principal) -> bool {
        self.bound.contains(&principal.caller())
    }

    /// The text of a registered document.
    async fn find(&self, store: &Store, hash: &Hash) -> Result<Option<Arc<str>>, StoreError> {
        if let Some(known) = self.known.get(hash) {
            return Ok(Some(known));
        }
        let found: Option<Arc<str>> = store.document(&hex(hash)).await?.map(|document| document.text.into());
        // What is not registered is not remembered: it may be in the next moment, and hashes cost nothing to make up.
        if let Some(text) = &found {
            self.known.insert(*hash, Arc::clone(text));
        }
        Ok(found)
    }
}

/// The document that a request gives or names, of this hash.
///
/// # Errors
/// When it cannot be read, is not known, or is not one of those that the caller may run.
pub async fn find(
    context: &Context,
    principal: &Principal,
    address: Option<IpAddr>,
    source: &Source,
    hash: Hash,
) -> Result<Arc<Document>, Refused> {
    let is_bound = context.registered.binds(principal);
    if !is_bound && let Some(known) = context.front.known(&hash) {
        return Ok(known);
    }
    // In a place of its own: what is known is not to carry the room that looking for it takes.
    Box::pin(look(context, principal, address, source, hash, is_bound)).await
}

/// A document that this node has not read yet, or that the caller may run only if it is registered.
async fn look(
    context: &Context,
    principal: &Principal,
    address: Option<IpAddr>,
    source: &Source,
    hash: Hash,
    is_bound: bool,
) -> Result<Arc<Document>, Refused> {
    let pay = async |points: u64| {
        let charged = context.budget.charge(principal, address, points).await;
        charged.map(|_| ()).map_err(|exhausted| Refused::by_budget(points, &exhausted))
    };
    if is_bound {
        let text = if let Some(text) = context.registered.known.get(&hash) {
            text
        } else {
            // Looking for it is work that a refusal would not pay for.
            pay(1).await?;
            registered(context, &hash).await?.ok_or_else(|| Refused::new(Code::DocumentRequired, REQUIRED))?
        };
        return context.front.known(&hash).map_or_else(|| context.front.read(hash, &text), Ok);
    }
    match source {
        Source::Text(text) | Source::Both(text, _) => context.front.read(hash, text),
        Source::Hash(_) => {
            pay(1).await?;
            let text = match shared(context, &hash).await {
                Some(text) => text.into(),
                None => registered(context, &hash).await?.ok_or_else(|| Refused::new(Code::DocumentNotFound, NOT_FOUND))?,
            };
            context.front.read(hash, &text)
        }
    }
}

/// Points that are taken beside those of an operation when the text of its document is to be given to the other nodes: what is kept for all of them takes room there.
pub fn sharing(context: &Context, document: &Document, source: &Source) -> u64 {
    match source {
        Source::Both(text, _) if context.remote.is_some() && document.is_to_be_shared(context.store.clock().now()) => {
            1 + text.len() as u64 / BYTES_A_POINT
        }
        _ => 0,
    }
}

/// Lets the other nodes know the text of a document whose hash may stand for it from now on. Nobody waits for it.
pub fn share(context: &Context, document: &Document, source: &Source) {
    if let (Source::Both(text, hash), Some(remote)) = (source, &context.remote)
        && document.share(context.store.clock().now())
    {
        let (remote, text, hash) = (Arc::clone(remote), text.clone(), *hash);
        tokio::spawn(async move { remote.put_document(&hash, &text).await });
    }
}

/// A text that another node has let know. Whoever can write to Redis can put anything there, but no other text of the same hash.
async fn shared(context: &Context, hash: &Hash) -> Option<String> {
    let text = context.remote.as_ref()?.document(hash, context.settings.limits.document_bytes).await?;
    let text = String::from_utf8(text.to_vec()).ok().filter(|text| sha256(text) == *hash);
    if text.is_none() {
        context.meter.planted();
        tracing::error!(alarm = "cache", reason = "document", "a text in Redis is not the one of its name");
    }
    text
}

async fn registered(context: &Context, hash: &Hash) -> Result<Option<Arc<str>>, Refused> {
    let deadline = milliseconds(context.settings.server.deadline_ms);
    let found = tokio::time::timeout(deadline, context.registered.find(&context.store, hash)).await;
    found.map_err(|_| "it takes too long".to_owned()).and_then(|found| found.map_err(|error| error.to_string())).map_err(|error| {
        tracing::error!(error, "registered documents cannot be read");
        Refused::unavailable("the server cannot tell which documents are registered at the moment; try again soon")
    })
}
