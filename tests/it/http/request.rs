//! Requests by POST and GET, well formed and not.

use axum::http::{Method, StatusCode};
use serde_json::json;

use super::{encoded, line, seen};
use crate::support::{TestApp, both, snapshot};

const JSON: [(&str, &str); 2] = [("content-type", "application/json"), ("accept", "application/graphql-response+json")];
const SEVERAL: &str = "query A { viewer { kind } } query B { viewer { displayName } }";

both! {
    /// A portal posts an operation and gets its whole answer, with the headers that go with it.
    async fn answers_a_post(database) {
        let app = TestApp::twins(database).await;
        let answer = app.post(&json!({ "query": "query A($size: Int!) { courses(first: $size) { nodes { code } } }", "operationName": "A", "variables": { "size": 1 }, "extensions": { "any": 1 } })).await;
        snapshot!("answer_to_a_post", seen(&answer));
    }

    /// A client reads the answer in the order in which it asked, not in that of the alphabet.
    async fn answers_in_order(database) {
        let app = TestApp::twins(database).await;
        let document = r#"{ viewer { kind displayName } b: institution(by: { slug: "penasco" }) { slug name } a: regions { name code } }"#;
        let text = app.post(&json!({ "query": document })).await.text();
        let data = r#"{"data":{"viewer":{"kind":"ANONYMOUS","displayName":"Anonymous"},"b":{"slug":"penasco","name":"Colegio Peñasco"},"a":[{"name":"North Region","code":"NORTH"},{"name":"South Region","code":"SOUTH"}]},"#;
        assert!(text.starts_with(data), "{text}");
    }

    /// A notebook asks the same by an address, with its variables as JSON.
    async fn answers_a_get(database) {
        let app = TestApp::twins(database).await;
        let document = encoded("query A($size: Int!) { courses(first: $size) { nodes { code } } }");
        let answer = app.get(&format!("/graphql?query={document}&operationName=A&variables={}&extensions=%7B%7D", encoded(r#"{"size":1}"#))).await;
        snapshot!("answer_to_a_get", seen(&answer));
    }

    /// A client names one of several operations, none, and one that is missing, by both methods.
    async fn chooses_the_operation(database) {
        let app = TestApp::twins(database).await;
        let mut seen_by_name = serde_json::Map::new();
        for name in [Some("A"), Some("B"), Some("C"), Some(""), None] {
            let posted = app.post(&json!({ "query": SEVERAL, "operationName": name })).await;
            let named = name.map(|name| format!("&operationName={name}")).unwrap_or_default();
            let headers = [("accept", "application/graphql-response+json")];
            let got = app.send(Method::GET, &format!("/graphql?query={}{named}", encoded(SEVERAL)), &headers, "").await;
            seen_by_name.insert(format!("{name:?}"), json!({ "post": [posted.status.as_u16(), posted.json()], "get": [got.status.as_u16(), got.json()] }));
        }
        snapshot!("operation_names", seen_by_name);
    }

    /// A client sends a mutation by GET, and uses methods that the endpoint does not have: 405 tells which it has.
    async fn refuses_methods(database) {
        let app = TestApp::twins(database).await;
        let mutation = app.get(&format!("/graphql?query={}", encoded("mutation { anything }"))).await;
        let subscription = app.get(&format!("/graphql?query={}", encoded("subscription { anything }"))).await;
        let mut methods = serde_json::Map::new();
        for method in [Method::PUT, Method::PATCH, Method::DELETE, Method::HEAD] {
            let answer = app.send(method.clone(), "/graphql?query=%7Bviewer%7Bkind%7D%7D", &JSON, "{}").await;
            methods.insert(method.to_string(), seen(&answer));
        }
        let posted = app.post(&json!({ "query": "mutation { anything }" })).await;
        snapshot!("methods", json!({ "mutation by GET": seen(&mutation), "subscription by GET": seen(&subscription), "mutation by POST": seen(&posted), "others": methods }));
    }

    /// A careless client posts bodies that are not one request: each is refused with what is wrong, none is a fault.
    async fn refuses_malformed_bodies(database) {
        let app = TestApp::twins(database).await;
        let bodies: [&[u8]; 26] = [
            b"",
            b"  \n",
            b"{",
            b"null",
            b"true",
            b"\"{ viewer { kind } }\"",
            b"{ viewer { kind } }",
            b"[]",
            br#"[{"query":"{ viewer { kind } }"}]"#,
            b"{}",
            br#"{"query":null}"#,
            br#"{"query":""}"#,
            br#"{"query":"  "}"#,
            br#"{"query":7}"#,
            br#"{"query":["{ viewer { kind } }"]}"#,
            br#"{"query":"{ viewer { kind } }","variables":[]}"#,
            br#"{"query":"{ viewer { kind } }","variables":"{}"}"#,
            br#"{"query":"{ viewer { kind } }","variables":7}"#,
            br#"{"query":"{ viewer { kind } }","operationName":7}"#,
            br#"{"query":"{ viewer { kind } }","extensions":[]}"#,
            br#"{"query":"{ viewer { kind } }","query":"{ viewer { displayName } }"}"#,
            br#"{"query":"{ viewer { kind } }"} {}"#,
            b"\xEF\xBB\xBF{\"query\":\"{ viewer { kind } }\"}",
            b"{\"query\":\"{ viewer { kind } # \xFF\"}",
            b"{\"query\":\"{ viewer { kind } }\0\"}",
            br#"{"query":"{ viewer { kind } # \uD800"}"#,
        ];
        let mut answers = serde_json::Map::new();
        for body in bodies {
            let answer = app.send(Method::POST, "/graphql", &JSON, body).await;
            assert_eq!(answer.code(), "BAD_REQUEST", "{}: {}", body.escape_ascii(), answer.text());
            answers.insert(body.escape_ascii().to_string(), json!([answer.status.as_u16(), answer.json()["errors"][0]["message"]]));
        }
        snapshot!("malformed_bodies", answers);
    }

    /// A client may leave parameters null, add ones of its own, and begin its document with a byte order mark.
    async fn takes_unusual_bodies(database) {
        let app = TestApp::twins(database).await;
        for body in [
            r#"{"query":"{ viewer { kind } }","variables":null,"operationName":null,"extensions":null}"#,
            r#"{"query":"{ viewer { kind } }","variables":{},"id":7,"more":[{}]}"#,
            "{\"query\":\"\u{FEFF}{ viewer { kind } }\"}",
            "\r\n\t {\"query\":\"{ viewer { kind } }\"} \n",
        ] {
            let answer = app.send(Method::POST, "/graphql", &JSON, body).await;
            assert_eq!(line(&answer), "200 ANONYMOUS", "{body}: {}", answer.text());
        }
    }

    /// A careless client puts parameters into the address that are missing, doubled, or not JSON.
    async fn refuses_malformed_addresses(database) {
        let app = TestApp::twins(database).await;
        let mut answers = serde_json::Map::new();
        for query in [
            "",
            "?",
            "?query",
            "?query=",
            "?Query=%7Bviewer%7Bkind%7D%7D",
            "?query=%7Bviewer%7Bkind%7D%7D&query=%7Bviewer%7BdisplayName%7D%7D",
            "?query=%7Bviewer%7Bkind%7D%7D&variables=7",
            "?query=%7Bviewer%7Bkind%7D%7D&variables=%7B",
            "?query=%7Bviewer%7Bkind%7D%7D&variables=[]",
            "?query=%7Bviewer%7Bkind%7D%7D&extensions=x",
            "?query=%FF",
        ] {
            let answer = app.send(Method::GET, &format!("/graphql{query}"), &[JSON[1]], "").await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}: {}", answer.text());
            answers.insert(query.to_owned(), answer.json()["errors"][0].clone());
        }
        for query in ["?query=%7Bviewer%7Bkind%7D%7D&variables=&operationName=&extensions=", "?query=%7Bviewer%7Bkind%7D%7D&variables=null&other=1"] {
            assert_eq!(line(&app.get(&format!("/graphql{query}")).await), "200 ANONYMOUS", "{query}");
        }
        snapshot!("malformed_addresses", answers);
    }

    /// Anybody with a token, whatever it is, is told that it is not valid: never answered as a stranger.
    async fn refuses_tokens(database) {
        let app = TestApp::twins(database).await;
        let post = json!({ "query": "{ viewer { kind } }" }).to_string();
        let mut answers = serde_json::Map::new();
        for token in ["Bearer eyJhbGciOiJub25lIn0.e30.", "Bearer ", "", "Basic dXNlcjpwYXNz", "garbage"] {
            let headers = [JSON[0], JSON[1], ("authorization", token)];
            let posted = app.send(Method::POST, "/graphql", &headers, post.clone()).await;
            let got = app.send(Method::GET, "/graphql?query=%7Bviewer%7Bkind%7D%7D", &headers[1..], "").await;
            assert_eq!((line(&posted), line(&got)), ("401 UNAUTHENTICATED".to_owned(), "401 UNAUTHENTICATED".to_owned()), "{token}");
            answers.insert(token.to_owned(), seen(&posted));
        }
        snapshot!("tokens", answers);
    }
}
