//! The words of the field: identifiers, money, text forms, JSON, tenants, roles, the clock. No input or output, no framework; every other layer may use it.

pub mod caller;
pub mod clock;
pub mod consent;
pub mod enrollment;
pub mod heard;
pub mod hex;
pub mod id;
pub mod job;
pub mod json;
pub mod money;
pub mod naics;
pub mod number;
pub mod role;
pub mod tenant;
pub mod text;
