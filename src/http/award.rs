//! The public page of an award: what it attests, who issued it, and whether it is valid now. Whoever holds its address has its verification code, and sees that much and nothing of
//! the learner.
//!
//! It is read anew for each request, as any answer is: a browser or a proxy that kept it has to ask whether it still holds, and hears of a revocation with the next request.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, REFERRER_POLICY, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::pages::is_known;
use super::peer;
use super::router::Context;
use crate::domain::hex::hex;
use crate::domain::id::from_digits;
use crate::policy::{Action, Principal, decide};
use crate::store::award::{Standing, page as tree};
use crate::store::{Link, Lookup, Row, StoreError};

/// Points that the page takes from the bucket of its address.
const COST: u64 = 5;
/// The page loads a style and a picture from here, and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const TEMPLATE: &str = include_str!("pages/award.html");

/// The page of an award.
pub async fn page(State(context): State<Arc<Context>>, Path(code): Path<String>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let address = peer::address(&parts, context.settings.server.trusted_proxies);
    if let Err(exhausted) = context.budget.charge(&Principal::Anonymous, address, COST).await {
        let text = "<h1>Too many requests</h1><p>Try again in a moment.</p>";
        let mut response = answer(StatusCode::TOO_MANY_REQUESTS, "Too many requests", text);
        response.headers_mut().insert(RETRY_AFTER, exhausted.retry_after.into());
        return response;
    }
    let shown = match read(&context, &code).await {
        Ok(Some(row)) => write(&row, &context),
        Ok(None) => {
            let text = "<h1>No award is known here</h1><p>The address may have been cut off or mistyped. Ask whoever gave it to you.</p>";
            return answer(StatusCode::NOT_FOUND, "No award is known here", text);
        }
        Err(error) => Err(error),
    };
    match shown {
        Ok((title, body)) => {
            let mut response = answer(StatusCode::OK, &title, &body);
            let tag = format!("\"{}\"", hex(&Sha256::digest(document(&title, &body))[..12]));
            if is_known(&parts.headers, &tag) {
                response = StatusCode::NOT_MODIFIED.into_response();
            }
            let headers = response.headers_mut();
            // Kept by whom it may be, and given by nobody who has not asked first.
            headers.insert(CACHE_CONTROL, axum::http::HeaderValue::from_static("no-cache"));
            if let Ok(tag) = tag.parse() {
                headers.insert(ETAG, tag);
            }
            response
        }
        Err(error) => {
            tracing::error!(%error, "the page of an award cannot be read");
            let text = "<h1>The page cannot be shown</h1><p>Whether the award is valid is not known at this moment. Try again soon.</p>";
            answer(StatusCode::SERVICE_UNAVAILABLE, "The page cannot be shown", text)
        }
    }
}

/// The award of a code.
async fn read(context: &Context, code: &str) -> Result<Option<Arc<Row>>, StoreError> {
    let Some(code) = from_digits(code) else { return Ok(None) };
    let Ok(scope) = decide(&Principal::Anonymous, Action::Verify(code)) else { return Ok(None) };
    let session = context.store.session();
    let row = session.one(&scope, &tree(), &Lookup::Code(code)).await;
    session.finish().await;
    row
}

/// Title and body of the page.
fn write(award: &Row, context: &Context) -> Result<(String, String), StoreError> {
    let unread = || StoreError::Open("a part of an award was not read".to_owned());
    let one = |row: &Row, edge: &str| match row.link(edge) {
        Ok(Link::One(Some(found))) => Ok(Arc::clone(found)),
        _ => Err(unread()),
    };
    let credential = one(award, "credential")?;
    let issuer = one(&credential, "issuer")?;
    let (name, of) = (escape(credential.text("name")?), escape(issuer.text("name")?));
    let day = award.date("issued_on")?.ok_or_else(unread)?;
    let (class, standing) = match Standing::of(award, context.store.clock().today())? {
        Standing::Valid => ("valid", "This award is valid.".to_owned()),
        Standing::Expired => {
            let last = award.date("expires_on")?.ok_or_else(unread)?;
            ("expired", format!("This award has expired: it was valid until {last}."))
        }
        Standing::Revoked => {
            let at = award.instant("revoked_at")?.ok_or_else(unread)?.date_naive();
            ("revoked", format!("This award was revoked by its issuer on {at}, and is not valid."))
        }
    };
    let mut body = format!(
        "<h1>{name}</h1>\n<p class=\"standing {class}\">{standing}</p>\n<p>{}</p>\n<dl>\n",
        escape(credential.text("description")?)
    );
    _ = write!(body, "<dt>Issued by</dt><dd>{of}</dd>\n<dt>Issued on</dt><dd>{day}</dd>\n");
    if let Some(last) = award.date("expires_on")? {
        _ = writeln!(body, "<dt>Valid until</dt><dd>{last}</dd>");
    }
    body.push_str("</dl>\n");
    if let Ok(Link::Many(competencies)) = award.link("competencies")
        && !competencies.is_empty()
    {
        body.push_str("<h2>What it attests</h2>\n<ul>\n");
        for competency in competencies {
            _ = writeln!(body, "<li>{}</li>", escape(competency.text("name")?));
        }
        body.push_str("</ul>\n");
    }
    body.push_str("<p class=\"note\">Whoever showed you this page says that they hold the award; the page does not name its holder.</p>");
    Ok((format!("{name}, {of}"), body))
}

/// A page, which nobody keeps unless it says so.
fn answer(status: StatusCode, title: &str, body: &str) -> Response {
    let head = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // The address is what proves the award: it goes to no other site.
        (REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ];
    (status, head, document(title, body)).into_response()
}

/// The whole document.
fn document(title: &str, body: &str) -> String {
    let (before, rest) = TEMPLATE.split_once("{title}").unwrap_or((TEMPLATE, ""));
    let (between, after) = rest.split_once("{body}").unwrap_or((rest, ""));
    [before, title, between, body, after].concat()
}

/// A text as it stands in HTML.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An institution calls something by a name that would be a script: it is shown as it was written.
    #[test]
    fn names_are_no_markup() {
        assert_eq!(escape("<script>\"R&D's\"</script>"), "&lt;script&gt;&quot;R&amp;D&#39;s&quot;&lt;/script&gt;");
        let page = document("", "");
        assert!(!page.contains('{') && !page.contains("<script"), "one place for each, and no script");
    }
}
