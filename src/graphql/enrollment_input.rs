//! What is written of enrollments.

use std::sync::Arc;

use async_graphql::{ID, InputObject, Object, OneofObject};

use super::act::payload;
use super::enrollment::{Enrollment, EnrollmentState};
use super::scalars::Uuid;
use super::user_error::UserError;
use crate::service::enrollment::{Funding, Item, Person};
use crate::store::Row;

/// Who pays: exactly one of these.
#[derive(Debug, OneofObject, Clone)]
pub enum FundingInput {
    /// This sponsorship.
    SponsorshipId(ID),
    /// The business that issued this voucher.
    VoucherCode(String),
    /// Grant, scholarship or workforce funds, named by a number or text of the learner's in one line; the institution has to approve. At most 100 characters.
    AidReference(String),
}

/// Who pays, as acts know it.
#[must_use]
pub fn funding(input: Option<FundingInput>) -> Funding {
    match input {
        None => Funding::Own,
        Some(FundingInput::SponsorshipId(id)) => Funding::Sponsorship(id.0),
        Some(FundingInput::VoucherCode(code)) => Funding::Voucher(code),
        Some(FundingInput::AidReference(reference)) => Funding::Aid(reference),
    }
}

/// Input of `enrollmentRequest`.
#[derive(Debug, InputObject, Clone)]
pub struct EnrollmentRequestInput {
    /// Made once by the client for each intended effect. Repeating a request with the same key within 7 days returns the first result.
    pub idempotency_key: Uuid,
    /// The learner; left out for the caller.
    pub learner_id: Option<ID>,
    /// The offering.
    pub offering_id: ID,
    /// Who pays; left out when the learner does.
    pub funding: Option<FundingInput>,
}

/// Input of `enrollmentTransition`.
#[derive(Debug, InputObject, Clone)]
pub struct EnrollmentTransitionInput {
    /// The enrollment.
    pub id: ID,
    /// The new state.
    pub to: EnrollmentState,
    /// Why; at most 500 characters. Required for DECLINED and WITHDRAWN.
    pub reason: Option<String>,
    /// Whether what was charged is given back to whoever paid; for WITHDRAWN, by staff, also when it is WITHDRAWN already and nothing was given back yet.
    #[graphql(default)]
    pub is_refunded: bool,
}

/// How a bulk request names a learner: exactly one of these.
#[derive(Debug, OneofObject, Clone)]
pub enum LearnerRef {
    /// A learner.
    LearnerId(ID),
    /// A roster entry of the caller's business. The person must have confirmed it.
    EmployeeId(ID),
    /// Whoever has this work email on the roster of the caller's business, and has confirmed it; at most 254 characters.
    Email(String),
    /// Whoever has this number on the roster of the caller's business, and has confirmed it; at most 60 characters, and zeros at its beginning count.
    Number(String),
}

/// One enrollment of a bulk request.
#[derive(Debug, InputObject, Clone)]
pub struct EnrollmentRequestItem {
    /// Who is to be enrolled.
    pub learner: LearnerRef,
    /// Where.
    pub offering_id: ID,
    /// Code of a voucher that pays for this place, in place of `funding`.
    pub voucher_code: Option<String>,
}

impl From<EnrollmentRequestItem> for Item {
    fn from(item: EnrollmentRequestItem) -> Self {
        let person = match item.learner {
            LearnerRef::LearnerId(id) => Person::Learner(id.0),
            LearnerRef::EmployeeId(id) => Person::Employee(id.0),
            LearnerRef::Email(email) => Person::Email(email),
            LearnerRef::Number(number) => Person::Number(number),
        };
        Self { person, offering: item.offering_id.0, voucher: item.voucher_code }
    }
}

/// Input of `enrollmentBulkRequest`.
#[derive(Debug, InputObject, Clone)]
pub struct EnrollmentBulkRequestInput {
    /// Made once by the client for each intended effect. Repeating a request with the same key within 7 days returns the first result of each item, and does what was not done; with another list it is IDEMPOTENCY_CONFLICT.
    pub idempotency_key: Uuid,
    /// The places asked for. At most 250.
    pub items: Vec<EnrollmentRequestItem>,
    /// Who pays for the items that name no voucher. Left out when the learners do, for institutions; a business leaves it out when each item names a voucher.
    pub funding: Option<FundingInput>,
    /// Whether to check without enrolling or reserving funds. A business is not told by a dry run what its learners do not let it see: that one of them is enrolled already, or has not passed what comes before.
    #[graphql(default)]
    pub is_dry_run: bool,
}

/// Outcome of one item of a bulk request. Visible to: business, staff.
#[derive(Debug, Clone)]
pub struct EnrollmentRequestResult {
    /// Position of the item.
    pub index: usize,
    /// The enrollment.
    pub row: Option<Arc<Row>>,
    /// Why it was refused.
    pub errors: Vec<UserError>,
}

/// Outcome of one item of a bulk request. Visible to: business, staff.
#[Object]
impl EnrollmentRequestResult {
    /// Position of the item in the request, from 0. Visible to: business, staff.
    async fn index(&self) -> usize {
        self.index
    }

    /// The enrollment; null when the item was refused, and in a dry run. Visible to: business, staff.
    async fn enrollment(&self) -> Option<Enrollment> {
        self.row.clone().map(Enrollment)
    }

    /// Why it was refused. Empty when it was not. At most 30. Visible to: business, staff.
    async fn user_errors(&self) -> Vec<UserError> {
        self.errors.clone()
    }
}

/// Result of `enrollmentBulkRequest`. Visible to: business, staff.
#[derive(Debug, Default)]
pub struct EnrollmentBulkRequestPayload {
    /// One per item.
    pub results: Option<Vec<EnrollmentRequestResult>>,
    /// What the caller can mend.
    pub errors: Vec<UserError>,
}

/// Result of `enrollmentBulkRequest`. Visible to: business, staff.
#[Object]
impl EnrollmentBulkRequestPayload {
    /// One per item, in order. At most 250. Visible to: business, staff.
    async fn results(&self) -> Option<Vec<EnrollmentRequestResult>> {
        self.results.clone()
    }

    /// Problems of the request as a whole; empty on success. Visible to: business, staff.
    async fn user_errors(&self) -> Vec<UserError> {
        self.errors.clone()
    }
}

payload!(EnrollmentRequestPayload, enrollment: Enrollment, "Result of `enrollmentRequest`. Visible to: learner, staff.", "The new enrollment. Visible to: learner, staff.", "Problems the caller can fix, all of them at once; empty on success. Visible to: learner, staff.");
payload!(EnrollmentTransitionPayload, enrollment: Enrollment, "Result of `enrollmentTransition`. Visible to: learner, staff, instructors, business.", "The moved enrollment. Visible to: learner, staff, instructors, business.", "Problems the caller can fix; empty on success. Visible to: learner, staff, instructors, business.");
