//! A token as it arrives: a compact JWS (RFC 7515), read by our own strict parse. Nothing of it is believed yet.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::json;
use super::key::Algorithm;
use super::reason::Reason;

/// Most bytes of a token.
pub const LONGEST: usize = 8 * 1024;
/// Most characters of what names a key, a client or a token.
pub const LONGEST_NAME: usize = 255;

/// A token in its parts.
#[derive(Debug)]
pub struct Token<'a> {
    /// The algorithm that it says it was signed by.
    pub algorithm: Algorithm,
    /// The key that it names.
    pub key_id: Option<String>,
    /// The sort of token that it says it is.
    pub says_type: Option<String>,
    /// Its claims.
    pub claims: Map<String, Value>,
    /// What was signed.
    pub signed: &'a [u8],
    /// The signature.
    pub signature: Vec<u8>,
}

/// Takes a token apart.
///
/// # Errors
/// Why it is none.
pub fn read(text: &str) -> Result<Token<'_>, Reason> {
    if text.len() > LONGEST {
        return Err(Reason::TooLong);
    }
    let mut parts = text.split('.');
    let (Some(header), Some(payload), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(Reason::Parts);
    };
    let header = json::object(&decode(header)?)?;
    let (algorithm, key_id, says_type) = read_header(&header)?;
    let claims = json::object(&decode(payload)?)?;
    let signed = &text.as_bytes()[..text.len() - signature.len() - 1];
    Ok(Token { algorithm, key_id, says_type, claims, signed, signature: decode(signature)? })
}

/// Unpadded base64url whose last character holds no bits of its own: each part has one spelling only.
pub fn decode(part: &str) -> Result<Vec<u8>, Reason> {
    if part.is_empty() {
        return Err(Reason::Parts);
    }
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Reason::Encoding)
}

/// The three members that are taken. Any other (keys of the token's own, addresses, extensions) refuses it: what is not understood is not passed over.
fn read_header(header: &Map<String, Value>) -> Result<(Algorithm, Option<String>, Option<String>), Reason> {
    if header.keys().any(|name| !matches!(name.as_str(), "alg" | "kid" | "typ")) {
        return Err(Reason::HeaderMember);
    }
    let text = |name: &str| match header.get(name) {
        None => Ok(None),
        Some(Value::String(value)) if value.chars().count() <= LONGEST_NAME => Ok(Some(value.clone())),
        Some(_) => Err(Reason::HeaderMember),
    };
    let algorithm = text("alg")?.as_deref().and_then(Algorithm::named).ok_or(Reason::Algorithm)?;
    Ok((algorithm, text("kid")?, text("typ")?))
}
