//! Faults that proofs plant: each takes one wall down, so that the others can be seen to stand alone. Only with the Cargo feature `faults`, which release builds refuse.

#[cfg(all(feature = "faults", not(debug_assertions)))]
compile_error!("the feature `faults` takes walls down: it is for tests only, never for a release build");

/// The faults of one store.
#[derive(Debug, Clone, Copy, Default)]
pub struct Faults {
    /// Statements lack the condition of their scope.
    #[cfg(feature = "faults")]
    pub no_predicate: bool,
    /// Rows are not checked on their way out.
    #[cfg(feature = "faults")]
    pub no_check: bool,
    /// Row-level security sees no tenant and the role that passes it.
    #[cfg(feature = "faults")]
    pub no_row_security: bool,
}

/// Answers `false` unless the feature is there and the fault is planted.
macro_rules! fault {
    ($name:ident, $field:ident, $doc:literal) => {
        #[doc = $doc]
        pub(super) const fn $name(self) -> bool {
            #[cfg(feature = "faults")]
            {
                self.$field
            }
            #[cfg(not(feature = "faults"))]
            {
                false
            }
        }
    };
}

impl Faults {
    fault!(has_no_predicate, no_predicate, "Whether statements lack the condition of their scope.");
    fault!(has_no_check, no_check, "Whether rows leave without a check.");
    fault!(has_no_row_security, no_row_security, "Whether the role passes row-level security.");
}
