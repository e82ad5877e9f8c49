//! The guard on small documents, one rule at a time.

mod fragment;
mod lexing;
mod limit;
mod structure;
mod variable;

use super::{Facts, Limits, Refusal, check_counted};

/// Checks a document under the published limits and holds the guard to its bound on steps.
fn judge(document: &str) -> Result<Facts, Refusal> {
    let (checked, steps) = check_counted(document, &Limits::default());
    assert!(steps <= 4 * document.len() as u64 + 64, "{steps} steps for {} bytes", document.len());
    checked
}

/// The facts about a document that must pass.
fn pass(document: &str) -> Facts {
    judge(document).unwrap_or_else(|refusal| panic!("{document:?} was refused: {refusal:?}"))
}

/// What kind of refusal a document meets, or `ok`.
fn verdict(document: &str) -> &'static str {
    match judge(document) {
        Ok(_) => "ok",
        Err(Refusal::Limit { name, .. }) => name,
        Err(Refusal::Syntax { .. }) => "syntax",
        Err(Refusal::Invalid { .. }) => "invalid",
    }
}

/// Holds a document to the verdict that is expected.
#[track_caller]
fn expect(expected: &str, document: &str) {
    assert_eq!(verdict(document), expected, "{document:?}");
}

/// Line, column and message of a refusal that has a place.
fn place(document: &str) -> (u32, u32, String) {
    match judge(document) {
        Err(Refusal::Syntax { line, column, message } | Refusal::Invalid { line, column, message }) => (line, column, message),
        other => panic!("{document:?} gave {other:?}"),
    }
}
