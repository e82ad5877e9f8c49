//! From the values of an input to columns and lists, each checked against its shape. Everything that is wrong is told at once.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::shape::{Field, Of, Shape, Whose};
use super::user_error::{HIDDEN, UserError, UserErrorCode};
use crate::domain::id::{GlobalId, Kind};
use crate::domain::money::Cents;
use crate::domain::text::{is_code, is_line, shows, sort_key, turns};
use crate::store::Cell;
use crate::store::business_site::Site;
use crate::store::link::{PROGRAM_COMPONENT, Table};
use crate::store::sql::Type;

/// Most cents of a price: a million dollars.
const PRICE: i64 = 100_000_000;
/// Most tags of languages.
const LANGUAGES: usize = 5;
/// Most steps of a program, requirements of a credential, and options of one.
const COMPONENTS: usize = 40;
const REQUIREMENTS: usize = 10;
const OPTIONS: usize = 30;

/// What is to be written, as far as the input alone decides it.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// Columns with their new values.
    pub columns: Vec<(&'static str, Type, Cell)>,
    /// Lists with their new rows.
    pub lists: Vec<(&'static Table, Vec<Vec<Cell>>)>,
    /// The requirements of a credential: title, how many, options.
    pub requirements: Option<Vec<Requirement>>,
    /// The sites of a business.
    pub sites: Option<Vec<Site>>,
    /// Objects that are named.
    pub references: Vec<Reference>,
    /// Codes that are named.
    pub codes: Vec<Code>,
    /// Names of the fields that were given.
    pub given: Vec<&'static str>,
    /// What is wrong.
    pub errors: Vec<UserError>,
}

/// A requirement of a credential.
#[derive(Debug)]
pub(super) struct Requirement {
    pub title: String,
    pub choose: i64,
    /// For each option a course, a program and a credential, of which one is there.
    pub options: Vec<Vec<Cell>>,
}

/// An object that is named.
#[derive(Debug, Clone)]
pub(super) struct Reference {
    pub kind: Kind,
    pub id: Uuid,
    pub whose: Whose,
    pub path: Vec<String>,
}

/// A code that is named.
#[derive(Debug, Clone)]
pub(super) struct Code {
    pub table: &'static str,
    pub column: &'static str,
    pub value: String,
    pub path: Vec<String>,
}

impl Draft {
    /// Reads the `fields` of an input.
    pub(super) fn read(shape: &Shape, fields: &Map<String, Value>, is_new: bool) -> Self {
        let mut draft = <Self as Default>::default();
        for field in shape.fields {
            match fields.get(field.name) {
                None if is_new && field.is_required => draft.complain(UserErrorCode::Required, &[field.name], "give it to create one"),
                None if is_new => draft.fall_back(field),
                None => {}
                Some(Value::Null) if matches!(field.of, Of::Languages(_)) => {
                    draft.given.push(field.name);
                    draft.fall_back(field);
                }
                Some(Value::Null) if field.is_required || matches!(field.of, Of::Choice(..)) => {
                    draft.complain(UserErrorCode::Required, &[field.name], "it cannot be cleared");
                }
                Some(value) => {
                    draft.given.push(field.name);
                    draft.field(field, value);
                }
            }
        }
        draft
    }

    /// The value of a column that is to be written.
    pub(super) fn column(&self, name: &str) -> Option<&Cell> {
        self.columns.iter().find(|(known, ..)| *known == name).map(|(.., cell)| cell)
    }

    /// The options of the requirements, as [`crate::store::link::requirements`] reads them.
    pub(super) fn options(&self) -> Option<Vec<Vec<Cell>>> {
        let numbered = self.requirements.as_ref()?.iter().enumerate();
        let rows = numbered.flat_map(|(number, of)| {
            let head = [Cell::Integer(number as i64), Cell::Text(of.title.as_str().into()), Cell::Integer(of.choose)];
            of.options.iter().map(move |option| head.iter().chain(option).cloned().collect())
        });
        Some(rows.collect())
    }

    /// Complains of every place where an object names itself.
    pub(super) fn forbid(&mut self, own: Uuid) {
        let places = self.references.iter().filter(|named| named.id == own);
        let errors = places.map(|named| UserError {
            code: UserErrorCode::Invalid,
            message: "it cannot name itself".to_owned(),
            path: named.path.clone(),
        });
        self.errors.extend(errors);
    }

    /// Sets a column.
    pub(super) fn set(&mut self, name: &'static str, of: Type, cell: Cell) {
        self.columns.retain(|(known, ..)| *known != name);
        self.columns.push((name, of, cell));
    }

    /// Notes what is wrong with a field below `fields`.
    pub(super) fn complain(&mut self, code: UserErrorCode, path: &[&str], message: impl Into<String>) {
        let path: Vec<&str> = std::iter::once("fields").chain(path.iter().copied()).collect();
        self.errors.push(UserError::at(code, &path, message));
    }

    fn fall_back(&mut self, field: &Field) {
        match field.of {
            Of::Choice(column, Some(name)) => self.set(column, Type::Text, Cell::Text(name.into())),
            Of::Languages(column) => self.set(column, Type::Text, Cell::Text("en".into())),
            _ => {}
        }
    }

    fn field(&mut self, field: &Field, value: &Value) {
        let name = field.name;
        let read = match field.of {
            Of::Text(column, most, key) => self.text(column, value, most, key, false),
            Of::Prose(column, most) => self.text(column, value, most, None, true),
            Of::Choice(column, _) => self.put(column, Type::Text, value, |value| Some(Cell::Text(value.as_str()?.into()))),
            Of::Integer(column, least, most) => match value.as_i64() {
                Some(number) if !(least..=most).contains(&number) => Err(format!("it must be {least} to {most}")),
                _ => self.put(column, Type::Integer, value, |value| value.as_i64().map(Cell::Integer)),
            },
            Of::Real(column, most) => match value.as_f64() {
                Some(number) if !(0.0..=most).contains(&number) => Err(format!("it must be 0 to {most}")),
                _ => self.put(column, Type::Real, value, |value| value.as_f64().map(Cell::Real)),
            },
            Of::Money(column) => match value.as_str().and_then(Cents::parse) {
                Some(Cents(cents)) if !(0..=PRICE).contains(&cents) => Err("it must be 0.00 to 1000000.00".to_owned()),
                _ => self.put(column, Type::Long, value, |value| Cents::parse(value.as_str()?).map(|Cents(cents)| Cell::Integer(cents))),
            },
            Of::Date(column) => self.put(column, Type::Date, value, |value| value.as_str()?.parse::<NaiveDate>().ok().map(Cell::Date)),
            Of::Instant(column) => self.put(column, Type::Instant, value, instant),
            Of::Url(column) => match value.as_str() {
                Some(text) if text.len() > 2_000 => Err("it must have at most 2000 characters".to_owned()),
                _ => self.put(column, Type::Text, value, |value| Some(Cell::Text(value.as_str()?.into()))),
            },
            Of::Languages(column) => self.languages(column, value),
            Of::Code(column, table, key) => {
                if let Some(code) = value.as_str() {
                    self.codes.push(Code { table, column: key, value: code.to_owned(), path: path(&[name]) });
                }
                self.put(column, Type::Text, value, |value| Some(Cell::Text(value.as_str()?.into())))
            }
            Of::One(column, kind, whose) => {
                let cell = if value.is_null() {
                    Some(Cell::Null)
                } else {
                    self.reference(&[name], value, &[kind], whose).map(|id| Cell::Uuid(id.uuid))
                };
                if let Some(cell) = cell {
                    self.set(column, Type::Uuid, cell);
                }
                Ok(())
            }
            Of::Codes(..) | Of::Many(..) | Of::Components | Of::Requirements | Of::Sites(_) => {
                self.lists(field, value);
                Ok(())
            }
        };
        if let Err(message) = read {
            self.complain(UserErrorCode::Invalid, &[name], message);
        }
    }

    /// Replaces what hangs on the row; items tell one by one what is wrong with them.
    fn lists(&mut self, field: &Field, value: &Value) {
        let name = field.name;
        match field.of {
            Of::Codes(list, table, key, most) => self.list(name, value, (list, most), |draft, place, item| {
                let code = item.as_str()?;
                draft.codes.push(Code { table, column: key, value: code.to_owned(), path: path(&[name, place]) });
                Some(vec![Cell::Text(code.into())])
            }),
            Of::Many(list, kind, whose, most) => self.list(name, value, (list, most), |draft, place, item| {
                Some(vec![Cell::Uuid(draft.reference(&[name, place], item, &[kind], whose)?.uuid)])
            }),
            Of::Components => self.list(name, value, (&PROGRAM_COMPONENT, COMPONENTS), |draft, place, item| {
                let course = draft.reference(&[name, place, "courseId"], item.get("courseId")?, &[Kind::Course], Whose::Own)?;
                let is_required = item.get("isRequired").and_then(Value::as_bool).unwrap_or(true);
                let sequence = item.get("sequence").and_then(Value::as_i64)?;
                Some(vec![Cell::Uuid(course.uuid), Cell::Boolean(is_required), Cell::Integer(sequence)])
            }),
            Of::Requirements => self.requirements(name, value),
            Of::Sites(most) => self.sites(name, value, most),
            _ => {}
        }
    }

    /// Sets a column to a value, or to nothing where it is null.
    fn put(&mut self, column: &'static str, of: Type, value: &Value, read: impl FnOnce(&Value) -> Option<Cell>) -> Result<(), String> {
        let cell = if value.is_null() { Cell::Null } else { read(value).ok_or("it is not a value of its type")? };
        self.set(column, of, cell);
        Ok(())
    }

    fn text(&mut self, column: &'static str, value: &Value, most: usize, key: Option<&'static str>, has_lines: bool) -> Result<(), String> {
        let Some(text) = value.as_str() else { return self.put(column, Type::Text, value, |_| None) };
        let text = text.trim();
        let length = text.chars().count();
        if length == 0 || length > most {
            return Err(format!("it must have 1 to {most} characters"));
        }
        let is_odd = |letter: char| turns(letter) || (letter.is_control() && !(has_lines && matches!(letter, '\n' | '\r' | '\t')));
        if text.chars().any(is_odd) {
            return Err("it must not have control characters".to_owned());
        }
        if !shows(text) || (column == "code" && !is_code(text, most)) {
            return Err("it must not have characters that cannot be seen".to_owned());
        }
        if let Some(key) = key {
            self.set(key, Type::Text, Cell::Text(sort_key(text).into()));
        }
        self.set(column, Type::Text, Cell::Text(text.into()));
        Ok(())
    }

    fn languages(&mut self, column: &'static str, value: &Value) -> Result<(), String> {
        let tags: Vec<&str> = value.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        // Subtags of letters and digits with hyphens between them (RFC 5646, 2.1).
        let is_tag = |tag: &str| {
            tag.len() <= 35
                && tag.split('-').all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        };
        if tags.is_empty() || tags.len() > LANGUAGES || !tags.iter().all(|tag| is_tag(tag)) {
            return Err(format!("give 1 to {LANGUAGES} BCP 47 tags such as `en` or `es-MX`"));
        }
        self.set(column, Type::Text, Cell::Text(tags.join(";").into()));
        Ok(())
    }

    /// Replaces a list; a null one by an empty one.
    fn list(
        &mut self,
        name: &'static str,
        value: &Value,
        (table, most): (&'static Table, usize),
        mut read: impl FnMut(&mut Self, &str, &Value) -> Option<Vec<Cell>>,
    ) {
        let items: &[Value] = value.as_array().map_or(&[], Vec::as_slice);
        if items.len() > most {
            self.complain(UserErrorCode::TooMany, &[name], format!("it takes at most {most} items"));
            return;
        }
        let mut rows: Vec<Vec<Cell>> = Vec::with_capacity(items.len());
        for (place, item) in items.iter().enumerate() {
            let place = place.to_string();
            if let Some(row) = read(self, &place, item) {
                if rows.iter().any(|known| known[0] == row[0]) {
                    self.complain(UserErrorCode::Invalid, &[name, &place], "it is listed twice");
                }
                rows.push(row);
            }
        }
        self.lists.push((table, rows));
    }

    fn requirements(&mut self, name: &'static str, value: &Value) {
        let items: &[Value] = value.as_array().map_or(&[], Vec::as_slice);
        if items.len() > REQUIREMENTS {
            self.complain(UserErrorCode::TooMany, &[name], format!("it takes at most {REQUIREMENTS} items"));
            return;
        }
        let mut requirements = Vec::with_capacity(items.len());
        for (place, item) in items.iter().enumerate() {
            let place = place.to_string();
            let title = item.get("title").and_then(Value::as_str).unwrap_or_default().trim().to_owned();
            let choose = item.get("choose").and_then(Value::as_i64).unwrap_or_default();
            let named: &[Value] = item.get("optionIds").and_then(Value::as_array).map_or(&[], Vec::as_slice);
            if !is_line(&title, 200) {
                self.complain(UserErrorCode::Invalid, &[name, &place, "title"], "it must have 1 to 200 characters");
            }
            if named.len() > OPTIONS {
                self.complain(UserErrorCode::TooMany, &[name, &place, "optionIds"], format!("it takes at most {OPTIONS} items"));
                continue;
            }
            if choose < 1 || choose > named.len() as i64 {
                self.complain(UserErrorCode::Invalid, &[name, &place, "choose"], "it must be 1 to the number of options");
            }
            let kinds = [Kind::Course, Kind::Program, Kind::Credential];
            let mut options = Vec::with_capacity(named.len());
            for (number, option) in named.iter().enumerate() {
                let number = number.to_string();
                let at = [name, &place, "optionIds", &number];
                if let Some(id) = self.reference(&at, option, &kinds, Whose::Any) {
                    let row = kinds.map(|kind| if kind == id.kind { Cell::Uuid(id.uuid) } else { Cell::Null }).to_vec();
                    if options.contains(&row) {
                        self.complain(UserErrorCode::Invalid, &at, "it is listed twice");
                    }
                    options.push(row);
                }
            }
            requirements.push(Requirement { title, choose, options });
        }
        self.requirements = Some(requirements);
    }

    /// Notes an object that is named; whether it is there is asked of the database later, for all at once.
    pub(super) fn reference(&mut self, place: &[&str], value: &Value, kinds: &[Kind], whose: Whose) -> Option<GlobalId> {
        let id = value.as_str().and_then(GlobalId::parse).filter(|id| kinds.contains(&id.kind));
        let Some(id) = id else {
            self.complain(UserErrorCode::NotFound, place, HIDDEN);
            return None;
        };
        self.references.push(Reference { kind: id.kind, id: id.uuid, whose, path: path(place) });
        Some(id)
    }
}

fn path(place: &[&str]) -> Vec<String> {
    ["input", "fields"].iter().chain(place).map(|part| (*part).to_owned()).collect()
}

fn instant(value: &Value) -> Option<Cell> {
    let instant = DateTime::parse_from_rfc3339(value.as_str()?).ok()?.with_timezone(&Utc);
    // Cut to microseconds, which is what both databases keep.
    DateTime::from_timestamp_micros(instant.timestamp_micros()).map(Cell::Instant)
}
