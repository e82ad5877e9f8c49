//! The published limits of a document.

/// What a document may hold at most. Each is inclusive: a document exactly at the limit passes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Length of the document in bytes of UTF-8.
    pub document_bytes: usize,
    /// Lexical tokens; comments, commas and white space are none.
    pub tokens: usize,
    /// Brackets open at the same time, of any of `(`, `[` and `{`; in variables too.
    pub nesting: usize,
    /// Levels of nested fields in an operation, fragments expanded.
    pub depth: usize,
    /// Levels of nested lists below a root `__schema` or `__type`, fragments expanded: `types`, `fields`, `args` and the like.
    pub introspection_depth: usize,
    /// Fields in the answer below the `__schema` and `__type` of one operation, with each list at its estimated length.
    pub introspection_fields: u64,
    /// Aliases as written, in the whole document.
    pub aliases: usize,
    /// Directives as written, in the whole document.
    pub directives: usize,
    /// Spreads of fragments and inline fragments as written, in the whole document. Each that fits nothing costs whoever validates the
    /// document an error.
    pub spreads: usize,
    /// Fields of one operation, or of one fragment, after fragments are expanded.
    pub fields: u64,
    /// Fields, spreads and inline fragments of one operation, or of one fragment, after fragments are expanded. Without it long chains of
    /// fragments with few fields, spread many times, would stay below `fields` and still be long to walk.
    pub selections: u64,
    /// Operations in one document.
    pub operations: usize,
    /// Items in one input list, in the document or in variables.
    pub list_items: usize,
    /// Values in the variables, one inside of another counted as two.
    pub variable_values: u64,
}

impl Default for Limits {
    /// The published values.
    fn default() -> Self {
        Self {
            document_bytes: 32 * 1024,
            tokens: 2_000,
            nesting: 24,
            depth: 12,
            introspection_depth: 3,
            introspection_fields: 250_000,
            aliases: 50,
            directives: 30,
            spreads: 250,
            fields: 1_000,
            selections: 4_000,
            operations: 10,
            list_items: 250,
            variable_values: 5_000,
        }
    }
}
