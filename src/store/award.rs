//! Awards: credentials that learners have earned, as they are read, and as acts issue and revoke them.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::assessment_result::{CONSENT_EXPIRES_AT, CONSENT_SCOPES};
use super::competency::COMPETENCY;
use super::credential::CREDENTIAL;
use super::enrollment::ENROLLMENT;
use super::error::StoreError;
use super::filter::uuids;
use super::learner::LEARNER;
use super::noun::{Column, Data, Edge, Field, List, Noun, OPEN, Sort, by, column, edge, made, plain};
use super::row::{Cell, Row};
use super::sql::{Connection, Sql, Type};
use super::tree::{Tree, Wanted};
use super::wall::Wall;
use super::write::{Target, upsert};
use crate::domain::consent::ConsentScope;
use crate::domain::id::Kind;

/// An award, as its learner, the institution and those read it whom the learner lets see it.
pub static AWARD: Noun = Noun {
    name: "Award",
    kind: Some(Kind::Award),
    table: "award",
    columns: &COLUMNS,
    fields: &FIELDS,
    public: OPEN,
    wall: Wall::Record(ConsentScope::Awards),
    list: Some(&List { sorts: &[Sort { name: "NEWEST", by: by("t.issued_on", Type::Date), descending: true }], search: None }),
};

/// An award, as whoever holds its verification code reads it.
pub static PROVEN_AWARD: Noun = Noun {
    name: "Award",
    kind: Some(Kind::Award),
    table: "award",
    columns: &COLUMNS,
    fields: &FIELDS,
    public: OPEN,
    wall: Wall::Proof,
    list: None,
};

static COLUMNS: [Column; 13] = [
    column("id", Type::Uuid),
    column("tenant_id", Type::Uuid),
    column("learner_id", Type::Uuid),
    column("offering_id", Type::Uuid),
    column("enrollment_id", Type::Uuid),
    column("credential_id", Type::Uuid),
    column("code", Type::Uuid),
    column("issued_on", Type::Date),
    column("expires_on", Type::Date),
    column("revoked_at", Type::Instant),
    column("revocation_reason", Type::Text),
    CONSENT_SCOPES,
    CONSENT_EXPIRES_AT,
];

static FIELDS: [Field; 11] = [
    plain(&["id"]),
    made("status", &["expires_on", "revoked_at"]),
    plain(&["issued_on"]),
    plain(&["expires_on"]),
    plain(&["revoked_at"]),
    plain(&["revocation_reason"]),
    made("verification_url", &["code"]),
    edge("credential", &OF_CREDENTIAL),
    edge("competencies", &ATTESTED),
    edge("learner", &HOLDER),
    edge("enrollment", &EARNED_BY),
];

static OF_CREDENTIAL: Edge = Edge::One { column: "credential_id", target: &CREDENTIAL, key: "id", named: true, always: true };
static ATTESTED: Edge = Edge::Many {
    target: &COMPETENCY,
    column: "id",
    from: "award_competency l JOIN competency t ON t.id = l.competency_id",
    on: "l.award_id = p.id",
    order: &[by("l.position", Type::Integer)],
    limit: 30,
};
static HOLDER: Edge = Edge::One { column: "learner_id", target: &LEARNER, key: "id", named: true, always: false };
static EARNED_BY: Edge = Edge::One { column: "enrollment_id", target: &ENROLLMENT, key: "id", named: true, always: false };

/// Whether an award holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is in force.
    Valid,
    /// It is past its last day.
    Expired,
    /// It was withdrawn for good.
    Revoked,
}

impl Standing {
    /// As an award stands on a day.
    pub fn of(row: &Row, today: NaiveDate) -> Result<Self, StoreError> {
        if row.instant("revoked_at")?.is_some() {
            return Ok(Self::Revoked);
        }
        Ok(if row.date("expires_on")?.is_some_and(|last| last < today) { Self::Expired } else { Self::Valid })
    }
}

/// What the public page of an award shows: the award with its credential, who issued that, and what it attests.
#[must_use]
pub fn page() -> Tree {
    let mut issuer = Tree::new(&super::institution::INSTITUTION);
    issuer.want("name");
    let mut credential = Tree::new(&CREDENTIAL);
    for column in ["name", "description"] {
        credential.want(column);
    }
    follow(&mut credential, "issuer", issuer);
    let mut competency = Tree::new(&COMPETENCY);
    competency.want("name");
    let mut award = Tree::new(&PROVEN_AWARD);
    for column in ["issued_on", "expires_on", "revoked_at"] {
        award.want(column);
    }
    follow(&mut award, "credential", credential);
    follow(&mut award, "competencies", competency);
    award
}

/// Wants what an edge of a noun leads to, under its own name.
fn follow(tree: &mut Tree, name: &str, below: Tree) {
    if let Some(Data::Edge(edge)) = tree.noun.field(name).map(|field| &field.data) {
        tree.edges.push(Wanted { key: name.to_owned(), edge, trees: vec![below], page: None });
    }
}

/// Conditions on awards.
#[derive(Debug, Clone, Default)]
pub struct AwardFilter {
    /// Whether those that were revoked are listed too.
    pub with_revoked: bool,
}

impl AwardFilter {
    pub(super) fn write(&self, sql: &mut Sql) {
        if !self.with_revoked {
            sql.push(" AND t.revoked_at IS NULL");
        }
    }
}

