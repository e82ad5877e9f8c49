//! From a selection to a wanted tree: what is read of which noun, by which edges, decided once for each root field before anything is loaded.
//!
//! An edge is known by its field and its arguments, whatever alias it is asked under: the same edge twice is read once, and its selections are joined.

mod page;

use std::borrow::Cow;
use std::collections::HashMap;

use async_graphql::parser::types::{Field, Selection, SelectionSet};
use async_graphql::registry::{MetaType, Registry};
use async_graphql::{Context, Error, InputType, Name, Positioned, Result, Value};
use async_graphql_value::Value as Written;

use super::error::{Code, coded};
use super::{gate, root};
use crate::policy::Action;
use crate::store;
use crate::store::noun::{Data, Edge, Noun};
use crate::store::tree::{PageWish, Tree, Wanted};

/// Reads one request's selections.
pub struct Planner<'a> {
    ctx: &'a Context<'a>,
}

/// Occurrences of one field with the same arguments.
struct Chosen<'a> {
    name: &'a str,
    field: &'a Field,
    sets: Vec<&'a SelectionSet>,
}

impl<'a> Planner<'a> {
    /// For the root field of `ctx`.
    #[must_use]
    pub const fn new(ctx: &'a Context<'a>) -> Self {
        Self { ctx }
    }

