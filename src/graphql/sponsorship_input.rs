//! What is written of sponsorships.

use std::sync::Arc;

use async_graphql::{ID, InputObject, Object};

use super::act::payload;
use super::scalars::{Date, DateTime, Money, Uuid};
use super::sponsorship::{Sponsorship, SponsorshipKind, SponsorshipStatus};
use super::user_error::UserError;
use super::voucher::Voucher;
use crate::store::Row;

/// Input of `sponsorshipCreate`.
#[derive(Debug, InputObject, Clone)]
pub struct SponsorshipCreateInput {
    /// Made once by the client for each intended effect. Repeating a request with the same key within 7 days returns the first result.
    pub idempotency_key: Uuid,
    /// Who pays.
    pub business_id: ID,
    /// Its values.
    pub fields: SponsorshipFields,
}

/// Input of `sponsorshipUpdate`.
#[derive(Debug, InputObject, Clone)]
pub struct SponsorshipUpdateInput {
    /// The sponsorship.
    pub id: ID,
    /// Refuses with STALE when the sponsorship changed since.
    pub expected_updated_at: Option<DateTime>,
    /// Its new values.
    pub fields: SponsorshipFields,
}

/// What can be set on a sponsorship. In an update, a field left out stays as it is and null clears it.
#[derive(Debug, InputObject, Clone)]
pub struct SponsorshipFields {
    /// Name. Required to create.
    pub name: Option<String>,
    /// What it grants. Required to create, fixed afterwards.
    pub kind: Option<SponsorshipKind>,
    /// Where it can be used; empty for the whole consortium. Replaces the list. At most 50.
    pub institution_ids: Option<Vec<ID>>,
    /// Courses and programs it pays for; empty for everything. Replaces the list. At most 100.
    pub cover_ids: Option<Vec<ID>>,
    /// Offerings reserved for the business in which it has seats, for seat blocks; a block pays only as long as they are reserved for it. Replaces the list. At most 50.
    pub held_offering_ids: Option<Vec<ID>>,
    /// First day it can be used. Required to create.
    pub starts_on: Option<Date>,
    /// Last day it can be used. Required to create.
    pub ends_on: Option<Date>,
    /// Budget in total; for budgets.
    pub budget: Option<Money>,
    /// Seats or vouchers in total; for seat blocks and vouchers.
    pub seats: Option<i32>,
    /// Most it pays for one learner.
    pub per_learner_cap: Option<Money>,
    /// DRAFT, ACTIVE or ENDED; DRAFT when created without it.
    pub status: Option<SponsorshipStatus>,
}

/// Input of `vouchersIssue`.
#[derive(Debug, InputObject, Clone)]
pub struct VouchersIssueInput {
    /// Made once by the client for each intended effect. Repeating a request with the same key within 7 days returns the first result, without codes.
    pub idempotency_key: Uuid,
    /// The sponsorship.
    pub sponsorship_id: ID,
    /// How many, 1 to 250.
    pub count: i32,
    /// Most each pays.
    pub value: Money,
    /// Last day each can be used.
    pub expires_on: Date,
}

/// Result of `vouchersIssue`. Visible to: business.
#[derive(Debug, Default)]
pub struct VouchersIssuePayload {
    /// The vouchers, in order.
    pub rows: Option<Vec<Arc<Row>>>,
    /// Their codes.
    pub codes: Vec<String>,
    /// What the caller can mend.
    pub errors: Vec<UserError>,
}

/// Result of `vouchersIssue`. Visible to: business.
#[Object]
impl VouchersIssuePayload {
    /// The new vouchers. At most 250. Visible to: business.
    async fn vouchers(&self) -> Option<Vec<Voucher>> {
        let rows = self.rows.as_ref()?;
        Some(rows.iter().enumerate().map(|(place, row)| Voucher { row: Arc::clone(row), code: self.codes.get(place).cloned() }).collect())
    }

    /// Problems the caller can fix; empty on success. Visible to: business.
    async fn user_errors(&self) -> Vec<UserError> {
        self.errors.clone()
    }
}

/// Input of `vouchersVoid`.
#[derive(Debug, InputObject, Clone)]
pub struct VouchersVoidInput {
    /// The vouchers. Those that are VOID or EXPIRED already stay so; one that was redeemed refuses all (INVALID_TRANSITION). At most 250.
    pub ids: Vec<ID>,
}

/// Result of `vouchersVoid`. Visible to: business.
#[derive(Debug, Default)]
pub struct VouchersVoidPayload {
    /// The vouchers, in order.
    pub rows: Option<Vec<Arc<Row>>>,
    /// What the caller can mend.
    pub errors: Vec<UserError>,
}

/// Result of `vouchersVoid`. Visible to: business.
#[Object]
impl VouchersVoidPayload {
    /// The vouchers, in order. At most 250. Visible to: business.
    async fn vouchers(&self) -> Option<Vec<Voucher>> {
        self.rows.clone().map(|rows| rows.into_iter().map(Voucher).collect())
    }

    /// Problems the caller can fix; empty on success. Visible to: business.
    async fn user_errors(&self) -> Vec<UserError> {
        self.errors.clone()
    }
}

payload!(SponsorshipCreatePayload, sponsorship: Sponsorship, "Result of `sponsorshipCreate`. Visible to: business.", "The new sponsorship. Visible to: business.", "Problems the caller can fix; empty on success. Visible to: business.");
payload!(SponsorshipUpdatePayload, sponsorship: Sponsorship, "Result of `sponsorshipUpdate`. Visible to: business.", "The changed sponsorship. Visible to: business.", "Problems the caller can fix; empty on success. Visible to: business.");
