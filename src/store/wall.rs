//! What a scope lets through of a noun: as a condition of every statement, and once more on every row that leaves the store.
//!
//! On `PostgreSQL` row-level security is a third wall, which knows tenants and drafts and stands in the migrations.

use std::collections::HashSet;

use uuid::Uuid;

use super::ask::Ask;
use super::error::StoreError;
use super::noun::{IS_SHOWN, Noun};
use super::row::{Cell, Row};
use super::sql::{Connection, Sql, Type};
use crate::domain::consent::ConsentScope;
use crate::policy::{Reach, Scope};

/// Who sees rows of a noun beside what its [`super::noun::Public`] conditions let the public see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wall {
    /// Nobody sees more.
    Open,
    /// The tenant that owns a row sees it; in lists, if it meets this condition too.
    Catalog {
        /// Empty text: always.
        listed: &'static str,
    },
    /// As in a catalog; a business also sees what is reserved for it.
    Reserved,
    /// Every member sees every row, nobody else sees any.
    Members,
    /// The tenant that owns a row sees it, and nobody else.
    Private,
    /// The tenant that owns a row sees it, and the learner whom it names.
    Key,
    /// Whoever runs the business that owns a row sees it, and the learner whom it is about.
    Roster,
    /// Whoever runs the business that owns a row sees it, whoever runs an institution where it can be used, and the consortium's administrators.
    Sponsorship,
    /// Whoever runs the business, or the institution, that owns a row sees it, and nobody else.
    Business,
    /// Whoever runs the institution that owns a row sees it, those who teach its offering, the learner whom it is about, and the consortium's administrators.
    Enrollment,
    /// Whoever runs the business that owns a row sees it if it pays or the learner lets it see enrollments, and that learner.
    Shown,
    /// Whoever runs the institution that owns a row sees it, the payer, the learner whom it is about, and the consortium's administrators.
    Funding,
    /// Whoever runs the institution that owns a row sees it, the learner whom it is about, and the consortium's administrators.
    History,
    /// A learner sees what was shown of the own record, and nobody else does.
    Disclosure,
    /// A learner sees the own record, and the consortium's administrators every one.
    Learner,
    /// Whoever runs an institution sees the learners that it knows, those who teach there the learners of what they teach, whoever runs a business those who consented, and the consortium's administrators
    /// every one.
    Known,
    /// A learner sees the own consents, and whoever runs a tenant those that were given to it.
    Consent,
    /// Whoever runs the institution that owns a row sees it, those who teach its offering, the learner whom it is about, those who run a business while that learner's consent to
    /// it covers the scope, and the consortium's administrators.
    Record(ConsentScope),
    /// Whoever holds the code of a row sees it.
    Proof,
}

/// What is reserved for a business is shown to it once its subject is announced.
const RESERVED: &str = "(t.course_id IN (SELECT s.id FROM course s WHERE s.status <> 'DRAFT') OR t.program_id IN (SELECT s.id FROM program s WHERE s.status <> 'DRAFT')) AND t.reserved_for_business_id = ";

/// The condition on a consent that [`ConsentScope::shows_places`] is.
const SHOWS_PLACES: &str = " AND ((' ' || c.scopes || ' ') LIKE '% ENROLLMENT %' OR (' ' || c.scopes || ' ') LIKE '% PROGRESS %' OR (' ' || c.scopes || ' ') LIKE '% RESULTS %')";

