//! The schema as a whole, and its text.

use async_graphql::{EmptySubscription, SDLExportOptions};

use super::cursor::CursorKey;
use super::mutation::Mutation;
use super::query::Query;

/// The schema that requests run against.
pub type Schema = async_graphql::Schema<Query, Mutation, EmptySubscription>;

/// Builds the schema. Each request brings the session that it reads with.
#[must_use]
pub fn build(cursors: CursorKey) -> Schema {
    Schema::build(Query, Mutation, EmptySubscription).data(cursors).disable_suggestions().with_sorted_fields().with_sorted_enums().finish()
}

/// The schema's text, sorted.
#[must_use]
pub fn sdl() -> String {
    let schema = Schema::build(Query, Mutation, EmptySubscription).finish();
    let options = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .include_specified_by()
        .use_space_ident()
        .indent_width(2)
        .prefer_single_line_descriptions();
    // The printer leaves out what is said of a directive's argument.
    schema.sdl_with_options(options).replace("@cost(weight: String!) on", "@cost(\n  \"A decimal number.\"\n  weight: String!\n) on")
}
