//! Seats and the waitlist of an offering, as acts read and write them. Whoever moves any holds the offering's row first, so that everything here is done by one at a time.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::change::{self, Hold};
use super::error::StoreError;
use super::row::Cell;
use super::sql::{Connection, Sql, Type};
use super::{Store, on_connection, waitlist};
use crate::domain::enrollment::State;

/// An enrollment as an act holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Institution.
    pub institution: Uuid,
    /// Key.
    pub id: Uuid,
    /// Offering.
    pub offering: Uuid,
    /// Learner.
    pub learner: Uuid,
    /// Where it stands.
    pub state: State,
    /// Its ticket on the waitlist.
    pub ticket: i64,
    /// Until when its seat is offered.
    pub offered_until: Option<DateTime<Utc>>,
}

/// A part of the price of an enrollment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Place among the parts.
    pub position: i64,
    /// Kind of source, as the schema names it.
    pub source: String,
    /// State, as the schema names it.
    pub state: String,
    /// Cents.
    pub amount: i64,
    /// Who pays, from which sponsorship, by which voucher.
    pub payer: Option<(Uuid, Uuid)>,
    /// By which voucher.
    pub voucher: Option<Uuid>,
    /// What the learner calls the aid that pays.
    pub reference: Option<String>,
}

const COLUMNS: &str = "t.tenant_id, t.id, t.offering_id, t.learner_id, t.state, t.ticket, t.seat_offer_expires_at";
const TYPES: [Type; 7] = [Type::Uuid, Type::Uuid, Type::Uuid, Type::Uuid, Type::Text, Type::Long, Type::Instant];

fn read(cells: &[Cell]) -> Option<Held> {
    Some(Held {
        institution: cells[0].uuid()?,
        id: cells[1].uuid()?,
        offering: cells[2].uuid()?,
        learner: cells[3].uuid()?,
        state: State::named(cells[4].text()?)?,
        ticket: cells[5].integer()?,
        offered_until: if let Cell::Instant(at) = cells[6] { Some(at) } else { None },
    })
}

/// Keeps others from the seats of offerings until the transaction ends.
pub async fn hold(connection: &mut Connection<'_>, offerings: &[Uuid]) -> Result<(), StoreError> {
    change::lock(connection, "offering", offerings, Hold::Change).await
}

/// An enrollment, as the transaction sees it.
pub async fn enrollment(connection: &mut Connection<'_>, id: Uuid) -> Result<Option<Held>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT ").push(COLUMNS).push(" FROM enrollment t WHERE t.id = ").bind(Type::Uuid, Cell::Uuid(id));
    Ok(connection.fetch(sql, &TYPES).await?.first().and_then(|cells| read(cells)))
}

/// The open enrollment of a learner in an offering.
pub async fn open_of(connection: &mut Connection<'_>, offering: Uuid, learner: Uuid) -> Result<Option<Held>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT ").push(COLUMNS).push(" FROM enrollment t WHERE t.offering_id = ").bind(Type::Uuid, Cell::Uuid(offering));
    sql.push(" AND t.learner_id = ").bind(Type::Uuid, Cell::Uuid(learner));
    sql.push(" AND t.state IN ('REQUESTED', 'WAITLISTED', 'SEAT_OFFERED', 'ENROLLED', 'ACTIVE')");
    Ok(connection.fetch(sql, &TYPES).await?.first().and_then(|cells| read(cells)))
}

/// Whoever waits longest in an offering; where it is reserved, of those who work for the business.
pub async fn next_waiting(connection: &mut Connection<'_>, offering: Uuid, business: Option<Uuid>) -> Result<Option<Held>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT ").push(COLUMNS).push(" FROM enrollment t WHERE t.state = 'WAITLISTED' AND t.offering_id = ");
    sql.bind(Type::Uuid, Cell::Uuid(offering));
    waitlist::works_for(&mut sql, business);
    sql.push(" ORDER BY t.ticket, t.id LIMIT 1");
    Ok(connection.fetch(sql, &TYPES).await?.first().and_then(|cells| read(cells)))
}

/// Open enrollments of an offering.
pub async fn all_open(connection: &mut Connection<'_>, offering: Uuid) -> Result<Vec<Held>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT ").push(COLUMNS).push(" FROM enrollment t WHERE t.offering_id = ").bind(Type::Uuid, Cell::Uuid(offering));
    sql.push(" AND t.state IN ('REQUESTED', 'WAITLISTED', 'SEAT_OFFERED', 'ENROLLED', 'ACTIVE') ORDER BY t.id");
    Ok(connection.fetch(sql, &TYPES).await?.iter().filter_map(|cells| read(cells)).collect())
}