    fn root(&self) -> &'a Field {
        &self.ctx.item.node
    }

    /// What the root field wants of an object of a noun.
    pub fn object(&self, noun: &'static Noun) -> Result<Tree> {
        self.tree(noun, &[&self.root().selection_set.node])
    }

    /// What the root field wants of the caller's own record.
    pub fn own(&self, noun: &'static Noun) -> Result<Tree> {
        self.whole(noun, &[&self.root().selection_set.node])
    }

    /// What the root field wants of a page of a noun, and which page.
    pub fn page(&self, noun: &'static Noun) -> Result<(Tree, PageWish)> {
        let wish = self.wish("Query", noun, self.root())?;
        self.connection(noun, wish, &[&self.root().selection_set.node])
    }

    /// Why the list that is being answered was not loaded: what is wrong with its arguments.
    pub fn refusal(&self, noun: &Noun) -> Option<Error> {
        let field = self.root();
        match noun.field(&snake(&field.name.node))?.data {
            Data::Edge(Edge::Page { target, .. }) => self.wish(noun.name, target, field).err(),
            _ => None,
        }
    }

    /// What the payload of a mutation wants of the object that was written.
    pub fn payload(&self, type_name: &str, field: &str, noun: &'static Noun) -> Result<Tree> {
        let chosen = self.choose(type_name, &[&self.root().selection_set.node])?;
        let sets: Vec<&SelectionSet> = chosen.into_iter().filter(|chosen| chosen.name == field).flat_map(|chosen| chosen.sets).collect();
        self.tree(noun, &sets)
    }

    /// What the payload of a mutation wants of the objects in a field of its items.
    pub fn payload_below(&self, type_name: &str, field: &str, item: (&str, &str), noun: &'static Noun) -> Result<Tree> {
        let of = |chosen: Vec<Chosen<'a>>, name: &str| -> Vec<&'a SelectionSet> {
            chosen.into_iter().filter(|chosen| chosen.name == name).flat_map(|chosen| chosen.sets).collect()
        };
        let items = of(self.choose(type_name, &[&self.root().selection_set.node])?, field);
        self.tree(noun, &of(self.choose(item.0, &items)?, item.1))
    }

    /// An argument of the root field as JSON: what was left out is not there, and null is null.
    #[must_use]
    pub fn json(&self, name: &str) -> serde_json::Value {
        let value = self.root().get_argument(name).and_then(|value| self.value(&value.node));
        value.and_then(|value| value.into_json().ok()).unwrap_or_default()
    }

    /// What is wanted of rows as the caller reads them.
    fn tree(&self, noun: &'static Noun, sets: &[&'a SelectionSet]) -> Result<Tree> {
        let scope = root::scope(self.ctx, Action::Look)?;
        self.whole(store::seen_by(&scope, noun), sets)
    }

    fn whole(&self, noun: &'static Noun, sets: &[&'a SelectionSet]) -> Result<Tree> {
        let mut tree = Tree::new(noun);
        for chosen in self.choose(noun.name, sets)? {
            if let Some(gate) = gate::of(noun.name, chosen.name) {
                if !gate::may_ask(self.ctx, gate)? {
                    // Answered where it is shown, and never loaded.
                    continue;
                }
                gate::wanted(noun, gate).for_each(|column| tree.want(column));
            }
            gate::told(noun, chosen.name).for_each(|column| tree.want(column));
            let name = snake(chosen.name);
            let Some(field) = noun.field(self.variant(noun, &name, chosen.field)?) else {
                return Err(Error::new(format!("{} has no {name}", noun.name)));
            };
            match field.data {
                Data::Columns(columns) => columns.iter().for_each(|column| tree.want(column)),
                Data::Edge(edge) => tree.edges.extend(self.edge(noun, edge, &chosen)?),
            }
        }
        Ok(tree)
    }

    /// Fields whose arguments decide which edge they are.
    fn variant<'n>(&self, noun: &Noun, name: &'n str, field: &Field) -> Result<&'n str> {
        if noun.name == "Institution" && name == "terms" && !self.argument::<Option<bool>>(field, "includePast")?.unwrap_or_default() {
            return Ok("running_terms");
        }
        Ok(name)
    }

    /// `None` for a list whose arguments are refused: it fails alone, where it is answered and [`Self::refusal`] says why.
    fn edge(&self, noun: &'static Noun, edge: &'static Edge, chosen: &Chosen<'a>) -> Result<Option<Wanted>> {
        let key = self.identity(chosen.field).into_owned();
        if let Edge::Page { target, .. } = edge {
            let Ok(wish) = self.wish(noun.name, target, chosen.field) else { return Ok(None) };
            let (tree, wish) = self.connection(target, wish, &chosen.sets)?;
            return Ok(Some(Wanted { key, edge, trees: vec![tree], page: Some(wish) }));
        }
        let trees = edge.targets().map(|target| self.through(target, &chosen.sets)).collect::<Result<_>>()?;
        Ok(Some(Wanted { key, edge, trees, page: None }))
    }

    /// Options of a requirement are rows that only point at what is selected.
    fn through(&self, noun: &'static Noun, sets: &[&'a SelectionSet]) -> Result<Tree> {
        match noun.fields {
            [only] if noun.kind.is_none() && only.name == "target" => {
                let mut tree = Tree::new(noun);
                if let Data::Edge(edge) = only.data {
                    let trees = edge.targets().map(|target| self.tree(target, sets)).collect::<Result<_>>()?;
                    tree.edges.push(Wanted { key: "target".to_owned(), edge, trees, page: None });
                }
                Ok(tree)
            }
            _ => self.tree(noun, sets),
        }
    }

    /// What is wanted of the items of a page, and whether its count is.
    fn connection(&self, noun: &'static Noun, mut wish: PageWish, sets: &[&'a SelectionSet]) -> Result<(Tree, PageWish)> {
        let mut items = false;
        let mut count = false;
        let mut nodes = Vec::new();
        for chosen in self.choose(&format!("{}Connection", noun.name), sets)? {
            match chosen.name {
                "totalCount" => count = true,
                "nodes" => nodes.extend(chosen.sets),
                "edges" => {
                    let edges = self.choose(&format!("{}Edge", noun.name), &chosen.sets)?;
                    nodes.extend(edges.into_iter().filter(|edge| edge.name == "node").flat_map(|edge| edge.sets));
                }
                _ => {}
            }
            items |= chosen.name != "totalCount";
        }
        // Of people it is written down who was shown, by a count as well.
        wish.items = items || matches!(noun.name, "Enrollment" | "Learner");
        wish.count = count;
        Ok((self.tree(noun, &nodes)?, wish))
    }

    fn registry(&self) -> &'a Registry {
        &self.ctx.schema_env.registry
    }

    /// The fields that are selected of a type, each edge once.
    fn choose(&self, type_name: &str, sets: &[&'a SelectionSet]) -> Result<Vec<Chosen<'a>>> {
        let mut chosen: Vec<Chosen<'a>> = Vec::new();
        let mut places: HashMap<Cow<'a, str>, usize> = HashMap::new();
        let mut waiting: Vec<&'a Positioned<Selection>> = sets.iter().rev().flat_map(|set| set.items.iter().rev()).collect();
        while let Some(selection) = waiting.pop() {
            let (condition, set) = match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    if field.name.node.starts_with("__") {
                        continue;
                    }
                    let place = *places.entry(self.identity(field)).or_insert_with(|| {
                        chosen.push(Chosen { name: &field.name.node, field, sets: Vec::new() });
                        chosen.len() - 1
                    });
                    chosen[place].sets.push(&field.selection_set.node);
                    continue;
                }
                Selection::InlineFragment(fragment) => (fragment.node.type_condition.as_ref(), &fragment.node.selection_set),
                Selection::FragmentSpread(spread) => {
                    let Some(fragment) = self.ctx.query_env.fragments.get(&spread.node.fragment_name.node) else {
                        return Err(Error::new("unknown fragment"));
                    };
                    (Some(&fragment.node.type_condition), &fragment.node.selection_set)
                }
            };
            if condition.is_none_or(|condition| self.applies(&condition.node.on.node, type_name)) {
                waiting.extend(set.node.items.iter().rev());
            }
        }
        Ok(chosen)
    }

    /// Whether what is selected of one type is selected of another.
    fn applies(&self, condition: &str, type_name: &str) -> bool {
        condition == type_name
            || match self.registry().types.get(condition) {
                Some(MetaType::Interface { possible_types, .. } | MetaType::Union { possible_types, .. }) => {
                    possible_types.contains(type_name)
                }
                _ => false,
            }
    }

    /// Name and arguments of a field: what it is known by, whatever its alias.
    fn identity(&self, field: &'a Field) -> Cow<'a, str> {
        if field.arguments.is_empty() {
            return Cow::Borrowed(&field.name.node);
        }
        let mut arguments = self.arguments(field);
        arguments.sort_unstable_by_key(|(name, _)| *name);
        let mut text = field.name.node.to_string();
        for (name, value) in arguments {
            text.push('\u{0}');
            text.push_str(name);
            text.push(':');
            text.push_str(&value.to_string());
        }
        Cow::Owned(text)
    }

    fn arguments(&self, field: &'a Field) -> Vec<(&'a str, Value)> {
        field.arguments.iter().filter_map(|(name, value)| Some((name.node.as_str(), self.value(&value.node)?))).collect()
    }

    fn argument<T: InputType>(&self, field: &Field, name: &str) -> Result<T> {
        let value = field.get_argument(name).and_then(|value| self.value(&value.node));
        T::parse(value).map_err(|error| coded(Code::BadVariables, error.into_server_error(self.ctx.item.pos).message))
    }

    /// A written value with its variables filled in; `None` for a variable that was left out.
    fn value(&self, written: &Written) -> Option<Value> {
        Some(match written {
            Written::Variable(name) => return self.variable(name),
            Written::Null => Value::Null,
            Written::Number(number) => Value::Number(number.clone()),
            Written::String(text) => Value::String(text.clone()),
            Written::Boolean(value) => Value::Boolean(*value),
            Written::Binary(bytes) => Value::Binary(bytes.clone()),
            Written::Enum(name) => Value::Enum(name.clone()),
            Written::List(items) => Value::List(items.iter().map(|item| self.value(item).unwrap_or_default()).collect()),
            Written::Object(fields) => {
                Value::Object(fields.iter().filter_map(|(name, value)| Some((name.clone(), self.value(value)?))).collect())
            }
        })
    }

    fn variable(&self, name: &Name) -> Option<Value> {
        // They are complete with their defaults: see `super::variables::coerce`.
        self.ctx.query_env.variables.get(name).cloned()
    }
}

/// What the field that is being answered is known by among the edges of its row.
#[must_use]
pub fn identity<'a>(ctx: &'a Context<'a>) -> Cow<'a, str> {
    Planner::new(ctx).identity(&ctx.item.node)
}

fn snake(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}
