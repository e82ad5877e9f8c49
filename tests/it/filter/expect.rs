//! What a filter means, said once more, and in other words than the program's.

use serde_json::{Value, json};

use super::{items, text};

/// Whether a filter's field does not limit, or its list holds the value.
pub(super) fn holds(filter: &Value, field: &str, value: &Value) -> bool {
    match &filter[field] {
        Value::Null => true,
        Value::Array(values) => values.contains(value),
        one => one == value,
    }
}

/// Whether a filter's field does not limit, or its list holds one of the values.
pub(super) fn holds_any<'a>(filter: &Value, field: &str, mut values: impl Iterator<Item = &'a Value>) -> bool {
    filter[field].is_null() || values.any(|value| holds(filter, field, value))
}

/// Whether a day lies in the range of a filter. Days in this form sort as texts.
pub(super) fn starts(filter: &Value, day: &Value) -> bool {
    let range = &filter["startsWithin"];
    let day = text(day);
    range["from"].as_str().is_none_or(|from| day >= from) && range["through"].as_str().is_none_or(|through| day <= through)
}

/// Whether a row changed since the filter's moment, or is not retired when there is none.
pub(super) fn changed(filter: &Value, row: &Value) -> bool {
    let instant = |value: &Value| chrono::DateTime::parse_from_rfc3339(text(value)).expect("an instant");
    match &filter["updatedSince"] {
        Value::Null => row.get("status") != Some(&json!("RETIRED")),
        since => instant(&row["updatedAt"]) >= instant(since),
    }
}

/// Dollars as whole cents.
pub(super) fn cents(money: &Value) -> i64 {
    text(money).replace('.', "").parse().expect("an amount")
}

/// Whether an industry lies in one of the filter's. Three sectors span several numbers, any of which stands for the whole; a single digit is no code.
pub(super) fn in_industry(filter: &Value, row: &Value) -> bool {
    let wide: [(&str, &[&str]); 3] = [("31-33", &["31", "32", "33"]), ("44-45", &["44", "45"]), ("48-49", &["48", "49"])];
    let beginnings = |code: &str| -> Vec<String> {
        let sector = wide.iter().find(|(range, members)| *range == code || members.contains(&code));
        sector.map_or_else(|| vec![code.to_owned()], |(_, members)| members.iter().map(|member| (*member).to_owned()).collect())
    };
    filter["naicsCodes"].is_null()
        || items(&filter["naicsCodes"]).any(|code| {
            let beginnings = beginnings(text(code));
            items(&row["industries"]).any(|industry| {
                beginnings.iter().any(|beginning| beginning.len() > 1 && text(&industry["naicsCode"]).starts_with(beginning.as_str()))
            })
        })
}
