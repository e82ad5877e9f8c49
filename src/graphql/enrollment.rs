//! Places in offerings, and who pays for them.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, Result};

use super::assessment_result::AssessmentResult;
use super::award::Award;
use super::filters::name;
use super::gate::{self, gated, tell};
use super::learner::Learner;
use super::offering::Offering;
use super::page::connection;
use super::read::{id, int, list, maybe, maybe_int, one, page, required, value};
use super::reference::DateRange;
use super::scalars::{DateTime, Money};
use super::sponsorship::Sponsorship;
use crate::domain::enrollment::{By, State};
use crate::policy::Principal;
use crate::store::Row;

/// A learner's place in an offering, from request to outcome. Visible to: learner, staff, instructors, navigators, payer, sponsor, admins.
#[derive(Debug, Clone)]
pub struct Enrollment(pub Arc<Row>);

/// A learner's place in an offering, from request to outcome. Visible to: learner, staff, instructors, navigators, payer, sponsor, admins.
#[Object]
impl Enrollment {
    /// Global identifier. Visible to: learner, staff, instructors, navigators, payer, sponsor, admins.
    pub async fn id(&self, ctx: &Context<'_>) -> Result<ID> {
        tell(ctx, &self.0, "id")?;
        id(&self.0)
    }

    /// The offering. Visible to: learner, staff, instructors, navigators, payer, sponsor, admins.
    async fn offering(&self, ctx: &Context<'_>) -> Result<Offering> {
        tell(ctx, &self.0, "offering")?;
        one(&self.0, ctx, Offering)
    }

    /// The learner. Visible to: learner, staff, instructors, navigators, sponsor, admins.
    async fn learner(&self, ctx: &Context<'_>) -> Option<Result<Learner>> {
        gated(ctx, &self.0, || maybe(&self.0, ctx, Learner))
    }

    /// Where it stands. Visible to: learner, staff, instructors, navigators, sponsor (ENROLLMENT), admins.
    async fn state(&self, ctx: &Context<'_>) -> Option<Result<EnrollmentState>> {
        gated(ctx, &self.0, || value(&self.0, "state").map(Some))
    }

    /// States the caller may move it to now with `enrollmentTransition`. At most 10. Visible to: learner, staff, instructors, navigators, sponsor (ENROLLMENT), admins.
    async fn allowed_transitions(&self, ctx: &Context<'_>) -> Option<Result<Vec<EnrollmentState>>> {
        gated(ctx, &self.0, || {
            let state = required(State::named(self.0.text("state")?))?;
            let all = gate::acts_as(ctx.data::<Principal>()?, &self.0)?;
            let may = |to: &EnrollmentState| all.iter().any(|by| state.allowed(*by).any(|known| known.name() == name(*to)));
            Ok(Some(EnrollmentState::ALL.into_iter().filter(may).collect()))
        })
    }

    /// How it got here, oldest first. At most 50. Visible to: learner, staff, navigators, admins.
    async fn transitions(&self, ctx: &Context<'_>) -> Option<Result<Vec<EnrollmentTransition>>> {
        gated(ctx, &self.0, || list(&self.0, ctx, EnrollmentTransition).map(Some))
    }

    /// Place on the waitlist, from 1; null when not waitlisted. Visible to: learner, staff, navigators, sponsor (ENROLLMENT), admins.
    async fn waitlist_position(&self, ctx: &Context<'_>) -> Option<Result<i32>> {
        gated(ctx, &self.0, || maybe_int(&self.0, "waitlist_position"))
    }

    /// Until when an offered seat is held; null when none is. Who lets it pass waits again, behind the others; at the second time the place is CANCELLED. Visible to: learner, staff, navigators, sponsor (ENROLLMENT), admins.
    async fn seat_offer_expires_at(&self, ctx: &Context<'_>) -> Option<Result<DateTime>> {
        gated(ctx, &self.0, || Ok(self.0.instant("seat_offer_expires_at")?.map(DateTime)))
    }

    /// Who pays what. A payer sees only its own part. At most 10. Visible to: learner, staff, navigators, payer, admins.
    async fn funding(&self, ctx: &Context<'_>) -> Option<Result<Vec<Funding>>> {
        gated(ctx, &self.0, || list(&self.0, ctx, Funding).map(Some))
    }

    /// Progress so far; null before the start. Visible to: learner, staff, instructors, navigators, sponsor (PROGRESS), admins.
    async fn progress(&self, ctx: &Context<'_>) -> Option<Result<Progress>> {
        gated(ctx, &self.0, || {
            let has_begun = matches!(
                State::named(self.0.text("state")?),
                Some(State::Active | State::Completed | State::NotCompleted | State::Withdrawn)
            );
            Ok(has_begun.then(|| Progress(Arc::clone(&self.0))))
        })
    }

