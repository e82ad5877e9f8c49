//! Forms of a text: folded for sorting and matching, cut down to a slug; and which texts are names, codes and numbers that can be seen as what they are.

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

/// Whether a text fits into one line of at most so many characters, and shows something.
#[must_use]
pub fn is_line(text: &str, most: usize) -> bool {
    text.trim().chars().count() <= most && shows(text) && !text.chars().any(|letter| letter.is_control() || turns(letter) || breaks(letter))
}

/// Whether a text is such a line in which every character shows, or is a space: a code or a number, which is told by what is seen of it.
#[must_use]
pub fn is_code(text: &str, most: usize) -> bool {
    is_line(text, most) && text.chars().all(|letter| letter == ' ' || (is_seen(letter) && !letter.is_whitespace()))
}

/// Whether anything of a text can be seen.
#[must_use]
pub fn shows(text: &str) -> bool {
    text.chars().any(|letter| !letter.is_whitespace() && is_seen(letter))
}

/// Whether a character ends a line or a paragraph (Unicode's Zl and Zp).
const fn breaks(letter: char) -> bool {
    matches!(letter, '\u{2028}' | '\u{2029}')
}

/// Whether a character makes what stands after it run the other way, or apart from the rest, until it is ended: names hide in it what stands beside them.
#[must_use]
pub const fn turns(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a character is more than an instruction for those beside it (Unicode's Cc and Cf) or a letter that is drawn as nothing.
#[must_use]
pub fn is_seen(letter: char) -> bool {
    let is_format = matches!(letter,
        '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}' | '\u{891}' | '\u{8e2}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e007f}');
    let is_blank = matches!(letter,
        '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}'
        | '\u{e0100}'..='\u{e01ef}');
    !(letter.is_control() || is_format || is_blank)
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
