//! Web addresses as sources give them.

/// The absolute `http` or `https` address that a text stands for; `None` when it stands for none.
///
/// A bare host, with or without a path, gets `https://` in front. The host must have a dot, and no user may stand before it: an address with a
/// user is an e-mail address in the wrong column or a trap.
pub(super) fn absolute(text: &str) -> Option<String> {
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => ("http", rest),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => ("https", rest),
        // A second address may stand in the query of a bare one, but no other scheme may begin it.
        Some((before, _)) if !before.contains(['/', '?']) => return None,
        _ => ("https", text),
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = match authority.split_once(':') {
        Some((host, port)) if port.parse::<u16>().is_ok() => host,
        Some(_) => return None,
        None => authority,
    };
    let is_label = |label: &str| !label.is_empty() && label.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_'));
    let is_host = host.contains('.') && host.split('.').all(is_label);
    let is_path = path.chars().all(|letter| !letter.is_whitespace() && !letter.is_control() && !matches!(letter, '<' | '>' | '"' | '\\'));
    (is_host && is_path).then(|| format!("{scheme}://{authority}{path}"))
}
