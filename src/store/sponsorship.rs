//! What businesses pay for.

use chrono::NaiveDate;
use uuid::Uuid;

use super::ask::Ask;
use super::business::{BUSINESS, PARTNER};
use super::course::COURSE;
use super::enrollment::ENROLLMENT;
use super::error::StoreError;
use super::filter::{and_any, texts};
use super::institution::INSTITUTION;
use super::ledger::{self, Book};
use super::noun::{Column, Edge, List, Noun, OPEN, Sort, by, column, edge, made, plain};
use super::offering::OFFERING;
use super::program::PROGRAM;
use super::row::Cell;
use super::sql::{Connection, Sql, Type};
use super::voucher::VOUCHER;
use super::wall::Wall;
use crate::domain::id::Kind;

/// A sponsorship. What is left of it and what is not is in the ledger.
pub static SPONSORSHIP: Noun = Noun {
    name: "Sponsorship",
    kind: Some(Kind::Sponsorship),
    table: "sponsorship",
    columns: &[
        column("id", Type::Uuid),
        column("tenant_id", Type::Uuid),
        column("name", Type::Text),
        column("kind", Type::Text),
        column("status", Type::Text),
        column("is_anywhere", Type::Boolean),
        column("starts_on", Type::Date),
        column("ends_on", Type::Date),
        column("seats", Type::Integer),
        column("per_learner_cap_cents", Type::Long),
        column("updated_at", Type::Instant),
        account(
            "granted_cents",
            "(SELECT -a.balance FROM ledger_account a WHERE a.sponsorship_id = t.id AND a.unit = 'MONEY' AND a.name = 'GRANTED')",
        ),
        account(
            "spent_cents",
            "(SELECT a.balance FROM ledger_account a WHERE a.sponsorship_id = t.id AND a.unit = 'MONEY' AND a.name = 'SPENT')",
        ),
        account(
            "reserved_cents",
            "(SELECT a.balance FROM ledger_account a WHERE a.sponsorship_id = t.id AND a.unit = 'MONEY' AND a.name = 'RESERVED')",
        ),
        account(
            "used_seats",
            "(SELECT CAST(sum(a.balance) AS bigint) FROM ledger_account a WHERE a.sponsorship_id = t.id AND a.unit = 'SEAT' AND (a.name = 'SPENT' OR (a.name = 'RESERVED' AND t.kind = 'SEAT_BLOCK')))",
        ),
    ],
    fields: &[
        plain(&["id"]),
        plain(&["name"]),
        plain(&["kind"]),
        made("status", &["status", "ends_on"]),
        plain(&["starts_on"]),
        plain(&["ends_on"]),
        made("budget", &["granted_cents"]),
        made("spent", &["spent_cents"]),
        made("reserved", &["reserved_cents"]),
        plain(&["seats"]),
        made("seats_used", &["used_seats"]),
        made("per_learner_cap", &["per_learner_cap_cents"]),
        plain(&["updated_at"]),
        edge("business", &Edge::One { column: "tenant_id", target: &BUSINESS, key: "id", named: true, always: true }),
        edge(
            "institutions",
            &Edge::Many {
                target: &INSTITUTION,
                column: "id",
                from: "sponsorship_institution l JOIN institution t ON t.id = l.institution_id",
                on: "l.sponsorship_id = p.id",
                order: &[by("l.position", Type::Integer)],
                limit: 50,
            },
        ),
        edge(
            "covers",
            &Edge::Many {
                target: &SPONSORSHIP_COVER,
                column: "id",
                from: "sponsorship_cover t",
                on: "t.sponsorship_id = p.id",
                order: &[by("t.position", Type::Integer)],
                limit: 100,
            },
        ),
        edge(
            "held_offerings",
            &Edge::Many {
                target: &OFFERING,
                column: "id",
                from: "sponsorship_hold l JOIN offering t ON t.id = l.offering_id",
                on: "l.sponsorship_id = p.id",
                order: &[by("l.position", Type::Integer)],
                limit: 50,
            },
        ),
        edge(
            "enrollments",
            &Edge::Page {
                target: &ENROLLMENT,
                column: "id",
                on: "t.id IN (SELECT f.enrollment_id FROM funding f WHERE f.sponsorship_id = p.id)",
                private: false,
            },
        ),
        edge("vouchers", &Edge::Page { target: &VOUCHER, column: "id", on: "t.sponsorship_id = p.id", private: true }),
    ],
    public: OPEN,
    wall: Wall::Sponsorship,
    list: Some(&List { sorts: &[Sort { name: "NEWEST", by: by("t.created_at", Type::Instant), descending: true }], search: None }),
};

const fn account(name: &'static str, made: &'static str) -> Column {
    Column { name, of: Type::Long, made: Some(made) }
}

