//! Settings: the compiled-in defaults, then a file, then the environment. `config/default.toml` is the manual.

mod asking;
mod budget;
mod cache;
mod identity;
mod people;

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use config::builder::DefaultState;
use config::{Config, ConfigBuilder, Environment, File, FileFormat};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::domain::caller::CallerKind;

pub use asking::{Cursors, Introspection};
pub use budget::{Bucket, Budget};
pub use cache::Cache;
pub use identity::{Identity, Issuer};
pub use people::{Enrollment, Jobs, Roster};

const DEFAULTS: &str = include_str!("../config/default.toml");
/// Fewest characters of a secret: at 6 bits each they hold more than the signature's 128.
const SECRET_LENGTH: usize = 32;

/// All settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The server.
    pub server: Server,
    /// The database.
    pub database: Database,
    /// Cursors.
    pub cursors: Cursors,
    /// Who is believed.
    pub identity: Identity,
    /// Introspection.
    pub introspection: Introspection,
    /// Limits of a request.
    pub limits: Limits,
    /// Limits of cost.
    pub cost: Cost,
    /// What callers may spend.
    pub budget: Budget,
    /// Logs.
    pub log: Log,
    /// Rosters of businesses.
    pub roster: Roster,
    /// Places in offerings.
    pub enrollment: Enrollment,
    /// Work in the background.
    pub jobs: Jobs,
    /// What is kept in memory.
    pub cache: Cache,
    /// What nodes share.
    pub redis: Redis,
    /// Documents that were registered.
    pub documents: Documents,
    /// What is counted.
    pub metrics: Metrics,
}

/// The server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Address and port.
    pub listen: String,
    /// Most connections at a time.
    pub max_connections: usize,
    /// Time for the first byte of a connection, in milliseconds.
    pub first_byte_ms: u64,
    /// Time for the head of a request, in milliseconds.
    pub header_ms: u64,
    /// Time for the body of a request, in milliseconds.
    pub body_ms: u64,
    /// Proxies in front of the server that are believed.
    pub trusted_proxies: usize,
    /// Time in which a client must take some of an answer, in milliseconds.
    pub write_ms: u64,
    /// Time for an operation, in milliseconds.
    pub deadline_ms: u64,
    /// Time for requests under way when the server stops, in milliseconds.
    pub shutdown_ms: u64,
}

/// The database.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// Where it is; holds a password.
    pub url: SecretString,
    /// Most connections.
    pub connections: u32,
    /// Time to wait for one, in milliseconds.
    pub acquire_ms: u64,
    /// Whether `serve` migrates by itself.
    pub migrate_on_start: bool,
}

/// Limits of a request.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Bytes of the body.
    pub body_bytes: usize,
    /// Bytes of the document.
    pub document_bytes: usize,
    /// Tokens of the document.
    pub tokens: usize,
    /// Nested brackets.
    pub nesting: usize,
    /// Nested fields.
    pub depth: usize,
    /// Nested lists below `__schema` and `__type`.
    pub introspection_depth: usize,
    /// Estimated fields of the answer below `__schema` and `__type`.
    pub introspection_fields: u64,
    /// Aliases.
    pub aliases: usize,
    /// Directives.
    pub directives: usize,
    /// Spreads of fragments and inline fragments.
    pub spreads: usize,
    /// Fields after expansion.
    pub fields: u64,
    /// Fields, spreads and inline fragments after expansion.
    pub selections: u64,
    /// Operations of a document.
    pub operations: usize,
    /// Items of a list.
    pub list_items: usize,
    /// Values in the variables.
    pub variable_values: u64,
}

/// Limits of cost, in points an operation.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// Without a token.
    pub anonymous: u64,
    /// Of a person.
    pub person: u64,
    /// Of a machine.
    pub service: u64,
}

/// Logs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// Form of the lines.
    pub format: LogFormat,
    /// What is logged.
    pub level: String,
}

/// Form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// What nodes share.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redis {
    /// Where it is; holds a password. Empty for none.
    pub url: SecretString,
    /// Time for a call, in milliseconds.
    pub timeout_ms: u64,
    /// File of the authorities whose certificates are taken; empty for those of the system.
    pub ca_file: String,
}

/// Documents that were registered.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Documents {
    /// Sorts of callers who may run no others.
    pub only_registered: Vec<CallerKind>,
}

