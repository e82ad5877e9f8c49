//! `concord service-account`: the machine clients of Concord's own issuer.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow, ensure};
use clap::{Args, Subcommand};
use uuid::Uuid;

use super::{jwks, operate, record, tenant};
use crate::domain::clock::Ids;
use crate::domain::role::{Role, Roles};
use crate::domain::tenant::Tenant;
use crate::identity::{Algorithm, KeySet};
use crate::store::Store;
use crate::store::revocation::{Revocation, RevocationKind, insert_revocation};
use crate::store::service_account::{ServiceAccount as Account, put_service_account};

/// Most characters of a name.
const LONGEST_NAME: usize = 120;

/// What is done with service accounts.
#[derive(Debug, Subcommand)]
pub enum ServiceAccount {
    /// Add an account; its identifier, by which the client calls itself, is printed.
    Add(Add),
    /// List the accounts.
    List,
    /// Give an account no more tokens, and take away those that it has.
    Disable {
        /// Identifier of the account.
        id: Uuid,
    },
    /// Give an account tokens again. Those that were taken away stay so.
    Enable {
        /// Identifier of the account.
        id: Uuid,
    },
}

/// A new account.
#[derive(Debug, Args)]
pub struct Add {
    /// Name to greet it with.
    #[arg(long)]
    name: String,
    /// The tenant that it speaks for: identifier of an institution or business, or consortium.
    #[arg(long, value_name = "TENANT")]
    tenant: String,
    /// What it does there, such as `INSTITUTION_ADMIN`; may be given several times.
    #[arg(long = "role", value_name = "ROLE", required = true)]
    roles: Vec<String>,
    /// File with the public keys that it authenticates with, as a JWK set.
    #[arg(long, value_name = "FILE")]
    jwks: PathBuf,
}

/// Manages the accounts.
pub fn service_account(config: Option<&Path>, command: ServiceAccount) -> anyhow::Result<ExitCode> {
    operate(config, async |_, store| match command {
        ServiceAccount::Add(wish) => add(store, &wish).await,
        ServiceAccount::List => list(store).await,
        ServiceAccount::Disable { id } => disable(store, id).await,
        ServiceAccount::Enable { id } => enable(store, id).await,
    })
}

async fn add(store: &Store, wish: &Add) -> anyhow::Result<String> {
    let length = wish.name.trim().chars().count();
    let is_plain = !wish.name.chars().any(char::is_control);
    ensure!((1..=LONGEST_NAME).contains(&length) && is_plain, "--name must be a text of 1 to {LONGEST_NAME} characters");
    let tenant = tenant(store, &wish.tenant).await?;
    let keys = jwks(&wish.jwks)?;
    let (set, passed_over) = KeySet::read(keys.as_bytes(), &Algorithm::ALL).map_err(|why| anyhow!("--jwks cannot be used: {why}"))?;
    ensure!(passed_over.is_empty(), "--jwks has a key that cannot be used: {}", passed_over.join(", "));
    ensure!(!set.is_empty(), "--jwks has no key");
    let account = Account {
        id: Ids::System.next(),
        name: wish.name.trim().to_owned(),
        tenant,
        roles: roles(&wish.roles, tenant)?,
        jwks: keys,
        is_enabled: true,
        updated_at: store.clock().now(),
    };
    put(store, &account, None, "serviceAccountAdd").await?;
    Ok(account.id.to_string())
}

/// The names of the roles, each once, in the order of the schema.
fn roles(names: &[String], tenant: Tenant) -> anyhow::Result<String> {
    let role = |name: &String| {
        let role = Role::named(name).with_context(|| {
            let known: Vec<&str> = Role::ALL.into_iter().map(Role::name).collect();
            format!("\"{name}\" is no role: there are {}", known.join(", "))
        })?;
        ensure!(role != Role::Learner, "a machine is no LEARNER");
        ensure!(role.fits(tenant.kind()), "{name} cannot be held for {tenant}");
        Ok(role)
    };
    let roles: Roles = names.iter().map(role).collect::<anyhow::Result<_>>()?;
    Ok(roles.iter().map(Role::name).collect::<Vec<_>>().join(" "))
}

async fn list(store: &Store) -> anyhow::Result<String> {
    let mut told = String::new();
    for account in store.service_accounts().await? {
        let state = if account.is_enabled { "enabled" } else { "disabled" };
        writeln!(told, "{}  {state:<8}  {}  {}  {}", account.id, account.tenant, account.roles, account.name)?;
    }
    Ok(if told.is_empty() { "There is no service account.".to_owned() } else { told })
}

async fn disable(store: &Store, id: Uuid) -> anyhow::Result<String> {
    let account = find(store, id).await?;
    let now = store.clock().now();
    let revocation =
        Revocation { id: Ids::System.next(), kind: RevocationKind::Subject, issuer: None, value: id.to_string(), revoked_at: now };
    put(store, &Account { is_enabled: false, updated_at: now, ..account }, Some(&revocation), "serviceAccountDisable").await?;
    Ok(format!("The service account {id} gets no more tokens, and those that it has are taken away."))
}

async fn enable(store: &Store, id: Uuid) -> anyhow::Result<String> {
    let account = find(store, id).await?;
    let now = store.clock().now();
    put(store, &Account { is_enabled: true, updated_at: now, ..account }, None, "serviceAccountEnable").await?;
    Ok(format!("The service account {id} gets tokens again."))
}

async fn find(store: &Store, id: Uuid) -> anyhow::Result<Account> {
    store.service_account(id).await?.with_context(|| format!("there is no service account {id}"))
}

async fn put(store: &Store, account: &Account, revocation: Option<&Revocation>, action: &str) -> anyhow::Result<()> {
    let mut transaction = store.begin().await?;
    let mut connection = transaction.connection();
    put_service_account(&mut connection, account).await?;
    if let Some(revocation) = revocation {
        insert_revocation(&mut connection, revocation).await?;
    }
    record(&mut transaction, account.tenant, action, &account.id.to_string()).await?;
    Ok(transaction.commit().await?)
}
