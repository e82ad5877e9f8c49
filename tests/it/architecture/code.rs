//! Reads what a source file names, without a compiler.

/// Something that a file names.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// A layer of the program.
    Layer(String),
    /// Another crate.
    Library(String),
}

impl Named {
    /// Its name.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Layer(name) | Self::Library(name) => name,
        }
    }
}

/// The module that a file below `src/` is; empty for the table of contents.
pub(super) fn module(file: &str) -> Vec<String> {
    let path = file.trim_start_matches("src/").trim_end_matches(".rs");
    if path == "lib" { Vec::new() } else { path.split('/').map(str::to_owned).collect() }
}

/// Everything that a file names by a path, with the line. Names inside of the file's own module are not told.
pub(super) fn names(module: &[String], text: &str) -> Vec<(usize, Named)> {
    let code = without_comments_and_texts(text);
    let mut found = Vec::new();
    let mut place = 0;
    let mut line = 1;
    while place < code.len() {
        let rest = &code[place..];
        let word: String = rest.chars().take_while(|sign| sign.is_alphanumeric() || *sign == '_').collect();
        if word.is_empty() {
            line += usize::from(rest.starts_with('\n'));
            place += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        }
        place += word.len();
        let behind = &code[place..];
        // Only the beginning of a path says where it leads; `::name` at its beginning is a crate.
        let before = code[..place - word.len()].trim_end_matches(' ');
        let begins = !before.ends_with("::") || before.trim_end_matches("::").ends_with([' ', '\n', '(', '<', '&']);
        if begins && let Some(path) = behind.strip_prefix("::") {
            match word.as_str() {
                "crate" | "concord" => found.extend(firsts(path).into_iter().map(|name| (line, Named::Layer(name)))),
                "super" => found.extend(climb(module, path).into_iter().map(|name| (line, Named::Layer(name)))),
                "self" | "Self" => {}
                name => found.push((line, Named::Library(name.to_owned()))),
            }
        }
    }
    found
}

/// The layers that `super::path` leads to, if it leaves or stays in one.
fn climb(module: &[String], path: &str) -> Vec<String> {
    let above = &module[..module.len().saturating_sub(1)];
    let mut found = Vec::new();
    for branch in branches(path) {
        match (branch.strip_prefix("super::"), above.first()) {
            (Some(path), _) => found.extend(climb(above, path)),
            (None, Some(layer)) => found.push(layer.clone()),
            (None, None) => found.extend(firsts(&branch)),
        }
    }
    found
}

/// The first names of a path or of a group of paths.
fn firsts(path: &str) -> Vec<String> {
    let first = |branch: String| branch.chars().take_while(|sign| sign.is_alphanumeric() || *sign == '_').collect::<String>();
    branches(path).into_iter().map(first).filter(|name| !name.is_empty()).collect()
}

/// The paths that a text begins with: one, or those of a group in braces.
fn branches(path: &str) -> Vec<String> {
    let Some(group) = path.strip_prefix('{') else { return vec![path.to_owned()] };
    let mut branches = vec![String::new()];
    let mut depth = 0;
    for sign in group.chars().filter(|sign| !sign.is_whitespace()) {
        match sign {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                branches.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = branches.last_mut() {
            last.push(sign);
        }
    }
    branches
}

/// The text with comments and the insides of texts blanked out; lines stay where they are.
fn without_comments_and_texts(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let mut is_text = false;
        let mut signs = line.chars().peekable();
        while let Some(sign) = signs.next() {
            match sign {
                '/' if !is_text && signs.peek() == Some(&'/') => {
                    code.push('\n');
                    break;
                }
                '\\' if is_text => {
                    signs.next();
                }
                '"' => is_text = !is_text,
                _ if is_text && sign != '\n' => {}
                _ => code.push(sign),
            }
        }
    }
    code
}
