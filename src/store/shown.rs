//! What businesses see of enrollments, as acts write it: rows of their own beside the college's.

use uuid::Uuid;

use super::error::StoreError;
use super::row::Cell;
use super::sql::{Connection, Dialect, Sql, Type};

/// Businesses that a learner lets see something, in the order of their keys.
pub async fn viewers(connection: &mut Connection<'_>, learner: Uuid) -> Result<Vec<Uuid>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT c.business_id FROM consent_grant c WHERE c.revoked_at IS NULL AND c.business_id IS NOT NULL AND c.learner_id = ");
    sql.bind(Type::Uuid, Cell::Uuid(learner)).push(" ORDER BY c.business_id");
    Ok(connection.fetch(sql, &[Type::Uuid]).await?.iter().filter_map(|cells| cells[0].uuid()).collect())
}

/// Writes what a business sees of enrollments of a learner: of one, or of all.
pub async fn show(connection: &mut Connection<'_>, business: Uuid, learner: Uuid, enrollment: Option<Uuid>) -> Result<(), StoreError> {
    let copied =
        "offering_id, learner_id, state, ticket, seat_offer_expires_at, percent_complete, soft_skill_hours, last_activity_at, requested_at";
    let mut sql = Sql::new(connection.dialect());
    sql.push("INSERT INTO business_enrollment (tenant_id, id, institution_id, is_paid, ").push(copied).push(", updated_at) SELECT ");
    match connection.dialect() {
        Dialect::Postgres => sql.push("CAST(").bind(Type::Uuid, Cell::Uuid(business)).push(" AS uuid)"),
        Dialect::Sqlite => sql.bind(Type::Uuid, Cell::Uuid(business)),
    };
    sql.push(", t.id, t.tenant_id, EXISTS (SELECT 1 FROM funding f WHERE f.enrollment_id = t.id AND f.payer_id = ")
        .bind(Type::Uuid, Cell::Uuid(business));
    sql.push("), ").push(&copied.split(", ").map(|column| format!("t.{column}")).collect::<Vec<_>>().join(", "));
    // Steps that a business may not see do not move the time at which it sees a change: that is when its money moved, or when the place was asked for.
    sql.push(", CASE WHEN EXISTS (SELECT 1 FROM consent_grant c WHERE c.learner_id = t.learner_id AND c.revoked_at IS NULL AND coalesce(c.expires_at > t.updated_at, TRUE) AND (' ' || c.scopes || ' ') LIKE '% ENROLLMENT %' AND c.business_id = ");
    sql.bind(Type::Uuid, Cell::Uuid(business))
        .push(") THEN t.updated_at ELSE coalesce((SELECT max(f.moved_at) FROM funding f WHERE f.enrollment_id = t.id AND f.payer_id = ");
    sql.bind(Type::Uuid, Cell::Uuid(business))
        .push("), t.requested_at) END FROM enrollment t WHERE t.learner_id = ")
        .bind(Type::Uuid, Cell::Uuid(learner));
    if let Some(enrollment) = enrollment {
        sql.push(" AND t.id = ").bind(Type::Uuid, Cell::Uuid(enrollment));
    }
    let changed: Vec<String> = copied.split(", ").map(|column| format!("{column} = excluded.{column}")).collect();
    sql.push(" ON CONFLICT (tenant_id, id) DO UPDATE SET is_paid = excluded.is_paid, ").push(&changed.join(", "));
    sql.push(", updated_at = CASE WHEN excluded.updated_at > business_enrollment.updated_at THEN excluded.updated_at ELSE business_enrollment.updated_at END");
    connection.execute(sql).await.map(|_| ())
}

/// Takes back what a business saw of enrollments of learners and does not pay for.
pub async fn hide(connection: &mut Connection<'_>, business: Uuid, learners: &[Uuid]) -> Result<(), StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("DELETE FROM business_enrollment WHERE NOT is_paid AND tenant_id = ").bind(Type::Uuid, Cell::Uuid(business));
    sql.push(" AND ").any("learner_id", Type::Uuid, super::filter::uuids(learners));
    connection.execute(sql).await.map(|_| ())
}
