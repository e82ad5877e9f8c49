//! Codes that pay for one enrollment each; only their hashes are kept.

use chrono::NaiveDate;
use uuid::Uuid;

use super::ask::Ask;
use super::change::{self, held};
use super::enrollment::ENROLLMENT;
use super::error::StoreError;
use super::filter::uuids;
use super::ledger::Book;
use super::noun::{Column, Edge, List, Noun, OPEN, Sort, by, column, edge, made, plain};
use super::row::Cell;
use super::sql::{Connection, Sql, Type};
use super::wall::Wall;
use super::{Store, on_connection};
use crate::domain::id::Kind;

/// A voucher.
pub static VOUCHER: Noun = Noun {
    name: "Voucher",
    kind: Some(Kind::Voucher),
    table: "voucher",
    columns: &[
        column("id", Type::Uuid),
        column("tenant_id", Type::Uuid),
        column("state", Type::Text),
        column("value_cents", Type::Long),
        column("expires_on", Type::Date),
        column("is_expired", Type::Boolean),
        Column {
            name: "enrollment_id",
            of: Type::Uuid,
            made: Some("(SELECT f.enrollment_id FROM funding f WHERE f.voucher_id = t.id AND f.state <> 'RELEASED')"),
        },
    ],
    fields: &[
        plain(&["id"]),
        made("code", &["id"]),
        made("state", &["state", "expires_on", "is_expired"]),
        made("value", &["value_cents"]),
        plain(&["expires_on"]),
        edge("enrollment", &Edge::One { column: "enrollment_id", target: &ENROLLMENT, key: "id", named: true, always: false }),
    ],
    public: OPEN,
    wall: Wall::Business,
    list: Some(&List { sorts: &[Sort { name: "NEWEST", by: by("t.issued_at", Type::Instant), descending: true }], search: None }),
};

/// Conditions on vouchers.
#[derive(Debug, Clone, Default)]
pub struct VoucherFilter {
    /// State, as the schema names it.
    pub state: Option<&'static str>,
}

impl VoucherFilter {
    pub(super) fn write(&self, sql: &mut Sql, ask: &Ask<'_>) {
        match self.state {
            None => {}
            Some("EXPIRED") => {
                sql.push(" AND (t.is_expired OR (t.state = 'UNUSED' AND t.expires_on < ");
                sql.bind(Type::Date, Cell::Date(ask.today)).push("))");
            }
            Some("VOID") => {
                sql.push(" AND t.state = 'VOID' AND NOT t.is_expired");
            }
            Some("UNUSED") => {
                sql.push(" AND t.state = 'UNUSED' AND t.expires_on >= ").bind(Type::Date, Cell::Date(ask.today));
            }
            Some(state) => {
                sql.push(" AND t.state = ").text(state);
            }
        }
    }
}

/// A voucher as an act holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The sponsorship that it is of.
    pub sponsorship: Uuid,
    /// State as it is kept.
    pub state: String,
    /// Most cents that it pays.
    pub value: i64,
    /// Last day.
    pub expires_on: NaiveDate,
}

/// The sponsorship that a voucher of a business is of.
pub async fn sponsorship(connection: &mut Connection<'_>, business: Uuid, id: Uuid) -> Result<Option<Uuid>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.sponsorship_id FROM voucher t WHERE t.tenant_id = ").bind(Type::Uuid, Cell::Uuid(business));
    sql.push(" AND t.id = ").bind(Type::Uuid, Cell::Uuid(id));
    Ok(connection.fetch(sql, &[Type::Uuid]).await?.first().and_then(|cells| cells[0].uuid()))
}

/// A voucher of a business, of which nobody else uses anything until the transaction ends. Its sponsorship is held first.
pub async fn hold(connection: &mut Connection<'_>, business: Uuid, id: Uuid) -> Result<Option<Held>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.sponsorship_id, t.state, t.value_cents, t.expires_on FROM voucher t WHERE t.tenant_id = ")
        .bind(Type::Uuid, Cell::Uuid(business));
    sql.push(" AND t.id = ").bind(Type::Uuid, Cell::Uuid(id));
    held(&mut sql, change::Hold::Change);
    let rows = connection.fetch(sql, &[Type::Uuid, Type::Text, Type::Long, Type::Date]).await?;
    let read = |cells: &Vec<Cell>| {
        let Cell::Date(expires_on) = cells[3] else { return None };
        Some(Held { sponsorship: cells[0].uuid()?, state: cells[1].text()?.to_owned(), value: cells[2].integer()?, expires_on })
    };
    Ok(rows.first().and_then(read))
}

