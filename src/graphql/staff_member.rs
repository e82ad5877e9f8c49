//! Staff members' public face.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};

use super::gate::gated;
use super::offering::{OfferingConnection, OfferingFilter};
use super::page::connection;
use super::read::{id, page};
use crate::store::Row;

/// A person who works for an institution or the consortium. Visible to: anyone.
#[derive(Debug, Clone)]
pub struct StaffMember(pub Arc<Row>);

/// A person who works for an institution or the consortium. Visible to: anyone.
#[Object]
impl StaffMember {
    /// Global identifier. Visible to: anyone.
    pub async fn id(&self) -> Result<ID> {
        id(&self.0)
    }

    /// Display name. Visible to: anyone.
    async fn name(&self) -> Result<&str> {
        Ok(self.0.text("name")?)
    }

    /// Job title. Visible to: anyone.
    async fn title(&self) -> Result<Option<&str>> {
        Ok(self.0.optional_text("title")?)
    }

    /// Work email. A business sees that of its contact at the consortium. Visible to: staff, instructors, navigators, business, admins.
    async fn email(&self, ctx: &Context<'_>) -> Option<Result<&str>> {
        gated(ctx, &self.0, || Ok(self.0.optional_text("email")?))
    }

    /// Offerings this person teaches. Visible to: anyone.
    async fn teaching(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Limits the list.")] filter: Option<OfferingFilter>,
        #[graphql(desc = "Page size, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "Cursor to continue after: `endCursor` of the page before.")] after: Option<String>,
    ) -> Option<Result<OfferingConnection>> {
        Some(page(&self.0, ctx, OfferingConnection))
    }
}

connection!(
    StaffMemberConnection,
    StaffMemberEdge,
    StaffMember,
    "A page of StaffMember items. Visible to: anyone.",
    "A StaffMember in a page. Visible to: anyone."
);
