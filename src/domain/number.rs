//! Numbers by which businesses know their people, and what spreadsheets do to them.

/// Whether a number looks as spreadsheets show long ones: `1.23E+11`.
#[must_use]
pub fn is_rounded(text: &str) -> bool {
    let Some((digits, power)) = text.split_once(['E', 'e']) else { return false };
    let is_number = |text: &str| text.bytes().all(|sign| sign.is_ascii_digit() || matches!(sign, b'.' | b',')) && !text.is_empty();
    is_number(digits) && power.strip_prefix('+').is_some_and(is_number)
}

/// What is said of such a one.
pub const ROUNDED: &str = "a spreadsheet has rounded this number: format the column as text, and write it again";

/// What is left of a number without the zeros before it; `None` for one that is not of digits alone.
#[must_use]
pub fn bare(number: &str) -> Option<&str> {
    let is_digits = !number.is_empty() && number.bytes().all(|sign| sign.is_ascii_digit());
    is_digits.then(|| number.trim_start_matches('0'))
}

/// What is said of a number that the roster has with other zeros before it.
#[must_use]
pub fn zeros_lost(known: &str) -> String {
    format!("a spreadsheet has changed the zeros before this number: the roster has {known}; format the column as text")
}
