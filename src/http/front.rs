//! The front of a request: limits, parsing, variables and cost, all before anything runs.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

use ahash::RandomState;
use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, OperationType};
use async_graphql::{Pos, Positioned, Variables};
use chrono::{DateTime, Utc};
use moka::sync::Cache;

use super::guard;
use super::refused::Refused;
use super::request::variables as read_variables;
use crate::cache::{Hash, Question};
use crate::config::Settings;
use crate::domain::hex::hex;
use crate::graphql::error::Code;
use crate::graphql::index::Index;
use crate::graphql::merge;
use crate::graphql::price::Pricer;
use crate::graphql::roots;
use crate::graphql::sharing::{self, Sharing};
use crate::graphql::variables;

/// What a parsed document takes beside its text, in bytes.
const SHORTEST: usize = 512;
/// What it takes for each of its tokens, in bytes: a selection with its place, its share of a list that has grown, and a name of its own.
const TOKEN: usize = 256;

/// Seconds in which a document is given to the other nodes once, however often its text is sent with its hash.
const SHARED_FOR: i64 = 10;

/// First hexadecimal digits of the SHA-256 of a document's text, for the logs.
#[must_use]
pub fn short(hash: &Hash) -> String {
    hex(&hash[..8])
}

/// What a request passes before it runs.
#[derive(Debug)]
pub struct Front {
    index: Arc<Index>,
    limits: guard::Limits,
    documents: Cache<Hash, Arc<Document>, RandomState>,
}

/// A document that passed the guard and the parser.
#[derive(Debug)]
pub struct Document {
    /// SHA-256 of its text.
    hash: Hash,
    parsed: ExecutableDocument,
    operations: Vec<Operation>,
    /// About how many bytes it takes.
    weight: u32,
    /// Whether it was found valid, and offered to those that are kept.
    is_offered: AtomicBool,
    /// Second since 1970 at which it was given to the other nodes last; 0 before.
    shared_at: AtomicI64,
}

impl Document {
    /// Whether the other nodes are to be given it at this moment: they may have forgotten it, but not twice in so short a time.
    #[must_use]
    pub fn is_to_be_shared(&self, now: DateTime<Utc>) -> bool {
        now.timestamp().saturating_sub(self.shared_at.load(Ordering::Relaxed)) >= SHARED_FOR
    }

    /// Notes that they are given it; whether it is for the caller to do so, and for nobody else.
    #[must_use]
    pub fn share(&self, now: DateTime<Utc>) -> bool {
        let last = self.shared_at.load(Ordering::Relaxed);
        self.is_to_be_shared(now) && self.shared_at.compare_exchange(last, now.timestamp(), Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}

/// What is known of an operation before it is asked for.
#[derive(Debug)]
struct Operation {
    name: Option<String>,
    is_introspection: bool,
    /// Among whom its answer is shared.
    sharing: Sharing,
    /// What it is counted as.
    label: String,
}

/// What a request asks of its document.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// The operation to run; `None` where there is one only.
    pub operation_name: Option<&'a str>,
    /// Text of the variables' JSON object.
    pub variables: Option<&'a str>,
    /// Whether it must not change anything.
    pub is_get: bool,
}

/// An operation that may run.
#[derive(Debug)]
pub struct Ready {
    /// The document.
    pub document: Arc<Document>,
    /// What is asked of it.
    pub fitted: Arc<Fitted>,
}

/// An operation of a document with its variables, whoever asks.
#[derive(Debug)]
pub struct Fitted {
    /// Its variables, complete with defaults.
    pub variables: Variables,
    /// Name of the operation.
    pub operation_name: Option<String>,
    /// Its variables as they were given, as JSON with sorted keys.
    pub given: String,
    /// Among whom its answer is shared.
    pub sharing: Sharing,
    /// What is asked, as its answer is kept under.
    pub question: OnceLock<Question>,
    /// Its cost in points.
    pub cost: u64,
    /// Whether it asks for the schema itself.
    pub is_introspection: bool,
    /// Whether it acts.
    pub is_mutation: bool,
    /// What it is counted as: its root field, as far as the schema has it.
    pub label: String,
}

impl Ready {
    /// The parsed document.
    #[must_use]
    pub fn parsed(&self) -> ExecutableDocument {
        self.document.parsed.clone()
    }

    /// SHA-256 of the document's text.
    #[must_use]
    pub fn hash(&self) -> &Hash {
        &self.document.hash
    }
}

impl Front {
    /// With the limits of the settings.
    #[must_use]
    pub fn new(settings: &Settings, index: Arc<Index>) -> Self {
        let limits = settings.limits;
        let limits = guard::Limits {
            document_bytes: limits.document_bytes,
            tokens: limits.tokens,
            nesting: limits.nesting,
            depth: limits.depth,
            introspection_depth: limits.introspection_depth,
            introspection_fields: limits.introspection_fields,
            aliases: limits.aliases,
            directives: limits.directives,
            spreads: limits.spreads,
            fields: limits.fields,
            selections: limits.selections,
            operations: limits.operations,
            list_items: limits.list_items,
            variable_values: limits.variable_values,
        };
        Self { index, limits, documents: documents(settings.cache.document_bytes) }
    }