/// Adds what the scope lets through, behind ` AND `; `named` for a row that is found by its name or by a link.
pub(super) fn and_visible(sql: &mut Sql, ask: &Ask<'_>, noun: &Noun, named: bool) {
    if ask.faults.has_no_predicate() || ask.faults.is_hole(noun.name) {
        return;
    }
    let scope = ask.scope;
    let public = if named { noun.public.named } else { noun.public.listed };
    match noun.wall {
        Wall::Members if scope.is_public() => {
            sql.push(" AND FALSE");
        }
        Wall::Members => {}
        Wall::Key | Wall::Learner | Wall::Known | Wall::Enrollment | Wall::Funding | Wall::History | Wall::Record(_)
            if scope.reach() == Reach::Consortium => {}
        Wall::Private => and_own(sql, scope),
        Wall::Business => and_either(sql, &[("t.tenant_id", scope.runs())]),
        Wall::Sponsorship => and_usable(sql, scope),
        Wall::Enrollment => and_taught(sql, scope),
        Wall::Record(covered) => and_covered(sql, ask, covered),
        Wall::Proof => and_either(sql, &[("t.code", scope.proof())]),
        Wall::Shown => and_shown(sql, ask),
        Wall::Funding => and_either(sql, &[("t.tenant_id", scope.runs()), ("t.payer_id", scope.runs()), ("t.learner_id", scope.learner())]),
        Wall::Disclosure => and_either(sql, &[("t.learner_id", scope.learner())]),
        Wall::Key => and_either(sql, &[("t.tenant_id", scope.reach().tenant()), ("t.object_id", scope.learner())]),
        Wall::Roster | Wall::History => and_either(sql, &[("t.tenant_id", scope.runs()), ("t.learner_id", scope.learner())]),
        Wall::Learner => and_either(sql, &[("t.id", scope.learner())]),
        Wall::Consent => and_either(sql, &[("t.learner_id", scope.learner()), ("coalesce(t.business_id, t.institution_id)", scope.runs())]),
        Wall::Known => and_known(sql, ask),
        Wall::Open => and(sql, public),
        Wall::Catalog { .. } | Wall::Reserved if !scope.shows_own() => and(sql, public),
        Wall::Catalog { .. } | Wall::Reserved => {
            let listed = if let (Wall::Catalog { listed }, false) = (noun.wall, named) { listed } else { "" };
            match scope.reach() {
                Reach::Consortium => and(sql, listed),
                Reach::Institution(id) if !public.is_empty() => {
                    sql.push(" AND (").push(public).push(" OR t.tenant_id = ").bind(Type::Uuid, Cell::Uuid(id));
                    and(sql, listed);
                    sql.push(")");
                }
                Reach::Business(id) if noun.wall == Wall::Reserved => {
                    sql.push(" AND (").push(public).push(" OR ").push(RESERVED).bind(Type::Uuid, Cell::Uuid(id)).push(")");
                }
                Reach::Public | Reach::Members | Reach::Institution(_) | Reach::Business(_) => and(sql, public),
            }
        }
    }
}

/// Adds that one of these columns has its value; without any value, that no row is meant.
fn and_either(sql: &mut Sql, columns: &[(&str, Option<Uuid>)]) {
    let mut is_first = true;
    for (column, value) in columns {
        if let Some(value) = value {
            sql.push(if is_first { " AND (" } else { " OR " }).push(column).push(" = ").bind(Type::Uuid, Cell::Uuid(*value));
            is_first = false;
        }
    }
    sql.push(if is_first { " AND FALSE" } else { ")" });
}

/// Adds which enrollments are seen.
fn and_taught(sql: &mut Sql, scope: &Scope) {
    let Some(teacher) = scope.teacher().filter(|_| scope.runs().is_none()) else {
        return and_either(sql, &[("t.tenant_id", scope.runs()), ("t.learner_id", scope.learner())]);
    };
    sql.push(" AND ((t.tenant_id = ").bind(Type::Uuid, scope.reach().tenant().map_or(Cell::Null, Cell::Uuid));
    sql.push(" AND t.offering_id IN (SELECT i.offering_id FROM offering_instructor i WHERE i.staff_member_id = ")
        .bind(Type::Uuid, Cell::Uuid(teacher));
    sql.push("))");
    if let Some(learner) = scope.learner() {
        sql.push(" OR t.learner_id = ").bind(Type::Uuid, Cell::Uuid(learner));
    }
    sql.push(")");
}

/// Adds which enrollments a business is shown.
fn and_shown(sql: &mut Sql, ask: &Ask<'_>) {
    match (ask.scope.runs(), ask.scope.learner()) {
        (Some(business), learner) => {
            sql.push(" AND ((t.tenant_id = ").bind(Type::Uuid, Cell::Uuid(business));
            sql.push(" AND (t.is_paid OR EXISTS (SELECT 1 FROM consent_grant c WHERE c.learner_id = t.learner_id AND c.business_id = t.tenant_id AND c.revoked_at IS NULL AND coalesce(c.expires_at > ");
            sql.bind(Type::Instant, Cell::Instant(ask.now)).push(", TRUE)").push(SHOWS_PLACES).push(")))");
            if let Some(learner) = learner {
                sql.push(" OR t.learner_id = ").bind(Type::Uuid, Cell::Uuid(learner));
            }
            sql.push(")");
        }
        (None, learner) => and_either(sql, &[("t.learner_id", learner)]),
    }
}

