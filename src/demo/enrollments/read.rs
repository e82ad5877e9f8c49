//! What enrollments are drawn from: sections, people, and what businesses have to pay with, as they were written before.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::identity::OWN;
use crate::store::ledger::Book;
use crate::store::sql::{Connection, Sql, Type};
use crate::store::{Cell, StoreError};

/// A section as learners find it.
#[derive(Debug)]
pub(super) struct Section {
    pub institution: Uuid,
    pub id: Uuid,
    pub status: String,
    pub price: i64,
    /// Seats that are left, and places on the waitlist; none where nobody knows how many there are.
    pub left: Option<i64>,
    pub room: i64,
    pub starts: NaiveDate,
    pub ends: NaiveDate,
    pub here: i64,
    pub waiting: i64,
    pub next_ticket: i64,
    /// When somebody came to the waitlist last.
    pub queued: DateTime<Utc>,
}

/// Somebody who learns, with the employer.
#[derive(Debug)]
pub(super) struct Person {
    pub learner: Uuid,
    pub name: String,
    pub business: Option<Uuid>,
}

/// What a business has to pay with.
#[derive(Debug, Default)]
pub(super) struct Purse {
    pub budget: Option<(Book, i64)>,
    pub vouchers: Vec<(Book, Uuid, i64)>,
    pub cap: i64,
}

/// The sections that learners can ask for, or could.
pub(super) async fn sections(connection: &mut Connection<'_>, now: DateTime<Utc>) -> Result<Vec<Section>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push(
        "SELECT o.tenant_id, o.id, o.status, o.price_cents, CAST(o.capacity - o.seats_taken AS bigint), CAST(o.waitlist_capacity - o.waitlisted AS bigint), o.starts_on, o.ends_on \
         FROM offering o WHERE o.is_public AND o.status IN ('OPEN', 'RUNNING', 'FINISHED') AND NOT EXISTS (SELECT 1 FROM course_prerequisite p WHERE p.course_id = o.course_id) \
         AND o.registration_opens_at <= ",
    );
    sql.bind(Type::Instant, Cell::Instant(now)).push(" ORDER BY o.id");
    let types = [Type::Uuid, Type::Uuid, Type::Text, Type::Long, Type::Long, Type::Long, Type::Date, Type::Date];
    let read = |cells: &Vec<Cell>| {
        let (Cell::Date(starts), Cell::Date(ends)) = (&cells[6], &cells[7]) else { return None };
        Some(Section {
            institution: cells[0].uuid()?,
            id: cells[1].uuid()?,
            status: cells[2].text()?.to_owned(),
            price: cells[3].integer()?,
            left: cells[4].integer(),
            room: cells[5].integer()?,
            starts: *starts,
            ends: *ends,
            here: 0,
            waiting: 0,
            next_ticket: 1,
            queued: DateTime::<Utc>::MIN_UTC,
        })
    };
    Ok(connection.fetch(sql, &types).await?.iter().filter_map(read).collect())
}

/// What businesses have to pay with.
pub(super) async fn purses(connection: &mut Connection<'_>) -> Result<BTreeMap<Uuid, Purse>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push(
        "SELECT s.tenant_id, s.id, s.per_learner_cap_cents, a.balance, s.kind FROM sponsorship s \
         JOIN ledger_account a ON a.sponsorship_id = s.id AND a.unit = 'MONEY' AND a.name = 'FREE' ORDER BY s.id",
    );
    let mut purses: BTreeMap<Uuid, Purse> = BTreeMap::new();
    for cells in connection.fetch(sql, &[Type::Uuid, Type::Uuid, Type::Long, Type::Long, Type::Text]).await? {
        let (Some(tenant), Some(sponsorship), Some(free)) = (cells[0].uuid(), cells[1].uuid(), cells[3].integer()) else { continue };
        let purse = purses.entry(tenant).or_default();
        purse.cap = cells[2].integer().unwrap_or(i64::MAX);
        if cells[4].text() == Some("BUDGET") {
            purse.budget = Some((Book { tenant, sponsorship }, free));
        }
    }
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT v.tenant_id, v.sponsorship_id, v.id, v.value_cents FROM voucher v WHERE v.state = 'UNUSED' ORDER BY v.id");
    for cells in connection.fetch(sql, &[Type::Uuid, Type::Uuid, Type::Uuid, Type::Long]).await? {
        let (Some(tenant), Some(sponsorship), Some(id)) = (cells[0].uuid(), cells[1].uuid(), cells[2].uuid()) else { continue };
        let value = cells[3].integer().unwrap_or_default();
        purses.entry(tenant).or_default().vouchers.push((Book { tenant, sponsorship }, id, value));
    }
    Ok(purses)
}

async fn people(connection: &mut Connection<'_>, sql: Sql) -> Result<Vec<Person>, StoreError> {
    let read = |cells: &Vec<Cell>| Some(Person { learner: cells[0].uuid()?, name: cells[1].text()?.to_owned(), business: cells[2].uuid() });
    Ok(connection.fetch(sql, &[Type::Uuid, Type::Text, Type::Uuid]).await?.iter().filter_map(read).collect())
}

/// The people on rosters who have confirmed it.
pub(super) async fn employees(connection: &mut Connection<'_>) -> Result<Vec<Person>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT l.id, l.display_name, e.tenant_id FROM employee e JOIN learner l ON l.id = e.learner_id WHERE e.status = 'LINKED' ORDER BY e.id");
    people(connection, sql).await
}

/// Those who can ask the demo with a token.
pub(super) async fn guests(connection: &mut Connection<'_>) -> Result<Vec<Person>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT l.id, l.display_name, CAST(NULL AS uuid) FROM learner_identity i JOIN learner l ON l.id = i.learner_id WHERE i.issuer_id = ");
    sql.bind(Type::Uuid, Cell::Uuid(OWN)).push(" ORDER BY i.subject");
    people(connection, sql).await
}

/// Businesses with the learners who let them see their enrollments.
pub(super) async fn shown(connection: &mut Connection<'_>) -> Result<Vec<(Uuid, Uuid)>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push(
        "SELECT c.business_id, c.learner_id FROM consent_grant c WHERE c.revoked_at IS NULL AND c.business_id IS NOT NULL ORDER BY c.id",
    );
    Ok(connection
        .fetch(sql, &[Type::Uuid, Type::Uuid])
        .await?
        .iter()
        .filter_map(|cells| Some((cells[0].uuid()?, cells[1].uuid()?)))
        .collect())
}