/// Offerings of these in which anything is open.
pub async fn with_open(connection: &mut Connection<'_>, offerings: &[Uuid]) -> Result<Vec<Uuid>, StoreError> {
    if offerings.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT DISTINCT t.offering_id FROM enrollment t WHERE ").any("t.offering_id", Type::Uuid, super::filter::uuids(offerings));
    sql.push(" AND t.state IN ('REQUESTED', 'WAITLISTED', 'SEAT_OFFERED', 'ENROLLED', 'ACTIVE')");
    Ok(connection.fetch(sql, &[Type::Uuid]).await?.iter().filter_map(|cells| cells[0].uuid()).collect())
}

/// The businesses that pay for anything in an offering, each with its sponsorship.
pub async fn payers(connection: &mut Connection<'_>, offering: Uuid) -> Result<Vec<(Uuid, Uuid)>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT DISTINCT f.payer_id, f.sponsorship_id FROM funding f JOIN enrollment t ON t.tenant_id = f.tenant_id AND t.id = f.enrollment_id WHERE t.offering_id = ");
    sql.bind(Type::Uuid, Cell::Uuid(offering)).push(" AND f.payer_id IS NOT NULL AND f.state <> 'RELEASED'");
    let rows = connection.fetch(sql, &[Type::Uuid, Type::Uuid]).await?;
    Ok(rows.iter().filter_map(|cells| Some((cells[0].uuid()?, cells[1].uuid()?))).collect())
}

/// Courses of these that a learner has passed, wherever it was.
pub async fn passed(connection: &mut Connection<'_>, learner: Uuid, courses: &[Uuid]) -> Result<Vec<Uuid>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT DISTINCT o.course_id FROM enrollment t JOIN offering o ON o.id = t.offering_id WHERE t.state = 'COMPLETED' AND t.learner_id = ");
    sql.bind(Type::Uuid, Cell::Uuid(learner)).push(" AND ").any("o.course_id", Type::Uuid, super::filter::uuids(courses));
    Ok(connection.fetch(sql, &[Type::Uuid]).await?.iter().filter_map(|cells| cells[0].uuid()).collect())
}

/// Takes a seat, if there is one; whether there was.
pub async fn take(connection: &mut Connection<'_>, offering: Uuid) -> Result<bool, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("UPDATE offering SET seats_here = seats_here + 1 WHERE capacity > seats_taken + seats_here AND id = ")
        .bind(Type::Uuid, Cell::Uuid(offering));
    Ok(connection.execute(sql).await? == 1)
}

/// Takes a seat of an offering whose number of seats nobody knows.
pub async fn take_unknown(connection: &mut Connection<'_>, offering: Uuid) -> Result<bool, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("UPDATE offering SET seats_here = seats_here + 1 WHERE capacity IS NULL AND id = ").bind(Type::Uuid, Cell::Uuid(offering));
    Ok(connection.execute(sql).await? == 1)
}

/// Gives a seat back.
pub async fn give_back(connection: &mut Connection<'_>, offering: Uuid) -> Result<(), StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("UPDATE offering SET seats_here = seats_here - 1 WHERE seats_here > 0 AND id = ").bind(Type::Uuid, Cell::Uuid(offering));
    expect_one(connection, sql, "a seat that was taken was not counted").await
}

/// The status of an offering.
pub async fn status(connection: &mut Connection<'_>, offering: Uuid) -> Result<Option<String>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT o.status FROM offering o WHERE o.id = ").bind(Type::Uuid, Cell::Uuid(offering));
    Ok(connection.fetch(sql, &[Type::Text]).await?.first().and_then(|cells| cells[0].text().map(str::to_owned)))
}

/// How many seats are left; `None` where nobody knows how many there are.
pub async fn left(connection: &mut Connection<'_>, offering: Uuid) -> Result<Option<i64>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT CAST(o.capacity - o.seats_taken - o.seats_here AS bigint) FROM offering o WHERE o.id = ")
        .bind(Type::Uuid, Cell::Uuid(offering));
    Ok(connection.fetch(sql, &[Type::Long]).await?.first().and_then(|cells| cells[0].integer()))
}

