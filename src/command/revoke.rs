//! `concord revoke`: access that is taken away.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, ensure};
use clap::{Args, Subcommand};
use uuid::Uuid;

use super::{operate, record, tenant};
use crate::config::Settings;
use crate::domain::clock::Ids;
use crate::domain::tenant::Tenant;
use crate::identity::{Identity, OWN, issuer_key, tenant_value};
use crate::service::access::{LONGEST_NAME, account_owner, shown};
use crate::store::Store;
use crate::store::revocation::{Revocation, RevocationKind, insert_revocation};

/// What is taken away.
#[derive(Debug, Subcommand)]
pub enum Revoke {
    /// Every token of a subject that was issued until now.
    Subject(Named),
    /// Every token for a tenant that was issued until now, whoever issued it.
    Tenant {
        /// Identifier of an institution or business, or consortium.
        tenant: String,
    },
    /// Every token that a key of an issuer has signed or will sign.
    Key(Named),
    /// One token.
    Token(Named),
}

/// A name that an issuer has given.
#[derive(Debug, Args)]
pub struct Named {
    /// The subject (the claim that names it), the key (header kid), or the token (claim jti).
    // Names of keys are base64url, and some begin with a hyphen.
    #[arg(allow_hyphen_values = true)]
    name: String,
    /// The issuer (claim iss); without it Concord's own.
    #[arg(long, value_name = "ISSUER")]
    issuer: Option<String>,
}

/// Takes access away.
pub fn revoke(config: Option<&Path>, revoke: Revoke) -> anyhow::Result<ExitCode> {
    operate(config, async |settings, store| match revoke {
        Revoke::Subject(named) => take(settings, store, RevocationKind::Subject, &named).await,
        Revoke::Key(named) => take(settings, store, RevocationKind::Key, &named).await,
        Revoke::Token(named) => take(settings, store, RevocationKind::Token, &named).await,
        Revoke::Tenant { tenant: text } => {
            let tenant = tenant(store, &text).await?;
            write(store, RevocationKind::Tenant, (None, tenant), tenant_value(tenant), &text).await?;
            Ok(format!("Tokens for {tenant} that were issued until now are no longer valid."))
        }
    })
}

async fn take(settings: &Settings, store: &Store, kind: RevocationKind, named: &Named) -> anyhow::Result<String> {
    ensure!((1..=LONGEST_NAME).contains(&named.name.chars().count()), "a name has 1 to {LONGEST_NAME} characters");
    let (issuer, tenant) = match &named.issuer {
        None => (OWN, Tenant::Consortium),
        Some(issuer) => issuer_key(issuer, &settings.identity, store).await?.with_context(|| format!("there is no issuer \"{issuer}\""))?,
    };
    let is_subject = kind == RevocationKind::Subject;
    let name = if is_subject { Identity::subject_of(issuer, &named.name) } else { named.name.clone() };
    let tenant = if is_subject && issuer == OWN { account_owner(store, &name).await? } else { tenant };
    // Concord's own has no row that could be named.
    let registration = Some(issuer).filter(|issuer| *issuer != OWN);
    write(store, kind, (registration, tenant), name.clone(), &shown(named.issuer.as_deref(), &name)).await?;
    let whose = named.issuer.as_deref().map_or_else(|| "Concord itself".to_owned(), |issuer| format!("the issuer {issuer}"));
    Ok(match kind {
        RevocationKind::Subject => format!("Tokens of the subject {name} that {whose} has issued until now are no longer valid."),
        RevocationKind::Key => format!("Tokens of the key {name} of {whose} are no longer valid."),
        RevocationKind::Token | RevocationKind::Tenant => format!("The token {name} of {whose} is no longer valid."),
    })
}

async fn write(
    store: &Store,
    kind: RevocationKind,
    (issuer, tenant): (Option<Uuid>, Tenant),
    value: String,
    shown: &str,
) -> anyhow::Result<()> {
    let revocation = Revocation { id: Ids::System.next(), kind, issuer, value, revoked_at: store.clock().now() };
    let mut transaction = store.begin().await?;
    insert_revocation(&mut transaction.connection(), &revocation).await?;
    record(&mut transaction, tenant, "accessRevoke", shown).await?;
    Ok(transaction.commit().await?)
}
