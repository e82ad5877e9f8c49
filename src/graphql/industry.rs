//! Industries.

use std::sync::Arc;

use async_graphql::{Object, Result};

use crate::store::Row;

/// An industry of the North American Industry Classification System (NAICS). Visible to: anyone.
#[derive(Debug, Clone)]
pub struct Industry(pub Arc<Row>);

/// An industry of the North American Industry Classification System (NAICS). Visible to: anyone.
#[Object]
impl Industry {
    /// NAICS code of two to six digits. Visible to: anyone.
    async fn naics_code(&self) -> Result<&str> {
        Ok(self.0.text("naics_code")?)
    }

    /// Official title. Visible to: anyone.
    async fn title(&self) -> Result<&str> {
        Ok(self.0.text("title")?)
    }
}