/// Adds which rows of learners' records are seen.
fn and_covered(sql: &mut Sql, ask: &Ask<'_>, covered: ConsentScope) {
    let (Reach::Business(_), Some(business)) = (ask.scope.reach(), ask.scope.runs()) else { return and_taught(sql, ask.scope) };
    sql.push(" AND (EXISTS (SELECT 1 FROM consent_grant c WHERE c.learner_id = t.learner_id AND c.business_id = ");
    sql.bind(Type::Uuid, Cell::Uuid(business)).push(" AND c.revoked_at IS NULL AND coalesce(c.expires_at > ");
    sql.bind(Type::Instant, Cell::Instant(ask.now)).push(", TRUE) AND (' ' || c.scopes || ' ') LIKE ");
    sql.text(&format!("% {} %", covered.name())).push(")");
    if let Some(learner) = ask.scope.learner() {
        sql.push(" OR t.learner_id = ").bind(Type::Uuid, Cell::Uuid(learner));
    }
    sql.push(")");
}

/// Adds which sponsorships are seen.
fn and_usable(sql: &mut Sql, scope: &Scope) {
    match (scope.reach(), scope.runs()) {
        (Reach::Consortium, _) => {}
        (Reach::Institution(_), Some(institution)) => {
            sql.push(" AND t.status <> 'DRAFT' AND (t.is_anywhere OR EXISTS (SELECT 1 FROM sponsorship_institution i WHERE i.sponsorship_id = t.id AND i.institution_id = ");
            sql.bind(Type::Uuid, Cell::Uuid(institution)).push("))");
        }
        (_, runs) => and_either(sql, &[("t.tenant_id", runs)]),
    }
}

/// Adds which learners that a tenant knows are seen.
fn and_known(sql: &mut Sql, ask: &Ask<'_>) {
    let scope = ask.scope;
    match (scope.runs(), scope.reach()) {
        (Some(business), Reach::Business(_)) => {
            sql.push(" AND t.tenant_id = ").bind(Type::Uuid, Cell::Uuid(business));
            sql.push(" AND EXISTS (SELECT 1 FROM consent_grant c WHERE c.learner_id = t.id AND c.business_id = t.tenant_id AND c.revoked_at IS NULL AND coalesce(c.expires_at > ");
            sql.bind(Type::Instant, Cell::Instant(ask.now)).push(", TRUE))");
        }
        (Some(institution), ..) => {
            sql.push(" AND t.tenant_id = ").bind(Type::Uuid, Cell::Uuid(institution));
        }
        (None, _) => {
            // Those whom somebody teaches.
            let Some(teacher) = scope.teacher() else { return and_either(sql, &[]) };
            sql.push(" AND t.tenant_id = ").bind(Type::Uuid, scope.reach().tenant().map_or(Cell::Null, Cell::Uuid));
            sql.push(" AND EXISTS (SELECT 1 FROM enrollment e JOIN offering_instructor i ON i.offering_id = e.offering_id WHERE e.learner_id = t.id AND e.tenant_id = t.tenant_id AND i.staff_member_id = ");
            sql.bind(Type::Uuid, Cell::Uuid(teacher)).push(")");
        }
    }
}

/// Adds a condition unless it is empty.
fn and(sql: &mut Sql, condition: &str) {
    if !condition.is_empty() {
        sql.push(" AND ").push(condition);
    }
}

/// Adds that the row belongs to the tenant that is reached.
pub(super) fn and_own(sql: &mut Sql, scope: &Scope) {
    match (scope.reach(), scope.reach().tenant()) {
        (Reach::Consortium, _) => {}
        (_, Some(tenant)) => {
            sql.push(" AND t.tenant_id = ").bind(Type::Uuid, Cell::Uuid(tenant));
        }
        (_, None) => {
            sql.push(" AND FALSE");
        }
    }
}

