//! Web addresses as sources give them.

/// The absolute `https` address that a text stands for; `None` when it stands for none.
///
/// An `http` address becomes one of `https`: readers of the API are promised nothing else, and hardly a site is left without. A bare host, with or without a path, gets `https://` in front. The host must have a dot, and no user may stand before it: an address with a
/// user is an e-mail address in the wrong column or a trap.
pub(super) fn absolute(text: &str) -> Option<String> {
    let (is_http, rest) = match text.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (true, rest),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (false, rest),
        // A second address may stand in the query of a bare one, but no other scheme may begin it.
        Some((before, _)) if !before.contains(['/', '?']) => return None,
        _ => (false, text),
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
    // The port of http answers no https.
    let authority = if is_http { authority.strip_suffix(":80").unwrap_or(authority) } else { authority };
    (is_host && is_path).then(|| format!("https://{authority}{path}"))
}
