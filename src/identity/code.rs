//! Codes that are handed to people: drawn at random, shown once, and kept as hashes only.

use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

use crate::domain::hex::hex;

/// Crockford's base 32: no I, L, O, U, which people mistake.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Signs of a code: 80 bits, in groups of four.
const SIGNS: usize = 16;

/// A code that nobody can guess.
///
/// # Errors
/// When the machine has no random source.
pub fn draw() -> Result<String, getrandom::Error> {
    let mut bytes = [0; SIGNS];
    getrandom::fill(&mut bytes)?;
    let mut code = String::with_capacity(SIGNS + SIGNS / 4);
    for (place, byte) in bytes.iter().enumerate() {
        if place > 0 && place % 4 == 0 {
            code.push('-');
        }
        // 256 is a multiple of 32: every sign is as likely.
        code.push(ALPHABET[usize::from(byte % 32)] as char);
    }
    Ok(code)
}

/// A key that nobody can guess, for addresses that show something to whoever holds them.
///
/// # Errors
/// When the machine has no random source.
pub fn key() -> Result<Uuid, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(Builder::from_random_bytes(bytes).into_uuid())
}

/// What is kept of a code, however it was typed.
#[must_use]
pub fn hash(code: &str) -> String {
    let plain: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|sign| match sign.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            sign => sign,
        })
        .collect();
    hex(&Sha256::digest(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A code is typed in small letters, without hyphens, with letters that look like digits: it is the same code.
    #[test]
    fn codes_are_forgiving() {
        let code = draw().expect("a random source");
        assert_eq!(code.len(), 19);
        assert_eq!(hash(&code), hash(&code.to_lowercase().replace('-', " ")));
        assert_eq!(hash("10A-0"), hash("ioa o"));
        assert_ne!(hash(&code), hash(&draw().expect("a random source")));
    }
}
