//! Vouchers.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, Result};

use super::enrollment::Enrollment;
use super::page::connection;
use super::read::{id, maybe, required, value};
use super::scalars::{Date, Money};
use crate::service::Actor;
use crate::store::Row;

/// A code that pays for one enrollment. Visible to: business.
#[derive(Debug, Clone)]
pub struct Voucher {
    /// The row.
    pub row: Arc<Row>,
    /// The code, in the payload that issued it.
    pub code: Option<String>,
}

/// A code that pays for one enrollment. Visible to: business.
#[Object]
impl Voucher {
    /// Global identifier. Visible to: business.
    pub async fn id(&self) -> Result<ID> {
        id(&self.row)
    }

    /// The code to hand to an employee; only in the payload that issued it, null afterwards. Visible to: business.
    async fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// Whether it can be used. Visible to: business.
    async fn state(&self, ctx: &Context<'_>) -> Result<VoucherState> {
        let state = value(&self.row, "state")?;
        let is_past = required(self.row.date("expires_on")?)? < ctx.data::<Actor>()?.clock.today();
        let is_expired = self.row.boolean("is_expired")? || (state == VoucherState::Unused && is_past);
        Ok(if is_expired { VoucherState::Expired } else { state })
    }

    /// Most it pays. Visible to: business.
    async fn value(&self) -> Result<Money> {
        required(self.row.integer("value_cents")?.map(Money::from_cents))
    }

    /// Last day it can be used. Visible to: business.
    async fn expires_on(&self) -> Result<Date> {
        required(self.row.date("expires_on")?.map(Date))
    }

    /// Enrollment it was redeemed for; null until then, and when what it paid was given back. Visible to: business.
    async fn enrollment(&self, ctx: &Context<'_>) -> Result<Option<Enrollment>> {
        maybe(&self.row, ctx, Enrollment)
    }
}

/// A voucher as it is listed, without its code.
#[expect(non_snake_case, reason = "pages and nodes are wrapped by the name of their type")]
#[must_use]
pub const fn Voucher(row: Arc<Row>) -> Voucher {
    Voucher { row, code: None }
}

connection!(
    VoucherConnection,
    VoucherEdge,
    Voucher,
    "business",
    "A page of Voucher items. Visible to: business.",
    "A Voucher in a page. Visible to: business."
);

/// Whether a voucher can be used.
#[derive(Debug, Enum, Copy, Clone, PartialEq, Eq)]
pub enum VoucherState {
    /// Can be redeemed.
    Unused,
    /// Was redeemed.
    Redeemed,
    /// Past its last day without a use; what it could have paid is taken back.
    Expired,
    /// Taken back by the business with `vouchersVoid`.
    Void,
}