/// Columns that [`admits`] looks at, which are read with every row.
pub(super) fn columns(noun: &Noun) -> &'static [&'static str] {
    match noun.wall {
        Wall::Catalog { .. } if noun.column("status").is_some() => &["tenant_id", "status"],
        Wall::Catalog { .. } => &["tenant_id", IS_SHOWN],
        Wall::Open | Wall::Members => &[],
        Wall::Reserved => &["tenant_id", "is_public", "is_retired", "reserved_for_business_id"],
        Wall::Private | Wall::Business => &["tenant_id"],
        Wall::Key => &["tenant_id", "object_id"],
        Wall::Roster | Wall::History => &["tenant_id", "learner_id"],
        Wall::Disclosure => &["learner_id"],
        Wall::Enrollment => &["tenant_id", "learner_id", "offering_id"],
        Wall::Record(_) => &["tenant_id", "learner_id", "offering_id", "consent_scopes", "consent_expires_at"],
        Wall::Proof => &["code"],
        Wall::Sponsorship => &["tenant_id", "status"],
        Wall::Shown => &["tenant_id", "learner_id", "is_paid", "consent_scopes", "consent_expires_at"],
        Wall::Funding => &["tenant_id", "payer_id", "learner_id"],
        Wall::Learner => &["id"],
        Wall::Known => &["id", "tenant_id", "consent_scopes", "consent_expires_at"],
        Wall::Consent => &["learner_id", "business_id", "institution_id"],
    }
}

/// Whether a column has a value that somebody is known by.
fn is(known: Option<Uuid>, row: &Row, column: &str) -> bool {
    known.is_some() && row.cell(column).ok().and_then(Cell::uuid) == known
}

/// Whether a learner lets something be seen by the tenant that reads this.
fn is_consented(ask: &Ask<'_>, row: &Row) -> bool {
    let ends = row.instant("consent_expires_at");
    matches!(row.cell("consent_scopes"), Ok(Cell::Text(_))) && ends.is_ok_and(|ends| ends.is_none_or(|ends| ends > ask.now))
}

/// What somebody who sees what they teach does teach of rows that were read: their offerings, or the learners. It is looked up apart from what read the rows.
pub(super) async fn taught(connection: &mut Connection<'_>, ask: &Ask<'_>, rows: &[Row]) -> Result<HashSet<Uuid>, StoreError> {
    let wall = rows.first().map(|row| row.noun().wall);
    let (Some(teacher), Some(wall @ (Wall::Enrollment | Wall::Record(_) | Wall::Known)), None) =
        (ask.scope.teacher(), wall, ask.scope.runs())
    else {
        return Ok(HashSet::new());
    };
    let mut sql = Sql::new(connection.dialect());
    let is_of_offerings = wall != Wall::Known;
    let column = if is_of_offerings { "offering_id" } else { "id" };
    let of: HashSet<Uuid> = rows.iter().filter_map(|row| row.uuid(column).ok().flatten()).collect();
    let of = of.into_iter().map(Cell::Uuid).collect();
    if is_of_offerings {
        sql.push("SELECT i.offering_id FROM offering_instructor i WHERE ").any("i.offering_id", Type::Uuid, of);
    } else {
        sql.push("SELECT e.learner_id FROM enrollment e JOIN offering_instructor i ON i.offering_id = e.offering_id WHERE ");
        sql.any("e.learner_id", Type::Uuid, of).push(" AND e.tenant_id = ");
        sql.bind(Type::Uuid, ask.scope.reach().tenant().map_or(Cell::Null, Cell::Uuid));
    }
    sql.push(" AND i.staff_member_id = ").bind(Type::Uuid, Cell::Uuid(teacher));
    Ok(connection.fetch(sql, &[Type::Uuid]).await?.iter().filter_map(|cells| cells[0].uuid()).collect())
}

