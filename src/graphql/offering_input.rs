//! What is written of offerings.

use async_graphql::{ID, InputObject};

use super::act::payload;
use super::offering::{Modality, Offering, OfferingStatus};
use super::scalars::{Date, DateTime, Money};

/// Input of `offeringCreate`.
#[derive(Debug, InputObject, Clone)]
pub struct OfferingCreateInput {
    /// Course or program taught.
    pub subject_id: ID,
    /// Its values.
    pub fields: OfferingFields,
}

/// Input of `offeringUpdate`.
#[derive(Debug, InputObject, Clone)]
pub struct OfferingUpdateInput {
    /// The offering.
    pub id: ID,
    /// Refuses with STALE when the offering changed since.
    pub expected_updated_at: Option<DateTime>,
    /// Its new values.
    pub fields: OfferingFields,
}

/// What can be set on an offering. In an update, a field left out stays as it is and null clears it.
#[derive(Debug, InputObject, Clone)]
pub struct OfferingFields {
    /// Section or cohort code; TAKEN when another offering of the same course or program in the same term has it that is not finished or cancelled. Required to create.
    pub code: Option<String>,
    /// Term it belongs to.
    pub term_id: Option<ID>,
    /// Where it meets.
    pub campus_id: Option<ID>,
    /// How it is taught. Required to create.
    pub modality: Option<Modality>,
    /// Where it is in its life. SCHEDULED when created without it. CANCELLED ends all enrollments that are open in it, with a reason, and gives back what was paid. FINISHED cancels requests, waiting and offered seats; who has a seat keeps it until the result is recorded.
    pub status: Option<OfferingStatus>,
    /// First day. Required to create.
    pub starts_on: Option<Date>,
    /// Last day. Required to create.
    pub ends_on: Option<Date>,
    /// Meeting times for a person to read.
    pub schedule: Option<String>,
    /// When enrolling opens.
    pub registration_opens_at: Option<DateTime>,
    /// When enrolling closes.
    pub registration_closes_at: Option<DateTime>,
    /// Price; the list price of its subject when left out.
    pub price: Option<Money>,
    /// Seats in total. Required to create.
    pub capacity: Option<i32>,
    /// Most learners on the waitlist; 0 closes it.
    pub waitlist_capacity: Option<i32>,
    /// Who teaches it. Replaces the list. At most 10.
    pub instructor_ids: Option<Vec<ID>>,
    /// Business whose employees alone may enroll. Whoever else waits already waits on, and is offered no seat meanwhile.
    pub reserved_for_business_id: Option<ID>,
}

payload!(OfferingCreatePayload, offering: Offering, "Result of `offeringCreate`. Visible to: staff.", "The new offering. Visible to: staff.", "Problems the caller can fix; empty on success. Visible to: staff.");
payload!(OfferingUpdatePayload, offering: Offering, "Result of `offeringUpdate`. Visible to: staff.", "The changed offering. Visible to: staff.", "Problems the caller can fix; empty on success. Visible to: staff.");
