//! Identifiers in other systems.

use std::sync::Arc;

use async_graphql::{Object, Result};

use crate::store::Row;

/// An identifier that another system gave to an object. Unique per tenant, system and object type. Visible to: members.
#[derive(Debug, Clone)]
pub struct ExternalKey(pub Arc<Row>);

/// An identifier that another system gave to an object. Unique per tenant, system and object type. Visible to: members.
#[Object]
impl ExternalKey {
    /// Name of the system, for example `banner`, `oneroster` or `hris`. Visible to: members.
    async fn system(&self) -> Result<&str> {
        Ok(self.0.text("system")?)
    }

    /// The identifier in that system. Visible to: members.
    async fn value(&self) -> Result<&str> {
        Ok(self.0.text("value")?)
    }
}
