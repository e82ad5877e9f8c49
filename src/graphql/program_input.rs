//! What is written of programs.

use async_graphql::{ID, InputObject};

use super::act::payload;
use super::catalog_status::CatalogStatus;
use super::program::{Program, ProgramKind};
use super::scalars::{DateTime, Money};

/// Input of `programCreate`.
#[derive(Debug, InputObject, Clone)]
pub struct ProgramCreateInput {
    /// Institution that runs it.
    pub institution_id: ID,
    /// Its values.
    pub fields: ProgramFields,
}

/// Input of `programUpdate`.
#[derive(Debug, InputObject, Clone)]
pub struct ProgramUpdateInput {
    /// The program.
    pub id: ID,
    /// Refuses with STALE when the program changed since.
    pub expected_updated_at: Option<DateTime>,
    /// Its new values.
    pub fields: ProgramFields,
}

/// What can be set on a program. In an update, a field left out stays as it is and null clears it.
#[derive(Debug, InputObject, Clone)]
pub struct ProgramFields {
    /// Kind of program. Required to create.
    pub kind: Option<ProgramKind>,
    /// Title. Required to create.
    pub title: Option<String>,
    /// One paragraph of plain text. Required to create.
    pub summary: Option<String>,
    /// Full description in Markdown.
    pub description: Option<String>,
    /// Whether it is open to the public. DRAFT when created without it.
    pub status: Option<CatalogStatus>,
    /// Usual length in weeks.
    pub duration_weeks: Option<i32>,
    /// Hours of soft-skill training inside it.
    pub soft_skill_hours: Option<f64>,
    /// List price.
    pub price: Option<Money>,
    /// What a learner takes. Replaces the list. At most 40.
    pub components: Option<Vec<ProgramComponentInput>>,
    /// Credential a learner earns.
    pub credential_id: Option<ID>,
    /// Industries it serves. Replaces the list. At most 10.
    pub naics_codes: Option<Vec<String>>,
}

/// One step of a program.
#[derive(Debug, InputObject, Clone)]
pub struct ProgramComponentInput {
    /// The course to take.
    pub course_id: ID,
    /// Whether every learner must take it.
    #[graphql(default = true)]
    pub is_required: bool,
    /// Position.
    pub sequence: i32,
}

payload!(ProgramCreatePayload, program: Program, "Result of `programCreate`. Visible to: staff.", "The new program. Visible to: staff.", "Problems the caller can fix; empty on success. Visible to: staff.");
payload!(ProgramUpdatePayload, program: Program, "Result of `programUpdate`. Visible to: staff.", "The changed program. Visible to: staff.", "Problems the caller can fix; empty on success. Visible to: staff.");
