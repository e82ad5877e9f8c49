//! The one table: who may do what, and whose rows they see while they do it.

use uuid::Uuid;

use super::principal::{Member, Principal};
use super::scope::{Person, Reach, Scope, View};
use crate::domain::enrollment::By;
use crate::domain::role::Role;
use crate::domain::tenant::Tenant;

/// What somebody wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Read a root list of the catalog.
    Browse,
    /// Read an object that is named, and what hangs on it.
    Look,
    /// List partner businesses.
    ListBusinesses,
    /// Read one business.
    ReadBusiness,
    /// Read the audit log of the whole consortium.
    ReadAudit,
    /// Create or change courses, programs, offerings and credentials of an institution.
    WriteCatalog(Uuid),
    /// Add a partner business under this key.
    CreateBusiness(Uuid),
    /// Change a partner business.
    UpdateBusiness(Uuid),
    /// Decide whether a business takes part.
    AdmitBusiness(Uuid),
    /// Read what is a tenant's own as the consortium's staff, of which a line is left in its log.
    ReadFor(Tenant),
    /// Read a learner's record.
    ReadLearner,
    /// Write down for learners what the caller was shown of their records.
    Disclose,
    /// Keep the roster of a business.
    KeepRoster(Uuid),
    /// Set up what a business pays for.
    Sponsor(Uuid),
    /// Send files for work in the background of a tenant, and start or stop such work.
    KeepJobs(Tenant),
    /// Ask for a place of an institution for a learner, paid by a business or not, or move one.
    Enroll {
        /// The institution.
        institution: Uuid,
        /// The learner.
        learner: Uuid,
        /// The business that pays.
        payer: Option<Uuid>,
        /// As whom.
        by: By,
    },
    /// Read the award whose verification code this is.
    Verify(Uuid),
    /// Issue and revoke awards of an institution.
    GiveAwards(Uuid),
    /// Record results of an institution's learners; those who teach, of whom they teach.
    RecordResults(Uuid),
    /// Say as a learner that one works for a business, and become known to it.
    ConfirmEmployment {
        /// The business.
        business: Uuid,
        /// The learner that the caller is, or becomes by it.
        learner: Uuid,
    },
    /// Decide as a learner what others see, and write down that it was decided in the log of a tenant that it concerns.
    Consent {
        /// The learner that the caller is.
        learner: Uuid,
        /// Who sees, or no longer sees.
        grantee: Tenant,
    },
    /// Take access away from a tenant, or from a subject, a token or a key of its issuers.
    RevokeAccess(Tenant),
}

/// Why somebody may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// A token is needed.
    Unauthenticated,
    /// No role of the caller ever allows it.
    Forbidden,
    /// The role allows it, but not for this tenant's things: the answer is that of a thing that is missing.
    Hidden,
}

