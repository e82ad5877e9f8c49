//! The integration tests: one binary, a module for each noun and each promise.

mod clients;
mod configuration;
mod connections;
mod guard;
mod http;
mod import;
mod institution;
mod limits;
mod logs;
mod pages;
mod process;
mod schema;
mod support;
