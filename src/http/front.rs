//! The front of a request: limits, parsing, variables and cost, all before anything runs.

use std::sync::Arc;

use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, OperationType};
use async_graphql::{Pos, Positioned, Variables};
use axum::http::StatusCode;
use moka::sync::Cache;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::answer::cost_of;
use super::budget::Exhausted;
use super::guard::{self, Refusal};
use super::request::Parameters;
use super::request::variables as read_variables;
use crate::cache::Hash;
use crate::config::Settings;
use crate::domain::hex::hex;
use crate::graphql::error::{Code, Excess};
use crate::graphql::index::Index;
use crate::graphql::merge;
use crate::graphql::price::{Objection, Pricer};
use crate::graphql::sharing::{self, Sharing};
use crate::graphql::variables;

/// What a parsed document takes beside its text, in bytes.
const SHORTEST: usize = 512;
/// What it takes for each of its tokens, in bytes: a selection with its place, its share of a list that has grown, and a name of its own.
const TOKEN: usize = 256;

/// First hexadecimal digits of the SHA-256 of a document's text, for the logs.
#[must_use]
pub fn short_hash(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes())[..8])
}

/// What a request passes before it runs.
#[derive(Debug)]
pub struct Front {
    index: Index,
    limits: guard::Limits,
    documents: Cache<Hash, Arc<Document>>,
}

/// A document that passed the guard and the parser.
#[derive(Debug)]
struct Document {
    parsed: ExecutableDocument,
    is_introspection: Vec<(Option<String>, bool)>,
    /// Among whom the answer of each operation is shared.
    sharing: Vec<(Option<String>, Sharing)>,
    /// About how many bytes it takes.
    weight: u32,
}

/// An operation that may run.
#[derive(Debug)]
pub struct Ready {
    /// The document.
    document: Arc<Document>,
    /// Its variables, complete with defaults.
    pub variables: Variables,
    /// Name of the operation.
    pub operation_name: Option<String>,
    hash: Hash,
    /// Its variables as they were given, as JSON with sorted keys.
    pub given: String,
    /// Among whom its answer is shared.
    pub sharing: Sharing,
    /// Its cost in points.
    pub cost: u64,
    /// Whether it asks for the schema itself.
    pub is_introspection: bool,
}

impl Ready {
    /// The parsed document.
    #[must_use]
    pub fn parsed(&self) -> ExecutableDocument {
        self.document.parsed.clone()
    }

    /// SHA-256 of the document's text.
    #[must_use]
    pub const fn hash(&self) -> &Hash {
        &self.hash
    }
}

impl Front {
    /// With the limits of the settings.
    #[must_use]
    pub fn new(settings: &Settings, index: Index) -> Self {
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
            fields: limits.fields,
            selections: limits.selections,
            operations: limits.operations,
            list_items: limits.list_items,
            variable_values: limits.variable_values,
        };
        Self { index, limits, documents: documents(settings.cache.document_bytes) }
    }

    /// Checks a request; `is_get` for one that must not change anything; it may cost at most so many points.
    ///
    /// # Errors
    /// Why it is refused. Nothing has run, and no database was asked.
    pub fn pass(&self, parameters: &Parameters, is_get: bool, most: u64) -> Result<Ready, Refused> {
        let hash: Hash = Sha256::digest(parameters.query.as_bytes()).into();
        let document = self.document(hash, &parameters.query)?;
        if let Some(text) = &parameters.variables {
            guard::check_variables(text, &self.limits).map_err(|refusal| Refused::by_guard(refusal, Code::BadRequest))?;
        }
        let given = read_variables(parameters.variables.as_deref()).map_err(|text| Refused::new(Code::BadRequest, text))?;
        let (name, operation) = select(&document.parsed, parameters.operation_name.as_deref())?;
        if is_get && operation.node.ty != OperationType::Query {
            return Err(Refused { is_mutation: true, ..Refused::new(Code::BadRequest, "only queries can be asked by GET; send a POST") });
        }
        let variables = variables::coerce(&self.index, &operation.node, &given).map_err(|text| Refused::new(Code::BadVariables, text))?;
        let cost = Pricer::new(&self.index, &document.parsed, &variables).price(&operation.node).map_err(Refused::by_pricer)?;
        if cost > most {
            let text = format!("the operation costs {cost} points, and {most} are allowed; ask for smaller pages or fewer lists");
            return Err(Refused { cost: Some((cost, most)), ..Refused::new(Code::CostExceeded, text) });
        }
        let is_introspection = document.is_introspection.iter().any(|(known, is)| *known == name && *is);
        let of_name = document.sharing.iter().find(|(known, _)| *known == name);
        let sharing = of_name.filter(|_| !is_introspection).map_or(Sharing::None, |(_, sharing)| *sharing);
        // Through JSON, whose objects are sorted.
        let given = serde_json::to_value(&given).unwrap_or_default().to_string();
        Ok(Ready { document, variables, operation_name: name, hash, given, sharing, cost, is_introspection })
    }

    /// The parsed document, from memory or by the guard and the parser.
    fn document(&self, hash: Hash, text: &str) -> Result<Arc<Document>, Refused> {
        if let Some(known) = self.documents.get(&hash) {
            return Ok(known);
        }
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
        let is_introspection = facts.operations.into_iter().map(|operation| (operation.name, operation.is_introspection)).collect();
        let sharing = parsed
            .operations
            .iter()
            .map(|(name, operation)| (name.map(ToString::to_string), sharing::of(&self.index, &parsed, &operation.node)))
            .collect();
        let weight = text.len().saturating_add(SHORTEST).saturating_add(facts.tokens.saturating_mul(TOKEN));
        Ok(Arc::new(Document { parsed, is_introspection, sharing, weight: u32::try_from(weight).unwrap_or(u32::MAX) }))
    }

    /// Keeps a document that the library found valid. Others are not worth a place: nobody needs them twice.
    pub fn keep(&self, ready: &Ready) {
        if !self.documents.contains_key(&ready.hash) {
            self.documents.insert(ready.hash, Arc::clone(&ready.document));
        }
    }
}

