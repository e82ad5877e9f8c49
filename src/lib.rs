//! Concord: one GraphQL schema over the institutions, partner businesses, courses and learners of a state-wide consortium.
//!
//! The modules are layers; each may name what stands below it only. `docs/architecture.md` is the map.
#![forbid(unsafe_code)]

pub mod app;
pub mod cache;
pub mod command;
pub mod config;
pub mod demo;
pub mod domain;
pub mod graphql;
pub mod http;
pub mod identity;
pub mod import;
pub mod policy;
pub mod service;
pub mod store;
pub mod telemetry;
