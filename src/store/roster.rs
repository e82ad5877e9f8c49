//! Rosters as acts read and write them, inside of a transaction in the scope of their business.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::error::StoreError;
use super::filter::{texts, uuids};
use super::row::Cell;
use super::sql::{Connection, Sql, Type};
use super::write::{Target, upsert};
use crate::domain::text::{fold, sort_key};

/// A roster entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Key.
    pub id: Uuid,
    /// Name as the business recorded it.
    pub name: String,
    /// Work email as the business recorded it.
    pub email: String,
    /// The address as it is compared.
    pub email_key: String,
    /// Number in the business' own system.
    pub number: Option<String>,
    /// Job title.
    pub job_title: Option<String>,
    /// O*NET-SOC code.
    pub onet_code: Option<String>,
    /// Where the person works.
    pub site: Option<Uuid>,
    /// State, as the schema names it.
    pub status: String,
    /// The learner that it is linked to, or was.
    pub learner: Option<Uuid>,
    /// When the person left.
    pub separated_at: Option<DateTime<Utc>>,
}

const COLUMNS: &[(&str, Type)] = &[
    ("id", Type::Uuid),
    ("name", Type::Text),
    ("email", Type::Text),
    ("email_key", Type::Text),
    ("number", Type::Text),
    ("job_title", Type::Text),
    ("onet_code", Type::Text),
    ("site_id", Type::Uuid),
    ("status", Type::Text),
    ("learner_id", Type::Uuid),
    ("separated_at", Type::Instant),
];

/// Entries as they are written, the key first.
const TARGET: Target = Target {
    table: "employee",
    key: 2,
    columns: &[
        ("tenant_id", Type::Uuid),
        ("id", Type::Uuid),
        ("name", Type::Text),
        ("name_key", Type::Text),
        ("email", Type::Text),
        ("email_key", Type::Text),
        ("search_key", Type::Text),
        ("number", Type::Text),
        ("job_title", Type::Text),
        ("onet_code", Type::Text),
        ("site_id", Type::Uuid),
        ("status", Type::Text),
        ("learner_id", Type::Uuid),
        ("separated_at", Type::Instant),
        ("updated_at", Type::Instant),
    ],
};

const INVITATION: Target = Target {
    table: "invitation",
    key: 0,
    columns: &[("code_hash", Type::Text), ("business_id", Type::Uuid), ("employee_id", Type::Uuid), ("expires_at", Type::Instant)],
};

/// A statement that reads entries of a business, as far as its WHERE.
fn select(connection: &Connection<'_>, business: Uuid) -> (Sql, Vec<Type>) {
    let names: Vec<String> = COLUMNS.iter().map(|(name, _)| format!("t.{name}")).collect();
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT ").push(&names.join(", ")).push(" FROM employee t WHERE t.tenant_id = ").bind(Type::Uuid, Cell::Uuid(business));
    (sql, COLUMNS.iter().map(|(_, of)| *of).collect())
}

fn read(cells: &[Cell]) -> Option<Entry> {
    let text = |place: usize| cells[place].text().map(str::to_owned);
    Some(Entry {
        id: cells[0].uuid()?,
        name: text(1)?,
        email: text(2)?,
        email_key: text(3)?,
        number: text(4),
        job_title: text(5),
        onet_code: text(6),
        site: cells[7].uuid(),
        status: text(8)?,
        learner: cells[9].uuid(),
        separated_at: if let Cell::Instant(at) = cells[10] { Some(at) } else { None },
    })
}

/// Entries of a business with one of these numbers or addresses, those who left among them.
pub async fn entries(
    connection: &mut Connection<'_>,
    business: Uuid,
    numbers: &[String],
    addresses: &[String],
) -> Result<Vec<Entry>, StoreError> {
    if numbers.is_empty() && addresses.is_empty() {
        return Ok(Vec::new());
    }
    let (mut sql, types) = select(connection, business);
    let sets = [("t.number", numbers), ("t.email_key", addresses)].into_iter().filter(|(_, set)| !set.is_empty());
    // Each alone reads its index where there is nothing of the other.
    let mut before = " AND (";
    for (column, set) in sets {
        sql.push(before).any(column, Type::Text, texts(set));
        before = " OR ";
    }
    // Whoever left last comes first.
    sql.push(") ORDER BY t.separated_at DESC, t.id");
    Ok(connection.fetch(sql, &types).await?.iter().filter_map(|cells| read(cells)).collect())
}

