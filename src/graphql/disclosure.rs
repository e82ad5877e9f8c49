//! What was shown to others of learners' records.

use std::sync::Arc;

use async_graphql::{Context, Object, Result};

use super::grant::Tenant;
use super::page::connection;
use super::read::{maybe, required};
use super::scalars::DateTime;
use crate::store::Row;

/// A request in which somebody was shown parts of a learner's record by consent, or by their office at the consortium. What the institutions where somebody learns, and the businesses that pay, read of their own records is none. Visible to: learner.
#[derive(Debug, Clone)]
pub struct Disclosure(pub Arc<Row>);

/// A request in which somebody was shown parts of a learner's record by consent, or by their office at the consortium. What the institutions where somebody learns, and the businesses that pay, read of their own records is none. Visible to: learner.
#[Object]
impl Disclosure {
    /// For whom somebody looked; null for the consortium. Visible to: learner.
    async fn tenant(&self, ctx: &Context<'_>) -> Result<Option<Tenant>> {
        maybe(&self.0, ctx, Tenant::from)
    }

    /// Who looked. Visible to: learner.
    async fn actor_name(&self) -> Result<&str> {
        Ok(self.0.text("actor_name")?)
    }

    /// Types and fields that were shown, such as `Learner.email`. At most 50. Visible to: learner.
    async fn fields(&self) -> Result<Vec<&str>> {
        Ok(self.0.text("fields")?.split_whitespace().collect())
    }

    /// Why: the purpose of the consent, in the words the learner was shown, or what the consortium does. Visible to: learner.
    async fn purpose(&self) -> Result<&str> {
        Ok(self.0.text("purpose")?)
    }

    /// When. Visible to: learner.
    async fn at(&self) -> Result<DateTime> {
        required(self.0.instant("at")?.map(DateTime))
    }
}

connection!(
    DisclosureConnection,
    DisclosureEdge,
    Disclosure,
    "learner",
    "A page of Disclosure items. Visible to: learner.",
    "A Disclosure in a page. Visible to: learner."
);
