//! The GraphQL endpoint.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use async_graphql::Request;
use axum::body::Body;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, HeaderName, ORIGIN};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use tracing::Instrument;
use uuid::Uuid;

use super::answer::{Answer, data_of};
use super::body;
use super::disclosed;
use super::document;
use super::front::{Fitted, Ready, Wish, short};
use super::negotiate::{self, Media};
use super::peer;
use super::refused::Refused;
use super::repeats::Request as Sent;
use super::request;
use super::router::Context;
use super::told::Charge;
use crate::cache::{self, Found, Hash, Key, Question};
use crate::config::milliseconds;
use crate::graphql::error::Code;
use crate::graphql::sharing::Sharing;
use crate::identity::{Reason, Rejected};
use crate::policy::{Action, Principal, decide};
use crate::service::{Actor, Reads};
use crate::store::Session;

/// Most characters of an operation's name in a log line.
const LOGGED_NAME: usize = 64;
/// Headers of an answer that the page of another origin may read.
static EXPOSED: HeaderValue = HeaderValue::from_static("etag,x-request-id,ratelimit,ratelimit-policy,retry-after");
/// That any origin may.
static ANY: HeaderValue = HeaderValue::from_static("*");
/// What names a request, in its answer and in the log.
static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What the log and the figures say of a request's document, as far as it was read.
#[derive(Default)]
struct Shown {
    document: Option<Hash>,
    fitted: Option<Arc<Fitted>>,
}

impl Shown {
    /// The operation's name.
    fn operation(&self) -> String {
        let name = self.fitted.as_ref().and_then(|fitted| fitted.operation_name.as_deref());
        name.unwrap_or_default().chars().take(LOGGED_NAME).collect()
    }

    /// What stands for the document.
    fn document(&self) -> String {
        self.document.as_ref().map(short).unwrap_or_default()
    }

    /// What the operation is counted as.
    fn label(&self) -> &str {
        self.fitted.as_ref().map_or("", |fitted| &fitted.label)
    }
}

/// A request without its body.
#[derive(Clone, Copy)]
struct Asked<'a> {
    method: &'a Method,
    headers: &'a HeaderMap,
    query: Option<&'a str>,
    address: Option<IpAddr>,
    id: &'a str,
}

/// A request that was checked and paid for.
#[derive(Clone, Copy)]
struct Paid<'a> {
    sent: &'a Arc<Sent>,
    ready: &'a Ready,
    charge: Charge,
    media: Media,
}

/// Answers one request.
pub async fn graphql(context: &Context, request: axum::extract::Request) -> Response {
    let (parts, body) = request.into_parts();
    let mut written = Uuid::encode_buffer();
    let id: &str = context.ids.next().as_hyphenated().encode_lower(&mut written);
    let asked = Asked {
        method: &parts.method,
        headers: &parts.headers,
        query: parts.uri.query(),
        address: peer::address(&parts, context.settings.server.trusted_proxies),
        id,
    };
    // Of the level of errors: however little is logged, what is logged of a request tells which one.
    let span = tracing::error_span!("request", request_id = id);
    let mut response = respond(context, asked, body).instrument(span).await;
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID.clone(), value);
    }
    // For browsers, which name the page that asks; and always where others may keep the answer for whoever asks next.
    if parts.headers.contains_key(ORIGIN) || parts.method == Method::GET {
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED.clone());
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, ANY.clone());
    }
    response
}