/// A course or program that a sponsorship pays for.
pub static SPONSORSHIP_COVER: Noun = Noun {
    name: "SponsorshipCover",
    kind: None,
    table: "sponsorship_cover",
    columns: &[column("course_id", Type::Uuid), column("program_id", Type::Uuid)],
    fields: &[edge("target", &Edge::Either { branches: &[("course_id", &COURSE), ("program_id", &PROGRAM)], named: true, always: false })],
    public: OPEN,
    wall: Wall::Open,
    list: None,
};

/// Conditions on sponsorships.
#[derive(Debug, Clone, Default)]
pub struct SponsorshipFilter {
    /// States, as the schema names them.
    pub statuses: Option<Vec<&'static str>>,
    /// Kinds, as the schema names them.
    pub kinds: Option<Vec<&'static str>>,
}

impl SponsorshipFilter {
    pub(super) fn write(&self, sql: &mut Sql, ask: &Ask<'_>) {
        if let Some(statuses) = &self.statuses {
            // Past the last day it has ended, whatever was written.
            sql.push(" AND (").any("t.status", Type::Text, texts(statuses));
            sql.push(if statuses.contains(&"ENDED") { " OR t.ends_on < " } else { " AND t.ends_on >= " });
            sql.bind(Type::Date, Cell::Date(ask.today)).push(")");
        }
        and_any(sql, "t.kind", Type::Text, self.kinds.as_deref().map(texts));
    }
}

/// What a sponsorship pays for, as an act that uses it reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Kind, as the schema names it.
    pub kind: String,
    /// State as it is kept.
    pub status: String,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day.
    pub ends_on: NaiveDate,
    /// Most cents for one learner.
    pub cap: Option<i64>,
    /// Where it can be used; empty for everywhere.
    pub institutions: Vec<Uuid>,
    /// Courses and programs; empty for all.
    pub covers: Vec<Uuid>,
    /// Offerings in which a block has seats.
    pub holds: Vec<Uuid>,
    /// Whether the business takes part.
    pub takes_part: bool,
}

/// Whether a sponsorship is a block of seats, which pays by them.
pub async fn is_block(connection: &mut Connection<'_>, book: Book) -> Result<bool, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.id FROM sponsorship t WHERE t.kind = 'SEAT_BLOCK' AND t.tenant_id = ").bind(Type::Uuid, Cell::Uuid(book.tenant));
    sql.push(" AND t.id = ").bind(Type::Uuid, Cell::Uuid(book.sponsorship));
    Ok(!connection.fetch(sql, &[Type::Uuid]).await?.is_empty())
}

/// What a sponsorship is limited to: where it can be used, what it pays for, where it has seats. The key of each, with its table.
const LISTS: [(&str, &str); 3] = [
    ("l.institution_id", "sponsorship_institution"),
    ("coalesce(l.course_id, l.program_id)", "sponsorship_cover"),
    ("l.offering_id", "sponsorship_hold"),
];

/// The terms of a sponsorship, which nobody changes until the transaction ends; whether its business takes part is as it stands now.
pub async fn terms(connection: &mut Connection<'_>, book: Book) -> Result<Option<Terms>, StoreError> {
    if !ledger::hold(connection, book).await? {
        return Ok(None);
    }
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.kind, t.status, t.starts_on, t.ends_on, t.per_learner_cap_cents, b.status FROM sponsorship t JOIN business b ON b.id = t.tenant_id WHERE t.id = ");
    sql.bind(Type::Uuid, Cell::Uuid(book.sponsorship));
    let rows = connection.fetch(sql, &[Type::Text, Type::Text, Type::Date, Type::Date, Type::Long, Type::Text]).await?;
    let Some(cells) = rows.first() else { return Ok(None) };
    let (Some(kind), Some(status), Cell::Date(starts_on), Cell::Date(ends_on)) = (cells[0].text(), cells[1].text(), &cells[2], &cells[3])
    else {
        return Ok(None);
    };
    let (kind, status, starts_on, ends_on, cap) = (kind.to_owned(), status.to_owned(), *starts_on, *ends_on, cells[4].integer());
    let takes_part = cells[5].text() == Some(PARTNER);
    // One question for all three lists: whoever gives a place asks it while others wait for the offering.
    let mut sql = Sql::new(connection.dialect());
    for (list, (column, table)) in LISTS.into_iter().enumerate() {
        sql.push(if list == 0 { "SELECT " } else { " UNION ALL SELECT " }).push(&format!("{list}, {column} FROM {table} l"));
        sql.push(" WHERE l.sponsorship_id = ").bind(Type::Uuid, Cell::Uuid(book.sponsorship));
    }
    let mut lists: [Vec<Uuid>; LISTS.len()] = Default::default();
    for cells in connection.fetch(sql, &[Type::Integer, Type::Uuid]).await? {
        let list = cells[0].integer().and_then(|list| usize::try_from(list).ok()).and_then(|list| lists.get_mut(list));
        if let (Some(list), Some(id)) = (list, cells[1].uuid()) {
            list.push(id);
        }
    }
    let [institutions, covers, holds] = lists;
    Ok(Some(Terms { kind, status, starts_on, ends_on, cap, institutions, covers, holds, takes_part }))
}
