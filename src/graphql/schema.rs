//! The schema as a whole, and its text.

use std::sync::{Arc, LazyLock};

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextValidation};
use async_graphql::{EmptySubscription, SDLExportOptions, ServerError, ValidationResult};

use super::cursor::CursorKey;
use super::index::Index;
use super::mutation::Mutation;
use super::query::Query;

/// The schema that requests run against.
pub type Schema = async_graphql::Schema<Query, Mutation, EmptySubscription>;

/// Builds the schema. Each request brings the session that it reads with.
#[must_use]
pub fn build(cursors: CursorKey) -> Schema {
    Schema::build(Query, Mutation, EmptySubscription).data(cursors).disable_suggestions().with_sorted_fields().with_sorted_enums().finish()
}

/// Checks documents against the schema, and runs nothing.
pub struct Checker(Schema);

/// What stops every operation between its validation and its run.
struct Stop;

/// What it stops it with.
const STOPPED: &str = "stopped after validation";

impl ExtensionFactory for Stop {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_graphql::async_trait::async_trait]
impl Extension for Stop {
    async fn validation(&self, context: &ExtensionContext<'_>, next: NextValidation<'_>) -> Result<ValidationResult, Vec<ServerError>> {
        next.run(context).await?;
        Err(vec![ServerError::new(STOPPED, None)])
    }
}

/// For the schema of this program.
impl Default for Checker {
    fn default() -> Self {
        Self(Schema::build(Query, Mutation, EmptySubscription).extension(Stop).disable_suggestions().finish())
    }
}

impl Checker {
    /// What is wrong with a document, with its line and column; nothing when it is valid.
    pub async fn check(&self, document: &str) -> Vec<String> {
        let response = self.0.execute(document).await;
        let wrong = response.errors.iter().filter(|error| error.message != STOPPED);
        let place = |error: &ServerError| error.locations.first().map(|place| format!(" (line {}, column {})", place.line, place.column));
        // Where a text cannot be read, the library draws the place on several lines, and says last what it expected.
        let message = |error: &ServerError| error.message.lines().last().unwrap_or_default().trim_start_matches([' ', '=']).to_owned();
        wrong.map(|error| message(error) + &place(error).unwrap_or_default()).collect()
    }
}

/// The schema's text, sorted. It is written once.
#[must_use]
pub fn sdl() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(write);
    &TEXT
}

/// What is known of the schema by its text, which is read once.
///
/// # Panics
/// Never: what the library prints, it reads.
#[must_use]
pub fn index() -> Arc<Index> {
    static INDEX: LazyLock<Arc<Index>> = LazyLock::new(|| Arc::new(Index::read(sdl()).expect("a schema that was printed")));
    Arc::clone(&INDEX)
}

fn write() -> String {
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
