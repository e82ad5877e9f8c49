//! Where a selection lies: how deep, and how often the answer may hold it if it describes the schema itself.
//!
//! Questions about the schema can be nested in circles (`fields`, `type`, `fields`…), and the lists in them multiply. Their lengths are estimated here, so that
//! what an answer may come to is known from the text alone. The estimates are for a path as a whole; a test holds them against the schema that is served.

/// How many objects of the schema's description one `__type`, or one field of `__schema`, counts for: some types have far more fields than most.
const ROOT: u64 = 20;

/// What encloses a selection within its definition.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// Fields.
    pub(super) fields: usize,
    /// Fields that list parts of a schema's description.
    pub(super) lists: usize,
    /// How often the answer may hold the selection, by these lists.
    pub(super) times: u64,
    /// Whether a `__schema` or `__type` at the root of the definition is among the fields.
    pub(super) is_introspection: bool,
}

impl Place {
    /// The top of a definition.
    pub(super) const TOP: Self = Self { fields: 0, lists: 0, times: 1, is_introspection: false };

    /// Whether a field here asks for the schema itself.
    pub(super) fn opens_introspection(self, name: &str) -> bool {
        self.fields == 0 && matches!(name, "__schema" | "__type")
    }

    /// The inside of a field.
    pub(super) fn inside(self, name: &str) -> Self {
        let opens_introspection = self.opens_introspection(name);
        let times = if opens_introspection { ROOT } else { length(name).unwrap_or(1) };
        Self {
            fields: self.fields.saturating_add(1),
            lists: self.lists.saturating_add(usize::from(is_list(name))),
            times: self.times.saturating_mul(times),
            is_introspection: self.is_introspection || opens_introspection,
        }
    }
}

/// Whether a field lists parts of a schema's description.
pub(super) fn is_list(name: &str) -> bool {
    length(name).is_some()
}

/// About how many parts such a field lists.
fn length(name: &str) -> Option<u64> {
    match name {
        "types" => Some(16),
        "fields" | "possibleTypes" => Some(4),
        "args" | "directives" | "enumValues" | "inputFields" | "interfaces" => Some(2),
        _ => None,
    }
}
