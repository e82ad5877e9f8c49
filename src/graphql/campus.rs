//! Campuses and addresses.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};

use super::read::{id, one};
use super::region::Region;
use crate::store::Row;

/// A teaching site of an institution. Visible to: anyone.
#[derive(Debug, Clone)]
pub struct Campus(pub Arc<Row>);

/// A teaching site of an institution. Visible to: anyone.
#[Object]
impl Campus {
    /// Global identifier. Visible to: anyone.
    pub async fn id(&self) -> Result<ID> {
        id(&self.0)
    }

    /// Name of the campus. Visible to: anyone.
    async fn name(&self) -> Result<&str> {
        Ok(self.0.text("name")?)
    }

    /// Where it is. Visible to: anyone.
    async fn address(&self) -> Address {
        Address(Arc::clone(&self.0))
    }

    /// Region it lies in. Visible to: anyone.
    async fn region(&self, ctx: &Context<'_>) -> Result<Region> {
        one(&self.0, ctx, Region)
    }
}

/// A postal address. Visible to: anyone.
#[derive(Debug, Clone)]
pub struct Address(pub Arc<Row>);

/// A postal address. Visible to: anyone.
#[Object]
impl Address {
    /// Street and number. Visible to: anyone.
    async fn line1(&self) -> Result<&str> {
        Ok(self.0.text("line1")?)
    }

    /// Suite, building or similar. Visible to: anyone.
    async fn line2(&self) -> Result<Option<&str>> {
        Ok(self.0.optional_text("line2")?)
    }

    /// City or town. Visible to: anyone.
    async fn city(&self) -> Result<&str> {
        Ok(self.0.text("city")?)
    }

    /// County, used for regional analytics. Visible to: anyone.
    async fn county(&self) -> Result<Option<&str>> {
        Ok(self.0.optional_text("county")?)
    }

    /// Two-letter state code. Visible to: anyone.
    async fn state(&self) -> Result<&str> {
        Ok(self.0.text("state")?)
    }

    /// ZIP or ZIP+4 code. Visible to: anyone.
    async fn postal_code(&self) -> Result<&str> {
        Ok(self.0.text("postal_code")?)
    }
}
