//! From the inputs of the schema to the conditions of the store.

use async_graphql::resolver_utils::EnumType;
use async_graphql::{ID, Result};
use uuid::Uuid;

use super::audit_event::AuditFilter;
use super::business::BusinessFilter;
use super::competency::CompetencyFilter;
use super::course::CourseFilter;
use super::credential::CredentialFilter;
use super::employee::EmployeeFilter;
use super::enrollment::EnrollmentFilter;
use super::enrollment_job::EnrollmentJobOutcome;
use super::error::{Code, coded};
use super::offering::OfferingFilter;
use super::program::ProgramFilter;
use super::reference::DateRange;
use super::sponsorship::SponsorshipFilter;
use super::voucher::VoucherState;
use crate::domain::id::{GlobalId, Kind};
use crate::domain::text::fold;
use crate::store::filter::Filter;
use crate::store::{
    audit_event, award, business, competency, course, credential, employee, enrollment, enrollment_job, institution, learner, offering,
    program, sponsorship, voucher,
};

/// The name of an enum's value.
pub fn name<T: EnumType>(value: T) -> &'static str {
    T::items().iter().find(|item| item.value == value).map_or("", |item| item.name)
}

fn names<T: EnumType>(values: Option<Vec<T>>) -> Option<Vec<&'static str>> {
    values.map(|values| values.into_iter().map(name).collect())
}

/// Keys of identifiers that must be of certain kinds.
fn ids(values: Option<Vec<ID>>, kinds: &[Kind], field: &str) -> Result<Option<Vec<Uuid>>> {
    let key = |id: ID| {
        let known = GlobalId::parse(&id).filter(|id| kinds.contains(&id.kind));
        known.map(|id| id.uuid).ok_or_else(|| {
            let shown: String = id.chars().take(60).collect();
            coded(
                Code::BadRequest,
                format!("\"{shown}\" in `{field}` is not an identifier of the kind that it takes; use one that this API gave"),
            )
        })
    };
    values.map(|values| values.into_iter().map(key).collect()).transpose()
}

fn range(range: Option<DateRange>) -> Option<(Option<chrono::NaiveDate>, Option<chrono::NaiveDate>)> {
    range.map(|range| (range.from.map(|date| date.0), range.through.map(|date| date.0)))
}

/// Of institutions.
pub fn institutions(regions: Option<Vec<String>>) -> Filter {
    Filter::Institution(institution::InstitutionFilter { regions })
}

/// Of courses.
pub fn courses(input: Option<CourseFilter>) -> Result<Filter> {
    let Some(input) = input else { return Ok(Filter::None) };
    Ok(Filter::Course(course::CourseFilter {
        institutions: ids(input.institution_ids, &[Kind::Institution], "institutionIds")?,
        competencies: ids(input.competency_ids, &[Kind::Competency], "competencyIds")?,
        is_for_credit: input.is_for_credit,
        modalities: names(input.modalities),
        regions: input.region_codes,
        starts_within: range(input.starts_within),
        has_seats: input.has_seats,
        price_at_most: input.price_at_most.map(|money| money.0.0),
        updated_since: input.updated_since.map(|instant| instant.0),
    }))
}

/// Of programs.
pub fn programs(input: Option<ProgramFilter>) -> Result<Filter> {
    let Some(input) = input else { return Ok(Filter::None) };
    Ok(Filter::Program(program::ProgramFilter {
        institutions: ids(input.institution_ids, &[Kind::Institution], "institutionIds")?,
        kinds: names(input.kinds),
        naics: input.naics_codes,
        competencies: ids(input.competency_ids, &[Kind::Competency], "competencyIds")?,
        is_for_credit: input.is_for_credit,
        updated_since: input.updated_since.map(|instant| instant.0),
    }))
}

/// Of offerings.
pub fn offerings(input: Option<OfferingFilter>) -> Result<Filter> {
    let Some(input) = input else { return Ok(Filter::None) };
    Ok(Filter::Offering(offering::OfferingFilter {
        institutions: ids(input.institution_ids, &[Kind::Institution], "institutionIds")?,
        subjects: ids(input.subject_ids, &[Kind::Course, Kind::Program], "subjectIds")?,
        terms: ids(input.term_ids, &[Kind::Term], "termIds")?,
        statuses: names(input.statuses),
        modalities: names(input.modalities),
        regions: input.region_codes,
        starts_within: range(input.starts_within),
        has_seats: input.has_seats,
        updated_since: input.updated_since.map(|instant| instant.0),
    }))
}

