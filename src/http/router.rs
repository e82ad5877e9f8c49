//! Which address is answered by what.
//!
//! The endpoint is found by its name alone, before the router is asked: a kept answer costs little more than the way through that.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::http::{HeaderMap, Method, Request};
use axum::response::Response;
use axum::routing::{get, options, put};
use axum::{BoxError, Router};
use bytes::Bytes;
use hyper::service::Service;
use tower_http::cors::{AllowHeaders, Any, CorsLayer};
use tower_service::Service as _;

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

/// The endpoint's address.
const ENDPOINT: &str = "/graphql";

/// All addresses.
#[derive(Clone)]
pub struct Site {
    context: Arc<Context>,
    others: Router,
}

impl Site {
    /// As it is served.
    #[must_use]
    pub fn new(context: Arc<Context>) -> Self {
        Self { others: router(Arc::clone(&context)), context }
    }

    /// Not generic, so that all that answers is compiled here, and once, whoever serves it.
    fn answer(&self, request: Request<Body>) -> Answering {
        if request.uri().path() == ENDPOINT && *request.method() != Method::OPTIONS {
            let context = Arc::clone(&self.context);
            return Box::pin(async move { Ok(endpoint::graphql(&context, request).await) });
        }
        Box::pin(self.others.clone().call(request))
    }
}

/// An answer that is under way.
type Answering = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

impl<B> Service<Request<B>> for Site
where
    B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Answering;

    fn call(&self, request: Request<B>) -> Self::Future {
        self.answer(request.map(Body::new))
    }
}

/// For how long a browser need not ask again whether it may. Chromium's forget after that time whatever they are told.
const ALLOWED: Duration = Duration::from_hours(2);

/// Tells the page of another origin that it may ask in these ways, with whatever headers it names.
fn preflight(methods: &[Method]) -> CorsLayer {
    // Tokens travel in a header that the page of a portal sets itself, never in a cookie: any origin may ask. Clients add headers of their own, such as their names.
    CorsLayer::new().allow_origin(Any).allow_methods(methods.to_vec()).allow_headers(AllowHeaders::mirror_request()).max_age(ALLOWED)
}

/// All addresses but the endpoint's, of which it knows what may be sent there.
fn router(context: Arc<Context>) -> Router {
    let asking = preflight(&[Method::GET, Method::POST]);
    let sending = preflight(&[Method::PUT]);
    Router::new()
        .route(ENDPOINT, options(async || ()).layer(asking))
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
