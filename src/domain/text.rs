//! Forms of a text: folded for sorting and matching, cut down to a slug.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Most characters of a sorting key; longer texts sort by their beginning.
const KEY_LENGTH: usize = 200;

/// The text in lower case without accents: compatibility decomposition (Unicode NFKD), combining marks dropped.
#[must_use]
pub fn fold(text: &str) -> String {
    text.nfkd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase).collect()
}

/// The key by which names are sorted, the same on both databases: folded, runs of anything but letters and digits made one space.
#[must_use]
pub fn sort_key(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    for letter in fold(text).chars() {
        if letter.is_alphanumeric() {
            key.push(letter);
        } else if !key.is_empty() && !key.ends_with(' ') {
            key.push(' ');
        }
    }
    key.trim_end().chars().take(KEY_LENGTH).collect()
}

/// A short name for addresses: ASCII letters, digits and single hyphens, at most `length` characters. Empty when the text has no such letter.
#[must_use]
pub fn slug(text: &str, length: usize) -> String {
    let mut slug = String::new();
    for letter in fold(text).chars().filter(|letter| !matches!(letter, '\'' | '’' | 'ʻ')) {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(length);
    slug.trim_end_matches('-').to_owned()
}
