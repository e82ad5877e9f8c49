//! Lists that people send: rows of a few named columns, in CSV or JSON. Files are small enough to be held as they came; what is wrong with one as a whole refuses it, what is
//! wrong with a row stays with that row.
//!
//! Bytes that are no UTF-8 are told and never guessed at. Cells that a spreadsheet would run as a formula are refused, so that nobody who reads them later runs one.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::cell;
use super::reader::{Reader, Row, RowError};

/// Most bytes of a cell.
pub const CELL_BYTES: usize = 2_000;
/// Most characters of what is told of a cell.
const EXCERPT: usize = 60;

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Line of a file, from 1; place in a list of JSON, from 1.
    pub line: u64,
    /// The column, where it is one alone.
    pub column: Option<String>,
    /// What is wrong and what to do.
    pub reason: String,
    /// Whether there are more rows than may be.
    pub is_too_many: bool,
}

impl Fault {
    fn of(line: u64, column: Option<&str>, reason: impl Into<String>) -> Self {
        Self { line, column: column.map(str::to_owned), reason: reason.into(), is_too_many: false }
    }
}

/// A row: its line, and its cells in the order of the columns that were asked for, or what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Line of the file, from 1; place in a list of JSON, from 1.
    pub line: u64,
    /// The cells; `None` for an empty one, and for a column that is not there.
    pub cells: Result<Vec<Option<String>>, Fault>,
    /// Places of columns that others have and it has not: in JSON only.
    pub lacks: Vec<usize>,
}

/// A list as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// Which of the columns that were asked for it has, in their order: in JSON those that any of its objects has.
    pub has: Vec<bool>,
    /// Its rows.
    pub lines: Vec<Line>,
}

/// What a list may look like.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    /// Names of the columns.
    pub columns: &'static [&'static str],
    /// How many of them, from the first on, must be there.
    pub required: usize,
    /// Most rows.
    pub rows: usize,
}

/// Reads a list.
///
/// # Errors
/// What is wrong with the file as a whole.
pub fn read(bytes: &[u8], form: Form) -> Result<List, Fault> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let list = match text.iter().find(|byte| !byte.is_ascii_whitespace()) {
        None => return Err(Fault::of(1, None, "the file is empty; its first line must name the columns")),
        Some(b'[' | b'{') => read_json(text, form)?,
        Some(_) => read_csv(bytes, form)?,
    };
    if list.lines.is_empty() {
        return Err(Fault::of(1, None, "the file has no rows"));
    }
    Ok(list)
}

fn too_many(line: u64, form: Form) -> Fault {
    let reason = format!("more than {} rows; split the list", form.rows);
    Fault { is_too_many: true, ..Fault::of(line, None, reason) }
}

fn read_csv(bytes: &[u8], form: Form) -> Result<List, Fault> {
    let unreadable = |error: std::io::Error| Fault::of(1, None, format!("cannot be read ({error})"));
    let mut reader = Reader::new(bytes).map_err(unreadable)?;
    if reader.is_utf16() {
        return Err(Fault::of(1, None, "the file is in UTF-16; save it as CSV in UTF-8"));
    }
    let header = match reader.read() {
        Some(Ok(row)) => Header::read(&row, form)?,
        Some(Err(error)) => return Err(fault_of(&error, |_| None)),
        None => return Err(Fault::of(1, None, "the file is empty; its first line must name the columns")),
    };
    let mut lines = Vec::new();
    while let Some(row) = reader.read() {
        let line = match row {
            Ok(row) => Line { line: row.line, cells: header.cells(&row, form), lacks: Vec::new() },
            Err(error) => {
                let fault = fault_of(&error, |place| header.names.get(place).cloned());
                Line { line: fault.line, cells: Err(fault), lacks: Vec::new() }
            }
        };
        if lines.len() == form.rows {
            return Err(too_many(line.line, form));
        }
        lines.push(line);
    }
    Ok(List { has: header.places.iter().map(Option::is_some).collect(), lines })
}

