//! Who can ask the demo with a token: somebody for each thing that there is to do, twice, for two tenants. All of them are invented.

use anyhow::{Context, bail};

use super::content::Content;
use crate::domain::role::{Role, Roles};
use crate::domain::tenant::TenantKind;
use crate::identity::own::Subject;
use crate::policy::MemberKind;
use crate::store::Store;

/// Names with what they stand for: the sort of member, the role, and the sort of tenant.
const NAMES: [(&str, MemberKind, Role, TenantKind); 9] = [
    ("college-portal", MemberKind::Service, Role::InstitutionAdmin, TenantKind::Institution),
    ("college-admin", MemberKind::Person, Role::InstitutionAdmin, TenantKind::Institution),
    ("instructor", MemberKind::Person, Role::Instructor, TenantKind::Institution),
    ("business-admin", MemberKind::Person, Role::BusinessAdmin, TenantKind::Business),
    ("learner", MemberKind::Person, Role::Learner, TenantKind::Institution),
    ("career-navigator", MemberKind::Person, Role::CareerNavigator, TenantKind::Institution),
    ("corporate-navigator", MemberKind::Person, Role::CorporateNavigator, TenantKind::Consortium),
    ("analyst", MemberKind::Person, Role::Analyst, TenantKind::Consortium),
    ("consortium-admin", MemberKind::Person, Role::ConsortiumAdmin, TenantKind::Consortium),
];
/// What follows the name of somebody at the second tenant; for the consortium, which is one, of somebody else.
const SECOND: &str = "@2";
/// Given names, and family names, between those of two neighbors of the list.
const APART: usize = 7;

/// Every name.
pub fn names() -> impl Iterator<Item = String> {
    NAMES.iter().flat_map(|(name, ..)| [(*name).to_owned(), format!("{name}{SECOND}")])
}

/// Whom a name stands for in a demo.
///
/// # Errors
/// When nobody is called so; the text lists who is.
pub async fn subject(store: &Store, called: &str) -> anyhow::Result<Subject> {
    let (name, number) = called.strip_suffix(SECOND).map_or((called, 0), |name| (name, 1));
    let Some(place) = NAMES.iter().position(|(known, ..)| *known == name) else {
        let known: Vec<&str> = NAMES.iter().map(|(name, ..)| *name).collect();
        bail!("nobody in the demo is called \"{called}\": there are {}, and each with {SECOND} at a second tenant", known.join(", "));
    };
    let (_, kind, role, of) = NAMES[place];
    let tenants = store.first_tenants(of, 2).await?;
    let tenant = tenants.get(if of == TenantKind::Consortium { 0 } else { number }).copied();
    let tenant = tenant.with_context(|| format!("the demo has no tenant for {called}"))?;
    let name = match kind {
        MemberKind::Service => format!("Portal of {tenant}"),
        MemberKind::Person => {
            let people = Content::read()?.places.people;
            let place = (place * 2 + number + 1) * APART;
            format!("{} {}", people.given[place % people.given.len()], people.family[place % people.family.len()])
        }
    };
    Ok(Subject { id: called.to_owned(), kind, name, tenant, roles: Roles::default().with(role) })
}
