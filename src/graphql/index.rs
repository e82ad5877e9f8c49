//! The schema as data: what fields cost, what arguments allow, which types an abstract type can be. Read from the schema's own text, so that what its descriptions promise
//! is what is enforced.

use std::collections::HashMap;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, ConstDirective, FieldDefinition, InputValueDefinition, Type, TypeKind, TypeSystemDefinition};
use async_graphql::{Positioned, Value};

/// All types by name.
#[derive(Debug)]
pub struct Index {
    types: HashMap<String, Kind>,
}

/// What a type is.
#[derive(Debug)]
pub enum Kind {
    /// An object; its fields.
    Object(HashMap<String, Field>),
    /// An interface or union; the objects it can be, and the fields of an interface.
    Abstract(Vec<String>, HashMap<String, Field>),
    /// An input object; whether it takes exactly one field, and its fields.
    Input(bool, Vec<Argument>),
    /// An enum; its values.
    Enum(Vec<String>),
    /// A scalar.
    Scalar,
}

/// A field of an object.
#[derive(Debug)]
pub struct Field {
    /// Its type.
    pub of: Type,
    /// Points of its `@cost`.
    pub weight: u64,
    /// Its arguments.
    pub arguments: Vec<Argument>,
    /// Whether its description says that anyone may read it.
    pub is_public: bool,
}

/// An argument, or a field of an input object.
#[derive(Debug)]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// Its type.
    pub of: Type,
    /// Its default.
    pub default: Option<Value>,
    /// Most items of the list, as the description says ("At most N").
    pub items: Option<u64>,
    /// Most characters of the text, as the description says ("at most N characters").
    pub characters: Option<u64>,
}

impl Index {
    /// Reads the text of a schema.
    ///
    /// # Errors
    /// When the text is not a schema, which is a mistake of the program.
    pub fn read(sdl: &str) -> Result<Self, async_graphql::parser::Error> {
        let document = parse_schema(sdl)?;
        let mut types: HashMap<String, Kind> = HashMap::new();
        let mut implementors: HashMap<String, Vec<String>> = HashMap::new();
        for definition in document.definitions {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let name = definition.node.name.node.to_string();
            let is_one_of = definition.node.directives.iter().any(|directive| directive.node.name.node == "oneOf");
            let kind = match definition.node.kind {
                TypeKind::Scalar => Kind::Scalar,
                TypeKind::Object(object) => {
                    for interface in object.implements {
                        implementors.entry(interface.node.to_string()).or_default().push(name.clone());
                    }
                    Kind::Object(fields(object.fields))
                }
                TypeKind::Interface(interface) => Kind::Abstract(Vec::new(), fields(interface.fields)),
                TypeKind::Union(union) => {
                    Kind::Abstract(union.members.iter().map(|member| member.node.to_string()).collect(), HashMap::new())
                }
                TypeKind::Enum(values) => Kind::Enum(values.values.iter().map(|value| value.node.value.node.to_string()).collect()),
                TypeKind::InputObject(input) => {
                    Kind::Input(is_one_of, input.fields.into_iter().map(|field| argument(field.node)).collect())
                }
            };
            types.insert(name, kind);
        }
        for (interface, members) in implementors {
            if let Some(Kind::Abstract(known, _)) = types.get_mut(&interface) {
                *known = members;
            }
        }
        for scalar in ["ID", "String", "Int", "Float", "Boolean"] {
            types.insert(scalar.to_owned(), Kind::Scalar);
        }
        Ok(Self { types })
    }

    /// A type by its name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Kind> {
        self.types.get(name)
    }

    /// A field of an object or interface.
    #[must_use]
    pub fn field(&self, of: &str, name: &str) -> Option<&Field> {
        match self.get(of)? {
            Kind::Object(fields) | Kind::Abstract(_, fields) => fields.get(name),
            _ => None,
        }
    }

    /// The objects that a type can be: itself, or the members of an abstract type.
    #[must_use]
    pub fn possible<'a>(&'a self, of: &'a str) -> Vec<&'a str> {
        match self.get(of) {
            Some(Kind::Abstract(members, _)) => members.iter().map(String::as_str).collect(),
            _ => vec![of],
        }
    }

    /// Whether the type has fields.
    #[must_use]
    pub fn is_composite(&self, of: &str) -> bool {
        matches!(self.get(of), Some(Kind::Object(_) | Kind::Abstract(..)))
    }
}

/// The named type inside of lists.
#[must_use]
pub fn base(of: &Type) -> &str {
    match &of.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => base(inner),
    }
}

fn fields(definitions: Vec<Positioned<FieldDefinition>>) -> HashMap<String, Field> {
    let field = |definition: FieldDefinition| Field {
        weight: weight(&definition.directives),
        arguments: definition.arguments.into_iter().map(|argument_| argument(argument_.node)).collect(),
        of: definition.ty.node,
        is_public: definition.description.is_some_and(|text| is_public(&text.node)),
    };
    definitions.into_iter().map(|definition| (definition.node.name.node.to_string(), field(definition.node))).collect()
}

/// Whether a description declares that anyone may read what it describes.
fn is_public(description: &str) -> bool {
    description.ends_with("Visible to: anyone.")
}

fn argument(definition: InputValueDefinition) -> Argument {
    let description = definition.description.map(|text| text.node).unwrap_or_default();
    let is_list = matches!(definition.ty.node.base, BaseType::List(_));
    let number = |marker: &str| {
        let (_, rest) = description.split_once(marker)?;
        rest.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
    };
    let characters = description.contains(" characters").then(|| number("t most ")).flatten();
    Argument {
        name: definition.name.node.to_string(),
        of: definition.ty.node,
        default: definition.default_value.map(|value| value.node),
        items: is_list.then(|| number("At most ")).flatten(),
        characters: (!is_list).then_some(characters).flatten(),
    }
}

fn weight(directives: &[Positioned<ConstDirective>]) -> u64 {
    let cost = directives.iter().find(|directive| directive.node.name.node == "cost");
    let weight = cost.and_then(|directive| directive.node.get_argument("weight"));
    match weight.map(|value| &value.node) {
        Some(Value::String(number)) => number.parse().unwrap_or_default(),
        _ => 0,
    }
}
