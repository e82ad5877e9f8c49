//! Objects with an identifier, whatever their type.

use std::sync::Arc;

use async_graphql::{ID, Interface};

use super::assessment::Assessment;
use super::campus::Campus;
use super::competency::Competency;
use super::course::Course;
use super::credential::Credential;
use super::institution::Institution;
use super::offering::Offering;
use super::program::Program;
use super::staff_member::StaffMember;
use super::term::Term;
use crate::domain::id::Kind;
use crate::store::noun::Noun;
use crate::store::{Row, assessment, campus, competency, course, credential, institution, offering, program, staff_member, term};

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
}

/// The noun of a kind of identifier; `None` for kinds that nobody can read yet.
#[must_use]
pub const fn noun(kind: Kind) -> Option<&'static Noun> {
    match kind {
        Kind::Institution => Some(&institution::INSTITUTION),
        Kind::Campus => Some(&campus::CAMPUS),
        Kind::Term => Some(&term::TERM),
        Kind::StaffMember => Some(&staff_member::STAFF_MEMBER),
        Kind::Program => Some(&program::PROGRAM),
        Kind::Course => Some(&course::COURSE),
        Kind::Offering => Some(&offering::OFFERING),
        Kind::Competency => Some(&competency::COMPETENCY),
        Kind::Credential => Some(&credential::CREDENTIAL),
        Kind::Assessment => Some(&assessment::ASSESSMENT),
        Kind::Business => None,
    }
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
            Kind::Business => return None,
        })
    }
}
