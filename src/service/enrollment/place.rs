//! Giving a place: whether the learner may have one, who pays, and which it is, decided while the offering's row is held. Every reason against it is told at once.

use uuid::Uuid;

use super::super::actor::{Actor, Refused};
use super::super::audit::Author;
use super::super::user_error::{UserError, UserErrorCode};
use super::kept::Kept;
use super::known::{self, Known};
use super::{pay, step};
use crate::cache::tag;
use crate::domain::enrollment::{By, NO_TICKET, State};
use crate::policy::Scope;
use crate::store::ledger::{Account, Book, Unit};
use crate::store::offering::OFFERING;
use crate::store::seat::{self, Held, Part};
use crate::store::sponsorship::Terms;
use crate::store::{Row, StoreError, Transaction, consent_grant, person, roster, voucher};

/// Who pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Payment {
    Own,
    Aid,
    Sponsorship { payer: Uuid, sponsorship: Uuid },
    Voucher { payer: Uuid, voucher: Uuid },
}

impl Payment {
    pub(super) const fn payer(self) -> Option<Uuid> {
        match self {
            Self::Own | Self::Aid => None,
            Self::Sponsorship { payer, .. } | Self::Voucher { payer, .. } => Some(payer),
        }
    }
}

/// A place that is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub institution: Uuid,
    pub offering: Uuid,
    pub learner: Uuid,
    pub payment: Payment,
    /// What names the aid that pays.
    pub reference: Option<&'a str>,
    /// As whom it is asked for.
    pub by: By,
    /// Whether it is only tried: nothing of it is kept.
    pub is_dry_run: bool,
    /// Where in the input the offering and the funding stand.
    pub paths: [&'a [&'a str]; 2],
}

impl Place<'_> {
    /// Names of the fields that are given with it, for the log.
    pub(super) const fn fields(&self) -> &'static [&'static str] {
        if self.reference.is_some() { &["state", "aidReference"] } else { super::STATE }
    }
}

/// What is paid by whom.
struct Bill {
    parts: Vec<Part>,
    book: Option<Book>,
    /// The voucher with what it is worth.
    voucher: Option<(Uuid, i64)>,
    is_block: bool,
}

/// Gives a place, in a transaction of the act's scope.
pub(super) async fn place(actor: &Actor, transaction: &mut Transaction, scope: &Scope, place: &Place<'_>) -> Result<Held, Refused> {
    seat::hold(&mut transaction.connection(), &[place.offering]).await?;
    consent_grant::hold(&mut transaction.connection(), &[place.learner]).await?;
    let mut kept = Kept::default();
    let held = give(actor, transaction, scope, place, &mut kept).await?;
    kept.follow(transaction).await?;
    Ok(held)
}

