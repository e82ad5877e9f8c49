//! What a token says, checked claim by claim. Its signature has been.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::reason::Reason;
use super::registry::Registration;
use super::token::LONGEST_NAME;
use crate::domain::role::{Role, Roles};
use crate::domain::tenant::Tenant;
use crate::policy::MemberKind;

/// How far the clocks of an issuer and of this node may be apart, in seconds.
pub const SKEW: i64 = 30;
/// The claim `kind` of Concord's own tokens for people.
pub(super) const PERSON: &str = "person";
/// The same for machines.
pub(super) const SERVICE: &str = "service";
/// Most entries of `aud`.
const MOST_AUDIENCES: usize = 10;
/// Most characters of a name to greet with.
const LONGEST_DISPLAY_NAME: usize = 120;
/// The last second of the year 9999.
const LATEST: i64 = 253_402_300_799;

/// What is taken from a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// What the issuer calls whoever it speaks of.
    pub subject: String,
    /// A person or a machine.
    pub kind: MemberKind,
    /// Name to greet it with.
    pub display_name: String,
    /// The tenant that it speaks for.
    pub tenant: Tenant,
    /// What it does there.
    pub roles: Roles,
    /// When it was issued, in seconds since 1970.
    pub issued_at: i64,
    /// When it ends, in seconds since 1970.
    pub expires_at: i64,
    /// What the issuer calls the token.
    pub token_id: Option<String>,
}

/// Checks the claims of a token of this issuer.
///
/// # Errors
/// The first claim that is wrong.
pub fn check(claims: &Map<String, Value>, registration: &Registration, now: DateTime<Utc>) -> Result<Claims, Reason> {
    check_audience(claims.get("aud"), &[&registration.audience])?;
    let (issued_at, expires_at) = check_times(claims, registration.longest_lifetime, now.timestamp())?;
    let subject = name(claims.get(&registration.subject_claim)).ok_or(Reason::Subject)?;
    let token_id = claims.get("jti").map(|value| name(Some(value)).ok_or(Reason::TokenId)).transpose()?;
    let client = claims.get("client_id").map(|value| name(Some(value)).ok_or(Reason::ClientId)).transpose()?;
    let (tenant, kind) = match registration.tenant {
        // RFC 9068, 2.2: where no person is involved, the client is the subject.
        Some(tenant) if client.as_ref() == Some(&subject) => (tenant, MemberKind::Service),
        Some(tenant) => (tenant, MemberKind::Person),
        // Concord's own issuer says both.
        None => (own_tenant(claims)?, own_kind(claims)?),
    };
    let display_name = display_name(claims.get(&registration.name_claim), &subject)?;
    let roles = roles(claims.get(&registration.role_claim), registration, tenant, kind)?;
    Ok(Claims { subject, kind, display_name, tenant, roles, issued_at, expires_at, token_id })
}

/// The tenant that a token of Concord's own speaks for.
fn own_tenant(claims: &Map<String, Value>) -> Result<Tenant, Reason> {
    claims.get("tenant").and_then(Value::as_str).and_then(Tenant::named).ok_or(Reason::Tenant)
}

/// The sort of member that a token of Concord's own speaks of.
fn own_kind(claims: &Map<String, Value>) -> Result<MemberKind, Reason> {
    match claims.get("kind").and_then(Value::as_str) {
        Some(PERSON) => Ok(MemberKind::Person),
        Some(SERVICE) => Ok(MemberKind::Service),
        _ => Err(Reason::Kind),
    }
}

/// The audience is ours, alone or among a few others.
pub(super) fn check_audience(claim: Option<&Value>, audiences: &[&str]) -> Result<(), Reason> {
    let names_us = |one: &Value| one.as_str().is_some_and(|one| audiences.contains(&one));
    let is_ours = match claim {
        Some(one @ Value::String(_)) => names_us(one),
        Some(Value::Array(several)) => {
            several.len() <= MOST_AUDIENCES && several.iter().all(Value::is_string) && several.iter().any(names_us)
        }
        _ => false,
    };
    if is_ours { Ok(()) } else { Err(Reason::Audience) }
}

/// The token lives now, and no longer than its issuer's tokens may.
fn check_times(claims: &Map<String, Value>, longest: i64, now: i64) -> Result<(i64, i64), Reason> {
    let time = |name: &str| claims.get(name).map(|value| seconds(value).ok_or(Reason::Time)).transpose();
    let issued_at = time("iat")?.ok_or(Reason::Time)?;
    let expires_at = time("exp")?.ok_or(Reason::Time)?;
    let not_before = time("nbf")?;
    if expires_at <= issued_at || expires_at - issued_at > longest {
        return Err(Reason::Lifetime);
    }
    if issued_at > now + SKEW {
        return Err(Reason::IssuedInFuture);
    }
    if not_before.is_some_and(|not_before| not_before > now + SKEW) {
        return Err(Reason::NotYetValid);
    }
    if expires_at + SKEW <= now {
        return Err(Reason::Expired);
    }
    Ok((issued_at, expires_at))
}

