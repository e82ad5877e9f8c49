//! The root of all reading.

use async_graphql::{Context, ID, Object, Result};

use super::audit_event::{AuditEventConnection, AuditFilter};
use super::award::Award;
use super::business::{Business, BusinessConnection, BusinessFilter};
use super::competency::{CompetencyConnection, CompetencyFilter};
use super::cost::cost;
use super::course::{Course, CourseConnection, CourseFilter, CourseSort};
use super::credential::{Credential, CredentialConnection, CredentialFilter};
use super::industry::Industry;
use super::institution::{Institution, InstitutionConnection, InstitutionRef};
use super::learner::Learner;
use super::node::Node;
use super::offering::{Offering, OfferingConnection, OfferingFilter, OfferingSort};
use super::program::{Program, ProgramConnection, ProgramFilter};
use super::reference::EntityRef;
use super::region::Region;
use super::root;
use super::viewer::Viewer;
use crate::policy::Action;
use crate::store::audit_event::AUDIT_EVENT;
use crate::store::business::BUSINESS;
use crate::store::competency::COMPETENCY;
use crate::store::course::COURSE;
use crate::store::credential::CREDENTIAL;
use crate::store::institution::INSTITUTION;
use crate::store::offering::OFFERING;
use crate::store::program::PROGRAM;

/// One graph over the institutions, partner businesses, courses and learners of a state-wide college-business consortium.
///
/// Every object and field says who may read it after "Visible to:", in these words. The list is checked against the code.
/// - anyone: no access token needed
/// - members: every signed-in principal
/// - learner: the learner whom the record is about
/// - staff: administrators of the institution that owns the record
/// - instructors: those who teach the offering
/// - navigators: those who hold an open case for the learner or business
/// - payer: administrators of the business that pays; billing facts only, no consent needed
/// - sponsor: administrators of a business, while the learner's consent to it covers the scope in brackets; without brackets, any active consent
/// - business: administrators of the business that owns the record
/// - requester: whoever started the job
/// - analysts and admins: those of the consortium
///
/// A field the caller may not read is null, with an error whose `extensions.code` is FORBIDDEN or CONSENT_REQUIRED. An object the caller may not see does not exist for them: it is null without an error.
///
/// Cost of an operation: 1 for each object it may return, plus `@cost` weights. What is inside a page counts `first` times, what is inside a plain list 5 times. Scalars and PageInfo are free.
///
/// The entry points for reading. Every root field can be null, so that one failure does not take the others with it.
#[derive(Debug, Clone, Copy)]
pub struct Query;

