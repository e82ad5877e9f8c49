//! The audit log.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, Result};

use super::gate::gated;
use super::page::connection;
use super::read::{id, required};
use super::reference::DateRange;
use super::scalars::DateTime;
use crate::store::Row;

/// Something a principal did or read. Cannot be changed. Visible to: staff, business, admins.
#[derive(Debug, Clone)]
pub struct AuditEvent(pub Arc<Row>);

/// Something a principal did or read. Cannot be changed. Visible to: staff, business, admins.
#[Object]
impl AuditEvent {
    /// Global identifier. Visible to: staff, business, admins.
    pub async fn id(&self) -> Result<ID> {
        id(&self.0)
    }

    /// When. Visible to: staff, business, admins.
    async fn at(&self) -> Result<DateTime> {
        required(self.0.instant("at")?.map(DateTime))
    }

    /// Who or what did it; learners are not named in the log of a business. Visible to: staff, business, admins.
    async fn actor_name(&self) -> Result<&str> {
        Ok(self.0.text("actor_name")?)
    }

    /// What was done: a mutation name, or `read` and a type name for sensitive reads. Visible to: staff, business, admins.
    async fn action(&self) -> Result<&str> {
        Ok(self.0.text("action")?)
    }

    /// Identifier of the object. Not a reference, because the object may be gone. Visible to: staff, business, admins.
    async fn subject_id(&self) -> Result<ID> {
        Ok(ID(self.0.text("subject_id")?.to_owned()))
    }

    /// Names of fields that changed, without values. Visible to: staff, business, admins.
    async fn changed_fields(&self) -> Result<Vec<&str>> {
        Ok(self.0.text("changed_fields")?.split_whitespace().collect())
    }

    /// Identifier of the request, as in the response header. Visible to: staff, business, admins.
    async fn request_id(&self) -> Result<&str> {
        Ok(self.0.text("request_id")?)
    }

    /// Where the request came from. Visible to: admins.
    async fn ip_address(&self, ctx: &Context<'_>) -> Option<Result<&str>> {
        gated(ctx, &self.0, || Ok(self.0.optional_text("ip_address")?))
    }
}

connection!(
    AuditEventConnection,
    AuditEventEdge,
    AuditEvent,
    "staff, business, admins",
    "A page of AuditEvent items. Visible to: staff, business, admins.",
    "An AuditEvent in a page. Visible to: staff, business, admins."
);

/// Limits audit events. Combines as CourseFilter does.
#[derive(Debug, InputObject, Clone)]
pub struct AuditFilter {
    /// One of these actions. At most 20.
    pub actions: Option<Vec<String>>,
    /// About this object.
    pub subject_id: Option<ID>,
    /// Happened then.
    pub within: Option<DateRange>,
}
