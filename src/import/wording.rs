//! Changes of wording that a mapping may ask for.

/// Words that stay small inside a name.
const SMALL_WORDS: [&str; 11] = ["a", "an", "and", "at", "by", "for", "in", "of", "on", "the", "to"];

/// A name in capitals as it is commonly written: words capitalized, small words small, words without vowels (`LLC`, `DMD`) and the given ones left
/// in capitals. A text that has a small letter is left as it is, for someone chose its capitals.
pub(super) fn title_case(text: &str, keep: &[String]) -> String {
    if text.chars().any(char::is_lowercase) {
        return text.to_owned();
    }
    let mut title = String::with_capacity(text.len());
    for (position, word) in text.split(' ').enumerate() {
        if position > 0 {
            title.push(' ');
        }
        let letters: String = word.chars().filter(|letter| letter.is_alphanumeric()).collect();
        let lower = letters.to_lowercase();
        if keep.iter().any(|kept| kept.eq_ignore_ascii_case(&letters)) || !lower.contains(['a', 'e', 'i', 'o', 'u', 'y']) {
            title.push_str(word);
        } else if position > 0 && SMALL_WORDS.contains(&word.to_lowercase().as_str()) {
            title.push_str(&word.to_lowercase());
        } else {
            push_capitalized(&mut title, word);
        }
    }
    title
}

/// Adds a word with a capital at its beginning and behind each hyphen, slash, bracket or period, and behind an apostrophe as in `O'Brien`.
fn push_capitalized(title: &mut String, word: &str) {
    let mut is_first = true;
    let mut run = 0;
    for letter in word.chars() {
        if letter.is_alphanumeric() {
            if is_first {
                title.extend(letter.to_uppercase());
            } else {
                title.extend(letter.to_lowercase());
            }
            is_first = false;
            run += 1;
        } else {
            // Behind one letter an apostrophe opens a name (O'Brien); behind more it opens an ending (Children's).
            is_first = !matches!(letter, '\'' | '’') || run == 1;
            run = 0;
            title.push(letter);
        }
    }
}

/// The first sentence of a text: up to a full stop, exclamation or question mark behind a word of three letters or more (so that `U.S.` and `Dr.` do
/// not end one) and before a capital, a digit or a quote. The whole text when it has no such place.
pub(super) fn first_sentence(text: &str) -> &str {
    let mut word = 0;
    for (place, letter) in text.char_indices() {
        if matches!(letter, '.' | '!' | '?') && word >= 3 {
            let end = place + letter.len_utf8();
            let rest = text.get(end..).unwrap_or_default();
            let begins = rest.trim_start().chars().next();
            let is_next = begins.is_none_or(|next| next.is_uppercase() || next.is_numeric() || matches!(next, '"' | '“' | '*' | '•'));
            if rest.starts_with(char::is_whitespace) && is_next {
                return text.get(..end).unwrap_or(text);
            }
        }
        word = if letter.is_alphanumeric() { word + 1 } else { 0 };
    }
    text
}

/// The text in at most so many characters, cut behind a word and closed with an ellipsis where it is longer.
pub(super) fn shorten(text: &str, length: usize) -> String {
    if text.chars().count() <= length {
        return text.to_owned();
    }
    let room = length.saturating_sub(1);
    let end = text.char_indices().nth(room).map_or(text.len(), |(place, _)| place);
    let head = text.get(..end).unwrap_or_default();
    let is_word_end = text.get(end..).is_some_and(|rest| rest.starts_with(char::is_whitespace));
    // A word longer than half the room is cut inside, or next to nothing would be left.
    let cut = head.rfind(char::is_whitespace).filter(|place| !is_word_end && *place > end / 2);
    let kept = cut.and_then(|place| head.get(..place)).unwrap_or(head);
    let kept = kept.trim_end_matches(|letter: char| letter.is_whitespace() || matches!(letter, ',' | ';' | ':' | '-' | '–' | '.'));
    format!("{kept}…").chars().take(length).collect()
}
