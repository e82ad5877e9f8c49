//! The audit log: one line for each act, in the transaction of the act, chained by hashes for each tenant.
//!
//! The hash of a line is SHA-256 over its cells, each written as text and behind its length, the hash of the line before among them. Whoever changes or removes a line has
//! to change every one behind it, and the end of the chain; [`verify`] tells the first that does not fit.

use std::net::IpAddr;

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::actor::Actor;
use crate::domain::hex::hex;
use crate::domain::tenant::Tenant;
use crate::store::{Cell, Store, StoreError, Transaction, audit};
use chrono::{DateTime, Utc};

/// Lines that are read at a time.
const BATCH: u32 = 1_000;

/// How learners are named in the logs of businesses, whatever their tokens call them: who it was is theirs to tell.
const A_LEARNER: &str = "A learner";

/// Who did it, as the log names them.
#[derive(Debug)]
pub struct Author<'a> {
    name: &'a str,
    is_learner: bool,
    issuer: Uuid,
    subject: &'a str,
    request_id: &'a str,
    address: Option<IpAddr>,
}

impl<'a> Author<'a> {
    /// Whoever acts in a request.
    #[must_use]
    pub fn of(actor: &'a Actor) -> Self {
        let member = actor.principal.member();
        Self {
            name: member.map_or("Anonymous", |member| &member.display_name),
            is_learner: false,
            issuer: member.map_or(Uuid::nil(), |member| member.issuer),
            subject: member.map_or("", |member| &member.subject),
            request_id: &actor.request_id,
            address: actor.address,
        }
    }

    /// Whoever acts in a request as a learner, whom the log of a business does not name.
    #[must_use]
    pub fn learner(actor: &'a Actor) -> Self {
        Self { is_learner: true, ..Self::of(actor) }
    }

    /// The operator at the command line, by the account of the machine.
    #[must_use]
    pub const fn operator(account: &'a str) -> Self {
        Self { name: "Operator", is_learner: false, issuer: Uuid::nil(), subject: account, request_id: "command", address: None }
    }
}

/// What was done.
#[derive(Debug)]
pub struct Event<'a> {
    /// Key of the line.
    pub id: Uuid,
    /// The tenant whose log it stands in.
    pub tenant: Tenant,
    /// Name of the act.
    pub action: &'a str,
    /// Identifier of what it was done to.
    pub subject: &'a str,
    /// Names of the fields that were given.
    pub fields: &'a [&'static str],
    /// When.
    pub at: DateTime<Utc>,
}

/// Adds a line.
///
/// # Errors
/// When the database fails, or the transaction's scope is not the tenant's.
pub async fn append(transaction: &mut Transaction, author: &Author<'_>, event: &Event<'_>) -> Result<(), StoreError> {
    let tenant = event.tenant.id().unwrap_or(Uuid::nil());
    let (last, previous) = audit::end(transaction, tenant).await?;
    let number = last + 1;
    let text = |text: &str| Cell::Text(text.into());
    let is_unnamed = author.is_learner && matches!(event.tenant, Tenant::Business(_));
    let cells = vec![
        Cell::Uuid(tenant),
        Cell::Integer(number),
        Cell::Uuid(event.id),
        Cell::Instant(event.at),
        text(if is_unnamed { A_LEARNER } else { author.name }),
        Cell::Uuid(author.issuer),
        text(author.subject),
        text(event.action),
        text(event.subject),
        text(&event.fields.join(" ")),
        text(author.request_id),
        author.address.map_or(Cell::Null, |address| text(&address.to_string())),
        text(&previous),
    ];
    let hash = hash(&cells);
    audit::append(transaction, tenant, number, cells, &hash).await
}

/// The hash of a line.
fn hash(cells: &[Cell]) -> String {
    let mut hash = Sha256::new();
    for cell in cells {
        let text = match cell {
            Cell::Null => String::new(),
            Cell::Uuid(value) => value.to_string(),
            Cell::Text(value) => value.to_string(),
            Cell::Integer(value) => value.to_string(),
            Cell::Real(value) => value.to_string(),
            Cell::Boolean(value) => value.to_string(),
            Cell::Date(value) => value.to_string(),
            Cell::Instant(value) => value.timestamp_micros().to_string(),
        };
        hash.update((text.len() as u64).to_be_bytes());
        hash.update([u8::from(*cell != Cell::Null)]);
        hash.update(text.as_bytes());
    }
    hex(&hash.finalize())
}

/// What reading all chains again found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Chains that were read.
    pub chains: u64,
    /// Lines that were read.
    pub lines: u64,
    /// What does not fit, a sentence each.
    pub breaks: Vec<String>,
}

/// Reads every chain again.
///
/// # Errors
/// When the database fails.
pub async fn verify(store: &Store) -> Result<Verdict, StoreError> {
    // One instant: a line that is written meanwhile would look like one behind the end of its chain.
    let mut transaction = store.snapshot().await?;
    let mut connection = transaction.connection();
    let mut verdict = Verdict::default();
    for tenant in audit::strays(&mut connection).await? {
        verdict.breaks.push(format!("the log of tenant {tenant} has lines and no chain"));
    }
    for (tenant, end, end_hash) in audit::chains(&mut connection).await? {
        verdict.chains += 1;
        let (mut number, mut previous) = (0, String::new());
        let mut is_whole = true;
        // From the very first, also if nobody could have numbered it so.
        let mut after = i64::MIN;
        'chain: loop {
            let lines = audit::lines(&mut connection, tenant, after, BATCH).await?;
            if lines.is_empty() {
                break;
            }
            for (cells, said) in lines {
                verdict.lines += 1;
                let fits = cells[1].integer() == Some(number + 1)
                    && cells.last().and_then(Cell::text) == Some(previous.as_str())
                    && hash(&cells) == said;
                if !fits {
                    verdict.breaks.push(format!(
                        "the log of tenant {tenant} breaks at line {}: it was changed, or one before it was removed",
                        number + 1
                    ));
                    is_whole = false;
                    break 'chain;
                }
                number += 1;
                after = number;
                previous = said;
            }
        }
        if is_whole && (number, previous.as_str()) != (end, end_hash.as_str()) {
            verdict
                .breaks
                .push(format!("the log of tenant {tenant} ends at line {number}, and its chain at {end}: lines at its end were removed"));
        }
    }
    transaction.rollback().await?;
    Ok(verdict)
}
