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
    let values = parts.headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let told: Vec<IpAddr> = values.flat_map(|value| value.split(',')).map(|text| text.trim().parse().ok()).collect::<Option<_>>()?;
    told.len().checked_sub(proxies).and_then(|place| told.get(place).copied()).or(peer)
}