/// Gives a place in an offering that is held, to a learner whose consents are. Nothing is written where it is refused with [`Refused::User`]. The transaction speaks in the scope before
/// and after; whoever gave the last place lets what is said of its sponsorship follow ([`Kept::follow`]).
pub(super) async fn give(
    actor: &Actor,
    transaction: &mut Transaction,
    scope: &Scope,
    place: &Place<'_>,
    kept: &mut Kept,
) -> Result<Held, Refused> {
    // Once nobody else gives places here: later tickets are those of later times.
    let (now, id) = (actor.clock.now(), actor.ids.next());
    let row = actor.store.rows_in(transaction, scope, &OFFERING, &[place.offering]).await?.pop().flatten();
    let row = row.ok_or_else(|| super::hidden(place.paths[0]))?;
    let (mut errors, known) = against(actor, transaction, &row, place, kept).await?;
    errors.extend(known.told);
    let bill = bill(actor, transaction, &row, place, (kept, &mut errors)).await?;
    let number = |column| row.integer(column).ok().flatten().unwrap_or_default();
    let capacity = row.integer("capacity")?;
    let is_free = capacity.is_some_and(|capacity| number("seats_taken") + number("seats_here") < capacity);
    let can_wait = number("waitlisted") + number("waiting_here") < number("waitlist_capacity");
    let state = match (capacity, place.payment) {
        (None, _) | (_, Payment::Aid) => State::Requested,
        // Nobody passes those who wait.
        _ if is_free && number("waiting_here") == 0 => State::Enrolled,
        _ => State::Waitlisted,
    };
    if state == State::Waitlisted && !can_wait {
        errors.push(UserError::at(
            UserErrorCode::Full,
            place.paths[0],
            "no seat is left, and the waitlist takes nobody: choose another one",
        ));
    }
    if errors.is_empty() {
        // What may not be told is told only where there is the money: whether there is, is tried.
        let is_tried = known.untold.is_some();
        if is_tried {
            transaction.mark().await?;
        }
        reserve(actor, transaction, (place, id), &bill, &mut errors).await?;
        if is_tried {
            transaction.take_back().await?;
            transaction.keep().await?;
        }
        if errors.is_empty() && !is_tried {
            kept.moved();
        }
    }
    let is_over = known.untold.is_some() && place.is_dry_run;
    if errors.is_empty() && !is_over {
        errors.extend(known.untold);
    }
    if !errors.is_empty() {
        return Err(Refused::User(errors));
    }
    let mut connection = transaction.connection();
    let mut held = Held {
        institution: place.institution,
        id,
        offering: place.offering,
        learner: place.learner,
        state,
        ticket: NO_TICKET,
        offered_until: None,
    };
    if is_over {
        // What is against it may not be told, and nothing more can be tried.
        return Ok(held);
    }
    match state {
        State::Enrolled if !seat::take(&mut connection, place.offering).await? => return Err(StoreError::Moved.into()),
        State::Waitlisted => held.ticket = seat::queue(&mut connection, place.offering).await?,
        _ => {}
    }
    seat::insert(&mut connection, &held, now).await?;
    let doer = actor.principal.member().map_or(super::SYSTEM, |member| &member.display_name);
    seat::step(&mut connection, &held, None, (None, doer), now).await?;
    for part in &bill.parts {
        seat::insert_part(&mut connection, &held, part).await?;
    }
    person::make_known(&mut connection, place.institution, place.learner).await?;
    step::project_to(transaction, scope, &held, &bill.parts).await?;
    transaction.speak(scope).await?;
    step::moves(transaction, &held);
    // Lists by whether seats are left change when the last one goes.
    if state == State::Enrolled && capacity == Some(number("seats_taken") + number("seats_here") + 1) {
        transaction.moves(tag::SEATS.to_owned());
    }
    Ok(held)
}

