//! Who asks, and what rows they may see. Only this module makes a [`Scope`]; every query of the store needs one.

/// Who is asking. Signed-in principals come with tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// No token was sent.
    Anonymous,
}

impl Principal {
    /// Rows that the root catalogue lists and look-ups answer from: the same for every caller, so that the same question has the same answer.
    #[must_use]
    pub const fn catalog(&self) -> Scope {
        match self {
            Self::Anonymous => Scope(Rows::Public),
        }
    }
}

/// The rows a query may see. Nothing outside of this module can make one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scope(Rows);

/// What a scope lets through.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Rows {
    /// Published, unreserved rows only.
    Public,
}

impl Scope {
    /// Whether only what anyone may see is seen.
    #[must_use]
    pub const fn is_public(&self) -> bool {
        match self.0 {
            Rows::Public => true,
        }
    }
}
