//! `concord key`: the keys of Concord's own issuer.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use clap::Subcommand;

use super::{operate, record};
use crate::config::milliseconds;
use crate::domain::tenant::Tenant;
use crate::identity::own::rotate_in;
use crate::store::signing_key::SigningKey;

/// What is done with the keys.
#[derive(Debug, Subcommand)]
pub enum Key {
    /// Make a new key. It is published at once, and signs after `identity.key_overlap_ms`; the first one signs at once.
    Rotate {
        /// Let it sign at once: for when the old key must be revoked.
        #[arg(long)]
        now: bool,
    },
    /// List the keys.
    List,
}

/// Manages the keys.
pub fn key(config: Option<&Path>, key: &Key) -> anyhow::Result<ExitCode> {
    operate(config, async |settings, store| {
        let mut told = String::new();
        match *key {
            Key::Rotate { now } => {
                settings.identity.check_secret()?;
                let overlap = if now { 0 } else { settings.identity.key_overlap_ms };
                let overlap = TimeDelta::from_std(milliseconds(overlap)).context("identity.key_overlap_ms is too long")?;
                let mut transaction = store.begin().await?;
                let rotated = rotate_in(&mut transaction, &settings.identity.secret, overlap, store.clock().now()).await?;
                record(&mut transaction, Tenant::Consortium, "keyRotate", &rotated.id).await?;
                transaction.commit().await?;
                writeln!(told, "The key {} is published and signs from {}.", rotated.id, instant(rotated.signs_from))?;
                if let Some((id, retires_at)) = rotated.follows {
                    writeln!(told, "The key {id} stays published until {}.", instant(retires_at))?;
                }
            }
            Key::List => {
                let (keys, now) = (store.signing_keys().await?, store.clock().now());
                let signer = keys.iter().rfind(|key| key.signs_from <= now).map(|key| key.id.clone());
                for key in &keys {
                    writeln!(
                        told,
                        "{}  {:<9}  signs from {}{}",
                        key.id,
                        state(key, signer.as_deref(), now),
                        instant(key.signs_from),
                        end(key)
                    )?;
                }
                if keys.is_empty() {
                    told.push_str("There is no key: make one by `concord key rotate`.");
                }
            }
        }
        Ok(told)
    })
}

/// What a key is good for.
fn state(key: &SigningKey, signer: Option<&str>, now: DateTime<Utc>) -> &'static str {
    if key.retires_at.is_some_and(|at| at <= now) {
        "retired"
    } else if signer == Some(key.id.as_str()) {
        "signs"
    } else {
        // It is still believed, or not yet used.
        "published"
    }
}

fn end(key: &SigningKey) -> String {
    key.retires_at.map(|at| format!(", retires at {}", instant(at))).unwrap_or_default()
}

fn instant(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
