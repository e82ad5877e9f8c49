//! JSON of issuers, whose members stand once in each object.

use serde_json::{Map, Value};

use super::reason::Reason;
use crate::domain::json::{Strict, is_doubled};

/// Reads bytes as one object.
///
/// # Errors
/// [`Reason::DuplicateMember`] for a doubled member anywhere in it, [`Reason::Json`] for anything that is not an object.
pub fn object(bytes: &[u8]) -> Result<Map<String, Value>, Reason> {
    match serde_json::from_slice(bytes) {
        Ok(Strict(Value::Object(members))) => Ok(members),
        Err(error) if is_doubled(&error) => Err(Reason::DuplicateMember),
        Ok(_) | Err(_) => Err(Reason::Json),
    }
}
