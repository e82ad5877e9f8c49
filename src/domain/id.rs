//! Global identifiers: a prefix that names the kind, an underscore, and 26 characters of Crockford's base 32 that hold the UUID.
//!
//! The same text stands in GraphQL, webhooks, exports and audit, and its form never changes.

use std::fmt;

use uuid::Uuid;

/// What sort of object an identifier names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A member college or university.
    Institution,
    /// A teaching site.
    Campus,
    /// An academic term.
    Term,
    /// A person who works for an institution.
    StaffMember,
    /// A set of courses that leads to a credential.
    Program,
    /// A unit of instruction.
    Course,
    /// A scheduled section or cohort.
    Offering,
    /// A technical or soft skill.
    Competency,
    /// The definition of something a learner can earn.
    Credential,
    /// An assessment of a course or program.
    Assessment,
    /// A partner business.
    Business,
    /// A line of an audit log.
    AuditEvent,
    /// A person who learns.
    Learner,
    /// A place where a business has employees.
    BusinessSite,
    /// A roster entry of a business.
    Employee,
    /// A permission that a learner gave.
    ConsentGrant,
    /// An agreement by a business to pay for learning.
    Sponsorship,
    /// A code that pays for one enrollment.
    Voucher,
    /// A learner's place in an offering.
    Enrollment,
    /// A list of places that are asked for in the background.
    EnrollmentJob,
    /// A file that is imported in the background.
    ImportJob,
    /// A learner's result in an assessment.
    AssessmentResult,
    /// A credential that a learner has earned.
    Award,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 23] = [
        Self::Institution,
        Self::Campus,
        Self::Term,
        Self::StaffMember,
        Self::Program,
        Self::Course,
        Self::Offering,
        Self::Competency,
        Self::Credential,
        Self::Assessment,
        Self::Business,
        Self::AuditEvent,
        Self::Learner,
        Self::BusinessSite,
        Self::Employee,
        Self::ConsentGrant,
        Self::Sponsorship,
        Self::Voucher,
        Self::Enrollment,
        Self::EnrollmentJob,
        Self::ImportJob,
        Self::AssessmentResult,
        Self::Award,
    ];

    /// The three letters before the underscore.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Institution => "ins",
            Self::Campus => "cam",
            Self::Term => "trm",
            Self::StaffMember => "stf",
            Self::Program => "prg",
            Self::Course => "crs",
            Self::Offering => "off",
            Self::Competency => "cmp",
            Self::Credential => "crd",
            Self::Assessment => "asm",
            Self::Business => "biz",
            Self::AuditEvent => "aud",
            Self::Learner => "lrn",
            Self::BusinessSite => "sit",
            Self::Employee => "emp",
            Self::ConsentGrant => "cns",
            Self::Sponsorship => "spo",
            Self::Voucher => "vou",
            Self::Enrollment => "enr",
            Self::EnrollmentJob => "enj",
            Self::ImportJob => "imp",
            Self::AssessmentResult => "asr",
            Self::Award => "awd",
        }
    }

    fn of_prefix(prefix: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.prefix() == prefix)
    }
}

/// An identifier together with the kind of object that it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct GlobalId {
    /// Kind of the object.
    pub kind: Kind,
    /// Key of the object.
    pub uuid: Uuid,
}

/// Crockford's base 32: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// 26 characters of 5 bits hold 128.
const LENGTH: usize = 26;

/// 128 bits as 26 digits.
#[must_use]
pub fn digits(uuid: Uuid) -> String {
    let value = uuid.as_u128();
    (0..LENGTH).rev().map(|place| ALPHABET[(value >> (5 * place) & 31) as usize] as char).collect()
}

/// The bits of such a text; `None` for any that [`digits`] does not write itself.
#[must_use]
pub fn from_digits(digits: &str) -> Option<Uuid> {
    // 26 digits hold 130 bits: a first digit above 7 would not fit.
    if digits.len() != LENGTH || digits.as_bytes()[0] > b'7' {
        return None;
    }
    let mut value = 0_u128;
    for byte in digits.bytes() {
        let digit = ALPHABET.iter().position(|letter| *letter == byte)?;
        value = value << 5 | digit as u128;
    }
    Some(Uuid::from_u128(value))
}

impl GlobalId {
    /// Names the object `uuid` of `kind`.
    #[must_use]
    pub const fn new(kind: Kind, uuid: Uuid) -> Self {
        Self { kind, uuid }
    }

    /// Reads an identifier; `None` for any text that [`GlobalId`] does not write itself, so that each object has one identifier only.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (prefix, digits) = text.split_once('_')?;
        Some(Self { kind: Kind::of_prefix(prefix)?, uuid: from_digits(digits)? })
    }
}

impl fmt::Display for GlobalId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}_{}", self.kind.prefix(), digits(self.uuid))
    }
}
