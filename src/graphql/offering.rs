//! Offerings, their seats and what they teach.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, Result, Union};

use super::campus::Campus;
use super::course::Course;
use super::enrollment::{self, EnrollmentConnection, EnrollmentFilter, EnrollmentSort};
use super::external_key::ExternalKey;
use super::gate::gated;
use super::institution::Institution;
use super::page::connection;
use super::program::Program;
use super::read::{id, int, list, maybe, maybe_int, one, required, value};
use super::reference::DateRange;
use super::scalars::{Date, DateTime, Money};
use super::staff_member::StaffMember;
use super::term::Term;
use crate::domain::id::Kind;
use crate::store::Row;

/// A scheduled section of a course or cohort of a program. Learners enroll in offerings. Visible to: anyone.
#[derive(Debug, Clone)]
pub struct Offering(pub Arc<Row>);

/// A scheduled section of a course or cohort of a program. Learners enroll in offerings. Visible to: anyone.
#[Object]
impl Offering {
    /// Global identifier. Visible to: anyone.
    pub async fn id(&self) -> Result<ID> {
        id(&self.0)
    }

    /// Institution that runs it. Visible to: anyone.
    async fn institution(&self, ctx: &Context<'_>) -> Result<Institution> {
        one(&self.0, ctx, Institution)
    }

    /// Course or program taught. Visible to: anyone.
    async fn subject(&self, ctx: &Context<'_>) -> Result<Offerable> {
        one(&self.0, ctx, Offerable::from)
    }

    /// Section or cohort code. Visible to: anyone.
    async fn code(&self) -> Result<&str> {
        Ok(self.0.text("code")?)
    }

    /// Term it belongs to. Visible to: anyone.
    async fn term(&self, ctx: &Context<'_>) -> Option<Result<Term>> {
        maybe(&self.0, ctx, Term).transpose()
    }

    /// Where it meets; null when fully online. Visible to: anyone.
    async fn campus(&self, ctx: &Context<'_>) -> Option<Result<Campus>> {
        maybe(&self.0, ctx, Campus).transpose()
    }

    /// How it is taught. Visible to: anyone.
    async fn modality(&self) -> Result<Modality> {
        value(&self.0, "modality")
    }

    /// Where it is in its life. Visible to: anyone.
    async fn status(&self) -> Result<OfferingStatus> {
        value(&self.0, "status")
    }

    /// First day. Visible to: anyone.
    async fn starts_on(&self) -> Result<Date> {
        required(self.0.date("starts_on")?.map(Date))
    }

    /// Last day. Visible to: anyone.
    async fn ends_on(&self) -> Result<Date> {
        required(self.0.date("ends_on")?.map(Date))
    }

    /// Meeting times for a person to read. Visible to: anyone.
    async fn schedule(&self) -> Result<Option<&str>> {
        Ok(self.0.optional_text("schedule")?)
    }

    /// When enrolling opens. Visible to: anyone.
    async fn registration_opens_at(&self) -> Result<Option<DateTime>> {
        Ok(self.0.instant("registration_opens_at")?.map(DateTime))
    }

    /// When enrolling closes. Visible to: anyone.
    async fn registration_closes_at(&self) -> Result<Option<DateTime>> {
        Ok(self.0.instant("registration_closes_at")?.map(DateTime))
    }

    /// Price before aid or sponsorship. Visible to: anyone.
    async fn price(&self) -> Result<Money> {
        required(self.0.integer("price_cents")?.map(Money::from_cents))
    }

    /// Seat counts, at most one second old. Visible to: anyone.
    async fn seats(&self) -> Seats {
        Seats(Arc::clone(&self.0))
    }

    /// Who teaches it. At most 10. Visible to: anyone.
    async fn instructors(&self, ctx: &Context<'_>) -> Result<Vec<StaffMember>> {
        list(&self.0, ctx, StaffMember)
    }

    /// Its roster, or its waitlist with `filter: { states: [WAITLISTED] }` and `sort: WAITLIST_POSITION`. Visible to: staff, instructors, admins.
    async fn enrollments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Limits the list.")] filter: Option<EnrollmentFilter>,
        #[graphql(desc = "Order of the list.", default_with = "Some(EnrollmentSort::Newest)")] sort: Option<EnrollmentSort>,
        #[graphql(desc = "Page size, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "Cursor to continue after: `endCursor` of the page before.")] after: Option<String>,
    ) -> Option<Result<EnrollmentConnection>> {
        gated(ctx, &self.0, || enrollment::page_of(&self.0, ctx, filter.as_ref()).map(Some))
    }

    /// Identifiers in other systems. At most 10. Visible to: staff, admins.
    async fn external_keys(&self, ctx: &Context<'_>) -> Option<Result<Vec<ExternalKey>>> {
        gated(ctx, &self.0, || list(&self.0, ctx, ExternalKey).map(Some))
    }

    /// When it last changed; send it back as `expectedUpdatedAt`. Learners who take a place, wait or leave change `seats` alone, and not this. Visible to: anyone.
    async fn updated_at(&self) -> Result<DateTime> {
        required(self.0.instant("updated_at")?.map(DateTime))
    }
}