/// What is counted.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// What whoever fetches the figures sends. Empty: this machine only may.
    pub token: SecretString,
}

/// A setting that is wrong; the text names its key and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SettingsError(String);

impl Settings {
    /// The defaults alone.
    pub fn built_in() -> Result<Self, SettingsError> {
        Self::of(Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml)))
    }

    /// Reads the defaults, the file if there is one, and the environment.
    pub fn read(file: Option<&Path>) -> Result<Self, SettingsError> {
        let mut builder = Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
        if let Some(path) = file {
            builder = builder.add_source(File::from(path).format(FileFormat::Toml).required(true));
        }
        Self::of(builder.add_source(Environment::with_prefix("CONCORD").prefix_separator("__").separator("__")))
    }

    /// What the sources say together.
    fn of(builder: ConfigBuilder<DefaultState>) -> Result<Self, SettingsError> {
        let read = builder.build().and_then(Config::try_deserialize::<Self>);
        read.map_err(|error| SettingsError(format!("the configuration cannot be read: {error}")))
    }

    /// Refuses settings without a database.
    pub fn check_database(&self) -> Result<(), SettingsError> {
        let url = self.database.url.expose_secret();
        if url.is_empty() {
            let text =
                "database.url is not set: give it by CONCORD__DATABASE__URL or in the configuration file (postgres://… or sqlite://FILE)";
            return Err(SettingsError(text.to_owned()));
        }
        if !["postgres://", "postgresql://", "sqlite://"].iter().any(|scheme| url.starts_with(scheme)) {
            return Err(SettingsError("database.url must begin with postgres:// or sqlite://".to_owned()));
        }
        Ok(())
    }

    /// Refuses what `serve` cannot run with.
    pub fn check_for_production(&self) -> Result<(), SettingsError> {
        self.check_database()?;
        let fail = |text: &str| Err(SettingsError(text.to_owned()));
        let secret = self.cursors.secret.expose_secret();
        if secret.chars().count() < SECRET_LENGTH {
            return fail(
                "cursors.secret must be set, with at least 32 characters, the same on every node: give it by CONCORD__CURSORS__SECRET",
            );
        }
        if self.introspection.anonymous {
            return fail(
                "introspection.anonymous is for the demo only: production publishes the schema at /schema.graphql; set it to false",
            );
        }
        if self.identity.allow_private_addresses {
            return fail(
                "identity.allow_private_addresses is for development only: production fetches keys by https from public addresses; set it to false",
            );
        }
        if self.identity.poll_ms > SLOWEST_POLL {
            return fail("identity.poll_ms must not be above 500: a revocation takes effect within a second");
        }
        if self.cache.is_used() && self.cache.poll_ms > SLOWEST_POLL {
            return fail("cache.poll_ms must not be above 500: no answer is older than a second");
        }
        self.identity.check_own_for_production()?;
        self.check()
    }

    /// Refuses what contradicts itself.
    pub fn check(&self) -> Result<(), SettingsError> {
        self.address()?;
        let numbers = [
            ("server.max_connections", self.server.max_connections as u64),
            ("server.first_byte_ms", self.server.first_byte_ms),
            ("server.header_ms", self.server.header_ms),
            ("server.body_ms", self.server.body_ms),
            ("server.write_ms", self.server.write_ms),
            ("server.deadline_ms", self.server.deadline_ms),
            ("server.shutdown_ms", self.server.shutdown_ms),
            ("database.connections", self.database.connections.into()),
            ("database.acquire_ms", self.database.acquire_ms),
            ("limits.body_bytes", self.limits.body_bytes as u64),
            ("limits.document_bytes", self.limits.document_bytes as u64),
            ("limits.tokens", self.limits.tokens as u64),
            ("limits.nesting", self.limits.nesting as u64),
            ("limits.depth", self.limits.depth as u64),
            ("limits.introspection_depth", self.limits.introspection_depth as u64),
            ("limits.introspection_fields", self.limits.introspection_fields),
            ("limits.fields", self.limits.fields),
            ("limits.selections", self.limits.selections),
            ("limits.operations", self.limits.operations as u64),
            ("limits.variable_values", self.limits.variable_values),
            ("cost.anonymous", self.cost.anonymous),
            ("cost.person", self.cost.person),
            ("cost.service", self.cost.service),
            ("budget.anonymous.capacity", self.budget.anonymous.capacity),
            ("budget.anonymous.refill_per_second", self.budget.anonymous.refill_per_second),
            ("budget.person.capacity", self.budget.person.capacity),
            ("budget.person.refill_per_second", self.budget.person.refill_per_second),
            ("budget.service.capacity", self.budget.service.capacity),
            ("budget.service.refill_per_second", self.budget.service.refill_per_second),
            ("budget.tenant.capacity", self.budget.tenant.capacity),
            ("budget.tenant.refill_per_second", self.budget.tenant.refill_per_second),
            ("budget.nodes", self.budget.nodes),
            ("cache.document_bytes", self.cache.document_bytes),
            ("cache.answer_seconds", self.cache.answer_seconds),
            ("cache.poll_ms", self.cache.poll_ms),
            ("cache.redis_value_bytes", self.cache.redis_value_bytes),
            ("redis.timeout_ms", self.redis.timeout_ms),
            ("jobs.batch", self.jobs.batch.into()),
            ("jobs.lease_ms", self.jobs.lease_ms),
            ("jobs.poll_ms", self.jobs.poll_ms),
            ("jobs.open", self.jobs.open),
            ("jobs.rows", self.jobs.rows as u64),
            ("jobs.upload_bytes", self.jobs.upload_bytes as u64),
            ("identity.poll_ms", self.identity.poll_ms),
            ("identity.keys_fresh_ms", self.identity.keys_fresh_ms),
            ("identity.cache_tokens", self.identity.cache_tokens),
            ("identity.cache_bytes", self.identity.cache_bytes),
        ];
        if let Some((key, _)) = numbers.iter().find(|(_, value)| *value == 0) {
            return Err(SettingsError(format!("{key} must be above 0")));
        }
        if self.limits.nesting > HIGHEST_NESTING {
            return Err(SettingsError(format!("limits.nesting must not be above {HIGHEST_NESTING}: the parser below walks recursively")));
        }
        if self.identity.keys_stale_ms < self.identity.keys_fresh_ms {
            return Err(SettingsError("identity.keys_stale_ms must not be below identity.keys_fresh_ms".to_owned()));
        }
        self.identity.check_own()?;
        if (1..SECRET_LENGTH).contains(&self.metrics.token.expose_secret().chars().count()) {
            return Err(SettingsError("metrics.token must have at least 32 characters, or be empty".to_owned()));
        }
        // The first of each pair cannot be reached when it is above the second.
        let pairs = [
            ("limits.document_bytes", "limits.body_bytes"),
            ("limits.tokens", "limits.document_bytes"),
            ("limits.depth", "limits.nesting"),
            ("limits.introspection_depth", "limits.nesting"),
            ("limits.fields", "limits.selections"),
            ("database.acquire_ms", "server.deadline_ms"),
            // What may never be paid would be refused for ever.
            ("cost.anonymous", "budget.anonymous.capacity"),
            ("cost.person", "budget.person.capacity"),
            ("cost.service", "budget.service.capacity"),
            ("budget.person.capacity", "budget.tenant.capacity"),
            ("budget.service.capacity", "budget.tenant.capacity"),
        ];
        let value = |key: &str| numbers.iter().find(|(known, _)| *known == key).map(|(_, value)| *value);
        if let Some((lower, upper)) = pairs.iter().find(|(lower, upper)| value(lower) > value(upper)) {
            return Err(SettingsError(format!("{lower} must not be above {upper}")));
        }
        Ok(())
    }

    /// The address to listen on.
    pub fn address(&self) -> Result<SocketAddr, SettingsError> {
        let listen = &self.server.listen;
        listen.parse().map_err(|_| SettingsError(format!("server.listen is not an address and port such as 127.0.0.1:8080: \"{listen}\"")))
    }
}

/// Slowest poll, for revocations and for changes, that keeps the promise of a second.
const SLOWEST_POLL: u64 = 500;

/// Deeper documents could exhaust the stack of the library's parser.
const HIGHEST_NESTING: usize = 60;

/// A number of milliseconds.
#[must_use]
pub const fn milliseconds(number: u64) -> Duration {
    Duration::from_millis(number)
}
