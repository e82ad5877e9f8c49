//! Fields of one answer that cannot be merged, looked for before the library does: it reports each pair of them, argument by argument, which can come to thousands of
//! times what was sent. One is enough to refuse a document. Walks each selection set once, and fragments as often as they are spread; never recurses.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{ExecutableDocument, Field, Selection, SelectionSet};
use async_graphql::{Pos, Positioned};

/// Two fields that an answer would hold under one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// That name.
    pub name: String,
    /// Where they stand.
    pub places: [Pos; 2],
}

/// The first conflict of a document, used or not.
#[must_use]
pub fn conflict(document: &ExecutableDocument) -> Option<Conflict> {
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    let mut open: Vec<&SelectionSet> =
        operations.chain(document.fragments.values().map(|fragment| &fragment.node.selection_set.node)).collect();
    while let Some(set) = open.pop() {
        if let Some(found) = conflict_in(document, set, &mut open) {
            return Some(found);
        }
    }
    None
}

/// The first conflict among the fields of one object, fragments followed. The selection sets below them are still to be looked at, but for those in fragments, which
/// are looked at by themselves.
fn conflict_in<'a>(document: &'a ExecutableDocument, set: &'a SelectionSet, open: &mut Vec<&'a SelectionSet>) -> Option<Conflict> {
    // What is selected of different types may differ: no object is both.
    let mut known: HashMap<(Option<&str>, &str), &Positioned<Field>> = HashMap::new();
    let mut followed: HashSet<&str> = HashSet::new();
    let mut waiting: Vec<_> = set.items.iter().rev().map(|selection| (None, true, &selection.node)).collect();
    while let Some((of, is_own, selection)) = waiting.pop() {
        let (of, is_own, inside) = match selection {
            Selection::Field(field) => {
                if is_own {
                    open.push(&field.node.selection_set.node);
                }
                let name = field.node.response_key().node.as_str();
                let first = *known.entry((of, name)).or_insert(field);
                if !can_merge(&first.node, &field.node) {
                    return Some(Conflict { name: name.to_owned(), places: [first.pos, field.pos] });
                }
                continue;
            }
            Selection::InlineFragment(fragment) => {
                let condition = fragment.node.type_condition.as_ref().map(|condition| condition.node.on.node.as_str());
                (condition.or(of), is_own, &fragment.node.selection_set)
            }
            Selection::FragmentSpread(spread) => match document.fragments.get(&spread.node.fragment_name.node) {
                Some(fragment) if followed.insert(&spread.node.fragment_name.node) => {
                    (Some(fragment.node.type_condition.node.on.node.as_str()), false, &fragment.node.selection_set)
                }
                _ => continue,
            },
        };
        waiting.extend(inside.node.items.iter().rev().map(|selection| (of, is_own, &selection.node)));
    }
    None
}

/// Whether two selections are of one field with the same arguments.
fn can_merge(first: &Field, other: &Field) -> bool {
    let has_all =
        || first.arguments.iter().all(|(name, value)| other.get_argument(&name.node).is_some_and(|found| found.node == value.node));
    std::ptr::eq(first, other) || (first.name.node == other.name.node && first.arguments.len() == other.arguments.len() && has_all())
}