fn fault_of(error: &RowError, name: impl Fn(usize) -> Option<String>) -> Fault {
    match error {
        RowError::OpenQuote { line } => Fault::of(*line, None, "a quote opens here and is never closed"),
        RowError::StrayQuote { line } => Fault::of(*line, None, "a quote inside a quoted cell is not doubled"),
        RowError::TooLong { line } => Fault::of(*line, None, "longer than a row may be"),
        RowError::NotUtf8 { line, cell, offset } => {
            let reason = format!("not UTF-8 (byte {offset} of the file); save the file as CSV in UTF-8");
            Fault::of(*line, name(*cell).as_deref(), reason)
        }
        RowError::Broken { line, error } => Fault::of(*line, None, format!("cannot be read on ({error})")),
    }
}

/// The header of a file.
struct Header {
    names: Vec<String>,
    /// The place of each column.
    places: Vec<Option<usize>>,
}

impl Header {
    fn read(row: &Row, form: Form) -> Result<Self, Fault> {
        let names: Vec<String> = row.cells().map(|name| cell::trim(name).to_owned()).collect();
        let mut places = vec![None; form.columns.len()];
        for (place, name) in names.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
            let Some(column) = form.columns.iter().position(|column| column.eq_ignore_ascii_case(name)) else {
                return Err(unknown(row.line, name, &names, form));
            };
            if places[column].replace(place).is_some() {
                return Err(Fault::of(row.line, Some(form.columns[column]), "the column is there twice"));
            }
        }
        let missing = form.columns[..form.required].iter().zip(&places).find(|(_, place)| place.is_none());
        if let Some((column, _)) = missing {
            return Err(Fault::of(row.line, Some(column), format!("the column is missing; the first line must name {}", listed(form))));
        }
        Ok(Self { names, places })
    }

    fn cells(&self, row: &Row, form: Form) -> Result<Vec<Option<String>>, Fault> {
        let (found, wanted) = (row.len(), self.names.len());
        if found < wanted {
            let cut = if row.is_cut { "; the file ends inside this row" } else { "" };
            return Err(Fault::of(row.line, None, format!("too few cells ({found} where the header has {wanted}{cut})")));
        }
        if row.cells().skip(wanted).any(|cell| !cell::trim(cell).is_empty()) {
            let reason = format!("too many cells ({found} where the header has {wanted}; is a comma not quoted?)");
            return Err(Fault::of(row.line, None, reason));
        }
        let cell = |(column, place): (&&str, &Option<usize>)| match place {
            Some(place) => tidy(row.line, column, row.cell(*place)),
            None => Ok(None),
        };
        form.columns.iter().zip(&self.places).map(cell).collect()
    }
}

/// The error of a column that no list has.
fn unknown(line: u64, name: &str, names: &[String], form: Form) -> Fault {
    let hint = match names {
        [only] if only.contains(';') => "the cells seem to be separated by semicolons; separate them by commas".to_owned(),
        [only] if only.contains('\t') => "the cells seem to be separated by tabs; separate them by commas".to_owned(),
        _ => format!("there is no such column: take it out; the columns are {}", listed(form)),
    };
    Fault::of(line, Some(&cell::excerpt(name, EXCERPT)), hint)
}

fn listed(form: Form) -> String {
    form.columns.join(", ")
}

/// The text of a cell, if it may stand.
fn tidy(line: u64, column: &str, text: &str) -> Result<Option<String>, Fault> {
    let text = cell::trim(text);
    let fault = |reason: String| Err(Fault::of(line, Some(column), reason));
    if text.len() > CELL_BYTES {
        return fault(format!("{} bytes, where a cell has at most {CELL_BYTES}", text.len()));
    }
    if text.chars().any(char::is_control) {
        return fault("a control character or a line break, which no value of this column has".to_owned());
    }
    if text.starts_with(['=', '+', '-', '@']) {
        let shown = cell::excerpt(text, EXCERPT);
        return fault(format!("`{shown}` would be run as a formula by a spreadsheet: values begin with none of = + - @"));
    }
    Ok(Some(text).filter(|text| !text.is_empty()).map(str::to_owned))
}

/// A list in JSON, as far as it may be long.
struct Objects(Vec<Object>);

/// An object of it, with a name that is there twice as often as it is there.
struct Object(Vec<(String, Scalar)>);

