//! What an input can set of a noun, as data: each field with its column, its limits, and what it names.

use chrono::{DateTime, Utc};

use super::input::Draft;
use crate::domain::id::Kind;
use crate::store::Row;
use crate::store::link::{PROGRAM_COMPONENT, Table};
use crate::store::noun::Noun;
use crate::store::sql::Type;

/// What can be set of a noun.
#[derive(Debug)]
pub struct Shape {
    /// The noun.
    pub noun: &'static Noun,
    /// Its name in actions, for example `course` in `courseCreate`.
    pub name: &'static str,
    /// The fields of its input.
    pub fields: &'static [Field],
    /// By what its rows are told apart beside their identifiers.
    pub key: Option<&'static Key>,
    /// What holds between its fields, looked at with the row as it stands, and with the present.
    pub(super) rules: fn(&mut Draft, Option<&Row>, DateTime<Utc>),
}

/// Values that no two rows of a tenant have in common. Only acts are held to it: what is imported is named as its source names it.
#[derive(Debug)]
pub struct Key {
    /// The columns, the one that its field sets last.
    pub columns: &'static [(&'static str, Type)],
    /// The field that is told to be taken.
    pub field: &'static str,
    /// Fields that may change whether it is.
    pub fields: &'static [&'static str],
    /// States of rows that give it up.
    pub past: &'static [&'static str],
    /// Whether rows of one subject are compared: whoever holds that needs no other lock.
    pub is_of_subject: bool,
    /// What is said of one that is taken.
    pub message: &'static str,
}

/// A field of an input.
#[derive(Debug)]
pub struct Field {
    /// Name in the schema.
    pub name: &'static str,
    /// Whether it must be given to create, and can never be cleared.
    pub is_required: bool,
    /// What it sets.
    pub of: Of,
}

/// What a field sets.
#[derive(Debug, Clone, Copy)]
pub enum Of {
    /// A text of a length in characters; with the column of its sorting key, if it is sorted by.
    Text(&'static str, usize, Option<&'static str>),
    /// A text that may have line breaks.
    Prose(&'static str, usize),
    /// The name of an enum's value; with the one that stands when nothing is said, or none.
    Choice(&'static str, Option<&'static str>),
    /// A whole number, least and most.
    Integer(&'static str, i64, i64),
    /// A number from 0 to a most.
    Real(&'static str, f64),
    /// An amount of dollars from 0 to a million.
    Money(&'static str),
    /// A day.
    Date(&'static str),
    /// An instant.
    Instant(&'static str),
    /// An https address.
    Url(&'static str),
    /// A list of language tags.
    Languages(&'static str),
    /// The code of a row without a tenant: column, table, column of the code there.
    Code(&'static str, &'static str, &'static str),
    /// A list of such codes.
    Codes(&'static Table, &'static str, &'static str, usize),
    /// One object.
    One(&'static str, Kind, Whose),
    /// A list of objects, at most so many.
    Many(&'static Table, Kind, Whose, usize),
    /// The steps of a program.
    Components,
    /// The requirements of a credential.
    Requirements,
    /// The sites of a business, at most so many.
    Sites(usize),
}

impl Of {
    /// The list that it replaces, if it is one with a table of its own.
    #[must_use]
    pub const fn list(self) -> Option<&'static Table> {
        match self {
            Self::Codes(list, ..) | Self::Many(list, ..) => Some(list),
            Self::Components => Some(&PROGRAM_COMPONENT),
            _ => None,
        }
    }

    /// The column that it sets, unless it is a list.
    #[must_use]
    pub const fn column(self) -> Option<&'static str> {
        match self {
            Self::Text(column, ..)
            | Self::Prose(column, _)
            | Self::Choice(column, _)
            | Self::Integer(column, ..)
            | Self::Real(column, _)
            | Self::Money(column)
            | Self::Date(column)
            | Self::Instant(column)
            | Self::Url(column)
            | Self::Languages(column)
            | Self::Code(column, ..)
            | Self::One(column, ..) => Some(column),
            Self::Codes(..) | Self::Many(..) | Self::Components | Self::Requirements | Self::Sites(_) => None,
        }
    }
}

/// Whose objects a field may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Those of the same tenant.
    Own,
    /// Published ones of any tenant, and the same tenant's own.
    Any,
    /// Things that belong to nobody.
    Nobody,
}

/// Shortens the declarations of fields that must be given.
#[must_use]
pub const fn required(name: &'static str, of: Of) -> Field {
    Field { name, is_required: true, of }
}

/// Shortens the declarations of fields that may be left out.
#[must_use]
pub const fn optional(name: &'static str, of: Of) -> Field {
    Field { name, is_required: false, of }
}
