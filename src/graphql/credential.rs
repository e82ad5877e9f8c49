//! Credentials, their requirements and what they count for.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, Result, Union};

use super::alignment::Alignment;
use super::catalog_status::CatalogStatus;
use super::competency::Competency;
use super::course::Course;
use super::institution::Institution;
use super::page::connection;
use super::program::Program;
use super::read::{id, int, list, maybe, maybe_int, one, required, value};
use super::scalars::{Date, DateTime, Url};
use crate::domain::id::Kind;
use crate::store::{Link, Row};

/// The definition of something a learner can earn. Maps to an Open Badges 3.0 Achievement. Visible to: anyone.
#[derive(Debug, Clone)]
pub struct Credential(pub Arc<Row>);

/// The definition of something a learner can earn. Maps to an Open Badges 3.0 Achievement. Visible to: anyone.
#[Object]
impl Credential {
    /// Global identifier. Visible to: anyone.
    pub async fn id(&self) -> Result<ID> {
        id(&self.0)
    }

    /// Institution that issues it. Visible to: anyone.
    async fn issuer(&self, ctx: &Context<'_>) -> Result<Institution> {
        one(&self.0, ctx, Institution)
    }

    /// Kind of credential. Visible to: anyone.
    async fn kind(&self) -> Result<CredentialKind> {
        value(&self.0, "kind")
    }

    /// Whether it is open to the public. Drafts are visible to staff only. Visible to: anyone.
    async fn status(&self) -> Result<CatalogStatus> {
        value(&self.0, "status")
    }

    /// Name. Visible to: anyone.
    async fn name(&self) -> Result<&str> {
        Ok(self.0.text("name")?)
    }

    /// What it says about its holder. Visible to: anyone.
    async fn description(&self) -> Result<&str> {
        Ok(self.0.text("description")?)
    }

    /// How it is earned, in Markdown. Visible to: anyone.
    async fn criteria(&self) -> Result<&str> {
        Ok(self.0.text("criteria")?)
    }

    /// Badge image. Visible to: anyone.
    async fn image_url(&self) -> Result<Option<Url>> {
        Ok(self.0.optional_text("image_url")?.map(Url::from))
    }

    /// Months until an award expires; null when it does not. Visible to: anyone.
    async fn valid_months(&self) -> Result<Option<i32>> {
        maybe_int(&self.0, "valid_months")
    }

    /// What it attests. At most 30. Visible to: anyone.
    async fn competencies(&self, ctx: &Context<'_>) -> Result<Vec<Competency>> {
        list(&self.0, ctx, Competency)
    }

    /// External identities such as the CTID. At most 20. Visible to: anyone.
    async fn alignments(&self, ctx: &Context<'_>) -> Result<Vec<Alignment>> {
        list(&self.0, ctx, Alignment)
    }

    /// What must be earned or passed first; all of them. At most 10. Empty when a course or program awards it directly. Visible to: anyone.
    async fn requirements(&self, ctx: &Context<'_>) -> Result<Vec<CredentialRequirement>> {
        list(&self.0, ctx, CredentialRequirement)
    }

    /// Credentials that count this one toward their requirements. At most 20. Visible to: anyone.
    async fn stacks_into(&self, ctx: &Context<'_>) -> Result<Vec<Credential>> {
        list(&self.0, ctx, Credential)
    }

    /// Academic credit it is accepted for. At most 50. Visible to: anyone.
    async fn articulations(&self, ctx: &Context<'_>) -> Result<Vec<CreditArticulation>> {
        list(&self.0, ctx, CreditArticulation)
    }

    /// When it last changed; send it back as `expectedUpdatedAt`. Visible to: anyone.
    async fn updated_at(&self) -> Result<DateTime> {
        required(self.0.instant("updated_at")?.map(DateTime))
    }
}

connection!(
    CredentialConnection,
    CredentialEdge,
    Credential,
    "A page of Credential items. Visible to: anyone.",
    "A Credential in a page. Visible to: anyone."
);

/// Kind of credential.
#[derive(Debug, Enum, Copy, Clone, PartialEq, Eq)]
pub enum CredentialKind {
    /// Digital badge for a course or pathway.
    MicroCredential,
    /// Certificate, including graduate certificates.
    Certificate,
    /// Academic degree.
    Degree,
    /// Certification owned by an outside body.
    IndustryCertification,
}

