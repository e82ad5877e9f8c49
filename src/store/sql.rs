//! Statements as text with numbered values, for either database.
//!
//! The text of a statement never holds a value, so that it depends on what is asked only and a database plans it once. What the two databases say
//! differently is said here and nowhere else.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::postgres::PgArguments;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, AssertSqlSafe, Column as _, Row as _};
use uuid::Uuid;

use super::error::StoreError;
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
        let mark = if self.dialect == Dialect::Postgres { '$' } else { '?' };
        let number = self.binds.len();
        self.text.push(mark);
        self.text.push_str(&number.to_string());
    }
}

/// `PostgreSQL` holds no text with U+0000 and fails where it is sent one. Nothing equals such a text, as nothing equals null.
fn without_nul(value: Cell) -> Cell {
    if matches!(&value, Cell::Text(text) if text.contains('\0')) { Cell::Null } else { value }
}

/// A connection on which statements run.
#[derive(Debug)]
pub enum Connection<'a> {
    /// To `PostgreSQL`.
    Postgres(&'a mut sqlx::PgConnection),
    /// To `SQLite`.
    Sqlite(&'a mut sqlx::SqliteConnection),
}

impl Connection<'_> {
    /// Runs a query and reads its rows as cells of the types given.
    pub async fn fetch(&mut self, sql: Sql, types: &[Type]) -> Result<Vec<Vec<Cell>>, StoreError> {
        match self {
            Self::Postgres(connection) => {
                let arguments = postgres_arguments(sql.binds)?;
                let rows = sqlx::query_with(AssertSqlSafe(sql.text), arguments).fetch_all(&mut **connection).await?;
                rows.iter().map(|row| types.iter().enumerate().map(|(place, of)| postgres_cell(row, place, *of)).collect()).collect()
            }
            Self::Sqlite(connection) => {
                let arguments = sqlite_arguments(sql.binds)?;
                let rows = sqlx::query_with(AssertSqlSafe(sql.text), arguments).fetch_all(&mut **connection).await?;
                rows.iter().map(|row| types.iter().enumerate().map(|(place, of)| sqlite_cell(row, place, *of)).collect()).collect()
            }
        }
    }

    /// Runs a statement; the number of rows that it touched.
    pub async fn execute(&mut self, sql: Sql) -> Result<u64, StoreError> {
        match self {
            Self::Postgres(connection) => {
                let arguments = postgres_arguments(sql.binds)?;
                Ok(sqlx::query_with(AssertSqlSafe(sql.text), arguments).execute(&mut **connection).await?.rows_affected())
            }
            Self::Sqlite(connection) => {
                let arguments = sqlite_arguments(sql.binds)?;
                // The text depends on the number of rows: not worth a place among the prepared statements.
                let query = sqlx::query_with(AssertSqlSafe(sql.text), arguments).persistent(false);
                Ok(query.execute(&mut **connection).await?.rows_affected())
            }
        }
    }

    /// Which database is at the other end.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        match self {
            Self::Postgres(_) => Dialect::Postgres,
            Self::Sqlite(_) => Dialect::Sqlite,
        }
    }

    /// The same connection for a shorter time.
    pub fn reborrow(&mut self) -> Connection<'_> {
        match self {
            Self::Postgres(connection) => Connection::Postgres(connection),
            Self::Sqlite(connection) => Connection::Sqlite(connection),
        }
    }
}

/// Takes each cell for the Rust type that stands for its column type.
macro_rules! by_type {
    ($of:expr, $each:ident) => {
        match $of {
            Type::Uuid => $each!(Uuid, Uuid),
            Type::Text => $each!(Text, Box<str>),
            Type::Integer => $each!(Integer, i64),
            Type::Long => $each!(Integer, i64),
            Type::Real => $each!(Real, f64),
            Type::Boolean => $each!(Boolean, bool),
            Type::Date => $each!(Date, NaiveDate),
            Type::Instant => $each!(Instant, DateTime<Utc>),
        }
    };
}

