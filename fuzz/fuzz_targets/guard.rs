//! Any text, as a document and as variables: no panic, and no more steps than its length allows.

#![no_main]

use concord::http::guard::{
    Limits, Refusal, check, check_counted, check_variables, check_variables_counted,
};
use libfuzzer_sys::fuzz_target;

/// Limits that are never met, so that the walks behind them are reached.
fn unlimited() -> Limits {
    Limits {
        document_bytes: usize::MAX,
        tokens: usize::MAX,
        nesting: usize::MAX,
        depth: usize::MAX,
        introspection_depth: usize::MAX,
        introspection_fields: u64::MAX,
        aliases: usize::MAX,
        directives: usize::MAX,
        spreads: usize::MAX,
        fields: u64::MAX,
        selections: u64::MAX,
        operations: usize::MAX,
        list_items: usize::MAX,
        variable_values: u64::MAX,
    }
}

/// The published name of the limit that was exceeded, if that is what the refusal says.
fn limit<T>(checked: Result<T, Refusal>) -> Option<&'static str> {
    match checked {
        Err(Refusal::Limit { name, .. }) => Some(name),
        _ => None,
    }
}

fuzz_target!(|text: &str| {
    let bound = 4 * text.len() as u64 + 64;
    for limits in [Limits::default(), unlimited()] {
        let (checked, steps) = check_counted(text, &limits);
        assert!(
            steps <= bound,
            "document: {steps} steps for {} bytes",
            text.len()
        );
        assert_eq!(checked, check(text, &limits));

        let (checked, steps) = check_variables_counted(text, &limits);
        assert!(
            steps <= bound,
            "variables: {steps} steps for {} bytes",
            text.len()
        );
        assert_eq!(checked.map(|()| steps), check_variables(text, &limits));
    }
    assert_eq!(limit(check(text, &unlimited())), None);
    assert_eq!(limit(check_variables(text, &unlimited())), None);
});