/// Of credentials.
pub fn credentials(input: Option<CredentialFilter>) -> Result<Filter> {
    let Some(input) = input else { return Ok(Filter::None) };
    let program = ids(input.articulates_to_program_id.map(|id| vec![id]), &[Kind::Program], "articulatesToProgramId")?;
    Ok(Filter::Credential(credential::CredentialFilter {
        issuers: ids(input.issuer_ids, &[Kind::Institution], "issuerIds")?,
        kinds: names(input.kinds),
        competencies: ids(input.competency_ids, &[Kind::Competency], "competencyIds")?,
        articulates_to: program.and_then(|ids| ids.first().copied()),
    }))
}

/// Of competencies.
pub fn competencies(input: Option<CompetencyFilter>) -> Filter {
    let Some(input) = input else { return Filter::None };
    Filter::Competency(competency::CompetencyFilter {
        kinds: names(input.kinds),
        alignment: input.alignment.map(|alignment| (name(alignment.framework), alignment.code)),
    })
}

/// Of businesses.
pub fn businesses(input: Option<BusinessFilter>) -> Filter {
    let Some(input) = input else { return Filter::None };
    Filter::Business(business::BusinessFilter { statuses: names(input.statuses), naics: input.naics_codes, regions: input.region_codes })
}

/// Of lines of the audit log.
pub fn audit_events(input: Option<AuditFilter>) -> Filter {
    let Some(input) = input else { return Filter::None };
    let (from, through) = range(input.within).unwrap_or_default();
    let start = |day: chrono::NaiveDate| day.and_time(chrono::NaiveTime::MIN).and_utc();
    // Both days count.
    let within = (from.map(start), through.and_then(|day| day.succ_opt()).map(start));
    Filter::Audit(audit_event::AuditFilter { actions: input.actions, subject: input.subject_id.map(|id| id.to_string()), within })
}

/// Of roster entries, which are searched by what they hold and not by words of their language.
pub fn employees(search: Option<&str>, input: Option<EmployeeFilter>) -> Result<Filter> {
    let holds = search.unwrap_or_default().split_whitespace().map(fold).collect();
    let input = input.unwrap_or(EmployeeFilter { statuses: None, site_ids: None, has_consent: None });
    Ok(Filter::Employee(employee::EmployeeFilter {
        statuses: names(input.statuses),
        sites: ids(input.site_ids, &[Kind::BusinessSite], "siteIds")?,
        has_consent: input.has_consent,
        holds,
    }))
}

/// Of learners, who are searched by their names and by what the institution's own systems call them.
pub fn learners(search: Option<&str>) -> Filter {
    let holds = search.unwrap_or_default().split_whitespace().map(|word| (fold(word), word.to_owned())).collect();
    Filter::Learner(learner::LearnerFilter { holds })
}

/// Of sponsorships.
pub fn sponsorships(input: Option<SponsorshipFilter>) -> Filter {
    let Some(input) = input else { return Filter::None };
    Filter::Sponsorship(sponsorship::SponsorshipFilter { statuses: names(input.statuses), kinds: names(input.kinds) })
}

/// Of vouchers.
pub fn vouchers(state: Option<VoucherState>) -> Filter {
    Filter::Voucher(voucher::VoucherFilter { state: state.map(name) })
}

/// Of rows of a list of places.
pub fn job_items(outcomes: Option<Vec<EnrollmentJobOutcome>>) -> Filter {
    Filter::JobItem(enrollment_job::ItemFilter { outcomes: names(outcomes) })
}

/// Of awards.
pub fn awards(with_revoked: bool) -> Filter {
    Filter::Award(award::AwardFilter { with_revoked })
}

/// Of enrollments.
pub fn enrollments(input: Option<EnrollmentFilter>) -> Result<Filter> {
    let Some(input) = input else { return Ok(Filter::None) };
    Ok(Filter::Enrollment(enrollment::EnrollmentFilter {
        states: names(input.states),
        offerings: ids(input.offering_ids, &[Kind::Offering], "offeringIds")?,
        terms: ids(input.term_ids, &[Kind::Term], "termIds")?,
        requested_within: range(input.requested_within),
        updated_since: input.updated_since.map(|instant| instant.0),
    }))
}
