//! What is written of credentials.

use async_graphql::{ID, InputObject};

use super::act::payload;
use super::catalog_status::CatalogStatus;
use super::credential::{Credential, CredentialKind};
use super::scalars::DateTime;

/// Input of `credentialCreate`.
#[derive(Debug, InputObject, Clone)]
pub struct CredentialCreateInput {
    /// Institution that issues it.
    pub issuer_id: ID,
    /// Its values.
    pub fields: CredentialFields,
}

/// Input of `credentialUpdate`.
#[derive(Debug, InputObject, Clone)]
pub struct CredentialUpdateInput {
    /// The credential.
    pub id: ID,
    /// Refuses with STALE when the credential changed since.
    pub expected_updated_at: Option<DateTime>,
    /// Its new values.
    pub fields: CredentialFields,
}

/// What can be set on a credential. In an update, a field left out stays as it is and null clears it.
#[derive(Debug, InputObject, Clone)]
pub struct CredentialFields {
    /// Kind of credential. Required to create.
    pub kind: Option<CredentialKind>,
    /// Name. Required to create.
    pub name: Option<String>,
    /// What it says about its holder. Required to create.
    pub description: Option<String>,
    /// How it is earned, in Markdown. Required to create.
    pub criteria: Option<String>,
    /// Whether it is open to the public. DRAFT when created without it.
    pub status: Option<CatalogStatus>,
    /// Months until an award expires.
    pub valid_months: Option<i32>,
    /// What it attests. Replaces the list. At most 30.
    pub competency_ids: Option<Vec<ID>>,
    /// What must be earned or passed first. Replaces the list. At most 10.
    pub requirements: Option<Vec<CredentialRequirementInput>>,
}

/// One requirement of a stackable credential.
#[derive(Debug, InputObject, Clone)]
pub struct CredentialRequirementInput {
    /// Name of the requirement.
    pub title: String,
    /// How many options must be met.
    pub choose: i32,
    /// Courses, programs or credentials to choose from, each once and never the credential itself. At most 30.
    pub option_ids: Vec<ID>,
}

payload!(CredentialCreatePayload, credential: Credential, "Result of `credentialCreate`. Visible to: staff.", "The new credential. Visible to: staff.", "Problems the caller can fix; empty on success. Visible to: staff.");
payload!(CredentialUpdatePayload, credential: Credential, "Result of `credentialUpdate`. Visible to: staff.", "The changed credential. Visible to: staff.", "Problems the caller can fix; empty on success. Visible to: staff.");
