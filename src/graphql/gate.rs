//! Fields for fewer readers than their type. What the role alone forbids is never loaded; what depends on whose the row is, is decided when it is shown.

use async_graphql::{Context, Result};

use super::error::{Code, coded};
use super::read::required;
use crate::domain::id::Kind;
use crate::domain::tenant::Tenant;
use crate::policy::{Audience, Principal};
use crate::service::{Actor, Reads};
use crate::store::Row;

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
const LOG: &[Audience] = &[Audience::Staff, Audience::Business, Audience::Admins];

/// Every such field. A test holds the schema's descriptions to it.
pub const GATES: &[Gate] = &[
    Gate { of: "Institution", field: "staffMembers", audiences: STAFF },
    Gate { of: "Institution", field: "auditEvents", audiences: STAFF },
    Gate { of: "Business", field: "auditEvents", audiences: BUSINESS },
    Gate { of: "Business", field: "externalKeys", audiences: BUSINESS },
    Gate { of: "Course", field: "externalKeys", audiences: STAFF },
    Gate { of: "Program", field: "externalKeys", audiences: STAFF },
    Gate { of: "Offering", field: "externalKeys", audiences: STAFF },
    Gate {
        of: "StaffMember",
        field: "email",
        audiences: &[Audience::Staff, Audience::Instructors, Audience::Navigators, Audience::Admins],
    },
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
        Kind::Business => &[Audience::Members],
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
        let owner = owner(row)?;
        if gate.audiences.iter().any(|audience| audience.holds(principal, owner)) {
            ctx.data::<Reads>()?.note(ctx.data::<Actor>()?, owner, gate.of, gate.field);
            return Ok(());
        }
    }
    let words: Vec<&str> = gate.audiences.iter().map(|audience| audience.word()).collect();
    let remedy = if principal.member().is_none() { ": this needs an access token" } else { ", each of the tenant that it belongs to" };
    Err(coded(Code::Forbidden, format!("`{field}` is visible to {} only{remedy}", words.join(", "))))
}

/// Whose a row is.
fn owner(row: &Row) -> Result<Tenant> {
    let id = |column: &str| required(row.uuid(column)?);
    Ok(match row.noun().kind {
        Some(Kind::Institution) => Tenant::Institution(id("id")?),
        Some(Kind::Business) => Tenant::Business(id("id")?),
        // Lines of the log of either sort of tenant: the one field behind a gate is the administrators'.
        Some(Kind::AuditEvent) => Tenant::Consortium,
        _ => Tenant::Institution(id("tenant_id")?),
    })
}

/// The column that says whose a row is.
#[must_use]
pub const fn owner_column(kind: Option<Kind>) -> Option<&'static str> {
    match kind {
        Some(Kind::Institution | Kind::Business) => Some("id"),
        Some(Kind::AuditEvent) | None => None,
        Some(_) => Some("tenant_id"),
    }
}
