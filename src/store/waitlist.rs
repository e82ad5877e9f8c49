//! Where seats are free while somebody waits, and for whom: looked for here, and changed by `seat`.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Store;
use super::error::StoreError;
use super::held::Mode;
use super::row::Cell;
use super::sql::{Connection, Sql, Type};
use super::transaction;
use crate::policy::Scope;

/// Ends the conditions of a query for those who wait, `t`: where their offering is reserved, only people of the business, which the transaction is about.
pub(super) fn works_for(sql: &mut Sql, business: Option<Uuid>) {
    if let Some(business) = business {
        sql.push(" AND EXISTS (SELECT 1 FROM employee w WHERE w.status = 'LINKED' AND w.learner_id = t.learner_id AND w.tenant_id = ");
        sql.bind(Type::Uuid, Cell::Uuid(business)).push(")");
    }
}

/// The learners who wait longest in an offering, in their order; where it is reserved, those who work for the business.
pub async fn first(connection: &mut Connection<'_>, offering: Uuid, business: Option<Uuid>, most: i64) -> Result<Vec<Uuid>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.learner_id FROM enrollment t WHERE t.state = 'WAITLISTED' AND t.offering_id = ")
        .bind(Type::Uuid, Cell::Uuid(offering));
    works_for(&mut sql, business);
    sql.push(" ORDER BY t.ticket, t.id LIMIT ").bind(Type::Long, Cell::Integer(most));
    Ok(connection.fetch(sql, &[Type::Uuid]).await?.iter().filter_map(|cells| cells[0].uuid()).collect())
}

impl Store {
    /// Offerings behind one of them that take enrollments now, have a seat free, and let somebody wait: institution and offering, at most so many.
    pub async fn unfilled(&self, scope: &Scope, now: DateTime<Utc>, (after, most): (Uuid, u32)) -> Result<Vec<(Uuid, Uuid)>, StoreError> {
        let mut transaction = transaction::begin(self, Mode::Read, Some(scope)).await?;
        let mut connection = transaction.connection();
        let mut sql = Sql::new(connection.dialect());
        // Tickets are few, and offerings are many.
        sql.push("SELECT o.tenant_id, o.id FROM offering o WHERE o.id IN (SELECT w.offering FROM waitlist_ticket w) AND o.status = 'OPEN'");
        sql.push(" AND o.capacity > o.seats_taken + o.seats_here AND (o.registration_opens_at IS NULL OR o.registration_opens_at <= ");
        sql.bind(Type::Instant, Cell::Instant(now)).push(") AND (o.registration_closes_at IS NULL OR o.registration_closes_at > ");
        sql.bind(Type::Instant, Cell::Instant(now)).push(") AND o.id > ").bind(Type::Uuid, Cell::Uuid(after));
        sql.push(&format!(" ORDER BY o.id LIMIT {most}"));
        let rows = connection.fetch(sql, &[Type::Uuid, Type::Uuid]).await?;
        transaction.rollback().await?;
        Ok(rows.iter().filter_map(|cells| Some((cells[0].uuid()?, cells[1].uuid()?))).collect())
    }
}
