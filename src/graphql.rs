//! The schema: one file a noun, thin resolvers over rows that were loaded by one plan for each root field.
//!
//! Arguments of connections are declared by the resolvers and read by the planner, which walks the selection before anything is loaded.
#![expect(clippy::doc_markdown, reason = "doc comments are the API's manual and are printed as they stand")]
#![expect(clippy::unused_async, reason = "resolvers are asynchronous to the library; what they answer from is loaded already")]
#![expect(unused_variables, reason = "arguments of resolvers are read by the planner")]

pub mod access_input;
pub mod act;
mod act_enrollment;
mod act_job;
mod act_record;
mod act_roster;
mod act_sponsorship;
pub mod alignment;
pub mod assessment;
pub mod assessment_result;
pub mod audit_event;
pub mod award;
pub mod business;
pub mod business_input;
pub mod business_site;
pub mod campus;
pub mod catalog_status;
pub mod competency;
pub mod consent_grant;
pub mod cost;
pub mod course;
pub mod course_input;
pub mod credential;
pub mod credential_input;
pub mod cursor;
pub mod disclosure;
pub mod employee;
pub mod enrollment;
pub mod enrollment_input;
pub mod enrollment_job;
pub mod error;
pub mod external_key;
mod filters;
pub mod gate;
pub mod grant;
pub mod index;
pub mod industry;
pub mod institution;
pub mod job_input;
pub mod learner;
pub mod limits;
pub mod merge;
pub mod mutation;
pub mod node;
pub mod offering;
pub mod offering_input;
mod page;
mod plan;
pub mod price;
pub mod program;
pub mod program_input;
pub mod query;
pub mod rate_limit;
mod read;
pub mod reference;
pub mod region;
mod root;
pub mod roots;
pub mod roster_input;
pub mod scalars;
pub mod schema;
pub mod sharing;
pub mod sponsorship;
pub mod sponsorship_input;
pub mod staff_member;
pub mod term;
pub mod ticket;
pub mod user_error;
pub mod variables;
pub mod viewer;
pub mod voucher;
