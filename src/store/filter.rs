//! Conditions on the items of a list, as values; each noun's file says what they mean in SQL.

use super::ask::Ask;
use super::audit_event::AuditFilter;
use super::award::AwardFilter;
use super::business::BusinessFilter;
use super::competency::CompetencyFilter;
use super::course::CourseFilter;
use super::credential::CredentialFilter;
use super::employee::EmployeeFilter;
use super::enrollment::EnrollmentFilter;
use super::enrollment_job::ItemFilter;
use super::institution::InstitutionFilter;
use super::learner::LearnerFilter;
use super::noun::Noun;
use super::offering::OfferingFilter;
use super::program::ProgramFilter;
use super::row::Cell;
use super::sponsorship::SponsorshipFilter;
use super::sql::{Sql, Type};
use super::voucher::VoucherFilter;
use uuid::Uuid;

use crate::domain::naics;

/// The conditions on one list. Fields are joined by AND, the values of a list by OR; what is `None` does not limit, and an empty list matches nothing.
#[derive(Debug, Clone, Default)]
pub enum Filter {
    /// No condition.
    #[default]
    None,
    /// On institutions.
    Institution(InstitutionFilter),
    /// On courses.
    Course(CourseFilter),
    /// On programs.
    Program(ProgramFilter),
    /// On offerings.
    Offering(OfferingFilter),
    /// On credentials.
    Credential(CredentialFilter),
    /// On competencies.
    Competency(CompetencyFilter),
    /// On businesses.
    Business(BusinessFilter),
    /// On lines of the audit log.
    Audit(AuditFilter),
    /// On enrollments.
    Enrollment(EnrollmentFilter),
    /// On roster entries.
    Employee(EmployeeFilter),
    /// On learners.
    Learner(LearnerFilter),
    /// On sponsorships.
    Sponsorship(SponsorshipFilter),
    /// On vouchers.
    Voucher(VoucherFilter),
    /// On rows of a list of places.
    JobItem(ItemFilter),
    /// On awards.
    Award(AwardFilter),
}

impl Filter {
    /// Adds the conditions, each behind ` AND `.
    pub(super) fn write(&self, sql: &mut Sql, ask: &Ask<'_>, noun: &Noun) {
        match self {
            Self::None => {}
            Self::Institution(filter) => filter.write(sql),
            Self::Course(filter) => filter.write(sql),
            Self::Program(filter) => filter.write(sql),
            Self::Offering(filter) => filter.write(sql),
            Self::Credential(filter) => filter.write(sql),
            Self::Competency(filter) => filter.write(sql),
            Self::Business(filter) => filter.write(sql),
            Self::Audit(filter) => filter.write(sql),
            Self::Enrollment(filter) => filter.write(sql, ask, noun),
            Self::Employee(filter) => filter.write(sql, ask),
            Self::Learner(filter) => filter.write(sql, ask),
            Self::Sponsorship(filter) => filter.write(sql, ask),
            Self::Voucher(filter) => filter.write(sql, ask),
            Self::JobItem(filter) => filter.write(sql),
            Self::Award(filter) => filter.write(sql),
        }
    }

    /// Whether the list is one of changes, in which retired rows stand too.
    pub(super) const fn is_delta(&self) -> bool {
        match self {
            Self::Course(filter) => filter.updated_since.is_some(),
            Self::Program(filter) => filter.updated_since.is_some(),
            Self::Offering(filter) => filter.updated_since.is_some(),
            _ => false,
        }
    }
}

/// Keys as cells.
pub(super) fn uuids(values: &[Uuid]) -> Vec<Cell> {
    values.iter().copied().map(Cell::Uuid).collect()
}

/// Texts as cells.
pub(super) fn texts<T: AsRef<str>>(values: &[T]) -> Vec<Cell> {
    values.iter().map(|value| Cell::Text(value.as_ref().into())).collect()
}

/// A pattern of texts that hold another.
pub(super) fn containing(text: &str) -> String {
    format!("%{}%", text.replace('!', "!!").replace('%', "!%").replace('_', "!_"))
}

/// Adds ` AND column is one of values` where there are values.
pub(super) fn and_any(sql: &mut Sql, column: &str, of: Type, values: Option<Vec<Cell>>) {
    if let Some(values) = values {
        sql.push(" AND ").any(column, of, values);
    }
}

/// Adds ` AND column operator value` where there is a value.
pub(super) fn and(sql: &mut Sql, comparison: &str, of: Type, value: Option<Cell>) {
    if let Some(value) = value {
        sql.push(" AND ").push(comparison).push(" ").bind(of, value);
    }
}

/// Adds ` AND column begins with one of the NAICS codes`; a two-digit member of a sector range stands for the whole sector.
pub(super) fn any_naics(sql: &mut Sql, column: &str, codes: &[String]) {
    let sectors = codes.iter().map(|code| naics::sector_of_member(code).unwrap_or(code)).collect::<Vec<_>>();
    // Every code is also matched by what lies below it; a sector range by what lies below each of its members.
    let prefixes = sectors.iter().flat_map(|code| naics::prefixes(code)).collect::<Vec<_>>();
    sql.push("(").any(column, Type::Text, texts(&sectors));
    for length in 2..=5 {
        let of_length = prefixes.iter().filter(|prefix| prefix.len() == length).cloned().collect::<Vec<_>>();
        sql.push(" OR ").any(&format!("substr({column}, 1, {length})"), Type::Text, texts(&of_length));
    }
    sql.push(")");
}