/// Decides. What is allowed comes with the scope in which it is to be done.
///
/// # Errors
/// Why it is not allowed.
pub fn decide(principal: &Principal, action: Action) -> Result<Scope, Denied> {
    match action {
        Action::Browse => Ok(Scope::new(reach(principal), View::Public, person(principal))),
        Action::Look => Ok(Scope::new(reach(principal), view(principal), person(principal))),
        Action::ListBusinesses => {
            const LIST: &[Role] =
                &[Role::InstitutionAdmin, Role::CareerNavigator, Role::CorporateNavigator, Role::Analyst, Role::ConsortiumAdmin];
            member(principal)
                .and_then(|member| permit(member, LIST))
                .map(|()| Scope::new(reach(principal), View::Public, person(principal)))
        }
        Action::ReadBusiness => member(principal).map(|_| Scope::new(reach(principal), view(principal), person(principal))),
        Action::ReadLearner => {
            const READ: &[Role] = &[
                Role::Learner,
                Role::InstitutionAdmin,
                Role::Instructor,
                Role::CareerNavigator,
                Role::BusinessAdmin,
                Role::ConsortiumAdmin,
            ];
            member(principal)
                .and_then(|member| permit(member, READ))
                .map(|()| Scope::new(reach(principal), view(principal), person(principal)))
        }
        Action::Disclose => {
            let member = member(principal)?;
            permit(member, &[Role::BusinessAdmin, Role::ConsortiumAdmin])?;
            let reach = if member.roles.has(Role::ConsortiumAdmin) { Reach::Consortium } else { Reach::of(member.tenant) };
            Ok(Scope::act(reach))
        }
        Action::KeepRoster(business) | Action::Sponsor(business) => {
            act_for(principal, Tenant::Business(business), Role::BusinessAdmin, &[])
        }
        Action::KeepJobs(tenant) => match tenant {
            Tenant::Institution(_) => act_for(principal, tenant, Role::InstitutionAdmin, &[]),
            Tenant::Business(_) => act_for(principal, tenant, Role::BusinessAdmin, &[]),
            Tenant::Consortium => member(principal).and(Err(Denied::Forbidden)),
        },
        Action::Enroll { institution, learner, payer, by } => {
            let scope = Scope::act(Reach::Institution(institution)).with_learner(Some(learner)).with_partner(payer);
            enrolls(principal, institution, learner, payer, by).map(|()| scope)
        }
        Action::Verify(code) => Ok(Scope::new(reach(principal), view(principal), person(principal)).with_proof(code)),
        Action::RecordResults(institution) => {
            let member = member(principal)?;
            let is_teacher = member.roles.has(Role::Instructor) && member.teacher.is_some();
            if is_teacher && member.tenant == Tenant::Institution(institution) {
                return Ok(Scope::act(Reach::Institution(institution)));
            }
            let done = act_for(principal, Tenant::Institution(institution), Role::InstitutionAdmin, &[Role::ConsortiumAdmin]);
            // Whoever teaches nothing here that is known of finds nothing to record for.
            done.map_err(|denied| if member.roles.has(Role::Instructor) { Denied::Hidden } else { denied })
        }
        Action::ConfirmEmployment { business, learner } => {
            as_learner(principal, learner).map(|()| Scope::act(Reach::Business(business)).with_learner(Some(learner)))
        }
        Action::Consent { learner, grantee } => {
            as_learner(principal, learner).map(|()| Scope::act(Reach::of(grantee)).with_learner(Some(learner)))
        }
        Action::ReadAudit => {
            member(principal).and_then(|member| permit(member, &[Role::ConsortiumAdmin])).map(|()| Scope::act(Reach::Consortium))
        }
        Action::WriteCatalog(institution) | Action::GiveAwards(institution) => {
            act_for(principal, Tenant::Institution(institution), Role::InstitutionAdmin, &[Role::ConsortiumAdmin])
        }
        Action::CreateBusiness(business) => member(principal)
            .and_then(|member| permit(member, &[Role::CorporateNavigator, Role::ConsortiumAdmin]))
            .map(|()| Scope::act(Reach::Business(business))),
        Action::UpdateBusiness(business) => {
            act_for(principal, Tenant::Business(business), Role::BusinessAdmin, &[Role::CorporateNavigator, Role::ConsortiumAdmin])
        }
        Action::AdmitBusiness(business) => {
            member(principal).and_then(|member| permit(member, &[Role::ConsortiumAdmin])).map(|()| Scope::act(Reach::Business(business)))
        }
        Action::ReadFor(tenant) => {
            member(principal).and_then(|member| permit(member, &[Role::ConsortiumAdmin])).map(|()| Scope::act(Reach::of(tenant)))
        }
        Action::RevokeAccess(tenant) => {
            let member = member(principal)?;
            permit(member, &[Role::InstitutionAdmin, Role::BusinessAdmin, Role::ConsortiumAdmin])?;
            let is_all = member.roles.has(Role::ConsortiumAdmin);
            let reach = if tenant == Tenant::Consortium { Reach::Consortium } else { Reach::of(tenant) };
            if is_all || (tenant != Tenant::Consortium && tenant == member.tenant) { Ok(Scope::act(reach)) } else { Err(Denied::Hidden) }
        }
    }
}

