//! What the rows of a batch refer to, looked up together.

use std::collections::{BTreeSet, HashMap};

use uuid::Uuid;

use crate::import::record::Subject;
use crate::import::{Kind, Problem, Record};
use crate::store::StoreError;
use crate::store::import::{self, Known};
use crate::store::sql::Connection;

/// Name of the table that the objects of a kind are kept in, which is also the kind of their external keys.
pub(super) const fn table(kind: Kind) -> &'static str {
    match kind {
        Kind::Regions => "region",
        Kind::Industries => "industry",
        Kind::Competencies => "competency",
        Kind::Institutions => "institution",
        Kind::Businesses => "business",
        Kind::Campuses => "campus",
        Kind::Terms => "term",
        Kind::Staff => "staff_member",
        Kind::Credentials => "credential",
        Kind::Courses => "course",
        Kind::Programs => "program",
        Kind::Assessments => "assessment",
        Kind::Requirements => "credential_requirement",
        Kind::Articulations => "credit_articulation",
        Kind::Offerings => "offering",
    }
}

/// Everything that a batch refers to.
#[derive(Debug, Default)]
pub(super) struct References {
    /// What the rows themselves stand for, by key.
    pub own: HashMap<String, Known>,
    named: HashMap<(Kind, String), Known>,
    regions: HashMap<String, String>,
    industries: HashMap<String, String>,
    subjects: HashMap<Uuid, (String, Option<i64>)>,
    /// Who has a slug.
    pub slugs: HashMap<String, Uuid>,
    /// The slugs that institutions of the batch have already.
    pub own_slugs: HashMap<Uuid, String>,
    /// The regions of institutions of the batch.
    institution_regions: HashMap<Uuid, String>,
}

/// Columns that name a row of another kind.
fn references(record: &Record) -> Vec<(Kind, &str)> {
    let columns: &[(&str, Kind)] = match record.kind {
        Kind::Campuses | Kind::Terms | Kind::Staff | Kind::Credentials => &[("institution", Kind::Institutions)],
        Kind::Courses | Kind::Programs => &[("institution", Kind::Institutions), ("credential", Kind::Credentials)],
        Kind::Assessments => &[("institution", Kind::Institutions), ("course", Kind::Courses), ("program", Kind::Programs)],
        Kind::Requirements => &[("credential", Kind::Credentials)],
        Kind::Articulations => &[("credential", Kind::Credentials), ("institution", Kind::Institutions), ("program", Kind::Programs)],
        Kind::Offerings => &[
            ("institution", Kind::Institutions),
            ("course", Kind::Courses),
            ("program", Kind::Programs),
            ("term", Kind::Terms),
            ("campus", Kind::Campuses),
            ("reserved_for", Kind::Businesses),
        ],
        Kind::Regions | Kind::Industries | Kind::Competencies | Kind::Institutions | Kind::Businesses => &[],
    };
    let mut found: Vec<(Kind, &str)> = columns.iter().filter_map(|(column, kind)| Some((*kind, record.text(column)?))).collect();
    let lists: &[(&str, Kind)] = match record.kind {
        Kind::Credentials | Kind::Courses | Kind::Assessments => &[("competencies", Kind::Competencies)],
        Kind::Offerings => &[("instructors", Kind::Staff)],
        _ => &[],
    };
    found.extend(lists.iter().flat_map(|(column, kind)| record.list(column).iter().map(|key| (*kind, key.as_str()))));
    match record.kind {
        Kind::Programs => found.extend(record.components("components").iter().map(|component| (Kind::Courses, component.course.as_str()))),
        Kind::Requirements => found.extend(record.options("options").iter().map(|option| (subject(option.subject), option.key.as_str()))),
        _ => {}
    }
    found
}

/// The kind of a requirement's option.
pub(super) const fn subject(subject: Subject) -> Kind {
    match subject {
        Subject::Course => Kind::Courses,
        Subject::Program => Kind::Programs,
        Subject::Credential => Kind::Credentials,
    }
}

/// The texts of a column, in records that have it.
fn texts(records: &[Record], column: &str) -> BTreeSet<String> {
    let having = records.iter().filter(|record| record.kind.column(column).is_some());
    having.filter_map(|record| record.text(column)).map(str::to_owned).collect()
}

