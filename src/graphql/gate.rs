//! Fields for fewer readers than their type. What the role alone forbids is never loaded; what depends on whose the row is, is decided when it is shown.

use async_graphql::{Context, Result};

use super::error::{Code, coded};
use super::read::required;
use crate::domain::consent::ConsentScope;
use crate::domain::enrollment::By;
use crate::domain::id::Kind;
use crate::domain::role::Role;
use crate::domain::tenant::Tenant;
use crate::policy::{Audience, Principal, Record};
use crate::service::Actor;
use crate::store::Row;
use crate::store::award::PROVEN_AWARD;
use crate::store::noun::Noun;

/// A field with its readers.
#[derive(Debug)]
pub struct Gate {
    /// Name of the type.
    pub of: &'static str,
    /// Name of the field, as in the schema.
    pub field: &'static str,
    /// Who may read it.
    pub audiences: &'static [Audience],
}

const STAFF: &[Audience] = &[Audience::Staff, Audience::Admins];
const BUSINESS: &[Audience] = &[Audience::Business, Audience::Admins];
const RECORD: &[Audience] = &[Audience::Learner, Audience::Staff, Audience::Navigators];
const WAITING: &[Audience] =
    &[Audience::Learner, Audience::Staff, Audience::Navigators, Audience::Sponsor(Some(ConsentScope::Enrollment)), Audience::Admins];
const SHOWN: [Audience; 6] =
    [Audience::Learner, Audience::Staff, Audience::Instructors, Audience::Navigators, Audience::Sponsor(None), Audience::Admins];
/// Those who read an enrollment, and employers whose consent covers a scope.
const fn shown(scope: ConsentScope) -> [Audience; 6] {
    [Audience::Learner, Audience::Staff, Audience::Instructors, Audience::Navigators, Audience::Sponsor(Some(scope)), Audience::Admins]
}
const RESULTS: &[Audience] = &shown(ConsentScope::Results);
const AWARDS: &[Audience] = &shown(ConsentScope::Awards);
const LOG: &[Audience] = &[Audience::Staff, Audience::Business, Audience::Admins];

