//! What learners are to know of an answer is written down before the answer leaves, within the same deadline. Where it cannot be, nothing of it is shown.

use std::time::Instant;

use async_graphql::{Name, PathSegment, Pos, Response, ServerError, Value};
use axum::http::StatusCode;

use super::endpoint::late;
use super::front::Ready;
use super::refused::Refused;
use crate::graphql::error::{Code, coded};
use crate::service::{Actor, Places};

/// Writes down what an answer shows of learners.
///
/// # Errors
/// When that fails, or takes longer than until the deadline. Of an act, which is done by then, the answer is told all the same, but for what it shows of learners.
pub async fn write_down(ready: &Ready, author: &Actor, deadline: Instant, response: &mut Response) -> Result<(), Refused> {
    let places = author.reads.places();
    let refused = match tokio::time::timeout_at(deadline.into(), author.reads.record(author)).await {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(error)) => {
            tracing::error!(%error, "what was read could not be written down, and is not shown");
            Refused::with_status(Code::Internal, "internal error", StatusCode::INTERNAL_SERVER_ERROR)
        }
        Err(_) => {
            tracing::warn!("what was read could not be written down before the deadline, and is not shown");
            late()
        }
    };
    if ready.fitted.is_mutation {
        hide(&places, refused.code(), response);
        return Ok(());
    }
    Err(refused)
}

/// Takes out of the answer to a mutation what could not be written down: fields of payloads, which may all be null, or payloads as a whole.
fn hide(places: &Places, code: Code, response: &mut Response) {
    let text = "it was done, and what it shows of learners could not be written down for them: ask for it again";
    let mut fail = |path: Vec<PathSegment>| {
        let error = coded(code, text).into_server_error(Pos::default());
        response.errors.push(ServerError { path, locations: Vec::new(), ..error });
    };
    let Value::Object(roots) = &mut response.data else { return };
    for (root, field) in &places.fields {
        if let Some(Value::Object(payload)) = roots.get_mut(root.as_str())
            && let Some(value) = payload.get_mut(field.as_str())
        {
            *value = Value::Null;
            fail(vec![PathSegment::Field(root.clone()), PathSegment::Field(field.clone())]);
        }
    }
    if places.is_anywhere {
        let names: Vec<Name> = roots.keys().cloned().collect();
        for name in names {
            roots.insert(name.clone(), Value::Null);
            fail(vec![PathSegment::Field(name.to_string())]);
        }
    }
}