/// Numbers of people who have not left, by what is left of them without the zeros before them, as far as that is one of these.
pub async fn zeroed(connection: &mut Connection<'_>, business: Uuid, bare: &[String]) -> Result<HashMap<String, String>, StoreError> {
    if bare.is_empty() {
        return Ok(HashMap::new());
    }
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT ltrim(t.number, '0'), t.number FROM employee t WHERE t.status <> 'SEPARATED' AND t.tenant_id = ");
    sql.bind(Type::Uuid, Cell::Uuid(business)).push(" AND ").any("ltrim(t.number, '0')", Type::Text, texts(bare));
    let rows = connection.fetch(sql, &[Type::Text, Type::Text]).await?;
    Ok(rows.iter().filter_map(|cells| Some((cells[0].text()?.to_owned(), cells[1].text()?.to_owned()))).collect())
}

/// Entries of a business by their keys.
pub async fn by_ids(connection: &mut Connection<'_>, business: Uuid, ids: &[Uuid]) -> Result<Vec<Entry>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let (mut sql, types) = select(connection, business);
    sql.push(" AND ").any("t.id", Type::Uuid, uuids(ids));
    Ok(connection.fetch(sql, &types).await?.iter().filter_map(|cells| read(cells)).collect())
}

/// Which of these are sites of a business.
pub async fn sites(connection: &mut Connection<'_>, business: Uuid, ids: &[Uuid]) -> Result<Vec<Uuid>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.id FROM business_site t WHERE t.tenant_id = ").bind(Type::Uuid, Cell::Uuid(business)).push(" AND ");
    sql.any("t.id", Type::Uuid, uuids(ids));
    Ok(connection.fetch(sql, &[Type::Uuid]).await?.iter().filter_map(|cells| cells[0].uuid()).collect())
}

/// Everybody of a business who has not left, with the learner of those who are linked.
pub async fn present(connection: &mut Connection<'_>, business: Uuid) -> Result<Vec<(Uuid, Option<Uuid>)>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.id, t.learner_id FROM employee t WHERE t.status <> 'SEPARATED' AND t.tenant_id = ");
    sql.bind(Type::Uuid, Cell::Uuid(business)).push(" ORDER BY t.id");
    let rows = connection.fetch(sql, &[Type::Uuid, Type::Uuid]).await?;
    Ok(rows.iter().filter_map(|cells| Some((cells[0].uuid()?, cells[1].uuid()))).collect())
}

/// The sites of a business by their names, as names are compared.
pub async fn named_sites(connection: &mut Connection<'_>, business: Uuid) -> Result<Vec<(String, Uuid)>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.name_key, t.id FROM business_site t WHERE t.tenant_id = ").bind(Type::Uuid, Cell::Uuid(business));
    let rows = connection.fetch(sql, &[Type::Text, Type::Uuid]).await?;
    Ok(rows.iter().filter_map(|cells| Some((cells[0].text()?.to_owned(), cells[1].uuid()?))).collect())
}

/// How many people of a business have not left.
pub async fn count(connection: &mut Connection<'_>, business: Uuid) -> Result<u64, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT count(*) FROM employee t WHERE t.status <> 'SEPARATED' AND t.tenant_id = ").bind(Type::Uuid, Cell::Uuid(business));
    let rows = connection.fetch(sql, &[Type::Long]).await?;
    Ok(rows.first().and_then(|cells| cells[0].integer()).unwrap_or_default().unsigned_abs())
}

/// Whether a learner is linked to an entry of a business.
pub async fn is_linked(connection: &mut Connection<'_>, business: Uuid, learner: Uuid) -> Result<bool, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.id FROM employee t WHERE t.status = 'LINKED' AND t.tenant_id = ").bind(Type::Uuid, Cell::Uuid(business));
    sql.push(" AND t.learner_id = ").bind(Type::Uuid, Cell::Uuid(learner));
    Ok(!connection.fetch(sql, &[Type::Uuid]).await?.is_empty())
}

