//! Regions of the state.

use std::sync::Arc;

use async_graphql::{Object, Result};

use crate::store::Row;

/// A workforce region of the state. Visible to: anyone.
#[derive(Debug, Clone)]
pub struct Region(pub Arc<Row>);

/// A workforce region of the state. Visible to: anyone.
#[Object]
impl Region {
    /// Stable code, used in filters and as a metrics key. Visible to: anyone.
    async fn code(&self) -> Result<&str> {
        Ok(self.0.text("code")?)
    }

    /// Name of the region. Visible to: anyone.
    async fn name(&self) -> Result<&str> {
        Ok(self.0.text("name")?)
    }
}
