//! The text of a cell, freed of what spreadsheets and web pages leave in it.

use std::borrow::Cow;

/// Whether a character is white space or has no width, so that it means nothing at the ends of a cell.
fn is_blank(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '\u{200b}' | '\u{2060}' | '\u{feff}')
}

/// The text without blanks at its ends.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(is_blank)
}

/// The text of a cell: entities decoded when asked for, fixed-width and no-break spaces made plain, trimmed.
///
/// A narrow no-break space between a time and its `AM` is what newer formatting libraries print; to a reader it is a space.
pub(super) fn tidy(text: &str, decode: bool) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    if decode && text.contains('&') {
        text = Cow::Owned(html_escape::decode_html_entities(&text).into_owned());
    }
    if text.contains(is_odd_space) {
        text = Cow::Owned(text.replace(is_odd_space, " "));
    }
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(trim(text)),
        Cow::Owned(text) => Cow::Owned(trim(&text).to_owned()),
    }
}

/// Spaces of other widths and such as forbid a line break.
fn is_odd_space(letter: char) -> bool {
    matches!(letter, '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}

/// The first control character that no text has a use for.
pub(super) fn control_character(text: &str) -> Option<char> {
    text.chars().find(|letter| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t'))
}

/// The text on one line: every run of blanks, line breaks among them, becomes one space.
pub(super) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

/// The text with line feeds for every sort of line break.
pub(super) fn many_lines(text: &str) -> String {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.to_owned() }
}

/// The beginning of a text for a report, with an ellipsis when it goes on, and nothing in it that would move a terminal's cursor.
pub(super) fn excerpt(text: &str, length: usize) -> String {
    let mut excerpt: String = text.chars().take(length).map(|letter| if letter.is_control() { '\u{b7}' } else { letter }).collect();
    if text.chars().nth(length).is_some() {
        excerpt.pop();
        excerpt.push('…');
    }
    excerpt
}
