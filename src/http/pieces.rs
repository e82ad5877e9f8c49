//! Bodies in pieces: what is kept is sent as it lies, between what differs from answer to answer, and is copied for nobody.

use std::array;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};

/// Most pieces of a body.
const MOST: usize = 3;

/// A body of a known length.
#[derive(Debug)]
pub struct Pieces(array::IntoIter<Bytes, MOST>);

impl Pieces {
    /// Of pieces that follow each other, any of which may be empty.
    #[must_use]
    pub fn new(pieces: [Bytes; MOST]) -> Self {
        Self(pieces.into_iter())
    }

    /// Without anything.
    #[must_use]
    pub fn none() -> Self {
        Self::from(Bytes::new())
    }

    fn bytes(&self) -> u64 {
        self.0.as_slice().iter().map(|piece| piece.len() as u64).sum()
    }
}

impl From<Bytes> for Pieces {
    fn from(whole: Bytes) -> Self {
        Self::new([whole, Bytes::new(), Bytes::new()])
    }
}

impl From<Pieces> for Body {
    fn from(pieces: Pieces) -> Self {
        Self::new(pieces)
    }
}

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.find(|piece| !piece.is_empty()).map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes() == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes())
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    /// Pieces of which one is empty: they come as they are, and the length is that of what is still to come.
    #[tokio::test]
    async fn come_in_order() {
        let mut pieces = Pieces::new([Bytes::from_static(b"ab"), Bytes::new(), Bytes::from_static(b"c")]);
        assert_eq!((pieces.size_hint().exact(), pieces.is_end_stream()), (Some(3), false));
        let first = pieces.frame().await.expect("a piece").expect("no failure").into_data().expect("data");
        assert_eq!((&first[..], pieces.size_hint().exact()), (&b"ab"[..], Some(1)));
        assert_eq!(pieces.collect().await.expect("no failure").to_bytes(), "c");
        assert!(Pieces::none().is_end_stream());
    }
}
