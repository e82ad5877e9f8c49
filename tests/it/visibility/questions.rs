//! Questions made from the schema, so that no field or edge is forgotten.

use std::sync::Arc;

use concord::graphql::index::{Field, Index, Kind as Shape, base};
use concord::graphql::schema;

/// The schema, from which the questions are made.
pub(super) struct Questions(Arc<Index>);

impl Questions {
    /// From the schema's text.
    pub(super) fn new() -> Self {
        Self(schema::index())
    }

    /// The objects that a type can be.
    pub(super) fn possible<'a>(&'a self, of: &'a str) -> Vec<&'a str> {
        self.0.possible(of)
    }

    /// Fields of an object, by name.
    pub(super) fn fields(&self, of: &str) -> Vec<(&str, &Field)> {
        let Some(Shape::Object(fields)) = self.0.get(of) else { return Vec::new() };
        let mut fields: Vec<_> = fields.iter().map(|(name, field)| (name.as_str(), field)).collect();
        fields.sort_unstable_by_key(|(name, _)| *name);
        fields
    }

    /// Everything of a type, so many edges deep. Pages and values do not count as edges.
    pub(super) fn everything(&self, of: &str, depth: u32) -> String {
        if matches!(self.0.get(of), Some(Shape::Abstract(..))) {
            let each = |possible: &&str| {
                format!(
                    " ... on {possible} {{ {} }}",
                    self.everything(possible, depth).replace("price", &format!("{possible}Price: price"))
                )
            };
            return format!("__typename{}", self.0.possible(of).iter().map(each).collect::<String>());
        }
        let mut text = "__typename".to_owned();
        for (name, field) in self.fields(of) {
            text += &self.field(name, field, depth);
        }
        text
    }

    fn field(&self, name: &str, field: &Field, depth: u32) -> String {
        let of = base(&field.of);
        if !self.0.is_composite(of) {
            return format!(" {name}");
        }
        let is_value = matches!(of, "Address" | "Seats" | "PageInfo") || of.ends_with("Edge") || name == "nodes" || name == "node";
        if name == "edges" || (!is_value && depth == 0) {
            return String::new();
        }
        let arguments = match name {
            "terms" => "(includePast: true)",
            _ if of.ends_with("Connection") => "(first: 100)",
            _ => "",
        };
        // A page is no object of its own: what it holds is as deep as what a plain list holds.
        let depth = if is_value { depth } else { depth - 1 };
        format!(" {name}{arguments} {{ {} }}", self.everything(of, depth))
    }

    /// For each way out of a type: the names of the type and everything behind that edge.
    pub(super) fn by_edge(&self, of: &str) -> Vec<String> {
        let is_edge = |field: &Field| self.0.is_composite(base(&field.of)) && !matches!(base(&field.of), "Address" | "Seats");
        let (edges, plain): (Vec<_>, Vec<_>) = self.fields(of).into_iter().partition(|(_, field)| is_edge(field));
        let names: String = plain.into_iter().map(|(name, field)| self.field(name, field, 0)).collect();
        let mut all: Vec<String> = edges.into_iter().map(|(name, field)| format!("{names}{}", self.field(name, field, 2))).collect();
        if all.is_empty() {
            all.push(names);
        }
        all
    }
}
