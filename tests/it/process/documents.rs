//! `concord documents`: what is in a folder is registered as a whole, or not at all.

use std::fs;
use std::process::Command;

use super::{folder, program, refusal, run, text};
use crate::support::snapshot;

/// A command on a database file.
fn on(url: &str, arguments: &[&str]) -> Command {
    let mut program = program(arguments);
    program.env("CONCORD__DATABASE__URL", url);
    program
}

/// The staff registers a folder of documents and a manifest of Apollo's, lists them, removes one, and tries one that does not fit the schema: nothing of that folder is taken.
#[test]
fn registers_a_folder() {
    let folder = folder();
    let url = format!("sqlite://{}", folder.path().join("database").display());
    run(&mut on(&url, &["migrate"]));
    let documents = folder.path().join("documents");
    fs::create_dir_all(documents.join("portal")).expect("a folder");
    let write = |name: &str, text: &str| fs::write(documents.join(name), text).expect("a file");
    write("regions.graphql", "{ regions { code } }\n");
    write("portal/course.gql", "query Course($id: ID!) { node(id: $id) { id } }");
    write("README.md", "no document");
    let body = "query Industries {\n  industries {\n    naicsCode\n  }\n}";
    let id = "4e1b4f2a7a3f2b55c9ed2cf4b0e6a3f5";
    let manifest = |id: &str| {
        serde_json::json!({ "format": "apollo-persisted-query-manifest", "version": 1, "operations": [{ "id": id, "name": "Industries", "type": "query", "body": body }] }).to_string()
    };
    write("manifest.json", &manifest(id));
    let register = ["documents", "register", text(&documents)];
    assert_eq!(refusal(&mut on(&url, &register)), "concord: manifest.json: the id of Industries is not the SHA-256 of its body");
    write("manifest.json", &manifest(&crate::cache::sha256(body)));
    let told = run(&mut on(&url, &register)).stdout;
    assert_eq!(run(&mut on(&url, &["documents", "list"])).stdout, told);
    let [hash, _] = *told.lines().next().expect("a line").split("  ").collect::<Vec<_>>() else { panic!("{told}") };
    assert_eq!(run(&mut on(&url, &["documents", "remove", hash])).status.code(), Some(0));
    assert!(refusal(&mut on(&url, &["documents", "remove", hash])).contains("there is no registered document"));
    let rest = run(&mut on(&url, &["documents", "list"])).stdout;
    write("wrong.graphql", "{ regions { nothing } }");
    write("open.graphql", "{ regions {");
    write("other.graphql", "{ competencies(first: 1) { nodes { id } } }");
    let refused = refusal(&mut on(&url, &register));
    assert_eq!(run(&mut on(&url, &["documents", "list"])).stdout, rest, "{refused}");
    snapshot!("documents_command", serde_json::json!({ "registered": told, "left": rest, "refused": refused }));
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).expect("a folder");
    assert!(refusal(&mut on(&url, &["documents", "register", text(&empty)])).contains("there is no *.graphql"));
    assert!(refusal(&mut on(&url, &["documents", "register", "/nowhere"])).contains("cannot be read"));
}
