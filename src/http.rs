//! HTTP: connections with time limits, the front that refuses what is hostile, the GraphQL endpoint, health, and the pages.

mod answer;
mod award;
mod body;
pub mod budget;
mod disclosed;
mod document;
mod endpoint;
pub mod front;
pub mod guard;
mod health;
mod metrics;
mod negotiate;
mod oauth;
mod pages;
mod peer;
mod pieces;
mod refused;
mod repeats;
mod request;
mod router;
mod server;
mod told;
mod upload;

pub use budget::Budget;
pub use document::Registered;
pub use front::Front;
pub use metrics::Meter;
pub use repeats::Repeats;
pub use router::{Context, Site};
pub use server::{Limits, serve};
