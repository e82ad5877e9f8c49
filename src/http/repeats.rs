//! Requests that were sent before, to the letter: one reading, fitting and pricing serves them all.

use std::sync::{Arc, OnceLock};

use ahash::RandomState;
use async_graphql::Value;
use axum::http::Method;
use bytes::Bytes;
use moka::sync::Cache;

use super::front::Fitted;
use super::request::Parameters;
use crate::cache::Hash;
use crate::graphql::sharing::Sharing;

/// What a remembered request takes for each byte that was sent: that itself, its texts, and its variables as values.
const BYTE: usize = 5;
/// What it takes besides, in bytes.
const SHORTEST: usize = 1024;
/// What a value takes besides its text, and a name besides its letters: with room for lists that have grown.
const EACH: usize = 128;

/// What was sent, to the letter.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Letter {
    is_get: bool,
    text: Bytes,
}

/// A request as it was read.
#[derive(Debug)]
pub struct Request {
    letter: Letter,
    fitted: OnceLock<Arc<Fitted>>,
    /// What is asked.
    pub parameters: Parameters,
    /// SHA-256 of the document's text.
    pub document: Hash,
}

impl Request {
    /// About how many bytes it takes: what was sent, and what came of it, such as the defaults of a document that was sent by its hash alone.
    fn weight(&self) -> usize {
        let fitted = self.fitted().map_or(0, |fitted| {
            let variables = fitted.variables.iter().map(|(name, value)| EACH + name.len() + weight(value)).sum::<usize>();
            variables + fitted.given.len() + fitted.label.len()
        });
        self.letter.text.len().saturating_mul(BYTE).saturating_add(SHORTEST + fitted)
    }

    /// What it comes to, if it ran before.
    #[must_use]
    pub fn fitted(&self) -> Option<&Arc<Fitted>> {
        self.fitted.get()
    }
}

/// About how many bytes a value takes.
fn weight(value: &Value) -> usize {
    EACH + match value {
        Value::String(text) => text.len(),
        Value::List(values) => values.iter().map(weight).sum(),
        Value::Object(fields) => fields.iter().map(|(name, value)| EACH + name.len() + weight(value)).sum(),
        _ => 0,
    }
}

/// Remembered requests, bounded by what they take in memory. Where one lies is told by a hash with a secret of this process, and it is compared as a whole.
#[derive(Debug)]
pub struct Repeats(Cache<Letter, Arc<Request>, RandomState>);

impl Repeats {
    /// At most so many bytes.
    #[must_use]
    pub fn new(bytes: u64) -> Self {
        let weigh = |_: &Letter, request: &Arc<Request>| u32::try_from(request.weight()).unwrap_or(u32::MAX);
        Self(Cache::builder().max_capacity(bytes).weigher(weigh).build_with_hasher(RandomState::new()))
    }

    /// What was sent by a method, as it was read before, or as it is read now.
    ///
    /// # Errors
    /// Those of reading it.
    pub fn read<E>(&self, method: &Method, sent: Bytes, read: impl FnOnce(&[u8]) -> Result<Parameters, E>) -> Result<Arc<Request>, E> {
        let letter = Letter { is_get: *method == Method::GET, text: sent };
        if let Some(request) = self.0.get(&letter) {
            return Ok(request);
        }
        let parameters = read(&letter.text)?;
        // A text of its own: what was sent may lie in a larger piece of memory.
        let letter = Letter { text: Bytes::copy_from_slice(&letter.text), ..letter };
        let document = parameters.document.hash();
        Ok(Arc::new(Request { letter, fitted: OnceLock::new(), parameters, document }))
    }

    /// Remembers a request that ran and what it came to. None whose answer is one caller's: what it gives may name people.
    pub fn keep(&self, request: &Arc<Request>, fitted: &Arc<Fitted>) {
        if fitted.sharing != Sharing::None && request.fitted().is_none() && request.fitted.set(Arc::clone(fitted)).is_ok() {
            self.0.insert(request.letter.clone(), Arc::clone(request));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;
    use crate::graphql::schema::index;
    use crate::http::Front;
    use crate::http::front::Wish;
    use crate::http::request::from_body;

    /// A request is sent twice, and once by another method: the second one is not read again where its answer is for everyone, and everything is where it is one caller's.
    #[test]
    fn shared_requests_are_read_once() {
        let settings = Settings::read(None).expect("the defaults");
        let front = Front::new(&settings, index());
        for (query, kept) in [("{regions{code}}", true), ("{viewer{kind}}", false)] {
            let repeats = Repeats::new(1 << 20);
            let body = format!("{{\"query\":\"{query}\"}}");
            let read = |method: &Method| {
                let mut is_read = false;
                let sent = repeats.read(method, Bytes::copy_from_slice(body.as_bytes()), |bytes| {
                    is_read = true;
                    from_body(bytes)
                });
                (sent.expect("a request"), is_read)
            };
            let (sent, is_read) = read(&Method::POST);
            assert!(is_read && sent.fitted().is_none(), "{query}");
            let document = front.read(sent.document, query).expect("a document");
            let wish = Wish { operation_name: None, variables: None, is_get: false };
            repeats.keep(&sent, &Arc::new(front.fit(&document, wish).expect("something to run")));
            let (again, is_read) = read(&Method::POST);
            assert_eq!((is_read, again.fitted().is_some()), (!kept, kept), "{query}");
            assert!(read(&Method::GET).1, "{query}");
        }
    }

    /// A document with long defaults is asked for by its hash in a hundred spellings: what is remembered is counted with the defaults, and most of it is forgotten.
    #[test]
    fn defaults_are_counted() {
        let settings = Settings::read(None).expect("the defaults");
        let front = Front::new(&settings, index());
        let default = vec![format!("\"{}\"", "x".repeat(20)); 200].join(" ");
        let text = format!(
            "query($a: [String!] = [{default}]) {{ regions {{ code }} courses(filter: {{ regionCodes: $a }}) @skip(if: true) {{ totalCount }} }}"
        );
        let wish = Wish { operation_name: None, variables: None, is_get: false };
        let repeats = Repeats::new(1 << 20);
        for spaces in 0..200 {
            let body = format!("{{{}\"query\":\"{{regions{{code}}}}\"}}", " ".repeat(spaces));
            let sent = repeats.read(&Method::POST, body.into(), from_body).expect("a request");
            let document = front.read([7; 32], &text).expect("a document");
            repeats.keep(&sent, &Arc::new(front.fit(&document, wish).expect("something to run")));
            assert!(sent.weight() > 200 * 148, "{}", sent.weight());
        }
        repeats.0.run_pending_tasks();
        assert!(repeats.0.entry_count() < 40 && repeats.0.entry_count() > 10, "{}", repeats.0.entry_count());
    }
}
