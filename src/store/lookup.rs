//! Reading what is named: by key, by slug, by what another system calls it; and small lists as a whole.

use std::sync::Arc;

use uuid::Uuid;

use super::ask::Ask;
use super::driver::{Key, Set, by_key, fill};
use super::error::StoreError;
use super::filter::uuids;
use super::noun::Order;
use super::row::{Cell, Row};
use super::sql::{Connection, Sql, Type};
use super::tree::Tree;
use super::wall::and_visible;

/// How one object is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// By its key.
    Id(Uuid),
    /// By its verification code.
    Code(Uuid),
    /// By its short name in addresses.
    Slug(String),
    /// By what another system calls it.
    ExternalKey {
        /// The tenant that the name belongs to.
        tenant: Uuid,
        /// Name of the system.
        system: String,
        /// The name.
        value: String,
    },
}

pub(super) async fn one(
    connection: &mut Connection<'_>,
    ask: &Ask<'_>,
    tree: &Tree,
    lookup: &Lookup,
) -> Result<Option<Arc<Row>>, StoreError> {
    let set = Set::new(tree);
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT 1");
    set.select(&mut sql, ask, "t");
    sql.push(" FROM ").push(tree.noun.table).push(" t WHERE ");
    match lookup {
        Lookup::Id(id) => sql.push("t.id = ").bind(Type::Uuid, Cell::Uuid(*id)),
        Lookup::Code(code) => sql.push("t.code = ").bind(Type::Uuid, Cell::Uuid(*code)),
        Lookup::Slug(slug) => sql.push("t.slug = ").text(slug),
        Lookup::ExternalKey { tenant, system, value } => {
            sql.push("t.id = (SELECT k.object_id FROM external_key k WHERE k.tenant_id = ").bind(Type::Uuid, Cell::Uuid(*tenant));
            sql.push(" AND k.system = ")
                .text(system)
                .push(" AND k.kind = ")
                .text(tree.noun.kind.map_or(tree.noun.table, |kind| super::noun(kind).table))
                .push(" AND k.value = ")
                .text(value)
                .push(")")
        }
    };
    and_visible(&mut sql, ask, tree.noun, true);
    match lookup {
        // A code is a key like any other, by which writes move what hangs on it.
        Lookup::Id(id) | Lookup::Code(id) => ask.saw_keys(tree.noun, &sql, [&Cell::Uuid(*id)].into_iter()),
        Lookup::Slug(_) | Lookup::ExternalKey { .. } => ask.saw_list(tree.noun, &sql, None),
    }
    Ok(read(connection, ask, &set, sql, Type::Integer).await?.pop())
}

pub(super) async fn by_ids(
    connection: &mut Connection<'_>,
    ask: &Ask<'_>,
    tree: &Tree,
    ids: &[Uuid],
) -> Result<Vec<Option<Arc<Row>>>, StoreError> {
    let keys = uuids(ids);
    let found = by_key(connection, ask, tree, "id", true, &keys).await?;
    Ok(keys.iter().map(|key| found.get(&Key::of(key)).cloned()).collect())
}

pub(super) async fn all(
    connection: &mut Connection<'_>,
    ask: &Ask<'_>,
    tree: &Tree,
    condition: &str,
    order: &Order,
) -> Result<Vec<Arc<Row>>, StoreError> {
    let set = Set::new(tree);
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT ").push(order.by);
    set.select(&mut sql, ask, "t");
    sql.push(" FROM ").push(tree.noun.table).push(" t WHERE ").push(condition);
    and_visible(&mut sql, ask, tree.noun, false);
    sql.push(" ORDER BY 1");
    ask.saw_list(tree.noun, &sql, None);
    read(connection, ask, &set, sql, order.of).await
}

/// Runs a statement whose first column only orders, and fills its rows.
async fn read(connection: &mut Connection<'_>, ask: &Ask<'_>, set: &Set<'_>, sql: Sql, first: Type) -> Result<Vec<Arc<Row>>, StoreError> {
    let types: Vec<Type> = std::iter::once(first).chain(set.types()).collect();
    let rows = connection.fetch(sql, &types).await?.into_iter().map(|mut cells| cells.split_off(1)).collect();
    Ok(fill(connection, ask, set, rows).await?.into_iter().flatten().collect())
}