/// Every such field. A test holds the schema's descriptions to it.
pub const GATES: &[Gate] = &[
    Gate { of: "Institution", field: "staffMembers", audiences: STAFF },
    Gate { of: "Institution", field: "auditEvents", audiences: STAFF },
    Gate { of: "Institution", field: "enrollments", audiences: STAFF },
    Gate { of: "Institution", field: "learners", audiences: STAFF },
    Gate { of: "Institution", field: "enrollmentJobs", audiences: &[Audience::Staff] },
    Gate { of: "Business", field: "auditEvents", audiences: BUSINESS },
    Gate { of: "Business", field: "enrollmentJobs", audiences: &[Audience::Business] },
    Gate { of: "Business", field: "importJobs", audiences: &[Audience::Business] },
    Gate { of: "Business", field: "externalKeys", audiences: BUSINESS },
    Gate { of: "Course", field: "externalKeys", audiences: STAFF },
    Gate { of: "Program", field: "externalKeys", audiences: STAFF },
    Gate { of: "Offering", field: "externalKeys", audiences: STAFF },
    Gate {
        of: "StaffMember",
        field: "email",
        audiences: &[Audience::Staff, Audience::Instructors, Audience::Navigators, Audience::Business, Audience::Admins],
    },
    Gate { of: "Business", field: "corporateNavigator", audiences: &[Audience::Business, Audience::Navigators, Audience::Admins] },
    Gate { of: "Business", field: "employees", audiences: &[Audience::Business] },
    Gate { of: "Business", field: "sponsorships", audiences: &[Audience::Business, Audience::Navigators, Audience::Admins] },
    Gate { of: "Sponsorship", field: "budget", audiences: &[Audience::Business, Audience::Navigators, Audience::Admins] },
    Gate { of: "Sponsorship", field: "spent", audiences: &[Audience::Business, Audience::Navigators, Audience::Admins] },
    Gate { of: "Sponsorship", field: "reserved", audiences: &[Audience::Business, Audience::Navigators, Audience::Admins] },
    Gate { of: "Sponsorship", field: "vouchers", audiences: &[Audience::Business] },
    Gate { of: "Sponsorship", field: "enrollments", audiences: &[Audience::Business, Audience::Staff, Audience::Admins] },
    Gate { of: "Business", field: "enrollments", audiences: &[Audience::Business] },
    Gate { of: "Offering", field: "enrollments", audiences: &[Audience::Staff, Audience::Instructors, Audience::Admins] },
    Gate { of: "Enrollment", field: "learner", audiences: &SHOWN },
    Gate { of: "Enrollment", field: "state", audiences: &shown(ConsentScope::Enrollment) },
    Gate { of: "Enrollment", field: "allowedTransitions", audiences: &shown(ConsentScope::Enrollment) },
    Gate { of: "Enrollment", field: "waitlistPosition", audiences: WAITING },
    Gate { of: "Enrollment", field: "seatOfferExpiresAt", audiences: WAITING },
    Gate {
        of: "Enrollment",
        field: "funding",
        audiences: &[Audience::Learner, Audience::Staff, Audience::Navigators, Audience::Payer, Audience::Admins],
    },
    Gate {
        of: "Enrollment",
        field: "transitions",
        audiences: &[Audience::Learner, Audience::Staff, Audience::Navigators, Audience::Admins],
    },
    Gate { of: "Enrollment", field: "progress", audiences: &shown(ConsentScope::Progress) },
    Gate { of: "Funding", field: "aidReference", audiences: &[Audience::Learner, Audience::Staff, Audience::Navigators, Audience::Admins] },
    Gate { of: "Enrollment", field: "results", audiences: RESULTS },
    Gate { of: "AssessmentResult", field: "feedback", audiences: &[Audience::Learner, Audience::Staff, Audience::Instructors] },
    Gate { of: "Enrollment", field: "award", audiences: AWARDS },
    Gate {
        of: "Learner",
        field: "awards",
        audiences: &[Audience::Learner, Audience::Staff, Audience::Navigators, Audience::Sponsor(Some(ConsentScope::Awards))],
    },
    Gate { of: "Award", field: "revocationReason", audiences: &[Audience::Learner, Audience::Staff, Audience::Admins] },
    Gate { of: "Award", field: "learner", audiences: AWARDS },
    Gate { of: "Award", field: "enrollment", audiences: &shown(ConsentScope::Enrollment) },
    Gate { of: "Funding", field: "sponsorship", audiences: &[Audience::Staff, Audience::Payer, Audience::Admins] },
    Gate { of: "Employee", field: "learner", audiences: &[Audience::Learner, Audience::Navigators, Audience::Sponsor(None)] },
    Gate { of: "Learner", field: "legalName", audiences: RECORD },
    Gate {
        of: "Learner",
        field: "email",
        audiences: &[Audience::Learner, Audience::Staff, Audience::Navigators, Audience::Sponsor(Some(ConsentScope::Contact))],
    },
    Gate { of: "Learner", field: "region", audiences: RECORD },
    Gate { of: "Learner", field: "externalKeys", audiences: &[Audience::Learner, Audience::Staff] },
    Gate { of: "Learner", field: "employments", audiences: &[Audience::Learner, Audience::Navigators] },
    Gate { of: "Learner", field: "consents", audiences: &[Audience::Learner] },
    Gate { of: "Learner", field: "disclosures", audiences: &[Audience::Learner] },
    Gate { of: "AuditEvent", field: "ipAddress", audiences: &[Audience::Admins] },
];

/// The gate of a field.
#[must_use]
pub fn of(type_name: &str, field: &str) -> Option<&'static Gate> {
    GATES.iter().find(|gate| gate.of == type_name && gate.field == field)
}

