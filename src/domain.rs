//! The words of the field: identifiers, money, text forms, the clock. No input or output, no framework; every other layer may use it.

pub mod clock;
pub mod hex;
pub mod id;
pub mod money;
pub mod naics;
pub mod text;
