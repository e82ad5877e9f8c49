//! Codes of the North American Industry Classification System. Three sectors span several two-digit numbers and are keyed as the taxonomy prints them.

/// The sectors that span several numbers (NAICS 2022, U.S. Census Bureau), with their members.
const RANGES: [(&str, &[&str]); 3] = [("31-33", &["31", "32", "33"]), ("44-45", &["44", "45"]), ("48-49", &["48", "49"])];

/// The key of the sector range that a two-digit number belongs to; `None` when it is not part of a range.
#[must_use]
pub fn sector_of_member(code: &str) -> Option<&'static str> {
    RANGES.iter().find(|(_, members)| members.contains(&code)).map(|(range, _)| *range)
}

/// What the codes below a code begin with: itself, or the members of a sector range.
#[must_use]
pub fn prefixes(code: &str) -> Vec<String> {
    match RANGES.iter().find(|(range, _)| *range == code) {
        Some((_, members)) => members.iter().map(|member| (*member).to_owned()).collect(),
        None => vec![code.to_owned()],
    }
}

/// Whether a code is that of a sector: two digits that are not part of a range, or a range; 99 stands for what is not classified.
#[must_use]
pub fn is_sector(code: &str) -> bool {
    let is_range = RANGES.iter().any(|(range, _)| *range == code);
    is_range || (code.len() == 2 && code != "99" && sector_of_member(code).is_none())
}
