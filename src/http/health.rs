//! Whether the process lives, and whether it can answer.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;

use super::router::Context;
use crate::store::StoreError;

/// The process answers.
pub async fn live() -> &'static str {
    "live\n"
}

/// The database answers and has the schema of this program, and it is known which tokens are valid.
pub async fn ready(State(context): State<Arc<Context>>) -> (StatusCode, &'static str) {
    match context.store.is_current().await {
        Ok(true) if !context.identity.is_current() => {
            (StatusCode::SERVICE_UNAVAILABLE, "what was revoked has not been heard of for five seconds\n")
        }
        Ok(true) => (StatusCode::OK, "ready\n"),
        Ok(false) => (StatusCode::SERVICE_UNAVAILABLE, "the database is older than this program: run `concord migrate`\n"),
        Err(StoreError::Open(reason)) => {
            tracing::warn!(reason, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database is newer than this program: use a newer program\n")
        }
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}
