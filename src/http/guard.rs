//! The guard: reads the text of a GraphQL document, and of its variables, before any GraphQL library parses it, and refuses what is too large, too deep or too many.
//!
//! The cost is linear in the length of the text, and the memory is bounded by the limits. The guard must never recurse, panic or call a GraphQL library:
//! it exists so that the recursive walks of such a library only ever meet documents of a known size. It judges structure alone; the parsing
//! and the validation that come after it still decide whether the document means anything.

mod cursor;
mod document;
mod fault;
mod json;
mod lexer;
mod limits;
mod place;
mod scalar;
mod selection;
mod totals;
mod value;

#[cfg(test)]
mod tests;

pub use fault::Refusal;
pub use limits::Limits;

use document::Parser;
use fault::Fault;

/// What the guard learned about a document that it lets pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The operations, in the order of the document. Never empty.
    pub operations: Vec<OperationFacts>,
    /// Lexical tokens, which bound how large the parsed document is.
    pub tokens: usize,
    /// Elementary steps taken: bytes read, tokens seen, selections visited. At most four a byte and a few more.
    pub steps: u64,
}

/// What the guard learned about one operation, with the fragments expanded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationFacts {
    /// The name, or none for an anonymous operation. Names may repeat here; validation refuses that.
    pub name: Option<String>,
    /// Query, mutation or subscription.
    pub kind: OperationKind,
    /// Levels of nested fields, 1 for a root field. What lies below a root `__schema` or `__type` is left out.
    pub depth: usize,
    /// Fields selected, a fragment's as often as it is spread. Stops at the largest number.
    pub fields: u64,
    /// About how many fields the answer holds below a root `__schema` or `__type`. Stops at the largest number.
    pub introspection_fields: u64,
    /// Whether `__schema` or `__type` is selected at the root, there or in a fragment.
    pub is_introspection: bool,
}

/// The three kinds of operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationKind {
    /// A read, written `query` or as a bare selection set.
    Query,
    /// A write.
    Mutation,
    /// A stream of events.
    Subscription,
}

/// Checks the text of an executable document. Fails with the first thing found wrong.
pub fn check(document: &str, limits: &Limits) -> Result<Facts, Refusal> {
    check_counted(document, limits).0
}

/// As [`check`], and says how many steps were taken even if the document is refused.
pub fn check_counted(document: &str, limits: &Limits) -> (Result<Facts, Refusal>, u64) {
    if document.len() > limits.document_bytes {
        let fault = Fault::limit("document_bytes", limits.document_bytes, document.len());
        return (Err(fault.into_refusal(document)), 0);
    }
    let mut parser = Parser::new(document, limits);
    let parsed = parser.document();
    let mut steps = parser.steps();
    let tokens = parser.tokens();
    let resolved = parsed.and_then(|definitions| totals::resolve(&definitions, limits, &mut steps));
    let checked = resolved.map_err(|fault| {
        steps = steps.saturating_add(fault.steps_to_locate());
        fault.into_refusal(document)
    });
    (checked.map(|operations| Facts { operations, tokens, steps }), steps)
}

/// Checks the JSON text of a request's variables for nesting and long lists, and gives the steps taken. Fails as [`check`] does, text that
/// is not JSON with [`Refusal::Syntax`]. The size of the text is the caller's to limit, with the body's.
pub fn check_variables(json: &str, limits: &Limits) -> Result<u64, Refusal> {
    let (checked, steps) = check_variables_counted(json, limits);
    checked.map(|()| steps)
}

/// As [`check_variables`], and says how many steps were taken even if the variables are refused.
pub fn check_variables_counted(json: &str, limits: &Limits) -> (Result<(), Refusal>, u64) {
    let mut steps = 0;
    let checked = json::scan(json, limits, &mut steps).map_err(|fault| {
        steps = steps.saturating_add(fault.steps_to_locate());
        fault.into_refusal(json)
    });
    (checked, steps)
}
