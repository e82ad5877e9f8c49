//! Texts with columns in braces: `{name}, {city}`.

use super::layout::Cells;

/// A text with the names of columns in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Column(String),
}

impl Template {
    /// Reads a template; two braces stand for one. The error says what to write instead.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(place) = rest.find(['{', '}']) {
            let (before, after) = rest.split_at(place);
            plain.push_str(before);
            if let Some(behind) = after.strip_prefix("{{") {
                plain.push('{');
                rest = behind;
            } else if let Some(behind) = after.strip_prefix("}}") {
                plain.push('}');
                rest = behind;
            } else if let Some((name, behind)) = after.strip_prefix('{').and_then(|inside| inside.split_once('}')) {
                if name.is_empty() || name.contains('{') {
                    return Err(format!("`{text}` has braces without a column name; write {{column}}, or {{{{ for a brace"));
                }
                parts.push(Part::Text(std::mem::take(&mut plain)));
                parts.push(Part::Column(name.to_owned()));
                rest = behind;
            } else {
                return Err(format!("`{text}` has a single brace; write {{column}}, or {{{{ and }}}} for braces"));
            }
        }
        plain.push_str(rest);
        parts.push(Part::Text(plain));
        Ok(Self(parts))
    }

    /// The names in braces.
    pub(super) fn columns(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| if let Part::Column(name) = part { Some(name.as_str()) } else { None })
    }

    /// The text for a row; empty when one of its columns is, for half a sentence is worse than none.
    pub(super) fn fill(&self, cells: Cells<'_>) -> String {
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Column(name) => {
                    let value = cells.get(name);
                    if value.is_empty() {
                        return String::new();
                    }
                    text.push_str(&value);
                }
            }
        }
        text
    }
}
