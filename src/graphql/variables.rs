//! Variables against their declared types, before anything runs: defaults filled in, everything that does not fit refused with its place.

use std::fmt;

use async_graphql::parser::types::{BaseType, OperationDefinition, Type};
use async_graphql::{InputType, Name, Value, Variables};

use super::index::{Argument, Index, Kind};
use super::scalars::{Date, DateTime, Money, Url, Uuid};

/// Where a value was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// In JSON, where values of enums are strings.
    Json,
    /// In the document, where they are names.
    Document,
}

/// The variables of an operation, complete with defaults; the text of what does not fit otherwise.
///
/// # Errors
/// A sentence that names the variable, the place inside of it, and what is expected there.
pub fn coerce(index: &Index, operation: &OperationDefinition, given: &Variables) -> Result<Variables, String> {
    let mut coerced = Variables::default();
    for definition in &operation.variable_definitions {
        let definition = &definition.node;
        let name = &definition.name.node;
        let of = &definition.var_type.node;
        match given.get(name) {
            Some(value) => {
                let place = format!("${name}");
                coerced.insert(name.clone(), fit(index, Origin::Json, of, value, &Place::Top(&place))?);
            }
            // A variable that is left out without a default stays absent: an update keeps what null would clear.
            None => match &definition.default_value {
                Some(value) => {
                    coerced.insert(name.clone(), value.node.clone());
                }
                None if !of.nullable => return Err(format!("${name} of type {of} is required")),
                None => {}
            },
        }
    }
    Ok(coerced)
}

/// Where a value lies. It is written out only for what does not fit: a list of ten thousand items has as many places.
#[derive(Debug, Clone, Copy)]
pub enum Place<'a> {
    /// A variable or an argument.
    Top(&'a str),
    /// An item of a list.
    Item(&'a Place<'a>, usize),
    /// A field of an input object.
    Field(&'a Place<'a>, &'a str),
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Top(name) => f.write_str(name),
            Self::Item(list, number) => write!(f, "{list}[{number}]"),
            Self::Field(object, name) => write!(f, "{object}.{name}"),
        }
    }
}

/// The value as its type takes it.
///
/// # Errors
/// A sentence that names the place and what is expected there.
pub fn fit(index: &Index, origin: Origin, of: &Type, value: &Value, place: &Place<'_>) -> Result<Value, String> {
    if *value == Value::Null {
        return if of.nullable { Ok(Value::Null) } else { Err(format!("{place} of type {of} must not be null")) };
    }
    match &of.base {
        BaseType::List(inner) => match value {
            Value::List(items) => {
                let fit_item = |(number, item)| fit(index, origin, inner, item, &Place::Item(place, number));
                Ok(Value::List(items.iter().enumerate().map(fit_item).collect::<Result<_, _>>()?))
            }
            // One value stands for a list of one.
            single => Ok(Value::List(vec![fit(index, origin, inner, single, place)?])),
        },
        BaseType::Named(name) => named(index, origin, name, value, place),
    }
}

fn named(index: &Index, origin: Origin, name: &Name, value: &Value, place: &Place<'_>) -> Result<Value, String> {
    let refuse = |expected: &str| Err(format!("{place} must be {expected}"));
    match index.get(name) {
        Some(Kind::Input(is_one_of, fields)) => {
            let Value::Object(given) = value else { return refuse(&format!("an object of type {name}")) };
            object(index, origin, *is_one_of, fields, given, place)
        }
        Some(Kind::Enum(values)) => match value {
            Value::String(text) if origin == Origin::Json && values.iter().any(|known| known == text) => Ok(Value::Enum(Name::new(text))),
            Value::Enum(text) if values.iter().any(|known| known == text.as_str()) => Ok(value.clone()),
            _ if values.len() <= LISTED => refuse(&format!("a value of {name}: {}", values.join(", "))),
            _ => refuse(&format!("a value of {name}")),
        },
        Some(Kind::Scalar) => scalar(name, value).map_or_else(|| refuse(&format!("a value of type {name}{}", form(name))), Ok),
        // Validation says what is wrong with other types.
        _ => Ok(value.clone()),
    }
}

/// Most values of an enum that are listed for whoever gave another.
const LISTED: usize = 20;

/// The form of a scalar's values, for whoever gave another.
fn form(scalar: &str) -> &'static str {
    match scalar {
        "Money" => ", a text such as \"500.00\"",
        "Date" => ", a text such as \"2027-01-31\"",
        "DateTime" => ", a text such as \"2027-01-31T09:00:00Z\"",
        "URL" => ", a text that begins with https://",
        "UUID" => ", a text such as \"6a3f9d0e-9d57-4b1c-8a1f-3f0f6a5f0c11\"",
        _ => "",
    }
}

fn object(
    index: &Index,
    origin: Origin,
    is_one_of: bool,
    fields: &[Argument],
    given: &async_graphql::indexmap::IndexMap<Name, Value>,
    place: &Place<'_>,
) -> Result<Value, String> {
    if let Some(unknown) = given.keys().find(|key| !fields.iter().any(|field| field.name == key.as_str())) {
        return Err(format!("{place} has no field \"{}\"", unknown.chars().take(60).collect::<String>()));
    }
    if is_one_of && (given.len() != 1 || given.values().any(|value| *value == Value::Null)) {
        return Err(format!("{place} must have exactly one field, and not null"));
    }
    let mut object = async_graphql::indexmap::IndexMap::new();
    for field in fields {
        let place = Place::Field(place, &field.name);
        match (given.get(field.name.as_str()), &field.default) {
            (Some(value), _) => {
                object.insert(Name::new(&field.name), fit(index, origin, &field.of, value, &place)?);
            }
            (None, Some(default)) => {
                object.insert(Name::new(&field.name), default.clone());
            }
            (None, None) if !field.of.nullable && !is_one_of => return Err(format!("{place} of type {} is required", field.of)),
            (None, None) => {}
        }
    }
    Ok(Value::Object(object))
}

/// The value if it fits the scalar.
fn scalar(name: &str, value: &Value) -> Option<Value> {
    fn reads<T: InputType>(value: &Value) -> bool {
        T::parse(Some(value.clone())).is_ok()
    }
    let fits = match name {
        "Int" => return int(value),
        "Float" => matches!(value, Value::Number(_)),
        "String" => matches!(value, Value::String(_)),
        "Boolean" => matches!(value, Value::Boolean(_)),
        "ID" => matches!(value, Value::String(_)) || matches!(value, Value::Number(number) if number.is_i64() || number.is_u64()),
        "Date" => reads::<Date>(value),
        "DateTime" => reads::<DateTime>(value),
        "Money" => reads::<Money>(value),
        "URL" => reads::<Url>(value),
        "UUID" => reads::<Uuid>(value),
        _ => true,
    };
    fits.then(|| value.clone())
}

/// A whole number of 32 bits; JSON may write it with a zero fraction.
fn int(value: &Value) -> Option<Value> {
    let Value::Number(number) = value else { return None };
    let whole =
        number.as_i64().or_else(|| number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < 1e10).map(|float| float as i64))?;
    i32::try_from(whole).ok().map(|whole| Value::Number(whole.into()))
}