/// Who may hold an object of a kind at all, whatever their tenant.
#[must_use]
pub const fn holders(kind: Kind) -> &'static [Audience] {
    match kind {
        Kind::AuditEvent => LOG,
        Kind::Business | Kind::BusinessSite => &[Audience::Members],
        Kind::Learner => {
            &[Audience::Learner, Audience::Staff, Audience::Instructors, Audience::Navigators, Audience::Sponsor(None), Audience::Admins]
        }
        Kind::Employee => &[Audience::Business, Audience::Learner, Audience::Navigators],
        Kind::Sponsorship => &[Audience::Business, Audience::Staff, Audience::Navigators, Audience::Admins],
        Kind::Voucher | Kind::ImportJob => &[Audience::Business],
        Kind::EnrollmentJob => &[Audience::Business, Audience::Staff],
        Kind::Enrollment => &[
            Audience::Learner,
            Audience::Staff,
            Audience::Instructors,
            Audience::Navigators,
            Audience::Payer,
            Audience::Sponsor(None),
            Audience::Admins,
        ],
        Kind::ConsentGrant => &[Audience::Learner, Audience::Business, Audience::Staff],
        Kind::AssessmentResult => RESULTS,
        Kind::Award => AWARDS,
        _ => &[Audience::Anyone],
    }
}

/// Whether the principal belongs to one of the audiences for some record or other.
#[must_use]
pub fn may_hold(principal: &Principal, audiences: &[Audience]) -> bool {
    audiences.iter().any(|audience| audience.may_hold(principal))
}

/// Whether a gate lets the caller pass for some record or other: what it never does is not loaded.
pub fn may_ask(ctx: &Context<'_>, gate: &Gate) -> Result<bool> {
    Ok(may_hold(ctx.data::<Principal>()?, gate.audiences) || is_open(ctx, gate)?)
}

/// Whether a proof has opened the gate.
fn is_open(ctx: &Context<'_>, gate: &Gate) -> Result<bool> {
    Ok(ctx.data::<Actor>()?.store.faults().is_open_gate(gate.of, gate.field))
}

/// A value behind a gate: null with FORBIDDEN for whoever may not read it of this row.
pub fn gated<T>(ctx: &Context<'_>, row: &Row, read: impl FnOnce() -> Result<Option<T>>) -> Option<Result<T>> {
    match check(ctx, row) {
        Ok(()) => read().transpose(),
        Err(error) => Some(Err(error)),
    }
}

fn check(ctx: &Context<'_>, row: &Row) -> Result<()> {
    let field = &ctx.item.node.name.node;
    let gate = required(of(row.noun().name, field))?;
    let principal = ctx.data::<Principal>()?;
    if is_open(ctx, gate)? {
        return Ok(());
    }
    // Where the role alone forbids it, nothing was loaded by which to tell whose the row is.
    if may_hold(principal, gate.audiences) {
        let record = record(ctx, principal, row, gate.audiences)?;
        if gate.audiences.iter().any(|audience| audience.holds(principal, &record)) {
            let actor = ctx.data::<Actor>()?;
            actor.reads.note(actor, record.owner, gate.of, gate.field);
            disclose(ctx, principal, &record, gate.audiences, (gate.of, gate.field))?;
            return Ok(());
        }
        let is_owner = Audience::Business.holds(principal, &record);
        if is_owner && gate.audiences.iter().any(|audience| matches!(audience, Audience::Sponsor(_))) {
            let text = format!("`{field}` is shown while the learner consents to it: ask them to");
            return Err(coded(Code::ConsentRequired, text));
        }
    }
    let words: Vec<&str> = gate.audiences.iter().map(|audience| audience.word()).collect();
    let remedy = if principal.member().is_none() { ": this needs an access token" } else { ", each of the tenant that it belongs to" };
    Err(coded(Code::Forbidden, format!("`{field}` is visible to {} only{remedy}", words.join(", "))))
}

/// Notes that a field of a learner's was shown, which is for everybody who can hold its row, or which the list tells that the row is in. Each such field says so by this.
pub fn tell(ctx: &Context<'_>, row: &Row, field: &str) -> Result<()> {
    let (principal, noun) = (ctx.data::<Principal>()?, row.noun());
    let audiences = match (of(noun.name, field), noun.kind) {
        (Some(gate), _) => gate.audiences,
        (None, Some(kind)) => holders(kind),
        (None, None) => return Ok(()),
    };
    // Whoever holds an award's code sees what anyone may.
    if principal.member().is_none() || std::ptr::eq(noun, &raw const PROVEN_AWARD) {
        return Ok(());
    }
    disclose(ctx, principal, &record(ctx, principal, row, audiences)?, audiences, (noun.name, field))
}