/// A place on the waitlist: the next ticket.
pub async fn queue(connection: &mut Connection<'_>, offering: Uuid) -> Result<i64, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("UPDATE offering SET next_ticket = next_ticket + 1, waiting_here = waiting_here + 1 WHERE id = ")
        .bind(Type::Uuid, Cell::Uuid(offering));
    sql.push(" RETURNING next_ticket - 1");
    let rows = connection.fetch(sql, &[Type::Long]).await?;
    let ticket = rows.first().and_then(|cells| cells[0].integer()).ok_or(StoreError::Moved)?;
    let values = vec![("offering", Type::Uuid, Cell::Uuid(offering)), ("ticket", Type::Long, Cell::Integer(ticket))];
    change::insert(connection, "waitlist_ticket", values).await?;
    Ok(ticket)
}

/// Leaves the waitlist.
pub async fn leave_queue(connection: &mut Connection<'_>, offering: Uuid, ticket: i64) -> Result<(), StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("DELETE FROM waitlist_ticket WHERE offering = ").bind(Type::Uuid, Cell::Uuid(offering)).push(" AND ticket = ");
    sql.bind(Type::Long, Cell::Integer(ticket));
    expect_one(connection, sql, "a ticket of the waitlist is missing").await?;
    let mut sql = Sql::new(connection.dialect());
    sql.push("UPDATE offering SET waiting_here = waiting_here - 1 WHERE waiting_here > 0 AND id = ").bind(Type::Uuid, Cell::Uuid(offering));
    expect_one(connection, sql, "somebody who waited was not counted").await
}

async fn expect_one(connection: &mut Connection<'_>, sql: Sql, text: &str) -> Result<(), StoreError> {
    if connection.execute(sql).await? == 1 { Ok(()) } else { Err(StoreError::Open(text.to_owned())) }
}

/// Notes until when a seat is offered, by the database's own clock; when that is.
pub async fn offer(connection: &mut Connection<'_>, institution: Uuid, enrollment: Uuid, hours: u32) -> Result<DateTime<Utc>, StoreError> {
    let until = clock(connection).await? + TimeDelta::hours(hours.into());
    let values = vec![
        ("enrollment", Type::Uuid, Cell::Uuid(enrollment)),
        ("institution", Type::Uuid, Cell::Uuid(institution)),
        ("expires_at", Type::Instant, Cell::Instant(until)),
    ];
    change::insert(connection, "seat_offer", values).await?;
    Ok(until)
}

/// The database's own clock.
async fn clock(connection: &mut Connection<'_>) -> Result<DateTime<Utc>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT ").push(connection.dialect().clock());
    let rows = connection.fetch(sql, &[Type::Instant]).await?;
    match rows.first().map(|cells| &cells[0]) {
        Some(Cell::Instant(now)) => Ok(*now),
        _ => Err(StoreError::Open("the database tells no time".to_owned())),
    }
}

/// Forgets that a seat was offered.
pub async fn end_offer(connection: &mut Connection<'_>, enrollment: Uuid) -> Result<(), StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("DELETE FROM seat_offer WHERE enrollment = ").bind(Type::Uuid, Cell::Uuid(enrollment));
    connection.execute(sql).await.map(|_| ())
}

/// Moves an enrollment, which the transaction read in the state `from`. The time of its last change never goes back, whichever node's clock is behind.
pub async fn put(connection: &mut Connection<'_>, from: State, after: &Held, now: DateTime<Utc>) -> Result<(), StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("UPDATE enrollment SET state = ").text(after.state.name()).push(", ticket = ").bind(Type::Long, Cell::Integer(after.ticket));
    sql.push(", seat_offer_expires_at = ").bind(Type::Instant, after.offered_until.map_or(Cell::Null, Cell::Instant));
    sql.push(", updated_at = CASE WHEN updated_at > ").bind(Type::Instant, Cell::Instant(now)).push(" THEN updated_at ELSE ");
    sql.bind(Type::Instant, Cell::Instant(now)).push(" END WHERE state = ").text(from.name());
    sql.push(" AND id = ").bind(Type::Uuid, Cell::Uuid(after.id));
    if connection.execute(sql).await? == 1 { Ok(()) } else { Err(StoreError::Moved) }
}

/// Adds an enrollment.
pub async fn insert(connection: &mut Connection<'_>, new: &Held, now: DateTime<Utc>) -> Result<(), StoreError> {
    let values = vec![
        ("tenant_id", Type::Uuid, Cell::Uuid(new.institution)),
        ("id", Type::Uuid, Cell::Uuid(new.id)),
        ("offering_id", Type::Uuid, Cell::Uuid(new.offering)),
        ("learner_id", Type::Uuid, Cell::Uuid(new.learner)),
        ("state", Type::Text, Cell::Text(new.state.name().into())),
        ("ticket", Type::Long, Cell::Integer(new.ticket)),
        ("requested_at", Type::Instant, Cell::Instant(now)),
        ("updated_at", Type::Instant, Cell::Instant(now)),
    ];
    change::insert(connection, "enrollment", values).await
}