/// Answers in the form that the client takes, and leaves a line of it in the log.
async fn respond(context: &Context, asked: Asked<'_>, body: Body) -> Response {
    let started = Instant::now();
    let mut shown = Shown::default();
    let accepted = negotiate::accepted(asked.headers);
    let media = accepted.unwrap_or(Media::Json);
    let answer = if accepted.is_some() {
        match read(context, asked, body).await {
            Ok((principal, sent)) => answer(context, asked, principal, &sent, media, &mut shown).await,
            Err(refused) => refuse(context, &refused, media),
        }
    } else {
        let text = "send Accept: application/graphql-response+json or application/json";
        refuse(context, &Refused::with_status(Code::BadRequest, text, StatusCode::NOT_ACCEPTABLE), media)
    };
    let (time, status) = (started.elapsed(), answer.status());
    context.meter.answered(shown.label(), status, time);
    let milliseconds = time.as_secs_f64() * 1000.0;
    tracing::info!(operation = shown.operation(), document = shown.document(), status = status.as_u16(), milliseconds, "answered");
    answer.into_response(media)
}

/// Answers what was asked: checked first, then paid for, then run.
async fn answer(context: &Context, asked: Asked<'_>, principal: Principal, sent: &Arc<Sent>, media: Media, shown: &mut Shown) -> Answer {
    let (ready, charge) = match pay(context, asked, &principal, sent, shown).await {
        Ok(paid) => paid,
        Err(refused) => return refuse(context, &refused, media),
    };
    let paid = Paid { sent, ready: &ready, charge, media };
    let key = key(context, &ready, &principal);
    if let Some(entry) = key.as_ref().and_then(|key| context.answers.as_ref()?.kept(key)) {
        keep(context, paid);
        return shared(asked, &principal, paid, entry.data.clone(), &entry.etag);
    }
    // In a place of its own: kept answers are not to carry the room that making them takes.
    Box::pin(make(context, asked, principal, paid, key)).await
}

/// An answer that is the same for everyone, to one who asked for it.
fn shared(asked: Asked<'_>, principal: &Principal, Paid { charge, media, .. }: Paid<'_>, data: Bytes, etag: &str) -> Answer {
    if *principal == Principal::Anonymous && asked.method == Method::GET {
        return Answer::of_public(data, etag, asked.headers, media, charge);
    }
    Answer::of_data(data, charge)
}

/// Answers what this node does not have: by others who have or make it where there is a key for it, or by running it.
async fn make(context: &Context, asked: Asked<'_>, principal: Principal, paid: Paid<'_>, key: Option<Key>) -> Answer {
    let actor = Actor {
        principal: principal.clone(),
        request_id: asked.id.to_owned(),
        address: asked.address,
        store: context.store.clone(),
        clock: context.store.clock().clone(),
        ids: context.ids.clone(),
        reads: Reads::default(),
        roster: context.settings.roster,
        enrollment: context.settings.enrollment,
        jobs: context.settings.jobs,
    };
    let Some(key) = key else {
        return run(context, paid, actor, context.store.session()).await.0;
    };
    let made = for_everyone(context, key, paid, actor);
    match tokio::time::timeout(milliseconds(context.settings.server.deadline_ms), made).await {
        Ok(Ok((data, etag))) => shared(asked, &principal, paid, data, &etag),
        Ok(Err(answer)) => answer,
        Err(_) => refuse(context, &late(), paid.media),
    }
}

/// Finds the document, checks what is asked of it, and takes its cost out of the caller's bucket.
async fn pay(
    context: &Context,
    asked: Asked<'_>,
    principal: &Principal,
    sent: &Sent,
    shown: &mut Shown,
) -> Result<(Ready, Charge), Refused> {
    let Sent { parameters, document, .. } = sent;
    shown.document = Some(*document);
    let document = document::find(context, principal, asked.address, &parameters.document, *document).await?;
    let fitted = if let Some(fitted) = sent.fitted() {
        Arc::clone(fitted)
    } else {
        let wish = Wish {
            operation_name: parameters.operation_name.as_deref(),
            variables: parameters.variables.as_deref(),
            is_get: *asked.method == Method::GET,
        };
        Arc::new(context.front.fit(&document, wish)?)
    };
    shown.fitted = Some(Arc::clone(&fitted));
    let most = context.budget.most_per_operation(principal);
    if fitted.cost > most {
        return Err(Refused::by_cost(fitted.cost, most));
    }
    // Together, so that a caller who waits as long as it is told has enough for both; and no more than a bucket holds.
    let requested = fitted.cost.saturating_add(document::sharing(context, &document, &parameters.document)).min(most);
    let charged = context.budget.charge(principal, asked.address, requested).await;
    let standing = charged.map_err(|exhausted| Refused::by_budget(requested, &exhausted))?;
    Ok((Ready { document, fitted }, Charge { requested, standing }))
}

