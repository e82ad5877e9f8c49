//! Documents that are asked for by their hash: those that clients have sent before, and those that the consortium has registered.

use axum::http::{Method, StatusCode};
use concord::config::Bucket;
use concord::domain::caller::CallerKind;
use concord::domain::role::Role;
use concord::store::document::{Document, delete_document, put_documents};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::redis::{connected, sharing};
use super::server::Server;
use super::{counts, data, keeping, twins};
use crate::clients::node;
use crate::support::{Answer, Database, Template, TestApp, both};
use crate::tenant::college;

const QUESTION: &str = "query Regions { regions { code } }";

/// SHA-256 of a text, in hexadecimal digits.
pub(crate) fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

/// What a client with automatic persisted queries adds.
fn persisted(hash: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } })
}

/// The first message and its code.
fn refusal(answer: &Answer) -> (String, String) {
    (answer.json()["errors"][0]["message"].as_str().unwrap_or_default().to_owned(), answer.code())
}

/// Points that were there before an answer was paid for.
fn remaining(answer: &Answer) -> u64 {
    let whole: Value = serde_json::from_str(&answer.text()).expect("JSON");
    whole["extensions"]["cost"]["remaining"].as_u64().expect("points")
}

/// Makes rows of registered documents.
async fn register(app: &TestApp, texts: &[&str]) {
    let document = |text: &&str| Document {
        sha256: sha256(text),
        name: "a test's".to_owned(),
        text: (*text).to_owned(),
        registered_at: crate::support::now(),
    };
    let mut transaction = app.operator().await.begin().await.expect("a transaction");
    put_documents(&mut transaction.connection(), &texts.iter().map(document).collect::<Vec<_>>()).await.expect("rows");
    transaction.commit().await.expect("the commit");
}