/// Adds a step of an enrollment's history.
pub async fn step(
    connection: &mut Connection<'_>,
    after: &Held,
    from: Option<State>,
    (reason, actor): (Option<&str>, &str),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let text = |text: &str| Cell::Text(text.into());
    // What comes from nowhere is the first.
    let number = if from.is_some() { steps(connection, after.id).await? + 1 } else { 1 };
    let values = vec![
        ("tenant_id", Type::Uuid, Cell::Uuid(after.institution)),
        ("enrollment_id", Type::Uuid, Cell::Uuid(after.id)),
        ("number", Type::Integer, Cell::Integer(number)),
        ("learner_id", Type::Uuid, Cell::Uuid(after.learner)),
        ("from_state", Type::Text, from.map_or(Cell::Null, |from| text(from.name()))),
        ("to_state", Type::Text, text(after.state.name())),
        ("at", Type::Instant, Cell::Instant(now)),
        ("reason", Type::Text, reason.map_or(Cell::Null, text)),
        ("actor_name", Type::Text, text(actor)),
    ];
    change::insert(connection, "enrollment_transition", values).await
}

/// How many steps an enrollment has made.
async fn steps(connection: &mut Connection<'_>, enrollment: Uuid) -> Result<i64, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT count(*) FROM enrollment_transition t WHERE t.enrollment_id = ").bind(Type::Uuid, Cell::Uuid(enrollment));
    let rows = connection.fetch(sql, &[Type::Long]).await?;
    Ok(rows.first().and_then(|cells| cells[0].integer()).unwrap_or_default())
}

/// The parts of the price of an enrollment, in order.
pub async fn parts(connection: &mut Connection<'_>, enrollment: Uuid) -> Result<Vec<Part>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.position, t.source, t.state, t.amount_cents, t.payer_id, t.sponsorship_id, t.voucher_id, t.aid_reference FROM funding t WHERE t.enrollment_id = ");
    sql.bind(Type::Uuid, Cell::Uuid(enrollment)).push(" ORDER BY t.position");
    let types = [Type::Integer, Type::Text, Type::Text, Type::Long, Type::Uuid, Type::Uuid, Type::Uuid, Type::Text];
    let read = |cells: &Vec<Cell>| {
        Some(Part {
            position: cells[0].integer()?,
            source: cells[1].text()?.to_owned(),
            state: cells[2].text()?.to_owned(),
            amount: cells[3].integer()?,
            payer: cells[4].uuid().zip(cells[5].uuid()),
            voucher: cells[6].uuid(),
            reference: cells[7].text().map(str::to_owned),
        })
    };
    Ok(connection.fetch(sql, &types).await?.iter().filter_map(read).collect())
}

/// Adds a part of the price.
pub async fn insert_part(connection: &mut Connection<'_>, of: &Held, part: &Part) -> Result<(), StoreError> {
    let text = |text: &str| Cell::Text(text.into());
    let key = |id: Option<Uuid>| id.map_or(Cell::Null, Cell::Uuid);
    let values = vec![
        ("tenant_id", Type::Uuid, Cell::Uuid(of.institution)),
        ("enrollment_id", Type::Uuid, Cell::Uuid(of.id)),
        ("position", Type::Integer, Cell::Integer(part.position)),
        ("learner_id", Type::Uuid, Cell::Uuid(of.learner)),
        ("source", Type::Text, text(&part.source)),
        ("state", Type::Text, text(&part.state)),
        ("amount_cents", Type::Long, Cell::Integer(part.amount)),
        ("payer_id", Type::Uuid, key(part.payer.map(|(payer, _)| payer))),
        ("sponsorship_id", Type::Uuid, key(part.payer.map(|(_, sponsorship)| sponsorship))),
        ("voucher_id", Type::Uuid, key(part.voucher)),
        ("aid_reference", Type::Text, part.reference.as_deref().map_or(Cell::Null, text)),
    ];
    change::insert(connection, "funding", values).await
}

