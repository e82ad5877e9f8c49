//! Places where businesses have employees.

use std::sync::Arc;

use async_graphql::{ID, Object, Result};

use super::campus::Address;
use super::read::id;
use crate::store::Row;

/// A place where a business has employees. Visible to: members.
#[derive(Debug, Clone)]
pub struct BusinessSite(pub Arc<Row>);

/// A place where a business has employees. Visible to: members.
#[Object]
impl BusinessSite {
    /// Global identifier. Visible to: members.
    pub async fn id(&self) -> Result<ID> {
        id(&self.0)
    }

    /// Name of the site. Visible to: members.
    async fn name(&self) -> Result<&str> {
        Ok(self.0.text("name")?)
    }

    /// Where it is. Visible to: members.
    async fn address(&self) -> Address {
        Address(Arc::clone(&self.0))
    }
}
