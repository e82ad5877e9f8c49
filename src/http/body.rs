//! Bodies of requests, read under limits of size and time.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::refused::Refused;
use crate::graphql::error::{Code, Excess};

/// Why a body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unread {
    /// It is longer than so many bytes, and has so many at least.
    TooLong { most: usize, actual: u64 },
    /// Its sender went away.
    Broken,
    /// It did not arrive in time.
    Late,
}

/// The bytes of a body.
pub(super) async fn collect(headers: &HeaderMap, body: Body, most: usize, limit: Duration) -> Result<Bytes, Unread> {
    let declared = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if let Some(actual) = declared.filter(|declared| *declared > most as u64) {
        return Err(Unread::TooLong { most, actual });
    }
    let mut reading = pin!(Limited::new(body, most).collect());
    let read = match poll_fn(|context| Poll::Ready(reading.as_mut().poll(context))).await {
        Poll::Ready(read) => Ok(read),
        // What is there already needs no timer, nor the room that one takes.
        Poll::Pending => Box::pin(tokio::time::timeout(limit, reading)).await,
    };
    match read {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Unread::TooLong { most, actual: most as u64 + 1 }),
        Ok(Err(_)) => Err(Unread::Broken),
        Err(_) => Err(Unread::Late),
    }
}

impl Unread {
    /// What is answered: by the name of the limit, and by what the body is to its sender.
    pub(super) fn refused(self, limit: &str, what: &str) -> Refused {
        match self {
            Self::TooLong { most, actual } => {
                let actual = i64::try_from(actual).unwrap_or(i64::MAX);
                Refused::with_status_of(Excess { name: limit.to_owned(), max: most as u64, actual }, StatusCode::PAYLOAD_TOO_LARGE)
            }
            Self::Broken => Refused::with_status(Code::BadRequest, format!("the {what} broke off"), StatusCode::BAD_REQUEST),
            Self::Late => Refused::with_status(Code::Timeout, format!("the {what} did not arrive in time"), StatusCode::REQUEST_TIMEOUT),
        }
    }
}