/// A value of an object. What is neither text nor null is passed over, however large it is.
enum Scalar {
    Null,
    Text(String),
    Other,
}

/// Objects that are read at most, so that many small ones take no more room than few large ones.
const MOST_OBJECTS: usize = 100_000;

impl<'de> Deserialize<'de> for Objects {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Items;
        impl<'de> Visitor<'de> for Items {
            type Value = Objects;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a list")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Objects, A::Error> {
                let mut objects = Vec::new();
                while let Some(object) = items.next_element()? {
                    if objects.len() == MOST_OBJECTS {
                        return Err(serde::de::Error::custom("too many objects"));
                    }
                    objects.push(object);
                }
                Ok(Objects(objects))
            }
        }
        from.deserialize_seq(Items)
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Object;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    // One pair more than there are columns is wrong already.
                    if pairs.len() < 32 {
                        pairs.push(pair);
                    }
                }
                Ok(Object(pairs))
            }
        }
        from.deserialize_map(Pairs)
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Scalar;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a value")
            }
            fn visit_unit<E>(self) -> Result<Scalar, E> {
                Ok(Scalar::Null)
            }
            fn visit_str<E>(self, text: &str) -> Result<Scalar, E> {
                Ok(Scalar::Text(text.to_owned()))
            }
            fn visit_bool<E>(self, _: bool) -> Result<Scalar, E> {
                Ok(Scalar::Other)
            }
            fn visit_i64<E>(self, _: i64) -> Result<Scalar, E> {
                Ok(Scalar::Other)
            }
            fn visit_u64<E>(self, _: u64) -> Result<Scalar, E> {
                Ok(Scalar::Other)
            }
            fn visit_f64<E>(self, _: f64) -> Result<Scalar, E> {
                Ok(Scalar::Other)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Scalar, A::Error> {
                while items.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Scalar::Other)
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scalar, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Scalar::Other)
            }
        }
        from.deserialize_any(Any)
    }
}

fn read_json(bytes: &[u8], form: Form) -> Result<List, Fault> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let offset = error.valid_up_to();
        Fault::of(1, None, format!("not UTF-8 (byte {offset} of the file); save the file in UTF-8"))
    })?;
    let Objects(objects) = serde_json::from_str(text).map_err(|error| {
        let line = u64::try_from(error.line()).unwrap_or(u64::MAX).max(1);
        Fault::of(line, None, format!("not a list of objects in JSON (column {})", error.column()))
    })?;
    if objects.len() > form.rows {
        return Err(too_many(form.rows as u64 + 1, form));
    }
    let is_in = |object: &Object, column: &str| object.0.iter().any(|(name, _)| name == column);
    let has: Vec<bool> = form.columns.iter().map(|column| objects.iter().any(|object| is_in(object, column))).collect();
    let lacks = |object: &Object| {
        let columns = form.columns.iter().zip(&has).enumerate();
        columns.filter(|(_, (column, has))| **has && !is_in(object, column)).map(|(place, _)| place).collect()
    };
    let line = |(object, line): (Object, u64)| Line { line, lacks: lacks(&object), cells: cells_of(line, object, form) };
    let lines = objects.into_iter().zip(1..).map(line).collect();
    Ok(List { has, lines })
}

fn cells_of(line: u64, object: Object, form: Form) -> Result<Vec<Option<String>>, Fault> {
    let mut cells = vec![None; form.columns.len()];
    let mut seen = vec![false; form.columns.len()];
    for (name, value) in object.0 {
        let Some(place) = form.columns.iter().position(|column| **column == *name) else {
            let reason = format!("there is no such name; the names are {}", listed(form));
            return Err(Fault::of(line, Some(&cell::excerpt(&name, EXCERPT)), reason));
        };
        if std::mem::replace(&mut seen[place], true) {
            return Err(Fault::of(line, Some(form.columns[place]), "the name is there twice"));
        }
        cells[place] = match value {
            Scalar::Null => None,
            Scalar::Text(text) => tidy(line, form.columns[place], &text)?,
            // A number has no zeros in front: they would have been lost unseen.
            Scalar::Other => return Err(Fault::of(line, Some(form.columns[place]), "a text is wanted, in quotes")),
        };
    }
    Ok(cells)
}
