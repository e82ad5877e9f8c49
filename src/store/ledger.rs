//! The double-entry ledger of sponsorships. Money and seats go from one account to another, and never come from nowhere: the postings of each entry sum to zero, and a balance
//! is moved by a conditional update alone. Whoever moves anything holds the sponsorship ([`hold`]) first.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::change::{Hold, held, insert};
use super::error::StoreError;
use super::row::Cell;
use super::sql::{Connection, Sql, Type};
use super::write::{Target, upsert};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Cents.
    Money,
    /// Seats, or vouchers.
    Seat,
}

impl Unit {
    /// As it is kept.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Money => "MONEY",
            Self::Seat => "SEAT",
        }
    }
}

/// An account of a sponsorship.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Account {
    /// Where everything comes from; below zero by as much as the others hold.
    Granted,
    /// Can be reserved.
    Free,
    /// Set aside.
    Reserved,
    /// Charged.
    Spent,
}

impl Account {
    /// Every account.
    pub const ALL: [Self; 4] = [Self::Granted, Self::Free, Self::Reserved, Self::Spent];

    /// As it is kept.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Granted => "GRANTED",
            Self::Free => "FREE",
            Self::Reserved => "RESERVED",
            Self::Spent => "SPENT",
        }
    }
}

/// A sponsorship whose ledger is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Book {
    /// The business.
    pub tenant: Uuid,
    /// The sponsorship.
    pub sponsorship: Uuid,
}

/// A movement.
#[derive(Debug, Clone, Copy)]
pub struct Movement {
    /// Key of the entry.
    pub id: Uuid,
    /// What is moved.
    pub unit: Unit,
    /// Where from.
    pub from: Account,
    /// Where to.
    pub to: Account,
    /// How much, above zero.
    pub amount: i64,
    /// What it is about.
    pub about: Option<Uuid>,
    /// When.
    pub at: DateTime<Utc>,
}

const ACCOUNT: Target = Target {
    table: "ledger_account",
    key: 0,
    columns: &[
        ("tenant_id", Type::Uuid),
        ("sponsorship_id", Type::Uuid),
        ("unit", Type::Text),
        ("name", Type::Text),
        ("balance", Type::Long),
    ],
};

const POSTING: Target = Target {
    table: "ledger_posting",
    key: 0,
    columns: &[
        ("tenant_id", Type::Uuid),
        ("entry_id", Type::Uuid),
        ("sponsorship_id", Type::Uuid),
        ("unit", Type::Text),
        ("name", Type::Text),
        ("amount", Type::Long),
    ],
};

/// Opens the accounts of a sponsorship in a unit.
pub async fn open(connection: &mut Connection<'_>, book: Book, unit: Unit) -> Result<(), StoreError> {
    let text = |text: &str| Cell::Text(text.into());
    let row = |account: Account| {
        vec![Cell::Uuid(book.tenant), Cell::Uuid(book.sponsorship), text(unit.name()), text(account.name()), Cell::Integer(0)]
    };
    upsert(connection, ACCOUNT, Account::ALL.into_iter().map(row).collect()).await
}

/// A query for the sponsorship of a ledger.
fn sponsorship_of(connection: &Connection<'_>, book: Book) -> Sql {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.id FROM sponsorship t WHERE t.tenant_id = ").bind(Type::Uuid, Cell::Uuid(book.tenant));
    sql.push(" AND t.id = ").bind(Type::Uuid, Cell::Uuid(book.sponsorship));
    sql
}

/// Keeps others from moving anything of a sponsorship until the transaction ends; whether there is one.
pub async fn hold(connection: &mut Connection<'_>, book: Book) -> Result<bool, StoreError> {
    let mut sql = sponsorship_of(connection, book);
    held(&mut sql, Hold::Change);
    Ok(!connection.fetch(sql, &[Type::Uuid]).await?.is_empty())
}

/// Whether there is a sponsorship, of which nothing is to be moved.
pub async fn is_there(connection: &mut Connection<'_>, book: Book) -> Result<bool, StoreError> {
    let sql = sponsorship_of(connection, book);
    Ok(!connection.fetch(sql, &[Type::Uuid]).await?.is_empty())
}

/// What an account holds.
pub async fn balance(connection: &mut Connection<'_>, book: Book, unit: Unit, account: Account) -> Result<i64, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT a.balance FROM ledger_account a WHERE ");
    of_account(&mut sql, "a.", book, unit, account);
    let rows = connection.fetch(sql, &[Type::Long]).await?;
    Ok(rows.first().and_then(|cells| cells[0].integer()).unwrap_or_default())
}