both! {
    /// A client sends a hash that nobody knows, the text with the hash, and the hash alone from then on, by POST and GET, in either form.
    async fn a_hash_stands_for_a_text_that_was_sent(database) {
        let app = TestApp::start(database, Template::Twins, keeping).await;
        let hash = sha256(QUESTION);
        let by_hash = json!({ "extensions": persisted(&hash) });
        let answer = app.post(&by_hash).await;
        assert_eq!((answer.status, refusal(&answer)), (StatusCode::BAD_REQUEST, ("PersistedQueryNotFound".to_owned(), "DOCUMENT_NOT_FOUND".to_owned())));
        assert_eq!(answer.headers["cache-control"], "private, no-store");
        let expected = app.post(&json!({ "query": QUESTION, "extensions": persisted(&hash) })).await;
        assert_eq!(expected.status, StatusCode::OK, "{}", expected.text());
        for body in [by_hash.clone(), json!({ "extensions": persisted(&hash.to_uppercase()) }), json!({ "documentId": format!("sha256:{hash}") })] {
            assert_eq!(data(&app.post(&body).await), data(&expected), "{body}");
        }
        let extensions: String = form_urlencoded::byte_serialize(persisted(&hash).to_string().as_bytes()).collect();
        for query in [format!("extensions={extensions}"), format!("documentId=sha256%3A{hash}")] {
            let answer = app.get(&format!("/graphql?{query}")).await;
            assert_eq!(format!("{{\"data\":{}}}", answer.json()["data"]), answer.text());
            let etag = answer.headers["etag"].to_str().expect("an ETag").to_owned();
            let again = app.send(Method::GET, &format!("/graphql?{query}"), &[("if-none-match", &etag)], String::new()).await;
            assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0));
        }
        assert_eq!((counts(&app).misses(), counts(&app).fills()), (1, 1));
    }

    /// A client sends a hash with another text, no hash, half a hash, another version, and two that differ: a coded refusal says what is wrong, and nothing is kept.
    async fn a_hash_that_does_not_fit_is_refused(database) {
        let app = TestApp::start(database, Template::Twins, keeping).await;
        let hash = sha256(QUESTION);
        let wrong = [
            json!({ "query": "{ regions { name } }", "extensions": persisted(&hash) }),
            json!({ "extensions": persisted(&hash[1..]) }),
            json!({ "extensions": persisted(&hash.replace(['a', 'b', 'c'], "g")) }),
            json!({ "extensions": { "persistedQuery": { "version": 2, "sha256Hash": hash } } }),
            json!({ "extensions": { "persistedQuery": { "version": 1 } } }),
            json!({ "extensions": { "persistedQuery": "x" } }),
            json!({ "documentId": hash }),
            json!({ "documentId": 7 }),
            json!({ "documentId": format!("sha256:{}", sha256("x")), "extensions": persisted(&hash) }),
            json!({ "query": "", "extensions": persisted(&hash) }),
            json!({ "extensions": { "persistedQuery": null } }),
        ];
        for body in wrong {
            let answer = app.post(&body).await;
            assert_eq!((answer.status, answer.code().as_str()), (StatusCode::BAD_REQUEST, "BAD_REQUEST"), "{body}: {}", answer.text());
        }
        assert_eq!(app.post(&json!({ "extensions": persisted(&hash) })).await.code(), "DOCUMENT_NOT_FOUND");
    }

    /// A client sends the hash of a text that is not valid, with the text: the hash stands for nothing.
    async fn a_text_that_is_not_valid_is_not_kept(database) {
        let app = TestApp::start(database, Template::Twins, keeping).await;
        for text in ["{ regions { nothing } }", "{ regions {", "mutation { nothing }"] {
            let answer = app.post(&json!({ "query": text, "extensions": persisted(&sha256(text)) })).await;
            assert!(answer.json()["errors"].is_array(), "{}", answer.text());
            assert_eq!(app.post(&json!({ "extensions": persisted(&sha256(text)) })).await.code(), "DOCUMENT_NOT_FOUND", "{text}");
        }
    }

    /// A client asks by a hash that nobody knows, over and over: it pays for each time, until it has to wait.
    async fn looking_for_a_hash_is_paid_for(database) {
        let app = TestApp::start(database, Template::Twins, |settings| {
            settings.budget.anonymous.capacity = 5;
            settings.cost.anonymous = 5;
        }).await;
        let mut codes = Vec::new();
        for number in 0..7 {
            codes.push(app.post(&json!({ "extensions": persisted(&sha256(&number.to_string())) })).await.code());
        }
        assert_eq!(codes, [["DOCUMENT_NOT_FOUND"; 5].as_slice(), &["RATE_LIMITED"; 2]].concat());
    }

    /// A client sends a text with its hash to one node, and the hash alone to the other: Redis tells it the text, and a wrong text there is none.
    async fn nodes_share_texts(database) {
        let server = Server::start().await;
        let app = TestApp::start(database, Template::Twins, |settings| sharing(settings, &server.url())).await;
        let other = app.second(|settings| sharing(settings, &server.url())).await;
        connected(&app.app).await;
        connected(&other.app).await;
        let hash = sha256(QUESTION);
        let headers = [("content-type", "application/json")];
        let ask = async |hash: &str| app.send_to(other.address, Method::POST, "/graphql", &headers, json!({ "extensions": persisted(hash) }).to_string()).await;
        assert_eq!(ask(&hash).await.code(), "DOCUMENT_NOT_FOUND");
        // The node has read the text before, which is no reason for the other to know it.
        assert_eq!(app.post(&json!({ "query": QUESTION })).await.status, StatusCode::OK);
        assert_eq!(ask(&hash).await.code(), "DOCUMENT_NOT_FOUND");
        let expected = app.post(&json!({ "query": QUESTION, "extensions": persisted(&hash) })).await;
        // Its text is put there beside the request.
        let key = format!("concord:document:1:{hash}");
        server.says(&[b"GETRANGE", key.as_bytes(), b"0", b"-1"], QUESTION).await;
        assert_eq!(data(&ask(&hash).await), data(&expected));
        let planted = sha256("{ industries { naicsCode } }");
        server.run(&[b"SET", format!("concord:document:1:{planted}").as_bytes(), QUESTION.as_bytes()]).await;
        assert_eq!(ask(&planted).await.code(), "DOCUMENT_NOT_FOUND");
        server.run(&[b"SET", format!("concord:document:1:{planted}").as_bytes(), b"\xff\xfe"]).await;
        assert_eq!(ask(&planted).await.code(), "DOCUMENT_NOT_FOUND");
        server.run(&[b"DEL", format!("concord:document:1:{planted}").as_bytes()]).await;
        server.run(&[b"LPUSH", format!("concord:document:1:{planted}").as_bytes(), b"x"]).await;
        assert_eq!(ask(&planted).await.code(), "DOCUMENT_NOT_FOUND");
    }

    /// A long text that a node knows comes with its hash, twice: what is kept of it for all nodes is paid for, once within ten seconds.
    async fn what_all_nodes_keep_is_paid_for(database) {
        let server = Server::start().await;
        let app = TestApp::start(database, Template::Twins, |settings| {
            sharing(settings, &server.url());
            settings.budget.anonymous = Bucket { capacity: 1_000, refill_per_second: 1 };
            settings.cost.anonymous = 1_000;
        }).await;
        connected(&app.app).await;
        let text = format!("{QUESTION} #{}", "x".repeat(30 * 1024));
        let whole = json!({ "query": text, "extensions": persisted(&sha256(&text)) });
        let plain = app.post(&json!({ "query": text })).await;
        let requested = |answer: &Answer| answer.json()["extensions"]["cost"]["requested"].as_u64().expect("points");
        let (first, again) = (app.post(&whole).await, app.post(&whole).await);
        assert_eq!((requested(&first), requested(&again)), (requested(&plain) + 31, requested(&plain)));
        // Redis refills by its own clock: a point a second.
        assert!(remaining(&first) - remaining(&again) > 15);
        assert_eq!(data(&first), data(&plain));
    }

    /// Visitors may run registered documents only: their text or their hash, and nothing else; a person of a college may run anything.
    async fn a_sort_of_caller_may_be_bound(database) {
        let app = TestApp::start(database, Template::Twins, |settings| {
            keeping(settings);
            settings.documents.only_registered = vec![CallerKind::Anonymous];
        }).await;
        let person = college(&app, "north", Role::InstitutionAdmin).await;
        let other = "{ industries { naicsCode } }";
        for body in [json!({ "query": QUESTION }), json!({ "extensions": persisted(&sha256(QUESTION)) }), json!({ "query": "{ not even" })] {
            let answer = app.post(&body).await;
            assert_eq!((answer.status, answer.code().as_str()), (StatusCode::BAD_REQUEST, "DOCUMENT_REQUIRED"), "{body}");
        }
        register(&app, &[QUESTION]).await;
        for body in [json!({ "query": QUESTION }), json!({ "extensions": persisted(&sha256(QUESTION)) }), json!({ "documentId": format!("sha256:{}", sha256(QUESTION)) })] {
            let answer = app.post(&body).await;
            assert_eq!(answer.status, StatusCode::OK, "{body}: {}", answer.text());
        }
        for body in [json!({ "query": other }), json!({ "query": format!("{QUESTION} ") }), json!({ "query": other, "extensions": persisted(&sha256(other)) })] {
            assert_eq!(app.post(&body).await.code(), "DOCUMENT_REQUIRED", "{body}");
        }
        let bearer = format!("Bearer {person}");
        let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
        for _ in 0..2 {
            let answer = app.send(Method::POST, "/graphql", &headers, json!({ "query": other }).to_string()).await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
            assert!(answer.json()["data"]["industries"].is_array());
        }
        // The same bytes that have just run for somebody else, and whose answer is kept.
        assert_eq!(counts(&app).hits(), 3, "two of the visitor, one of the person");
        assert_eq!(app.post(&json!({ "query": other })).await.code(), "DOCUMENT_REQUIRED");
    }

    /// A node forgets a document that is asked for by its hash: nobody pays for more than the look, though the answer is kept, and the text with the hash lets the hash stand for it
    /// again, though it came in the same letters before.
    async fn a_forgotten_document_is_sent_again(database) {
        let app = twins(database).await;
        let document = "{ courses(first: 1) { nodes { title } } }";
        let hash = sha256(document);
        let whole = json!({ "query": document, "extensions": persisted(&hash) });
        let by_hash = json!({ "extensions": persisted(&hash) });
        for body in [&whole, &by_hash] {
            assert_eq!(app.post(body).await.status, StatusCode::OK, "{body}");
        }
        app.app().forget_documents();
        let question = json!({ "query": QUESTION });
        let first = app.post(&question).await;
        let requested = first.json()["extensions"]["cost"]["requested"].as_u64().expect("points");
        assert_eq!(app.post(&by_hash).await.code(), "DOCUMENT_NOT_FOUND");
        assert_eq!(remaining(&first) - remaining(&app.post(&question).await), requested + 1);
        let expected = app.post(&whole).await;
        assert_eq!(data(&app.post(&by_hash).await), data(&expected));
    }

    /// A person asks for many points, then a visitor who may spend fewer sends the same bytes: the visitor is refused as ever, and the person is not.
    async fn a_repeated_request_is_priced_for_each_caller(database) {
        let app = TestApp::start(database, Template::Twins, |settings| {
            keeping(settings);
            settings.cost.anonymous = 20;
        }).await;
        let person = college(&app, "north", Role::InstitutionAdmin).await;
        let bearer = format!("Bearer {person}");
        let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
        let body = json!({ "query": "{ institutions(first: 30) { nodes { name } } }" });
        for _ in 0..2 {
            let answer = app.send(Method::POST, "/graphql", &headers, body.to_string()).await;
            assert_eq!((answer.status, answer.json()["errors"].is_null()), (StatusCode::OK, true), "{}", answer.text());
            assert_eq!(app.post(&body).await.code(), "COST_EXCEEDED");
        }
    }

    /// A visitor who is bound asks by hashes and texts that nobody has registered: it pays for each time that somebody looks, until it has to wait, and no one looks any more.
    async fn looking_for_what_is_not_registered_is_paid_for(database) {
        let app = TestApp::start(database, Template::Twins, |settings| {
            settings.documents.only_registered = vec![CallerKind::Anonymous];
            settings.budget.anonymous.capacity = 5;
            settings.cost.anonymous = 5;
        }).await;
        let asked = async {
            let mut codes = Vec::new();
            for number in 0..10 {
                let body = if number % 2 == 0 { json!({ "query": format!("{QUESTION} #{number}") }) } else { json!({ "extensions": persisted(&sha256(&number.to_string())) }) };
                codes.push(app.post(&body).await.code());
            }
            codes
        };
        let (statements, codes) = app.statements(asked).await;
        assert_eq!(codes, [["DOCUMENT_REQUIRED"; 5], ["RATE_LIMITED"; 5]].concat());
        assert_eq!(statements, 5);
    }

    /// Nobody is bound: a registered document is found by its hash all the same, also by a node that has never seen its text; one that is removed is not.
    async fn registered_documents_are_found(database) {
        let app = TestApp::twins(database).await;
        register(&app, &[QUESTION, "{ industries { naicsCode } }"]).await;
        assert_eq!(app.post(&json!({ "extensions": persisted(&sha256(QUESTION)) })).await.status, StatusCode::OK);
        let mut transaction = app.operator().await.begin().await.expect("a transaction");
        assert!(delete_document(&mut transaction.connection(), &sha256("{ industries { naicsCode } }")).await.expect("a row"));
        transaction.commit().await.expect("the commit");
        assert_eq!(app.post(&json!({ "extensions": persisted(&sha256("{ industries { naicsCode } }")) })).await.code(), "DOCUMENT_NOT_FOUND");
    }
}

/// Apollo Client asks with automatic persisted queries by GET: hash, text, and hashes from then on, each answer with what names it.
#[tokio::test]
async fn apollo_client_asks_by_hash() {
    let app = TestApp::start(Database::Sqlite, Template::Demo, keeping).await;
    let told = node("persisted.mjs", &[&format!("http://{}/graphql", app.address)]).await;
    assert!(told.ends_with("0 failures\n"), "{told}");
}
