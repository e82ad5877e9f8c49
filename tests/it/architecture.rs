//! The house rules that a compiler does not know: which layer may name which, what stays in one place, how large files get, that pages name what is there.

mod code;
mod pages;

use std::fs;
use std::path::{Path, PathBuf};

use code::{Named, names};

/// The layers, lowest first. Each may name what stands before it, and itself.
const RANKS: &[&str] = &[
    "domain",
    "error",
    "config",
    "telemetry",
    "policy",
    "cache",
    "store",
    "identity",
    "service",
    "import",
    "demo",
    "graphql",
    "http",
    "app",
    "command",
    "main",
];

/// Libraries that only some layers may name.
const KEPT: &[(&str, &[&str])] = &[
    ("sqlx", &["store"]),
    ("sea_orm", &["store"]),
    ("sea_orm_migration", &["store"]),
    ("migrations", &["store"]),
    ("axum", &["http", "app"]),
    ("hyper", &["http", "identity"]),
    ("hyper_util", &["http", "identity"]),
    ("hyper_rustls", &["identity"]),
    ("tower_http", &["http"]),
    ("async_graphql", &["graphql", "http"]),
    ("async_graphql_value", &["graphql", "http"]),
    ("clap", &["command", "main"]),
    ("chacha20poly1305", &["identity"]),
    ("getrandom", &["identity"]),
    ("redis", &["cache"]),
];

/// Most lines of a file.
const LINES: usize = 400;
/// Files that may be longer, each with the reason.
const LONG: &[(&str, &str)] = &[];

/// The folder of the package.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Files below a folder with one of the endings, in order; what is built or installed is passed over.
fn files(folder: &str, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.expect("a folder can be listed").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                if !matches!(name.as_str(), "target" | "node_modules" | "assets") && !name.starts_with('.') {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|ending| endings.contains(&ending.to_string_lossy().as_ref())) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// A file's path below the package, and its text.
fn read(path: &Path) -> (String, String) {
    let name = path.strip_prefix(root()).unwrap_or(path).display().to_string();
    (name, fs::read_to_string(path).expect("a text file"))
}

/// What a layer may not name, said with the place.
fn refuse(layer: &str, named: &Named) -> Option<String> {
    let rank = |name: &str| RANKS.iter().position(|known| *known == name);
    match named {
        Named::Layer(name) if name == layer => None,
        Named::Layer(name) => match (rank(layer), rank(name)) {
            (Some(own), Some(other)) if other < own => None,
            (_, None) => Some(format!("names `{name}`, which has no place among the layers: give it one in RANKS")),
            _ => Some(format!("names `{name}`, which stands above `{layer}`")),
        },
        Named::Library(name) => {
            let (_, layers) = KEPT.iter().find(|(library, _)| library == name)?;
            (!layers.contains(&layer)).then(|| format!("names the library `{name}`, which belongs to {}", layers.join(" and ")))
        }
    }
}

/// A developer imports from a layer above, or reaches for a library where it does not belong.
#[test]
fn arrows_point_down() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for path in files("src", &["rs"]) {
        let (name, text) = read(&path);
        let module = code::module(&name);
        // The table of contents names every layer.
        let Some(layer) = module.first() else { continue };
        assert!(RANKS.contains(&layer.as_str()), "{name}: `{layer}` has no place among the layers: give it one in RANKS");
        for (line, named) in names(&module, &text) {
            seen += 1;
            wrong.extend(refuse(layer, &named).map(|text| format!("{name}:{line}: {text}")));
        }
    }
    assert!(seen > 300, "only {seen} names were found: the sources are not read as they are written");
    assert!(wrong.is_empty(), "arrows that point up:\n{}", wrong.join("\n"));
}

/// The reader of the sources sees each way in which a layer or library can be named, and nothing in comments and texts.
#[test]
fn every_way_of_naming_is_seen() {
    let text = "use crate::http::{self, Front};\nuse crate::{\n    app,\n    store::{import, Row},\n};\nfn f() -> crate::graphql::error::Code { super::super::policy::x() }\n\
                use super::{super::demo, plan};\n// crate::command\nconst A: &str = \"crate::main::x sqlx::y\"; use sqlx::{Row as _};\nuse ::axum::Router;\nlet x = $crate::import::y;";
    let found: Vec<String> = names(&["graphql".to_owned(), "page".to_owned()], text)
        .into_iter()
        .map(|(line, named)| format!("{line} {}", named.name()))
        .collect();
    let expected = ["1 http", "2 app", "2 store", "6 graphql", "6 policy", "7 demo", "7 graphql", "9 sqlx", "10 axum", "11 import"];
    for name in expected {
        assert!(found.iter().any(|seen| seen == name), "{name} is missed: {found:?}");
    }
    for name in ["command", "main"] {
        assert!(!found.iter().any(|seen| seen.ends_with(name)), "{name} is not code: {found:?}");
    }
    assert!(refuse("graphql", &Named::Layer("http".to_owned())).is_some());
    assert!(refuse("import", &Named::Library("sqlx".to_owned())).is_some());
    assert!(refuse("http", &Named::Layer("graphql".to_owned())).is_none());
}

/// A file outgrows what a person reads at a sitting.
#[test]
fn files_are_short() {
    let mut wrong = Vec::new();
    for path in ["src", "migrations", "tests", "benches", "fuzz"].iter().flat_map(|folder| files(folder, &["rs"])) {
        let (name, text) = read(&path);
        let lines = text.lines().count();
        if lines > LINES && !LONG.iter().any(|(known, _)| *known == name) {
            wrong.push(format!("{name}: {lines} lines"));
        }
    }
    assert!(wrong.is_empty(), "files of more than {LINES} lines:\n{}", wrong.join("\n"));
    for (name, reason) in LONG {
        let lines = fs::read_to_string(root().join(name)).unwrap_or_default().lines().count();
        assert!(lines > LINES && !reason.is_empty(), "{name} is no longer long: take it off the list");
    }
}

/// A developer silences a lint without a reason, or leaves a note in place of the work.
#[test]
fn nothing_is_silenced_or_left_for_later() {
    // Written in parts, lest this file be found.
    let needles = [concat!("#[", "allow"), concat!("#![", "allow"), concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X:")];
    let mut wrong = Vec::new();
    let endings = ["rs", "toml", "sql", "md", "mjs", "sh"];
    let folders = ["src", "migrations", "tests", "benches", "fuzz", "config", "mappings", "docs", "scripts"];
    let mut paths: Vec<PathBuf> = folders.iter().flat_map(|folder| files(folder, &endings)).collect();
    paths.extend(["README.md", "CHANGELOG.md", "Cargo.toml"].map(|name| root().join(name)).into_iter().filter(|path| path.exists()));
    assert!(paths.len() > 100, "only {} files were found", paths.len());
    for path in paths {
        let (name, text) = read(&path);
        for (number, line) in text.lines().enumerate() {
            if needles.iter().any(|needle| line.contains(needle)) {
                wrong.push(format!("{name}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "use #[expect] with a reason, and do the work or take the note away:\n{}", wrong.join("\n"));
}
