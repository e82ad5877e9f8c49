//! Where a request came from.

use std::net::{IpAddr, SocketAddr};

use axum::http::request::Parts;

/// The other end of a connection, kept with each request on it.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// The address of a client. Behind so many proxies that are trusted, each of which adds the address of whoever asked it to `X-Forwarded-For`, it is the one that the
/// outermost of them added; what a client wrote there itself stands further to the left, and counts for nothing.
#[must_use]
pub fn address(parts: &Parts, proxies: usize) -> Option<IpAddr> {
    let peer = parts.extensions.get::<Peer>().map(|peer| peer.0.ip());
    if proxies == 0 {
        return peer;
    }
    let values = parts.headers.get_all("x-forwarded-for").iter();
    // Counted from the right: what a client has written further to the left may be anything.
    let told: Vec<&[u8]> = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b',')).collect();
    let outermost = told.len().checked_sub(proxies).and_then(|place| told.get(place).copied());
    outermost.and_then(|text| read(std::str::from_utf8(text).ok()?.trim())).or(peer)
}

/// An address, with a port behind it where a proxy adds one.
fn read(text: &str) -> Option<IpAddr> {
    let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    inner.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}