/// Uses a voucher up; whether it could be used.
pub async fn redeem(connection: &mut Connection<'_>, business: Uuid, id: Uuid) -> Result<bool, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("UPDATE voucher SET state = 'REDEEMED' WHERE state = 'UNUSED' AND tenant_id = ").bind(Type::Uuid, Cell::Uuid(business));
    sql.push(" AND id = ").bind(Type::Uuid, Cell::Uuid(id));
    Ok(connection.execute(sql).await? == 1)
}

/// Lets a voucher be used again; what it is worth.
pub async fn reopen(connection: &mut Connection<'_>, business: Uuid, id: Uuid) -> Result<i64, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("UPDATE voucher SET state = 'UNUSED' WHERE state = 'REDEEMED' AND tenant_id = ").bind(Type::Uuid, Cell::Uuid(business));
    sql.push(" AND id = ").bind(Type::Uuid, Cell::Uuid(id)).push(" RETURNING value_cents");
    let rows = connection.fetch(sql, &[Type::Long]).await?;
    rows.first().and_then(|cells| cells[0].integer()).ok_or(StoreError::Moved)
}

/// A voucher as it is taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Key.
    pub id: Uuid,
    /// The sponsorship that it is of.
    pub sponsorship: Uuid,
    /// State as it is kept.
    pub state: String,
}

/// Vouchers of a business by their keys, those that there are.
pub async fn kept(connection: &mut Connection<'_>, business: Uuid, ids: &[Uuid]) -> Result<Vec<Kept>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.id, t.sponsorship_id, t.state FROM voucher t WHERE t.tenant_id = ").bind(Type::Uuid, Cell::Uuid(business));
    sql.push(" AND ").any("t.id", Type::Uuid, uuids(ids)).push(" ORDER BY t.id");
    let rows = connection.fetch(sql, &[Type::Uuid, Type::Uuid, Type::Text]).await?;
    let read = |cells: &Vec<Cell>| Some(Kept { id: cells[0].uuid()?, sponsorship: cells[1].uuid()?, state: cells[2].text()?.to_owned() });
    Ok(rows.iter().filter_map(read).collect())
}

/// Takes those of a sponsorship's vouchers back that are unused; what each was worth.
pub async fn void(connection: &mut Connection<'_>, book: Book, ids: &[Uuid], is_expired: bool) -> Result<Vec<i64>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("UPDATE voucher SET state = 'VOID', is_expired = ").bind(Type::Boolean, Cell::Boolean(is_expired));
    sql.push(" WHERE state = 'UNUSED' AND tenant_id = ").bind(Type::Uuid, Cell::Uuid(book.tenant));
    sql.push(" AND sponsorship_id = ").bind(Type::Uuid, Cell::Uuid(book.sponsorship)).push(" AND ");
    sql.any("id", Type::Uuid, uuids(ids)).push(" RETURNING value_cents");
    Ok(connection.fetch(sql, &[Type::Long]).await?.iter().filter_map(|cells| cells[0].integer()).collect())
}

/// Unused vouchers of a business whose last day has passed, at most so many.
pub async fn expired(connection: &mut Connection<'_>, business: Uuid, today: NaiveDate, most: u32) -> Result<Vec<Uuid>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT e.voucher FROM voucher_end e WHERE e.expires_on < ").bind(Type::Date, Cell::Date(today));
    sql.push(" AND e.business = ").bind(Type::Uuid, Cell::Uuid(business)).push(&format!(" ORDER BY e.voucher LIMIT {most}"));
    Ok(connection.fetch(sql, &[Type::Uuid]).await?.iter().filter_map(|cells| cells[0].uuid()).collect())
}

impl Store {
    /// Businesses behind one of them that have unused vouchers whose last day has passed, at most so many.
    pub async fn with_expired_vouchers(&self, today: NaiveDate, (after, most): (Uuid, u32)) -> Result<Vec<Uuid>, StoreError> {
        on_connection!(self, connection => {
            let mut sql = Sql::new(connection.dialect());
            sql.push("SELECT DISTINCT e.business FROM voucher_end e WHERE e.expires_on < ").bind(Type::Date, Cell::Date(today));
            sql.push(" AND e.business > ").bind(Type::Uuid, Cell::Uuid(after)).push(&format!(" ORDER BY e.business LIMIT {most}"));
            Ok(connection.fetch(sql, &[Type::Uuid]).await?.iter().filter_map(|cells| cells[0].uuid()).collect())
        })
    }
}
