//! Where Redis is: what the address in the settings says.

use std::time::Duration;

use ::redis::cluster::ClusterClient;
use ::redis::sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType};
use ::redis::{Client, IntoConnectionInfo, RedisError, TlsCertificates, TlsMode};
use secrecy::ExposeSecret;
use tokio::sync::Mutex;

use super::CONNECTING;
use crate::config;

/// What of the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AddressError {
    /// The address.
    #[error("redis.url cannot be used: {0}")]
    Url(String),
    /// The file of authorities.
    #[error("redis.ca_file cannot be used: {0}")]
    Authorities(String),
}

/// How the servers are reached.
pub(super) enum Target {
    One(Box<Client>),
    Cluster(Box<ClusterClient>),
    Sentinel(Box<Mutex<SentinelClient>>),
}

/// Whose certificates are taken; `None` for those that the system takes.
fn authorities(settings: &config::Redis) -> Result<Option<TlsCertificates>, AddressError> {
    let path = &settings.ca_file;
    if path.is_empty() {
        return Ok(None);
    }
    let fail = |text: String| AddressError::Authorities(format!("{path}: {text}"));
    let text = std::fs::read(path).map_err(|error| fail(error.to_string()))?;
    // The library takes a file without any for one that trusts nobody.
    if !text.windows(BEGIN.len()).any(|bytes| bytes == BEGIN) {
        return Err(fail("it holds no certificate in PEM".to_owned()));
    }
    Ok(Some(TlsCertificates { client_tls: None, root_cert: Some(text) }))
}

/// What a certificate in PEM begins with.
const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";

/// Reads an address: `redis://`, or `rediss://` with TLS, for one server; with `+cluster` or `+sentinel` behind the name, several servers divided by commas, and for sentinels
/// the name of the master as the path.
pub(super) fn target(settings: &config::Redis) -> Result<Target, AddressError> {
    let fail = |text: &str| AddressError::Url(text.to_owned());
    let library = |error: RedisError| AddressError::Url(error.category().to_owned());
    let authorities = authorities(settings)?;
    let url = settings.url.expose_secret();
    let (scheme, rest) = url.split_once("://").ok_or_else(|| fail("it has no scheme"))?;
    let (scheme, way) = scheme.split_once('+').unwrap_or((scheme, ""));
    if !matches!(scheme, "redis" | "rediss") {
        return Err(fail("it must begin with redis:// or rediss://, or with +cluster or +sentinel behind these names"));
    }
    let authorities = authorities.filter(|_| scheme == "rediss");
    if way.is_empty() {
        let client = match authorities {
            Some(authorities) => Client::build_with_tls(url, authorities),
            None => Client::open(url),
        };
        return client.map(|client| Target::One(Box::new(client))).map_err(library);
    }
    let (login, rest) = rest.rsplit_once('@').map_or(("", rest), |(login, rest)| (login, rest));
    let (hosts, path) = rest.split_once('/').unwrap_or((rest, ""));
    let nodes: Vec<String> = hosts.split(',').map(|host| format!("{scheme}://{host}")).collect();
    let timeout = config::milliseconds(settings.timeout_ms);
    match way {
        "cluster" => cluster(nodes, login, scheme == "rediss", authorities, timeout).map_err(library),
        "sentinel" => {
            let (master, database) = path.split_once('/').unwrap_or((path, "0"));
            if master.is_empty() {
                return Err(fail("the name of the master is missing behind the sentinels"));
            }
            let database = database.parse().map_err(|_| fail("the database is no number"))?;
            sentinel(&nodes, login, (master, database), scheme == "rediss", authorities).map_err(library)
        }
        _ => Err(fail("behind + stands cluster or sentinel")),
    }
}

/// Servers that divide the keys among them.
fn cluster(
    nodes: Vec<String>,
    login: &str,
    is_secret: bool,
    authorities: Option<TlsCertificates>,
    timeout: Duration,
) -> Result<Target, RedisError> {
    let mut builder = ClusterClient::builder(nodes).connection_timeout(CONNECTING).response_timeout(timeout).retries(1);
    if is_secret {
        builder = builder.tls(TlsMode::Secure);
    }
    if let Some(authorities) = authorities {
        builder = builder.certs(authorities);
    }
    let (user, password) = read_login(login);
    if let Some(user) = user {
        builder = builder.username(user);
    }
    if let Some(password) = password {
        builder = builder.password(password);
    }
    builder.build().map(|client| Target::Cluster(Box::new(client)))
}

