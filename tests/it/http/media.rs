//! Media types, and other origins.

use axum::http::Method;
use serde_json::json;

use super::line;
use crate::support::{TestApp, both, snapshot};

const QUERY: &str = r#"{"query":"{ viewer { kind } }"}"#;

both! {
    /// Clients with every sort of `Accept` are answered in the form that they like best, or with 406.
    async fn negotiates_the_answer(database) {
        let app = TestApp::twins(database).await;
        let mut answers = serde_json::Map::new();
        for accept in [
            None,
            Some("application/graphql-response+json"),
            Some("application/json"),
            Some("application/graphql-response+json, application/json"),
            Some("application/json, application/graphql-response+json"),
            Some("application/graphql-response+json;q=0.9, application/json"),
            Some("application/graphql-response+json;q=0.9, application/json;q=0.9"),
            Some("application/graphql-response+json;q=0.001, application/json;q=0"),
            Some("application/json;q=0, */*"),
            Some("application/graphql-response+json;q=0, */*;q=0.1"),
            Some("*/*"),
            Some("application/*;q=0.1"),
            Some("text/html, application/xhtml+xml, */*;q=0.8"),
            Some("APPLICATION/GRAPHQL-RESPONSE+JSON; Charset=UTF-8"),
            Some("application/graphql-response+json; charset=\"utf-8\"; q=1"),
            Some("application/graphql-response+json; charset=iso-8859-1"),
            Some("application/graphql-response+json;q=x"),
            Some("application/graphql-response+json;q=0"),
            Some("text/html"),
            Some("application/xml;q=1"),
            Some("text/*"),
            Some(""),
            Some(","),
        ] {
            let headers: Vec<(&str, &str)> = [("content-type", "application/json")].into_iter().chain(accept.map(|accept| ("accept", accept))).collect();
            let answer = app.send(Method::POST, "/graphql", &headers, QUERY).await;
            let media = answer.headers["content-type"].to_str().expect("text");
            answers.insert(format!("{accept:?}"), format!("{} as {media}", line(&answer)).into());
        }
        snapshot!("accept", answers);
    }

    /// Clients send JSON in UTF-8 and nothing else: forms, files and bare documents are 415, so that no page can post one without asking.
    async fn takes_json_only(database) {
        let app = TestApp::twins(database).await;
        let mut answers = serde_json::Map::new();
        for media in [
            Some("application/json"),
            Some("application/json; charset=utf-8"),
            Some("Application/JSON;Charset=\"UTF-8\""),
            Some("application/json;"),
            Some("application/json; charset=utf-16"),
            Some("application/json; charset"),
            Some("application/graphql"),
            Some("application/graphql+json"),
            Some("application/x-www-form-urlencoded"),
            Some("multipart/form-data; boundary=x"),
            Some("text/plain"),
            Some("text/plain; application/json"),
            Some("application/jsonp"),
            Some(""),
            None,
        ] {
            let headers: Vec<(&str, &str)> = media.map(|media| ("content-type", media)).into_iter().collect();
            let answer = app.send(Method::POST, "/graphql", &headers, QUERY).await;
            answers.insert(format!("{media:?}"), line(&answer).into());
        }
        snapshot!("content_types", answers);
    }

    /// A client compresses its request, or says that it did: that is refused in so many words, before anything is read of it.
    async fn takes_no_compressed_body(database) {
        let app = TestApp::twins(database).await;
        for (coding, expected) in [("identity", "200 ANONYMOUS"), ("Identity, identity", "200 ANONYMOUS"), ("gzip", "415 BAD_REQUEST"), ("identity, br", "415 BAD_REQUEST"), ("x", "415 BAD_REQUEST")] {
            let headers = [("content-type", "application/json"), ("content-encoding", coding)];
            let answer = app.send(Method::POST, "/graphql", &headers, QUERY).await;
            assert_eq!(line(&answer), expected, "{coding}");
            assert!(expected.starts_with("200") || answer.text().contains("Content-Encoding"), "{}", answer.text());
        }
    }

    /// Under the older media type a well-formed request is 200 whatever becomes of it; under the newer the status tells.
    async fn tells_failures_by_status(database) {
        let app = TestApp::twins(database).await;
        let mut answers = serde_json::Map::new();
        for document in ["{ viewer { kind } }", "{ viewer { kind", "{ viewer { nothing } }", "query($a: Int!) { viewer { kind } }", "query A { viewer { kind } } query B { viewer { kind } }", "{ courses(after: \"x\") { totalCount } }"] {
            let mut by_media = serde_json::Map::new();
            for media in ["application/json", "application/graphql-response+json"] {
                let headers = [("content-type", "application/json"), ("accept", media)];
                let answer = app.send(Method::POST, "/graphql", &headers, json!({ "query": document }).to_string()).await;
                by_media.insert(media.to_owned(), line(&answer).into());
            }
            answers.insert(document.to_owned(), by_media.into());
        }
        snapshot!("status_by_media", answers);
    }

    /// A portal's page on another origin asks whether it may, and then does: with a token, but never with cookies.
    async fn lets_other_origins_ask(database) {
        let app = TestApp::twins(database).await;
        let ask = [("origin", "https://portal.example.edu"), ("access-control-request-method", "POST"), ("access-control-request-headers", "apollographql-client-name,authorization,content-type")];
        let preflight = app.send(Method::OPTIONS, "/graphql", &ask, "").await;
        let headers = [ask[0], ("content-type", "application/json")];
        let answered = app.send(Method::POST, "/graphql", &headers, QUERY).await;
        let refused = app.send(Method::POST, "/graphql", &headers, "{").await;
        // What others may keep is the same for whoever asks; what nobody keeps says nothing of origins to one who names none.
        let kept = app.send(Method::GET, "/graphql?query={regions{code}}", &[], "").await;
        let elsewhere = app.send(Method::POST, "/graphql", &headers[1..], QUERY).await;
        let cors = |answer: &crate::support::Answer| {
            let headers = answer.headers.iter().filter(|(name, _)| name.as_str().starts_with("access-control") || *name == "vary");
            let headers: std::collections::BTreeMap<_, _> = headers.map(|(name, value)| (name.to_string(), value.to_str().expect("text").to_owned())).collect();
            json!({ "status": answer.status.as_u16(), "headers": headers })
        };
        snapshot!("other_origins", json!({ "preflight": cors(&preflight), "answered": cors(&answered), "refused": cors(&refused), "kept": cors(&kept), "elsewhere": cors(&elsewhere) }));
    }
}
