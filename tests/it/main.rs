//! The integration tests: one binary, a module for each noun and each promise.

mod guard;
mod import;
mod institution;
mod support;
