//! The `@cost` directive.

use async_graphql::TypeDirective;

/// Points a field adds to the cost of an operation, each time it may be resolved. A subset of the GraphQL Cost Directives draft by IBM.
#[TypeDirective(location = "FieldDefinition")]
pub fn cost(#[graphql(desc = "A decimal number.")] weight: String) {}
