//! The GraphQL endpoint.

use std::sync::Arc;
use std::time::Instant;

use async_graphql::Request;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::header::{AUTHORIZATION, CONTENT_LENGTH};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tracing::Instrument;

use super::answer::Answer;
use super::front::{Ready, Refused, short_hash};
use super::negotiate::{self, Media};
use super::request::{self, Parameters};
use super::router::Context;
use crate::config::milliseconds;
use crate::graphql::error::{Code, Excess};
use crate::policy::Principal;

/// Most characters of an operation's name in a log line.
const LOGGED_NAME: usize = 64;

/// What the log says of a request's document.
#[derive(Default)]
struct Shown {
    operation: String,
    document: String,
}

/// Answers one request.
pub async fn graphql(
    State(context): State<Arc<Context>>,
    method: Method,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    body: Body,
) -> Response {
    let request_id = context.ids.next().to_string();
    // Of the level of errors: however little is logged, what is logged of a request tells which one.
    let span = tracing::error_span!("request", request_id);
    let mut response = respond(&context, &method, &headers, query.as_deref(), body).instrument(span).await;
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}

/// Answers in the form that the client takes, and leaves a line of it in the log.
async fn respond(context: &Context, method: &Method, headers: &HeaderMap, query: Option<&str>, body: Body) -> Response {
    let started = Instant::now();
    let mut shown = Shown::default();
    let accepted = negotiate::accepted(headers);
    let media = accepted.unwrap_or(Media::Json);
    let answer = if accepted.is_some() {
        match read(context, method, headers, query, body).await {
            Ok(parameters) => answer(context, &parameters, method == Method::GET, media, &mut shown).await,
            Err(refused) => refuse(&refused, media),
        }
    } else {
        let text = "send Accept: application/graphql-response+json or application/json";
        refuse(&Refused::with_status(Code::BadRequest, text, StatusCode::NOT_ACCEPTABLE), media)
    };
    let Shown { operation, document } = shown;
    let milliseconds = started.elapsed().as_secs_f64() * 1000.0;
    tracing::info!(operation, document, status = answer.status().as_u16(), milliseconds, "answered");
    answer.into_response(media)
}

/// Answers what was asked.
async fn answer(context: &Context, parameters: &Parameters, is_get: bool, media: Media, shown: &mut Shown) -> Answer {
    shown.document = short_hash(&parameters.query);
    match context.front.pass(parameters, is_get) {
        Ok(ready) => {
            shown.operation = ready.operation_name.iter().flat_map(|name| name.chars()).take(LOGGED_NAME).collect();
            run(context, &ready, media).await
        }
        Err(refused) => refuse(&refused, media),
    }
}

fn refuse(refused: &Refused, media: Media) -> Answer {
    tracing::debug!(code = refused.code().name(), "refused");
    Answer::of_refused(refused, media)
}

/// The parameters of a request, from its address or its body.
async fn read(context: &Context, method: &Method, headers: &HeaderMap, query: Option<&str>, body: Body) -> Result<Parameters, Refused> {
    if headers.contains_key(AUTHORIZATION) {
        // A token is never taken for no token.
        return Err(Refused::with_status(
            Code::Unauthenticated,
            "no token is valid here: no issuer is registered",
            StatusCode::UNAUTHORIZED,
        ));
    }
    let bad = |text: String| Refused::with_status(Code::BadRequest, text, StatusCode::BAD_REQUEST);
    match *method {
        Method::GET => request::from_address(query.unwrap_or_default()).map_err(bad),
        Method::POST if !negotiate::is_json(headers) => {
            let text = "send the request as application/json in UTF-8";
            Err(Refused::with_status(Code::BadRequest, text, StatusCode::UNSUPPORTED_MEDIA_TYPE))
        }
        Method::POST if negotiate::is_encoded(headers) => {
            let text = "send the body as it is, without a Content-Encoding: compressed requests are not read";
            Err(Refused::with_status(Code::BadRequest, text, StatusCode::UNSUPPORTED_MEDIA_TYPE))
        }
        Method::POST => request::from_body(&collect(context, headers, body).await?).map_err(bad),
        _ => Err(Refused::with_status(Code::BadRequest, "send a POST, or a GET for queries", StatusCode::METHOD_NOT_ALLOWED)),
    }
}

/// The bytes of the body, under the limits of size and time.
async fn collect(context: &Context, headers: &HeaderMap, body: Body) -> Result<bytes::Bytes, Refused> {
    let most = context.settings.limits.body_bytes;
    let too_long = |actual: u64| {
        let excess = Excess { name: "body_bytes".to_owned(), max: most as u64, actual: i64::try_from(actual).unwrap_or(i64::MAX) };
        Refused::with_status_of(excess, StatusCode::PAYLOAD_TOO_LARGE)
    };
    let declared = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if let Some(declared) = declared.filter(|declared| *declared > most as u64) {
        return Err(too_long(declared));
    }
    let collected = tokio::time::timeout(milliseconds(context.settings.server.body_ms), Limited::new(body, most).collect()).await;
    match collected {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_long(most as u64 + 1)),
        Ok(Err(_)) => Err(Refused::with_status(Code::BadRequest, "the body broke off", StatusCode::BAD_REQUEST)),
        Err(_) => Err(Refused::with_status(Code::Timeout, "the body did not arrive in time", StatusCode::REQUEST_TIMEOUT)),
    }
}

/// Runs an operation under the deadline.
async fn run(context: &Context, ready: &Ready, media: Media) -> Answer {
    let mut request = Request::new("").variables(ready.variables.clone()).data(Principal::Anonymous).data(context.store.session());
    request.operation_name.clone_from(&ready.operation_name);
    request.set_parsed_query(ready.parsed());
    let schema = if ready.is_introspection { &context.introspection } else { &context.schema };
    if ready.is_introspection && !context.settings.introspection.anonymous {
        let text = "introspection is for signed-in callers; the schema's text is at /schema.graphql";
        return Answer::of_refused(&Refused::new(Code::ValidationFailed, text), media);
    }
    let Ok(response) = tokio::time::timeout(milliseconds(context.settings.server.deadline_ms), schema.execute(request)).await else {
        let text = "the operation took longer than the deadline; ask for less at a time";
        return refuse(&Refused::new(Code::Timeout, text), media);
    };
    if let Some(invalid) = Answer::of_invalid(&response, media) {
        return invalid;
    }
    context.front.keep(ready);
    Answer::of(&response, ready.cost, context.front.most_cost())
}