/// Parsed documents, bounded by what they take in memory.
fn documents(bytes: u64) -> Cache<Hash, Arc<Document>> {
    Cache::builder().max_capacity(bytes).weigher(|_, document: &Arc<Document>| document.weight).build()
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

/// Why a request was refused.
#[derive(Debug)]
pub struct Refused {
    code: Code,
    message: String,
    locations: Vec<Pos>,
    excess: Option<Box<Excess>>,
    cost: Option<(u64, u64)>,
    budget: Option<Box<(u64, Exhausted)>>,
    status: Option<StatusCode>,
    is_mutation: bool,
}

impl Refused {
    /// With a sentence for the client.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            locations: Vec::new(),
            excess: None,
            cost: None,
            budget: None,
            status: None,
            is_mutation: false,
        }
    }

    /// At places of the document.
    #[must_use]
    pub fn at(code: Code, message: impl Into<String>, locations: &[Pos]) -> Self {
        Self { locations: locations.to_vec(), ..Self::new(code, message) }
    }

    /// With a status of its own: the request itself is not well formed.
    #[must_use]
    pub fn with_status(code: Code, message: impl Into<String>, status: StatusCode) -> Self {
        Self { status: Some(status), ..Self::new(code, message) }
    }

    /// For passing a published limit, with a status of its own.
    #[must_use]
    pub fn with_status_of(excess: Excess, status: StatusCode) -> Self {
        Self { status: Some(status), ..Self::over(excess) }
    }

    /// For passing a published limit.
    #[must_use]
    pub fn over(excess: Excess) -> Self {
        Self {
            status: Some(StatusCode::BAD_REQUEST),
            message: excess.message(),
            excess: Some(Box::new(excess)),
            ..Self::new(Code::LimitExceeded, "")
        }
    }

    /// For an empty bucket.
    #[must_use]
    pub fn by_budget(cost: u64, exhausted: &Exhausted) -> Self {
        let text = format!("the budget is spent; try again in {} seconds, or ask for less at a time", exhausted.retry_after);
        Self { budget: Some(Box::new((cost, *exhausted))), ..Self::with_status(Code::RateLimited, text, StatusCode::TOO_MANY_REQUESTS) }
    }

    /// Seconds after which it may be tried again, with the bucket as it stands.
    #[must_use]
    pub fn exhausted(&self) -> Option<&Exhausted> {
        match &self.budget {
            Some(budget) => Some(&budget.1),
            None => None,
        }
    }

    fn by_pricer(objection: Objection) -> Self {
        match objection {
            Objection::Excess(excess) => Self::over(excess),
            Objection::Unfit(text) => Self::new(Code::ValidationFailed, text),
        }
    }

    fn by_guard(refusal: Refusal, unreadable: Code) -> Self {
        let place = |line: u32, column: u32| [Pos { line: line as usize, column: column as usize }];
        match refusal {
            Refusal::Limit { name, max, actual } => {
                Self::over(Excess { name: name.to_owned(), max, actual: i64::try_from(actual).unwrap_or(i64::MAX) })
            }
            Refusal::Syntax { message, line, column } => Self::at(unreadable, message, &place(line, column)),
            Refusal::Invalid { message, line, column } => Self::at(Code::ValidationFailed, message, &place(line, column)),
        }
    }

    /// The status, where it does not depend on the form of the answer.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        match (self.is_mutation, self.code) {
            (true, _) => Some(StatusCode::METHOD_NOT_ALLOWED),
            (_, Code::CostExceeded) => Some(StatusCode::BAD_REQUEST),
            (_, Code::Timeout) => Some(self.status.unwrap_or(StatusCode::GATEWAY_TIMEOUT)),
            _ => self.status,
        }
    }

    /// Whether it was a mutation by GET.
    #[must_use]
    pub const fn is_mutation(&self) -> bool {
        self.is_mutation
    }

    /// The code.
    #[must_use]
    pub const fn code(&self) -> Code {
        self.code
    }

    /// As an entry of `errors`.
    #[must_use]
    pub fn error(&self) -> serde_json::Value {
        let mut extensions = json!({ "code": self.code.name() });
        if let Some(excess) = &self.excess {
            extensions["limit"] = json!({ "name": excess.name, "max": excess.max, "actual": excess.actual });
        }
        if let Some((requested, limit)) = self.cost {
            extensions["cost"] = json!({ "requested": requested, "limit": limit });
        }
        if let Some(budget) = &self.budget {
            let (requested, exhausted) = &**budget;
            extensions["cost"] = cost_of(*requested, exhausted.standing);
        }
        let mut error = json!({ "message": self.message, "extensions": extensions });
        if !self.locations.is_empty() {
            error["locations"] = self.locations.iter().map(|place| json!({ "line": place.line, "column": place.column })).collect();
        }
        error
    }
}
