//! The integration tests: one binary, a module for each noun and each promise.

mod architecture;
mod competency;
mod course;
mod credential;
mod demo;
mod depth;
mod guard;
mod import;
mod import_write;
mod institution;
mod migrations;
mod node;
mod nouns;
mod offering;
mod program;
mod prove_catalog;
mod reference;
mod scalar;
mod support;
mod visibility;
mod walk;
