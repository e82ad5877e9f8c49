//! Taking access away: from a subject, a tenant, a key or a token, on this node at once and on the others with their next look.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::actor::{Actor, Refused};
use super::audit::{self, Author, Event};
use super::user_error::{UserError, UserErrorCode};
use crate::domain::tenant::Tenant;
use crate::identity::{Identity, OWN, SKEW, tenant_value};
use crate::policy::Action;
use crate::store::revocation::{RevocationKind, insert_revocation, is_revoked_since};
use crate::store::tenant::has_tenant;
use crate::store::{Store, StoreError, Transaction};

/// Most characters of what names a subject, a key or a token.
pub const LONGEST_NAME: usize = 255;

/// A name that an issuer gave to a subject, a key or a token.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The claim `iss`; `None` for Concord's own issuer.
    pub issuer: Option<String>,
    /// The claim that names the subject, the header `kid`, or the claim `jti`.
    pub name: String,
}

/// What is taken away.
#[derive(Debug, Clone)]
pub enum Access {
    /// Every token of a subject that was issued until now.
    Subject(Issued),
    /// Every token for a tenant, by its identifier, that was issued until now, whoever issued it.
    Tenant(String),
    /// Every token that a key has signed or will sign.
    Key(Issued),
    /// One token.
    Token(Issued),
}

impl Access {
    /// What it is, as the input and the audit log name it.
    const fn field(&self) -> &'static str {
        match self {
            Self::Subject(_) => "subject",
            Self::Tenant(_) => "tenantId",
            Self::Key(_) => "key",
            Self::Token(_) => "token",
        }
    }

    const fn kind(&self) -> RevocationKind {
        match self {
            Self::Subject(_) => RevocationKind::Subject,
            Self::Tenant(_) => RevocationKind::Tenant,
            Self::Key(_) => RevocationKind::Key,
            Self::Token(_) => RevocationKind::Token,
        }
    }
}

/// Takes access away; when.
///
/// # Errors
/// Why nothing was taken.
pub async fn revoke(actor: &Actor, identity: &Identity, access: &Access) -> Result<DateTime<Utc>, Refused> {
    let field = access.field();
    let hidden = || UserError::hidden(&["access", field]);
    actor.permitted(Action::RevokeAccess(Tenant::Consortium))?;
    let (tenant, issuer, value, subject) = match access {
        Access::Tenant(id) => {
            let tenant = Tenant::named(id).filter(|tenant| *tenant != Tenant::Consortium).ok_or_else(hidden)?;
            (tenant, None, tenant_value(tenant), id.clone())
        }
        Access::Subject(named) | Access::Key(named) | Access::Token(named) => {
            let length = named.name.chars().count();
            if !(1..=LONGEST_NAME).contains(&length) || named.name.chars().any(char::is_control) {
                let text = format!("give 1 to {LONGEST_NAME} characters, none of them a control character");
                return Err(UserError::at(UserErrorCode::Invalid, &["access", field, "name"], text).into());
            }
            let (issuer, tenant) = identity.issuer(named.issuer.as_deref()).ok_or_else(hidden)?;
            if matches!(access, Access::Subject(_)) {
                let name = Identity::subject_of(issuer, &named.name);
                let tenant = if issuer == OWN { account_owner(&actor.store, &name).await? } else { tenant };
                (tenant, Some(issuer), name.clone(), shown(named.issuer.as_deref(), &name))
            } else {
                (tenant, Some(issuer), named.name.clone(), shown(named.issuer.as_deref(), &named.name))
            }
        }
    };
    let scope = actor.may(Action::RevokeAccess(tenant), hidden)?;
    let revocation = identity.revocation(access.kind(), issuer, value);
    let mut transaction = actor.store.begin_in(&scope).await?;
    // Below the scope, without which the database shows no business.
    if !has_tenant(&mut transaction.connection(), tenant).await? {
        transaction.rollback().await?;
        return Err(hidden().into());
    }
    insert_revocation(&mut transaction.connection(), &revocation).await?;
    let event =
        Event { id: actor.ids.next(), tenant, action: "accessRevoke", subject: &subject, fields: &[field], at: revocation.revoked_at };
    audit::append(&mut transaction, &Author::of(actor), &event).await?;
    transaction.commit().await?;
    identity.apply(&revocation);
    Ok(revocation.revoked_at)
}

/// Whether a tenant, or one who acts for it, has lost its access since something was begun for it: a token from then is good no more, whatever its issuer's clock said.
pub(super) async fn is_lost(
    transaction: &mut Transaction,
    tenant: Tenant,
    (issuer, subject): (Uuid, &str),
    begun: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let subject = (Some(issuer).filter(|issuer| *issuer != OWN), subject);
    is_revoked_since(&mut transaction.connection(), &tenant_value(tenant), subject, begun - TimeDelta::seconds(SKEW)).await
}

/// What was taken away, as the log names it: a name says little without whose it is.
#[must_use]
pub fn shown(issuer: Option<&str>, name: &str) -> String {
    issuer.map_or_else(|| name.to_owned(), |issuer| format!("{issuer}#{name}"))
}

/// Whose a service account is; Concord's own issuer speaks for nobody else.
pub async fn account_owner(store: &Store, name: &str) -> Result<Tenant, StoreError> {
    let Ok(id) = Uuid::parse_str(name) else { return Ok(Tenant::Consortium) };
    Ok(store.service_account(id).await?.map_or(Tenant::Consortium, |account| account.tenant))
}
