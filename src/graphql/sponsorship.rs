//! What businesses pay for.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, Result};

use super::business::Business;
use super::enrollment::{self, EnrollmentConnection, EnrollmentFilter};
use super::gate::gated;
use super::institution::Institution;
use super::offering::{Offerable, Offering};
use super::page::connection;
use super::read::{id, list, maybe_int, one, page, required, value};
use super::scalars::{Date, DateTime, Money};
use super::voucher::{VoucherConnection, VoucherState};
use crate::service::Actor;
use crate::store::{Link, Row};

/// An agreement by a business to pay for learning. Staff see only those usable at their institution. Visible to: business, staff, navigators, admins.
#[derive(Debug, Clone)]
pub struct Sponsorship(pub Arc<Row>);

impl Sponsorship {
    fn money(&self, column: &str) -> Result<Option<Money>> {
        Ok(self.0.integer(column)?.map(Money::from_cents))
    }
}

/// An agreement by a business to pay for learning. Staff see only those usable at their institution. Visible to: business, staff, navigators, admins.
#[Object]
impl Sponsorship {
    /// Global identifier. Visible to: business, staff, navigators, admins.
    pub async fn id(&self) -> Result<ID> {
        id(&self.0)
    }

    /// Who pays. Visible to: business, staff, navigators, admins.
    async fn business(&self, ctx: &Context<'_>) -> Result<Business> {
        one(&self.0, ctx, Business)
    }

    /// Name. Visible to: business, staff, navigators, admins.
    async fn name(&self) -> Result<&str> {
        Ok(self.0.text("name")?)
    }

    /// What it grants. Visible to: business, staff, navigators, admins.
    async fn kind(&self) -> Result<SponsorshipKind> {
        value(&self.0, "kind")
    }

    /// Whether it can be used now. Visible to: business, staff, navigators, admins.
    async fn status(&self, ctx: &Context<'_>) -> Result<SponsorshipStatus> {
        let has_ended = required(self.0.date("ends_on")?)? < ctx.data::<Actor>()?.clock.today();
        if has_ended { Ok(SponsorshipStatus::Ended) } else { value(&self.0, "status") }
    }

    /// Where it can be used; empty for the whole consortium. At most 50. Visible to: business, staff, navigators, admins.
    async fn institutions(&self, ctx: &Context<'_>) -> Result<Vec<Institution>> {
        list(&self.0, ctx, Institution)
    }

    /// What it pays for; empty for everything. At most 100. Visible to: business, staff, navigators, admins.
    async fn covers(&self, ctx: &Context<'_>) -> Result<Vec<Offerable>> {
        let covers = list(&self.0, ctx, |cover| cover)?;
        let target = |cover: &Arc<Row>| match cover.link("target") {
            Ok(Link::One(Some(row))) => Some(Ok(Offerable::from(Arc::clone(row)))),
            Ok(_) => None,
            Err(error) => Some(Err(error.into())),
        };
        covers.iter().filter_map(target).collect()
    }

    /// Offerings reserved for the business in which seats are held, for seat blocks. At most 50. Visible to: business, staff, navigators, admins.
    async fn held_offerings(&self, ctx: &Context<'_>) -> Result<Vec<Offering>> {
        list(&self.0, ctx, Offering)
    }

    /// First day it can be used. Visible to: business, staff, navigators, admins.
    async fn starts_on(&self) -> Result<Date> {
        required(self.0.date("starts_on")?.map(Date))
    }

    /// Last day it can be used. Visible to: business, staff, navigators, admins.
    async fn ends_on(&self) -> Result<Date> {
        required(self.0.date("ends_on")?.map(Date))
    }

    /// Budget in total, for vouchers the value of all that were issued; null for seat blocks. Visible to: business, navigators, admins.
    async fn budget(&self, ctx: &Context<'_>) -> Option<Result<Money>> {
        gated(ctx, &self.0, || self.money("granted_cents"))
    }

    /// Charged so far; null for seat blocks. Visible to: business, navigators, admins.
    async fn spent(&self, ctx: &Context<'_>) -> Option<Result<Money>> {
        gated(ctx, &self.0, || self.money("spent_cents"))
    }

    /// Set aside for open enrollments; null for seat blocks. Visible to: business, navigators, admins.
    async fn reserved(&self, ctx: &Context<'_>) -> Option<Result<Money>> {
        gated(ctx, &self.0, || self.money("reserved_cents"))
    }

    /// Seats or vouchers in total; null for budgets. Visible to: business, staff, navigators, admins.
    async fn seats(&self) -> Result<Option<i32>> {
        maybe_int(&self.0, "seats")
    }

    /// Seats or vouchers used; null for budgets. Visible to: business, staff, navigators, admins.
    async fn seats_used(&self) -> Result<Option<i32>> {
        maybe_int(&self.0, "used_seats")
    }

    /// Most it pays for one learner. Visible to: business, staff, navigators, admins.
    async fn per_learner_cap(&self) -> Result<Option<Money>> {
        self.money("per_learner_cap_cents")
    }

    /// Its vouchers, newest first. Visible to: business.
    async fn vouchers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Limits vouchers to this state.")] state: Option<VoucherState>,
        #[graphql(desc = "Page size, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "Cursor to continue after: `endCursor` of the page before.")] after: Option<String>,
    ) -> Option<Result<VoucherConnection>> {
        gated(ctx, &self.0, || page(&self.0, ctx, VoucherConnection).map(Some))
    }

    /// Enrollments it pays for, or paid for until the money came back. Visible to: business, staff, admins.
    async fn enrollments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Limits the list.")] filter: Option<EnrollmentFilter>,
        #[graphql(desc = "Page size, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "Cursor to continue after: `endCursor` of the page before.")] after: Option<String>,
    ) -> Option<Result<EnrollmentConnection>> {
        gated(ctx, &self.0, || enrollment::page_of(&self.0, ctx, filter.as_ref()).map(Some))
    }

    /// When it last changed; send it back as `expectedUpdatedAt`. Visible to: business, staff, navigators, admins.
    async fn updated_at(&self) -> Result<DateTime> {
        required(self.0.instant("updated_at")?.map(DateTime))
    }
}

connection!(
    SponsorshipConnection,
    SponsorshipEdge,
    Sponsorship,
    "business, staff, navigators, admins",
    "A page of Sponsorship items. Visible to: business, staff, navigators, admins.",
    "A Sponsorship in a page. Visible to: business, staff, navigators, admins."
);

/// What a sponsorship grants.
#[derive(Debug, Enum, Copy, Clone, PartialEq, Eq)]
pub enum SponsorshipKind {
    /// An amount of money.
    Budget,
    /// Codes that employees redeem.
    Vouchers,
    /// Seats in the offerings of `heldOfferings`, as long as they are reserved for the business.
    SeatBlock,
}

/// Whether a sponsorship can be used.
#[derive(Debug, Enum, Copy, Clone, PartialEq, Eq)]
pub enum SponsorshipStatus {
    /// Not in force yet.
    Draft,
    /// Can be used.
    Active,
    /// Nothing left.
    Exhausted,
    /// Past its last day or cancelled.
    Ended,
}

/// Limits sponsorships. Combines as CourseFilter does.
#[derive(Debug, InputObject, Clone)]
pub struct SponsorshipFilter {
    /// In one of these states.
    pub statuses: Option<Vec<SponsorshipStatus>>,
    /// Of one of these kinds.
    pub kinds: Option<Vec<SponsorshipKind>>,
}
