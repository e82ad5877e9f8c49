//! From loaded rows to values of the schema. What was not loaded is an error, never an empty answer.

use std::sync::Arc;

use async_graphql::{Context, Error, ID, Result, resolver_utils::EnumType};

use super::page::fits;
use super::plan::{Planner, identity};
use crate::domain::id::GlobalId;
use crate::store::{Link, Page, Row};

fn not_loaded() -> Error {
    Error::new("a value that is never null was not loaded")
}

/// The value of a column that is never null.
pub fn required<T>(value: Option<T>) -> Result<T> {
    value.ok_or_else(not_loaded)
}

/// The global identifier of a row.
pub fn id(row: &Row) -> Result<ID> {
    let kind = required(row.noun().kind)?;
    Ok(ID(GlobalId::new(kind, required(row.uuid("id")?)?).to_string()))
}

/// A column that holds the name of an enum's value.
pub fn value<T: EnumType>(row: &Row, column: &str) -> Result<T> {
    let name = row.text(column)?;
    required(T::items().iter().find(|item| item.name == name).map(|item| item.value))
}

/// A whole number that is never null.
pub fn int(row: &Row, column: &str) -> Result<i32> {
    required(maybe_int(row, column)?)
}

/// A whole number.
pub fn maybe_int(row: &Row, column: &str) -> Result<Option<i32>> {
    row.integer(column)?.map(|value| Ok(i32::try_from(value)?)).transpose()
}

/// The object at the end of an edge that always leads to one.
pub fn one<T>(row: &Row, ctx: &Context<'_>, wrap: impl FnOnce(Arc<Row>) -> T) -> Result<T> {
    required(maybe(row, ctx, wrap)?)
}

/// The object at the end of an edge, if there is one that may be seen.
pub fn maybe<T>(row: &Row, ctx: &Context<'_>, wrap: impl FnOnce(Arc<Row>) -> T) -> Result<Option<T>> {
    match row.link(&identity(ctx))? {
        Link::One(found) => Ok(found.clone().map(wrap)),
        Link::Many(_) | Link::Page(_) => Err(not_loaded()),
    }
}

/// The objects of a plain list.
pub fn list<T>(row: &Row, ctx: &Context<'_>, wrap: impl Fn(Arc<Row>) -> T) -> Result<Vec<T>> {
    match row.link(&identity(ctx))? {
        Link::Many(rows) => Ok(rows.iter().cloned().map(wrap).collect()),
        Link::One(_) | Link::Page(_) => Err(not_loaded()),
    }
}

/// A page of a list that hangs on a row.
pub fn page<T>(row: &Row, ctx: &Context<'_>, wrap: impl FnOnce(Arc<Page>) -> T) -> Result<T> {
    match row.link(&identity(ctx)) {
        Ok(Link::Page(page)) => {
            fits(ctx, page)?;
            Ok(wrap(Arc::clone(page)))
        }
        Ok(Link::One(_) | Link::Many(_)) => Err(not_loaded()),
        Err(missing) => Err(Planner::new(ctx).refusal(row.noun()).unwrap_or_else(|| missing.into())),
    }
}
