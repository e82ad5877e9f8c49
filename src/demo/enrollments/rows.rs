//! What is drawn, as rows: written a table at a time, with the ledger moved entry by entry as any act does.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::read::Section;
use crate::domain::clock::Ids;
use crate::domain::enrollment::State;
use crate::store::ledger::{self, Account, Book, Movement, Unit};
use crate::store::sql::Type;
use crate::store::write::{Target, upsert};
use crate::store::{Cell, StoreError, Transaction, change, person, shown};

const ENROLLMENT: Target = target(
    "enrollment",
    &[
        ("tenant_id", Type::Uuid),
        ("id", Type::Uuid),
        ("offering_id", Type::Uuid),
        ("learner_id", Type::Uuid),
        ("state", Type::Text),
        ("ticket", Type::Long),
        ("seat_offer_expires_at", Type::Instant),
        ("percent_complete", Type::Integer),
        ("soft_skill_hours", Type::Real),
        ("last_activity_at", Type::Instant),
        ("requested_at", Type::Instant),
        ("updated_at", Type::Instant),
    ],
);
const STEP: Target = target(
    "enrollment_transition",
    &[
        ("tenant_id", Type::Uuid),
        ("enrollment_id", Type::Uuid),
        ("number", Type::Integer),
        ("learner_id", Type::Uuid),
        ("from_state", Type::Text),
        ("to_state", Type::Text),
        ("at", Type::Instant),
        ("reason", Type::Text),
        ("actor_name", Type::Text),
    ],
);
const PART: Target = target(
    "funding",
    &[
        ("tenant_id", Type::Uuid),
        ("enrollment_id", Type::Uuid),
        ("position", Type::Integer),
        ("learner_id", Type::Uuid),
        ("source", Type::Text),
        ("state", Type::Text),
        ("amount_cents", Type::Long),
        ("payer_id", Type::Uuid),
        ("sponsorship_id", Type::Uuid),
        ("voucher_id", Type::Uuid),
    ],
);
const TICKET: Target = target("waitlist_ticket", &[("offering", Type::Uuid), ("ticket", Type::Long)]);
const OFFER: Target = target("seat_offer", &[("enrollment", Type::Uuid), ("institution", Type::Uuid), ("expires_at", Type::Instant)]);
const KEY: Target = target(
    "external_key",
    &[("tenant_id", Type::Uuid), ("system", Type::Text), ("kind", Type::Text), ("value", Type::Text), ("object_id", Type::Uuid)],
);

const fn target(table: &'static str, columns: &'static [(&'static str, Type)]) -> Target {
    Target { table, key: 0, columns }
}

fn text(text: &str) -> Cell {
    Cell::Text(text.into())
}

fn key(id: Option<Uuid>) -> Cell {
    id.map_or(Cell::Null, Cell::Uuid)
}

fn instant(at: Option<DateTime<Utc>>) -> Cell {
    at.map_or(Cell::Null, Cell::Instant)
}

/// A part of the price of an enrollment.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub source: &'static str,
    pub amount: i64,
    /// The sponsorship that pays it.
    pub book: Option<Book>,
    /// The voucher, with what it is worth.
    pub voucher: Option<(Uuid, i64)>,
}

/// An enrollment as it was drawn.
#[derive(Debug)]
pub(super) struct Drawn {
    pub institution: Uuid,
    pub id: Uuid,
    pub offering: Uuid,
    pub learner: Uuid,
    pub ticket: i64,
    pub offered_until: Option<DateTime<Utc>>,
    pub percent: i64,
    pub hours: f64,
    pub active_at: Option<DateTime<Utc>>,
    /// States with the time and the one who moved it there.
    pub steps: Vec<(State, DateTime<Utc>, String)>,
    pub parts: Vec<Part>,
    pub is_refunded: bool,
}

impl Drawn {
    pub(super) fn state(&self) -> State {
        self.steps.last().map_or(State::Requested, |(state, ..)| *state)
    }

    pub(super) fn when(&self, is: impl Fn(State) -> bool) -> Option<DateTime<Utc>> {
        self.steps.iter().find(|(state, ..)| is(*state)).map(|(_, at, _)| *at)
    }

    /// When it was charged, and when what was reserved or charged was given back.
    fn settled(&self) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        let back =
            self.when(|state| matches!(state, State::Cancelled | State::Declined) || (state == State::Withdrawn && self.is_refunded));
        (self.when(|state| state == State::Active), back)
    }
}

/// Writes everything; `shown` are the businesses that see all of a learner's enrollments.
pub(super) async fn put(
    transaction: &mut Transaction,
    ids: &Ids,
    drawn: &[Drawn],
    sections: &[Section],
    shown: &[(Uuid, Uuid)],
) -> Result<(), StoreError> {
    let mut rows: [Vec<Vec<Cell>>; 5] = Default::default();
    for one in drawn {
        add(one, &mut rows);
    }
    for (target, rows) in [ENROLLMENT, STEP, PART, TICKET, OFFER].into_iter().zip(rows) {
        upsert(&mut transaction.connection(), target, rows).await?;
    }
    for section in sections.iter().filter(|section| section.here > 0 || section.next_ticket > 1) {
        let counted = vec![
            ("seats_here", Type::Integer, Cell::Integer(section.here)),
            ("waiting_here", Type::Integer, Cell::Integer(section.waiting)),
            ("next_ticket", Type::Long, Cell::Integer(section.next_ticket)),
        ];
        change::update(&mut transaction.connection(), "offering", section.id, counted).await?;
    }
    let mut books = Vec::new();
    for one in drawn {
        for part in &one.parts {
            let Some(book) = part.book else { continue };
            books.push((book.tenant, book.sponsorship));
            pay(transaction, ids, book, one, part).await?;
        }
    }
    books.sort_unstable();
    books.dedup();
    for (tenant, sponsorship) in books {
        ledger::follow(&mut transaction.connection(), Book { tenant, sponsorship }).await?;
    }
    make_known(transaction, drawn).await?;
    let paid = drawn.iter().flat_map(|one| one.parts.iter().filter_map(|part| Some((part.book?.tenant, one.learner, Some(one.id)))));
    let enrolled: BTreeSet<Uuid> = drawn.iter().map(|one| one.learner).collect();
    let open = shown.iter().filter(|(_, learner)| enrolled.contains(learner)).map(|(business, learner)| (*business, *learner, None));
    let all: Vec<_> = open.chain(paid).collect();
    for (business, learner, enrollment) in all {
        shown::show(&mut transaction.connection(), business, learner, enrollment).await?;
    }
    Ok(())
}

