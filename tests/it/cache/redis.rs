//! Redis between nodes: what one has made the others find, and whatever is wrong with it, no answer is.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use concord::app::App;
use concord::cache::Reject;
use concord::config::Settings;
use concord::domain::id::Kind;
use concord::domain::role::Role;
use serde_json::json;

use super::proxy::{Proxy, Way};
use super::server::Server;
use super::{data, keeping, plain, post_to};
use crate::support::{Database, Node, Template, TestApp, both};
use crate::tenant::college;
use crate::walk::id;

/// Keeps answers, and shares them by the Redis at an address.
pub(super) fn sharing(settings: &mut Settings, url: &str) {
    keeping(settings);
    settings.redis.url = url.into();
    // A machine that is busy with other tests is no slow Redis; the tests of slowness wait longer.
    settings.redis.timeout_ms = 100;
}

/// Waits until a node is connected to its Redis; how long that took.
pub(super) async fn connected(app: &App) -> Duration {
    let started = Instant::now();
    let remote = app.remote().expect("a Redis");
    let there = async {
        while !remote.is_connected() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), there).await.expect("Redis is reached");
    started.elapsed()
}

/// A second node that shares answers, connected.
pub(super) async fn another(app: &TestApp, url: &str) -> Node {
    let node = app.second(|settings| sharing(settings, url)).await;
    connected(&node.app).await;
    node
}

/// The rejects of a node, by reason.
pub(super) fn rejects(node: &Node, reject: Reject) -> u64 {
    node.app.answers().expect("kept answers").counts().rejects(reject)
}

const QUESTION: &str = "{ courses { nodes { code title institution { name } } } }";
const OTHER: &str = "{ programs { nodes { title } } }";

both! {
    /// Two nodes share a Redis: what one has made the other gives without asking the database, until it hears that it has changed.
    async fn what_one_made_the_other_gives(database) {
        let server = Server::start().await;
        let app = TestApp::start(database, Template::Twins, |settings| sharing(settings, &server.url())).await;
        connected(app.app()).await;
        let north = college(&app, "north", Role::InstitutionAdmin).await;
        let course = id(&app, Kind::Course, "north-101").await;
        let made = data(&post_to(&app, app.address, None, QUESTION, json!({})).await);
        server.holds(1).await;
        let other = another(&app, &server.url()).await;
        let counts = other.app.answers().expect("kept answers").counts();
        let (statements, given) = app.statements(post_to(&app, other.address, None, QUESTION, json!({}))).await;
        assert_eq!((statements, data(&given)), (0, made));
        assert_eq!((counts.shared_hits(), counts.misses(), counts.fills()), (1, 0, 0));
        let change = "mutation($id: ID!) { courseUpdate(input: { id: $id, fields: { title: \"Renamed\" } }) { course { title } userErrors { message } } }";
        app.ask_as(&north, change, json!({ "id": course })).await;
        other.app.hear().await.expect("what was moved");
        let fresh = data(&post_to(&app, other.address, None, QUESTION, json!({})).await);
        assert!(fresh.contains("Renamed"), "{fresh}");
        // What the first has in memory and Redis is of before, too.
        assert_eq!(data(&post_to(&app, app.address, None, QUESTION, json!({})).await), fresh);
    }
}

/// An intruder plants entries in Redis: changed, cut, moved from another key, of another server with another secret, of another type. Each is a miss and counted, and the answer is right.
#[tokio::test]
async fn planted_entries_are_not_given() {
    let server = Server::start().await;
    let app = TestApp::start(Database::Sqlite, Template::Twins, |settings| sharing(settings, &server.url())).await;
    connected(app.app()).await;
    let expected = data(&post_to(&app, app.address, None, QUESTION, json!({})).await);
    server.holds(1).await;
    let (key, value) = server.entries().await.remove(0);
    app.query(OTHER).await;
    server.holds(2).await;
    let (_, foreign) = server.entries().await.into_iter().find(|(known, _)| *known != key).expect("another entry");
    let mut changed = value.clone();
    let place = changed.windows(5).position(|bytes| bytes == b"HVA 1").expect("what is in the answer");
    changed[place] = b'X';
    let own_secret = app.second(|settings| {
        sharing(settings, &server.url());
        settings.cursors.secret = "a secret that others do not have, of any length".into();
    });
    let own_secret = own_secret.await;
    connected(&own_secret.app).await;
    let planted: [(&[u8], Reject); 5] = [
        (&changed, Reject::Seal),
        (&value[..value.len() - 1], Reject::Seal),
        (&value[..20], Reject::Form),
        (b"nonsense", Reject::Form),
        (&foreign, Reject::Scope),
    ];
    for (planted, reject) in planted {
        server.run(&[b"SET", &key, planted]).await;
        let node = another(&app, &server.url()).await;
        assert_eq!(data(&post_to(&app, node.address, None, QUESTION, json!({})).await), expected);
        assert_eq!(rejects(&node, reject), 1, "{reject:?}");
        assert_eq!(node.app.answers().expect("kept answers").counts().shared_hits(), 0);
    }
    server.run(&[b"SET", &key, &value]).await;
    assert_eq!(data(&post_to(&app, own_secret.address, None, QUESTION, json!({})).await), expected);
    assert_eq!(rejects(&own_secret, Reject::Seal), 1);
    // A list under the key is answered with an error, which is a miss.
    server.run(&[b"DEL", &key]).await;
    server.run(&[b"LPUSH", &key, b"x"]).await;
    let node = another(&app, &server.url()).await;
    assert_eq!(data(&post_to(&app, node.address, None, QUESTION, json!({})).await), expected);
    assert!(node.app.remote().is_some_and(|remote| remote.is_connected() && remote.calls().failed >= 1));
    // The control: the entry as it was is given.
    server.run(&[b"SET", &key, &value]).await;
    let node = another(&app, &server.url()).await;
    assert_eq!(data(&post_to(&app, node.address, None, QUESTION, json!({})).await), expected);
    assert_eq!(node.app.answers().expect("kept answers").counts().shared_hits(), 1);
}