    /// Assessment results, earliest first. At most 100. Visible to: learner, staff, instructors, navigators, sponsor (RESULTS), admins.
    async fn results(&self, ctx: &Context<'_>) -> Option<Result<Vec<AssessmentResult>>> {
        gated(ctx, &self.0, || list(&self.0, ctx, AssessmentResult).map(Some))
    }

    /// Credential earned by completing it; where it was revoked and issued again, the one that holds. Visible to: learner, staff, instructors, navigators, sponsor (AWARDS), admins.
    async fn award(&self, ctx: &Context<'_>) -> Option<Result<Award>> {
        gated(ctx, &self.0, || maybe(&self.0, ctx, Award))
    }

    /// When it was requested. Visible to: learner, staff, instructors, navigators, payer, sponsor, admins.
    async fn requested_at(&self, ctx: &Context<'_>) -> Result<DateTime> {
        tell(ctx, &self.0, "requestedAt")?;
        required(self.0.instant("requested_at")?.map(DateTime))
    }

    /// When it last changed; for a business that may not see the state, when its money last moved, or when it was requested. Visible to: learner, staff, instructors, navigators, payer, sponsor, admins.
    async fn updated_at(&self, ctx: &Context<'_>) -> Result<DateTime> {
        tell(ctx, &self.0, "updatedAt")?;
        required(self.0.instant("updated_at")?.map(DateTime))
    }
}

connection!(
    EnrollmentConnection,
    EnrollmentEdge,
    Enrollment,
    "learner, staff, instructors, navigators, payer, sponsor, admins",
    "A page of Enrollment items. Visible to: learner, staff, instructors, navigators, payer, sponsor, admins.",
    "An Enrollment in a page. Visible to: learner, staff, instructors, navigators, payer, sponsor, admins."
);

/// The enrollment state machine. REQUESTED leads to WAITLISTED, ENROLLED, DECLINED or CANCELLED; WAITLISTED to SEAT_OFFERED or CANCELLED; SEAT_OFFERED to ENROLLED, WAITLISTED or CANCELLED; ENROLLED to ACTIVE or CANCELLED; ACTIVE to COMPLETED, NOT_COMPLETED or WITHDRAWN. The rest are final.
#[derive(Debug, Enum, Copy, Clone, PartialEq, Eq)]
pub enum EnrollmentState {
    /// Asked for, waiting for approval or payment.
    Requested,
    /// Waiting for a seat.
    Waitlisted,
    /// A seat is held until `seatOfferExpiresAt`. Then the place is WAITLISTED again, behind the others; when the second offer has lapsed it is CANCELLED, and its money released.
    SeatOffered,
    /// Has a seat, not started.
    Enrolled,
    /// Started.
    Active,
    /// Finished and passed.
    Completed,
    /// Finished without passing.
    NotCompleted,
    /// Left after the start.
    Withdrawn,
    /// Ended before the start.
    Cancelled,
    /// Turned down by the institution.
    Declined,
}

impl EnrollmentState {
    const ALL: [Self; 10] = [
        Self::Requested,
        Self::Waitlisted,
        Self::SeatOffered,
        Self::Enrolled,
        Self::Active,
        Self::Completed,
        Self::NotCompleted,
        Self::Withdrawn,
        Self::Cancelled,
        Self::Declined,
    ];

    /// The state that it stands for.
    #[must_use]
    pub fn state(self) -> Option<State> {
        State::named(name(self))
    }
}

/// What is said to a business that asks for the order of the waitlist, which alone would tell who waits, and where, whether or not that person lets it know.
pub(super) const NOT_IN_THAT_ORDER: &str =
    "`sort: WAITLIST_POSITION` is for the lists of an offering: a business does not see who waits where";

/// A page of enrollments. That there are these is shown by their being in it, whatever is asked of them, and so is that they are in one of the states by which the list is limited.
pub(super) fn page_of(row: &Row, ctx: &Context<'_>, filter: Option<&EnrollmentFilter>) -> Result<EnrollmentConnection> {
    let found = page(row, ctx, EnrollmentConnection)?;
    let field = if filter.is_some_and(|filter| filter.states.is_some()) { "state" } else { "id" };
    found.0.items.iter().try_for_each(|(_, item)| tell(ctx, item, field))?;
    Ok(found)
}

/// As whom a caller moves an enrollment, all at once.
pub type Roles = Vec<By>;

/// One step of an enrollment. Visible to: learner, staff, navigators, admins.
#[derive(Debug, Clone)]
pub struct EnrollmentTransition(pub Arc<Row>);

/// One step of an enrollment. Visible to: learner, staff, navigators, admins.
#[Object]
impl EnrollmentTransition {
    /// State before; null for the first step. Visible to: learner, staff, navigators, admins.
    async fn from(&self) -> Result<Option<EnrollmentState>> {
        if self.0.optional_text("from_state")?.is_none() { Ok(None) } else { value(&self.0, "from_state").map(Some) }
    }