impl References {
    /// Looks up what the records of a batch refer to.
    pub(super) async fn load(connection: &mut Connection<'_>, system: &str, kind: Kind, records: &[Record]) -> Result<Self, StoreError> {
        let keys: Vec<String> = records.iter().map(|record| record.key().to_owned()).collect();
        let mut loaded = Self { own: import::known(connection, system, table(kind), &keys).await?, ..Self::default() };
        let named: BTreeSet<(Kind, &str)> = records.iter().flat_map(references).collect();
        for of in Kind::ALL {
            let keys: Vec<String> = named.iter().filter(|(kind, _)| *kind == of).map(|(_, key)| (*key).to_owned()).collect();
            let found = import::known(connection, system, table(of), &keys).await?;
            loaded.named.extend(found.into_iter().map(|(key, known)| ((of, key), known)));
        }
        loaded.load_codes(connection, records).await?;
        loaded.load_institutions(connection, kind, records).await?;
        if kind == Kind::Offerings {
            for of in [Kind::Courses, Kind::Programs] {
                let ids: Vec<Uuid> = loaded.named.iter().filter(|((kind, _), _)| *kind == of).map(|(_, known)| known.id).collect();
                loaded.subjects.extend(import::subjects(connection, table(of), &ids).await?);
            }
        }
        Ok(loaded)
    }

    async fn load_codes(&mut self, connection: &mut Connection<'_>, records: &[Record]) -> Result<(), StoreError> {
        let listed =
            records.iter().filter(|record| record.kind == Kind::Programs).flat_map(|record| record.list("industries").iter().cloned());
        let regions = texts(records, "region");
        let mut industries = texts(records, "industry");
        industries.extend(listed);
        if !regions.is_empty() {
            self.regions = import::codes(connection, "region", "code", "name", &regions.into_iter().collect::<Vec<_>>()).await?;
        }
        if !industries.is_empty() {
            self.industries =
                import::codes(connection, "industry", "naics_code", "title", &industries.into_iter().collect::<Vec<_>>()).await?;
        }
        Ok(())
    }

    async fn load_institutions(&mut self, connection: &mut Connection<'_>, kind: Kind, records: &[Record]) -> Result<(), StoreError> {
        match kind {
            Kind::Institutions => {
                let wanted: Vec<String> = records.iter().map(super::build::slug).collect();
                self.slugs = import::slugs(connection, &wanted).await?;
                let ids: Vec<Uuid> = self.own.values().map(|known| known.id).collect();
                self.own_slugs = import::column(connection, "institution", "slug", &ids).await?;
            }
            Kind::Campuses => {
                let ids: Vec<Uuid> = self.named.values().map(|known| known.id).collect();
                self.institution_regions = import::column(connection, "institution", "region_code", &ids).await?;
            }
            _ => {}
        }
        Ok(())
    }

    /// What a column names; a problem when it names nothing.
    pub(super) fn find(&self, record: &Record, column: &str, kind: Kind, key: &str) -> Result<&Known, Problem> {
        let missing = || record.problem(column, format!("no row of {} has this key", kind.name()), Some(key));
        self.named.get(&(kind, key.to_owned())).ok_or_else(missing)
    }

    /// What a column names, if it names anything.
    pub(super) fn maybe(&self, record: &Record, column: &str, kind: Kind) -> Result<Option<&Known>, Problem> {
        record.text(column).map(|key| self.find(record, column, kind, key)).transpose()
    }

    /// A region's code.
    pub(super) fn region(&self, record: &Record) -> Result<Option<String>, Problem> {
        record
            .text("region")
            .map(|code| {
                if self.regions.contains_key(code) {
                    Ok(code.to_owned())
                } else {
                    Err(record.problem("region", "no region has this code", Some(code)))
                }
            })
            .transpose()
    }

    /// An industry's code.
    pub(super) fn industry(&self, record: &Record, column: &str, code: &str) -> Result<String, Problem> {
        if self.industries.contains_key(code) {
            Ok(code.to_owned())
        } else {
            Err(record.problem(column, "no industry has this NAICS code", Some(code)))
        }
    }

    /// Status and price of what an offering teaches.
    pub(super) fn subject(&self, id: Uuid) -> Option<&(String, Option<i64>)> {
        self.subjects.get(&id)
    }

    /// The region of an institution.
    pub(super) fn institution_region(&self, id: Uuid) -> Option<&str> {
        self.institution_regions.get(&id).map(String::as_str)
    }
}
