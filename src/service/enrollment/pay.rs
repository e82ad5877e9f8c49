//! What becomes of the money of an enrollment: reserved when it is asked for, charged when it begins, released when it ends before, and given back when the institution says so.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::super::actor::{Actor, Refused};
use crate::domain::enrollment::State;
use crate::policy::Scope;
use crate::store::ledger::{self, Account, Book, Movement, Unit};
use crate::store::seat::{self, Held, Part};
use crate::store::{StoreError, Transaction, sponsorship, voucher};

/// Moves something of a payer's, which must be there.
pub(super) async fn shift(
    actor: &Actor,
    transaction: &mut Transaction,
    book: Book,
    unit: Unit,
    (from, to): (Account, Account),
    (amount, about): (i64, Uuid),
) -> Result<bool, StoreError> {
    if amount == 0 {
        return Ok(true);
    }
    let movement = Movement { id: actor.ids.next(), unit, from, to, amount, about: Some(about), at: actor.clock.now() };
    ledger::transfer(&mut transaction.connection(), book, movement).await
}

async fn must(
    actor: &Actor,
    transaction: &mut Transaction,
    book: Book,
    unit: Unit,
    way: (Account, Account),
    amount: (i64, Uuid),
) -> Result<(), StoreError> {
    if shift(actor, transaction, book, unit, way, amount).await? {
        Ok(())
    } else {
        Err(StoreError::Open(format!("{} of sponsorship {} holds less than was put there", way.0.name(), book.sponsorship)))
    }
}

/// Lets the money follow a step that was made at a moment.
pub(super) async fn follow(
    actor: &Actor,
    transaction: &mut Transaction,
    scope: &Scope,
    (after, at): (&Held, DateTime<Utc>),
    is_refunded: bool,
) -> Result<(), Refused> {
    let (before, now) = match after.state {
        State::Active => ("RESERVED", "CHARGED"),
        State::Cancelled | State::Declined => ("RESERVED", "RELEASED"),
        State::Withdrawn if is_refunded => ("CHARGED", "RELEASED"),
        _ => return Ok(()),
    };
    transaction.speak(&scope.about(after.learner, None)).await?;
    let parts = seat::parts(&mut transaction.connection(), after.id).await?;
    for part in parts.iter().filter(|part| part.state == before) {
        transaction.speak(&scope.about(after.learner, part.payer.map(|(payer, _)| payer))).await?;
        seat::put_part(&mut transaction.connection(), after.id, part.position, (now, at)).await?;
        if let Some((payer, sponsorship)) = part.payer {
            let book = Book { tenant: payer, sponsorship };
            ledger::hold(&mut transaction.connection(), book).await?;
            move_part(actor, transaction, book, part, after.id, (before, now)).await?;
            ledger::follow(&mut transaction.connection(), book).await?;
        }
    }
    Ok(())
}

async fn move_part(
    actor: &Actor,
    transaction: &mut Transaction,
    book: Book,
    part: &Part,
    about: Uuid,
    (before, now): (&str, &str),
) -> Result<(), StoreError> {
    let from = if before == "RESERVED" { Account::Reserved } else { Account::Spent };
    let to = if now == "CHARGED" { Account::Spent } else { Account::Free };
    // A budget may pay nothing for what costs nothing.
    if part.source == "SPONSORSHIP" && sponsorship::is_block(&mut transaction.connection(), book).await? {
        return must(actor, transaction, book, Unit::Seat, (from, to), (1, about)).await;
    }
    must(actor, transaction, book, Unit::Money, (from, to), (part.amount, about)).await?;
    if let Some(id) = part.voucher.filter(|_| now == "RELEASED") {
        // The voucher can be used again, for all that it is worth.
        let value = voucher::reopen(&mut transaction.connection(), book.tenant, id).await?;
        must(actor, transaction, book, Unit::Seat, (Account::Spent, Account::Reserved), (1, about)).await?;
        must(actor, transaction, book, Unit::Money, (Account::Granted, Account::Free), (value - part.amount, about)).await?;
    }
    Ok(())
}