    /// State after. Visible to: learner, staff, navigators, admins.
    async fn to(&self) -> Result<EnrollmentState> {
        value(&self.0, "to_state")
    }

    /// When. Visible to: learner, staff, navigators, admins.
    async fn at(&self) -> Result<DateTime> {
        required(self.0.instant("at")?.map(DateTime))
    }

    /// Reason given. Visible to: learner, staff, navigators, admins.
    async fn reason(&self) -> Result<Option<&str>> {
        Ok(self.0.optional_text("reason")?)
    }

    /// Who or what did it. Visible to: learner, staff, navigators, admins.
    async fn actor_name(&self) -> Result<&str> {
        Ok(self.0.text("actor_name")?)
    }
}

/// Progress through an offering. Visible to: learner, staff, instructors, navigators, sponsor (PROGRESS), admins.
#[derive(Debug, Clone)]
pub struct Progress(Arc<Row>);

/// Progress through an offering. Visible to: learner, staff, instructors, navigators, sponsor (PROGRESS), admins.
#[Object]
impl Progress {
    /// Share of required work done, 0 to 100. Visible to: learner, staff, instructors, navigators, sponsor (PROGRESS), admins.
    async fn percent_complete(&self) -> Result<i32> {
        int(&self.0, "percent_complete")
    }

    /// Soft-skill hours done. Visible to: learner, staff, instructors, navigators, sponsor (PROGRESS), admins.
    async fn soft_skill_hours(&self) -> Result<f64> {
        required(self.0.real("soft_skill_hours")?)
    }

    /// Last recorded activity. Visible to: learner, staff, instructors, navigators, sponsor (PROGRESS), admins.
    async fn last_activity_at(&self) -> Result<Option<DateTime>> {
        Ok(self.0.instant("last_activity_at")?.map(DateTime))
    }
}

/// A part of the price and where it comes from. Visible to: learner, staff, navigators, payer, admins.
#[derive(Debug, Clone)]
pub struct Funding(pub Arc<Row>);

/// A part of the price and where it comes from. Visible to: learner, staff, navigators, payer, admins.
#[Object]
impl Funding {
    /// Kind of source. Visible to: learner, staff, navigators, payer, admins.
    async fn source(&self) -> Result<FundingSource> {
        value(&self.0, "source")
    }

    /// Whether the money is reserved, charged or released. Visible to: learner, staff, navigators, payer, admins.
    async fn state(&self) -> Result<FundingState> {
        value(&self.0, "state")
    }

    /// Amount; 0.00 for a seat of a block. Visible to: learner, staff, navigators, payer, admins.
    async fn amount(&self) -> Result<Money> {
        required(self.0.integer("amount_cents")?.map(Money::from_cents))
    }

    /// What names the aid, as it was given with the request; null for other sources. Visible to: learner, staff, navigators, admins.
    async fn aid_reference(&self, ctx: &Context<'_>) -> Option<Result<&str>> {
        gated(ctx, &self.0, || Ok(self.0.optional_text("aid_reference")?))
    }

    /// Sponsorship it is drawn from; null for other sources. Visible to: staff, payer, admins.
    async fn sponsorship(&self, ctx: &Context<'_>) -> Option<Result<Sponsorship>> {
        gated(ctx, &self.0, || maybe(&self.0, ctx, Sponsorship))
    }
}

/// Kind of funding source.
#[derive(Debug, Enum, Copy, Clone, PartialEq, Eq)]
pub enum FundingSource {
    /// The learner pays.
    SelfPay,
    /// A business pays from an agreement.
    Sponsorship,
    /// A business voucher was redeemed.
    Voucher,
    /// Grant, scholarship or workforce funds.
    FinancialAid,
}

/// Whether the money has moved.
#[derive(Debug, Enum, Copy, Clone, PartialEq, Eq)]
pub enum FundingState {
    /// Set aside.
    Reserved,
    /// Charged.
    Charged,
    /// Given back.
    Released,
}

/// Order of enrollments.
#[derive(Debug, Enum, Copy, Clone, PartialEq, Eq)]
pub enum EnrollmentSort {
    /// Latest request first.
    Newest,
    /// Earliest request first.
    Oldest,
    /// Last changed first.
    RecentlyUpdated,
    /// By place on the waitlist; those who do not wait come last. Not in the lists of a business (BAD_REQUEST).
    WaitlistPosition,
}

/// Limits enrollments. Combines as CourseFilter does.
#[derive(Debug, InputObject, Clone)]
pub struct EnrollmentFilter {
    /// In one of these states. Rows whose state the caller may not see never match.
    pub states: Option<Vec<EnrollmentState>>,
    /// In one of these offerings. At most 50.
    pub offering_ids: Option<Vec<ID>>,
    /// In one of these terms. At most 50.
    pub term_ids: Option<Vec<ID>>,
    /// Requested then.
    pub requested_within: Option<DateRange>,
    /// Changed at or after this moment.
    pub updated_since: Option<DateTime>,
}
