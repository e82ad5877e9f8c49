//! What an operation costs, and whether its arguments keep their limits, decided on the document before anything runs.
//!
//! Cost: 1 for each object that may be returned, times `first` of the pages and 5 for each plain list it lies in, plus the weights of `@cost`. Connections, edges and `PageInfo`
//! are free; the items of a page are counted once, whether they are reached by `nodes`, by `edges` or only by the cursors of `pageInfo`.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write;

use async_graphql::parser::types::{
    BaseType, ExecutableDocument, Field as Chosen, OperationDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql::{Name, Positioned, Value, Variables};
use async_graphql_value::Value as Written;

use super::error::Excess;
use super::index::{Argument, Field, Index, Kind, base};
use super::limits::{PAGE_DEFAULT, PAGE_MAX};
use super::variables::{Origin, Place, fit};

/// How many objects a plain list counts for.
const PLAIN_LIST: u64 = 5;

/// Why an operation cannot run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Objection {
    /// An argument passes its published limit.
    Excess(Excess),
    /// An argument does not fit its type; a sentence that names the place.
    Unfit(String),
}

/// Walks one operation.
#[derive(Debug)]
pub struct Pricer<'a> {
    index: &'a Index,
    document: &'a ExecutableDocument,
    variables: &'a Variables,
}

impl<'a> Pricer<'a> {
    /// For a document with the variables that [`super::variables::coerce`] completed.
    #[must_use]
    pub const fn new(index: &'a Index, document: &'a ExecutableDocument, variables: &'a Variables) -> Self {
        Self { index, document, variables }
    }

    /// The points of an operation.
    ///
    /// # Errors
    /// The first argument that passes its published limit or does not fit its type.
    pub fn price(&self, operation: &'a OperationDefinition) -> Result<u64, Objection> {
        let root = match operation.ty {
            OperationType::Mutation => "Mutation",
            OperationType::Query | OperationType::Subscription => "Query",
        };
        self.set(root, &[&operation.selection_set.node])
    }