/// The key under which the answer is kept; `None` for one that is not.
fn key(context: &Context, ready: &Ready, principal: &Principal) -> Option<Key> {
    let is_shared = match ready.fitted.sharing {
        Sharing::Everyone => true,
        Sharing::Visitors => *principal == Principal::Anonymous,
        Sharing::None => false,
    } || context.store.faults().has_no_scope();
    // What is kept is read as a visitor reads it, whoever asks.
    let scope = decide(&Principal::Anonymous, Action::Look).ok().filter(|_| is_shared)?;
    let Fitted { question, operation_name, given, .. } = &*ready.fitted;
    let question = question.get_or_init(|| Question::new(ready.hash(), operation_name.as_deref(), given, &context.schema_hash));
    Key::new(&scope, question, context.store.clock().today())
}

/// The data of what is the same for everyone, and what names it: kept by others, or made now. Else the answer as it came out.
async fn for_everyone(context: &Context, key: Key, paid: Paid<'_>, actor: Actor) -> Result<(Bytes, String), Answer> {
    // Who has waited half of the time for somebody else has the other half to make it.
    let patience = milliseconds(context.settings.server.deadline_ms) / 2;
    let turn = match &context.answers {
        None => None,
        Some(answers) => match answers.find(key, patience).await {
            Found::Kept(entry) => {
                // Another node may have found it valid, or this one, and forgotten since.
                keep(context, paid);
                return Ok((entry.data.clone(), entry.etag.clone()));
            }
            Found::Make(turn) => Some(turn),
        },
    };
    let visitor = if context.store.faults().has_no_scope() { actor } else { Actor { principal: Principal::Anonymous, ..actor } };
    let (answer, shareable) = run(context, paid, visitor, context.store.noting_session()).await;
    let (data, tags) = shareable.ok_or(answer)?;
    let pause = context.store.faults().before_fill();
    if !pause.is_zero() {
        tokio::time::sleep(pause).await;
    }
    let etag = cache::etag(&data);
    if let Some(turn) = turn {
        turn.keep(data.clone(), tags);
    }
    Ok((data, etag))
}

/// Keeps a document that is valid, here and for the other nodes, and what was asked of it.
fn keep(context: &Context, Paid { sent, ready, .. }: Paid<'_>) {
    context.front.keep(&ready.document);
    document::share(context, &ready.document, &sent.parameters.document);
    context.repeats.keep(sent, &ready.fitted);
}

fn refuse(context: &Context, refused: &Refused, media: Media) -> Answer {
    tracing::debug!(code = refused.code().name(), "refused");
    context.meter.refused(refused.code());
    Answer::of_refused(refused, media)
}

