//! Whether the answer to an operation is the same for everyone who asks, told by the operation and by the audiences that the schema declares. What is not declared for
//! anyone is not shared: whoever adds a field has to say so first.

use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet};

use super::index::{Index, base};

/// Root lists: the same for every caller, who reads them as a visitor does.
pub const LISTS: &[&str] = &["institutions", "courses", "programs", "offerings", "credentials", "competencies", "regions", "industries"];
/// Look-ups: their owners see drafts by them, so that they are shared among visitors only.
pub const LOOKUPS: &[&str] = &["institution", "course", "program", "offering", "credential", "award", "node", "nodes"];

/// Among whom an answer is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sharing {
    /// Nobody.
    None,
    /// Those who ask without a token.
    Visitors,
    /// Everyone.
    Everyone,
}

/// Among whom the answer to an operation is shared.
#[must_use]
pub fn of(index: &Index, document: &ExecutableDocument, operation: &OperationDefinition) -> Sharing {
    if operation.ty != OperationType::Query {
        return Sharing::None;
    }
    let walk = Walk { index, document };
    let roots = walk.roots(&operation.selection_set.node);
    match roots {
        Some(sharing) if walk.is_public(&["Query"], &operation.selection_set.node, true) => sharing,
        _ => Sharing::None,
    }
}

/// Walks one operation.
struct Walk<'a> {
    index: &'a Index,
    document: &'a ExecutableDocument,
}

impl<'a> Walk<'a> {
    /// Among whom all root fields are shared; `None` when one of them is on neither list, or when there are none.
    fn roots(&self, set: &'a SelectionSet) -> Option<Sharing> {
        let mut sharing = None;
        for item in &set.items {
            let one = match &item.node {
                Selection::Field(field) => match field.node.name.node.as_str() {
                    name if LISTS.contains(&name) => Sharing::Everyone,
                    name if LOOKUPS.contains(&name) => Sharing::Visitors,
                    _ => return None,
                },
                Selection::InlineFragment(fragment) => self.roots(&fragment.node.selection_set.node)?,
                Selection::FragmentSpread(spread) => {
                    self.roots(&self.document.fragments.get(&spread.node.fragment_name.node)?.node.selection_set.node)?
                }
            };
            sharing = Some(sharing.map_or(one, |before: Sharing| before.min(one)));
        }
        sharing
    }

    /// Whether everything that is selected of objects of these types is declared for anyone. The root fields' own audiences are told by the lists.
    fn is_public(&self, types: &[&'a str], set: &'a SelectionSet, is_root: bool) -> bool {
        set.items.iter().all(|item| match &item.node {
            Selection::Field(field) => {
                let name = field.node.name.node.as_str();
                name == "__typename" || types.iter().all(|of| self.is_public_field(of, name, &field.node.selection_set.node, is_root))
            }
            Selection::InlineFragment(fragment) => {
                let condition = fragment.node.type_condition.as_ref().map(|condition| condition.node.on.node.as_str());
                self.is_public(&self.narrow(types, condition), &fragment.node.selection_set.node, is_root)
            }
            Selection::FragmentSpread(spread) => self.document.fragments.get(&spread.node.fragment_name.node).is_some_and(|fragment| {
                let condition = fragment.node.type_condition.node.on.node.as_str();
                self.is_public(&self.narrow(types, Some(condition)), &fragment.node.selection_set.node, is_root)
            }),
        })
    }

    fn is_public_field(&self, of: &str, name: &str, set: &'a SelectionSet, is_root: bool) -> bool {
        let Some(field) = self.index.field(of, name) else { return false };
        if !is_root && !field.is_public {
            return false;
        }
        let target = base(&field.of);
        if !self.index.is_composite(target) {
            return true;
        }
        let possible = self.index.possible(target);
        // A selection of nothing on a type that is not for anyone is caught by its fields: each says who may read it.
        self.is_public(&possible, set, false)
    }

    /// The types that a condition leaves.
    fn narrow(&self, types: &[&'a str], condition: Option<&'a str>) -> Vec<&'a str> {
        let Some(condition) = condition else { return types.to_vec() };
        let possible = self.index.possible(condition);
        types.iter().copied().filter(|of| possible.contains(of)).collect()
    }
}