/// Adds entries, or changes those that are there.
pub async fn put(connection: &mut Connection<'_>, business: Uuid, entries: Vec<Entry>, now: DateTime<Utc>) -> Result<(), StoreError> {
    if entries.is_empty() {
        return Ok(());
    }
    let text = |text: &str| Cell::Text(text.into());
    let maybe = |value: Option<&String>| value.map_or(Cell::Null, |value| text(value));
    let row = |entry: Entry| {
        let search = format!("{} {} {}", fold(&entry.name), entry.email_key, fold(entry.number.as_deref().unwrap_or_default()));
        vec![
            Cell::Uuid(business),
            Cell::Uuid(entry.id),
            text(&entry.name),
            text(&sort_key(&entry.name)),
            text(&entry.email),
            text(&entry.email_key),
            text(&search),
            maybe(entry.number.as_ref()),
            maybe(entry.job_title.as_ref()),
            maybe(entry.onet_code.as_ref()),
            entry.site.map_or(Cell::Null, Cell::Uuid),
            text(&entry.status),
            entry.learner.map_or(Cell::Null, Cell::Uuid),
            entry.separated_at.map_or(Cell::Null, Cell::Instant),
            Cell::Instant(now),
        ]
    };
    upsert(connection, TARGET, entries.into_iter().map(row).collect()).await
}

/// Adds invitations: hash of the code and entry.
pub async fn invite(
    connection: &mut Connection<'_>,
    business: Uuid,
    invitations: Vec<(String, Uuid)>,
    ends: DateTime<Utc>,
) -> Result<(), StoreError> {
    if invitations.is_empty() {
        return Ok(());
    }
    let row =
        |(hash, employee): (String, Uuid)| vec![Cell::Text(hash.into()), Cell::Uuid(business), Cell::Uuid(employee), Cell::Instant(ends)];
    upsert(connection, INVITATION, invitations.into_iter().map(row).collect()).await
}

/// Ends the invitations of entries that nobody has used: their codes are good for nothing any more, by whatever clock, and for whoever has read it already.
pub async fn end_invitations(connection: &mut Connection<'_>, business: Uuid, ids: &[Uuid]) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    let mut sql = Sql::new(connection.dialect());
    sql.push("UPDATE invitation SET expires_at = ").bind(Type::Instant, Cell::Instant(DateTime::UNIX_EPOCH));
    sql.push(" WHERE used_at IS NULL AND business_id = ").bind(Type::Uuid, Cell::Uuid(business)).push(" AND ");
    sql.any("employee_id", Type::Uuid, uuids(ids));
    connection.execute(sql).await.map(|_| ())
}

/// Uses an invitation up; whether it was good.
pub async fn use_invitation(connection: &mut Connection<'_>, hash: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("UPDATE invitation SET used_at = ").bind(Type::Instant, Cell::Instant(now)).push(" WHERE used_at IS NULL AND code_hash = ");
    sql.text(hash).push(" AND expires_at > ").bind(Type::Instant, Cell::Instant(now));
    Ok(connection.execute(sql).await? == 1)
}

/// Links an entry to a learner.
pub async fn link(connection: &mut Connection<'_>, business: Uuid, id: Uuid, learner: Uuid, now: DateTime<Utc>) -> Result<(), StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("UPDATE employee SET status = 'LINKED', learner_id = ").bind(Type::Uuid, Cell::Uuid(learner));
    sql.push(", updated_at = ").bind(Type::Instant, Cell::Instant(now));
    sql.push(" WHERE status = 'INVITED' AND tenant_id = ")
        .bind(Type::Uuid, Cell::Uuid(business))
        .push(" AND id = ")
        .bind(Type::Uuid, Cell::Uuid(id));
    // Under the lock of the roster nothing else can have linked it.
    if connection.execute(sql).await? == 1 { Ok(()) } else { Err(StoreError::Moved) }
}

/// Marks entries as having left.
pub async fn separate(connection: &mut Connection<'_>, business: Uuid, ids: &[Uuid], now: DateTime<Utc>) -> Result<(), StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("UPDATE employee SET status = 'SEPARATED', separated_at = ").bind(Type::Instant, Cell::Instant(now));
    sql.push(", updated_at = ").bind(Type::Instant, Cell::Instant(now));
    sql.push(" WHERE status <> 'SEPARATED' AND tenant_id = ").bind(Type::Uuid, Cell::Uuid(business)).push(" AND ").any(
        "id",
        Type::Uuid,
        uuids(ids),
    );
    connection.execute(sql).await.map(|_| ())
}

/// Businesses for which a learner works, as far as the transaction sees.
pub async fn employers(connection: &mut Connection<'_>, learner: Uuid) -> Result<Vec<Uuid>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.tenant_id FROM employee t WHERE t.status = 'LINKED' AND t.learner_id = ").bind(Type::Uuid, Cell::Uuid(learner));
    sql.push(" ORDER BY t.tenant_id");
    Ok(connection.fetch(sql, &[Type::Uuid]).await?.iter().filter_map(|cells| cells[0].uuid()).collect())
}
