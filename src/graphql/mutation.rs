//! The root of all writing.

use async_graphql::{Context, Object, Result};

use super::access_input::{AccessRevokeInput, AccessRevokePayload};
use super::act;
use super::act_enrollment;
use super::act_import;
use super::act_job;
use super::act_record;
use super::act_roster;
use super::act_sponsorship;
use super::assessment_result::{AssessmentResultsRecordInput, AssessmentResultsRecordPayload};
use super::award::{AwardIssueInput, AwardIssuePayload, AwardRevokeInput, AwardRevokePayload};
use super::business_input::{BusinessCreateInput, BusinessCreatePayload, BusinessUpdateInput, BusinessUpdatePayload};
use super::cost::cost;
use super::course_input::{CourseCreateInput, CourseCreatePayload, CourseUpdateInput, CourseUpdatePayload};
use super::credential_input::{CredentialCreateInput, CredentialCreatePayload, CredentialUpdateInput, CredentialUpdatePayload};
use super::enrollment_input::{
    EnrollmentBulkRequestInput, EnrollmentBulkRequestPayload, EnrollmentRequestInput, EnrollmentRequestPayload, EnrollmentTransitionInput,
    EnrollmentTransitionPayload,
};
use super::import_input::{ImportStartInput, ImportStartPayload};
use super::job_input::{
    EnrollmentJobStartInput, EnrollmentJobStartPayload, JobCancelInput, JobCancelPayload, UploadCreateInput, UploadCreatePayload,
};
use super::offering_input::{OfferingCreateInput, OfferingCreatePayload, OfferingUpdateInput, OfferingUpdatePayload};
use super::program_input::{ProgramCreateInput, ProgramCreatePayload, ProgramUpdateInput, ProgramUpdatePayload};
use super::roster_input::{
    ConsentGrantInput, ConsentGrantPayload, ConsentRevokeInput, ConsentRevokePayload, EmployeesInviteInput, EmployeesInvitePayload,
    EmployeesSeparateInput, EmployeesSeparatePayload, EmployeesUpsertInput, EmployeesUpsertPayload, EmploymentConfirmInput,
    EmploymentConfirmPayload,
};
use super::sponsorship_input::{
    SponsorshipCreateInput, SponsorshipCreatePayload, SponsorshipUpdateInput, SponsorshipUpdatePayload, VouchersIssueInput,
    VouchersIssuePayload, VouchersVoidInput, VouchersVoidPayload,
};
use crate::service::{business, course, credential, offering, program};

/// The entry points for writing. Each field is one business action and one transaction; fields of one request run in order.
#[derive(Debug, Clone, Copy)]
pub struct Mutation;