fn add(one: &Drawn, [enrollments, steps, parts, tickets, offers]: &mut [Vec<Vec<Cell>>; 5]) {
    let (tenant, id, learner, state) = (Cell::Uuid(one.institution), Cell::Uuid(one.id), Cell::Uuid(one.learner), one.state());
    let first = one.steps.first().map(|(_, at, _)| *at);
    let last = one.steps.last().map(|(_, at, _)| *at);
    enrollments.push(vec![
        tenant.clone(),
        id.clone(),
        Cell::Uuid(one.offering),
        learner.clone(),
        text(state.name()),
        Cell::Integer(one.ticket),
        instant(one.offered_until),
        Cell::Integer(one.percent),
        Cell::Real(one.hours),
        instant(one.active_at),
        instant(first),
        instant(last),
    ]);
    let mut before = None;
    for (number, (state, at, doer)) in (1..).zip(&one.steps) {
        let reason = match state {
            State::Declined => text("The funds named do not cover this course."),
            State::Withdrawn => text("Changed shifts."),
            _ => Cell::Null,
        };
        let from = before.map_or(Cell::Null, |before: State| text(before.name()));
        let cells = [Cell::Integer(number), learner.clone(), from, text(state.name()), Cell::Instant(*at), reason, text(doer)];
        steps.push([tenant.clone(), id.clone()].into_iter().chain(cells).collect());
        before = Some(*state);
    }
    let settled = match one.settled() {
        (_, Some(_)) => "RELEASED",
        (Some(_), None) => "CHARGED",
        (None, None) => "RESERVED",
    };
    for (position, part) in (0..).zip(&one.parts) {
        parts.push(vec![
            tenant.clone(),
            id.clone(),
            Cell::Integer(position),
            learner.clone(),
            text(part.source),
            text(settled),
            Cell::Integer(part.amount),
            key(part.book.map(|book| book.tenant)),
            key(part.book.map(|book| book.sponsorship)),
            key(part.voucher.map(|(id, _)| id)),
        ]);
    }
    if state == State::Waitlisted {
        tickets.push(vec![Cell::Uuid(one.offering), Cell::Integer(one.ticket)]);
    }
    if let Some(until) = one.offered_until {
        offers.push(vec![id, tenant, Cell::Instant(until)]);
    }
}

/// Lets the ledger follow what a sponsorship pays of an enrollment.
async fn pay(transaction: &mut Transaction, ids: &Ids, book: Book, one: &Drawn, part: &Part) -> Result<(), StoreError> {
    let asked = one.when(|_| true).unwrap_or_default();
    let (charged, back) = one.settled();
    let mut moves = vec![(Unit::Money, Account::Free, Account::Reserved, part.amount, asked)];
    if let Some((voucher, value)) = part.voucher {
        moves.push((Unit::Seat, Account::Reserved, Account::Spent, 1, asked));
        moves.push((Unit::Money, Account::Free, Account::Granted, value - part.amount, asked));
        change::update(&mut transaction.connection(), "voucher", voucher, vec![("state", Type::Text, text("REDEEMED"))]).await?;
    }
    moves.extend(charged.map(|at| (Unit::Money, Account::Reserved, Account::Spent, part.amount, at)));
    let held = if charged.is_some() { Account::Spent } else { Account::Reserved };
    moves.extend(back.map(|at| (Unit::Money, held, Account::Free, part.amount, at)));
    for (unit, from, to, amount, at) in moves.into_iter().filter(|(.., amount, _)| *amount > 0) {
        let movement = Movement { id: ids.next(), unit, from, to, amount, about: Some(one.id), at };
        if !ledger::transfer(&mut transaction.connection(), book, movement).await? {
            return Err(StoreError::Open("the demo spends more than it has".to_owned()));
        }
    }
    Ok(())
}

/// Lets institutions know who is enrolled with them, each by a student number.
async fn make_known(transaction: &mut Transaction, drawn: &[Drawn]) -> Result<(), StoreError> {
    let pairs: BTreeSet<(Uuid, Uuid)> = drawn.iter().map(|one| (one.institution, one.learner)).collect();
    let mut numbers = Vec::new();
    for (place, (institution, learner)) in (10_001..).zip(pairs) {
        person::make_known(&mut transaction.connection(), institution, learner).await?;
        let number = text(&format!("S-{place}"));
        numbers.push(vec![Cell::Uuid(institution), text("concord"), text("learner"), number, Cell::Uuid(learner)]);
    }
    upsert(&mut transaction.connection(), KEY, numbers).await
}
