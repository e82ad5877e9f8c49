//! Lists that hang on rows: tables of an owner, a position, and what is listed there.

use uuid::Uuid;

use super::error::StoreError;
use super::row::Cell;
use super::sql::{Connection, Sql, Type};
use super::write::{Target, replace};

/// A table of rows that hang on others.
#[derive(Debug)]
pub struct Table {
    /// What is written: tenant unless there is none, owner unless it is the tenant, position, then the columns.
    pub target: Target,
    /// Column of the owner.
    pub owner: &'static str,
    /// Whether the rows have a tenant.
    pub has_tenant: bool,
}

const UUID: Type = Type::Uuid;
const TEXT: Type = Type::Text;
const INTEGER: Type = Type::Integer;

/// Declares the table of a list that hangs on rows of tenants.
macro_rules! owned {
    ($($(#[doc = $doc:literal])+ $name:ident, $table:literal, $owner:literal, $($column:literal: $of:expr),+;)+) => {
        $($(#[doc = $doc])+
        pub static $name: Table = Table {
            target: Target { table: $table, key: 0, columns: &[("tenant_id", UUID), ($owner, UUID), ("position", INTEGER), $(($column, $of)),+] },
            owner: $owner,
            has_tenant: true,
        };)+
    };
}

owned! {
    /// What a credential attests.
    CREDENTIAL_COMPETENCY, "credential_competency", "credential_id", "competency_id": UUID;
    /// External identities of a credential.
    CREDENTIAL_ALIGNMENT, "credential_alignment", "credential_id", "framework": TEXT, "code": TEXT, "name": TEXT, "url": TEXT;
    /// What a course teaches.
    COURSE_COMPETENCY, "course_competency", "course_id", "competency_id": UUID;
    /// Courses to pass before a course.
    COURSE_PREREQUISITE, "course_prerequisite", "course_id", "prerequisite_id": UUID;
    /// Steps of a program.
    PROGRAM_COMPONENT, "program_component", "program_id", "course_id": UUID, "is_required": Type::Boolean, "sequence": INTEGER;
    /// Industries that a program serves.
    PROGRAM_INDUSTRY, "program_industry", "program_id", "naics_code": TEXT;
    /// Occupations that a program prepares for.
    PROGRAM_OCCUPATION, "program_occupation", "program_id", "framework": TEXT, "code": TEXT, "name": TEXT, "url": TEXT;
    /// What an assessment asks for.
    ASSESSMENT_COMPETENCY, "assessment_competency", "assessment_id", "competency_id": UUID;
    /// What meets a requirement.
    REQUIREMENT_OPTION, "requirement_option", "requirement_id", "course_id": UUID, "program_id": UUID, "credential_id": UUID;
    /// Where a sponsorship can be used.
    SPONSORSHIP_INSTITUTION, "sponsorship_institution", "sponsorship_id", "institution_id": UUID;
    /// What a sponsorship pays for.
    SPONSORSHIP_COVER, "sponsorship_cover", "sponsorship_id", "course_id": UUID, "program_id": UUID;
    /// Offerings in which the seats of a block are.
    SPONSORSHIP_HOLD, "sponsorship_hold", "sponsorship_id", "offering_id": UUID;
    /// Who teaches an offering.
    OFFERING_INSTRUCTOR, "offering_instructor", "offering_id", "staff_member_id": UUID;
}

const ALIGNED: &[(&str, Type)] =
    &[("competency_id", UUID), ("position", INTEGER), ("framework", TEXT), ("code", TEXT), ("name", TEXT), ("url", TEXT)];
/// Entries that mean the same as a competency.
pub static COMPETENCY_ALIGNMENT: Table =
    Table { target: Target { table: "competency_alignment", key: 0, columns: ALIGNED }, owner: "competency_id", has_tenant: false };

const IDENTIFIED: &[(&str, Type)] =
    &[("tenant_id", UUID), ("position", INTEGER), ("framework", TEXT), ("code", TEXT), ("name", TEXT), ("url", TEXT)];
/// External identities of an institution.
pub static INSTITUTION_ALIGNMENT: Table =
    Table { target: Target { table: "institution_alignment", key: 0, columns: IDENTIFIED }, owner: "tenant_id", has_tenant: false };

/// A row of a list, complete.
#[must_use]
pub fn complete(table: &Table, tenant: Uuid, owner: Uuid, position: usize, cells: Vec<Cell>) -> Vec<Cell> {
    let tenant = table.has_tenant.then_some(Cell::Uuid(tenant));
    tenant.into_iter().chain([Cell::Uuid(owner), Cell::Integer(position as i64)]).chain(cells).collect()
}

/// Puts rows in the place of the list of one owner.
pub async fn put(
    connection: &mut Connection<'_>,
    table: &Table,
    tenant: Uuid,
    owner: Uuid,
    rows: Vec<Vec<Cell>>,
) -> Result<(), StoreError> {
    let rows = rows.into_iter().enumerate().map(|(position, cells)| complete(table, tenant, owner, position, cells)).collect();
    replace(connection, table.target, table.owner, &[owner], rows).await
}

/// The list of one owner as [`put`] takes it.
pub async fn rows(connection: &mut Connection<'_>, table: &Table, owner: Uuid) -> Result<Vec<Vec<Cell>>, StoreError> {
    let columns = &table.target.columns[if table.has_tenant { 3 } else { 2 }..];
    let names: Vec<String> = columns.iter().map(|(name, _)| format!("l.{name}")).collect();
    let types: Vec<Type> = columns.iter().map(|(_, of)| *of).collect();
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT ").push(&names.join(", ")).push(" FROM ").push(table.target.table).push(" l WHERE l.").push(table.owner);
    sql.push(" = ").bind(UUID, Cell::Uuid(owner)).push(" ORDER BY l.position");
    connection.fetch(sql, &types).await
}

/// The options of a credential's requirements in order: number of the requirement from 0, its title, how many must be met, then the columns of [`REQUIREMENT_OPTION`].
pub async fn requirements(connection: &mut Connection<'_>, credential: Uuid) -> Result<Vec<Vec<Cell>>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT r.id, r.title, r.choose, l.course_id, l.program_id, l.credential_id FROM credential_requirement r LEFT JOIN requirement_option l ON l.requirement_id = r.id WHERE r.credential_id = ");
    sql.bind(UUID, Cell::Uuid(credential)).push(" ORDER BY r.id, l.position");
    let mut rows = connection.fetch(sql, &[UUID, TEXT, INTEGER, UUID, UUID, UUID]).await?;
    let mut ids: Vec<Cell> = Vec::new();
    for cells in &mut rows {
        let id = std::mem::replace(&mut cells[0], Cell::Null);
        if ids.last() != Some(&id) {
            ids.push(id);
        }
        cells[0] = Cell::Integer(ids.len() as i64 - 1);
    }
    Ok(rows)
}