/// Notes for the learner what was shown to somebody who is neither that learner, nor sees it as what their own institution or business has of its own: by consent, or by office.
fn disclose(ctx: &Context<'_>, principal: &Principal, record: &Record<'_>, audiences: &[Audience], field: (&str, &str)) -> Result<()> {
    let is_told = |audience: &Audience| matches!(audience, Audience::Sponsor(_) | Audience::Admins);
    let is_own = || audiences.iter().any(|audience| !is_told(audience) && audience.holds(principal, record));
    if let Some(learner) = record.learner
        && !is_own()
    {
        ctx.data::<Actor>()?.reads.disclose(learner, field.0, field.1, place(ctx));
    }
    Ok(())
}

/// The root field below which the answer is, and the field below that, as the answer names them.
fn place(ctx: &Context<'_>) -> Option<(String, String)> {
    let path = ctx.path_node?.to_string_vec();
    let mut names = path.into_iter();
    Some((names.next()?, names.next()?))
}

/// Notes that it was looked through what a learner lets the caller see of their places, whatever was found there: that there is none in some state is told by an empty list.
pub fn tell_of_places(ctx: &Context<'_>, row: &Row, field: &str) -> Result<()> {
    const READERS: &[Audience] = &[Audience::Learner, Audience::Sponsor(Some(ConsentScope::Enrollment))];
    let principal = ctx.data::<Principal>()?;
    let record = record(ctx, principal, row, READERS)?;
    if record.scopes.is_some_and(ConsentScope::shows_places) {
        disclose(ctx, principal, &record, READERS, (row.noun().name, field))?;
    }
    Ok(())
}

/// The columns by which [`tell_of_places`] tells.
pub fn told(noun: &Noun, field: &str) -> impl Iterator<Item = &'static str> + use<> {
    let is_told = noun.kind == Some(Kind::Employee) && field == "enrollments";
    ["learner_id"].into_iter().chain(CONSENT).filter(move |_| is_told)
}

/// What is known of a row beside what it holds.
fn record<'a>(ctx: &Context<'_>, principal: &Principal, row: &'a Row, audiences: &[Audience]) -> Result<Record<'a>> {
    let noun = row.noun();
    let learner = match learner_column(noun) {
        Some(column) => row.uuid(column)?,
        None => None,
    };
    let mut scopes = None;
    if noun.column(CONSENT[0]).is_some()
        && let (Ok(names), Ok(ends)) = (row.optional_text(CONSENT[0]), row.instant(CONSENT[1]))
    {
        // Who is enrolled is not shown by what is said of an address, or of awards; but the award is that came from what a business pays for.
        let is_of_awards = audiences.contains(&Audience::Sponsor(Some(ConsentScope::Awards)));
        let shows = |names: &str| noun.kind != Some(Kind::Enrollment) || is_of_awards || ConsentScope::shows_places(names);
        let is_in_force = || ends.is_none_or(|end| ctx.data::<Actor>().is_ok_and(|actor| end > actor.clock.now()));
        scopes = names.filter(|names| shows(names) && is_in_force());
    }
    // A row of a business is paid by it unless it says otherwise; a part of the price by whoever it names.
    let is_paid = match noun.name {
        "Funding" => row.uuid("payer_id")?.is_some_and(|payer| principal.member().is_some_and(|member| member.tenant.id() == Some(payer))),
        _ => noun.column("is_paid").is_some() && row.boolean("is_paid").unwrap_or_default(),
    };
    // Sponsorships that can be used at an institution are shown to those who run it.
    let institution = principal.member().map(|member| member.tenant).filter(|tenant| matches!(tenant, Tenant::Institution(_)));
    let partner = institution.filter(|_| noun.kind == Some(Kind::Sponsorship));
    Ok(Record { owner: owner(principal, row)?, partner, learner, is_paid, scopes })
}

/// Columns of what a learner lets the caller's tenant see, and until when.
const CONSENT: [&str; 2] = ["consent_scopes", "consent_expires_at"];