/// Leaves lines that a place was given: in the log of the institution, and where its staff set a business' money aside, in that business' too.
pub(super) async fn log(
    actor: &Actor,
    transaction: &mut Transaction,
    scope: &Scope,
    (place, held): (&Place<'_>, &Held),
    action: &str,
) -> Result<(), StoreError> {
    super::log(actor, transaction, &Author::of(actor), (held, place.fields()), action).await?;
    let Some(payer) = place.payment.payer().filter(|_| place.by == By::Staff) else { return Ok(()) };
    super::log_of_payer(actor, transaction, payer, (held, place.fields()), action).await?;
    transaction.speak(scope).await
}

/// Every reason against it that has nothing to do with money: those of the offering, and those of the learner's record.
async fn against(
    actor: &Actor,
    transaction: &mut Transaction,
    row: &Row,
    place: &Place<'_>,
    kept: &mut Kept,
) -> Result<(Vec<UserError>, Known), Refused> {
    let now = actor.clock.now();
    let mut errors = Vec::new();
    let mut complain = |code, text: String| errors.push(UserError::at(code, place.paths[0], text));
    let mut connection = transaction.connection();
    let reserved = row.uuid("reserved_for_business_id")?;
    if let Some(business) = reserved {
        if !roster::is_linked(&mut connection, business, place.learner).await? {
            complain(UserErrorCode::NotEligible, "it is reserved for the employees of a business".to_owned());
        }
    } else if !row.boolean("is_public")? {
        complain(UserErrorCode::Closed, "it is not announced, or no longer".to_owned());
    }
    if row.text("status")? != "OPEN" {
        complain(UserErrorCode::Closed, "it does not take enrollments now: look at its status".to_owned());
    }
    if row.instant("registration_opens_at")?.is_some_and(|opens| opens > now) {
        complain(UserErrorCode::Closed, "enrolling has not opened yet: see registrationOpensAt".to_owned());
    }
    if row.instant("registration_closes_at")?.is_some_and(|closes| closes <= now) {
        complain(UserErrorCode::Closed, "enrolling has closed: see registrationClosesAt".to_owned());
    }
    let open = seat::open_of(&mut connection, place.offering, place.learner).await?.map(|held| held.id);
    let mut missing = match row.uuid("course_id")? {
        Some(course) => kept.prerequisites(&mut connection, course).await?,
        None => Vec::new(),
    };
    if !missing.is_empty() {
        let passed = seat::passed(&mut connection, place.learner, &missing).await?;
        missing.retain(|course| !passed.contains(course));
    }
    let known = known::reasons(&actor.reads, &mut connection, place, (open, &missing), now).await?;
    Ok((errors, known))
}

/// Who pays what, and every reason against that.
async fn bill(
    actor: &Actor,
    transaction: &mut Transaction,
    row: &Row,
    place: &Place<'_>,
    (kept, errors): (&mut Kept, &mut Vec<UserError>),
) -> Result<Bill, Refused> {
    let price = row.integer("price_cents")?.unwrap_or_default();
    let part = |position, source: &str, amount| Part {
        position,
        source: source.to_owned(),
        state: "RESERVED".to_owned(),
        amount,
        payer: None,
        voucher: None,
        reference: None,
    };
    let alone = |part: Part| Bill { parts: vec![part], book: None, voucher: None, is_block: false };
    let mut connection = transaction.connection();
    let mut complain = |code, text: &str| errors.push(UserError::at(code, place.paths[1], text));
    let today = actor.clock.today();
    let (payer, sponsorship, voucher) = match place.payment {
        Payment::Own => return Ok(alone(part(0, "SELF_PAY", price))),
        Payment::Aid => {
            let reference = place.reference.map(str::to_owned);
            return Ok(alone(Part { reference, ..part(0, "FINANCIAL_AID", price) }));
        }
        Payment::Sponsorship { payer, sponsorship } => (payer, sponsorship, None),
        Payment::Voucher { payer, voucher: id } => {
            let Some(of) = voucher::sponsorship(&mut connection, payer, id).await? else {
                return Err(super::hidden(place.paths[1]).into());
            };
            (payer, of, Some(id))
        }
    };
    let book = Book { tenant: payer, sponsorship };
    // This holds the sponsorship, and only then is the voucher held: so does whoever gives one back.
    let Some(terms) = kept.terms(&mut connection, book).await? else { return Err(super::hidden(place.paths[1]).into()) };
    let mut code = None;
    if let Some(id) = voucher {
        let found = voucher::hold(&mut connection, payer, id).await?.filter(|found| found.sponsorship == sponsorship);
        let found = found.ok_or(StoreError::Moved)?;
        if found.state != "UNUSED" {
            complain(UserErrorCode::NotEligible, "the voucher was used already, or taken back");
        } else if found.expires_on < today {
            complain(UserErrorCode::Closed, "the voucher has expired");
        }
        code = Some((id, found.value));
    }
    wrong_terms(terms, row, place, today, code.is_some(), &mut complain);
    let is_employee = roster::is_linked(&mut connection, payer, place.learner).await?;
    let mut of_learner = Vec::new();
    if code.is_none() && !is_employee {
        of_learner.push("the learner does not work for the business, or no longer, or has not confirmed it");
    }
    let mut pays = if terms.kind == "SEAT_BLOCK" { 0 } else { code.map_or(price, |(_, value)| price.min(value)) };
    if let Some(cap) = terms.cap.filter(|_| terms.kind != "SEAT_BLOCK") {
        let left = (cap - seat::paid_for(&mut connection, sponsorship, place.learner).await?).max(0);
        if left == 0 && price > 0 {
            of_learner.push("the sponsorship has paid for the learner what it pays at most");
        }
        pays = pays.min(left);
    }
    // Who works for whom, and who is paid for elsewhere, is no college's to find out.
    let is_told = place.by != By::Staff || of_learner.is_empty();
    if !is_told && !seat::is_paid_at(&mut connection, place.institution, sponsorship, place.learner).await? {
        of_learner = vec!["the sponsorship does not pay for the learner: ask them, or the business"];
    }
    for text in of_learner {
        complain(UserErrorCode::NotEligible, text);
    }
    let source = if code.is_some() { "VOUCHER" } else { "SPONSORSHIP" };
    let mut parts = vec![Part { payer: Some((payer, sponsorship)), voucher: code.map(|(id, _)| id), ..part(0, source, pays) }];
    if terms.kind != "SEAT_BLOCK" && pays < price {
        parts.push(part(1, "SELF_PAY", price - pays));
    }
    Ok(Bill { parts, book: Some(book), voucher: code, is_block: terms.kind == "SEAT_BLOCK" })
}

/// What the terms of a sponsorship say against it.
fn wrong_terms(
    terms: &Terms,
    row: &Row,
    place: &Place<'_>,
    today: chrono::NaiveDate,
    has_code: bool,
    complain: &mut impl FnMut(UserErrorCode, &str),
) {
    if !terms.takes_part {
        complain(UserErrorCode::Closed, "the business does not take part now: look at its status, or let somebody else pay");
    }
    if matches!(terms.status.as_str(), "DRAFT" | "ENDED") || terms.ends_on < today || terms.starts_on > today {
        complain(UserErrorCode::Closed, "the sponsorship is not in force: look at its days and its status");
    }
    if (terms.kind == "VOUCHERS") != has_code {
        complain(UserErrorCode::NotEligible, "a sponsorship of vouchers pays by their codes, and no other does");
    }
    if !terms.institutions.is_empty() && !terms.institutions.contains(&place.institution) {
        complain(UserErrorCode::NotEligible, "the sponsorship cannot be used at this institution");
    }
    let subject = [row.uuid("course_id"), row.uuid("program_id")].into_iter().find_map(|id| id.ok().flatten());
    if !terms.covers.is_empty() && !subject.is_some_and(|subject| terms.covers.contains(&subject)) {
        complain(UserErrorCode::NotEligible, "the sponsorship does not pay for what the offering teaches");
    }
    // What is no longer reserved for the business is not paid for by its seats: the college sells it.
    let is_reserved = row.uuid("reserved_for_business_id").ok().flatten().is_some_and(|business| place.payment.payer() == Some(business));
    if terms.kind == "SEAT_BLOCK" && !(is_reserved && terms.holds.contains(&place.offering)) {
        complain(UserErrorCode::NotEligible, "the block has no seats in this offering, or it is not reserved for the business any more");
    }
}

/// Sets aside what is to be paid, from a sponsorship that is held ([`bill`]).
async fn reserve(
    actor: &Actor,
    transaction: &mut Transaction,
    (place, about): (&Place<'_>, Uuid),
    bill: &Bill,
    errors: &mut Vec<UserError>,
) -> Result<(), Refused> {
    let Some(book) = bill.book else { return Ok(()) };
    let amount = bill.parts.first().map_or(0, |part| part.amount);
    let reserving = (Account::Free, Account::Reserved);
    let is_reserved = if bill.is_block {
        pay::shift(actor, transaction, book, Unit::Seat, reserving, (1, about)).await?
    } else {
        pay::shift(actor, transaction, book, Unit::Money, reserving, (amount, about)).await?
    };
    if !is_reserved {
        errors.push(UserError::at(
            UserErrorCode::InsufficientFunds,
            place.paths[1],
            "the sponsorship has not enough left: raise it, or let somebody else pay",
        ));
        return Ok(());
    }
    if let Some((id, value)) = bill.voucher {
        // What the price leaves of it is nobody's to spend.
        let is_used = voucher::redeem(&mut transaction.connection(), book.tenant, id).await?
            && pay::shift(actor, transaction, book, Unit::Seat, (Account::Reserved, Account::Spent), (1, about)).await?
            && pay::shift(actor, transaction, book, Unit::Money, (Account::Free, Account::Granted), (value - amount, about)).await?;
        if !is_used {
            return Err(StoreError::Moved.into());
        }
    }
    Ok(())
}
