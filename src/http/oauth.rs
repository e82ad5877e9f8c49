//! Concord's own issuer over HTTP: its keys, its metadata, and tokens for service accounts (RFC 6749, 4.4, with RFC 7523). Only where the settings give it an address.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};

use super::body::{self, Unread};
use super::peer;
use super::router::Context;
use crate::config::milliseconds;
use crate::identity::own::Ungranted;
use crate::identity::{Algorithm, Reason};
use crate::policy::Principal;

/// Most bytes of a request for a token.
const MOST_BYTES: usize = 16 * 1024;
/// The one grant.
const CLIENT_CREDENTIALS: &str = "client_credentials";
/// The one way in which clients authenticate.
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Points that a request for a token takes from the bucket of its address: as many as a mutation.
const COST: u64 = 10;
/// What others may do with keys and metadata.
const KEPT: &str = "public, max-age=300";

/// The addresses of the issuer; none where it has no address of its own.
pub fn routes(context: &Context) -> Router<Arc<Context>> {
    if context.identity.own().is_none() {
        return Router::new();
    }
    Router::new()
        .route("/.well-known/jwks.json", get(keys))
        .route("/.well-known/oauth-authorization-server", get(metadata))
        .route("/oauth/token", post(token))
}

/// The public keys (RFC 7517).
async fn keys(State(context): State<Arc<Context>>) -> Response {
    let keys = context.identity.own().map_or_else(|| json!({ "keys": [] }), crate::identity::own::Own::jwks);
    answer(StatusCode::OK, "application/jwk-set+json", KEPT, &keys)
}

/// What a client needs to know (RFC 8414).
async fn metadata(State(context): State<Arc<Context>>) -> Response {
    let Some(own) = context.identity.own() else { return StatusCode::NOT_FOUND.into_response() };
    let metadata = json!({
        "issuer": own.url(),
        "token_endpoint": own.token_endpoint(),
        "jwks_uri": own.jwks_uri(),
        "grant_types_supported": [CLIENT_CREDENTIALS],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": Algorithm::ALL.map(Algorithm::name),
        "response_types_supported": [],
        "scopes_supported": [],
    });
    answer(StatusCode::OK, "application/json", KEPT, &metadata)
}

/// Why a request for a token is refused (RFC 6749, 5.2).
enum Refused {
    /// The request itself is wrong.
    Request(&'static str),
    /// The client has not authenticated, or not in the one way.
    Client(&'static str),
    /// The client has sent a password.
    Password,
    /// Another grant.
    Grant,
    /// A scope.
    Scope,
    /// The body is too long.
    TooLong,
    /// The bucket of the address is too empty for so many seconds.
    TooMany(u64),
    /// Nothing is wrong with the request.
    Unavailable,
}

impl Refused {
    fn into_response(self) -> Response {
        let (status, error, description) = match self {
            Self::Request(why) => (StatusCode::BAD_REQUEST, "invalid_request", why),
            Self::TooLong => (StatusCode::PAYLOAD_TOO_LARGE, "invalid_request", "the body is longer than 16 KiB"),
            Self::Client(why) => (StatusCode::UNAUTHORIZED, "invalid_client", why),
            Self::Password => (StatusCode::UNAUTHORIZED, "invalid_client", "authenticate by private_key_jwt in the body"),
            Self::Grant => (StatusCode::BAD_REQUEST, "unsupported_grant_type", "the one grant is client_credentials"),
            Self::Scope => (StatusCode::BAD_REQUEST, "invalid_scope", "there are no scopes: an account has its roles"),
            Self::TooMany(_) => (
                StatusCode::TOO_MANY_REQUESTS,
                "temporarily_unavailable",
                "too many requests from this address; Retry-After says how long to wait",
            ),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", "no token can be issued at the moment"),
        };
        let mut response = answer(status, "application/json", "no-store", &json!({ "error": error, "error_description": description }));
        if matches!(self, Self::Password) {
            // Whoever answers with 401 names a scheme that the client used.
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"concord\""));
        }
        if let Self::TooMany(seconds) = self {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// Issues a token.
async fn token(State(context): State<Arc<Context>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let request_id = context.ids.next().to_string();
    let mut response = grant(&context, &parts, body, &request_id).await.unwrap_or_else(Refused::into_response);
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}

async fn grant(context: &Context, parts: &Parts, body: Body, request_id: &str) -> Result<Response, Refused> {
    let headers = &parts.headers;
    let address = peer::address(parts, context.settings.server.trusted_proxies);
    // Nobody is known before the assertion is checked, and checking it is what costs.
    let charged = context.budget.charge(&Principal::Anonymous, address, COST).await;
    charged.map_err(|exhausted| Refused::TooMany(exhausted.retry_after))?;
    if !is_form(headers) {
        return Err(Refused::Request("send application/x-www-form-urlencoded"));
    }
    if headers.contains_key(AUTHORIZATION) {
        return Err(Refused::Password);
    }
    let limit = milliseconds(context.settings.server.body_ms);
    let body = body::collect(headers, body, MOST_BYTES, limit).await.map_err(unread)?;
    let form = Form::read(&body)?;
    match form.value("grant_type") {
        Some(CLIENT_CREDENTIALS) => {}
        Some(_) => return Err(Refused::Grant),
        None => return Err(Refused::Request("grant_type is missing")),
    }
    let (Some(JWT_BEARER), Some(assertion)) = (form.value("client_assertion_type"), form.value("client_assertion")) else {
        return Err(Refused::Client("authenticate by private_key_jwt: client_assertion_type and client_assertion"));
    };
    if form.value("scope").is_some() {
        return Err(Refused::Scope);
    }
    match context.identity.grant(assertion, form.value("client_id")).await {
        Ok(issued) => {
            tracing::info!(request_id, client = %issued.client, "a token is issued");
            let body = json!({ "access_token": issued.token, "token_type": "Bearer", "expires_in": issued.seconds });
            Ok(answer(StatusCode::OK, "application/json", "no-store", &body))
        }
        Err(Ungranted::Refused(reason)) => {
            tracing::info!(request_id, reason = Reason::word(reason), "the assertion of a client is refused");
            Err(Refused::Client("the client assertion is not valid"))
        }
        Err(error) => {
            tracing::error!(request_id, %error, "no token can be issued");
            Err(Refused::Unavailable)
        }
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let media = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    media.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// What a client is told of a body that was not read.
const fn unread(unread: Unread) -> Refused {
    match unread {
        Unread::TooLong { .. } => Refused::TooLong,
        Unread::Broken => Refused::Request("the body broke off"),
        Unread::Late => Refused::Request("the body did not arrive in time"),
    }
}

/// The parameters of a request.
struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a body. A parameter without a value counts as left out, and one that is given twice refuses the request (RFC 6749, 3.2).
    fn read(body: &[u8]) -> Result<Self, Refused> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(body) {
            if pairs.iter().any(|(known, _)| *known == name) {
                return Err(Refused::Request("a parameter is given twice"));
            }
            pairs.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(pairs))
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, value)| known == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }
}

/// An answer in JSON.
fn answer(status: StatusCode, media: &'static str, cache: &'static str, body: &Value) -> Response {
    let mut response = (status, [(CONTENT_TYPE, media), (CACHE_CONTROL, cache)], body.to_string()).into_response();
    if cache == "no-store" {
        response.headers_mut().insert(PRAGMA, HeaderValue::from_static("no-cache"));
    }
    response
}