/// Whose a row is.
fn owner(principal: &Principal, row: &Row) -> Result<Tenant> {
    let id = |column: &str| required(row.uuid(column)?);
    let noun = row.noun();
    Ok(match noun.kind {
        Some(Kind::Institution) => Tenant::Institution(id("id")?),
        Some(Kind::Business) => Tenant::Business(id("id")?),
        Some(Kind::Employee | Kind::BusinessSite | Kind::Sponsorship | Kind::Voucher) => Tenant::Business(id("tenant_id")?),
        // The contact of a business at the consortium is reached from that business alone, by whoever may know it.
        Some(Kind::StaffMember) if noun.column("tenant_id").is_none() => {
            principal.member().map_or(Tenant::Consortium, |member| member.tenant)
        }
        // A tenant reads learners by rows of its own; a learner's own record is nobody else's.
        Some(Kind::Learner) if noun.column("tenant_id").is_some() => {
            let known_by = id("tenant_id")?;
            let tenant = principal.member().map(|member| member.tenant).filter(|tenant| tenant.id() == Some(known_by));
            tenant.unwrap_or(Tenant::Institution(known_by))
        }
        Some(Kind::Enrollment) if noun.column("is_paid").is_some() => Tenant::Business(id("tenant_id")?),
        // A business reads them by the consents that it has, as if they were its own.
        Some(Kind::AssessmentResult | Kind::Award) if reads_by_consent(principal) => {
            principal.member().map_or(Tenant::Consortium, |member| member.tenant)
        }
        // A part of the price is the institution's to tell, and the payer's.
        None if noun.name == "Funding" => match (principal.member().map(|member| member.tenant), row.uuid("payer_id")?) {
            (Some(tenant), Some(payer)) if tenant.id() == Some(payer) => tenant,
            _ => Tenant::Institution(id("tenant_id")?),
        },
        // Lines of the log of either sort of tenant: the one field behind a gate is the administrators'.
        Some(Kind::Learner | Kind::ConsentGrant | Kind::AuditEvent) => Tenant::Consortium,
        _ => Tenant::Institution(id("tenant_id")?),
    })
}

/// Whether a caller speaks for a business.
fn reads_by_consent(principal: &Principal) -> bool {
    principal.member().is_some_and(|member| matches!(member.tenant, Tenant::Business(_)))
}

/// As whom a caller moves an enrollment.
pub fn acts_as(principal: &Principal, row: &Row) -> Result<Vec<By>> {
    let is_paid = row.noun().column("is_paid").is_some() && row.boolean("is_paid")?;
    let record = Record { owner: owner(principal, row)?, partner: None, learner: row.uuid("learner_id")?, is_paid, scopes: None };
    let all = [
        (Audience::Learner, By::Learner),
        (Audience::Staff, By::Staff),
        (Audience::Instructors, By::Instructor),
        (Audience::Payer, By::Business),
    ];
    // Whoever runs the consortium acts as an institution's own staff do.
    let staff = principal.has_any(&[Role::ConsortiumAdmin]).then_some(By::Staff);
    Ok(all.into_iter().filter(|(audience, _)| audience.holds(principal, &record)).map(|(_, by)| by).chain(staff).collect())
}

/// The column that says whom a row is about.
fn learner_column(noun: &Noun) -> Option<&'static str> {
    if noun.kind == Some(Kind::Learner) { Some("id") } else { noun.column("learner_id").map(|column| column.name) }
}

/// Whether a roster entry is linked to a learner, or was.
#[must_use]
pub fn is_linked(row: &Row) -> bool {
    matches!(row.uuid("learner_id"), Ok(Some(_)))
}

/// The columns by which it is decided who may read a field of a row.
pub fn wanted<'a>(noun: &'a Noun, gate: &'a Gate) -> impl Iterator<Item = &'static str> + use<'a> {
    let owner = match noun.kind {
        Some(Kind::Institution | Kind::Business) => Some("id"),
        Some(Kind::AuditEvent) => None,
        None if noun.name != "Funding" => None,
        _ => noun.column("tenant_id").map(|column| column.name),
    };
    let is_about = gate.audiences.iter().any(|audience| matches!(audience, Audience::Learner | Audience::Sponsor(_)));
    let is_consented = gate.audiences.iter().any(|audience| matches!(audience, Audience::Sponsor(_)));
    let consent = CONSENT.into_iter().filter(move |column| is_consented && noun.column(column).is_some());
    let paid = ["is_paid", "payer_id"].into_iter().filter(|column| noun.column(column).is_some());
    owner.into_iter().chain(learner_column(noun).filter(|_| is_about)).chain(consent).chain(paid)
}
