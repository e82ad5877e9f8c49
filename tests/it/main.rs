//! The integration tests: one binary, a module for each noun and each promise.

mod architecture;
mod guard;
mod import;
mod import_write;
mod institution;
mod support;
