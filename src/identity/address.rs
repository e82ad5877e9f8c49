//! Where keys may be fetched from. An issuer's registration must not make this node ask its own neighbors.

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::Uri;
use hyper_util::client::legacy::connect::dns::Name;
use tower_service::Service;

/// Whether everybody reaches the same machine by this address: no loopback, no private, shared, local or reserved network, no group of machines.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    let is_reserved = matches!(
        (first, second, third),
        // This network, and what is reserved for later, the limited broadcast among it.
        (0 | 240..=255, ..)
            // Shared by a carrier's customers; assigned to protocols; former 6to4 relays; for measuring.
            | (100, 64..=127, _) | (192, 0, 0) | (192, 88, 99) | (198, 18 | 19, _)
    );
    !(is_reserved
        || address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation())
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    // Only what is given out to the public (RFC 4291), without what tunnels to, or stands for, an address of version 4, and without what is for documents.
    // ::/96, ::ffff:0:0/96 and 64:ff9b::/96 lie outside of it, as do unique local, link local and multicast addresses.
    let is_given_out = segments[0] & 0xE000 == 0x2000;
    // Protocols, Teredo among them; documents; 6to4; documents again.
    let is_special = matches!((segments[0], segments[1]), (0x2001, 0..=0x01FF | 0x0DB8) | (0x2002, _) | (0x3FFF, 0..=0x0FFF));
    is_given_out && !is_special
}

/// Checks the address of a set of keys.
///
/// # Errors
/// What is wrong with it.
pub fn check(text: &str, allow_private: bool) -> Result<Uri, String> {
    let address: Uri = text.parse().map_err(|_| "it is no address".to_owned())?;
    let is_secure = match address.scheme_str() {
        Some("https") => true,
        Some("http") => false,
        _ => return Err("it must begin with https://".to_owned()),
    };
    if !is_secure && !allow_private {
        return Err("it must begin with https://".to_owned());
    }
    if text.contains(['#', '@']) {
        return Err("it must have neither a fragment nor a user".to_owned());
    }
    let host = address.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    if host.is_empty() {
        return Err("it has no host".to_owned());
    }
    // An address in place of a name is never resolved, and so is looked at here.
    if !allow_private && host.parse().is_ok_and(|address| !is_public(address)) {
        return Err("it is an address that not everybody reaches".to_owned());
    }
    Ok(address)
}

/// Resolves names for the HTTP client, which connects to what comes out of here and to nothing else: what was checked is what is connected to.
#[derive(Debug, Clone, Copy)]
pub struct Resolver {
    /// Whether addresses of this machine and its network are given out.
    pub allow_private: bool,
}

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, io::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), io::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let allow_private = self.allow_private;
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            // One address that must not be asked makes the whole name suspicious.
            if !allow_private && found.iter().any(|address| !is_public(address.ip())) {
                return Err(io::Error::other("the name leads to an address that not everybody reaches"));
            }
            Ok(found.into_iter())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{check, is_public};

    /// Somebody registers an issuer whose keys lie inside of the network: whatever the spelling, it is not asked.
    #[test]
    fn knows_what_is_inside() {
        for inside in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::7f00:1",
            "64:ff9b::a00:1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(inside.parse().expect("an address")), "{inside}");
        }
        for outside in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.0.1",
            "172.32.0.1",
            "193.0.0.1",
            "2606:4700::1111",
            "2a00:1450::1",
        ] {
            assert!(is_public(outside.parse().expect("an address")), "{outside}");
        }
    }

    /// Somebody registers addresses in which something is wrong, each of them one change away from one that is taken.
    #[test]
    fn checks_addresses() {
        assert!(check("https://id.example.edu:8443/keys?x=1", false).is_ok());
        assert!(check("https://8.8.8.8/keys", false).is_ok());
        for wrong in [
            "http://id.example.edu/keys",
            "ftp://id.example.edu/keys",
            "id.example.edu/keys",
            "/keys",
            "https:///keys",
            "https://user@id.example.edu/keys",
            "https://id.example.edu/keys#a",
            "https://127.0.0.1/keys",
            "https://[::1]/keys",
            "https://[::ffff:10.0.0.1]/keys",
            "https://169.254.169.254/latest",
            "",
        ] {
            assert!(check(wrong, false).is_err(), "{wrong}");
        }
        assert!(check("http://127.0.0.1:1/keys", true).is_ok() && check("ftp://127.0.0.1/keys", true).is_err());
    }
}
