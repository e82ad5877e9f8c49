//! Entries that are sealed with the right secret, and still are not for this question, this schema or this time: somebody has the secret, or a mistake was made.

use concord::cache::Reject;
use hmac::{Hmac, Mac};
use serde_json::json;
use sha2::Sha256;

use super::redis::{another, connected, rejects, sharing};
use super::server::Server;
use super::{data, post_to};
use crate::support::{Database, SECRET, Template, TestApp};

/// Where the parts of an entry begin, behind its form.
const SEAL: usize = 4;
const SCOPE: usize = SEAL + 32;
const KEY: usize = SCOPE + 1;
const SCHEMA: usize = KEY + 32;
/// The end of its time.
const END: usize = SCHEMA + 32;
/// How many tags there are, which come then.
const NUMBER: usize = END + 8;
const TAGS: usize = NUMBER + 4;

/// An entry with a change, sealed again.
fn forged(value: &[u8], change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut value = value.to_vec();
    change(&mut value);
    let mac = |key: &[u8], bytes: &[u8]| Hmac::<Sha256>::new_from_slice(key).expect("a key").chain_update(bytes).finalize().into_bytes();
    let own = mac(SECRET.as_bytes(), b"kept answers, form 1");
    let seal = mac(&own, &value[SCOPE..]);
    value[SEAL..SCOPE].copy_from_slice(&seal);
    value
}

/// Somebody who has the secret plants entries of another scope, key, schema, form and time, and of things that have changed: each is a miss and counted, and the answer is right.
#[tokio::test]
async fn entries_of_elsewhere_are_not_given() {
    const QUESTION: &str = "{ courses { nodes { code title } } }";
    let server = Server::start().await;
    let app = TestApp::start(Database::Sqlite, Template::Twins, |settings| sharing(settings, &server.url())).await;
    connected(app.app()).await;
    let expected = data(&post_to(&app, app.address, None, QUESTION, json!({})).await);
    server.holds(1).await;
    let (key, value) = server.entries().await.remove(0);
    let with = |place: usize, bytes: &[u8]| forged(&value, |value| value[place..place + bytes.len()].copy_from_slice(bytes));
    let generation = TAGS + 4 + u32::from_be_bytes(value[TAGS..TAGS + 4].try_into().expect("four bytes")) as usize;
    let cases = [
        (with(SCOPE, &[2]), Reject::Scope),
        (with(KEY, &[0; 32]), Reject::Scope),
        (with(SCHEMA, &[0; 32]), Reject::Schema),
        (with(0, b"CCE0"), Reject::Form),
        (with(NUMBER, &[255; 4]), Reject::Form),
        (forged(&value, |value| value.truncate(TAGS + 2)), Reject::Form),
        (with(END, &1_000_000_i64.to_be_bytes()), Reject::Ended),
        (with(generation, &[0, 0, 0, 0, 0, 0, 0, 9]), Reject::Moved),
    ];
    for (planted, reject) in cases {
        server.run(&[b"SET", &key, &planted]).await;
        let node = another(&app, &server.url()).await;
        assert_eq!(data(&post_to(&app, node.address, None, QUESTION, json!({})).await), expected, "{reject:?}");
        assert_eq!(rejects(&node, reject), 1, "{reject:?}");
        assert_eq!(node.app.answers().expect("kept answers").counts().shared_hits(), 0, "{reject:?}");
    }
    // The control: the same entry, sealed here.
    server.run(&[b"SET", &key, &forged(&value, |_| {})]).await;
    let node = another(&app, &server.url()).await;
    assert_eq!(data(&post_to(&app, node.address, None, QUESTION, json!({})).await), expected);
    assert_eq!(node.app.answers().expect("kept answers").counts().shared_hits(), 1);
}