    /// Points of what is selected of one object type.
    fn set(&self, of: &str, sets: &[&'a SelectionSet]) -> Result<u64, Objection> {
        self.merge(of, sets).iter().try_fold(0_u64, |total, chosen| Ok(total.saturating_add(self.field(of, chosen)?)))
    }

    /// The fields that are selected of one object type, fragments followed. What is selected several times is answered once, and so counts once.
    fn merge(&self, of: &str, sets: &[&'a SelectionSet]) -> Vec<Merged<'a>> {
        let mut merged: Vec<Merged<'a>> = Vec::new();
        let mut places: HashMap<Cow<'a, str>, usize> = HashMap::new();
        let mut waiting: Vec<&'a Positioned<Selection>> = sets.iter().rev().flat_map(|set| set.items.iter().rev()).collect();
        while let Some(selection) = waiting.pop() {
            if self.is_skipped(&selection.node) {
                continue;
            }
            let (condition, set) = match &selection.node {
                Selection::Field(field) => {
                    let place = *places.entry(response(&field.node)).or_insert(merged.len());
                    if place == merged.len() {
                        merged.push(Merged { field: &field.node, sets: Vec::new() });
                    }
                    merged[place].sets.push(&field.node.selection_set.node);
                    continue;
                }
                Selection::InlineFragment(fragment) => (fragment.node.type_condition.as_ref(), &fragment.node.selection_set),
                Selection::FragmentSpread(spread) => match self.document.fragments.get(&spread.node.fragment_name.node) {
                    Some(fragment) => (Some(&fragment.node.type_condition), &fragment.node.selection_set),
                    None => continue,
                },
            };
            if condition.is_none_or(|condition| self.index.possible(&condition.node.on.node).contains(&of)) {
                waiting.extend(set.node.items.iter().rev());
            }
        }
        merged
    }

    fn field(&self, of: &str, chosen: &Merged<'a>) -> Result<u64, Objection> {
        // Validation says what is wrong with fields that do not exist.
        let Some(field) = self.index.field(of, &chosen.field.name.node) else { return Ok(0) };
        for argument in &field.arguments {
            if let Some(value) = self.argument(chosen.field, argument) {
                // Checked here, variables filled in: the library leaves some of it to the resolvers, whose errors would look like faults of ours.
                let value =
                    fit(self.index, Origin::Document, &argument.of, &value, &Place::Top(&argument.name)).map_err(Objection::Unfit)?;
                self.check(argument, &value)?;
            }
        }
        Ok(field.weight.saturating_add(self.objects(field, chosen)?))
    }

    /// Points of the objects that a field returns.
    fn objects(&self, field: &Field, chosen: &Merged<'a>) -> Result<u64, Objection> {
        let of = base(&field.of);
        if !self.index.is_composite(of) || of == "PageInfo" {
            return Ok(0);
        }
        if of.ends_with("Connection") {
            let first = self.first(field, chosen.field)?;
            return self.connection(of, &chosen.sets, first);
        }
        let mut dearest = 0;
        for possible in self.index.possible(of) {
            dearest = dearest.max(self.set(possible, &chosen.sets)?);
        }
        let one = dearest.saturating_add(1);
        Ok(if matches!(field.of.base, BaseType::List(_)) { one.saturating_mul(self.items(field, chosen.field)) } else { one })
    }

    /// How many objects a plain list counts for: five, or as many as were named one by one.
    fn items(&self, field: &Field, chosen: &Chosen) -> u64 {
        let named = field.arguments.iter().find(|argument| argument.name == "ids").and_then(|argument| self.argument(chosen, argument));
        if let Some(Value::List(ids)) = named { PLAIN_LIST.max(ids.len() as u64) } else { PLAIN_LIST }
    }

    /// Page size, checked.
    fn first(&self, field: &Field, chosen: &Chosen) -> Result<u64, Objection> {
        let Some(argument) = field.arguments.iter().find(|argument| argument.name == "first") else { return Ok(PAGE_DEFAULT.into()) };
        let asked = match self.argument(chosen, argument) {
            // Validation says what is wrong with numbers that are not whole.
            Some(Value::Number(number)) => number.as_i64().unwrap_or(PAGE_DEFAULT.into()),
            _ => PAGE_DEFAULT.into(),
        };
        let allowed = 1..=i64::from(PAGE_MAX);
        if allowed.contains(&asked) {
            Ok(asked.unsigned_abs())
        } else {
            Err(Objection::Excess(Excess { name: "first".to_owned(), max: PAGE_MAX.into(), actual: asked }))
        }
    }

    /// Points of a page: its nodes, reached either way, and its count.
    fn connection(&self, of: &str, sets: &[&'a SelectionSet], first: u64) -> Result<u64, Objection> {
        let mut weight = 0_u64;
        let mut each: Option<u64> = None;
        let mut waiting: Vec<(String, Merged<'a>)> = Vec::new();
        let inside = |of: &str, sets: &[&'a SelectionSet]| {
            self.merge(of, sets).into_iter().map(|chosen| (of.to_owned(), chosen)).collect::<Vec<_>>()
        };
        waiting.extend(inside(of, sets));
        while let Some((of, chosen)) = waiting.pop() {
            let Some(field) = self.index.field(&of, &chosen.field.name.node) else { continue };
            weight = weight.saturating_add(field.weight);
            let inner = base(&field.of);
            if inner.ends_with("Edge") || inner == "PageInfo" {
                // Cursors are made of items that were read, whether anything else is selected of these or not.
                each.get_or_insert(1);
            }
            if inner.ends_with("Edge") {
                waiting.extend(inside(inner, &chosen.sets));
            } else if self.index.is_composite(inner) && inner != "PageInfo" {
                // The node itself once; what hangs on it as often as it is shown.
                each = Some(each.unwrap_or(1).saturating_add(self.set(inner, &chosen.sets)?));
            }
        }
        Ok(each.unwrap_or_default().saturating_mul(first).saturating_add(weight))
    }

    fn is_skipped(&self, selection: &Selection) -> bool {
        let directives = match selection {
            Selection::Field(field) => &field.node.directives,
            Selection::InlineFragment(fragment) => &fragment.node.directives,
            Selection::FragmentSpread(spread) => &spread.node.directives,
        };
        directives.iter().any(|directive| {
            let condition = directive.node.get_argument("if").and_then(|value| self.value(&value.node));
            matches!(
                (directive.node.name.node.as_str(), condition),
                ("skip", Some(Value::Boolean(true))) | ("include", Some(Value::Boolean(false)))
            )
        })
    }

    /// Limits that the schema's descriptions publish for an argument and what lies inside of it.
    fn check(&self, argument: &Argument, value: &Value) -> Result<(), Objection> {
        let excess = |max: Option<u64>, actual: usize| match max {
            Some(max) if actual as u64 > max => Err(Objection::Excess(Excess { name: argument.name.clone(), max, actual: actual as i64 })),
            _ => Ok(()),
        };
        match value {
            Value::List(items) => {
                excess(argument.items, items.len())?;
                // What lies inside of an item has limits too; the list's own is not its items'.
                items.iter().filter(|item| matches!(item, Value::Object(_))).try_for_each(|item| self.check(argument, item))
            }
            Value::String(text) => excess(argument.characters, text.chars().count()),
            Value::Object(given) => {
                let Some(Kind::Input(_, fields)) = self.index.get(base(&argument.of)) else { return Ok(()) };
                fields
                    .iter()
                    .filter_map(|field| Some((field, given.get(field.name.as_str())?)))
                    .try_for_each(|(field, value)| self.check(field, value))
            }
            _ => Ok(()),
        }
    }

    /// The value of an argument, or its default.
    fn argument(&self, chosen: &Chosen, argument: &Argument) -> Option<Value> {
        let written: Option<&Positioned<Written>> = chosen.get_argument(&argument.name);
        written.and_then(|value| self.value(&value.node)).or_else(|| argument.default.clone())
    }

    fn value(&self, written: &Written) -> Option<Value> {
        let variable = |name: Name| self.variables.get(&name).cloned().ok_or(());
        match written {
            Written::Variable(name) => variable(name.clone()).ok(),
            other => other.clone().into_const_with(|name| Ok::<_, ()>(variable(name).unwrap_or_default())).ok(),
        }
    }
}

/// One field of an answer, with all that is selected of it.
struct Merged<'a> {
    field: &'a Chosen,
    sets: Vec<&'a SelectionSet>,
}

/// What a field is known by in an answer. Two that differ in their arguments cannot be merged: validation refuses them, and they are kept apart here.
fn response(field: &Chosen) -> Cow<'_, str> {
    if field.alias.is_none() && field.arguments.is_empty() {
        return Cow::Borrowed(&field.name.node);
    }
    let mut text = format!("{}:{}", field.response_key().node, field.name.node);
    for (name, value) in &field.arguments {
        let _ = write!(text, "\u{0}{}:{}", name.node, value.node);
    }
    Cow::Owned(text)
}
