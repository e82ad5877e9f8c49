//! Which address is answered by what.

use std::sync::Arc;

use axum::Router;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, IF_NONE_MATCH};
use axum::response::Response;
use axum::routing::{any, get, put};
use tower_http::cors::{Any, CorsLayer};

use super::{Budget, Front, Meter, Registered, Repeats, award, endpoint, health, metrics, oauth, pages, upload};
use crate::cache::{Answers, Hash, Remote};
use crate::config::Settings;
use crate::domain::clock::Ids;
use crate::graphql::cursor::CursorKey;
use crate::graphql::schema::{Schema, sdl};
use crate::identity::Identity;
use crate::store::Store;

/// What requests are answered with.
pub struct Context {
    /// The settings.
    pub settings: Settings,
    /// Who is believed.
    pub identity: Identity,
    /// The database.
    pub store: Store,
    /// What operations run against.
    pub schema: Schema,
    /// What cursors and addresses for files are signed with.
    pub cursors: CursorKey,
    /// What requests pass first.
    pub front: Front,
    /// Requests that were sent before.
    pub repeats: Repeats,
    /// What callers may spend.
    pub budget: Budget,
    /// Documents that the consortium has registered.
    pub registered: Registered,
    /// What is counted.
    pub meter: Meter,
    /// What nodes share, if they do.
    pub remote: Option<Arc<Remote>>,
    /// Answers that are kept, unless none are.
    pub answers: Option<Arc<Answers>>,
    /// SHA-256 of the schema's text.
    pub schema_hash: Hash,
    /// Where identifiers of requests come from.
    pub ids: Ids,
}

/// All addresses.
pub fn router(context: Arc<Context>) -> Router {
    // Tokens travel in a header that the page of a portal sets itself, never in a cookie: any origin may ask.
    let cors = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([axum::http::Method::GET, axum::http::Method::POST])
        .allow_headers([ACCEPT, AUTHORIZATION, CONTENT_TYPE, IF_NONE_MATCH])
        .expose_headers(["etag", "x-request-id", "ratelimit", "ratelimit-policy", "retry-after"].map(HeaderName::from_static));
    let sending = CorsLayer::new().allow_origin(Any).allow_methods([axum::http::Method::PUT]).allow_headers([CONTENT_TYPE]);
    Router::new()
        .route("/graphql", any(endpoint::graphql).layer(cors))
        .route("/schema.graphql", get(schema))
        .route("/", get(pages::index))
        .route("/assets/{name}", get(pages::asset))
        .route("/awards/{code}", get(award::page))
        .route("/metrics", get(metrics::metrics))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/uploads/{token}", put(upload::put).layer(sending))
        .merge(oauth::routes(&context))
        .with_state(context)
}

/// The schema's text.
async fn schema(headers: HeaderMap) -> Response {
    pages::file(&headers, "text/plain; charset=utf-8", sdl().as_bytes())
}
