//! Settings: where they come from, which are refused, and what they keep to themselves.

use std::path::Path;

use concord::config::{LogFormat, Settings};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::process::{folder, program, refusal, text};
use crate::support::snapshot;

/// The settings of a file with this text.
fn read(content: &str) -> Result<Settings, String> {
    let folder = folder();
    let file = folder.path().join("concord.toml");
    std::fs::write(&file, content).expect("a file");
    Settings::read(Some(&file)).map_err(|error| {
        let error = error.to_string();
        // Where the file is, as seen from wherever the tests run.
        let place = error.rsplit_once(" in ").filter(|(_, place)| place.ends_with("concord.toml"));
        place.map_or(error.clone(), |(what, _)| format!("{what} in FILE"))
    })
}

/// Settings with which a production server starts.
fn complete() -> Settings {
    let mut settings = Settings::read(None).expect("the defaults");
    settings.database.url = "postgres://concord:hunter2@db.example.edu/concord".into();
    settings.cursors.secret = "0123456789abcdef0123456789abcdef".into();
    settings
}

/// An operator changes what differs: the file over the defaults, everything else as it was.
#[test]
fn reads_a_file() {
    let settings = read("[server]\nlisten = \"0.0.0.0:80\"\n[log]\nformat = \"json\"\n").expect("settings");
    assert_eq!((settings.server.listen.as_str(), settings.server.deadline_ms, settings.log.format), ("0.0.0.0:80", 5_000, LogFormat::Json));
    assert_eq!((settings.cost.anonymous, settings.introspection.anonymous, settings.limits.depth), (500, false, 12));
}

/// An operator mistypes a key, a value, or the file itself: the answer names it.
#[test]
fn refuses_wrong_files() {
    let mut answers = serde_json::Map::new();
    for content in [
        "[server]\nlisten_on = \"x\"\n",
        "[sever]\nlisten = \"x\"\n",
        "listen = \"x\"\n",
        "[server]\nmax_connections = \"many\"\n",
        "[server]\nmax_connections = -1\n",
        "[log]\nformat = \"xml\"\n",
        "[introspection]\nanonymous = \"perhaps\"\n",
        "[server\n",
    ] {
        answers.insert(content.to_owned(), read(content).expect_err(content).into());
    }
    snapshot!("wrong_files", answers);
}

/// The environment is over the file, unknown keys in it are refused too, and what looks like a number stays the text that it is.
#[test]
fn reads_the_environment() {
    let folder = folder();
    let file = folder.path().join("concord.toml");
    std::fs::write(&file, "[server]\nlisten = \"file\"\n").expect("a file");
    let serve = |variables: &[(&str, &str)]| {
        let mut command = program(&["serve", "--config", text(&file)]);
        command
            .env("CONCORD__DATABASE__URL", "sqlite://none.db")
            .env("CONCORD__CURSORS__SECRET", "0".repeat(32))
            .envs(variables.iter().copied());
        refusal(&mut command)
    };
    let told = json!({
        "file": serve(&[]),
        "environment": serve(&[("CONCORD__SERVER__LISTEN", "environment")]),
        "number": serve(&[("CONCORD__SERVER__HEADER_MS", "0"), ("CONCORD__SERVER__LISTEN", "127.0.0.1:0")]),
        "switch": serve(&[("CONCORD__INTROSPECTION__ANONYMOUS", "true")]),
        "unknown key": serve(&[("CONCORD__SERVER__PORT", "80")]),
        "wrong value": serve(&[("CONCORD__SERVER__MAX_CONNECTIONS", "many")]),
        "filter of logs": serve(&[("CONCORD__LOG__LEVEL", "info,=loud="), ("CONCORD__SERVER__LISTEN", "127.0.0.1:0")]),
    });
    snapshot!("environment", told);
}

/// Makes a complete configuration incomplete or contradictory.
type Change = fn(&mut Settings);

