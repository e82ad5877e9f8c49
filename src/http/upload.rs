//! The addresses to which files are sent. Whoever holds one may send one file, once, within minutes; nothing else is told or done there.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::body;
use super::peer;
use super::refused::Refused;
use super::router::Context;
use crate::config::milliseconds;
use crate::graphql::error::Code;
use crate::graphql::ticket;
use crate::policy::Principal;
use crate::service::upload::{self, Sent};

/// Points that a file takes from the bucket of its address: as many as a mutation.
const COST: u64 = 10;
/// A file takes more time than the body of a question, so many times.
const PATIENCE: u64 = 6;

/// Keeps a file.
pub async fn put(State(context): State<Arc<Context>>, Path(token): Path<String>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    match keep(&context, &token, &parts, body).await {
        Ok(()) => (StatusCode::NO_CONTENT, [(CACHE_CONTROL, "no-store")]).into_response(),
        Err(refused) => refuse(&refused),
    }
}

fn refuse(refused: &Refused) -> Response {
    let status = refused.status().unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = json!({ "errors": [refused.error()] }).to_string();
    let mut response = (status, [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")], body).into_response();
    if let Some(exhausted) = refused.exhausted() {
        response.headers_mut().insert(RETRY_AFTER, exhausted.retry_after.into());
    }
    response
}

async fn keep(context: &Context, token: &str, parts: &Parts, body: Body) -> Result<(), Refused> {
    let address = peer::address(parts, context.settings.server.trusted_proxies);
    let charged = context.budget.charge(&Principal::Anonymous, address, COST).await;
    charged.map_err(|exhausted| Refused::by_budget(COST, &exhausted))?;
    let bad = |text: &str, status| Refused::with_status(Code::BadRequest, text, status);
    let unknown = || bad("no file is awaited here, or no longer: make an address by uploadCreate", StatusCode::NOT_FOUND);
    let now = context.store.clock().now();
    let ticket = ticket::read(&context.cursors, token).filter(|ticket| ticket.until > now).ok_or_else(unknown)?;
    let limit = milliseconds(context.settings.server.body_ms.saturating_mul(PATIENCE));
    let read = body::collect(&parts.headers, body, context.settings.jobs.upload_bytes, limit).await;
    let bytes = read.map_err(|unread| unread.refused("upload_bytes", "file"))?;
    match upload::put(&context.store, &ticket, &bytes).await {
        Ok(Sent::Kept) => Ok(()),
        Ok(Sent::Unknown) => Err(unknown()),
        Ok(Sent::OtherSize(size)) => {
            let text = format!("the file has {} bytes where {size} were announced: make another address by uploadCreate", bytes.len());
            Err(bad(&text, StatusCode::BAD_REQUEST))
        }
        Ok(Sent::Other) => Err(bad("another file was sent here before: make another address by uploadCreate", StatusCode::CONFLICT)),
        Err(error) if error.is_busy() => {
            tracing::warn!(%error, "a file could not be kept in time");
            Err(Refused::unavailable("the server is busy; try again in a moment"))
        }
        Err(error) => {
            tracing::error!(%error, "a file cannot be kept");
            Err(Refused::with_status(Code::Internal, "the file cannot be kept", StatusCode::INTERNAL_SERVER_ERROR))
        }
    }
}