/// A credential, with the months for which its awards are valid.
pub type Earned = (Uuid, Option<u32>);

/// The credentials to which completing offerings leads. Drafts are nobody's to earn yet.
pub async fn earned(connection: &mut Connection<'_>, offerings: &[Uuid]) -> Result<HashMap<Uuid, Earned>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT o.id, d.id, d.valid_months FROM offering o LEFT JOIN course c ON c.id = o.course_id LEFT JOIN program p ON p.id = o.program_id JOIN credential d ON d.id = coalesce(c.credential_id, p.credential_id) WHERE d.status <> 'DRAFT' AND ");
    sql.any("o.id", Type::Uuid, uuids(offerings));
    let rows = connection.fetch(sql, &[Type::Uuid, Type::Uuid, Type::Integer]).await?;
    let months = |cell: &Cell| cell.integer().and_then(|months| u32::try_from(months).ok());
    Ok(rows.iter().filter_map(|cells| Some((cells[0].uuid()?, (cells[1].uuid()?, months(&cells[2]))))).collect())
}

/// Whether a learner holds a valid award of a credential, from an enrollment or from none.
pub async fn is_held(
    connection: &mut Connection<'_>,
    learner: Uuid,
    credential: Uuid,
    enrollment: Option<Uuid>,
    today: NaiveDate,
) -> Result<bool, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.id FROM award t WHERE t.revoked_at IS NULL AND coalesce(t.expires_on >= ").bind(Type::Date, Cell::Date(today));
    sql.push(", TRUE) AND t.learner_id = ").bind(Type::Uuid, Cell::Uuid(learner));
    sql.push(" AND t.credential_id = ").bind(Type::Uuid, Cell::Uuid(credential)).push(" AND t.enrollment_id ");
    match enrollment {
        Some(enrollment) => sql.push("= ").bind(Type::Uuid, Cell::Uuid(enrollment)),
        None => sql.push("IS NULL"),
    };
    Ok(!connection.fetch(sql, &[Type::Uuid]).await?.is_empty())
}

/// An award that is to be issued.
#[derive(Debug, Clone)]
pub struct New {
    /// Institution.
    pub institution: Uuid,
    /// Key.
    pub id: Uuid,
    /// Verification code.
    pub code: Uuid,
    /// Credential.
    pub credential: Uuid,
    /// Who earned it.
    pub learner: Uuid,
    /// The enrollment that it came from, with its offering.
    pub enrollment: Option<(Uuid, Uuid)>,
    /// Day on which it is issued.
    pub issued_on: NaiveDate,
    /// Last day of validity.
    pub expires_on: Option<NaiveDate>,
}

const TARGET: Target = Target {
    table: "award",
    key: 0,
    columns: &[
        ("tenant_id", Type::Uuid),
        ("id", Type::Uuid),
        ("code", Type::Uuid),
        ("credential_id", Type::Uuid),
        ("learner_id", Type::Uuid),
        ("enrollment_id", Type::Uuid),
        ("offering_id", Type::Uuid),
        ("issued_on", Type::Date),
        ("expires_on", Type::Date),
    ],
};

/// Adds awards, each with what its credential attests now.
pub async fn add(connection: &mut Connection<'_>, awards: &[New]) -> Result<(), StoreError> {
    let key = |id: Option<Uuid>| id.map_or(Cell::Null, Cell::Uuid);
    let row = |new: &New| {
        vec![
            Cell::Uuid(new.institution),
            Cell::Uuid(new.id),
            Cell::Uuid(new.code),
            Cell::Uuid(new.credential),
            Cell::Uuid(new.learner),
            key(new.enrollment.map(|(enrollment, _)| enrollment)),
            key(new.enrollment.map(|(_, offering)| offering)),
            Cell::Date(new.issued_on),
            new.expires_on.map_or(Cell::Null, Cell::Date),
        ]
    };
    upsert(connection, TARGET, awards.iter().map(row).collect()).await?;
    let ids: Vec<Uuid> = awards.iter().map(|new| new.id).collect();
    let mut sql = Sql::new(connection.dialect());
    sql.push("INSERT INTO award_competency (tenant_id, award_id, position, competency_id) SELECT t.tenant_id, t.id, l.position, l.competency_id FROM award t JOIN credential_competency l ON l.tenant_id = t.tenant_id AND l.credential_id = t.credential_id WHERE ");
    sql.any("t.id", Type::Uuid, uuids(&ids));
    connection.execute(sql).await.map(|_| ())
}

/// Withdraws an award for good; whether it had not been before.
pub async fn revoke(connection: &mut Connection<'_>, id: Uuid, reason: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("UPDATE award SET revoked_at = ").bind(Type::Instant, Cell::Instant(now)).push(", revocation_reason = ").text(reason);
    sql.push(" WHERE revoked_at IS NULL AND id = ").bind(Type::Uuid, Cell::Uuid(id));
    Ok(connection.execute(sql).await? == 1)
}

/// Whether awards of a credential were issued.
pub async fn is_issued(connection: &mut Connection<'_>, credential: Uuid) -> Result<bool, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.id FROM award t WHERE t.credential_id = ").bind(Type::Uuid, Cell::Uuid(credential)).push(" LIMIT 1");
    Ok(!connection.fetch(sql, &[Type::Uuid]).await?.is_empty())
}
