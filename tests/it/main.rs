//! The integration tests: one binary, a module for each noun and each promise.

mod competency;
mod course;
mod coverage;
mod credential;
mod filter;
mod guard;
mod import;
mod institution;
mod lookahead;
mod node;
mod offering;
mod page;
mod program;
mod reference;
mod search;
mod statements;
mod support;
mod visibility;
mod walk;
