//! Cursors: positions in a list, signed, and bound to the list with its filter, sort and search, and to what it hangs on.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::DateTime;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use uuid::Uuid;

use crate::store::Cell;
use crate::store::sql::Type;

/// Bytes of the signature that are kept: 128 bits.
const SIGNATURE: usize = 16;
/// Longer texts are no cursors of ours: a key of 200 characters, four bytes each at most, and the rest.
const LONGEST: usize = 2_000;

/// The secret that cursors are signed with. The same on every node.
#[derive(Clone)]
pub struct CursorKey(Hmac<Sha256>);

impl std::fmt::Debug for CursorKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("CursorKey(secret)")
    }
}

impl CursorKey {
    /// From a secret of any length.
    ///
    /// # Panics
    /// Never: HMAC takes keys of every length (RFC 2104).
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        Self(Hmac::new_from_slice(secret).expect("a key of any length"))
    }

    /// The cursor of a position.
    #[must_use]
    pub fn write(&self, binding: u64, position: &[Cell]) -> String {
        let values: Vec<serde_json::Value> = position.iter().map(json).collect();
        let mut bytes = self.sign(binding, &values);
        bytes.extend(serde_json::Value::from(values).to_string().into_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The position of a cursor; `None` when it is damaged, or of another list, filter, sort or search.
    #[must_use]
    pub fn read(&self, binding: u64, cursor: &str, types: &[Type]) -> Option<Vec<Cell>> {
        if cursor.len() > LONGEST {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (signature, text) = bytes.split_at_checked(SIGNATURE)?;
        let values: Vec<serde_json::Value> = serde_json::from_slice(text).ok()?;
        if !constant_time_equal(&self.sign(binding, &values), signature) || values.len() != types.len() {
            return None;
        }
        values.iter().zip(types).map(|(value, of)| cell(value, *of)).collect()
    }

    /// The mark of what a list hangs on, which stands in its cursors: it tells parents apart, and nobody who they are.
    #[must_use]
    pub fn mark(&self, parent: &Cell) -> Cell {
        let mut mac = self.0.clone();
        mac.update(b"parent\0");
        mac.update(json(parent).to_string().as_bytes());
        Cell::Text(URL_SAFE_NO_PAD.encode(&mac.finalize().into_bytes()[..SIGNATURE]).into())
    }

    fn sign(&self, binding: u64, values: &[serde_json::Value]) -> Vec<u8> {
        let mut mac = self.0.clone();
        mac.update(&binding.to_be_bytes());
        for value in values {
            mac.update(value.to_string().as_bytes());
            mac.update(&[0]);
        }
        mac.finalize().into_bytes()[..SIGNATURE].to_vec()
    }
}

fn constant_time_equal(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |differences, (a, b)| differences | (a ^ b)) == 0
}

fn json(cell: &Cell) -> serde_json::Value {
    match cell {
        Cell::Null => serde_json::Value::Null,
        Cell::Uuid(value) => value.simple().to_string().into(),
        Cell::Text(value) => (&**value).into(),
        Cell::Integer(value) => (*value).into(),
        Cell::Real(value) => (*value).into(),
        Cell::Boolean(value) => (*value).into(),
        Cell::Date(value) => value.to_string().into(),
        Cell::Instant(value) => value.timestamp_micros().into(),
    }
}

fn cell(value: &serde_json::Value, of: Type) -> Option<Cell> {
    Some(match of {
        Type::Uuid => Cell::Uuid(Uuid::try_parse(value.as_str()?).ok()?),
        Type::Text => Cell::Text(value.as_str()?.into()),
        Type::Integer | Type::Long => Cell::Integer(value.as_i64()?),
        Type::Real => Cell::Real(value.as_f64()?),
        Type::Boolean => Cell::Boolean(value.as_bool()?),
        Type::Date => Cell::Date(value.as_str()?.parse().ok()?),
        Type::Instant => Cell::Instant(DateTime::from_timestamp_micros(value.as_i64()?)?),
    })
}