/// Asks a number of questions that nobody has asked before, twice each, and compares each answer with that of a node that keeps nothing.
async fn all_is_well(app: &TestApp, fresh: SocketAddr, what: &str) {
    for number in 1..=8 {
        let question = format!("query Q{} {{ courses(first: {number}) {{ nodes {{ code title }} }} }}", what.replace(' ', ""));
        let expected = data(&post_to(app, fresh, None, &question, json!({})).await);
        for _ in 0..2 {
            assert_eq!(data(&post_to(app, app.address, None, &question, json!({})).await), expected, "{what}: {question}");
        }
    }
}

/// Redis is away at the start, comes, is slow, silent, cut off, reset, killed, flushed, full, and read-only: every question is answered rightly all the time, and afterwards Redis is used again.
#[tokio::test]
async fn nothing_that_befalls_redis_is_seen() {
    let mut server = Server::start().await;
    let proxy = Proxy::before(server.port, Way::Cut).await;
    let url = format!("redis://{}", proxy.address);
    let app = TestApp::start(Database::Sqlite, Template::Twins, |settings| sharing(settings, &url)).await;
    let fresh = app.second(plain).await;
    let remote = || app.app().remote().expect("a Redis");
    all_is_well(&app, fresh.address, "away").await;
    assert!(!remote().is_connected());
    proxy.set(Way::Clear);
    connected(app.app()).await;
    all_is_well(&app, fresh.address, "there").await;
    for (what, way) in [("slow", Way::Slow(Duration::from_millis(200))), ("silent", Way::Silent), ("cut", Way::Cut), ("reset", Way::Reset)]
    {
        proxy.set(way);
        all_is_well(&app, fresh.address, what).await;
        assert!(!remote().is_connected(), "{what}: nobody calls any more");
        proxy.set(Way::Clear);
        println!("{what}: used again after {:?}", connected(app.app()).await);
        all_is_well(&app, fresh.address, &format!("{what} no more")).await;
    }
    server.kill();
    all_is_well(&app, fresh.address, "killed").await;
    server.again().await;
    println!("killed: used again after {:?}", connected(app.app()).await);
    server.run(&[b"FLUSHALL"]).await;
    all_is_well(&app, fresh.address, "flushed").await;
    server.run(&[b"CONFIG", b"SET", b"maxmemory", b"1"]).await;
    let (failed, held) = (remote().calls().failed, server.entries().await.len());
    all_is_well(&app, fresh.address, "full").await;
    assert!(remote().calls().failed >= failed + 8 && server.entries().await.len() <= held, "there was no room");
    server.run(&[b"CONFIG", b"SET", b"maxmemory", b"0"]).await;
    server.run(&[b"REPLICAOF", b"127.0.0.1", b"1"]).await;
    all_is_well(&app, fresh.address, "read only").await;
    server.run(&[b"REPLICAOF", b"NO", b"ONE"]).await;
    println!("read only: used again after {:?}", connected(app.app()).await);
    let before = server.entries().await.len();
    all_is_well(&app, fresh.address, "well again").await;
    server.holds(before + 8).await;
    let charged = app.app().budget().counts();
    assert!(charged.local() > 10 && charged.shared() > 10, "budgets were charged here and there: {charged:?}");
    assert!(remote().calls().failed > 10, "the faults were met: {:?}", remote().calls());
}
