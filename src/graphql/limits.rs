//! Sizes of pages.

/// Page size when none is asked for.
pub const PAGE_DEFAULT: u32 = 20;
/// Largest page size.
pub const PAGE_MAX: u32 = 100;
