//! Issuing vouchers: each is a code that pays for one enrollment, shown once, with what it may pay granted in the ledger.

use chrono::NaiveDate;
use uuid::Uuid;

use super::super::actor::{Actor, Refused, repeated};
use super::super::audit::{self, Author, Event};
use super::super::once::{self, Once};
use super::super::roster::draw;
use super::super::user_error::{UserError, UserErrorCode};
use super::{barred, grant, hidden, own};
use crate::domain::id::{GlobalId, Kind};
use crate::domain::tenant::Tenant;
use crate::identity::code;
use crate::store::ledger::{self, Account, Book, Movement, Unit};
use crate::store::sponsorship::SPONSORSHIP;
use crate::store::sql::Type;
use crate::store::write::{Target, upsert};
use crate::store::{Cell, Row};

/// Most vouchers of one call.
const MOST: i32 = 250;
/// Most cents of one.
const MOST_CENTS: i64 = 100_000_000;

const VOUCHER: Target = Target {
    table: "voucher",
    key: 0,
    columns: &[
        ("tenant_id", Type::Uuid),
        ("id", Type::Uuid),
        ("sponsorship_id", Type::Uuid),
        ("state", Type::Text),
        ("value_cents", Type::Long),
        ("expires_on", Type::Date),
        ("issued_at", Type::Instant),
    ],
};
const CODE: Target = Target {
    table: "voucher_code",
    key: 0,
    columns: &[("code_hash", Type::Text), ("business_id", Type::Uuid), ("voucher_id", Type::Uuid)],
};

/// Vouchers that are asked for.
#[derive(Debug, Clone)]
pub struct Issue {
    /// Identifier of the sponsorship.
    pub sponsorship: String,
    /// How many.
    pub count: i32,
    /// Most cents that each pays.
    pub value: i64,
    /// Last day on which each can be used.
    pub expires_on: NaiveDate,
}

/// Vouchers that were issued: keys, and codes the first time.
#[derive(Debug)]
pub struct Issued {
    /// Keys.
    pub ids: Vec<Uuid>,
    /// Codes, in the same order; empty when the answer is one that was given before.
    pub codes: Vec<String>,
}

/// Issues vouchers from a sponsorship of the caller's business, all or none.
///
/// # Errors
/// Why none was issued.
pub async fn issue(actor: &Actor, key: Uuid, wanted: &Issue) -> Result<Issued, Refused> {
    let once = Once::new(key, "vouchersIssue", &(&wanted.sponsorship, wanted.count, wanted.value, wanted.expires_on.to_string()));
    repeated(|| issue_once(actor, &once, wanted)).await
}

async fn issue_once(actor: &Actor, once: &Once, wanted: &Issue) -> Result<Issued, Refused> {
    let (business, scope) = own(actor, "sponsorshipId")?;
    let id = GlobalId::parse(&wanted.sponsorship).filter(|id| id.kind == Kind::Sponsorship).ok_or_else(|| hidden("sponsorshipId"))?;
    let book = Book { tenant: business, sponsorship: id.uuid };
    let mut transaction = actor.store.begin_in(&scope).await?;
    if let Some(answer) = once.claim(actor, &mut transaction).await? {
        transaction.rollback().await?;
        return Ok(Issued { ids: once::ids(&answer)?, codes: Vec::new() });
    }
    let is_there = ledger::hold(&mut transaction.connection(), book).await?;
    let row = actor.store.rows_in(&mut transaction, &scope, &SPONSORSHIP, &[id.uuid]).await?.pop().flatten();
    let Some(row) = row.filter(|_| is_there) else {
        transaction.rollback().await?;
        return Err(hidden("sponsorshipId").into());
    };
    let mut errors = wrong(actor, &row, wanted);
    errors.extend(barred(&mut transaction, business, "sponsorshipId").await?);
    let now = actor.clock.now();
    let count = i64::from(wanted.count);
    if errors.is_empty() {
        let movement = |unit, from, to, amount| Movement { id: actor.ids.next(), unit, from, to, amount, about: None, at: now };
        let taken = movement(Unit::Seat, Account::Free, Account::Reserved, count);
        if !ledger::transfer(&mut transaction.connection(), book, taken).await? {
            let text = "the sponsorship has not so many vouchers left: issue fewer, or raise its seats";
            errors.push(UserError::at(UserErrorCode::InsufficientFunds, &["count"], text));
        }
    }
    if !errors.is_empty() {
        transaction.rollback().await?;
        return Err(Refused::User(errors));
    }
    grant(actor, &mut transaction, book, Unit::Money, wanted.value * count).await?;
    let ids: Vec<Uuid> = (0..wanted.count).map(|_| actor.ids.next()).collect();
    let codes = ids.iter().map(|_| draw()).collect::<Result<Vec<_>, _>>()?;
    let row = |id: &Uuid| {
        vec![
            Cell::Uuid(business),
            Cell::Uuid(*id),
            Cell::Uuid(book.sponsorship),
            Cell::Text("UNUSED".into()),
            Cell::Integer(wanted.value),
            Cell::Date(wanted.expires_on),
            Cell::Instant(now),
        ]
    };
    upsert(&mut transaction.connection(), VOUCHER, ids.iter().map(row).collect()).await?;
    let hashed = |(id, code): (&Uuid, &String)| vec![Cell::Text(code::hash(code).into()), Cell::Uuid(business), Cell::Uuid(*id)];
    upsert(&mut transaction.connection(), CODE, ids.iter().zip(&codes).map(hashed).collect()).await?;
    ledger::follow(&mut transaction.connection(), book).await?;
    let answer: Vec<String> = ids.iter().map(Uuid::to_string).collect();
    once.settle(actor, &mut transaction, &answer.join(" ")).await?;
    let tenant = Tenant::Business(business);
    let event = Event {
        id: actor.ids.next(),
        tenant,
        action: "vouchersIssue",
        subject: &id.to_string(),
        fields: &["count", "value", "expiresOn"],
        at: now,
    };
    audit::append(&mut transaction, &Author::of(actor), &event).await?;
    transaction.commit().await?;
    Ok(Issued { ids, codes })
}

fn wrong(actor: &Actor, row: &Row, wanted: &Issue) -> Vec<UserError> {
    let mut errors = Vec::new();
    let mut complain = |code, field: &str, text: &str| errors.push(UserError::at(code, &[field], text));
    if row.text("kind").ok() != Some("VOUCHERS") {
        complain(UserErrorCode::Invalid, "sponsorshipId", "it is no sponsorship of vouchers: choose or create one");
    }
    let today = actor.clock.today();
    let last = row.date("ends_on").ok().flatten().unwrap_or(today);
    if row.text("status").ok() == Some("ENDED") || last < today {
        complain(UserErrorCode::Closed, "sponsorshipId", "it has ended");
    }
    if !(1..=MOST).contains(&wanted.count) {
        complain(UserErrorCode::Invalid, "count", "it must be 1 to 250");
    }
    if !(1..=MOST_CENTS).contains(&wanted.value) {
        complain(UserErrorCode::Invalid, "value", "it must be 0.01 to 1000000.00");
    }
    if wanted.expires_on < today || wanted.expires_on > last {
        complain(UserErrorCode::Invalid, "expiresOn", "it must lie between today and the last day of the sponsorship");
    }
    errors
}
