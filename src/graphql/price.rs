//! What an operation costs, and whether its arguments keep their limits, decided on the document before anything runs.
//!
//! Cost: 1 for each object that may be returned, times `first` of the pages and 5 for each plain list it lies in, plus the weights of `@cost`. Connections, edges and `PageInfo`
//! are free; what `nodes` and `edges { node }` return is counted once.

use async_graphql::parser::types::{BaseType, ExecutableDocument, Field as Chosen, OperationDefinition, Selection, SelectionSet};
use async_graphql::{Name, Positioned, Value, Variables};
use async_graphql_value::Value as Written;

use super::error::Excess;
use super::index::{Argument, Field, Index, Kind, base};
use super::limits::{PAGE_DEFAULT, PAGE_MAX};
use super::variables::{Origin, fit};

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
    pub fn price(&self, operation: &OperationDefinition) -> Result<u64, Objection> {
        self.set("Query", &[&operation.selection_set.node])
    }

    /// Points of what is selected of one object type.
    fn set(&self, of: &str, sets: &[&SelectionSet]) -> Result<u64, Objection> {
        let mut total = 0_u64;
        for set in sets {
            for selection in &set.items {
                total = total.saturating_add(self.selection(of, &selection.node)?);
            }
        }
        Ok(total)
    }

    fn selection(&self, of: &str, selection: &Selection) -> Result<u64, Objection> {
        if self.is_skipped(selection) {
            return Ok(0);
        }
        let (condition, set) = match selection {
            Selection::Field(field) => return self.field(of, &field.node),
            Selection::InlineFragment(fragment) => (fragment.node.type_condition.as_ref(), &fragment.node.selection_set),
            Selection::FragmentSpread(spread) => match self.document.fragments.get(&spread.node.fragment_name.node) {
                Some(fragment) => (Some(&fragment.node.type_condition), &fragment.node.selection_set),
                None => return Ok(0),
            },
        };
        let applies = condition.is_none_or(|condition| self.index.possible(&condition.node.on.node).contains(&of));
        if applies { self.set(of, &[&set.node]) } else { Ok(0) }
    }

    fn field(&self, of: &str, chosen: &Chosen) -> Result<u64, Objection> {
        // Validation says what is wrong with fields that do not exist.
        let Some(field) = self.index.field(of, &chosen.name.node) else { return Ok(0) };
        for argument in &field.arguments {
            if let Some(value) = self.argument(chosen, argument) {
                // Checked here, variables filled in: the library leaves some of it to the resolvers, whose errors would look like faults of ours.
                let value = fit(self.index, Origin::Document, &argument.of, &value, &argument.name).map_err(Objection::Unfit)?;
                self.check(argument, &value)?;
            }
        }
        Ok(field.weight.saturating_add(self.objects(field, chosen)?))
    }

    /// Points of the objects that a field returns.
    fn objects(&self, field: &Field, chosen: &Chosen) -> Result<u64, Objection> {
        let of = base(&field.of);
        if !self.index.is_composite(of) || of == "PageInfo" {
            return Ok(0);
        }
        let set = &chosen.selection_set.node;
        if of.ends_with("Connection") {
            let first = self.first(field, chosen)?;
            return self.connection(of, set, first);
        }
        let mut dearest = 0;
        for possible in self.index.possible(of) {
            dearest = dearest.max(self.set(possible, &[set])?);
        }
        let one = dearest.saturating_add(1);
        Ok(if matches!(field.of.base, BaseType::List(_)) { one.saturating_mul(self.items(field, chosen)) } else { one })
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
            Some(Value::Number(number)) => number.as_i64().unwrap_or(i64::MAX),
            _ => PAGE_DEFAULT.into(),
        };
        let allowed = 1..=i64::from(PAGE_MAX);
        if allowed.contains(&asked) {
            Ok(asked.unsigned_abs())
        } else {
            Err(Objection::Excess(Excess {
                name: "first".to_owned(),
                max: PAGE_MAX.into(),
                actual: u64::try_from(asked).unwrap_or_default(),
            }))
        }
    }

    /// Points of a page: its nodes, reached either way, and its count.
    fn connection(&self, of: &str, set: &SelectionSet, first: u64) -> Result<u64, Objection> {
        let mut wrappers = Wrappers::default();
        self.unwrap(of, set, &mut wrappers);
        let Some(node) = wrappers.node else { return Ok(wrappers.weight) };
        let each = self.set(&node, &wrappers.sets)?.saturating_add(1);
        Ok(each.saturating_mul(first).saturating_add(wrappers.weight))
    }

    /// Gathers what is selected of the nodes of a page.
    fn unwrap<'b>(&'b self, of: &str, set: &'b SelectionSet, wrappers: &mut Wrappers<'b>) {
        for selection in &set.items {
            if self.is_skipped(&selection.node) {
                continue;
            }
            match &selection.node {
                Selection::Field(chosen) => {
                    let Some(field) = self.index.field(of, &chosen.node.name.node) else { continue };
                    wrappers.weight = wrappers.weight.saturating_add(field.weight);
                    let inner = base(&field.of);
                    let set = &chosen.node.selection_set.node;
                    if inner.ends_with("Edge") {
                        self.unwrap(inner, set, wrappers);
                    } else if self.index.is_composite(inner) && inner != "PageInfo" {
                        wrappers.node = Some(inner.to_owned());
                        wrappers.sets.push(set);
                    }
                }
                Selection::InlineFragment(fragment) => self.unwrap(of, &fragment.node.selection_set.node, wrappers),
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.node.fragment_name.node) {
                        self.unwrap(of, &fragment.node.selection_set.node, wrappers);
                    }
                }
            }
        }
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
        let excess = |max: Option<u64>, actual: u64| match max {
            Some(max) if actual > max => Err(Objection::Excess(Excess { name: argument.name.clone(), max, actual })),
            _ => Ok(()),
        };
        match value {
            Value::List(items) => excess(argument.items, items.len() as u64),
            Value::String(text) => excess(argument.characters, text.chars().count() as u64),
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

/// What is found inside of a connection.
#[derive(Default)]
struct Wrappers<'a> {
    weight: u64,
    node: Option<String>,
    sets: Vec<&'a SelectionSet>,
}