/// Whether a row that was read may leave the store; `taught` is what somebody teaches of it and of the others.
pub(super) fn admits(ask: &Ask<'_>, row: &Row, taught: &HashSet<Uuid>) -> bool {
    let scope = ask.scope;
    let is_own = |column: &str| match scope.reach() {
        Reach::Consortium => true,
        reach => matches!(row.cell(column), Ok(Cell::Uuid(owner)) if reach.tenant() == Some(*owner)),
    };
    let is_taught = |column: &str| matches!(row.cell(column), Ok(Cell::Uuid(id)) if taught.contains(id));
    match row.noun().wall {
        Wall::Open => true,
        Wall::Members => !scope.is_public(),
        Wall::Private => is_own("tenant_id"),
        Wall::Key => is_own("tenant_id") || is(scope.learner(), row, "object_id"),
        Wall::Roster => is(scope.runs(), row, "tenant_id") || is(scope.learner(), row, "learner_id"),
        Wall::Business => is(scope.runs(), row, "tenant_id"),
        Wall::Sponsorship => {
            let is_draft = matches!(row.cell("status"), Ok(Cell::Text(status)) if **status == *"DRAFT");
            let is_staff = matches!(scope.reach(), Reach::Institution(_)) && scope.runs().is_some();
            scope.reach() == Reach::Consortium || is(scope.runs(), row, "tenant_id") || (is_staff && !is_draft)
        }
        Wall::Enrollment => {
            let is_staff = is(scope.runs(), row, "tenant_id") || (is_taught("offering_id") && is_own("tenant_id"));
            scope.reach() == Reach::Consortium || is_staff || is(scope.learner(), row, "learner_id")
        }
        Wall::Record(covered) => {
            let is_staff = is(scope.runs(), row, "tenant_id") || (is_taught("offering_id") && is_own("tenant_id"));
            // The column holds what the learner lets the tenant that reads this see.
            let is_covered = matches!(row.cell("consent_scopes"), Ok(Cell::Text(names)) if covered.is_in(names)) && is_consented(ask, row);
            let is_shown = matches!(scope.reach(), Reach::Business(_)) && scope.runs().is_some() && is_covered;
            scope.reach() == Reach::Consortium || is_staff || is_shown || is(scope.learner(), row, "learner_id")
        }
        Wall::Proof => is(scope.proof(), row, "code"),
        Wall::Shown => {
            let shows_places = matches!(row.cell("consent_scopes"), Ok(Cell::Text(names)) if ConsentScope::shows_places(names));
            let is_shown = matches!(row.cell("is_paid"), Ok(Cell::Boolean(true))) || (is_consented(ask, row) && shows_places);
            (is(scope.runs(), row, "tenant_id") && is_shown) || is(scope.learner(), row, "learner_id")
        }
        Wall::Funding => {
            let is_party = is(scope.runs(), row, "tenant_id") || is(scope.runs(), row, "payer_id");
            scope.reach() == Reach::Consortium || is_party || is(scope.learner(), row, "learner_id")
        }
        Wall::History => scope.reach() == Reach::Consortium || is(scope.runs(), row, "tenant_id") || is(scope.learner(), row, "learner_id"),
        Wall::Disclosure => is(scope.learner(), row, "learner_id"),
        Wall::Learner => scope.reach() == Reach::Consortium || is(scope.learner(), row, "id"),
        Wall::Known => {
            let is_shown = !matches!(scope.reach(), Reach::Business(_)) || is_consented(ask, row);
            let is_known = is(scope.runs(), row, "tenant_id") || (is_taught("id") && is_own("tenant_id"));
            scope.reach() == Reach::Consortium || (is_known && is_shown)
        }
        Wall::Consent => {
            is(scope.learner(), row, "learner_id") || ["business_id", "institution_id"].iter().any(|column| is(scope.runs(), row, column))
        }
        Wall::Catalog { .. } if row.noun().column("status").is_none() => {
            matches!(row.cell(IS_SHOWN), Ok(Cell::Boolean(true))) || (scope.shows_own() && is_own("tenant_id"))
        }
        Wall::Catalog { .. } => {
            let is_public = matches!(row.cell("status"), Ok(Cell::Text(status)) if **status != *"DRAFT");
            is_public || (scope.shows_own() && is_own("tenant_id"))
        }
        Wall::Reserved => {
            let is = |column| matches!(row.cell(column), Ok(Cell::Boolean(true)));
            is("is_public") || is("is_retired") || (scope.shows_own() && (is_own("tenant_id") || is_own("reserved_for_business_id")))
        }
    }
}
