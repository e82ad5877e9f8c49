//! No field of the schema without a whole answer that holds it: the documents of the snapshots select every one.

use std::collections::BTreeSet;
use std::path::Path;

use async_graphql::parser::parse_query;
use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};
use concord::graphql::index::{Index, Kind, base};
use concord::graphql::schema;

/// Adds `Type.field` for everything that is selected of a type.
fn gather(index: &Index, document: &ExecutableDocument, of: &str, set: &SelectionSet, seen: &mut BTreeSet<String>) {
    for selection in &set.items {
        let (of, set) = match &selection.node {
            Selection::Field(field) => {
                let field = &field.node;
                let Some(known) = index.field(of, &field.name.node) else { continue };
                for possible in index.possible(of) {
                    seen.insert(format!("{possible}.{}", field.name.node));
                }
                (base(&known.of), &field.selection_set.node)
            }
            Selection::InlineFragment(fragment) => {
                let on = fragment.node.type_condition.as_ref().map_or(of, |condition| condition.node.on.node.as_str());
                (on, &fragment.node.selection_set.node)
            }
            Selection::FragmentSpread(spread) => {
                let fragment = &document.fragments[&spread.node.fragment_name.node].node;
                (fragment.type_condition.node.on.node.as_str(), &fragment.selection_set.node)
            }
        };
        gather(index, document, of, set, seen);
    }
}

/// A maintainer adds a field and forgets to show an answer with it.
#[test]
fn answers_hold_every_field() {
    let sdl = schema::sdl();
    let index = schema::index();
    let mut seen = BTreeSet::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/operations");
    for entry in std::fs::read_dir(folder).expect("the operations") {
        let text = std::fs::read_to_string(entry.expect("an operation").path()).expect("its text");
        let document = parse_query(&text).expect("a document");
        for (_, operation) in document.operations.iter() {
            gather(&index, &document, "Query", &operation.node.selection_set.node, &mut seen);
        }
    }
    // `sdl` names each type at the beginning of a line.
    let types = sdl.lines().filter_map(|line| line.strip_prefix("type ")?.split(' ').next());
    let all: BTreeSet<String> = types
        .filter_map(|of| if let Some(Kind::Object(fields)) = index.get(of) { Some((of, fields)) } else { None })
        .flat_map(|(of, fields)| fields.keys().map(move |field| format!("{of}.{field}")))
        .collect();
    assert!(all.len() > 150, "{all:?}");
    // What is not for everybody is asked for by every sort of caller, and stands in a table of its own.
    let table = include_str!("authorization.txt");
    let is_private = |coordinate: &str| {
        let line = table.lines().find(|line| line.split_whitespace().next() == Some(coordinate));
        line.is_some_and(|line| !line.ends_with("  anyone"))
    };
    let missing: Vec<_> = all.difference(&seen).filter(|coordinate| !is_private(coordinate)).collect();
    assert!(missing.is_empty(), "no snapshot holds these; select them in tests/it/operations: {missing:#?}");
}
