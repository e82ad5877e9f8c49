//! What is written of courses.

use async_graphql::{ID, InputObject};

use super::act::payload;
use super::catalog_status::CatalogStatus;
use super::course::Course;
use super::scalars::{DateTime, Money};

/// Input of `courseCreate`.
#[derive(Debug, InputObject, Clone)]
pub struct CourseCreateInput {
    /// Institution that owns it.
    pub institution_id: ID,
    /// Its values.
    pub fields: CourseFields,
}

/// Input of `courseUpdate`.
#[derive(Debug, InputObject, Clone)]
pub struct CourseUpdateInput {
    /// The course.
    pub id: ID,
    /// Refuses with STALE when the course changed since.
    pub expected_updated_at: Option<DateTime>,
    /// Its new values.
    pub fields: CourseFields,
}

/// What can be set on a course. In an update, a field left out stays as it is and null clears it.
#[derive(Debug, InputObject, Clone)]
pub struct CourseFields {
    /// Code in the catalog; TAKEN when another course of the institution has it that is not retired. Required to create.
    pub code: Option<String>,
    /// Title. Required to create.
    pub title: Option<String>,
    /// One paragraph of plain text. Required to create.
    pub summary: Option<String>,
    /// Full description in Markdown.
    pub description: Option<String>,
    /// Whether it is open to the public. DRAFT when created without it.
    pub status: Option<CatalogStatus>,
    /// Credit hours; null for non-credit courses.
    pub credits: Option<f64>,
    /// Scheduled hours.
    pub contact_hours: Option<f64>,
    /// Hours of soft-skill training inside it.
    pub soft_skill_hours: Option<f64>,
    /// List price. Required to create.
    pub price: Option<Money>,
    /// Languages of instruction as BCP 47 tags; `en` when left out of a new course, or cleared. At most 5.
    pub languages: Option<Vec<String>>,
    /// What it teaches. Replaces the list. At most 30.
    pub competency_ids: Option<Vec<ID>>,
    /// Courses to pass first, each once and never the course itself. Replaces the list. At most 10.
    pub prerequisite_ids: Option<Vec<ID>>,
    /// Credential earned by passing it.
    pub credential_id: Option<ID>,
}

payload!(CourseCreatePayload, course: Course, "Result of `courseCreate`. Visible to: staff.", "The new course. Visible to: staff.", "Problems the caller can fix; empty on success. Visible to: staff.");
payload!(CourseUpdatePayload, course: Course, "Result of `courseUpdate`. Visible to: staff.", "The changed course. Visible to: staff.", "Problems the caller can fix; empty on success. Visible to: staff.");