/// Who sends a request, and what, by its address or its body.
async fn read(context: &Context, asked: Asked<'_>, body: Body) -> Result<(Principal, Arc<Sent>), Refused> {
    let Asked { method, headers, query, .. } = asked;
    let principal = context.identity.principal(headers).await.map_err(|rejected| unauthenticated(context, rejected))?;
    let bad = |text: String| Refused::with_status(Code::BadRequest, text, StatusCode::BAD_REQUEST);
    let sent = match *method {
        Method::GET => {
            let query = query.unwrap_or_default();
            context.repeats.read(method, Bytes::copy_from_slice(query.as_bytes()), |_| request::from_address(query)).map_err(bad)
        }
        Method::POST if !negotiate::is_json(headers) => {
            let text = "send the request as application/json in UTF-8";
            Err(Refused::with_status(Code::BadRequest, text, StatusCode::UNSUPPORTED_MEDIA_TYPE))
        }
        Method::POST if negotiate::is_encoded(headers) => {
            let text = "send the body as it is, without a Content-Encoding: compressed requests are not read";
            Err(Refused::with_status(Code::BadRequest, text, StatusCode::UNSUPPORTED_MEDIA_TYPE))
        }
        Method::POST => {
            let (server, limits) = (&context.settings.server, &context.settings.limits);
            let read = body::collect(headers, body, limits.body_bytes, milliseconds(server.body_ms)).await;
            let body = read.map_err(|unread| unread.refused("body_bytes", "body"))?;
            context.repeats.read(method, body, request::from_body).map_err(bad)
        }
        _ => Err(Refused::with_status(Code::BadRequest, "send a POST, or a GET for queries", StatusCode::METHOD_NOT_ALLOWED)),
    }?;
    Ok((principal, sent))
}

/// The one answer to every token that is refused, but for a node that knows of none whether it is valid, and the line that tells why. Neither holds anything of the token.
fn unauthenticated(context: &Context, rejected: Rejected) -> Refused {
    context.meter.rejected(rejected.reason);
    let (reason, issuer) = (rejected.reason.word(), rejected.issuer.map(tracing::field::display));
    if rejected.reason.is_ours() {
        tracing::warn!(reason, issuer, "a token is refused");
    } else {
        tracing::info!(reason, issuer, "a token is refused");
    }
    if rejected.reason == Reason::Unheard {
        // Nothing is wrong with the token: whoever throws it away for this would have to sign in again.
        return Refused::unavailable("the server cannot tell which tokens are valid at the moment; try again soon");
    }
    Refused::with_status(Code::Unauthenticated, "the access token is not valid", StatusCode::UNAUTHORIZED)
}

/// That the deadline has passed.
pub(super) fn late() -> Refused {
    Refused::new(Code::Timeout, "the operation took longer than the deadline; ask for less at a time")
}

/// The data of an answer, and what it hangs on.
type Shareable = (Bytes, Vec<String>);

/// Runs an operation under the deadline; also its data when that is whole and the session found nothing in it that is not for everyone.
async fn run(context: &Context, paid: Paid<'_>, actor: Actor, session: Session) -> (Answer, Option<Shareable>) {
    let Paid { ready, charge, media, .. } = paid;
    let deadline = Instant::now() + milliseconds(context.settings.server.deadline_ms);
    let (principal, author) = (actor.principal.clone(), actor.clone());
    let may_introspect = context.settings.introspection.anonymous || principal != Principal::Anonymous;
    let session = Arc::new(session);
    let mut request = Request::new("").variables(ready.fitted.variables.clone());
    request = request.data(principal).data(actor).data(context.identity.clone()).data(charge.standing).data(Arc::clone(&session));
    request.operation_name.clone_from(&ready.fitted.operation_name);
    request.set_parsed_query(ready.parsed());
    if ready.fitted.is_introspection && !may_introspect {
        let text = "introspection is for signed-in callers; the schema's text is at /schema.graphql";
        return (refuse(context, &Refused::new(Code::ValidationFailed, text), media), None);
    }
    let Ok(mut response) = tokio::time::timeout_at(deadline.into(), context.schema.execute(request)).await else {
        return (refuse(context, &late(), media), None);
    };
    session.finish().await;
    if let Err(refused) = disclosed::write_down(ready, &author, deadline, &mut response).await {
        return (refuse(context, &refused, media), None);
    }
    if let Some(invalid) = Answer::of_invalid(&response, media) {
        return (invalid, None);
    }
    keep(context, paid);
    match session.tags().filter(|_| response.errors.is_empty()) {
        Some(tags) => {
            let data = data_of(&response);
            (Answer::of_data(data.clone(), charge), Some((data, tags)))
        }
        None => (Answer::of(&response, charge), None),
    }
}