connection!(
    OfferingConnection,
    OfferingEdge,
    Offering,
    "A page of Offering items. Visible to: anyone.",
    "An Offering in a page. Visible to: anyone."
);

/// How an offering is taught.
#[derive(Debug, Enum, Copy, Clone, PartialEq, Eq)]
pub enum Modality {
    /// On campus or at a business site.
    InPerson,
    /// Online at set times.
    OnlineLive,
    /// Online at any time.
    OnlineSelfPaced,
    /// Partly in person.
    Hybrid,
}

/// Life of an offering. A full offering is still OPEN; look at `seats`.
#[derive(Debug, Enum, Copy, Clone, PartialEq, Eq)]
pub enum OfferingStatus {
    /// Announced, registration not open yet.
    Scheduled,
    /// Registration is open.
    Open,
    /// Registration has closed, not started yet.
    Closed,
    /// In session.
    Running,
    /// Over; results may still be recorded.
    Finished,
    /// Will not take place.
    Cancelled,
}

/// Order of offerings. Each is backed by an index; ties are broken by identifier.
#[derive(Debug, Enum, Copy, Clone, PartialEq, Eq)]
pub enum OfferingSort {
    /// First day, earliest first.
    StartsSoonest,
    /// First day, latest first.
    StartsLatest,
    /// Cheapest first.
    Price,
    /// Last changed first.
    RecentlyUpdated,
}

/// Limits offerings. Combines as CourseFilter does.
#[derive(Debug, InputObject, Clone)]
pub struct OfferingFilter {
    /// Run by one of these institutions. At most 50.
    pub institution_ids: Option<Vec<ID>>,
    /// Teaches one of these courses or programs. At most 50.
    pub subject_ids: Option<Vec<ID>>,
    /// In one of these terms. At most 50.
    pub term_ids: Option<Vec<ID>>,
    /// In one of these states.
    pub statuses: Option<Vec<OfferingStatus>>,
    /// Taught one of these ways.
    pub modalities: Option<Vec<Modality>>,
    /// On a campus in one of these regions. At most 20.
    pub region_codes: Option<Vec<String>>,
    /// Starts then.
    pub starts_within: Option<DateRange>,
    /// Has or has no seat left.
    pub has_seats: Option<bool>,
    /// Changed at or after this moment, as `updatedAt` tells it: places that learners take or leave are no change. Includes offerings of retired courses and programs, for synchronization.
    pub updated_since: Option<DateTime>,
}

/// Seat counts of an offering, at most a second old. They change with every place that is taken or left, and `Offering.updatedAt` does not: ask for them when they are shown. Visible to: anyone.
#[derive(Debug, Clone)]
pub struct Seats(Arc<Row>);

/// Seat counts of an offering, at most a second old. They change with every place that is taken or left, and `Offering.updatedAt` does not: ask for them when they are shown. Visible to: anyone.
#[Object]
impl Seats {
    /// Seats in total; null when not known, then requests wait for approval. Visible to: anyone.
    async fn capacity(&self) -> Result<Option<i32>> {
        maybe_int(&self.0, "capacity")
    }

    /// Seats that can be taken now; null when the capacity is not known. Seats that the institution says are taken elsewhere are taken, as those of enrollments here are. Visible to: anyone.
    async fn available(&self) -> Result<Option<i32>> {
        let taken = int(&self.0, "seats_taken")?.saturating_add(int(&self.0, "seats_here")?);
        Ok(maybe_int(&self.0, "capacity")?.map(|capacity| capacity.saturating_sub(taken).max(0)))
    }

    /// Learners on the waitlist, those of the institution's own system among them as far as it tells of them. Visible to: anyone.
    async fn waitlisted(&self) -> Result<i32> {
        Ok(int(&self.0, "waitlisted")?.saturating_add(int(&self.0, "waiting_here")?))
    }

    /// Whether the waitlist takes more learners. Visible to: anyone.
    async fn is_waitlist_open(&self) -> Result<bool> {
        Ok(int(&self.0, "waitlisted")?.saturating_add(int(&self.0, "waiting_here")?) < int(&self.0, "waitlist_capacity")?)
    }
}

/// What an offering teaches and a sponsorship can cover.
#[derive(Debug, Clone, Union)]
pub enum Offerable {
    /// A course.
    Course(Course),
    /// A program.
    Program(Program),
}

impl From<Arc<Row>> for Offerable {
    fn from(row: Arc<Row>) -> Self {
        if row.noun().kind == Some(Kind::Program) { Self::Program(Program(row)) } else { Self::Course(Course(row)) }
    }
}