fn member(principal: &Principal) -> Result<&Member, Denied> {
    principal.member().ok_or(Denied::Unauthenticated)
}

fn permit(member: &Member, roles: &[Role]) -> Result<(), Denied> {
    if member.roles.has_any(roles) { Ok(()) } else { Err(Denied::Forbidden) }
}

/// Acting for a tenant: its own holders of the role, and those of the consortium who act for `any`, under a scope that is made for this act alone.
fn act_for(principal: &Principal, tenant: Tenant, role: Role, any: &[Role]) -> Result<Scope, Denied> {
    let member = member(principal)?;
    let is_own = member.roles.has(role) && member.tenant == tenant;
    if is_own || member.roles.has_any(any) {
        return Ok(Scope::act(Reach::of(tenant)));
    }
    permit(member, &[role]).and(Err(Denied::Hidden))
}

/// Acting as a learner: a person who holds the role, and who is no other learner.
fn as_learner(principal: &Principal, learner: Uuid) -> Result<(), Denied> {
    let member = member(principal)?;
    permit(member, &[Role::Learner])?;
    if member.learner().is_none_or(|known| known == learner) { Ok(()) } else { Err(Denied::Hidden) }
}

/// Whether somebody may act on a learner's place in this part.
fn enrolls(principal: &Principal, institution: Uuid, learner: Uuid, payer: Option<Uuid>, by: By) -> Result<(), Denied> {
    let member = member(principal)?;
    let is_of = |tenant: Tenant| member.tenant == tenant;
    match by {
        By::Learner => as_learner(principal, learner),
        By::Staff if member.roles.has(Role::ConsortiumAdmin) => Ok(()),
        By::Staff => permit(member, &[Role::InstitutionAdmin])
            .and_then(|()| if is_of(Tenant::Institution(institution)) { Ok(()) } else { Err(Denied::Hidden) }),
        By::Instructor => permit(member, &[Role::Instructor])
            .and_then(|()| if is_of(Tenant::Institution(institution)) && member.teacher.is_some() { Ok(()) } else { Err(Denied::Hidden) }),
        By::Business => permit(member, &[Role::BusinessAdmin])
            .and_then(|()| if payer.is_some_and(|payer| is_of(Tenant::Business(payer))) { Ok(()) } else { Err(Denied::Hidden) }),
        By::System => Err(Denied::Forbidden),
    }
}

/// The scope in which the program itself moves on what is due at a tenant. Its power is that of an act there, about one learner and one payer at a time.
#[must_use]
pub const fn background(tenant: Tenant) -> Scope {
    Scope::act(Reach::of(tenant))
}

/// The scope in which the program itself looks where anything is due, whosever it is; nothing can be written in it.
#[must_use]
pub const fn lookout() -> Scope {
    Scope::act(Reach::Consortium)
}

/// Who looks.
fn person(principal: &Principal) -> Person {
    let Some(member) = principal.member() else { return Person::default() };
    Person {
        learner: member.learner(),
        teacher: member.teacher.filter(|_| member.roles.has(Role::Instructor)),
        runs: member.roles.has_any(&[Role::InstitutionAdmin, Role::BusinessAdmin]),
    }
}

/// Whose private rows are reached.
fn reach(principal: &Principal) -> Reach {
    match principal.member() {
        None => Reach::Public,
        Some(member) if member.roles.has(Role::ConsortiumAdmin) => Reach::Consortium,
        // A learner is nobody's staff: of its tenant it sees what every member sees.
        Some(member) if member.roles.iter().all(|role| role == Role::Learner) => Reach::Members,
        Some(member) => Reach::of(member.tenant),
    }
}

/// Drafts are their administrators' to see, and reserved offerings also those of the business they are reserved for.
fn view(principal: &Principal) -> View {
    if principal.has_any(&[Role::InstitutionAdmin, Role::BusinessAdmin, Role::ConsortiumAdmin]) { View::Own } else { View::Public }
}