/// Servers that know which one the others follow.
fn sentinel(
    nodes: &[String],
    login: &str,
    (master, database): (&str, i64),
    is_secret: bool,
    authorities: Option<TlsCertificates>,
) -> Result<Target, RedisError> {
    let addresses = nodes.iter().map(|node| Ok(node.as_str().into_connection_info()?.addr().clone()));
    let addresses = addresses.collect::<Result<Vec<_>, RedisError>>()?;
    let mut builder = SentinelClientBuilder::new(addresses, master, SentinelServerType::Master)?.set_client_to_redis_db(database);
    if is_secret {
        builder = builder.set_client_to_redis_tls_mode(TlsMode::Secure).set_client_to_sentinel_tls_mode(TlsMode::Secure);
    }
    if let Some(authorities) = authorities {
        builder = builder.set_client_to_sentinel_certificates(authorities.clone()).set_client_to_redis_certificates(authorities);
    }
    let (user, password) = read_login(login);
    if let Some(user) = user {
        builder = builder.set_client_to_redis_username(user);
    }
    if let Some(password) = password {
        builder = builder.set_client_to_redis_password(password);
    }
    builder.build().map(|client| Target::Sentinel(Box::new(Mutex::new(client))))
}

/// The user and the password of an address, where they are given.
fn read_login(login: &str) -> (Option<String>, Option<String>) {
    let plain = |text: &str| {
        let text = format!("x={}", text.replace('+', "%2B").replace('&', "%26"));
        let value = form_urlencoded::parse(text.as_bytes()).next().map(|(_, value)| value.into_owned());
        value.filter(|value| !value.is_empty())
    };
    let (user, password) = login.split_once(':').unwrap_or((login, ""));
    (plain(user), plain(password))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which way an address leads, or why nowhere.
    fn read(url: &str, ca_file: &str) -> Result<&'static str, String> {
        match target(&config::Redis { url: url.into(), timeout_ms: 20, ca_file: ca_file.to_owned() }) {
            Ok(Target::One(_)) => Ok("one"),
            Ok(Target::Cluster(_)) => Ok("cluster"),
            Ok(Target::Sentinel(_)) => Ok("sentinel"),
            Err(error) => Err(error.to_string()),
        }
    }

    /// An operator writes addresses of every sort, and wrong ones, which are refused without showing the password.
    #[test]
    fn addresses_are_read() {
        for (url, way) in [
            ("redis://cache.example.edu", "one"),
            ("rediss://user:pass%40word@cache.example.edu:6380/2", "one"),
            ("redis+cluster://user:password@a:6379,b:6379", "cluster"),
            ("rediss+cluster://a:6379", "cluster"),
            ("redis+sentinel://user:password@a:26379,b:26379/main", "sentinel"),
            ("rediss+sentinel://a:26379/main/3", "sentinel"),
        ] {
            assert_eq!(read(url, ""), Ok(way), "{url}");
        }
        for url in [
            "cache",
            "http://a",
            "redis+x://hunter2@a",
            "redis+sentinel://x:hunter2@a:26379",
            "redis+sentinel://a/main/x",
            "redis://:hunter2@:x",
        ] {
            let error = read(url, "").expect_err(url);
            assert!(error.starts_with("redis.url cannot be used: ") && !error.contains("hunter2"), "{error}");
        }
    }

    /// An operator names a file that is not there, and one without a certificate.
    #[test]
    fn authorities_are_read() {
        for path in ["nowhere.pem", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")] {
            let error = read("rediss://cache.example.edu", path).expect_err(path);
            assert!(error.starts_with(&format!("redis.ca_file cannot be used: {path}: ")), "{error}");
        }
    }

    /// A login may hold what addresses must escape.
    #[test]
    fn logins_are_read() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(read_login("user:pass%40+word"), (some("user"), some("pass@+word")));
        assert_eq!(read_login("a&b:c&d=e"), (some("a&b"), some("c&d=e")));
        assert_eq!(read_login(":secret"), (None, some("secret")));
        assert_eq!(read_login(""), (None, None));
    }
}
