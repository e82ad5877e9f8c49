//! The schema: one file a noun, thin resolvers over rows that were loaded by one plan for each root field.
//!
//! Arguments of connections are declared by the resolvers and read by the planner, which walks the selection before anything is loaded.
#![expect(clippy::doc_markdown, reason = "doc comments are the API's manual and are printed as they stand")]
#![expect(clippy::unused_async, reason = "resolvers are asynchronous to the library; what they answer from is loaded already")]
#![expect(unused_variables, reason = "arguments of resolvers are read by the planner")]

pub mod alignment;
pub mod assessment;
pub mod campus;
pub mod catalog_status;
pub mod competency;
pub mod cost;
pub mod course;
pub mod credential;
pub mod cursor;
pub mod error;
mod filters;
pub mod index;
pub mod industry;
pub mod institution;
pub mod limits;
pub mod merge;
pub mod node;
pub mod offering;
mod page;
mod plan;
pub mod price;
pub mod program;
pub mod query;
mod read;
pub mod reference;
pub mod region;
mod root;
pub mod scalars;
pub mod schema;
pub mod staff_member;
pub mod term;
pub mod variables;
pub mod viewer;