/// Changes the state of a part of the price.
pub async fn put_part(
    connection: &mut Connection<'_>,
    enrollment: Uuid,
    position: i64,
    (state, now): (&str, DateTime<Utc>),
) -> Result<(), StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("UPDATE funding SET state = ").text(state).push(", moved_at = ").bind(Type::Instant, Cell::Instant(now));
    sql.push(" WHERE enrollment_id = ").bind(Type::Uuid, Cell::Uuid(enrollment));
    sql.push(" AND position = ").bind(Type::Integer, Cell::Integer(position));
    expect_one(connection, sql, "a part of a price is missing").await
}

/// What a sponsorship pays for a learner already, in cents: all that was not given back.
pub async fn paid_for(connection: &mut Connection<'_>, sponsorship: Uuid, learner: Uuid) -> Result<i64, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT CAST(coalesce(sum(t.amount_cents), 0) AS bigint) FROM funding t WHERE t.state <> 'RELEASED' AND t.sponsorship_id = ");
    sql.bind(Type::Uuid, Cell::Uuid(sponsorship)).push(" AND t.learner_id = ").bind(Type::Uuid, Cell::Uuid(learner));
    let rows = connection.fetch(sql, &[Type::Long]).await?;
    Ok(rows.first().and_then(|cells| cells[0].integer()).unwrap_or_default())
}

/// Whether a sponsorship pays for anything of a learner at an institution.
pub async fn is_paid_at(connection: &mut Connection<'_>, institution: Uuid, sponsorship: Uuid, learner: Uuid) -> Result<bool, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.enrollment_id FROM funding t WHERE t.state <> 'RELEASED' AND t.tenant_id = ")
        .bind(Type::Uuid, Cell::Uuid(institution));
    sql.push(" AND t.sponsorship_id = ").bind(Type::Uuid, Cell::Uuid(sponsorship));
    sql.push(" AND t.learner_id = ").bind(Type::Uuid, Cell::Uuid(learner)).push(" LIMIT 1");
    Ok(!connection.fetch(sql, &[Type::Uuid]).await?.is_empty())
}

/// Whether the seat of an enrollment was offered until a moment that has passed by the database's clock.
pub async fn has_lapsed(connection: &mut Connection<'_>, enrollment: Uuid) -> Result<bool, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT o.enrollment FROM seat_offer o WHERE o.expires_at <= ").push(connection.dialect().clock());
    sql.push(" AND o.enrollment = ").bind(Type::Uuid, Cell::Uuid(enrollment));
    Ok(!connection.fetch(sql, &[Type::Uuid]).await?.is_empty())
}

/// Whether an offer of a seat has lapsed for an enrollment before: no other step leads back to the waitlist.
pub async fn let_pass(connection: &mut Connection<'_>, enrollment: Uuid) -> Result<bool, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.number FROM enrollment_transition t WHERE t.from_state = 'SEAT_OFFERED' AND t.to_state = 'WAITLISTED' AND t.enrollment_id = ");
    sql.bind(Type::Uuid, Cell::Uuid(enrollment)).push(" LIMIT 1");
    Ok(!connection.fetch(sql, &[Type::Integer]).await?.is_empty())
}

impl Store {
    /// Offers that have lapsed, the oldest first without so many of them: institution and enrollment.
    pub async fn lapsed_offers(&self, skipped: u32, most: u32) -> Result<Vec<(Uuid, Uuid)>, StoreError> {
        on_connection!(self, connection => {
            let mut sql = Sql::new(connection.dialect());
            sql.push("SELECT o.institution, o.enrollment FROM seat_offer o WHERE o.expires_at <= ").push(connection.dialect().clock());
            sql.push(&format!(" ORDER BY o.expires_at, o.enrollment LIMIT {most} OFFSET {skipped}"));
            let rows = connection.fetch(sql, &[Type::Uuid, Type::Uuid]).await?;
            Ok(rows.iter().filter_map(|cells| Some((cells[0].uuid()?, cells[1].uuid()?))).collect())
        })
    }

    /// The voucher that a code stands for: business and voucher.
    pub async fn voucher_of(&self, code_hash: &str) -> Result<Option<(Uuid, Uuid)>, StoreError> {
        on_connection!(self, connection => {
            let mut sql = Sql::new(connection.dialect());
            sql.push("SELECT c.business_id, c.voucher_id FROM voucher_code c WHERE c.code_hash = ").text(code_hash);
            let rows = connection.fetch(sql, &[Type::Uuid, Type::Uuid]).await?;
            Ok(rows.first().and_then(|cells| Some((cells[0].uuid()?, cells[1].uuid()?))))
        })
    }
}
