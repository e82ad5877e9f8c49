//! Awards.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, Result};

use super::act::payload;
use super::competency::Competency;
use super::credential::Credential;
use super::enrollment::Enrollment;
use super::gate::{gated, tell};
use super::learner::Learner;
use super::page::connection;
use super::read::{id, list, maybe, one, required};
use super::scalars::{Date, DateTime, Url, Uuid};
use crate::domain::id::digits;
use crate::identity::Identity;
use crate::service::Actor;
use crate::store::Row;
use crate::store::award::Standing;

/// An issued credential. Reached by anyone who holds its verification code, otherwise as `Learner.awards` and `Enrollment.award` say. Visible to: anyone.
#[derive(Debug, Clone)]
pub struct Award(pub Arc<Row>);

/// An issued credential. Reached by anyone who holds its verification code, otherwise as `Learner.awards` and `Enrollment.award` say. Visible to: anyone.
#[Object]
impl Award {
    /// Global identifier. Visible to: anyone.
    pub async fn id(&self, ctx: &Context<'_>) -> Result<ID> {
        tell(ctx, &self.0, "id")?;
        id(&self.0)
    }

    /// What was earned. Visible to: anyone.
    async fn credential(&self, ctx: &Context<'_>) -> Result<Credential> {
        tell(ctx, &self.0, "credential")?;
        one(&self.0, ctx, Credential)
    }

    /// Whether it is valid now. Visible to: anyone.
    async fn status(&self, ctx: &Context<'_>) -> Result<AwardStatus> {
        tell(ctx, &self.0, "status")?;
        Ok(Standing::of(&self.0, ctx.data::<Actor>()?.clock.today())?.into())
    }

    /// Day it was issued. Visible to: anyone.
    async fn issued_on(&self, ctx: &Context<'_>) -> Result<Date> {
        tell(ctx, &self.0, "issuedOn")?;
        required(self.0.date("issued_on")?.map(Date))
    }

    /// Last day of validity; null when it does not expire. Visible to: anyone.
    async fn expires_on(&self, ctx: &Context<'_>) -> Result<Option<Date>> {
        tell(ctx, &self.0, "expiresOn")?;
        Ok(self.0.date("expires_on")?.map(Date))
    }

    /// When it was revoked; null when it was not. Visible to: anyone.
    async fn revoked_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime>> {
        tell(ctx, &self.0, "revokedAt")?;
        Ok(self.0.instant("revoked_at")?.map(DateTime))
    }

    /// Why it was revoked. Visible to: learner, staff, admins.
    async fn revocation_reason(&self, ctx: &Context<'_>) -> Option<Result<&str>> {
        gated(ctx, &self.0, || Ok(self.0.optional_text("revocation_reason")?))
    }

    /// Public page that proves it. It does not name the learner. Visible to: anyone.
    async fn verification_url(&self, ctx: &Context<'_>) -> Result<Url> {
        tell(ctx, &self.0, "verificationUrl")?;
        let address = ctx.data::<Identity>()?.own().map_or("", |own| own.url());
        Ok(Url(format!("{address}/awards/{}", digits(required(self.0.uuid("code")?)?))))
    }

    /// What it attests, fixed when issued. At most 30. Visible to: anyone.
    async fn competencies(&self, ctx: &Context<'_>) -> Result<Vec<Competency>> {
        tell(ctx, &self.0, "competencies")?;
        list(&self.0, ctx, Competency)
    }

    /// Who holds it. Visible to: learner, staff, instructors, navigators, sponsor (AWARDS), admins.
    async fn learner(&self, ctx: &Context<'_>) -> Option<Result<Learner>> {
        gated(ctx, &self.0, || maybe(&self.0, ctx, Learner))
    }

    /// Enrollment it came from; null when it was issued by hand without one. Visible to: learner, staff, instructors, navigators, sponsor (ENROLLMENT), admins.
    async fn enrollment(&self, ctx: &Context<'_>) -> Option<Result<Enrollment>> {
        gated(ctx, &self.0, || maybe(&self.0, ctx, Enrollment))
    }
}

connection!(AwardConnection, AwardEdge, Award, "A page of Award items. Visible to: anyone.", "An Award in a page. Visible to: anyone.");

/// Whether an award is valid.
#[derive(Debug, Enum, Copy, Clone, PartialEq, Eq)]
pub enum AwardStatus {
    /// In force.
    Valid,
    /// Past its last day.
    Expired,
    /// Withdrawn by the issuer for good.
    Revoked,
}

impl From<Standing> for AwardStatus {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Valid => Self::Valid,
            Standing::Expired => Self::Expired,
            Standing::Revoked => Self::Revoked,
        }
    }
}

/// Input of `awardIssue`.
#[derive(Debug, InputObject, Clone)]
pub struct AwardIssueInput {
    /// Made once by the client for each intended effect. Repeating a request with the same key within 7 days returns the first result.
    pub idempotency_key: Uuid,
    /// Who earned it: a learner whom the institution knows.
    pub learner_id: ID,
    /// What was earned: a credential of the institution that is no draft.
    pub credential_id: ID,
    /// Enrollment it came from: one that the learner has completed, and which leads to the credential.
    pub enrollment_id: Option<ID>,
}

/// Input of `awardRevoke`.
#[derive(Debug, InputObject, Clone)]
pub struct AwardRevokeInput {
    /// The award.
    pub id: ID,
    /// Why; at most 500 characters.
    pub reason: String,
}

payload!(AwardIssuePayload, award: Award, "Result of `awardIssue`. Visible to: staff.", "The new award. Visible to: staff.", "Problems the caller can fix, all of them at once; empty on success. Visible to: staff.");
payload!(AwardRevokePayload, award: Award, "Result of `awardRevoke`. Visible to: staff.", "The revoked award. Visible to: staff.", "Problems the caller can fix; empty on success. Visible to: staff.");