/// An operator forgets something, or contradicts himself: the server does not start, and the answer names the key.
#[test]
fn refuses_what_cannot_be_served() {
    complete().check_for_production().expect("a complete configuration");
    let changes: [(&str, Change); 48] = [
        ("database.url", |settings| settings.database.url = "".into()),
        ("database.url", |settings| settings.database.url = "mysql://db.example.edu/concord".into()),
        ("cursors.secret", |settings| settings.cursors.secret = "".into()),
        ("cursors.secret", |settings| settings.cursors.secret = "0123456789abcdef0123456789abcde".into()),
        ("introspection.anonymous", |settings| settings.introspection.anonymous = true),
        ("server.listen", |settings| settings.server.listen = "8080".to_owned()),
        ("server.listen", |settings| settings.server.listen = "localhost:8080".to_owned()),
        ("server.max_connections", |settings| settings.server.max_connections = 0),
        ("server.first_byte_ms", |settings| settings.server.first_byte_ms = 0),
        ("server.header_ms", |settings| settings.server.header_ms = 0),
        ("server.body_ms", |settings| settings.server.body_ms = 0),
        ("server.deadline_ms", |settings| settings.server.deadline_ms = 0),
        ("database.connections", |settings| settings.database.connections = 0),
        ("database.acquire_ms", |settings| settings.database.acquire_ms = 0),
        ("database.acquire_ms", |settings| settings.database.acquire_ms = settings.server.deadline_ms + 1),
        ("limits.body_bytes", |settings| settings.limits.body_bytes = 0),
        ("limits.document_bytes", |settings| settings.limits.document_bytes = 0),
        ("limits.document_bytes", |settings| settings.limits.document_bytes = settings.limits.body_bytes + 1),
        ("limits.tokens", |settings| settings.limits.tokens = 0),
        ("limits.nesting", |settings| settings.limits.nesting = 0),
        ("limits.nesting", |settings| settings.limits.nesting = 61),
        ("limits.depth", |settings| settings.limits.depth = 0),
        ("limits.fields", |settings| settings.limits.fields = 0),
        ("limits.selections", |settings| settings.limits.selections = 0),
        ("limits.operations", |settings| settings.limits.operations = 0),
        ("cost.anonymous", |settings| settings.cost.anonymous = 0),
        ("cost.person", |settings| settings.cost.person = settings.budget.person.capacity + 1),
        ("budget.tenant.refill_per_second", |settings| settings.budget.tenant.refill_per_second = 0),
        ("budget.nodes", |settings| settings.budget.nodes = 0),
        ("server.write_ms", |settings| settings.server.write_ms = 0),
        ("server.shutdown_ms", |settings| settings.server.shutdown_ms = 0),
        ("limits.introspection_depth", |settings| settings.limits.introspection_depth = 0),
        ("limits.variable_values", |settings| settings.limits.variable_values = 0),
        ("limits.introspection_fields", |settings| settings.limits.introspection_fields = 0),
        ("limits.tokens", |settings| settings.limits.tokens = settings.limits.document_bytes + 1),
        ("limits.depth", |settings| settings.limits.depth = settings.limits.nesting + 1),
        ("limits.introspection_depth", |settings| settings.limits.introspection_depth = settings.limits.nesting + 1),
        ("limits.fields", |settings| settings.limits.fields = settings.limits.selections + 1),
        ("limits.fields", |settings| settings.limits.selections = settings.limits.fields - 1),
        ("cache.document_bytes", |settings| settings.cache.document_bytes = 0),
        ("identity.allow_private_addresses", |settings| settings.identity.allow_private_addresses = true),
        ("identity.poll_ms", |settings| settings.identity.poll_ms = 0),
        ("identity.poll_ms", |settings| settings.identity.poll_ms = 501),
        ("identity.keys_fresh_ms", |settings| settings.identity.keys_fresh_ms = 0),
        ("identity.keys_stale_ms", |settings| settings.identity.keys_stale_ms = 0),
        ("identity.keys_stale_ms", |settings| settings.identity.keys_stale_ms = settings.identity.keys_fresh_ms - 1),
        ("identity.cache_tokens", |settings| settings.identity.cache_tokens = 0),
        ("identity.cache_bytes", |settings| settings.identity.cache_bytes = 0),
    ];
    for (key, change) in changes {
        let mut settings = complete();
        change(&mut settings);
        let error = settings.check_for_production().expect_err(key).to_string();
        assert!(error.starts_with(key), "{key}: {error}");
    }
}

/// The file for production, as it is delivered, lacks nothing but the secrets.
#[test]
fn delivers_a_file_for_production() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/production.toml");
    let mut settings = Settings::read(Some(&file)).expect("settings");
    assert!(settings.check_for_production().expect_err("no database yet").to_string().starts_with("database.url is not set"));
    settings.database.url = complete().database.url;
    assert!(settings.check_for_production().expect_err("no secret yet").to_string().starts_with("cursors.secret must be set"));
    settings.cursors.secret = complete().cursors.secret;
    settings.check_for_production().expect("a complete configuration");
}

/// Somebody prints the settings into a log: neither the secret nor the password of the database is in it.
#[test]
fn prints_no_secrets() {
    let settings = complete();
    let printed = format!("{settings:?} {settings:#?}");
    assert!(settings.database.url.expose_secret().contains("hunter2") && printed.contains("max_connections"));
    assert!(!printed.contains("hunter2") && !printed.contains("0123456789abcdef"), "{printed}");
}

/// An operator makes Concord an issuer and forgets something about it, or contradicts himself.
#[test]
fn refuses_an_issuer_that_cannot_be() {
    let issuer = || {
        let mut settings = complete();
        settings.identity.url = "https://concord.example.org:8443".to_owned();
        settings.identity.secret = "canary6789abcdef0123456789abcdef".into();
        settings
    };
    issuer().check_for_production().expect("a complete configuration");
    assert!(!format!("{:?}", issuer()).contains("canary"));
    let changes: [(&str, Change); 10] = [
        ("identity.secret is of no use", |settings| settings.identity.url = String::new()),
        ("identity.secret must be set", |settings| settings.identity.secret = "".into()),
        ("identity.secret must be set", |settings| settings.identity.secret = "0123456789abcdef0123456789abcde".into()),
        ("identity.url must begin with https://", |settings| settings.identity.url = "http://concord.example.org".to_owned()),
        ("identity.url must be https:// and a host", |settings| settings.identity.url = "concord.example.org".to_owned()),
        ("identity.url must be https:// and a host", |settings| settings.identity.url = "https://concord.example.org/".to_owned()),
        ("identity.url must be https:// and a host", |settings| settings.identity.url = "https://".to_owned()),
        ("identity.url must be https:// and a host", |settings| settings.identity.url = "https://a@concord.example.org".to_owned()),
        ("identity.key_overlap_ms", |settings| settings.identity.key_overlap_ms = 599_999),
        ("identity.issuers[0] is Concord's own", |settings| {
            let text =
                "issuer = 'https://concord.example.org:8443'\ntenant = 'CONSORTIUM'\naudience = 'x'\nalgorithms = ['EdDSA']\njwks = '{}'";
            settings.identity.issuers = vec![toml::from_str(text).expect("an issuer")];
        }),
    ];
    for (words, change) in changes {
        let mut settings = issuer();
        change(&mut settings);
        let error = settings.check_for_production().expect_err(words).to_string();
        assert!(error.starts_with(words), "{words}: {error}");
    }
}
