//! Objects with an identifier, whatever their type.

use std::sync::Arc;

use async_graphql::{ID, Interface};

use super::assessment::Assessment;
use super::assessment_result::AssessmentResult;
use super::audit_event::AuditEvent;
use super::award::Award;
use super::business::Business;
use super::business_site::BusinessSite;
use super::campus::Campus;
use super::competency::Competency;
use super::consent_grant::ConsentGrant;
use super::course::Course;
use super::credential::Credential;
use super::employee::Employee;
use super::enrollment::Enrollment;
use super::enrollment_job::EnrollmentJob;
use super::import_job::ImportJob;
use super::institution::Institution;
use super::learner::Learner;
use super::offering::Offering;
use super::program::Program;
use super::sponsorship::Sponsorship;
use super::staff_member::StaffMember;
use super::term::Term;
use super::voucher::Voucher;
use crate::domain::id::Kind;
use crate::store::Row;

/// An object with a globally unique identifier that can be fetched again through `Query.node`. Visible to: as its type.
#[derive(Debug, Clone, Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Opaque global identifier. Never parse it, never build it. Visible to: as its type."))]
pub enum Node {
    /// An institution.
    Institution(Institution),
    /// A campus.
    Campus(Campus),
    /// A term.
    Term(Term),
    /// A member of the staff.
    StaffMember(StaffMember),
    /// A program.
    Program(Program),
    /// A course.
    Course(Course),
    /// An offering.
    Offering(Offering),
    /// A competency.
    Competency(Competency),
    /// A credential.
    Credential(Credential),
    /// An assessment.
    Assessment(Assessment),
    /// A business.
    Business(Business),
    /// A line of an audit log.
    AuditEvent(AuditEvent),
    /// A learner.
    Learner(Learner),
    /// A site of a business.
    BusinessSite(BusinessSite),
    /// A roster entry.
    Employee(Employee),
    /// A consent.
    ConsentGrant(ConsentGrant),
    /// A sponsorship.
    Sponsorship(Sponsorship),
    /// A voucher.
    Voucher(Voucher),
    /// An enrollment.
    Enrollment(Enrollment),
    /// A list of places.
    EnrollmentJob(EnrollmentJob),
    /// An import.
    ImportJob(ImportJob),
    /// A result in an assessment.
    AssessmentResult(AssessmentResult),
    /// An award.
    Award(Award),
}

impl Node {
    /// The object of a loaded row; `None` for nouns without identifiers.
    #[must_use]
    pub fn of(row: Arc<Row>) -> Option<Self> {
        Some(match row.noun().kind? {
            Kind::Institution => Self::Institution(Institution(row)),
            Kind::Campus => Self::Campus(Campus(row)),
            Kind::Term => Self::Term(Term(row)),
            Kind::StaffMember => Self::StaffMember(StaffMember(row)),
            Kind::Program => Self::Program(Program(row)),
            Kind::Course => Self::Course(Course(row)),
            Kind::Offering => Self::Offering(Offering(row)),
            Kind::Competency => Self::Competency(Competency(row)),
            Kind::Credential => Self::Credential(Credential(row)),
            Kind::Assessment => Self::Assessment(Assessment(row)),
            Kind::Business => Self::Business(Business(row)),
            Kind::AuditEvent => Self::AuditEvent(AuditEvent(row)),
            Kind::Learner => Self::Learner(Learner(row)),
            Kind::BusinessSite => Self::BusinessSite(BusinessSite(row)),
            Kind::Employee => Self::Employee(Employee(row)),
            Kind::ConsentGrant => Self::ConsentGrant(ConsentGrant(row)),
            Kind::Sponsorship => Self::Sponsorship(Sponsorship(row)),
            Kind::Voucher => Self::Voucher(Voucher(row)),
            Kind::Enrollment => Self::Enrollment(Enrollment(row)),
            Kind::EnrollmentJob => Self::EnrollmentJob(EnrollmentJob(row)),
            Kind::ImportJob => Self::ImportJob(ImportJob(row)),
            Kind::AssessmentResult => Self::AssessmentResult(AssessmentResult(row)),
            Kind::Award => Self::Award(Award(row)),
        })
    }
}