/// A whole number of seconds since 1970, written as one, before the year 10000.
pub(super) fn seconds(value: &Value) -> Option<i64> {
    value.as_i64().filter(|seconds| (0..=LATEST).contains(seconds))
}

/// A text of 1 to 255 characters that can be shown in a log.
pub(super) fn name(value: Option<&Value>) -> Option<String> {
    let text = value?.as_str()?;
    let is_fit = (1..=LONGEST_NAME).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    is_fit.then(|| text.to_owned())
}

/// The name to greet with; without one, what the issuer calls its subject.
fn display_name(claim: Option<&Value>, subject: &str) -> Result<String, Reason> {
    match claim {
        None | Some(Value::Null) => Ok(subject.to_owned()),
        Some(Value::String(name)) if name.chars().count() > LONGEST_DISPLAY_NAME || name.chars().any(char::is_control) => {
            Err(Reason::DisplayName)
        }
        Some(Value::String(name)) if name.trim().is_empty() => Ok(subject.to_owned()),
        Some(Value::String(name)) => Ok(name.clone()),
        Some(_) => Err(Reason::DisplayName),
    }
}

/// The roles that the issuer gives. Values that its registration does not know mean nothing here; one that it may not give refuses the token, and so does a
/// token without any role: it would allow nothing that needs a token.
fn roles(claim: Option<&Value>, registration: &Registration, tenant: Tenant, kind: MemberKind) -> Result<Roles, Reason> {
    let values = match claim {
        None => return Err(Reason::NoRole),
        Some(Value::String(one)) => vec![one.as_str()],
        Some(Value::Array(several)) => several.iter().map(Value::as_str).collect::<Option<Vec<_>>>().ok_or(Reason::Roles)?,
        Some(_) => return Err(Reason::Roles),
    };
    let roles: Roles = values.into_iter().filter_map(|value| registration.role(value)).collect();
    if roles.is_empty() {
        return Err(Reason::NoRole);
    }
    let is_unfit = |role: Role| !role.fits(tenant.kind()) || (role == Role::Learner && kind == MemberKind::Service);
    if roles.iter().any(is_unfit) { Err(Reason::RoleUnfit) } else { Ok(roles) }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::{Map, Value, json};

    use super::{MemberKind, check};
    use crate::identity::key::KeySet;
    use crate::identity::reason::Reason;
    use crate::identity::registry::Registration;

    /// A token of Concord's own says for whom it speaks and what it speaks of; each claim in turn is changed or left out.
    #[test]
    fn reads_its_own_tokens() {
        let registration = Registration::own("https://concord.test".to_owned(), KeySet::default());
        let claims = json!({
            "aud": "https://concord.test", "sub": "portal", "client_id": "portal", "tenant": "consortium", "roles": ["ANALYST"],
            "kind": "service", "iat": 1_000, "exp": 1_600,
        });
        let judge = |claims: &Map<String, Value>| check(claims, &registration, DateTime::from_timestamp(1_100, 0).unwrap_or_default());
        let good = claims.as_object().expect("claims");
        assert_eq!(judge(good).map(|claims| claims.kind), Ok(MemberKind::Service));
        for (name, value, reason) in [
            ("tenant", None, Reason::Tenant),
            ("tenant", Some(json!("CONSORTIUM")), Reason::Tenant),
            ("tenant", Some(json!("crs_00000000000000000000000000")), Reason::Tenant),
            ("tenant", Some(json!(["consortium"])), Reason::Tenant),
            ("tenant", Some(json!("biz_00000000000000000000000000")), Reason::RoleUnfit),
            ("kind", None, Reason::Kind),
            ("kind", Some(json!("Service")), Reason::Kind),
            ("roles", Some(json!(["LEARNER"])), Reason::RoleUnfit),
            ("exp", Some(json!(1_000 + 24 * 3_600 + 1)), Reason::Lifetime),
        ] {
            let mut changed = good.clone();
            match value {
                Some(value) => changed.insert(name.to_owned(), value),
                None => changed.remove(name),
            };
            assert_eq!(judge(&changed), Err(reason), "{name}");
        }
    }
}
