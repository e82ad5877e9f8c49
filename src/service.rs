//! Acts: one function for each thing that a caller can do. An act opens one transaction in the scope that the policy gives it, reads what is there, writes, leaves a line
//! in the audit log, and commits. What a person can mend comes back as [`UserError`]s, and then nothing was written.

pub mod access;
pub mod actor;
pub mod assessment_result;
pub mod audit;
pub mod award;
pub mod business;
pub mod catalog;
pub mod consent;
pub mod course;
pub mod credential;
pub mod enrollment;
mod fail;
mod input;
pub mod job;
pub mod offering;
pub mod once;
pub mod program;
mod reads;
pub mod roster;
pub mod shape;
pub mod sponsorship;
mod trouble;
pub mod upload;
mod user_error;

pub use actor::{Actor, Refused};
pub use reads::{Places, Reads};
pub use user_error::{UserError, UserErrorCode};
