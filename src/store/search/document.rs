//! The words of published things, kept beside them in the transaction that writes them.

use uuid::Uuid;

use super::analyzer::Document;
use crate::store::error::StoreError;
use crate::store::filter::uuids;
use crate::store::row::Cell;
use crate::store::sql::{Connection, Dialect, Sql, Type};

/// The name of the institution that a row belongs to, before another expression.
macro_rules! concat_issuer {
    ($more:literal) => {
        concat!("(SELECT i.name FROM institution i WHERE i.id = t.tenant_id) || ' ' || ", $more)
    };
}

/// Nouns that can be searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noun {
    /// By name.
    Institution,
    /// By title and code, institution and competencies, summary, description.
    Course,
    /// As courses, with the competencies of its courses.
    Program,
    /// By name, issuer and competencies, description, criteria.
    Credential,
    /// By name and description.
    Competency,
    /// By name.
    Business,
}

impl Noun {
    /// Every one.
    pub(super) const ALL: [Self; 6] = [Self::Institution, Self::Course, Self::Program, Self::Credential, Self::Competency, Self::Business];

    /// Beginning of its tables' names.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Institution => "institution",
            Self::Course => "course",
            Self::Program => "program",
            Self::Credential => "credential",
            Self::Competency => "competency",
            Self::Business => "business",
        }
    }

    /// The four texts by weight, as expressions on `t`.
    const fn texts(self) -> [&'static str; 4] {
        match self {
            Self::Institution => ["t.name", "replace(t.slug, '-', ' ')", "''", "''"],
            Self::Course => [
                "t.title || ' ' || t.code",
                concat_issuer!(
                    "coalesce((SELECT string_agg(c.name, ' ' ORDER BY c.id) FROM course_competency l JOIN competency c ON c.id = l.competency_id WHERE l.course_id = t.id), '')"
                ),
                "t.summary",
                "coalesce(t.description, '')",
            ],
            Self::Program => [
                "t.title",
                concat_issuer!(
                    "coalesce((SELECT string_agg(c.name, ' ' ORDER BY c.id) FROM competency c WHERE c.id IN (SELECT l.competency_id FROM program_component s JOIN course p ON p.id = s.course_id AND p.status = 'PUBLISHED' JOIN course_competency l ON l.course_id = p.id WHERE s.program_id = t.id)), '')"
                ),
                "t.summary",
                "coalesce(t.description, '')",
            ],
            Self::Credential => [
                "t.name",
                concat_issuer!(
                    "coalesce((SELECT string_agg(c.name, ' ' ORDER BY c.id) FROM credential_competency l JOIN competency c ON c.id = l.competency_id WHERE l.credential_id = t.id), '')"
                ),
                "t.description",
                "t.criteria",
            ],
            Self::Competency => ["t.name", "''", "coalesce(t.description, '')", "''"],
            Self::Business => ["t.name", "''", "''", "''"],
        }
    }

    /// Drafts are not found.
    const fn condition(self) -> &'static str {
        match self {
            Self::Course | Self::Program | Self::Credential => " AND t.status <> 'DRAFT'",
            Self::Institution | Self::Competency | Self::Business => "",
        }
    }
}

/// Writes the words of some rows anew, from what the database holds of them now.
pub async fn refresh(connection: &mut Connection<'_>, noun: Noun, ids: &[Uuid]) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    let documents = read(connection, noun, ids).await?;
    match connection.dialect() {
        Dialect::Postgres => write_postgres(connection, noun.name(), ids, &documents).await,
        Dialect::Sqlite => write_sqlite(connection, noun.name(), ids, &documents).await,
    }
}

async fn read(connection: &mut Connection<'_>, noun: Noun, ids: &[Uuid]) -> Result<Vec<(Uuid, Document)>, StoreError> {
    let mut sql = Sql::new(connection.dialect());
    sql.push("SELECT t.id");
    for text in noun.texts() {
        sql.push(", ").push(text);
    }
    sql.push(" FROM ").push(noun.name()).push(" t WHERE ").any("t.id", Type::Uuid, uuids(ids)).push(noun.condition());
    let rows = connection.fetch(sql, &[Type::Uuid, Type::Text, Type::Text, Type::Text, Type::Text]).await?;
    let document = |cells: &[Cell]| Document([1, 2, 3, 4].map(|place| cells[place].text().unwrap_or_default().to_owned()));
    let mut documents: Vec<_> = rows.iter().filter_map(|cells| Some((cells[0].uuid()?, document(cells)))).collect();
    documents.sort_unstable_by_key(|(id, _)| *id);
    Ok(documents)
}

async fn write_postgres(
    connection: &mut Connection<'_>,
    name: &str,
    ids: &[Uuid],
    documents: &[(Uuid, Document)],
) -> Result<(), StoreError> {
    let gone: Vec<Uuid> = ids.iter().copied().filter(|id| documents.binary_search_by_key(id, |(found, _)| *found).is_err()).collect();
    if !gone.is_empty() {
        let mut sql = Sql::new(Dialect::Postgres);
        sql.push("DELETE FROM ").push(name).push("_search WHERE ").any("object_id", Type::Uuid, uuids(&gone));
        connection.execute(sql).await?;
    }
    if documents.is_empty() {
        return Ok(());
    }
    let rows = documents.iter().map(|(id, document)| vec![Cell::Uuid(*id), Cell::Text(document.tsvector().into())]).collect();
    let mut sql = Sql::new(Dialect::Postgres);
    sql.push("INSERT INTO ").push(name).push("_search (object_id, words) SELECT u.id, CAST(u.words AS tsvector) FROM (");
    sql.rows(&[Type::Uuid, Type::Text], rows).push(") u (id, words)");
    sql.push(" ON CONFLICT (object_id) DO UPDATE SET words = excluded.words");
    connection.execute(sql).await?;
    Ok(())
}

async fn write_sqlite(connection: &mut Connection<'_>, name: &str, ids: &[Uuid], documents: &[(Uuid, Document)]) -> Result<(), StoreError> {
    let mut sql = Sql::new(Dialect::Sqlite);
    sql.push("DELETE FROM ").push(name).push("_words WHERE rowid IN (SELECT s.number FROM ").push(name).push("_search s WHERE ");
    sql.any("s.object_id", Type::Uuid, uuids(ids)).push(")");
    connection.execute(sql).await?;
    for (id, document) in documents {
        let mut sql = Sql::new(Dialect::Sqlite);
        sql.push("INSERT INTO ")
            .push(name)
            .push("_search (object_id) VALUES (")
            .bind(Type::Uuid, Cell::Uuid(*id))
            .push(") ON CONFLICT DO NOTHING");
        connection.execute(sql).await?;
        let mut sql = Sql::new(Dialect::Sqlite);
        sql.push("INSERT INTO ").push(name).push("_words (rowid, a, b, c, d) SELECT s.number");
        for terms in document.terms() {
            sql.push(", ").text(&terms);
        }
        sql.push(" FROM ").push(name).push("_search s WHERE s.object_id = ").bind(Type::Uuid, Cell::Uuid(*id));
        connection.execute(sql).await?;
    }
    Ok(())
}