/// One graph over the institutions, partner businesses, courses and learners of a state-wide college-business consortium.
///
/// Every object and field says who may read it after "Visible to:", in these words. The list is checked against the code.
/// - anyone: no access token needed
/// - members: every signed-in principal
/// - learner: the learner whom the record is about
/// - staff: administrators of the institution that owns the record
/// - instructors: those who teach the offering
/// - navigators: those who hold an open case for the learner or business
/// - payer: administrators of the business that pays; billing facts only, no consent needed
/// - sponsor: administrators of a business, while the learner's consent to it covers the scope in brackets; without brackets, any active consent
/// - business: administrators of the business that owns the record
/// - requester: whoever started the job
/// - analysts and admins: those of the consortium
///
/// A field the caller may not read is null, with an error whose `extensions.code` is FORBIDDEN or CONSENT_REQUIRED. An object the caller may not see does not exist for them: it is null without an error.
///
/// Cost of an operation: 1 for each object it may return, plus `@cost` weights. What is inside a page counts `first` times, what is inside a plain list 5 times. Scalars and PageInfo are free.
///
/// The entry points for reading. Every root field can be null, so that one failure does not take the others with it.
#[Object]
impl Query {
    /// Any object by its global identifier; null when it does not exist or the caller may not see it. Visible to: as the object's type.
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "Global identifier.")] id: ID) -> Option<Result<Node>> {
        root::node(ctx, &id).await.transpose()
    }

    /// Several objects, in the order asked for, with null for each that is missing or hidden. Visible to: as each object's type.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global identifiers. At most 100.")] ids: Vec<ID>,
    ) -> Option<Result<Vec<Option<Node>>>> {
        Some(root::nodes(ctx, &ids).await)
    }

    /// Who is asking. Visible to: anyone.
    async fn viewer(&self) -> Option<Viewer> {
        Some(Viewer)
    }

    /// Member institutions by name. Visible to: anyone.
    async fn institutions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Words to look for; at most 100 characters.")] search: Option<String>,
        #[graphql(desc = "Limits institutions to these regions.")] region_codes: Option<Vec<String>>,
        #[graphql(desc = "Page size, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "Cursor to continue after: `endCursor` of the page before.")] after: Option<String>,
    ) -> Option<Result<InstitutionConnection>> {
        Some(root::page(ctx, &INSTITUTION).await.map(InstitutionConnection))
    }

    /// One institution. Visible to: anyone.
    async fn institution(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which institution.")] by: InstitutionRef,
    ) -> Option<Result<Institution>> {
        root::institution(ctx, by).await.transpose()
    }

    /// Published courses of all institutions. Visible to: anyone.
    #[graphql(directive = cost::apply("5".into()))]
    async fn courses(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Words to look for; at most 100 characters.")] search: Option<String>,
        #[graphql(desc = "Limits the list.")] filter: Option<CourseFilter>,
        #[graphql(desc = "Order of the list.", default_with = "Some(CourseSort::Relevance)")] sort: Option<CourseSort>,
        #[graphql(desc = "Page size, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "Cursor to continue after: `endCursor` of the page before.")] after: Option<String>,
    ) -> Option<Result<CourseConnection>> {
        Some(root::page(ctx, &COURSE).await.map(CourseConnection))
    }

    /// One course. Visible to: anyone.
    async fn course(&self, ctx: &Context<'_>, #[graphql(desc = "Which course.")] by: EntityRef) -> Option<Result<Course>> {
        root::entity(ctx, &COURSE, by, Course).await.transpose()
    }

    /// Published programs of all institutions. Visible to: anyone.
    #[graphql(directive = cost::apply("5".into()))]
    async fn programs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Words to look for; at most 100 characters.")] search: Option<String>,
        #[graphql(desc = "Limits the list.")] filter: Option<ProgramFilter>,
        #[graphql(desc = "Page size, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "Cursor to continue after: `endCursor` of the page before.")] after: Option<String>,
    ) -> Option<Result<ProgramConnection>> {
        Some(root::page(ctx, &PROGRAM).await.map(ProgramConnection))
    }

    /// One program. Visible to: anyone.
    async fn program(&self, ctx: &Context<'_>, #[graphql(desc = "Which program.")] by: EntityRef) -> Option<Result<Program>> {
        root::entity(ctx, &PROGRAM, by, Program).await.transpose()
    }

    /// Offerings of all institutions. Visible to: anyone.
    #[graphql(directive = cost::apply("5".into()))]
    async fn offerings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Limits the list.")] filter: Option<OfferingFilter>,
        #[graphql(desc = "Order of the list.", default_with = "Some(OfferingSort::StartsSoonest)")] sort: Option<OfferingSort>,
        #[graphql(desc = "Page size, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "Cursor to continue after: `endCursor` of the page before.")] after: Option<String>,
    ) -> Option<Result<OfferingConnection>> {
        Some(root::page(ctx, &OFFERING).await.map(OfferingConnection))
    }

    /// One offering. Visible to: anyone.
    async fn offering(&self, ctx: &Context<'_>, #[graphql(desc = "Which offering.")] by: EntityRef) -> Option<Result<Offering>> {
        root::entity(ctx, &OFFERING, by, Offering).await.transpose()
    }

    /// Published credentials of all institutions. Visible to: anyone.
    #[graphql(directive = cost::apply("5".into()))]
    async fn credentials(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Words to look for; at most 100 characters.")] search: Option<String>,
        #[graphql(desc = "Limits the list.")] filter: Option<CredentialFilter>,
        #[graphql(desc = "Page size, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "Cursor to continue after: `endCursor` of the page before.")] after: Option<String>,
    ) -> Option<Result<CredentialConnection>> {
        Some(root::page(ctx, &CREDENTIAL).await.map(CredentialConnection))
    }

    /// One credential. Visible to: anyone.
    async fn credential(&self, ctx: &Context<'_>, #[graphql(desc = "Which credential.")] by: EntityRef) -> Option<Result<Credential>> {
        root::entity(ctx, &CREDENTIAL, by, Credential).await.transpose()
    }

    /// Partner businesses by name. Visible to: staff, navigators, analysts, admins.
    #[graphql(directive = cost::apply("5".into()))]
    async fn businesses(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Words to look for; at most 100 characters.")] search: Option<String>,
        #[graphql(desc = "Limits the list.")] filter: Option<BusinessFilter>,
        #[graphql(desc = "Page size, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "Cursor to continue after: `endCursor` of the page before.")] after: Option<String>,
    ) -> Option<Result<BusinessConnection>> {
        Some(root::page_for(ctx, &BUSINESS, Action::ListBusinesses).await.map(BusinessConnection))
    }

    /// One business. Visible to: members.
    async fn business(&self, ctx: &Context<'_>, #[graphql(desc = "Which business.")] by: EntityRef) -> Option<Result<Business>> {
        root::business(ctx, by).await.transpose()
    }

    /// One learner. Visible to: as Learner.
    async fn learner(&self, ctx: &Context<'_>, #[graphql(desc = "Which learner.")] by: EntityRef) -> Option<Result<Learner>> {
        root::learner(ctx, by).await.transpose()
    }

    /// Audit log of the whole consortium, newest first. Visible to: admins.
    async fn audit_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Limits the list.")] filter: Option<AuditFilter>,
        #[graphql(desc = "Page size, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "Cursor to continue after: `endCursor` of the page before.")] after: Option<String>,
    ) -> Option<Result<AuditEventConnection>> {
        Some(root::page_for(ctx, &AUDIT_EVENT, Action::ReadAudit).await.map(AuditEventConnection))
    }

    /// The award behind a verification code, also when it is revoked. Visible to: anyone.
    async fn award(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Code from the verification URL.")] verification_code: String,
    ) -> Option<Result<Award>> {
        root::award(ctx, &verification_code).await.transpose()
    }

    /// Competencies by name. Visible to: anyone.
    async fn competencies(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Words to look for; at most 100 characters.")] search: Option<String>,
        #[graphql(desc = "Limits the list.")] filter: Option<CompetencyFilter>,
        #[graphql(desc = "Page size, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "Cursor to continue after: `endCursor` of the page before.")] after: Option<String>,
    ) -> Option<Result<CompetencyConnection>> {
        Some(root::page(ctx, &COMPETENCY).await.map(CompetencyConnection))
    }

    /// All regions of the state. At most 100. Visible to: anyone.
    async fn regions(&self, ctx: &Context<'_>) -> Option<Result<Vec<Region>>> {
        Some(root::regions(ctx).await)
    }

    /// The two-digit NAICS sectors. At most 30. Visible to: anyone.
    async fn industries(&self, ctx: &Context<'_>) -> Option<Result<Vec<Industry>>> {
        Some(root::industries(ctx).await)
    }
}
