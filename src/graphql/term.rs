//! Terms.

use std::sync::Arc;

use async_graphql::{ID, Object, Result};

use super::read::{id, required};
use super::scalars::Date;
use crate::store::Row;

/// An academic term of one institution. Visible to: anyone.
#[derive(Debug, Clone)]
pub struct Term(pub Arc<Row>);

/// An academic term of one institution. Visible to: anyone.
#[Object]
impl Term {
    /// Global identifier. Visible to: anyone.
    pub async fn id(&self) -> Result<ID> {
        id(&self.0)
    }

    /// Code used by the institution, for example `2026FA`. Visible to: anyone.
    async fn code(&self) -> Result<&str> {
        Ok(self.0.text("code")?)
    }

    /// Display name. Visible to: anyone.
    async fn name(&self) -> Result<&str> {
        Ok(self.0.text("name")?)
    }

    /// First day. Visible to: anyone.
    async fn starts_on(&self) -> Result<Date> {
        required(self.0.date("starts_on")?.map(Date))
    }

    /// Last day. Visible to: anyone.
    async fn ends_on(&self) -> Result<Date> {
        required(self.0.date("ends_on")?.map(Date))
    }
}
