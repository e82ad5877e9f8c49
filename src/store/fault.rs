//! Faults that proofs plant: each takes one wall down, so that the others can be seen to stand alone. Only with the Cargo feature `faults`, which release builds refuse.

#[cfg(all(feature = "faults", not(debug_assertions)))]
compile_error!("the feature `faults` takes walls down: it is for tests only, never for a release build");

use std::time::Duration;

/// The faults of one store.
#[derive(Debug, Clone, Copy, Default)]
#[cfg_attr(feature = "faults", expect(clippy::struct_excessive_bools, reason = "each is a wall of its own, taken down alone"))]
pub struct Faults {
    /// Statements lack the condition of their scope.
    #[cfg(feature = "faults")]
    pub no_predicate: bool,
    /// Rows are not checked on their way out.
    #[cfg(feature = "faults")]
    pub no_check: bool,
    /// Reads say nothing of a tenant to the database, as a role that passes row-level security.
    #[cfg(feature = "faults")]
    pub no_row_security: bool,
    /// Rows of this noun are neither asked for with a condition nor checked.
    #[cfg(feature = "faults")]
    pub hole: Option<&'static str>,
    /// The gate before this field of this type stands open.
    #[cfg(feature = "faults")]
    pub open_gate: Option<(&'static str, &'static str)>,
    /// Writes do not move the generations of what they change.
    #[cfg(feature = "faults")]
    pub no_move: bool,
    /// Nothing is written down of what is read of learners.
    #[cfg(feature = "faults")]
    pub no_disclosure: bool,
    /// Answers are kept as whoever asked first has read them, under keys without a scope.
    #[cfg(feature = "faults")]
    pub no_scope: bool,
    /// Milliseconds between the reads of an answer and its being kept.
    #[cfg(feature = "faults")]
    pub slow_fill: u64,
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
    /// Whether the gate before a field of a type stands open.
    #[must_use]
    pub fn is_open_gate(self, of: &str, field: &str) -> bool {
        #[cfg(feature = "faults")]
        {
            self.open_gate == Some((of, field))
        }
        #[cfg(not(feature = "faults"))]
        {
            let _ = (of, field);
            false
        }
    }

    fault!(has_no_predicate, no_predicate, "Whether statements lack the condition of their scope.");
    fault!(has_no_check, no_check, "Whether rows leave without a check.");
    /// Whether nothing of the store hides rows of a noun.
    pub(super) fn is_hole(self, noun: &str) -> bool {
        #[cfg(feature = "faults")]
        {
            self.hole == Some(noun)
        }
        #[cfg(not(feature = "faults"))]
        {
            let _ = noun;
            false
        }
    }

    fault!(has_no_row_security, no_row_security, "Whether the role passes row-level security.");
    fault!(has_no_move, no_move, "Whether writes do not move the generations of what they change.");

    /// Whether answers are kept as whoever asked first has read them, under keys without a scope.
    #[must_use]
    pub const fn has_no_scope(self) -> bool {
        #[cfg(feature = "faults")]
        {
            self.no_scope
        }
        #[cfg(not(feature = "faults"))]
        {
            false
        }
    }

    /// Whether nothing is written down of what is read of learners.
    #[must_use]
    pub const fn has_no_disclosure(self) -> bool {
        #[cfg(feature = "faults")]
        {
            self.no_disclosure
        }
        #[cfg(not(feature = "faults"))]
        {
            false
        }
    }

    /// How long an answer waits between its reads and its being kept.
    #[must_use]
    pub const fn before_fill(self) -> Duration {
        #[cfg(feature = "faults")]
        {
            Duration::from_millis(self.slow_fill)
        }
        #[cfg(not(feature = "faults"))]
        {
            Duration::ZERO
        }
    }
}
