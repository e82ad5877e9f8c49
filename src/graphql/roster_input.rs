//! What is written of rosters, and of what learners let businesses see.

use std::sync::Arc;

use async_graphql::{ID, InputObject, Object};

use super::act::payload;
use super::consent_grant::{ConsentGrant, ConsentScope};
use super::employee::Employee;
use super::scalars::DateTime;
use super::user_error::UserError;
use crate::service::roster::Item;
use crate::store::Row;

/// Input of `employeesUpsert`.
#[derive(Debug, InputObject, Clone)]
pub struct EmployeesUpsertInput {
    /// The business.
    pub business_id: ID,
    /// The entries. At most 250.
    pub items: Vec<EmployeeItem>,
}

/// A roster entry to create or change, matched by employee number or else by email. Somebody who was separated is invited anew, and so is whoever has another address before confirming; codes from before are good no longer.
#[derive(Debug, InputObject, Clone)]
pub struct EmployeeItem {
    /// Number in the business's own system. Left out, a number that is known stays.
    pub number: Option<String>,
    /// Name.
    pub name: String,
    /// Work email; an invitation is made for it once. Of somebody LINKED who is matched by number, address and name do not both change at once (TAKEN).
    pub email: String,
    /// Job title.
    pub job_title: Option<String>,
    /// O*NET-SOC code of the job.
    pub onet_code: Option<String>,
    /// Where the person works.
    pub site_id: Option<ID>,
}

impl From<EmployeeItem> for Item {
    fn from(item: EmployeeItem) -> Self {
        Self {
            number: item.number,
            name: item.name,
            email: item.email,
            job_title: item.job_title,
            onet_code: item.onet_code,
            site: item.site_id.map(|id| id.0),
        }
    }
}

/// Entries that an act has written.
#[derive(Debug, Default)]
pub struct Written {
    /// The entries, in order.
    pub rows: Option<Vec<Arc<Row>>>,
    /// Codes of new invitations.
    pub codes: Option<Vec<Option<String>>>,
    /// What the caller can mend.
    pub errors: Vec<UserError>,
}

/// Result of `employeesUpsert`. Visible to: business.
#[derive(Debug)]
pub struct EmployeesUpsertPayload(pub Written);

/// Result of `employeesUpsert`. Visible to: business.
#[Object]
impl EmployeesUpsertPayload {
    /// The entries, in order. At most 250. Visible to: business.
    async fn employees(&self) -> Option<Vec<Employee>> {
        self.0.rows.clone().map(|rows| rows.into_iter().map(Employee).collect())
    }

    /// For each entry, in order, the code of its new invitation, to be passed on to the person; null where none was made. Told this once. At most 250. Visible to: business.
    async fn invitation_codes(&self) -> Option<&Vec<Option<String>>> {
        self.0.codes.as_ref()
    }

    /// Problems the caller can fix; empty on success. Visible to: business.
    async fn user_errors(&self) -> Vec<UserError> {
        self.0.errors.clone()
    }
}

/// Input of `employeesSeparate`.
#[derive(Debug, InputObject, Clone)]
pub struct EmployeesSeparateInput {
    /// Roster entries. At most 250.
    pub ids: Vec<ID>,
    /// Confirms that more of the roster is meant than the set share; without it such a call is refused with REQUIRED.
    #[graphql(default)]
    pub is_confirmed: bool,
}

/// Result of `employeesSeparate`. Visible to: business.
#[derive(Debug)]
pub struct EmployeesSeparatePayload(pub Written);

/// Result of `employeesSeparate`. Visible to: business.
#[Object]
impl EmployeesSeparatePayload {
    /// The entries, in order. At most 250. Visible to: business.
    async fn employees(&self) -> Option<Vec<Employee>> {
        self.0.rows.clone().map(|rows| rows.into_iter().map(Employee).collect())
    }

    /// Problems the caller can fix; empty on success. Visible to: business.
    async fn user_errors(&self) -> Vec<UserError> {
        self.0.errors.clone()
    }
}

/// Input of `employeesInvite`.
#[derive(Debug, InputObject, Clone)]
pub struct EmployeesInviteInput {
    /// Roster entries that are INVITED. At most 250.
    pub ids: Vec<ID>,
}

/// Result of `employeesInvite`. Visible to: business.
#[derive(Debug)]
pub struct EmployeesInvitePayload(pub Written);

/// Result of `employeesInvite`. Visible to: business.
#[Object]
impl EmployeesInvitePayload {
    /// The entries, in order. At most 250. Visible to: business.
    async fn employees(&self) -> Option<Vec<Employee>> {
        self.0.rows.clone().map(|rows| rows.into_iter().map(Employee).collect())
    }

    /// For each entry, in order, the code of its new invitation, to be passed on to the person. Told this once. At most 250. Visible to: business.
    async fn invitation_codes(&self) -> Option<&Vec<Option<String>>> {
        self.0.codes.as_ref()
    }

    /// Problems the caller can fix; empty on success. Visible to: business.
    async fn user_errors(&self) -> Vec<UserError> {
        self.0.errors.clone()
    }
}

/// Input of `employmentConfirm`.
#[derive(Debug, InputObject, Clone)]
pub struct EmploymentConfirmInput {
    /// Code from the invitation.
    pub invitation_code: String,
    /// What the business may see; may be empty. At most 10.
    pub scopes: Vec<ConsentScope>,
}

/// Input of `consentGrant`.
#[derive(Debug, InputObject, Clone)]
pub struct ConsentGrantInput {
    /// Institution or business.
    pub grantee_id: ID,
    /// What it may see. At most 10.
    pub scopes: Vec<ConsentScope>,
    /// When it ends by itself.
    pub expires_at: Option<DateTime>,
    /// Why, in the words that the learner was shown; at most 500 characters.
    pub purpose: Option<String>,
    /// Version of these words; at most 40 characters.
    pub text_version: Option<String>,
}

/// Input of `consentRevoke`.
#[derive(Debug, InputObject, Clone)]
pub struct ConsentRevokeInput {
    /// The consent.
    pub id: ID,
}

payload!(EmploymentConfirmPayload, employee: Employee, "Result of `employmentConfirm`. Visible to: learner.", "The linked roster entry. Visible to: learner.", "Problems the caller can fix; empty on success. Visible to: learner.");
payload!(ConsentGrantPayload, consent: ConsentGrant, "Result of `consentGrant`. Visible to: learner.", "The consent. Visible to: learner.", "Problems the caller can fix; empty on success. Visible to: learner.");
payload!(ConsentRevokePayload, consent: ConsentGrant, "Result of `consentRevoke`. Visible to: learner.", "The revoked consent. Visible to: learner.", "Problems the caller can fix; empty on success. Visible to: learner.");
