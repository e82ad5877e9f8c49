//! Institutions and businesses as tenants: whether there is one of a key. For commands, which act for the consortium and have no caller.

use uuid::Uuid;

use super::error::StoreError;
use super::row::Cell;
use super::sql::{Connection, Sql, Type};
use super::{Store, on_connection};
use crate::domain::tenant::{Tenant, TenantKind};

impl Store {
    /// Whether the tenant is there. The consortium always is.
    pub async fn has_tenant(&self, tenant: Tenant) -> Result<bool, StoreError> {
        on_connection!(self, connection => has_tenant(&mut connection, tenant).await)
    }

    /// What a system calls a tenant.
    pub async fn key_of(&self, tenant: Tenant, system: &str) -> Result<Option<String>, StoreError> {
        let (Some(table), Some(id)) = (table(tenant.kind()), tenant.id()) else { return Ok(None) };
        on_connection!(self, connection => {
            let mut sql = Sql::new(connection.dialect());
            sql.push("SELECT k.value FROM external_key k WHERE k.object_id = ").bind(Type::Uuid, Cell::Uuid(id));
            sql.push(" AND k.kind = ").text(table).push(" AND k.system = ").text(system);
            let rows = connection.fetch(sql, &[Type::Text]).await?;
            Ok(rows.first().and_then(|cells| cells[0].text().map(str::to_owned)))
        })
    }

    /// The tenants of a sort that were added first and take part, so many of them at most; for the consortium only itself.
    pub async fn first_tenants(&self, kind: TenantKind, most: u32) -> Result<Vec<Tenant>, StoreError> {
        let Some(table) = table(kind) else { return Ok(vec![Tenant::Consortium]) };
        on_connection!(self, connection => {
            let mut sql = Sql::new(connection.dialect());
            sql.push("SELECT t.id FROM ").push(table).push(" t");
            if kind == TenantKind::Business {
                sql.push(" WHERE t.status = 'ACTIVE'");
            }
            sql.push(" ORDER BY t.id LIMIT ").bind(Type::Long, Cell::Integer(most.into()));
            let rows = connection.fetch(sql, &[Type::Uuid]).await?;
            let ids = rows.iter().filter_map(|cells| cells[0].uuid());
            Ok(ids.filter_map(|id: Uuid| Tenant::of(kind, Some(id))).collect())
        })
    }
}

/// Whether the tenant is there, as far as the connection's transaction sees.
pub async fn has_tenant(connection: &mut Connection<'_>, tenant: Tenant) -> Result<bool, StoreError> {
    let (Some(table), Some(id)) = (table(tenant.kind()), tenant.id()) else { return Ok(true) };
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.id FROM ").push(table).push(" t WHERE t.id = ").bind(Type::Uuid, Cell::Uuid(id));
    Ok(!connection.fetch(sql, &[Type::Uuid]).await?.is_empty())
}

const fn table(kind: TenantKind) -> Option<&'static str> {
    match kind {
        TenantKind::Institution => Some("institution"),
        TenantKind::Business => Some("business"),
        TenantKind::Consortium => None,
    }
}
