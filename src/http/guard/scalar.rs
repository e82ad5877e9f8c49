//! Numbers and strings, as GraphQL and JSON share them.

use super::cursor::Cursor;
use super::fault::{Checked, Fault};

/// What a string may hold between simple quotes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Quoting {
    /// GraphQL: any character but a line's end, and `\u{...}` besides the other escapes.
    GraphQl,
    /// JSON: no control characters.
    Json,
}

/// Moves past a number: an integer, perhaps a fraction, perhaps an exponent. What may follow it is for the caller to say.
pub(super) fn number(cursor: &mut Cursor<'_>) -> Checked<()> {
    cursor.take("-");
    if cursor.take("0") {
        if cursor.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(cursor.complaint("Invalid number, unexpected digit after 0"));
        }
    } else {
        digits(cursor)?;
    }
    if cursor.take(".") {
        digits(cursor)?;
    }
    if cursor.take("e") || cursor.take("E") {
        let _ = cursor.take("+") || cursor.take("-");
        digits(cursor)?;
    }
    Ok(())
}

/// Moves past one digit or more.
fn digits(cursor: &mut Cursor<'_>) -> Checked<()> {
    if cursor.take_while(|byte| byte.is_ascii_digit()).is_empty() {
        return Err(cursor.complaint("Invalid number, expected digit but got"));
    }
    Ok(())
}

/// Moves past a string in simple quotes, the first of which is next.
pub(super) fn string(cursor: &mut Cursor<'_>, quoting: Quoting) -> Checked<()> {
    cursor.require("\"", "Expected a string, found")?;
    loop {
        match cursor.peek() {
            Some(b'"') => {
                cursor.skip(1);
                return Ok(());
            }
            Some(b'\\') => escape(cursor, quoting)?,
            None | Some(b'\n' | b'\r') => {
                return Err(Fault::syntax("Unterminated string.", cursor.at()));
            }
            Some(0..=0x1F) if quoting == Quoting::Json => {
                return Err(cursor.complaint("Invalid character within a string"));
            }
            Some(_) => cursor.skip(1),
        }
    }
}

/// Moves past a block string, whose opening quotes are next.
pub(super) fn block_string(cursor: &mut Cursor<'_>) -> Checked<()> {
    cursor.skip(3);
    while cursor.peek().is_some() {
        if cursor.take("\"\"\"") {
            return Ok(());
        }
        if !cursor.take("\\\"\"\"") {
            cursor.skip(1);
        }
    }
    Err(Fault::syntax("Unterminated string.", cursor.at()))
}

/// Moves past an escape, whose backslash is next.
fn escape(cursor: &mut Cursor<'_>, quoting: Quoting) -> Checked<()> {
    let start = cursor.at();
    cursor.skip(1);
    match cursor.peek() {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => cursor.skip(1),
        Some(b'u') => {
            cursor.skip(1);
            let valid = if quoting == Quoting::GraphQl && cursor.take("{") { braced_scalar(cursor) } else { fixed_scalar(cursor) };
            if !valid {
                return Err(Fault::syntax("Invalid Unicode escape sequence.", start));
            }
        }
        _ => {
            return Err(Fault::syntax("Invalid character escape sequence.", start));
        }
    }
    Ok(())
}

/// Moves past what follows `\u{`, and says whether it is a Unicode scalar value with its closing brace.
fn braced_scalar(cursor: &mut Cursor<'_>) -> bool {
    let digits = cursor.take_while(|byte| byte.is_ascii_hexdigit());
    // Leading zeros may be many; the value saturates instead of wrapping round to a valid one.
    let value = digits.chars().fold(0_u32, |value, digit| value.saturating_mul(16).saturating_add(digit.to_digit(16).unwrap_or_default()));
    !digits.is_empty() && char::from_u32(value).is_some() && cursor.take("}")
}

/// Moves past what follows `\u`, and says whether it is four hexadecimal digits, or a leading surrogate and its trailing one.
fn fixed_scalar(cursor: &mut Cursor<'_>) -> bool {
    match four_digits(cursor) {
        Some(0xD800..=0xDBFF) => cursor.take("\\u") && matches!(four_digits(cursor), Some(0xDC00..=0xDFFF)),
        Some(0xDC00..=0xDFFF) | None => false,
        Some(_) => true,
    }
}

/// Moves past four hexadecimal digits and gives their value, or none if there are fewer.
fn four_digits(cursor: &mut Cursor<'_>) -> Option<u32> {
    let mut value = 0_u32;
    for _ in 0..4 {
        let digit = char::from(cursor.peek()?).to_digit(16)?;
        value = value.saturating_mul(16).saturating_add(digit);
        cursor.skip(1);
    }
    Some(value)
}
