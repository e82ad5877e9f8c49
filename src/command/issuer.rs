//! `concord issuer`: the issuers whose tokens are believed, in the database. Those of the settings stand there.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, ensure};
use clap::{Args, Subcommand};

use super::{jwks, operate, record, tenant};
use crate::config::Settings;
use crate::domain::clock::Ids;
use crate::identity::check_issuer;
use crate::store::Store;
use crate::store::issuer::{Issuer as Row, put_issuer, remove_issuer};

/// What is done with issuers.
#[derive(Debug, Subcommand)]
pub enum Issuer {
    /// Register an issuer.
    Add(Box<Add>),
    /// List the registered issuers.
    List,
    /// Believe an issuer again.
    Enable(Named),
    /// Believe an issuer no longer, and keep its registration.
    Disable(Named),
    /// Remove an issuer. Whoever it vouched for is a stranger if it is registered again: to pause it, disable it.
    Remove(Named),
}

/// An issuer that is there.
#[derive(Debug, Args)]
pub struct Named {
    /// The claim iss.
    issuer: String,
}

/// A new issuer.
#[derive(Debug, Args)]
pub struct Add {
    /// The claim iss, letter by letter.
    issuer: String,
    /// The one tenant that it speaks for: identifier of an institution or business, or consortium.
    #[arg(long, value_name = "TENANT")]
    tenant: String,
    /// The claim aud.
    #[arg(long)]
    audience: String,
    /// The header typ: at+jwt (also as application/at+jwt) or JWT.
    #[arg(long, value_name = "TYPE", default_value = "at+jwt")]
    token_type: String,
    /// Its algorithm: RS256, PS256, ES256 or `EdDSA`; may be given several times.
    #[arg(long = "algorithm", value_name = "NAME", required = true)]
    algorithms: Vec<String>,
    /// Where its keys are ...
    #[arg(long, value_name = "URL", required_unless_present = "jwks", conflicts_with = "jwks")]
    jwks_url: Option<String>,
    /// ... or a file with the keys themselves, as a JWK set.
    #[arg(long, value_name = "FILE")]
    jwks: Option<PathBuf>,
    /// Claim that names the subject.
    #[arg(long, value_name = "CLAIM", default_value = "sub")]
    subject_claim: String,
    /// Claim that holds a name to greet the subject with.
    #[arg(long, value_name = "CLAIM", default_value = "name")]
    name_claim: String,
    /// Claim that holds the roles.
    #[arg(long, value_name = "CLAIM", default_value = "roles")]
    role_claim: String,
    /// A value of that claim and the role that it stands for; may be given several times. Without it the values are the roles' own names.
    #[arg(long = "role", value_name = "VALUE=ROLE", value_parser = pair)]
    roles: Vec<(String, String)>,
    /// The longest from iat to exp, in seconds; at most 86400.
    #[arg(long, value_name = "SECONDS", default_value_t = 3_600)]
    max_lifetime: i64,
    /// Register it without believing it yet.
    #[arg(long)]
    disabled: bool,
}

/// Manages the issuers.
pub fn issuer(config: Option<&Path>, command: Issuer) -> anyhow::Result<ExitCode> {
    operate(config, async |settings, store| match command {
        Issuer::Add(wish) => add(settings, store, *wish).await,
        Issuer::List => list(store).await,
        Issuer::Enable(named) => enable(store, &named.issuer, true).await,
        Issuer::Disable(named) => enable(store, &named.issuer, false).await,
        Issuer::Remove(named) => {
            let row = find(store, &named.issuer).await?;
            let mut transaction = store.begin().await?;
            remove_issuer(&mut transaction.connection(), row.id).await?;
            record(&mut transaction, row.tenant, "issuerRemove", &row.issuer).await?;
            transaction.commit().await?;
            Ok(format!("The issuer {} is removed.", row.issuer))
        }
    })
}

async fn add(settings: &Settings, store: &Store, wish: Add) -> anyhow::Result<String> {
    let is_new = store.issuers().await?.iter().all(|row| row.issuer != wish.issuer);
    ensure!(is_new, "the issuer \"{}\" is registered already", wish.issuer);
    let (number, role_map) = (wish.roles.len(), wish.roles.into_iter().collect::<BTreeMap<String, String>>());
    ensure!(role_map.len() == number, "--role gives one value twice");
    let row = Row {
        id: Ids::System.next(),
        tenant: tenant(store, &wish.tenant).await?,
        issuer: wish.issuer,
        audience: wish.audience,
        token_type: wish.token_type,
        algorithms: wish.algorithms.join(" "),
        jwks_url: wish.jwks_url,
        jwks: wish.jwks.as_deref().map(jwks).transpose()?,
        subject_claim: wish.subject_claim,
        name_claim: wish.name_claim,
        role_claim: wish.role_claim,
        role_map: serde_json::to_string(&role_map)?,
        max_lifetime_seconds: wish.max_lifetime,
        is_enabled: !wish.disabled,
        updated_at: store.clock().now(),
    };
    check_issuer(&row, &settings.identity)?;
    put(store, &row, "issuerAdd").await?;
    Ok(format!("The issuer {} is registered for {}.", row.issuer, row.tenant))
}

async fn list(store: &Store) -> anyhow::Result<String> {
    let mut told = String::new();
    for row in store.issuers().await? {
        let state = if row.is_enabled { "enabled" } else { "disabled" };
        let keys = row.jwks_url.as_deref().unwrap_or("keys given");
        writeln!(told, "{}  {state:<8}  {}  {}  {}  {keys}", row.issuer, row.tenant, row.token_type, row.algorithms)?;
    }
    Ok(if told.is_empty() { "No issuer is registered.".to_owned() } else { told })
}

async fn enable(store: &Store, issuer: &str, is_enabled: bool) -> anyhow::Result<String> {
    let row = Row { is_enabled, updated_at: store.clock().now(), ..find(store, issuer).await? };
    put(store, &row, if is_enabled { "issuerEnable" } else { "issuerDisable" }).await?;
    Ok(format!("The issuer {issuer} is {}.", if is_enabled { "enabled" } else { "disabled" }))
}

async fn find(store: &Store, issuer: &str) -> anyhow::Result<Row> {
    store.issuers().await?.into_iter().find(|row| row.issuer == issuer).with_context(|| format!("no issuer \"{issuer}\" is registered"))
}

async fn put(store: &Store, row: &Row, action: &str) -> anyhow::Result<()> {
    let mut transaction = store.begin().await?;
    put_issuer(&mut transaction.connection(), row).await?;
    record(&mut transaction, row.tenant, action, &row.issuer).await?;
    Ok(transaction.commit().await?)
}

/// A value and a role, with an equals sign between.
fn pair(text: &str) -> Result<(String, String), String> {
    let (value, role) = text.rsplit_once('=').ok_or("give VALUE=ROLE, such as faculty=INSTRUCTOR")?;
    Ok((value.to_owned(), role.to_owned()))
}
