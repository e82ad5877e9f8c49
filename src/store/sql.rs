//! Statements as text with values beside it, for either database.
//!
//! The text of a statement never holds a value, so that it depends on what is asked only and a database plans it once. What the two databases say
//! differently is said here and nowhere else.

mod connection;

pub use connection::Connection;
pub(super) use connection::Wire;

use super::row::Cell;

/// Which database speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `PostgreSQL` 15 or later.
    Postgres,
    /// `SQLite`, the one built into the program.
    Sqlite,
}

impl Dialect {
    /// What the database's own clock shows at this moment. Not `now()`, which is when the transaction began; on `SQLite` in the form in which instants are kept.
    #[must_use]
    pub const fn clock(self) -> &'static str {
        match self {
            Self::Postgres => "clock_timestamp()",
            Self::Sqlite => "(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000+00:00')",
        }
    }
}

/// Type of a column, as it is read and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// A key.
    Uuid,
    /// Text.
    Text,
    /// A whole number of 32 bits.
    Integer,
    /// A whole number of 64 bits.
    Long,
    /// A floating-point number.
    Real,
    /// True or false.
    Boolean,
    /// A day.
    Date,
    /// An instant in UTC.
    Instant,
}

impl Type {
    /// Name of the type on `PostgreSQL`, for the casts of array values.
    const fn postgres(self) -> &'static str {
        match self {
            Self::Uuid => "uuid",
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Long => "bigint",
            Self::Real => "double precision",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Instant => "timestamptz",
        }
    }
}

/// A value beside the text of a statement.
#[derive(Debug, Clone)]
enum Bind {
    One(Type, Cell),
    Many(Type, Vec<Cell>),
}

/// A statement under construction.
#[derive(Debug, Clone)]
pub struct Sql {
    dialect: Dialect,
    text: String,
    binds: Vec<Bind>,
}

impl Sql {
    /// An empty statement.
    #[must_use]
    pub fn new(dialect: Dialect) -> Self {
        Self { dialect, text: String::with_capacity(512), binds: Vec::new() }
    }

    /// Which database the statement is for.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The text as it stands so far.
    pub(super) fn text_so_far(&self) -> &str {
        &self.text
    }

    /// Adds text that the program wrote.
    pub fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Adds a value.
    pub fn bind(&mut self, of: Type, value: Cell) -> &mut Self {
        self.binds.push(Bind::One(of, without_nul(value)));
        self.placeholder();
        self
    }

    /// Adds a text value.
    pub fn text(&mut self, value: &str) -> &mut Self {
        self.bind(Type::Text, Cell::Text(value.into()))
    }

    /// Adds `column = any of values`, with one value for the whole list.
    pub fn any(&mut self, column: &str, of: Type, values: Vec<Cell>) -> &mut Self {
        self.push(column);
        self.binds.push(Bind::Many(of, values.into_iter().map(without_nul).collect()));
        match self.dialect {
            Dialect::Postgres => {
                self.push(" = ANY(");
                self.placeholder();
                self.push("::").push(of.postgres()).push("[])");
            }
            Dialect::Sqlite => {
                let value = if of == Type::Uuid { "unhex(value)" } else { "value" };
                self.push(" IN (SELECT ").push(value).push(" FROM json_each(");
                self.placeholder();
                self.push("))");
            }
        }
        self
    }

    /// Adds a derived table `alias (ord, id)` with a row for each value, counted from 1 on `PostgreSQL` and from 0 on `SQLite`.
    pub fn list(&mut self, alias: &str, of: Type, values: Vec<Cell>) -> &mut Self {
        self.binds.push(Bind::Many(of, values));
        match self.dialect {
            Dialect::Postgres => {
                self.push("unnest(");
                self.placeholder();
                self.push("::").push(of.postgres()).push("[]) WITH ORDINALITY AS ").push(alias).push(" (id, ord)");
            }
            Dialect::Sqlite => {
                let value = if of == Type::Uuid { "unhex(value)" } else { "value" };
                self.push("(SELECT key AS ord, ").push(value).push(" AS id FROM json_each(");
                self.placeholder();
                self.push(")) AS ").push(alias);
            }
        }
        self
    }

    /// Adds rows to insert: one array a column on `PostgreSQL`, so that the text does not depend on their number.
    pub fn rows(&mut self, types: &[Type], rows: Vec<Vec<Cell>>) -> &mut Self {
        match self.dialect {
            Dialect::Postgres => {
                let mut columns: Vec<Vec<Cell>> = types.iter().map(|_| Vec::with_capacity(rows.len())).collect();
                for row in rows {
                    for (column, cell) in columns.iter_mut().zip(row) {
                        column.push(cell);
                    }
                }
                self.push(" SELECT * FROM unnest(");
                for (place, (of, column)) in types.iter().zip(columns).enumerate() {
                    self.push(if place == 0 { "" } else { ", " });
                    self.binds.push(Bind::Many(*of, column));
                    self.placeholder();
                    self.push("::").push(of.postgres()).push("[]");
                }
                self.push(")");
            }
            Dialect::Sqlite => {
                self.push(" VALUES ");
                for (number, row) in rows.into_iter().enumerate() {
                    self.push(if number == 0 { "(" } else { ", (" });
                    for (place, (of, cell)) in types.iter().zip(row).enumerate() {
                        self.push(if place == 0 { "" } else { ", " });
                        self.bind(*of, cell);
                    }
                    self.push(")");
                }
            }
        }
        self
    }

    fn placeholder(&mut self) {
        match self.dialect {
            Dialect::Postgres => {
                let number = self.binds.len();
                self.text.push('$');
                self.text.push_str(&number.to_string());
            }
            // Values stand in the order of their places. Numbers would be names to SQLite, which looks for each among all.
            Dialect::Sqlite => self.text.push('?'),
        }
    }
}

/// `PostgreSQL` holds no text with U+0000 and fails where it is sent one. Nothing equals such a text, as nothing equals null.
fn without_nul(value: Cell) -> Cell {
    if matches!(&value, Cell::Text(text) if text.contains('\0')) { Cell::Null } else { value }
}
