//! Links to external frameworks.

use std::sync::Arc;

use async_graphql::{Enum, Object, Result};

use super::read::value;
use super::scalars::Url;
use crate::store::Row;

/// A link from something here to an entry of an external framework. Visible to: anyone.
#[derive(Debug, Clone)]
pub struct Alignment(pub Arc<Row>);

/// A link from something here to an entry of an external framework. Visible to: anyone.
#[Object]
impl Alignment {
    /// The framework. Visible to: anyone.
    async fn framework(&self) -> Result<Framework> {
        value(&self.0, "framework")
    }

    /// Identifier inside the framework, for example an O*NET-SOC code or a CASE item GUID. Visible to: anyone.
    async fn code(&self) -> Result<&str> {
        Ok(self.0.text("code")?)
    }

    /// Name the framework gives the entry. Visible to: anyone.
    async fn name(&self) -> Result<Option<&str>> {
        Ok(self.0.optional_text("name")?)
    }

    /// Where the entry is published. Visible to: anyone.
    async fn url(&self) -> Result<Option<Url>> {
        Ok(self.0.optional_text("url")?.map(Url::from))
    }
}

/// An external vocabulary that competencies, credentials and jobs can be aligned to.
#[derive(Debug, Enum, Copy, Clone, PartialEq, Eq)]
pub enum Framework {
    /// O*NET-SOC occupations and O*NET elements.
    Onet,
    /// 1EdTech Competencies and Academic Standards Exchange items.
    Case,
    /// Credential Engine registry resources, identified by a CTID.
    Ctdl,
    /// European Skills, Competences, Qualifications and Occupations.
    Esco,
    /// NACE career readiness competencies.
    Nace,
    /// Classification of Instructional Programs.
    Cip,
    /// Standard Occupational Classification.
    Soc,
}
