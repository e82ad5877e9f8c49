//! Tickets: texts that let whoever holds one send one file, signed as cursors are.

use super::cursor::CursorKey;
use crate::domain::tenant::Tenant;
use crate::service::upload::Ticket;
use crate::store::Cell;
use crate::store::sql::Type;

/// What tickets are bound to; no list has it.
const BINDING: u64 = u64::from_be_bytes(*b"a ticket");

/// A ticket as text.
#[must_use]
pub fn write(key: &CursorKey, ticket: &Ticket) -> String {
    let tenant = ticket.tenant.id().map_or(Cell::Null, Cell::Uuid);
    let is_business = Cell::Boolean(matches!(ticket.tenant, Tenant::Business(_)));
    key.write(BINDING, &[tenant, is_business, Cell::Uuid(ticket.id), Cell::Instant(ticket.until)])
}

/// The ticket of a text; `None` for any other than [`write()`] made.
#[must_use]
pub fn read(key: &CursorKey, text: &str) -> Option<Ticket> {
    let cells = key.read(BINDING, text, &[Type::Uuid, Type::Boolean, Type::Uuid, Type::Instant])?;
    let tenant = cells[0].uuid()?;
    let tenant = if cells[1] == Cell::Boolean(true) { Tenant::Business(tenant) } else { Tenant::Institution(tenant) };
    let Cell::Instant(until) = cells[3] else { return None };
    Some(Ticket { tenant, id: cells[2].uuid()?, until })
}