fn postgres_arguments(binds: Vec<Bind>) -> Result<PgArguments, StoreError> {
    let mut arguments = PgArguments::default();
    for bind in binds {
        match bind {
            Bind::One(Type::Integer, cell) => arguments.add(cell.integer().map(|value| value as i32)),
            Bind::One(of, cell) => {
                macro_rules! one {
                    ($variant:ident, $rust:ty) => {
                        arguments.add(match cell {
                            Cell::$variant(value) => Some(<$rust>::from(value)),
                            _ => None,
                        })
                    };
                }
                by_type!(of, one)
            }
            Bind::Many(Type::Integer, cells) => {
                arguments.add(cells.iter().map(|cell| cell.integer().map(|value| value as i32)).collect::<Vec<_>>())
            }
            Bind::Many(of, cells) => {
                macro_rules! many {
                    ($variant:ident, $rust:ty) => {
                        arguments.add(
                            cells
                                .into_iter()
                                .map(|cell| match cell {
                                    Cell::$variant(value) => Some(<$rust>::from(value)),
                                    _ => None,
                                })
                                .collect::<Vec<Option<$rust>>>(),
                        )
                    };
                }
                by_type!(of, many)
            }
        }
        .map_err(StoreError::Encode)?;
    }
    Ok(arguments)
}

fn sqlite_arguments(binds: Vec<Bind>) -> Result<SqliteArguments, StoreError> {
    let mut arguments = SqliteArguments::default();
    for bind in binds {
        match bind {
            Bind::One(of, cell) => {
                macro_rules! one {
                    ($variant:ident, $rust:ty) => {
                        arguments.add(match cell {
                            Cell::$variant(value) => Some(<$rust>::from(value)),
                            _ => None,
                        })
                    };
                }
                by_type!(of, one)
            }
            Bind::Many(_, cells) => arguments.add(json(&cells)),
        }
        .map_err(StoreError::Encode)?;
    }
    Ok(arguments)
}

/// A list as `json_each` reads it; keys as hexadecimal digits, which `unhex` turns back.
fn json(cells: &[Cell]) -> String {
    let values = cells.iter().map(|cell| match cell {
        Cell::Uuid(value) => serde_json::Value::from(value.simple().to_string()),
        Cell::Text(value) => serde_json::Value::from(&**value),
        Cell::Integer(value) => serde_json::Value::from(*value),
        Cell::Real(value) => serde_json::Value::from(*value),
        Cell::Boolean(value) => serde_json::Value::from(*value),
        Cell::Date(value) => serde_json::Value::from(value.to_string()),
        Cell::Instant(value) => serde_json::Value::from(value.to_rfc3339()),
        Cell::Null => serde_json::Value::Null,
    });
    serde_json::Value::Array(values.collect()).to_string()
}

fn postgres_cell(row: &sqlx::postgres::PgRow, place: usize, of: Type) -> Result<Cell, StoreError> {
    if of == Type::Integer {
        return Ok(row.try_get::<Option<i32>, _>(place)?.map_or(Cell::Null, |value| Cell::Integer(value.into())));
    }
    macro_rules! get {
        ($variant:ident, $rust:ty) => {
            row.try_get::<Option<$rust>, _>(place).map(|value| value.map_or(Cell::Null, Cell::$variant))
        };
    }
    Ok(by_type!(of, get)?)
}

fn sqlite_cell(row: &sqlx::sqlite::SqliteRow, place: usize, of: Type) -> Result<Cell, StoreError> {
    macro_rules! get {
        ($variant:ident, $rust:ty) => {
            row.try_get::<Option<$rust>, _>(place).map(|value| value.map_or(Cell::Null, Cell::$variant))
        };
    }
    by_type!(of, get).map_err(|error| match error {
        sqlx::Error::ColumnDecode { .. } => StoreError::from(error),
        other => StoreError::Column(row.columns().get(place).map_or_else(String::new, |column| column.name().to_owned()), other),
    })
}