/// One requirement of a stackable credential: a number of options out of a set. Visible to: anyone.
#[derive(Debug, Clone)]
pub struct CredentialRequirement(pub Arc<Row>);

/// One requirement of a stackable credential: a number of options out of a set. Visible to: anyone.
#[Object]
impl CredentialRequirement {
    /// Name of the requirement. Visible to: anyone.
    async fn title(&self) -> Result<&str> {
        Ok(self.0.text("title")?)
    }

    /// How many options must be met. Visible to: anyone.
    async fn choose(&self) -> Result<i32> {
        int(&self.0, "choose")
    }

    /// The options. At most 30. Visible to: anyone.
    async fn options(&self, ctx: &Context<'_>) -> Result<Vec<Requirable>> {
        Requirable::options(&self.0, ctx)
    }
}

/// An agreement that a credential counts for academic credit. Visible to: anyone.
#[derive(Debug, Clone)]
pub struct CreditArticulation(pub Arc<Row>);

/// An agreement that a credential counts for academic credit. Visible to: anyone.
#[Object]
impl CreditArticulation {
    /// Credential that is accepted. Visible to: anyone.
    async fn credential(&self, ctx: &Context<'_>) -> Result<Credential> {
        one(&self.0, ctx, Credential)
    }

    /// Institution that accepts it. Visible to: anyone.
    async fn institution(&self, ctx: &Context<'_>) -> Result<Institution> {
        one(&self.0, ctx, Institution)
    }

    /// Full-credit program the credit applies to, retired ones too; null for general credit. Visible to: anyone.
    async fn program(&self, ctx: &Context<'_>) -> Option<Result<Program>> {
        maybe(&self.0, ctx, Program).transpose()
    }

    /// Course code it stands for. Visible to: anyone.
    async fn course_equivalent(&self) -> Result<Option<&str>> {
        Ok(self.0.optional_text("course_equivalent")?)
    }

    /// Credit hours granted. Visible to: anyone.
    async fn credits(&self) -> Result<f64> {
        required(self.0.real("credits")?)
    }

    /// First day in force. Visible to: anyone.
    async fn valid_from(&self) -> Result<Date> {
        required(self.0.date("valid_from")?.map(Date))
    }

    /// Last day in force; null when open-ended. Visible to: anyone.
    async fn valid_through(&self) -> Result<Option<Date>> {
        Ok(self.0.date("valid_through")?.map(Date))
    }
}

/// Limits credentials. Combines as CourseFilter does.
#[derive(Debug, InputObject, Clone)]
pub struct CredentialFilter {
    /// Issued by one of these institutions. At most 50.
    pub issuer_ids: Option<Vec<ID>>,
    /// Of one of these kinds.
    pub kinds: Option<Vec<CredentialKind>>,
    /// Attests one of these. At most 50.
    pub competency_ids: Option<Vec<ID>>,
    /// Accepted for credit by this program.
    pub articulates_to_program_id: Option<ID>,
}

/// What a stackable credential can ask for.
#[derive(Debug, Clone, Union)]
pub enum Requirable {
    /// A course.
    Course(Course),
    /// A program.
    Program(Program),
    /// A credential.
    Credential(Credential),
}

impl Requirable {
    /// The options of a requirement; those that the caller may not see are left out.
    fn options(row: &Row, ctx: &Context<'_>) -> Result<Vec<Self>> {
        let options = list(row, ctx, |option| option)?;
        let target = |option: &Arc<Row>| match option.link("target") {
            Ok(Link::One(Some(row))) => Some(Ok(Self::from(Arc::clone(row)))),
            Ok(_) => None,
            Err(error) => Some(Err(error.into())),
        };
        options.iter().filter_map(target).collect()
    }
}

impl From<Arc<Row>> for Requirable {
    fn from(row: Arc<Row>) -> Self {
        match row.noun().kind {
            Some(Kind::Program) => Self::Program(Program(row)),
            Some(Kind::Credential) => Self::Credential(Credential(row)),
            _ => Self::Course(Course(row)),
        }
    }
}
