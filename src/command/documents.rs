//! `concord documents`: the documents to which callers may be limited.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, ensure};
use clap::Subcommand;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{operate, record};
use crate::config::Settings;
use crate::domain::hex::hex;
use crate::domain::tenant::Tenant;
use crate::graphql::schema::{Checker, index};
use crate::http::Front;
use crate::store::Store;
use crate::store::document::{Document, delete_document, put_documents};

/// Most characters of a name.
const LONGEST_NAME: usize = 200;

/// What is done with documents.
#[derive(Debug, Subcommand)]
pub enum Documents {
    /// Register the documents in a folder: its files *.graphql and *.gql, each as it is, and the operations of Apollo's manifests (*.json). All of them, or none.
    Register {
        /// The folder; folders in it are read too.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// List the registered documents.
    List,
    /// Register a document no longer; nodes run it for up to ten seconds more.
    Remove {
        /// SHA-256 of its text, in hexadecimal digits.
        #[arg(value_name = "SHA256")]
        hash: String,
    },
}

/// Manages the documents.
pub fn documents(config: Option<&Path>, command: Documents) -> anyhow::Result<ExitCode> {
    operate(config, async |settings, store| match command {
        Documents::Register { folder } => register(store, &folder, settings).await,
        Documents::List => list(store).await,
        Documents::Remove { hash } => remove(store, &hash.to_ascii_lowercase()).await,
    })
}

/// A list of operations as Apollo's tools write it.
#[derive(Deserialize)]
struct Manifest {
    format: String,
    version: u32,
    operations: Vec<ManifestOperation>,
}

#[derive(Deserialize)]
struct ManifestOperation {
    id: String,
    name: String,
    body: String,
}

async fn register(store: &Store, folder: &Path, settings: &Settings) -> anyhow::Result<String> {
    let mut texts = BTreeMap::new();
    read_folder(folder, folder, &mut texts)?;
    ensure!(!texts.is_empty(), "there is no *.graphql, *.gql or *.json file in {}", folder.display());
    let front = Front::new(settings, index());
    let checker = Checker::default();
    let mut wrong = Vec::new();
    for (name, text) in &texts {
        // As the server reads it: within the limits, which the library's own parser needs.
        if let Err(refused) = front.read(Sha256::digest(text.as_bytes()).into(), text) {
            wrong.push(format!("{name}: {}", refused.message()));
            continue;
        }
        for fault in checker.check(text).await {
            wrong.push(format!("{name}: {fault}"));
        }
    }
    ensure!(wrong.is_empty(), "nothing is registered, because some documents are not valid: {}", wrong.join("; "));
    let now = store.clock().now();
    let documents: Vec<Document> = texts
        .into_iter()
        .map(|(name, text)| Document { sha256: hex(&Sha256::digest(text.as_bytes())), name, text, registered_at: now })
        .collect();
    // One text under two names would be two rows of one key.
    let once: BTreeMap<&str, &Document> = documents.iter().rev().map(|document| (document.sha256.as_str(), document)).collect();
    let rows: Vec<Document> = once.into_values().cloned().collect();
    let mut transaction = store.begin().await?;
    put_documents(&mut transaction.connection(), &rows).await?;
    record(&mut transaction, Tenant::Consortium, "documentsRegister", &format!("{} documents", rows.len())).await?;
    transaction.commit().await?;
    Ok(told(&documents))
}

/// Reads the documents of a folder, under the names of their files from there on.
fn read_folder(root: &Path, folder: &Path, texts: &mut BTreeMap<String, String>) -> anyhow::Result<()> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
        if path.is_dir() {
            read_folder(root, &path, texts)?;
            continue;
        }
        let read = || std::fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()));
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("graphql" | "gql") => add(texts, name, read()?)?,
            Some("json") => read_manifest(texts, &name, &read()?)?,
            _ => {}
        }
    }
    Ok(())
}

fn read_manifest(texts: &mut BTreeMap<String, String>, file: &str, text: &str) -> anyhow::Result<()> {
    let manifest: Manifest = serde_json::from_str(text)
        .with_context(|| format!("{file} is not a manifest: it needs format, version and operations with id, name and body"))?;
    let is_known = manifest.format == "apollo-persisted-query-manifest" && manifest.version == 1;
    ensure!(is_known, "{file} is not a manifest of the format apollo-persisted-query-manifest, version 1");
    for ManifestOperation { id, name, body } in manifest.operations {
        let hash = hex(&Sha256::digest(body.as_bytes()));
        ensure!(id.eq_ignore_ascii_case(&hash), "{file}: the id of {name} is not the SHA-256 of its body");
        add(texts, format!("{file}: {name}"), body)?;
    }
    Ok(())
}

fn add(texts: &mut BTreeMap<String, String>, name: String, text: String) -> anyhow::Result<()> {
    ensure!(name.chars().count() <= LONGEST_NAME, "a name is longer than {LONGEST_NAME} characters: {name}");
    ensure!(!texts.contains_key(&name), "{name} is there twice");
    texts.insert(name, text);
    Ok(())
}

/// One line a document: its hash and its name.
fn told(documents: &[Document]) -> String {
    documents.iter().fold(String::new(), |told, document| told + &document.sha256 + "  " + &document.name + "\n")
}

async fn list(store: &Store) -> anyhow::Result<String> {
    let documents = store.documents().await?;
    Ok(if documents.is_empty() { "There is no registered document.".to_owned() } else { told(&documents) })
}

async fn remove(store: &Store, hash: &str) -> anyhow::Result<String> {
    let mut transaction = store.begin().await?;
    let was_there = delete_document(&mut transaction.connection(), hash).await?;
    ensure!(was_there, "there is no registered document {hash}");
    record(&mut transaction, Tenant::Consortium, "documentRemove", hash).await?;
    transaction.commit().await?;
    Ok(format!("The document {hash} is registered no longer."))
}
