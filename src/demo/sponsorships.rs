//! Sponsorships of the businesses that have rosters: budgets and vouchers, granted through the ledger as any.

use chrono::{DateTime, Days, Utc};
use uuid::Uuid;

use super::chance::Chance;
use super::rosters::BUSINESSES;
use crate::domain::clock::Ids;
use crate::domain::tenant::TenantKind;
use crate::identity::code;
use crate::store::ledger::{self, Account, Book, Movement, Unit};
use crate::store::sql::Type;
use crate::store::{Cell, Store, Transaction, change};

/// Seed of what is drawn here.
const SEED: u64 = 1_732_050_807;
/// Cents that a voucher pays.
const VALUE: i64 = 15_000;
/// Days for which sponsorships are in force already: longer than anybody enrolled in them has been enrolled.
const AGE: u64 = 240;
/// Vouchers of each sponsorship of vouchers.
const VOUCHERS: i64 = 5;

/// Writes the sponsorships.
///
/// # Errors
/// When the database fails.
pub async fn write(store: &Store, ids: &Ids, now: DateTime<Utc>) -> anyhow::Result<()> {
    let mut chance = Chance::new(SEED);
    let businesses = store.first_tenants(TenantKind::Business, BUSINESSES).await?;
    let mut transaction = store.begin().await?;
    for business in businesses.iter().filter_map(|business| business.id()) {
        let budget = chance.between(20, 400) * 10_000;
        one(&mut transaction, ids, now, business, ("Tuition budget", "BUDGET"), budget).await?;
        if chance.happens(50) {
            let book = one(&mut transaction, ids, now, business, ("Vouchers for everyone", "VOUCHERS"), VALUE * VOUCHERS).await?;
            vouchers(&mut transaction, ids, now, book, business).await?;
        }
    }
    transaction.commit().await?;
    Ok(())
}

fn text(text: &str) -> Cell {
    Cell::Text(text.into())
}

/// One sponsorship with what is granted.
async fn one(
    transaction: &mut Transaction,
    ids: &Ids,
    now: DateTime<Utc>,
    business: Uuid,
    (name, kind): (&str, &str),
    cents: i64,
) -> anyhow::Result<Book> {
    let mut connection = transaction.connection();
    let id = ids.next();
    let book = Book { tenant: business, sponsorship: id };
    let is_vouchers = kind == "VOUCHERS";
    let created = now - Days::new(AGE);
    let values = vec![
        ("tenant_id", Type::Uuid, Cell::Uuid(business)),
        ("id", Type::Uuid, Cell::Uuid(id)),
        ("name", Type::Text, text(name)),
        ("kind", Type::Text, text(kind)),
        ("status", Type::Text, text("ACTIVE")),
        ("is_anywhere", Type::Boolean, Cell::Boolean(true)),
        ("starts_on", Type::Date, Cell::Date(created.date_naive())),
        ("ends_on", Type::Date, Cell::Date(now.date_naive() + Days::new(300))),
        ("seats", Type::Integer, if is_vouchers { Cell::Integer(VOUCHERS * 4) } else { Cell::Null }),
        ("per_learner_cap_cents", Type::Long, Cell::Integer(120_000)),
        ("created_at", Type::Instant, Cell::Instant(created)),
        ("updated_at", Type::Instant, Cell::Instant(now)),
    ];
    change::insert(&mut connection, "sponsorship", values).await?;
    let units = if is_vouchers { &[(Unit::Money, cents), (Unit::Seat, VOUCHERS * 4)][..] } else { &[(Unit::Money, cents)] };
    for (unit, amount) in units {
        ledger::open(&mut connection, book, *unit).await?;
        let movement =
            Movement { id: ids.next(), unit: *unit, from: Account::Granted, to: Account::Free, amount: *amount, about: None, at: created };
        ledger::transfer(&mut connection, book, movement).await?;
    }
    Ok(book)
}

/// The vouchers of a sponsorship. Their codes are like any, and nobody has been told them.
async fn vouchers(transaction: &mut Transaction, ids: &Ids, now: DateTime<Utc>, book: Book, business: Uuid) -> anyhow::Result<()> {
    let mut connection = transaction.connection();
    let movement =
        Movement { id: ids.next(), unit: Unit::Seat, from: Account::Free, to: Account::Reserved, amount: VOUCHERS, about: None, at: now };
    ledger::transfer(&mut connection, book, movement).await?;
    for _ in 0..VOUCHERS {
        let id = ids.next();
        let voucher = vec![
            ("tenant_id", Type::Uuid, Cell::Uuid(business)),
            ("id", Type::Uuid, Cell::Uuid(id)),
            ("sponsorship_id", Type::Uuid, Cell::Uuid(book.sponsorship)),
            ("state", Type::Text, text("UNUSED")),
            ("value_cents", Type::Long, Cell::Integer(VALUE)),
            ("expires_on", Type::Date, Cell::Date(now.date_naive() + Days::new(200))),
            ("issued_at", Type::Instant, Cell::Instant(now)),
        ];
        change::insert(&mut connection, "voucher", voucher).await?;
        let hash = code::hash(&format!("never told {id}"));
        let code = vec![
            ("code_hash", Type::Text, text(&hash)),
            ("business_id", Type::Uuid, Cell::Uuid(business)),
            ("voucher_id", Type::Uuid, Cell::Uuid(id)),
        ];
        change::insert(&mut connection, "voucher_code", code).await?;
    }
    Ok(())
}
