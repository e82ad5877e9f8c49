//! Places where businesses have employees.

use uuid::Uuid;

use super::error::StoreError;
use super::filter::uuids;
use super::noun::{Noun, OPEN, column, made, plain};
use super::row::Cell;
use super::sql::{Connection, Sql, Type};
use super::wall::Wall;
use super::write::{Target, upsert};
use crate::domain::id::Kind;

/// A site of a business.
pub static BUSINESS_SITE: Noun = Noun {
    name: "BusinessSite",
    kind: Some(Kind::BusinessSite),
    table: "business_site",
    columns: &[
        column("id", Type::Uuid),
        column("tenant_id", Type::Uuid),
        column("name", Type::Text),
        column("line1", Type::Text),
        column("line2", Type::Text),
        column("city", Type::Text),
        column("county", Type::Text),
        column("state", Type::Text),
        column("postal_code", Type::Text),
    ],
    fields: &[plain(&["id"]), plain(&["name"]), made("address", &["line1", "line2", "city", "county", "state", "postal_code"])],
    public: OPEN,
    wall: Wall::Members,
    list: None,
};

/// A site as it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// Key; `None` for one that is not there yet.
    pub id: Option<Uuid>,
    /// Name, its sorting key, and the parts of the address, in the order of the table.
    pub cells: Vec<Cell>,
}

const SITE: Target = Target {
    table: "business_site",
    key: 2,
    columns: &[
        ("tenant_id", Type::Uuid),
        ("id", Type::Uuid),
        ("name", Type::Text),
        ("name_key", Type::Text),
        ("line1", Type::Text),
        ("line2", Type::Text),
        ("city", Type::Text),
        ("county", Type::Text),
        ("state", Type::Text),
        ("postal_code", Type::Text),
        ("updated_at", Type::Instant),
    ],
};

/// The sites of a business.
pub async fn of(connection: &mut Connection<'_>, business: Uuid) -> Result<Vec<Site>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.id, t.name, t.name_key, t.line1, t.line2, t.city, t.county, t.state, t.postal_code FROM business_site t WHERE t.tenant_id = ");
    sql.bind(Type::Uuid, Cell::Uuid(business)).push(" ORDER BY t.id");
    let types = [&[Type::Uuid][..], &[Type::Text; 8][..]].concat();
    let rows = connection.fetch(sql, &types).await?;
    Ok(rows.into_iter().map(|mut cells| Site { cells: cells.split_off(1), id: cells[0].uuid() }).collect())
}

/// Whether somebody on the roster of a business, who has not left, works at one of its sites.
pub async fn is_used(connection: &mut Connection<'_>, business: Uuid, sites: &[Uuid]) -> Result<bool, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.id FROM employee t WHERE t.tenant_id = ").bind(Type::Uuid, Cell::Uuid(business)).push(" AND ");
    sql.any("t.site_id", Type::Uuid, uuids(sites)).push(" AND t.status <> 'SEPARATED' LIMIT 1");
    Ok(!connection.fetch(sql, &[Type::Uuid]).await?.is_empty())
}

/// Removes sites of a business, at which nobody works any more: who has left is at none of them from then on.
pub async fn remove(connection: &mut Connection<'_>, business: Uuid, sites: &[Uuid]) -> Result<(), StoreError> {
    if sites.is_empty() {
        return Ok(());
    }
    let mut sql = Sql::new(connection.dialect());
    sql.push("UPDATE employee SET site_id = NULL WHERE status = 'SEPARATED' AND tenant_id = ").bind(Type::Uuid, Cell::Uuid(business));
    sql.push(" AND ").any("site_id", Type::Uuid, uuids(sites));
    connection.execute(sql).await?;
    let mut sql = Sql::new(connection.dialect());
    sql.push("DELETE FROM business_site WHERE tenant_id = ").bind(Type::Uuid, Cell::Uuid(business)).push(" AND ");
    sql.any("id", Type::Uuid, uuids(sites));
    connection.execute(sql).await.map(|_| ())
}

/// Adds sites, or changes those that are there: business, key, what a [`Site`] has, and when.
pub async fn put(connection: &mut Connection<'_>, rows: Vec<Vec<Cell>>) -> Result<(), StoreError> {
    upsert(connection, SITE, rows).await
}