/// The entry points for writing. Each field is one business action and one transaction; fields of one request run in order.
#[Object]
impl Mutation {
    /// Creates a course. Allowed for: staff.
    #[graphql(directive = cost::apply("10".into()))]
    async fn course_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: CourseCreateInput,
    ) -> Option<Result<CourseCreatePayload>> {
        Some(act::create(ctx, &course::SHAPE, "institutionId").await.map(CourseCreatePayload::of))
    }

    /// Changes a course. Allowed for: staff.
    #[graphql(directive = cost::apply("10".into()))]
    async fn course_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: CourseUpdateInput,
    ) -> Option<Result<CourseUpdatePayload>> {
        Some(act::update(ctx, &course::SHAPE).await.map(CourseUpdatePayload::of))
    }

    /// Creates a program. Allowed for: staff.
    #[graphql(directive = cost::apply("10".into()))]
    async fn program_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ProgramCreateInput,
    ) -> Option<Result<ProgramCreatePayload>> {
        Some(act::create(ctx, &program::SHAPE, "institutionId").await.map(ProgramCreatePayload::of))
    }

    /// Changes a program. Allowed for: staff.
    #[graphql(directive = cost::apply("10".into()))]
    async fn program_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ProgramUpdateInput,
    ) -> Option<Result<ProgramUpdatePayload>> {
        Some(act::update(ctx, &program::SHAPE).await.map(ProgramUpdatePayload::of))
    }

    /// Creates an offering. Allowed for: staff.
    #[graphql(directive = cost::apply("10".into()))]
    async fn offering_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: OfferingCreateInput,
    ) -> Option<Result<OfferingCreatePayload>> {
        Some(act::create(ctx, &offering::SHAPE, "subjectId").await.map(OfferingCreatePayload::of))
    }

    /// Changes an offering. Moving it to CANCELLED cancels its enrollments and releases their funding, moving it to FINISHED those that wait. Seats that it makes free are offered to the waitlist at once. Allowed for: staff.
    #[graphql(directive = cost::apply("10".into()))]
    async fn offering_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: OfferingUpdateInput,
    ) -> Option<Result<OfferingUpdatePayload>> {
        Some(act::update(ctx, &offering::SHAPE).await.map(OfferingUpdatePayload::of))
    }

    /// Creates a credential definition. Allowed for: staff.
    #[graphql(directive = cost::apply("10".into()))]
    async fn credential_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: CredentialCreateInput,
    ) -> Option<Result<CredentialCreatePayload>> {
        Some(act::create(ctx, &credential::SHAPE, "issuerId").await.map(CredentialCreatePayload::of))
    }

    /// Changes a credential definition. Issued awards keep what they attested: name and kind stay once there are any. Allowed for: staff.
    #[graphql(directive = cost::apply("10".into()))]
    async fn credential_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: CredentialUpdateInput,
    ) -> Option<Result<CredentialUpdatePayload>> {
        Some(act::update(ctx, &credential::SHAPE).await.map(CredentialUpdatePayload::of))
    }

    /// Adds a partner business. Allowed for: navigators, admins.
    #[graphql(directive = cost::apply("10".into()))]
    async fn business_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: BusinessCreateInput,
    ) -> Option<Result<BusinessCreatePayload>> {
        Some(act::create_business(ctx).await.map(BusinessCreatePayload::of))
    }

    /// Changes a business. Allowed for: business, navigators, admins.
    #[graphql(directive = cost::apply("10".into()))]
    async fn business_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: BusinessUpdateInput,
    ) -> Option<Result<BusinessUpdatePayload>> {
        Some(act::update(ctx, &business::SHAPE).await.map(BusinessUpdatePayload::of))
    }

    /// Adds or changes up to 250 roster entries, all or none, and makes invitations for new people, for those who come back, and for new addresses of those who have not confirmed. Allowed for: business.
    #[graphql(directive = cost::apply("20".into()))]
    async fn employees_upsert(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: EmployeesUpsertInput,
    ) -> Option<Result<EmployeesUpsertPayload>> {
        Some(act_roster::upsert(ctx, input).await)
    }

    /// Marks up to 250 people as having left. Their consents to this business end; their learning goes on. Allowed for: business.
    #[graphql(directive = cost::apply("10".into()))]
    async fn employees_separate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: EmployeesSeparateInput,
    ) -> Option<Result<EmployeesSeparatePayload>> {
        Some(act_roster::separate(ctx, input).await)
    }

    /// Makes new invitations for up to 250 people who have not confirmed one, as after an import, which tells no codes. Their old codes are good no longer. Allowed for: business.
    #[graphql(directive = cost::apply("10".into()))]
    async fn employees_invite(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: EmployeesInviteInput,
    ) -> Option<Result<EmployeesInvitePayload>> {
        Some(act_roster::invite(ctx, input).await)
    }

    /// Confirms a roster invitation, which links the roster entry to the caller. Allowed for: learner.
    #[graphql(directive = cost::apply("10".into()))]
    async fn employment_confirm(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: EmploymentConfirmInput,
    ) -> Option<Result<EmploymentConfirmPayload>> {
        Some(act_roster::confirm(ctx, input).await.map(EmploymentConfirmPayload::of))
    }

    /// Lets a tenant see parts of the caller's record. Replaces an earlier grant to the same tenant. Allowed for: learner.
    #[graphql(directive = cost::apply("10".into()))]
    async fn consent_grant(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ConsentGrantInput,
    ) -> Option<Result<ConsentGrantPayload>> {
        Some(act_roster::grant(ctx, input).await.map(ConsentGrantPayload::of))
    }

    /// Takes a consent back. Takes effect at once, also in caches. Allowed for: learner.
    #[graphql(directive = cost::apply("10".into()))]
    async fn consent_revoke(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ConsentRevokeInput,
    ) -> Option<Result<ConsentRevokePayload>> {
        Some(act_roster::revoke(ctx, input).await.map(ConsentRevokePayload::of))
    }

    /// Creates a sponsorship. Allowed for: business.
    #[graphql(directive = cost::apply("10".into()))]
    async fn sponsorship_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: SponsorshipCreateInput,
    ) -> Option<Result<SponsorshipCreatePayload>> {
        Some(act_sponsorship::create(ctx, input).await.map(SponsorshipCreatePayload::of))
    }

    /// Changes a sponsorship. The budget cannot fall below what is spent and reserved. Allowed for: business.
    #[graphql(directive = cost::apply("10".into()))]
    async fn sponsorship_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: SponsorshipUpdateInput,
    ) -> Option<Result<SponsorshipUpdatePayload>> {
        Some(act_sponsorship::update(ctx, input).await.map(SponsorshipUpdatePayload::of))
    }

    /// Issues up to 250 vouchers from a sponsorship. Allowed for: business.
    #[graphql(directive = cost::apply("10".into()))]
    async fn vouchers_issue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: VouchersIssueInput,
    ) -> Option<Result<VouchersIssuePayload>> {
        Some(act_sponsorship::issue(ctx, input).await)
    }

    /// Takes back up to 250 vouchers that were not used, all or none: their codes pay nothing any more, and as many can be issued instead. Allowed for: business.
    #[graphql(directive = cost::apply("10".into()))]
    async fn vouchers_void(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: VouchersVoidInput,
    ) -> Option<Result<VouchersVoidPayload>> {
        Some(act_sponsorship::void(ctx, input).await)
    }

    /// Asks for a place in an offering. Waitlists the learner when it is full. Allowed for: learner, staff.
    #[graphql(directive = cost::apply("10".into()))]
    async fn enrollment_request(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: EnrollmentRequestInput,
    ) -> Option<Result<EnrollmentRequestPayload>> {
        Some(act_enrollment::request(ctx, input).await.map(EnrollmentRequestPayload::of))
    }

    /// Asks for up to 250 places at once. Each item stands or falls alone; `userErrors` is for the request as a whole. Allowed for: business, staff.
    #[graphql(directive = cost::apply("50".into()))]
    async fn enrollment_bulk_request(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: EnrollmentBulkRequestInput,
    ) -> Option<Result<EnrollmentBulkRequestPayload>> {
        Some(act_enrollment::bulk(ctx, input).await)
    }

    /// Moves an enrollment to another state, as `allowedTransitions` permits. Allowed for: learner, staff, instructors, business.
    #[graphql(directive = cost::apply("10".into()))]
    async fn enrollment_transition(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: EnrollmentTransitionInput,
    ) -> Option<Result<EnrollmentTransitionPayload>> {
        Some(act_enrollment::transition(ctx, input).await.map(EnrollmentTransitionPayload::of))
    }

    /// Records up to 250 results, all or none. Attempts are counted, and whether one passes is decided by the pass score of the moment. Allowed for: instructors, staff.
    #[graphql(directive = cost::apply("10".into()))]
    async fn assessment_results_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: AssessmentResultsRecordInput,
    ) -> Option<Result<AssessmentResultsRecordPayload>> {
        Some(act_record::record(ctx, input).await)
    }

    /// Issues an award by hand. Completing an enrollment issues one by itself. Allowed for: staff.
    #[graphql(directive = cost::apply("10".into()))]
    async fn award_issue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: AwardIssueInput,
    ) -> Option<Result<AwardIssuePayload>> {
        Some(act_record::issue(ctx, input).await.map(AwardIssuePayload::of))
    }

    /// Revokes an award for good. Its public page says so from then on. Allowed for: staff.
    #[graphql(directive = cost::apply("10".into()))]
    async fn award_revoke(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: AwardRevokeInput,
    ) -> Option<Result<AwardRevokePayload>> {
        Some(act_record::revoke(ctx, input).await.map(AwardRevokePayload::of))
    }

    /// Gets an address to upload a file to with HTTP PUT. Files never pass through this endpoint. Allowed for: staff, business.
    #[graphql(directive = cost::apply("10".into()))]
    async fn upload_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: UploadCreateInput,
    ) -> Option<Result<UploadCreatePayload>> {
        Some(act_job::upload(ctx, input).await)
    }

    /// Asks for up to 10,000 places in the background. Each row stands or falls alone. Allowed for: business, staff.
    #[graphql(directive = cost::apply("50".into()))]
    async fn enrollment_job_start(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: EnrollmentJobStartInput,
    ) -> Option<Result<EnrollmentJobStartPayload>> {
        Some(act_job::start(ctx, input).await.map(EnrollmentJobStartPayload::of))
    }

    /// Imports a file in the background, or only checks it, which is the default. All of it is written at once, but for rows that are refused. Nobody is told a code of an invitation: `employeesInvite` makes them. Allowed for: business.
    #[graphql(directive = cost::apply("20".into()))]
    async fn import_start(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ImportStartInput,
    ) -> Option<Result<ImportStartPayload>> {
        Some(act_import::start(ctx, input).await.map(ImportStartPayload::of))
    }

    /// Cancels work in the background that has not ended. Rows that have their outcome keep it. Allowed for: business, staff.
    #[graphql(directive = cost::apply("10".into()))]
    async fn job_cancel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: JobCancelInput,
    ) -> Option<Result<JobCancelPayload>> {
        Some(act_job::cancel(ctx, input).await.map(JobCancelPayload::of))
    }

    /// Takes access away: what a token of it asks is refused within a second, on every node. Tenants' administrators take it from their own tenant and from what its issuers and service accounts vouch for. Allowed for: staff, business, admins.
    #[graphql(directive = cost::apply("10".into()))]
    async fn access_revoke(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: AccessRevokeInput,
    ) -> Option<Result<AccessRevokePayload>> {
        Some(act::revoke_access(ctx, input).await)
    }
}
