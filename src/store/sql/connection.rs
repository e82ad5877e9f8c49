//! Connections: statements on their way to either database, and rows on their way back.

use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::postgres::PgArguments;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, AssertSqlSafe, Column as _, Row as _};
use uuid::Uuid;

use super::{Bind, Dialect, Sql, Type};
use crate::store::error::StoreError;
use crate::store::row::Cell;

/// A connection on which statements run, and are counted.
#[derive(Debug)]
pub struct Connection<'a> {
    wire: Wire<'a>,
    statements: &'a AtomicU64,
}

/// What leads to the database.
#[derive(Debug)]
pub(in crate::store) enum Wire<'a> {
    /// To `PostgreSQL`.
    Postgres(&'a mut sqlx::PgConnection),
    /// To `SQLite`.
    Sqlite(&'a mut sqlx::SqliteConnection),
}

impl<'a> Connection<'a> {
    pub(in crate::store) const fn new(wire: Wire<'a>, statements: &'a AtomicU64) -> Self {
        Self { wire, statements }
    }

    /// Runs a query and reads its rows as cells of the types given.
    pub async fn fetch(&mut self, sql: Sql, types: &[Type]) -> Result<Vec<Vec<Cell>>, StoreError> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        match &mut self.wire {
            Wire::Postgres(connection) => {
                let arguments = postgres_arguments(sql.binds)?;
                let rows = sqlx::query_with(AssertSqlSafe(sql.text), arguments).fetch_all(&mut **connection).await?;
                rows.iter().map(|row| types.iter().enumerate().map(|(place, of)| postgres_cell(row, place, *of)).collect()).collect()
            }
            Wire::Sqlite(connection) => {
                let arguments = sqlite_arguments(sql.binds)?;
                let rows = sqlx::query_with(AssertSqlSafe(sql.text), arguments).fetch_all(&mut **connection).await?;
                rows.iter().map(|row| types.iter().enumerate().map(|(place, of)| sqlite_cell(row, place, *of)).collect()).collect()
            }
        }
    }

    /// Runs a statement; the number of rows that it touched.
    pub async fn execute(&mut self, sql: Sql) -> Result<u64, StoreError> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        match &mut self.wire {
            Wire::Postgres(connection) => {
                let arguments = postgres_arguments(sql.binds)?;
                Ok(sqlx::query_with(AssertSqlSafe(sql.text), arguments).execute(&mut **connection).await?.rows_affected())
            }
            Wire::Sqlite(connection) => {
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
        match self.wire {
            Wire::Postgres(_) => Dialect::Postgres,
            Wire::Sqlite(_) => Dialect::Sqlite,
        }
    }

    /// The same connection for a shorter time.
    pub fn reborrow(&mut self) -> Connection<'_> {
        let wire = match &mut self.wire {
            Wire::Postgres(connection) => Wire::Postgres(connection),
            Wire::Sqlite(connection) => Wire::Sqlite(connection),
        };
        Connection { wire, statements: self.statements }
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
