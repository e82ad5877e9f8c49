//! The addresses to which files are sent. Whoever holds one may send one file, once, within minutes; nothing else is told or done there.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde_json::json;

use super::peer;
use super::refused::Refused;
use super::router::Context;
use crate::config::milliseconds;
use crate::graphql::error::{Code, Excess};
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
    let bytes = collect(context, &parts.headers, body).await?;
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

/// The bytes of the file, under limits of size and time.
async fn collect(context: &Context, headers: &HeaderMap, body: Body) -> Result<Bytes, Refused> {
    let most = context.settings.jobs.upload_bytes;
    let over = |actual: i64| {
        let excess = Excess { name: "upload_bytes".to_owned(), max: most as u64, actual };
        Refused::with_status_of(excess, StatusCode::PAYLOAD_TOO_LARGE)
    };
    let announced = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<i64>().ok());
    if let Some(length) = announced.filter(|length| usize::try_from(*length).is_ok_and(|length| length > most)) {
        return Err(over(length));
    }
    let limit = milliseconds(context.settings.server.body_ms.saturating_mul(PATIENCE));
    match tokio::time::timeout(limit, Limited::new(body, most).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(over(i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1))),
        Ok(Err(_)) => Err(Refused::with_status(Code::BadRequest, "the file broke off", StatusCode::BAD_REQUEST)),
        Err(_) => Err(Refused::with_status(Code::Timeout, "the file did not arrive in time", StatusCode::REQUEST_TIMEOUT)),
    }
}
