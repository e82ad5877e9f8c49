//! Files that are sent for work in the background: announced by an act, sent to an address of their own, and forgotten after a day.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::actor::{Actor, Refused};
use super::user_error::{UserError, UserErrorCode};
use crate::domain::hex::hex;
use crate::domain::tenant::Tenant;
use crate::domain::text::is_line;
use crate::policy::{Action, Denied, Scope, background};
use crate::store::upload::{self, Announced};
use crate::store::{Store, StoreError};

/// Most characters of a file's name.
const NAME: usize = 200;
/// Files that are forgotten at a time.
const MOST: u32 = 100;

/// A file that may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    /// Whose it is.
    pub tenant: Tenant,
    /// Key of the file.
    pub id: Uuid,
    /// Until when it may be sent.
    pub until: DateTime<Utc>,
}

/// A file that came.
#[derive(Debug, Clone)]
pub struct File {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// The tenant for whose work the caller may send files, and the scope of that.
pub(super) fn tenant(actor: &Actor) -> Result<(Tenant, Uuid, Scope), Refused> {
    let tenant = actor.principal.member().ok_or(Refused::Denied(Denied::Unauthenticated))?.tenant;
    let hidden = || UserError::hidden(&[]);
    let scope = actor.may(Action::KeepJobs(tenant), hidden)?;
    Ok((tenant, tenant.id().ok_or(Refused::Denied(Denied::Forbidden))?, scope))
}

/// Lets a file be sent.
///
/// # Errors
/// Why it may not.
pub async fn create(actor: &Actor, name: &str, bytes: i64) -> Result<Ticket, Refused> {
    let (tenant, key, scope) = tenant(actor)?;
    let mut errors = Vec::new();
    let name = name.trim();
    if !is_line(name, NAME) {
        errors.push(UserError::at(UserErrorCode::Invalid, &["fileName"], "give 1 to 200 characters in one line"));
    }
    let most = actor.jobs.upload_bytes;
    if bytes < 1 {
        errors.push(UserError::at(UserErrorCode::Invalid, &["byteSize"], "an empty file holds nothing: give its size in bytes"));
    } else if usize::try_from(bytes).is_ok_and(|bytes| bytes > most) {
        let text = format!("a file has at most {most} bytes: split it");
        errors.push(UserError::at(UserErrorCode::TooMany, &["byteSize"], text));
    }
    if !errors.is_empty() {
        return Err(Refused::User(errors));
    }
    let now = actor.clock.now();
    let mut transaction = actor.store.begin_in(&scope).await?;
    if upload::count(&mut transaction.connection(), key).await? >= actor.jobs.uploads {
        transaction.rollback().await?;
        let text = format!("{} files are kept already: they are forgotten after {} hours", actor.jobs.uploads, actor.jobs.upload_hours);
        return Err(UserError::at(UserErrorCode::TooMany, &[], text).into());
    }
    let id = actor.ids.next();
    let times = (now, now + TimeDelta::hours(actor.jobs.upload_hours.into()));
    let is_business = matches!(tenant, Tenant::Business(_));
    let file = Announced { id, tenant: key, is_business, name, bytes, times };
    upload::announce(&mut transaction.connection(), &file).await?;
    transaction.commit().await?;
    Ok(Ticket { tenant, id, until: now + TimeDelta::minutes(actor.jobs.upload_minutes.into()) })
}

/// What became of a file that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// It is kept, or was sent before as it is.
    Kept,
    /// No such file is awaited, or no longer.
    Unknown,
    /// It has another size than this, which was announced.
    OtherSize(i64),
    /// Another file was sent before under this name.
    Other,
}

/// Keeps a file that was announced. Who has its ticket may send it.
///
/// # Errors
/// When the database fails.
pub async fn put(store: &Store, ticket: &Ticket, bytes: &[u8]) -> Result<Sent, StoreError> {
    let Some(tenant) = ticket.tenant.id() else { return Ok(Sent::Unknown) };
    let (sha256, content) = (hex(&Sha256::digest(bytes)), STANDARD.encode(bytes));
    let mut transaction = store.begin_in(&background(ticket.tenant)).await?;
    let mut connection = transaction.connection();
    let sent = match upload::find(&mut connection, tenant, ticket.id, false).await? {
        None => Sent::Unknown,
        Some(kept) if i64::try_from(bytes.len()) != Ok(kept.bytes) => Sent::OtherSize(kept.bytes),
        Some(kept) if kept.sha256.as_ref() == Some(&sha256) => Sent::Kept,
        Some(_) if upload::fill(&mut connection, tenant, ticket.id, &sha256, &content).await? => Sent::Kept,
        Some(_) => Sent::Other,
    };
    transaction.commit().await?;
    Ok(sent)
}

/// A file that the caller's tenant sent; `ticket` is `None` where the text that names it is none of ours.
///
/// # Errors
/// Why there is none.
pub async fn content(actor: &Actor, ticket: Option<&Ticket>) -> Result<File, Refused> {
    let (tenant, key, scope) = tenant(actor)?;
    let hidden = || {
        let text = "there is no such file, or no longer: send it again by uploadCreate";
        UserError::at(UserErrorCode::NotFound, &["uploadToken"], text)
    };
    let ticket = ticket.filter(|ticket| ticket.tenant == tenant).ok_or_else(hidden)?;
    let mut transaction = actor.store.begin_in(&scope).await?;
    let kept = upload::find(&mut transaction.connection(), key, ticket.id, true).await?;
    transaction.rollback().await?;
    let kept = kept.ok_or_else(hidden)?;
    let Some(content) = kept.content else {
        let text = "the file was not sent yet: PUT it to its uploadUrl first";
        return Err(UserError::at(UserErrorCode::Required, &["uploadToken"], text).into());
    };
    let bytes = STANDARD.decode(content).map_err(|_| StoreError::Open("a kept file cannot be read".to_owned()))?;
    Ok(File { name: kept.name, bytes })
}

/// Forgets the files whose time has passed.
///
/// # Errors
/// When the database fails.
pub async fn sweep(actor: &Actor) -> Result<usize, StoreError> {
    let ended = actor.store.ended_uploads(actor.clock.now(), MOST).await?;
    for (tenant, id) in &ended {
        let mut transaction = actor.store.begin_in(&background(*tenant)).await?;
        upload::forget(&mut transaction.connection(), tenant.id().unwrap_or_default(), *id).await?;
        transaction.commit().await?;
    }
    Ok(ended.len())
}