fn of_account(sql: &mut Sql, alias: &str, book: Book, unit: Unit, account: Account) {
    of_book(sql, alias, book, unit);
    sql.push(" AND ").push(alias).push("name = ").text(account.name());
}

/// The accounts of a sponsorship in a unit.
fn of_book(sql: &mut Sql, alias: &str, book: Book, unit: Unit) {
    sql.push(alias).push("tenant_id = ").bind(Type::Uuid, Cell::Uuid(book.tenant));
    sql.push(" AND ").push(alias).push("sponsorship_id = ").bind(Type::Uuid, Cell::Uuid(book.sponsorship));
    sql.push(" AND ").push(alias).push("unit = ").text(unit.name());
}

/// Moves an amount, if the account where it comes from holds as much; whether it did. Nothing is written when it did not.
pub async fn transfer(connection: &mut Connection<'_>, book: Book, movement: Movement) -> Result<bool, StoreError> {
    debug_assert!(movement.amount > 0 && movement.from != movement.to, "something goes somewhere");
    let Movement { unit, from, to, amount, .. } = movement;
    let mut sql = Sql::new(connection.dialect());
    sql.push("UPDATE ledger_account SET balance = balance + CASE name WHEN ").text(from.name()).push(" THEN ");
    sql.bind(Type::Long, Cell::Integer(-amount)).push(" ELSE ").bind(Type::Long, Cell::Integer(amount)).push(" END WHERE ");
    of_book(&mut sql, "", book, unit);
    sql.push(" AND name IN (").text(from.name()).push(", ").text(to.name()).push(")");
    if from != Account::Granted {
        sql.push(" AND EXISTS (SELECT 1 FROM ledger_account a WHERE ");
        of_account(&mut sql, "a.", book, unit, from);
        sql.push(" AND a.balance >= ").bind(Type::Long, Cell::Integer(amount)).push(")");
    }
    match connection.execute(sql).await? {
        2 => {}
        0 => return Ok(false),
        _ => return Err(StoreError::Open("an account of the ledger is missing".to_owned())),
    }
    let entry = vec![
        ("tenant_id", Type::Uuid, Cell::Uuid(book.tenant)),
        ("id", Type::Uuid, Cell::Uuid(movement.id)),
        ("about", Type::Uuid, movement.about.map_or(Cell::Null, Cell::Uuid)),
        ("at", Type::Instant, Cell::Instant(movement.at)),
    ];
    insert(connection, "ledger_entry", entry).await?;
    let posting = |account: Account, amount: i64| {
        vec![
            Cell::Uuid(book.tenant),
            Cell::Uuid(movement.id),
            Cell::Uuid(book.sponsorship),
            Cell::Text(unit.name().into()),
            Cell::Text(account.name().into()),
            Cell::Integer(amount),
        ]
    };
    upsert(connection, POSTING, vec![posting(from, -amount), posting(to, amount)]).await?;
    Ok(true)
}

/// Keeps in step whether anything is left of a sponsorship, in the transaction that moved something of it.
pub async fn follow(connection: &mut Connection<'_>, book: Book) -> Result<(), StoreError> {
    // A budget is exhausted without money, vouchers and seats without any that can be handed out or taken.
    let left = "EXISTS (SELECT 1 FROM ledger_account a WHERE a.tenant_id = sponsorship.tenant_id AND a.sponsorship_id = sponsorship.id AND a.balance > 0 AND \
        ((sponsorship.kind = 'BUDGET' AND a.unit = 'MONEY' AND a.name = 'FREE') OR (sponsorship.kind <> 'BUDGET' AND a.unit = 'SEAT' AND (a.name = 'FREE' OR (a.name = 'RESERVED' AND sponsorship.kind = 'VOUCHERS')))))";
    let mut sql = Sql::new(connection.dialect());
    sql.push("UPDATE sponsorship SET status = CASE WHEN ")
        .push(left)
        .push(" THEN 'ACTIVE' ELSE 'EXHAUSTED' END WHERE status IN ('ACTIVE', 'EXHAUSTED') AND tenant_id = ");
    sql.bind(Type::Uuid, Cell::Uuid(book.tenant)).push(" AND id = ").bind(Type::Uuid, Cell::Uuid(book.sponsorship));
    connection.execute(sql).await.map(|_| ())
}
