//! How operations name objects, and ranges.

use async_graphql::{ID, InputObject, OneofObject};

use super::scalars::Date;

/// How to name one object: exactly one of these.
#[derive(Debug, OneofObject, Clone)]
pub enum EntityRef {
    /// Global identifier.
    Id(ID),
    /// Identifier in another system.
    ExternalKey(ExternalKeyInput),
}

/// An identifier that another system gave to an object.
#[derive(Debug, InputObject, Clone)]
pub struct ExternalKeyInput {
    /// Institution or business the key belongs to.
    pub tenant_id: ID,
    /// Name of the system.
    pub system: String,
    /// The identifier in that system.
    pub value: String,
}

/// A range of dates. Both ends count; leave one out for an open range.
#[derive(Debug, InputObject, Clone)]
pub struct DateRange {
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub through: Option<Date>,
}
