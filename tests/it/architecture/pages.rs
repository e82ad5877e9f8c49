//! The pages name what is there.

use std::path::Path;

use super::{files, read, root};

/// Folders whose files are named in pages by their path from the package.
const FOLDERS: &[&str] = &["src/", "docs/", "config/", "mappings/", "migrations/", "tests/", "scripts/", "benches/", "fuzz/"];

/// Targets of Markdown links, with their line.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let mut rest = line;
        while let Some((_, target)) = rest.split_once("](") {
            let (target, behind) = target.split_once(')').unwrap_or((target, ""));
            found.push((number + 1, target.split_whitespace().next().unwrap_or_default().to_owned()));
            rest = behind;
        }
    }
    found
}

/// Paths that stand in backticks, with their line.
fn paths(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        for quoted in line.split('`').skip(1).step_by(2) {
            let is_plain = quoted.chars().all(|sign| sign.is_ascii_alphanumeric() || "/._-".contains(sign));
            if is_plain && FOLDERS.iter().any(|folder| quoted.starts_with(folder)) {
                found.push((number + 1, quoted.trim_end_matches(['/', '.']).to_owned()));
            }
        }
    }
    found
}

/// What a page names and is not there.
fn missing(folder: &Path, text: &str) -> Vec<String> {
    let is_outside = |target: &str| target.contains("://") || target.starts_with("mailto:") || target.starts_with('#') || target.is_empty();
    let links = links(text).into_iter().filter(|(_, target)| !is_outside(target)).map(|(line, target)| {
        let file = target.split('#').next().unwrap_or_default().to_owned();
        (line, folder.join(&file), file)
    });
    // A page of a folder may name what lies below it.
    let place = |path: &str| if root().join(path).exists() { root().join(path) } else { folder.join(path) };
    let paths = paths(text).into_iter().map(|(line, path)| (line, place(&path), path));
    links.chain(paths).filter(|(_, path, _)| !path.exists()).map(|(line, _, name)| format!("{line}: {name} is not there")).collect()
}

/// A reader follows a link, or opens a file that a page names.
#[test]
fn pages_name_what_is_there() {
    let mut wrong = Vec::new();
    let pages = files(".", &["md"]);
    assert!(pages.len() > 3, "only {} pages were found", pages.len());
    for path in pages {
        let (name, text) = read(&path);
        let folder = path.parent().unwrap_or_else(|| root());
        wrong.extend(missing(folder, &text).into_iter().map(|text| format!("{name}:{text}")));
    }
    assert!(wrong.is_empty(), "pages name what is not there:\n{}", wrong.join("\n"));
}

/// The sources name a page that was moved or never written.
#[test]
fn sources_name_pages_that_are_there() {
    let mut wrong = Vec::new();
    for path in ["src", "migrations", "tests"].iter().flat_map(|folder| files(folder, &["rs", "toml", "sql"])) {
        let (name, text) = read(&path);
        for (line, page) in paths(&text).into_iter().filter(|(_, path)| path.starts_with("docs/")) {
            if !root().join(&page).exists() {
                wrong.push(format!("{name}:{line}: {page} is not there"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The reader of pages sees a broken link and a broken path.
#[test]
fn a_broken_link_is_seen() {
    let text = "See [the map](docs/nowhere.md#top) and `src/nowhere.rs`, [home](https://example.com) and `src/lib.rs`, [code](src/lib.rs).";
    assert_eq!(missing(root(), text), ["1: docs/nowhere.md is not there", "1: src/nowhere.rs is not there"]);
}