    /// Checks what is asked of a document.
    ///
    /// # Errors
    /// Why it is refused. Nothing has run, and no database was asked.
    pub fn fit(&self, document: &Document, wish: Wish<'_>) -> Result<Fitted, Refused> {
        if let Some(text) = wish.variables {
            guard::check_variables(text, &self.limits).map_err(|refusal| Refused::by_guard(refusal, Code::BadRequest))?;
        }
        let given = read_variables(wish.variables).map_err(|text| Refused::new(Code::BadRequest, text))?;
        let (name, operation) = select(&document.parsed, wish.operation_name)?;
        if wish.is_get && operation.node.ty != OperationType::Query {
            return Err(Refused::mutation_by_get());
        }
        let variables = variables::coerce(&self.index, &operation.node, &given).map_err(|text| Refused::new(Code::BadVariables, text))?;
        let cost = Pricer::new(&self.index, &document.parsed, &variables).price(&operation.node).map_err(Refused::by_pricer)?;
        let known = document.operations.iter().find(|known| known.name == name);
        let is_introspection = known.is_some_and(|known| known.is_introspection);
        let sharing = known.filter(|_| !is_introspection).map_or(Sharing::None, |known| known.sharing);
        let label = known.map(|known| known.label.clone()).unwrap_or_default();
        // Through JSON, whose objects are sorted.
        let given = serde_json::to_value(&given).unwrap_or_default().to_string();
        let is_mutation = operation.node.ty == OperationType::Mutation;
        let question = OnceLock::new();
        Ok(Fitted { variables, operation_name: name, given, sharing, question, cost, is_introspection, is_mutation, label })
    }

    /// A document that was found valid before.
    #[must_use]
    pub fn known(&self, hash: &Hash) -> Option<Arc<Document>> {
        self.documents.get(hash)
    }

    /// Forgets all documents.
    pub fn forget(&self) {
        self.documents.invalidate_all();
    }

    /// Reads the text of a document by the guard and the parser.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn read(&self, hash: Hash, text: &str) -> Result<Arc<Document>, Refused> {
        let facts = guard::check(text, &self.limits).map_err(|refusal| Refused::by_guard(refusal, Code::ParseFailed))?;
        let parsed = async_graphql::parser::parse_query(text).map_err(|error| {
            let places: Vec<Pos> = error.positions().collect();
            // Its own words are names of grammar rules and lines of the document.
            Refused::at(Code::ParseFailed, "the document cannot be read beyond this place", &places)
        })?;
        if let Some(conflict) = merge::conflict(&parsed) {
            let name: String = conflict.name.chars().take(60).collect();
            let text = format!("fields that differ would share the name \"{name}\" in the answer; give one of them an alias");
            return Err(Refused::at(Code::ValidationFailed, text, &conflict.places));
        }
        let operation = |(name, operation): (Option<&async_graphql::Name>, &Positioned<OperationDefinition>)| {
            let name = name.map(ToString::to_string);
            Operation {
                is_introspection: facts.operations.iter().any(|known| known.name == name && known.is_introspection),
                sharing: sharing::of(&self.index, &parsed, &operation.node),
                label: roots::label(&self.index, &parsed, &operation.node),
                name,
            }
        };
        let operations = parsed.operations.iter().map(operation).collect();
        let weight = text.len().saturating_add(SHORTEST).saturating_add(facts.tokens.saturating_mul(TOKEN));
        Ok(Arc::new(Document {
            hash,
            parsed,
            operations,
            weight: u32::try_from(weight).unwrap_or(u32::MAX),
            is_offered: AtomicBool::new(false),
            shared_at: AtomicI64::new(0),
        }))
    }

    /// Keeps a document that the library found valid. Others are not worth a place: nobody needs them twice.
    pub fn keep(&self, document: &Arc<Document>) {
        // Whoever finds it here again finds this one; when it was forgotten, it is another that is read.
        if !document.is_offered.load(Ordering::Relaxed) && !document.is_offered.swap(true, Ordering::Relaxed) {
            self.documents.insert(document.hash, Arc::clone(document));
        }
    }
}

/// Parsed documents, bounded by what they take in memory.
fn documents(bytes: u64) -> Cache<Hash, Arc<Document>, RandomState> {
    Cache::builder().max_capacity(bytes).weigher(|_, document: &Arc<Document>| document.weight).build_with_hasher(RandomState::new())
}

/// The operation to run and its name.
fn select<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Result<(Option<String>, &'a Positioned<OperationDefinition>), Refused> {
    let mut operations = document.operations.iter();
    match (name, operations.next(), operations.next()) {
        (None, Some((name, operation)), None) => Ok((name.map(ToString::to_string), operation)),
        (None, ..) => Err(Refused::new(Code::BadRequest, "the document has several operations; name one by `operationName`")),
        (Some(name), ..) => {
            let found = document.operations.iter().find(|(known, _)| known.is_some_and(|known| known.as_str() == name));
            let (_, operation) =
                found.ok_or_else(|| Refused::new(Code::BadRequest, "the document has no operation of the name in `operationName`"))?;
            Ok((Some(name.to_owned()), operation))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphql::schema::index;

    /// The text of a document comes with its hash again and again: the other nodes are given it every ten seconds.
    #[test]
    fn a_text_is_shared_now_and_then() {
        let front = Front::new(&Settings::read(None).expect("the defaults"), index());
        let document = front.read([1; 32], "{ regions { code } }").expect("a document");
        let at = |second: i64| document.share(DateTime::from_timestamp(1_800_000_000 + second, 0).expect("an instant"));
        assert_eq!([0, 0, 9, 10, 10, 19, 20].map(at), [true, false, false, true, false, false, true]);
    }
}
