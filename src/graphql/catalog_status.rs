//! Whether something is offered.

use async_graphql::Enum;

/// Whether a catalog item is offered.
#[derive(Debug, Enum, Copy, Clone, PartialEq, Eq)]
pub enum CatalogStatus {
    /// Being prepared; staff only.
    Draft,
    /// Open to the public.
    Published,
    /// No longer offered; kept for records.
    Retired,
}
