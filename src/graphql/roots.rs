//! What operations are counted as. The names of operations are the clients' own and without bound; those of root fields are the schema's.

use std::collections::BTreeSet;

use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet};

use super::index::Index;

/// An operation with several root fields.
const SEVERAL: &str = "several";
/// One with a root field that the schema does not have, or with none.
const UNKNOWN: &str = "unknown";

/// The root fields that every schema has.
const META: [&str; 3] = ["__schema", "__type", "__typename"];

/// The root field of an operation; a word of our own where there are several, or none that the schema has.
#[must_use]
pub fn label(index: &Index, document: &ExecutableDocument, operation: &OperationDefinition) -> String {
    let mut names = BTreeSet::new();
    collect(document, &operation.selection_set.node, &mut names);
    let root = if operation.ty == OperationType::Mutation { "Mutation" } else { "Query" };
    let is_known = |name: &&str| META.contains(name) || index.field(root, name).is_some();
    let mut known = names.into_iter().filter(is_known);
    let label = match (known.next(), known.next()) {
        (None, _) => UNKNOWN,
        (Some(name), None) => name,
        (Some(_), Some(_)) => SEVERAL,
    };
    label.to_owned()
}

/// The names of the fields at the top. The guard has refused fragments that lead back to themselves.
fn collect<'a>(document: &'a ExecutableDocument, set: &'a SelectionSet, names: &mut BTreeSet<&'a str>) {
    for item in &set.items {
        match &item.node {
            Selection::Field(field) => {
                names.insert(field.node.name.node.as_str());
            }
            Selection::InlineFragment(fragment) => collect(document, &fragment.node.selection_set.node, names),
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                    collect(document, &fragment.node.selection_set.node, names);
                }
            }
        }
    }
}
